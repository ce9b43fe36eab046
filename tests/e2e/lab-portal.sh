#!/bin/bash
# The portal in the lab, behind the gate: a user opens it in Chromium inside the module's namespace, by the name that the
# lab's DNS knows, and passes his second factor by keyboard; his module gets a key that both sides derive, and full access. A
# key in volatile memory is gone at power off: the module is back on its first key and limited access, and its user
# passes the factor again.
# runs: root
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq curl oathtool python3
lab="$top/scripts/lab"
if [ $# = 0 ]; then
	"$lab" --check || exit 77
	start_work
	kept() { find "$HOME/.config" "$HOME/.cache" "$HOME/.pki" 2>/dev/null | sort || true; }
	kept >"$work/kept"
	TMPDIR=$work "$lab" --folder "$work/lab" -- bash "$0" inside || exit $?
	kept | diff "$work/kept" - || die 'the browser has left something in the home folder'
	! grep -l "TWINKEY_LAB=$work/" /proc/[0-9]*/environ 2>/dev/null || die 'a process is left'
	! find "$work" -maxdepth 1 -name '*chrom*' | grep . || die 'the browser has left something'
	ok 'nothing is left'
	exit 0
fi

# shellcheck source=tests/e2e/lab-lib.sh
. "$(dirname "$0")/lab-lib.sh"
second() { # to the second key, over the limited access
	local before
	before=$(came)
	do_lab detach
	in_module "$bin/twinkey" release "${over_access[@]}" >"$work/release.out" 2>&1 || die 'release over the limited access'
	none_came 'released, not yet attached' "$before"
	do_lab attach || die 'no attach with K2'
}
if [ "$1" = second ]; then
	second
	exit
fi

imsi=
subscribe() { # MODE NUMBER OPTION...: a subscriber, his factor, and his profile in the card
	operator subscriber add --imsi1 "0010100000000${2}1" --imsi2 "0010100000000${2}2" --json "${@:3}" >"$work/add.out"
	operator factor enroll --imsi "0010100000000${2}1" --out "$work/$1.uri" >"$work/enroll.out"
	operator profile prepare --imsi "0010100000000${2}1" --json >"$work/$1.json"
	in_module "$bin/twinkey" profile download "${over_first[@]}" --yes "$(jq -r .activationCode "$work/$1.json")" >"$work/download.out" 2>&1 ||
		die "profile download, $1: $(cat "$work/download.out")"
}
enable() { # MODE NUMBER
	imsi=0010100000000${2}1
	in_module "$bin/twinkey" profile enable "${over_first[@]}" "$(jq -r .iccid "$work/$1.json")" >"$work/enable.out" 2>&1 ||
		die "profile enable, $1: $(cat "$work/enable.out")"
}
watch_internet
subscribe derived 2 --derived
subscribe memory 3 --in-memory
enable derived 2
in_module ip link set first0 down

# --- a key that both sides derive, by Chromium
do_lab attach || die 'no attach with K1'
state_is LIMITED $imsi
reach 'derived, with K1' "$limited"
none_came 'limited access'
if command -v chromium >/dev/null; then
	mkdir "$work/browser"
	spki=$(openssl x509 -in "$work/portal.pem" -pubkey -noout | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64)
	code=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' "$work/derived.uri" | oathtool --totp --base32 -)
	in_module env DBUS_SESSION_BUS_ADDRESS=/dev/null PORTAL_URL=$site/ PORTAL_WORK="$work/browser" PORTAL_AXE= PORTAL_SPKI="$spki" \
		python3 "$top/tests/e2e/portal-browser.py" page limited en code totp "$code" here approved \
		run "bash '$0' second" page full de >"$work/browser.log" 2>&1 || die "in the browser: $(tail -n 5 "$work/browser.log")"
	expect 'Chromium opens the portal by its name' 'limited: en: Your module has limited access' "$work/browser.log"
	expect 'by keyboard the user passes his factor' '^  It is you: this holds until' "$work/browser.log"
	expect 'and sees that his module has come back' 'full: de: Ihr Modul hat vollen Zugang' "$work/browser.log"
	logged '  GET /style.css  200'
	[ -z "${PORTAL_SHOTS:-}" ] || cp -r "$work/browser/shots" "$PORTAL_SHOTS"
else
	echo 'skipped: the portal in a browser (no chromium)'
	do_lab prove "$work/derived.uri" >"$work/prove.out" || die "at the portal: $(cat "$work/prove.out")"
	second
fi
state_is ACTIVE $imsi
reach 'derived, with K2' "$full"
before=$(came)
[ "$before" -gt 0 ] || die 'the watch sees nothing'

# --- a key in volatile memory
do_lab detach
in_module ip link set first0 up
enable memory 3
in_module ip link set first0 down
do_lab attach || die 'no attach with K1 of the other profile'
state_is LIMITED $imsi
prove_and_release() { # once more where pcscd has taken the power of the card, which nobody uses for some seconds
	do_lab prove "$work/memory.uri" >"$work/prove.out" || die "at the portal: $(cat "$work/prove.out")"
	expect 'the user gives his code at the portal' 'POST .*/totp +303' "$work/prove.out"
	for _ in 1 2 3; do
		second
		! jq -e '.subscription == 2' <(attached "$(<"$work/address")") >"$work/jq.out" || return 0
		operator factor approve --imsi $imsi --agent desk --evidence 'passport seen' >"$work/approve.out"
	done
	die 'the card is never in time'
}
captive_is true
none_came 'limited access with the other profile' "$before"
prove_and_release
state_is ACTIVE $imsi
reach 'in volatile memory, with K2' "$full"
captive_is false
do_lab detach
in_module "$bin/twinkey" reset --cold >"$work/reset.out"
do_lab attach || die 'no attach after power off'
attached "$(<"$work/address")" >"$work/attached.json"
jq -e --arg i $imsi '.attached and .imsi == $i and .subscription == 1' "$work/attached.json" >"$work/jq.out" ||
	die "after power off: $(cat "$work/attached.json")"
reach 'after power off it is back on the first key' "$limited"
before=$(came)
captive_is true
web 200 module jar /
page_says 'name="code"'
! in_module "$bin/twinkey" release "${over_access[@]}" >"$work/release.out" 2>&1 || die 'a release without the factor'
ok 'its user is asked for the factor again'
none_came 'after power off' "$before"
prove_and_release
reach 'and passes it: full access again' "$full"
captive_is false
