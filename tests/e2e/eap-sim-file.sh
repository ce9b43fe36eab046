#!/bin/bash
# A card made from a text file, and unmodified eapol_test and hostapd: EAP-AKA, EAP-SIM and EAP-AKA' through PC/SC,
# with vectors from our AuC over the hlr_auc_gw protocol.
. "$(dirname "$0")/lib.sh"
need pcscd hostapd eapol_test opensc-tool
inside_reader
start_work
imsi1=001010000000001 imsi2=001010000000002 reader='Virtual PCD 00 00'
op="$work/op"
operator=("$bin/twinkey-operator")

"${operator[@]}" init --dir "$op" >"$work/init.out"
"${operator[@]}" subscriber add --dir "$op" --imsi1 $imsi1 --imsi2 $imsi2 >"$work/add.out"
"${operator[@]}" subscriber sim-file --dir "$op" --imsi $imsi1 --out "$work/sim.txt" >/dev/null
"$bin/twinkey-card" create --dir "$work/card" --profile "$work/sim.txt" >"$work/create.out"
background auc "${operator[@]}" auc serve --dir "$op" --socket "$work/auc.sock"
background card "$bin/twinkey-card" run --dir "$work/card" --port "$VPCD_PORT"
card=$last
wait_for 10 'the AuC' test -S "$work/auc.sock"
wait_for 10 'the card' card_ready
start_hostapd

eap AKA eap-aka || die 'EAP-AKA'
expect 'EAP-AKA as IMSI 1' "$(hex "0$imsi1@")" "$work/eap-aka.log"
eap SIM eap-sim || die 'EAP-SIM'
expect 'EAP-SIM as IMSI 1' "$(hex "1$imsi1@")" "$work/eap-sim.log"
eap "AKA'" eap-aka-prime || die "EAP-AKA'"
expect "EAP-AKA' as IMSI 1" "$(hex "6$imsi1@")" "$work/eap-aka-prime.log"

# A card of the same key that was used before, then a fresh one: the AuC goes up, and down again (TS 33.102 6.3.5).
new_card() { # LINE...: the card in the reader is one made of the same file, with these lines too
	stop "$card"
	wait_for 10 "the reader to be empty" reader_empty
	rm -rf "$work/card"
	{ cat "$work/sim.txt"; printf '%s\n' "$@"; } >"$work/other.txt"
	chmod 600 "$work/other.txt"
	"$bin/twinkey-card" create --dir "$work/card" --profile "$work/other.txt" >"$work/create.out"
	background card "$bin/twinkey-card" run --dir "$work/card" --port "$VPCD_PORT"
	card=$last
	wait_for 10 'the card' card_ready
}
new_card 'sqn = 123456789a40'
eap AKA eap-used || die 'EAP-AKA with a card far ahead of the AuC'
ok 'EAP-AKA with a card far ahead of the AuC'
new_card
eap AKA eap-fresh || die 'EAP-AKA with a card far behind the AuC'
[ "$(grep -c AT_AUTS "$work/eap-fresh.log")" -le 2 ] || die 'more than one synchronisation failure'
ok 'EAP-AKA with a card far behind the AuC'

"${operator[@]}" subscriber suspend --dir "$op" --imsi $imsi1 --reason 'test' >/dev/null
if eap AKA eap-suspended; then die 'a suspended subscriber got in'; fi
ok 'a suspended subscriber is refused'
"${operator[@]}" subscriber resume --dir "$op" --imsi $imsi1 >/dev/null
eap AKA eap-resumed || die 'EAP-AKA after the resume'
ok 'and let in again afterwards'
