#!/bin/bash
# The two-profile mode on a card without key-release application: the second subscription is a profile of its own, whose
# sealed activation code the operator opens after both factors; then IMSI 2 attaches with K2, and K1 is refused.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need pcscd oathtool jq curl
inside_reader
start_work
imsi1=001010000000001 imsi2=001010000000002
op=$work/op reader='Virtual PCD 00 00'
operator() { "$bin/twinkey-operator" "$@" --dir "$op"; }
twinkey() { "$bin/twinkey" "$@" --reader "$reader" --operator "unix:$work/op.sock"; }
export TWINKEY_PIN=1234 # the PIN that a prepared profile leaves with: a test value

operator init >/dev/null
operator subscriber add --imsi1 $imsi1 --imsi2 $imsi2 --ind-bits 8 >/dev/null
operator factor enroll --imsi $imsi1 --out "$work/totp.uri" >/dev/null
refuse 'a sealed code needs a place to go' operator profile prepare --imsi $imsi1 --two-profiles
refuse 'a place that is not there; nothing is prepared' \
	operator profile prepare --imsi $imsi1 --two-profiles --sealed-out "$work/none/sealed.txt"
operator profile prepare --imsi $imsi1 --two-profiles --sealed-out "$work/sealed.txt" --json >"$work/prepare.json"
code=$(jq -r .activationCode "$work/prepare.json")
if grep -q 'LPA:' "$work/sealed.txt"; then die 'the second code is not sealed'; fi
"$bin/twinkey-card" create --dir "$work/card" --pki "$op/pki" >/dev/null
background serve "$bin/twinkey-operator" serve --dir "$op" --socket "$work/op.sock"
background card "$bin/twinkey-card" run --dir "$work/card" --port "$VPCD_PORT" --no-kra
wait_for 10 'the operator' test -S "$work/op.sock"
wait_for 10 'the card' card_ready

refuse 'a card without key-release application needs the sealed code' twinkey run --no-wait "$code"
twinkey run --no-wait --sealed-code "$work/sealed.txt" >"$work/run0.out" 2>&1 && die 'no profile, no code'
expect 'the first profile has to be there' 'give its activation code' "$work/run0.out"
if twinkey run --no-wait --sealed-code "$work/sealed.txt" "$code" >"$work/run1.out" 2>&1; then
	die 'a release without the second factor'
fi
expect 'limited access with the first profile' 'limited access .LIMITED.' "$work/run1.out"
expect 'and by GSM' 'GSM context: SRES matches' "$work/run1.out"
[ "$(twinkey profile list --json | jq '.profiles | length')" = 1 ] || die 'the second profile came too early'
ok 'no second profile before the second factor'
printf 000000 | refuse 'a wrong second factor' operator factor approve --imsi $imsi1 --code-stdin
base64 -d "$work/sealed.txt" >"$work/sealed.der"
last=$(tail -c 1 "$work/sealed.der" | od -An -tu1)
{ head -c -1 "$work/sealed.der"; printf "\\x$(printf %02x $((last ^ 1)))"; } | base64 -w 0 >"$work/changed.txt"

seed=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' "$work/totp.uri")
oathtool --totp --base32 "$seed" | operator factor approve --imsi $imsi1 --code-stdin >/dev/null
refuse 'a sealed code that was changed' twinkey run --no-wait --sealed-code "$work/changed.txt"
[ "$(operator subscriber show --imsi $imsi1 --json | jq -r .state)" = VERIFIED ] || die 'a refusal changed the state'
# a module that dies between the grant and the download: it asked for the code, and no more
jq -n --arg imsi $imsi1 --rawfile sealed "$work/sealed.txt" '{imsi: $imsi, sealed: ($sealed | rtrimstr("\n"))}' |
	curl -sf --unix-socket "$work/op.sock" -H 'Content-Type: application/json' -d @- \
		http://localhost/twinkey/v1/release/activation | jq -e '.state == "RELEASED"' >/dev/null || die 'no code'
[ "$(twinkey profile list --json | jq '.profiles | length')" = 1 ] || die 'the second profile came by itself'
twinkey run --sealed-code "$work/sealed.txt" "$code" >"$work/run2.out" 2>&1 || { cat "$work/run2.out"; die 'the release'; }
expect 'the second profile is installed' 'the second profile is installed and enabled' "$work/run2.out"
expect 'full access as IMSI 2' "IMSI $imsi2: RES matches, full access .ACTIVE." "$work/run2.out"
expect 'in the GSM context too' 'GSM context: SRES matches' "$work/run2.out"
twinkey profile list --json >"$work/profiles.json"
[ "$(jq '.profiles | length' "$work/profiles.json")" = 2 ] || die 'not two profiles'
iccid1=$(jq -r .iccid "$work/prepare.json")

twinkey run --sealed-code "$work/sealed.txt" >"$work/run3.out" 2>&1 || die 'to run it again'
expect 'to run it again does only the attach' '^.6/6. ' "$work/run3.out"
twinkey profile enable "$iccid1" >/dev/null 2>&1
refuse 'K1 is refused after the release' twinkey auth
twinkey run --sealed-code "$work/sealed.txt" >"$work/run4.out" 2>&1 || { cat "$work/run4.out"; die 'back to the second'; }
expect 'and enables the second profile where the first was in use' 'full access .ACTIVE.' "$work/run4.out"
iccid2=$(twinkey profile list --json | jq -r '.profiles[] | select(.state == "enabled").iccid')
[ "$iccid1" != "$iccid2" ] || die 'the first profile is still in use'
twinkey profile disable "$iccid2" >/dev/null 2>&1
twinkey profile delete "$iccid2" >/dev/null 2>&1
refuse 'a second profile that was deleted is not given again' twinkey run --sealed-code "$work/sealed.txt"
operator log >"$work/log.out"
expect 'the log names the second profile' 'code of the second profile' "$work/log.out"
