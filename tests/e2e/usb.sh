#!/bin/bash
# A real kernel, udev with our rules, libccid and pcscd in a QEMU guest: the reader's node, the main job, what happens
# when card or reader go, once in the middle of a command. The card is our twinkey-card, by QEMU's USB CCID reader.
# And a PN53x stick: the kernel's grip and our rules, libnfc's own USB driver, the stick pulled out.
. "$(dirname "$0")/lib.sh"
need qemu-system-x86_64 busybox udevadm pcscd pcsc_scan opensc-tool lsusb jq
start_work

# What a run may leave is nothing: no folder, and no process that works in one.
nothing_left() {
	! compgen -G "$work/twinkey-guest-*" >"$work/left" && ! grep -lsa "$work/twinkey-guest" /proc/[0-9]*/cmdline >>"$work/left"
}
says_skip() { # WHAT REGEX COMMAND...: exit code 77 and a line
	local what=$1 line=$2 status=0
	shift 2
	TMPDIR=$work "$@" >"$work/skip.out" 2>&1 || status=$?
	[ $status = 77 ] || die "$what: exit code $status: $(cat "$work/skip.out")"
	expect "$what" "^skipped: $line" "$work/skip.out"
	nothing_left || die "$what: $(cat "$work/left")"
}
mkdir -p "$work/few" "$work/lists/partial"
for p in bash dirname; do ln -s "$(command -v $p)" "$work/few/$p"; done
says_skip 'without QEMU' 'qemu-system-x86_64 is not installed' env PATH="$work/few" bash "$top/tests/guest/run"
if command -v apt-cache >/dev/null; then
	echo "Dir::State::lists \"$work/lists\";" >"$work/apt.conf"
	says_skip 'without lists of packages' '.*apt-get update' env APT_CONFIG="$work/apt.conf" "$top/tests/guest/fetch" "$work/kernel"
	[ -z "$(compgen -G "$work/kernel*")" ] || die 'fetch left something behind'
fi
in_guest
expect 'the second key, in the guest' '^ok two-keys the second key: full access$' "$work/guest.log"
expect 'a stranger, recorded on the reader' '^ok record each of the [1-9][0-9]* commands that pcscd has sent is there' "$work/guest.log"
expect 'unplugged in the middle of a command' '^ok hot-plug unplugged in the middle of a command' "$work/guest.log"
expect "libnfc's own driver on a stick" "^ok stick twinkey info over libnfc's pn53x_usb$" "$work/guest.log"
expect 'the stick pulled out in the middle of a command' '^ok stick pulled out in the middle of a command' "$work/guest.log"
nothing_left || die "left behind: $(cat "$work/left")"

# Ctrl-C, which goes to the whole group, while QEMU runs
TMPDIR=$work background interrupted setsid env --default-signal=INT "$top/tests/guest/run" reader
wait_for 30 'QEMU' compgen -G "$work/twinkey-guest-*/vsc.sock"
kill -INT -- "-$last"
status=0
wait "$last" || status=$?
[ $status = 130 ] || die "Ctrl-C: exit code $status"
nothing_left || die "Ctrl-C leaves $(cat "$work/left")"
ok 'Ctrl-C leaves no process, no socket and no folder'
