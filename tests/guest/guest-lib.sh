# shellcheck shell=dash disable=SC2154,SC2034
# guest-lib: what the guest's jobs share. Sourced by init; descriptor 3 is the line to the host.
#
# A line is "boot SECONDS", "job NAME", "ok NAME WHAT", "FAIL NAME WHAT", "skip NAME WHAT", "note TEXT",
# "done NAME SECONDS", "end", or "ask WORD": the host does it and answers a line.
say() { echo "$*" >&3; }
result() { # ok|FAIL|skip NAME WHAT
	say "$*"
}
ask() { # WORD: done when this returns
	local answer
	say "ask $1"
	read -r answer <&3
	[ "$answer" = "done" ] || { echo "the host could not $1: $answer"; return 1; }
}
now() { cut -d. -f1 /proc/uptime; }
check() { # WHAT COMMAND...
	local what=$1
	shift
	if "$@" >/tmp/check.out 2>&1; then
		result ok "$job" "$what"
	else
		result FAIL "$job" "$what: $(tail -n 1 /tmp/check.out)"
	fi
}
shows() { # WHAT REGEX FILE
	if grep -qE -- "$2" "$3"; then
		result ok "$job" "$1"
	else
		result FAIL "$job" "$1: no line matches $2"
		head -n 12 "$3" | while read -r line; do say "note $line"; done
	fi
}
wait_until() { # SECONDS WHAT COMMAND...
	local end=$(($(now) + $1)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		[ "$(now)" -lt "$end" ] || { echo "waited in vain for $what"; return 1; }
		sleep 0.1
	done
}
as() { # USER COMMAND...
	local who=$1
	shift
	su -s /bin/sh "$who" -c 'exec "$@"' -- sh "$@"
}
usb_device() { # VENDOR:PRODUCT: sets $dev (its sysfs folder) and $node
	local d
	for d in /sys/bus/usb/devices/*; do
		[ -e "$d/idVendor" ] || continue
		[ "$(cat "$d/idVendor"):$(cat "$d/idProduct")" = "$1" ] || continue
		dev=$d
		node=/dev/bus/usb/$(printf %03d "$(cat "$d/busnum")")/$(printf %03d "$(cat "$d/devnum")")
		return 0
	done
	return 1
}
try_open() { # USER FILE: says whether it may be opened for reading and writing
	as "$1" sh -c 'if (: 4<>"$1") 2>/dev/null; then echo open; else echo refused; fi' sh "$2"
}
opens() { test "$(try_open "$@")" = open; }
refused() { test "$(try_open "$@")" = refused; }
our_rules() { # what `make install-udev` does, and what its user does then
	cp /job/udev/*.rules /lib/udev/rules.d/
	cp /job/udev/*.conf /etc/modprobe.d/
	udevadm control --reload
	udevadm trigger --action=add --subsystem-match=usb
	udevadm settle --timeout=30
}
service() { # pcscd, once
	[ ! -S /run/pcscd/pcscd.comm ] || return 0
	pcscd --foreground --info --apdu >/tmp/pcscd.log 2>&1 </dev/null &
	wait_until 20 'pcscd' test -S /run/pcscd/pcscd.comm
}
listed() { as user twinkey readers --json | grep -q 'CCID'; }
card_is_in() { # as pcscd says
	as user twinkey readers --json >/tmp/readers.json && grep -qE '"(card|present|hasCard|atr)": ?(true|"[0-9a-fA-F]{4})' /tmp/readers.json
}
card_is_out() { ! card_is_in && grep -q CCID /tmp/readers.json; }
in_flight() { # the last that pcscd logs of the card is a command without its response
	[ "$(grep -E 'APDU: |SW: ' /tmp/pcscd.log | tail -n 1 | grep -c 'APDU: ')" = 1 ]
}
