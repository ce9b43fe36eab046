#!/bin/bash
# Unmodified eapol_test and hostapd: EAP-AKA with the card through PC/SC and vectors from our AuC over the
# hlr_auc_gw protocol; first as IMSI 1 with K1, after the release as IMSI 2 with K2, after each of two rotations with
# the new K2; then K1 is refused.
. "$(dirname "$0")/lib.sh"
need pcscd hostapd eapol_test opensc-tool oathtool
inside_reader
start_work
reader='Virtual PCD 00 00'
prepare_two_keys --ind-bits 3
code=$(jq -r .activationCode "$work/prepare.json")
"${operator[@]}" subscriber sim-file --dir "$op" --imsi $imsi1 --out "$work/clone.txt" >/dev/null
"$bin/twinkey-card" create --dir "$work/clone" --profile "$work/clone.txt" >>"$work/create.out"
background serve "${operator[@]}" serve --dir "$op" --socket "$work/op.sock"
background auc "${operator[@]}" auc serve --dir "$op" --socket "$work/auc.sock"
background card "$bin/twinkey-card" run --dir "$work/card" --port "$VPCD_PORT"
card=$last
wait_for 10 'the operator' test -S "$work/op.sock"
wait_for 10 'the AuC' test -S "$work/auc.sock"
wait_for 10 'the card' card_ready

start_hostapd
twinkey() { "$bin/twinkey" "$@" --reader "$reader" --operator "unix:$work/op.sock"; }

twinkey profile load "$code" >"$work/load.out" || die 'profile load'
iccid=$(jq -r .iccid "$work/prepare.json")
twinkey profile enable "$iccid" >"$work/enable.out" || die 'profile enable'
eap AKA eap-k1 || die 'EAP-AKA with K1'
expect 'EAP-AKA as IMSI 1 with K1' "$(hex "0$imsi1@")" "$work/eap-k1.log"
eap SIM eap-k1-sim || die 'EAP-SIM with K1'
ok 'EAP-SIM with K1'
eap "AKA'" eap-k1-prime || die "EAP-AKA' with K1"
ok "EAP-AKA' with K1"

refuse 'no release before the second factor' "$bin/twinkey" release --reader "$reader" --operator "unix:$work/op.sock"
twinkey auth >"$work/auth1.out" || die 'auth with K1'
expect 'limited access after RES 1' 'limited' "$work/auth1.out"
refuse 'no release without the second factor' "$bin/twinkey" release --reader "$reader" --operator "unix:$work/op.sock"
seed=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' "$work/totp.uri")
oathtool --totp --base32 "$seed" | "${operator[@]}" factor approve --dir "$op" --imsi $imsi1 --code-stdin >"$work/approve.out"
twinkey release >"$work/release.out" || die 'release'
twinkey auth >"$work/auth2.out" || die 'auth with K2'
expect 'full access after RES 2' 'full' "$work/auth2.out"
eap AKA eap-k2 || die 'EAP-AKA with K2'
expect 'EAP-AKA as IMSI 2 with K2' "$(hex "0$imsi2@")" "$work/eap-k2.log"

# two rotations: the card goes on with the key so far, and the terminal is killed while it waits for the second factor
for id in 2 3; do
	"${operator[@]}" subscriber rotate --dir "$op" --imsi $imsi1 --reason "key $id" >"$work/rotate.out"
	eap AKA "eap-old-$id" || die 'EAP-AKA with the old K2 during a rotation'
	background "run-$id" "$bin/twinkey" run --reader "$reader" --operator "unix:$work/op.sock"
	wait_for 20 'the second factor' grep -q waiting "$work/run-$id.log"
	expect 'the key so far goes on' 'IMSI 001010000000002: RES matches, full access \(ROTATING\)' "$work/run-$id.log"
	kill -KILL "$last"
	wait "$last" || true
	"${operator[@]}" factor approve --dir "$op" --imsi $imsi1 --agent 'desk 4' --evidence 'passport seen' >"$work/approve.out"
	twinkey run >"$work/again-$id.out" || die 'twinkey run, again'
	expect "the card has the sealed part of key $id" "the card has the sealed part of key $id" "$work/again-$id.out"
	[ "$(grep -c 'GSM context: SRES matches' "$work/again-$id.out")" = 2 ] || die 'GSM is not checked before and after'
	expect "full access with key $id" 'RES matches, full access \(ACTIVE\)' "$work/again-$id.out"
	twinkey auth >"$work/auth-$id.out" || die "auth with key $id"
	eap AKA "eap-new-$id" || die "EAP-AKA with key $id"
	expect "EAP-AKA as IMSI 2 with key $id" "$(hex "0$imsi2@")" "$work/eap-new-$id.log"
done
"${operator[@]}" log --dir "$op" --verify >"$work/log.out"
expect 'the log has the grants' 'grant .*ROTATING.*keyId 3' <("${operator[@]}" log --dir "$op")

stop "$card"
wait_for 10 'the reader to be empty' reader_empty
background clone "$bin/twinkey-card" run --dir "$work/clone" --port "$VPCD_PORT"
wait_for 10 'the clone of subscription 1' card_ready
if eap AKA eap-clone; then die 'a card with K1 got in after the release'; fi
expect 'the clone asked as IMSI 1' "$(hex "0$imsi1@")" "$work/eap-clone.log"
ok 'K1 is refused after the release'
