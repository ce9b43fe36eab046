#!/bin/bash
# twinkey doctor: the real chain of pcscd, vpcd and twinkey-card is good; then one link at a time is broken, and that one
# is named, with what mends it. USB devices are umockdev's, servers the operator's, odd cards answer by rules.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq umockdev-run pcscd openssl gcc

# $work/out has the links of `twinkey doctor ARGUMENT...`
doctor() { # EXIT ARGUMENT...
	local want=$1 status=0 start=$SECONDS
	shift
	timeout 20 "$bin/twinkey" doctor --json "$@" >"$work/out" 2>"$work/err" || status=$?
	[ $status = "$want" ] || die "doctor $*: exit code $status: $(cat "$work/out" "$work/err")"
	[ $((SECONDS - start)) -le 15 ] || die "doctor $*: it took $((SECONDS - start)) s"
	jq -e '.links | length == 16' "$work/out" >/dev/null || die "doctor $*: not all links: $(<"$work/out")"
}
link() { # LINK STATE [TEXT [MEND]]: regular expressions
	jq -e --arg l "$1" --arg s "$2" --arg t "${3:-.}" --arg m "${4:-}" \
		'.links[] | select(.link == $l) | .state == $s and (.text | test($t)) and ((.mend // "") | test($m))' \
		"$work/out" >/dev/null || die "$1 is not $2: $(jq -c --arg l "$1" '.links[] | select(.link == $l)' "$work/out")"
	ok "$1 $2: $(jq -r --arg l "$1" '.links[] | select(.link == $l) | .text, (.mend // empty)' "$work/out" | paste -s -d '>')"
}
alone() { # LINK ...: no other is in trouble
	local troubles
	troubles=$(jq -r '[.links[] | select(.state == "trouble").link] | join(" ")' "$work/out")
	[ "$troubles" = "$*" ] || die "in trouble: $troubles, and not $*"
}
fake=$top/build/release/tests/fake-card

without_reader() {
	start_work
	local op=$work/op at=127.0.0.1:18467 host=dp.example.org code='LPA:1$dp.example.org$NONE'
	"$bin/twinkey-operator" init --dir "$op" --smdp-address $host --curve p256 >/dev/null
	"$bin/twinkey-card" create --dir "$work/card" --pki "$op/pki" >/dev/null
	openssl x509 -inform der -in "$op/pki/CI/CERT_CI_ECDSA_NIST.der" -out "$work/ci.pem"
	in_folder=(--reader "card:$work/card")

	# no pcscd where it is asked for
	PCSCLITE_CSOCK_NAME=$work/none doctor 1
	link pcscd trouble "$work/none, which PCSCLITE_CSOCK_NAME names" 'unset PCSCLITE_CSOCK_NAME'
	link polkit skipped pcscd
	link card skipped reader
	alone pcscd
	doctor 0 "${in_folder[@]}"
	link pcscd absent
	link card good
	link issuer good 'FILE tells'
	doctor 0 "${in_folder[@]}" --ca "$work/ci.pem"
	link issuer good 'the issuer of --ca'
	"$bin/twinkey" doctor "${in_folder[@]}" >"$work/text"
	expect 'for people, a line a link' '^good +card +answers its reset' "$work/text"
	expect 'and a word at the end' '^All is good\.$' "$work/text"
	[ "$(wc -l <"$work/text")" = 17 ] || die "$(<"$work/text")"
	doctor 1 --reader "card:$work/none"
	link card trouble 'no virtual card' 'twinkey-card create'

	# vpcd takes a card without an ATR for none; our own way to it does not
	background mute "$fake" 28467 --atr ''
	doctor 1 --reader vpcd:28467 --wait 5
	link card trouble 'upside down' 'turn it over'
	link atr skipped card
	stop "$last"

	# the server of an activation code
	background serve "$bin/twinkey-operator" serve --dir "$op" --listen $at --socket "$work/op.sock"
	serve=$last
	wait_for 10 'the server' test -S "$work/op.sock"
	"$bin/twinkey-operator" log --dir "$op" --json >"$work/log-before"
	doctor 0 "${in_folder[@]}" --ca "$work/ci.pem" --connect $at --code "$code"
	link server good "$host answers ES9\+ over TLS, by a certificate of --ca"
	doctor 0 "${in_folder[@]}" --operator "unix:$work/op.sock" --code "$code"
	link server good 'by way of --operator'
	"$bin/twinkey-operator" log --dir "$op" --json | cmp - "$work/log-before" || die 'the operator keeps something of it'
	doctor 1 "${in_folder[@]}" --connect $at --code "$code"
	link server trouble 'no issuer that is trusted here' '--ca FILE'
	alone server
	doctor 1 "${in_folder[@]}" --ca "$work/ci.pem" --connect $at --code 'LPA:1$other.example.org$NONE'
	link server trouble 'for another name'
	stop "$serve"
	doctor 1 "${in_folder[@]}" --ca "$work/ci.pem" --connect $at --code "$code"
	link server trouble 'nobody answers there' "getent hosts $host"
	alone server

	on_usb
}

# A machine with these devices; COMMAND runs in it, $dev and $sys are its folders.
with() { # "RECORD..." COMMAND
	local records=(-d "$top/tests/udev/host.umockdev") r
	for r in $1; do records+=(-d "$top/tests/udev/$r.umockdev"); done
	umockdev-run "${records[@]}" -- bash -euc "dev=\$UMOCKDEV_DIR/dev/bus/usb/001 sys=\$UMOCKDEV_DIR/sys/devices/pci0000:00/0000:00:14.0/usb1
		chmod 660 \$dev/*; for p in \$sys/*/power/control; do printf 'on\n' >\"\$p\"; done; $2
		'$bin/twinkey' doctor --json --reader 'card:$work/card'" >"$work/out" 2>"$work/err" || true
	jq -e '.links | length == 16' "$work/out" >/dev/null || die "doctor on the USB: $(cat "$work/out" "$work/err")"
}
on_usb() {
	with 'keyboard hub' ''
	link usb absent 'no reader on the USB'
	with ccid ''
	link usb good 'Gemalto USB SmartCard Reader 08e6:3438'
	link kernel good
	link node good
	[ ! -e /usr/lib/pcsc/drivers/ifd-ccid.bundle ] || link driver good 'ifd-ccid.bundle [0-9.]+ (lists|takes)'
	with composite ''
	link kernel good # the keyboard's own driver is none of ours
	with acr122 ''
	link kernel trouble 'pn533_usb holds ACS ACR122U' 'modprobe -r pn533_usb'
	with scl3711 ''
	link kernel trouble 'pn533_usb holds SCM Micro SCL3711' 'modprobe -r pn533_usb'
	with scl3712 ''
	link kernel good
	with scl3712 "chmod 666 \$dev/018"
	link node trouble 'any user may write to /dev/bus/usb/001/018' 'udevadm trigger'
	if [ "$(id -u)" != 0 ]; then
		with scl3712 "chmod 000 \$dev/018"
		link node trouble 'this user may not open /dev/bus/usb/001/018' 'adduser "\$USER" plugdev'
	fi
	with scl3712 "rm \$dev/018"
	link node trouble 'has no node' 'device=/dev/bus/usb'
	with scl3712 "echo auto >\$sys/1-8/power/control"
	link udev trouble # the rules are missing here, or did not see it
	with uart-ch340 ''
	link kernel good
}

if [ -z "${VPCD_PORT:-}" ]; then
	make --no-print-directory -s -C "$top" "build/release/tests/fake-card" || die 'fake-card'
	(without_reader) || exit $?
fi
inside_reader
start_work
unset TWINKEY_READER

doctor 1
link pcscd good runs
link polkit good
link reader good 'Virtual PCD 00 00 \(no card\)'
link card trouble 'no card in the reader' 'put one in'
alone card
"$bin/twinkey-card" create --dir "$work/card" >/dev/null
background card "$bin/twinkey-card" run --dir "$work/card" --port "$VPCD_PORT"
card=$last
seen() { "$bin/twinkey" readers --json | jq -e "[.readers[] | select(.card)] | length == $1"; }
wait_for 10 'the card in the reader' seen 1
doctor 0
for l in pcscd polkit reader card atr t0 kind issuer clock; do link $l good; done
stop "$card"
wait_for 10 'the empty reader' seen 0

put() { # ARGUMENT...: a card by rules into the reader
	background fake "$fake" "$VPCD_PORT" "$@"
	fake_pid=$last
}
pull() {
	stop "$fake_pid"
	wait_for 10 'the empty reader' seen 0
}
put --atr 3b
wait_for 10 'a card with half an ATR' seen 1
doctor 1
link card trouble 'no protocol in what the card answers' 'clean its contacts'
alone card
pull
put --atr 3b021450 =6d00
wait_for 10 'a card that is no UICC' seen 1
doctor 1
link atr trouble 'TS 102 221 6.3.1'
link kind trouble 'neither a UICC nor an eUICC' 'put a SIM'
link issuer skipped kind
alone atr kind
pull
put 00a40004023f00=6110 00c0000010=62009000
wait_for 10 'a card that is short of its word' seen 1
doctor 1
link t0 trouble 'announced 16 octets, and gave 2'
