#!/bin/bash
# What `profile list` shows can be enabled, disabled, named and deleted, by card and by operator: ICCIDs with letters,
# of 17 digits, with the filler or without it, as the octets of EF.ICCID, and the AID of the ISD-P.
. "$(dirname "$0")/lib.sh"
need jq
start_work
PATH=$bin:$PATH
cd "$work" || exit 1
op=(--dir op) card=(--reader "card:$work/card") via=(--operator "unix:$work/op.sock")

{
	twinkey-card create --dir card
	twinkey-operator init "${op[@]}" --import-pki card/pki --smdp-address dp.example.org
	twinkey-operator subscriber add "${op[@]}" --imsi1 001010000000001 --imsi2 001010000000002
	twinkey-operator profile prepare "${op[@]}" --imsi 001010000000001 --out upp.der
	twinkey profile export upp.der -o upp.json
} >setup.log
background serve twinkey-operator serve "${op[@]}" --socket op.sock
wait_for 5 'the manager' [ -S op.sock ]
does() { # WORD COMMAND...
	local word=$1
	shift
	"$@" >out 2>err || die "$*: $(cat out err)"
	grep -q "$word" out || die "$*: $(cat out)"
}
# ICCID FORM...: it is downloaded, and every form of it names it
try() {
	local iccid=$1 form
	jq --arg i "$(printf %s "$iccid" | sed 's/$/ffff/' | cut -c 1-20)" \
		'.elements[0].header.iccid = $i | del(.elements[] | select(.nonStandard))' upp.json >x.json
	twinkey profile build -o x.der x.json >build.log
	code=$(twinkey-operator profile import "${op[@]}" --json x.der | jq -r .activationCode)
	does "ICCID.*$iccid\|\"iccid\":\"$iccid\"" twinkey-operator profile show "${op[@]}" --json "$iccid"
	does "^$iccid loaded" twinkey profile download "${card[@]}" "${via[@]}" --yes "$code"
	does "^$iccid " twinkey profile list "${card[@]}"
	aid=$(twinkey profile list "${card[@]}" --json | jq -r --arg i "$iccid" '.profiles[] | select(.iccid == $i).aid')
	[ ${#aid} = 32 ] || die "the AID of $iccid: $aid"
	for form in "$@" "$aid" "${aid^^}"; do
		does 'enabled\.' twinkey profile enable "${card[@]}" "$form"
		does "\"iccid\":\"$iccid\"" twinkey profile disable "${card[@]}" --json "$form"
		does 'named\.' twinkey profile nickname "${card[@]}" "$form" "as $form"
		does "as $form" twinkey profile list "${card[@]}"
	done
	ok "$iccid: $# forms and the AID"
}
try 8988211000000000042 8988211000000000042f 8988211000000000042F 988812010000000040f2 988812010000000040F2
try 89860dd200000000a4 89860DD200000000A4 89860dd200000000a4ff 9868d02d000000004aff
try 89882110000000051 89882110000000051fff 9888120100000050F1ff
for wrong in 89860dd2000000g0a4 898821100000000004211 '' 8988211000000000042f8988211000; do
	refuse "no name: '$wrong'" twinkey profile enable "${card[@]}" "$wrong"
	grep -q 'neither an ICCID' refused.out || die "no good word: $(cat refused.out)"
done
refuse 'no such profile' twinkey profile enable "${card[@]}" 8988211000000000043
grep -q '8988211000000000043: the eUICC has no such profile: see twinkey profile list$' refused.out || die "$(cat refused.out)"
# one whose ICCID is the octets of another's: who means it says the other's AID
try 89882110000000000420 98881201000000004002
jq '.elements[0].header.iccid = "98881201000000004002" | del(.elements[] | select(.nonStandard))' upp.json >x.json
twinkey profile build -o x.der x.json >build.log
code=$(twinkey-operator profile import "${op[@]}" --json x.der | jq -r .activationCode)
does '^98881201000000004002 loaded' twinkey profile download "${card[@]}" "${via[@]}" --yes "$code"
refuse 'two are named so' twinkey profile enable "${card[@]}" 98881201000000004002
grep -q '2 profiles are named so: give the AID' refused.out || die "$(cat refused.out)"
does 'enabled\.' twinkey profile enable "${card[@]}" \
	"$(twinkey profile list "${card[@]}" --json | jq -r '.profiles[] | select(.iccid == "98881201000000004002").aid')"
