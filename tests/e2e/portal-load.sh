#!/bin/bash
# Portal and release before many clients at once, slow and broken ones among them (TWINKEY_LOAD_S seconds, 8 of them where
# nothing is said): who keeps to the limits is answered, who does not is refused, nobody hangs, and memory stays.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq python3 openssl
inside_network
start_work
cd "$work"
PATH=$bin:$PATH
clients=200 seconds=${TWINKEY_LOAD_S:-8}
twinkey-operator init --dir op --smdp-address localhost >/dev/null
twinkey-operator subscriber add --dir op --name 'Test user' --imsi1 001010000000001 --imsi2 001010000000002 >/dev/null
twinkey-operator factor enroll --dir op --imsi 001010000000001 --out totp.uri >/dev/null
# every address is a module of its own, but for the last ten, which are not attached
jq -n --argjson n $((clients - 10)) '[range($n) | {key: "127.0.\(1 + (. / 250 | floor)).\(1 + . % 250)", value: .}] + [{key: "127.0.0.1", value: 999}]
	| map({key, value: {mac: "02:00:00:00:\(.value / 100 | floor):\(.value % 100)" | gsub(":(?<d>[0-9])(?=:|$)"; ":0\(.d)"),
		imsi: "001010000000001", subscription: 1, since: 1790000000}}) | from_entries' >attached.json
background gateway python3 "$top/tests/e2e/gateway-stand-in.py" gateway.sock attached.json
background serve twinkey-operator serve --dir op --socket op.sock --listen-release 127.0.0.1:0
server=$last
wait_for 10 "the operator" grep -q Ready serve.log
wait_for 10 'the gateway' test -S gateway.sock
background portal twinkey-operator portal --dir op --listen 127.0.0.1:0 --gateway gateway.sock
portal=$last
wait_for 10 'the portal' grep -q 'Ready on' portal.log
port_of() { sed -n 's|.*[Rr]eady on [^ ]*127.0.0.1:\([0-9]*\).*|\1|p' "$1.log" | head -n 1; }
openssl x509 -inform DER -in op/pki/CI/CERT_CI_ECDSA_NIST.der -out ci.pem
resident() { awk '/VmRSS/ { print $2 }' "/proc/$1/status"; }
load() { # SECONDS
	python3 "$top/tests/e2e/portal-load.py" "$(port_of portal)" "$(port_of serve)" $clients "$1" ci.pem >load.json || die 'the clients'
}
load 3 # memory that is had once: TLS, statements
before=("$(resident $portal)" "$(resident $server)")
load "$seconds"
after=("$(resident $portal)" "$(resident $server)")
cat load.json
jq -e '[.answers | to_entries[] | select(.key | endswith("hangs"))] == []' load.json >jq.out || die 'somebody hangs'
# what a user is told: the page, a wrong code (303 to the page, 403), too many at once (429, 503)
jq -e '[.answers | keys[] | select(test("^(user|watched) ")) | select(test(" (200|303|400|403|429|503|closed)$") | not)] == []' load.json >jq.out || die 'another answer'
jq -e '[.answers | keys[] | select(startswith("huge ")) | select(test(" (413|429|503|closed)$") | not)] == []' load.json >jq.out || die 'a form of 10 MB'
jq -e '.answers["user 200"] > 50 and .watched.answered > 0' load.json >jq.out || die 'users are not served'
ok "$clients clients for $seconds s: nothing but answers and refusals"
for i in 0 1; do
	echo "memory: ${before[i]} KiB, then ${after[i]} KiB"
	[ $((after[i] * 10)) -le $((before[i] * 11)) ] || die 'memory grows'
done
for pid in $portal $server; do kill -0 "$pid" || die 'a server has ended'; done
ok 'memory is flat'
for pid in $portal $server; do
	kill "$pid"
	wait "$pid" || die 'a server does not end well'
done
ok 'both end well'
