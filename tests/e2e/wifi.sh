#!/bin/bash
# The lab over the air (scripts/lab --wifi) in a QEMU guest with Debian's kernel: two radios of mac80211_hwsim, hostapd as
# access point, wpa_supplicant, our card and our gateway.
# runs: user long
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need qemu-system-x86_64 busybox iw hostapd wpa_supplicant nft dnsmasq curl jq oathtool
start_work
refuse 'the lab over the air without radios' "$top/scripts/lab" --wifi -- true
status=0
TMPDIR=$work "$top/tests/guest/run" --seconds 600 wifi >"$work/guest.log" 2>&1 || status=$?
[ $status != 77 ] || skip "$(tail -n 1 "$work/guest.log" | sed 's/^skipped: //')"
cat "$work/guest.log"
[ $status = 0 ] || die "the guest: exit code $status"
expect 'WPA2-Enterprise by the card' '^ok wifi the air is ciphered$' "$work/guest.log"
expect 'full access with the second key, over the air' '^ok wifi full access with the second key$' "$work/guest.log"
expect 'nothing was bad' '^boot 1 of 1: [1-9][0-9]* good, 0 bad' "$work/guest.log"
