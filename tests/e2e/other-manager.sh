#!/bin/bash
# Somebody else's manager distributed the profile: the operator names the eUICC, or no key goes out. And what wrong codes
# and wrong answers come to: in the log, judged a few times only, and no way round for nobody.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq curl sqlite3
start_work
imsi1=001010000000001 imsi2=001010000000002
op=$work/op
operator() { "$bin/twinkey-operator" "$@" --dir "$op"; }
twinkey() { "$bin/twinkey" "$@" --reader "card:$work/card" --operator "unix:$work/op.sock"; }
export TWINKEY_PIN=1234 # the PIN that a prepared profile leaves with: a test value
lab() { # PATH JSON: the body of the answer
	curl -s --unix-socket "$work/op.sock" -H 'Content-Type: application/json' -d "$2" "http://localhost/twinkey/v1/$1"
}
logged() { operator log --imsi $imsi1 --json | jq -e --arg e "$1" "[.log[] | select(.event == \$e)] | $2" >"$work/logged"; }

"$bin/twinkey-card" create --dir "$work/card" >/dev/null
eid=$("$bin/twinkey-card" inspect --dir "$work/card" --json | jq -r .eid)
operator init --import-pki "$work/card/pki" >/dev/null
"$bin/twinkey-operator" init --dir "$work/theirs" --import-pki "$work/card/pki" >/dev/null
operator subscriber add --imsi1 $imsi1 --imsi2 $imsi2 >/dev/null
operator profile prepare --imsi $imsi1 --out "$work/upp.der" >/dev/null
code=$("$bin/twinkey-operator" profile import --dir "$work/theirs" "$work/upp.der" --json | jq -r .activationCode)
background theirs "$bin/twinkey-operator" serve --dir "$work/theirs" --socket "$work/theirs.sock"
background serve "$bin/twinkey-operator" serve --dir "$op" --socket "$work/op.sock"
wait_for 10 'their manager' test -S "$work/theirs.sock"
wait_for 10 'the operator' test -S "$work/op.sock"
"$bin/twinkey" profile download --reader "card:$work/card" --operator "unix:$work/theirs.sock" "$code" >/dev/null
"$bin/twinkey" profile enable --reader "card:$work/card" --operator "unix:$work/theirs.sock" \
	"$(twinkey profile list --json | jq -r '.profiles[0].iccid')" >/dev/null
twinkey auth >/dev/null

# a guesser: few answers of four octets are judged, the good card's next one is
guess() { # the code of the error, of a vector or of its answer
	local v
	v=$(lab auc/vector "{\"imsi\": \"$imsi1\", \"context\": \"gsm\"}")
	[ "$(jq -r '.error.code // empty' <<<"$v")" ] || v=$(lab auc/verify "{\"vectorId\": $(jq .vectorId <<<"$v"), \"res\": \"00000000\"}")
	jq -r '.error.code' <<<"$v"
}
for _ in $(seq 12); do guess; done | sort | uniq -c >"$work/guesses"
expect 'guesses are refused' 'ERR_REFUSED' "$work/guesses"
expect 'and not judged after a few' 'ERR_TRIES' "$work/guesses"
[ "$(awk '/ERR_REFUSED/ {print $1}' "$work/guesses")" -le 6 ] || die "too many guesses: $(<"$work/guesses")"
logged res-wrong 'length > 2 and all(.actor == "auc")' || die 'wrong answers are not in the log'
twinkey auth >"$work/auth.out" || die 'the good card is locked out'
expect "the good card's next challenge is heard" 'limited access' "$work/auth.out"

# the card goes while the operator's approval is waited for: it is the card that failed
background card "$bin/twinkey-card" run --dir "$work/card" --port 28791
card=$last
background run "$bin/twinkey" run --reader vpcd:28791 --wait 10 --operator "unix:$work/op.sock"
run=$last
wait_for 20 'the second factor' grep -q waiting "$work/run.log"
stop "$card"
wait_for 20 'the end of the wait' grep -q '^twinkey:' "$work/run.log"
wait "$run" && die 'the way went on without a card'
expect 'the card is said to have failed' '^twinkey: .*EF\.IMSI' "$work/run.log"
! grep -q '^twinkey: .*operator' "$work/run.log" || die "the operator is blamed: $(<"$work/run.log")"

# five wrong codes, then an agent's word: the code generator is locked, and the way goes on
operator factor enroll --imsi $imsi1 --out "$work/totp.uri" >/dev/null
for _ in 1 2 3 4 5; do printf 000000 | operator factor approve --imsi $imsi1 --code-stdin >/dev/null 2>&1 || true; done
printf 000000 | refuse 'a sixth code is not judged' operator factor approve --imsi $imsi1 --code-stdin
logged code-wrong 'length == 4' && logged code-lock 'length == 1' || die 'wrong codes are not in the log'
operator log >"$work/log"
! grep -q 000000 "$work/log" || die 'a code is in the log'
lab factor/status "{\"imsi\": \"$imsi1\"}" >"$work/status"
jq -e '.factors == ["totp"] and .locked and (.approved | not)' "$work/status" >/dev/null || die "$(<"$work/status")"
operator factor approve --imsi $imsi1 --agent 'desk 4' --evidence 'passport seen' >/dev/null
ok 'an agent approves where the code generator is locked'

# nobody has told the operator which eUICC it is
refuse 'no key for whoever asks first' twinkey run --no-wait
"$bin/twinkey" run --no-wait --reader "card:$work/card" --operator "unix:$work/op.sock" >"$work/run.out" 2>&1 || true
expect 'and what to do is said' 'subscriber bind' "$work/run.out"
logged foreign "length == 1 and (.[0].evidence | test(\"EID $eid asked\"))" || die 'who asked is not in the log'
refuse 'an EID with a digit too few' operator subscriber bind --imsi $imsi1 --eid "${eid%?}"
refuse 'an EID whose check digits are wrong' operator subscriber bind --imsi $imsi1 --eid "${eid:0:30}$(printf %02d $(((10#${eid:30} + 1) % 100)))"
operator subscriber show --imsi $imsi1 --json | jq -e '.eid == "" and .state == "VERIFIED"' >/dev/null ||
	die 'the refusals have changed something'
other=89049032123451234512345678901332
operator subscriber bind --imsi $imsi1 --eid $other --reason 'a slip' >/dev/null
refuse 'another eUICC than the one that was named' twinkey release
operator subscriber bind --imsi $imsi1 --eid "$eid" --json >"$work/bind.json"
jq -e ".eid == \"$eid\" and .boundBy == \"operator\" and .state == \"PROVISIONED\"" "$work/bind.json" >/dev/null ||
	die "$(<"$work/bind.json")"
twinkey auth >/dev/null
operator factor approve --imsi $imsi1 --agent 'desk 4' --evidence 'passport seen' >/dev/null
twinkey run >"$work/run2.out"
expect 'the eUICC that the operator named goes all the way' 'full access' "$work/run2.out"

# the settings stand in the log
operator policy --first-asks on --json >"$work/policy.json"
jq -e '.firstAsks and (.gsmFactor | not)' "$work/policy.json" >/dev/null || die "$(<"$work/policy.json")"
operator log --json | jq -e '.log[-1] | .event == "policy" and .from == "off" and .to == "on" and .evidence == "first-asks"' \
	>/dev/null || die 'the setting is not in the log'

# the check prints what it has looked at, for both logs; and finds what was edited
n=$(operator log --json | jq '.log | length')
operator log --verify >"$work/verify.out"
expect "the log's entries are counted" "^The log is intact: $n entries\.$" "$work/verify.out"
[ "$(operator log --verify --json | jq -c .)" = "{\"intact\":true,\"entries\":$n,\"archived\":0,\"archivesProved\":false}" ] || die 'as JSON too'
n=$(operator profile log --json | jq '.log | length')
operator profile log --verify >"$work/verify.out"
expect "so are the manager's" "^The log is intact: $n entries\.$" "$work/verify.out"
sqlite3 "$op/operator.db" 'UPDATE subscriber SET second_until = 4102444800'
operator log --verify >"$work/verify.out" 2>&1 && die 'an edited row is intact'
expect 'an edited row is found' 'the row of subscriber 1 was written by somebody else; its log says ACTIVE' "$work/verify.out"
sqlite3 "$op/operator.db" 'UPDATE subscriber SET state = 3'
operator log --verify >"$work/verify.out" 2>&1 && die 'an edited state is intact'
expect 'an edited state is found' 'subscriber 1 is VERIFIED in its row, and the log says ACTIVE after entry' "$work/verify.out"
cut_after() { # DATABASE ENTRY
	sqlite3 "$op/$1" "DROP TRIGGER IF EXISTS log_stay; DELETE FROM log WHERE seq > $2;
		UPDATE sqlite_sequence SET seq = $2 WHERE name = 'log'"
}
cut_after operator.db 4
cut_after manager/manager.db 2
operator log --verify >"$work/verify.out" 2>&1 && die 'a log without its end is intact'
expect 'an end that was cut is found' 'the log is not what was written, after entry 4' "$work/verify.out"
operator profile log --verify >"$work/verify.out" 2>&1 && die "the manager's log without its end is intact"
expect "so is that of the manager's log" 'the log is not what was written, after entry 2' "$work/verify.out"
