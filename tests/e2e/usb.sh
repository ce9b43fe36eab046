#!/bin/bash
# A real kernel, udev with our rules, libccid and pcscd in a QEMU guest: the reader's node, the main job, what happens
# when card or reader go, once in the middle of a command. The card is our twinkey-card, by QEMU's USB CCID reader.
# And a PN53x stick: the kernel's grip and our rules, libnfc's own USB driver, the stick pulled out.
. "$(dirname "$0")/lib.sh"
need qemu-system-x86_64 busybox udevadm pcscd pcsc_scan lsusb jq
start_work
status=0
TMPDIR=$work "$top/tests/guest/run" >"$work/guest.log" 2>&1 || status=$?
[ $status != 77 ] || skip "$(tail -n 1 "$work/guest.log" | sed 's/^skipped: //')"
cat "$work/guest.log"
[ $status = 0 ] || die "the guest: exit code $status"
expect 'the second key, in the guest' '^ok two-keys the second key: full access$' "$work/guest.log"
expect 'unplugged in the middle of a command' '^ok hot-plug unplugged in the middle of a command' "$work/guest.log"
expect "libnfc's own driver on a stick" "^ok stick twinkey info over libnfc's pn53x_usb$" "$work/guest.log"
expect 'the stick pulled out in the middle of a command' '^ok stick pulled out in the middle of a command' "$work/guest.log"
expect 'nothing was bad' '^boot 1 of 1: [1-9][0-9]* good, 0 bad' "$work/guest.log"
[ -z "$(ls -d "$work"/twinkey-guest-* 2>/dev/null)" ] || die 'the guest left its folder behind'
