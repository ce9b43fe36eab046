#!/bin/bash
# What is said of a failure: what happened, to what, what to do; and no idle words behind a good sentence.
. "$(dirname "$0")/lib.sh"
need jq curl
start_work
make -s -C "$top" "build/release/tests/fake-card" || die 'fake-card'
fake=$top/build/release/tests/fake-card
PATH=$bin:$PATH
cd "$work" || exit 1
unset TWINKEY_PIN TWINKEY_CONFIRMATION_CODE
op=(--dir op) card=(--reader "card:$work/card") via=(--operator "unix:$work/op.sock")
imsi1=001010000000001 imsi2=001010000000002
idle=': (refused|not found|a value is out of its range|this is not allowed in the present state|the buffer is too small|the card answered with an error|this is valid but not supported|the second factor is missing, wrong or too old)( \(.*\))?$'

# WHAT EXIT REGEX COMMAND...: fails so, in these words
says() {
	local what=$1 want=$2 regex=$3 status=0
	shift 3
	timeout 20 "$@" >out 2>err </dev/null || status=$?
	[ $status = "$want" ] || die "$what: exit code $status: $(cat out err)"
	grep -qE -- "$regex" err || die "$what: $(cat err)"
	if grep -E "$idle" err; then die "$what: idle words"; fi
	ok "$what: $(grep -E -- "$regex" err | head -n 1)"
}

{
	twinkey-card create --dir card
	twinkey-operator init "${op[@]}" --import-pki card/pki --smdp-address dp.example.org
	twinkey-operator subscriber add "${op[@]}" --imsi1 $imsi1 --imsi2 $imsi2
} >setup.log
code=$(twinkey-operator profile prepare "${op[@]}" --imsi $imsi1 --json | jq -r .activationCode)
background serve twinkey-operator serve "${op[@]}" --socket op.sock --listen-plain 127.0.0.1:25983 --log
wait_for 5 'the operator' [ -S op.sock ]

says 'a vector in a wrong state' 4 "no vector for IMSI $imsi2, subscription 2 of a subscriber that is PROVISIONED: its card attaches with the first key next" \
	twinkey-operator auc vector "${op[@]}" --imsi $imsi2
says 'a vector for nobody' 1 'no subscriber has IMSI 001010000000009 \(twinkey-operator subscriber list\)' \
	twinkey-operator auc vector "${op[@]}" --imsi 001010000000009
says 'an answer to no vector' 1 'it has run out or served, make another' \
	twinkey-operator auc verify "${op[@]}" --vector 00112233445566778899aabbccddeeff --res 0011223344556677
says 'a subscriber that is not' 1 'no subscriber has IMSI 001010000000009: see twinkey-operator subscriber list' \
	twinkey-operator subscriber show "${op[@]}" --imsi 001010000000009
says 'a profile that is not' 1 '8900000000000000000: the manager has no such profile: see twinkey-operator profile list' \
	twinkey-operator profile show "${op[@]}" 8900000000000000000
says 'a package that is none' 1 "'setup.log': it is no unprotected profile package" \
	twinkey-operator profile import "${op[@]}" setup.log
says 'a rotation too early' 4 'is PROVISIONED: its card attaches with the first key next \(twinkey auth, or run\)' \
	twinkey-operator subscriber rotate "${op[@]}" --imsi $imsi1
says 'a card without a profile' 1 'the card has no USIM \(is a profile enabled\?\)$' twinkey auth "${card[@]}" "${via[@]}"
printf '00A40004023F00\n# a comment\n\nxyz\n' >lines
says 'a line of standard input' 2 "'xyz' is not a command .* \(line 4 of standard input\)" \
	sh -c 'exec twinkey apdu "$@" <lines' sh "${card[@]}"

# by HTTP: the state, and what comes next
curl -s --unix-socket op.sock -H 'Content-Type: application/json' -d "{\"imsi\":\"$imsi2\",\"context\":\"3g\"}" \
	http://localhost/twinkey/v1/auc/vector >http.out
jq -e '.error.code == "ERR_WRONG_STATE" and (.error.message | test("subscription 2, is PROVISIONED: its card attaches"))' \
	http.out >jq.out || die "by HTTP: $(cat http.out)"
ok "by HTTP: $(jq -r .error.message http.out)"

# the log of requests: what was asked and what came of it, and nothing of headers and bodies
log=$work/serve.log
stamp='^20[0-9-]+T[0-9:]+Z  '
expect 'the log has a refusal' "${stamp}unix  POST /twinkey/v1/auc/vector  409  ERR_WRONG_STATE  [0-9]+\\.[0-9]{3} ms  [0-9a-f]{24}$" "$log"
curl -gs -H 'Authorization: Bearer SECRET-TOKEN-1' $'http://127.0.0.1:25983/%1b[31mno?query=SECRET-2' -d SECRET-3 >http.out
expect 'the log has a peer, and no control characters' "${stamp}127\\.0\\.0\\.1:[0-9]+  POST /\\?\\[31mno  404  ERR_NOT_FOUND" "$log"
curl -s -H 'Content-Type: application/json' http://127.0.0.1:25983/gsma/rsp2/es9plus/cancelSession -d \
	'{"transactionId":"00","cancelSessionResponse":"vwAA"}' >http.out
expect 'the log has the status of a function' 'POST /gsma/rsp2/es9plus/cancelSession  200  Failed [0-9.]+/[0-9.]+  ' "$log"
if grep -e SECRET -e $imsi2 "$log"; then die 'the log has what nobody may read'; fi

# what begins anew says so, and why
says 'a server that is not there' 1 'retrying \(try 2 of 2\): nobody listens on the socket' \
	twinkey profile download "${card[@]}" --operator "unix:$work/none" --retries 1 "$code"
[ "$(grep -c 'retrying' err)" = 1 ] || die "how often: $(cat err)"

twinkey profile download "${card[@]}" "${via[@]}" "$code" >out 2>err
twinkey profile enable "${card[@]}" "${via[@]}" "$(twinkey profile list "${card[@]}" --json | jq -r '.profiles[0].iccid')" >out
says 'no PIN' 4 'the card wants its PIN: give --pin-file FILE or TWINKEY_PIN$' twinkey auth "${card[@]}" "${via[@]}"
export TWINKEY_PIN=9999
says 'a wrong PIN' 4 'the PIN is wrong, attempts left: 2$' twinkey auth "${card[@]}" "${via[@]}"
export TWINKEY_PIN=12
says 'no PIN at all' 1 'a PIN has 4 to 8 digits: nothing was sent to the card$' twinkey auth "${card[@]}" "${via[@]}"
unset TWINKEY_PIN

# a card whose answers are none
port=25981
"$fake" $port 0070000001=9000 &
pids+=($!)
twinkey info --reader vpcd:$port >out 2>err || die "info: $(cat err)"
grep -qE '^Kind +not known: the card answers what no standard has: --trace FILE records it$' out || die "info: $(cat out)"
ok "info: $(grep '^Kind' out)"
