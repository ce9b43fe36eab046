#!/bin/bash
# Rotation as a service: a list of subscribers, rate-limited, stopped and resumed, waited for, reported; those whose key is
# old; who cannot be rotated.
. "$(dirname "$0")/lib.sh"
need jq
start_work
op=$work/op
export TWINKEY_PIN=1234 # the PIN that a prepared profile leaves with: a test value
operator() { "$bin/twinkey-operator" "$@" --dir "$op"; }
imsi() { printf '00101%07d%03d' "$1" "$2"; }
run() { # NUMBER [ARGUMENT...]
	local n=$1
	shift
	"$bin/twinkey" run --no-wait --reader "card:$work/card$n" --operator "unix:$work/op.sock" "$@" >"$work/run.out" 2>&1
}
approve() { operator factor approve --imsi "$(imsi "$1" 1)" --agent desk --evidence 'passport seen' >"$work/approve.out"; }
key_of() { operator subscriber show --imsi "$(imsi "$1" 1)" --json | jq -r '"\(.state) \(.keyId)"'; }
is() { # NUMBER WHAT STATE KEYID
	[ "$(key_of "$1")" = "$3 $4" ] || die "$2: subscriber $1 is $(key_of "$1")"
	ok "$2"
}
report() { # WHAT JQ-EXPRESSION
	jq -e "$2" "$work/report.json" >"$work/jq.out" || die "$1: $(<"$work/report.json")"
	ok "$1"
}

operator init >"$work/init.out"
background serve "$bin/twinkey-operator" serve --dir "$op" --socket "$work/op.sock"
wait_for 10 'the operator' test -S "$work/op.sock"
for n in 1 2 3 4; do
	mode=()
	[ $n != 2 ] || mode=(--derived)
	operator subscriber add --imsi1 "$(imsi $n 1)" --imsi2 "$(imsi $n 2)" "${mode[@]}" >"$work/add.out"
	imsi $n 2 >>"$work/list.txt"
	echo >>"$work/list.txt"
done
echo '# a comment' >>"$work/list.txt"
for n in 1 2 3; do
	operator profile prepare --imsi "$(imsi $n 1)" --json >"$work/prepare.json"
	"$bin/twinkey-card" create --dir "$work/card$n" --pki "$op/pki" >"$work/create.out"
	run $n "$(jq -r .activationCode "$work/prepare.json")" && die 'a release without the second factor'
	approve $n
	run $n || die "$(<"$work/run.out")"
	is $n 'the first second key' ACTIVE 1
done

operator rotate --older-than 1 --json >"$work/report.json"
report 'no key is a day old' '.rotations == []'
refuse 'who is to be rotated?' operator rotate
refuse 'one way to say it' operator rotate --imsi "$(imsi 1 1)" --older-than 3
refuse 'a rate of none' operator rotate --imsi "$(imsi 1 1)" --per-minute 0
echo 'no imsi' >"$work/bad.txt"
refuse 'a list that is none' operator rotate --list "$work/bad.txt"
grep -q 'line 1: no IMSI' "$work/refused.out" || die "$(<"$work/refused.out")"
echo 999999999999999 >"$work/bad.txt"
refuse 'a subscriber that is none' operator rotate --list "$work/bad.txt"

# stopped after the first, at twelve a minute; the same command goes on
status=0
timeout -s INT 2 "$bin/twinkey-operator" rotate --dir "$op" --list "$work/list.txt" --per-minute 12 --resume "$work/begun" \
	>"$work/stopped.out" 2>&1 || status=$?
[ $status != 0 ] || die 'it was not stopped'
is 1 'the first is begun' ROTATING 1
is 2 'the second is not' ACTIVE 1
expect 'what was done is told' '4 chosen: 0 done, 1 waiting' "$work/stopped.out"
approve 1
run 1 || die "$(<"$work/run.out")"
is 1 'the first has its new key' ACTIVE 2
start=$SECONDS
operator rotate --list "$work/list.txt" --per-minute 60 --resume "$work/begun" --reason yearly --json >"$work/report.json"
[ $((SECONDS - start)) -ge 2 ] || die 'four rotations at one a second were faster than that'
is 1 'it is not rotated again' ACTIVE 2
report 'one done before, two begun, one that cannot' '.done == 1 and .waiting == 2 and .skipped == 1 and .notBegun == 0'
report 'why one cannot' '.rotations[3] | .result == "skipped" and (.detail | test("PROVISIONED"))'
expect 'the log has the reason' 'rotate .*ACTIVE.*yearly' <(operator log)

# the cards come while it waits
(
	for n in 2 3; do
		approve $n
		run $n || exit 1
	done
) &
operator rotate --list "$work/list.txt" --per-minute 6000 --resume "$work/begun" --wait 60 --json >"$work/report.json"
wait $! || die "$(<"$work/run.out")"
report 'all are done' '.done == 3 and .waiting == 0 and .rolledBack == 0'
for n in 1 2 3; do is $n "subscriber $n has its new key" ACTIVE 2; done

# all that are old, and one alone
operator rotate --older-than 0 --per-minute 6000 >"$work/older.out"
expect 'all whose key is old' '3 chosen: 0 done, 3 waiting' "$work/older.out"
approve 3
run 3 || die "$(<"$work/run.out")"
operator rotate --imsi "$(imsi 3 1)" >"$work/one.out"
expect 'one' 'key 3 -> 4  waits' "$work/one.out"
# a grant that never arrives: its key is rolled back, the card goes on with the one it has, and gets the next
cat >"$work/loses.py" <<'PYTHON'
"""A way to the operator on which the grant is lost, once the operator has made it. usage: loses.py HERE OPERATOR"""
import socket
import sys

here, operator = sys.argv[1:]
server = socket.socket(socket.AF_UNIX)
server.bind(here)
server.listen()
while True:
    client, _ = server.accept()
    asked = b""
    while b"\r\n\r\n" not in asked:
        asked += client.recv(65536)
    head, body = asked.split(b"\r\n\r\n", 1)
    length = int(next((line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0))
    while len(body) < length:
        body += client.recv(65536)
    to = socket.socket(socket.AF_UNIX)
    to.connect(operator)
    head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:"))
    to.sendall(head + b"\r\nConnection: close\r\n\r\n" + body)
    answer = b""
    while part := to.recv(65536):
        answer += part
    if b"/release/grant" not in head:
        client.sendall(answer)
    client.close()
    to.close()
PYTHON
background loses python3 "$work/loses.py" "$work/loses.sock" "$work/op.sock"
wait_for 10 'the way that loses grants' test -S "$work/loses.sock"
operator rotate --imsi "$(imsi 1 1)" --resume "$work/lost" >"$work/one.out"
approve 1
key=$(key_of 1)
[ "$key" = 'ROTATING 2' ] || die "before the grant it is $key"
"$bin/twinkey" run --no-wait --reader "card:$work/card1" --operator "unix:$work/loses.sock" >"$work/run.out" 2>&1 && die 'the grant has arrived'
expect 'the operator has granted it' 'grant .*keyId 3' <(operator log)
operator rotate --imsi "$(imsi 1 1)" --resume "$work/lost" --attach-within 1 --wait 20 --json >"$work/report.json" && die 'a key that was rolled back is no failure'
report 'a key that is not shown is rolled back' '.rolledBack == 1 and .done == 0'
[[ $(key_of 1) = *' 2' ]] || die "after it: $(key_of 1)"
ok 'the former one is in force'
expect 'the log says so' 'roll-back .*RECALLED .*keyId 2 in force' <(operator log)
run 1 && die 'a release without the second factor'
[[ $(key_of 1) != ACTIVE* ]] || die 'full access without a new factor'
approve 1
run 1 || die "$(<"$work/run.out")"
[[ $(key_of 1) = 'ACTIVE '* ]] || die "in the end: $(key_of 1)"
ok 'the card has the next key in the end'
operator log --verify >"$work/verify.out"
