#!/bin/bash
# The virtual eUICC as a card of T=1. By PC/SC: opensc-tool, the flow of the two keys, eapol_test (which sends without Le
# and fetches what 61xx announces), the suite for a card. By the way vpcd:, which carries frames of any length: extended
# Lc and Le, and the suite with the cases for them.
. "$(dirname "$0")/lib.sh"
need jq pcscd opensc-tool hostapd eapol_test oathtool
inside_reader
start_work
umask 077
reader='Virtual PCD 00 00' port=25981 # below the ports that a client is given

prepare_two_keys
background serve "${operator[@]}" serve --dir "$op" --socket "$work/op.sock"
background auc "${operator[@]}" auc serve --dir "$op" --socket "$work/auc.sock"
background card "$bin/twinkey-card" run --dir "$work/card" --port "$VPCD_PORT" --protocol t1
card=$last
wait_for 10 'the operator' test -S "$work/op.sock"
wait_for 10 'the AuC' test -S "$work/auc.sock"
wait_for 10 'the card' card_ready
start_hostapd
twinkey() { timeout 60 "$bin/twinkey" "$@" --reader "$reader" --operator "unix:$work/op.sock"; }

# a program that knows nothing of this card
opensc-tool -a >"$work/atr.out" 2>&1 || die 'opensc-tool -a'
expect 'the ATR offers T=1 and extended lengths' '^3b:9f:96:81:b1:fe:45:1f:c7:80:31:e0:73:fe:21:53:.*:f0$' "$work/atr.out"
opensc-tool -s 00A40004023F0000 -s 00A4000C022FE2 -s 00B0000000 >"$work/send.out" 2>&1 || die 'opensc-tool -s'
expect 'data and Le: the answer at once' '^62 .. 82 02 78 21 83 02 3F 00' "$work/send.out"
grep -A 1 'SW1=0x90' "$work/send.out" | grep -qE '^(FF ){10}' || die "Le 00: $(cat "$work/send.out")"
ok 'Le 00 takes what there is'
# the two keys
twinkey info >"$work/info.out" || die 'info'
expect 'info: T=1' 'protocols +T=1, T=15$' "$work/info.out"
twinkey profile load "$(jq -r .activationCode "$work/prepare.json")" >"$work/load.out" || die 'profile load'
twinkey profile enable "$(jq -r .iccid "$work/prepare.json")" >"$work/enable.out" || die 'profile enable'
eap AKA eap-k1 || die 'EAP-AKA with K1'
expect 'EAP-AKA as IMSI 1 with K1' "$(hex "0$imsi1@")" "$work/eap-k1.log"
expect 'eapol_test spoke T=1' 'SCARD: .*protocol=2' "$work/eap-k1.log"
eap SIM eap-k1-sim || die 'EAP-SIM with K1'
eap "AKA'" eap-k1-prime || die "EAP-AKA' with K1"
ok "EAP-SIM and EAP-AKA' with K1"
twinkey auth >"$work/auth1.out" || die 'auth with K1'
expect 'limited access after RES 1' 'limited' "$work/auth1.out"
seed=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' "$work/totp.uri")
oathtool --totp --base32 "$seed" | "${operator[@]}" factor approve --dir "$op" --imsi $imsi1 --code-stdin >"$work/approve.out"
twinkey release >"$work/release.out" || die 'release'
twinkey auth >"$work/auth2.out" || die 'auth with K2'
expect 'full access after RES 2' 'full' "$work/auth2.out"
eap AKA eap-k2 || die 'EAP-AKA with K2'
expect 'EAP-AKA as IMSI 2 with K2' "$(hex "0$imsi2@")" "$work/eap-k2.log"

# the suite
no_departure() { # WHAT ARGUMENTS...: test-card finds nothing; its report is $work/suite.json
	local what=$1
	shift
	timeout 120 "$bin/twinkey" test-card --json "$@" >"$work/suite.json" 2>"$work/suite.err" ||
		die "$what: $(jq -c '.results[]? | select(.outcome == "failed")' "$work/suite.json"; cat "$work/suite.err")"
	ok "$what: no departure"
}
passed() { # ID...
	local id
	for id in "$@"; do
		jq -e --arg id "$id" '[.. | objects | select(.id? == $id and .outcome? == "passed")] | length == 1' \
			"$work/suite.json" >/dev/null || die "$id: $(jq -c --arg id "$id" '.. | objects | select(.id? == $id)' "$work/suite.json")"
		ok "  $id"
	done
}
no_departure 'test-card by PC/SC' --reader "$reader" --allow-changes --operator "unix:$work/op.sock"
passed apdu.t1-direct
stop "$card"

# frames of any length
background far "$bin/twinkey-card" run --dir "$work/card" --port $port --protocol t1
far() { timeout 60 "$bin/twinkey" "$@" --reader "vpcd:$port" --wait 10; }
far apdu 00a400040000023f000000 00840000000400 00840000000000 >"$work/far.out" || die "$(cat "$work/far.out")"
expect 'extended Lc and Le' '^< 621d8202.* 9000' "$work/far.out"
expect '1,024 octets in one answer' '^< [0-9a-f]{2048} 9000' "$work/far.out"
awk '$1 == "<" && length($2) == 2 * 65536 && $3 == 9000' "$work/far.out" | grep -q . ||
	die "no answer of 65536 octets: $(cut -c 1-80 "$work/far.out")"
ok '65,536 octets in two answers'
far apdu --raw 00a400040000023f00 >"$work/raw.out" || die "$(cat "$work/raw.out")"
expect 'no Le: announced' '^< 611f' "$work/raw.out"
no_departure 'test-card by frames of any length' --reader "vpcd:$port" --wait 10
passed apdu.t1-direct apdu.extended-le apdu.extended-lc
