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
wait_for 10 'the AuC' test -S "$work/auc.sock"
wait_for 10 'the card' card_ready
start_hostapd

eap AKA eap-aka || die 'EAP-AKA'
expect 'EAP-AKA as IMSI 1' "$(hex "0$imsi1@")" "$work/eap-aka.log"
eap SIM eap-sim || die 'EAP-SIM'
expect 'EAP-SIM as IMSI 1' "$(hex "1$imsi1@")" "$work/eap-sim.log"
eap "AKA'" eap-aka-prime || die "EAP-AKA'"
expect "EAP-AKA' as IMSI 1" "$(hex "6$imsi1@")" "$work/eap-aka-prime.log"

"${operator[@]}" subscriber suspend --dir "$op" --imsi $imsi1 --reason 'test' >/dev/null
if eap AKA eap-suspended; then die 'a suspended subscriber got in'; fi
ok 'a suspended subscriber is refused'
"${operator[@]}" subscriber resume --dir "$op" --imsi $imsi1 >/dev/null
eap AKA eap-resumed || die 'EAP-AKA after the resume'
ok 'and let in again afterwards'
