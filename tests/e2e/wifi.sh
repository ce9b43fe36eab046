#!/bin/bash
# The lab over the air (scripts/lab --wifi) in a QEMU guest with Debian's kernel: two radios of mac80211_hwsim, hostapd as
# access point, wpa_supplicant, our card and our gateway.
# runs: user long
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need qemu-system-x86_64 busybox iw hostapd wpa_supplicant nft dnsmasq curl jq oathtool
start_work
refuse 'the lab over the air without radios' "$top/scripts/lab" --wifi -- true
in_guest --seconds 600 wifi
expect 'WPA2-Enterprise by the card' '^ok wifi the air is ciphered$' "$work/guest.log"
expect 'full access with the second key, over the air' '^ok wifi full access with the second key$' "$work/guest.log"
