#!/bin/bash
# Another process holds one of the operator's databases: requests that need it wait and are answered, none is lost, and
# those that need the other one do not wait.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need curl jq sqlite3
start_work
op=$work/op host=dp.example.org imsi=001010000000001
unset http_proxy https_proxy all_proxy
"$bin/twinkey-operator" init --dir "$op" --smdp-address $host --curve p256 >"$work/init.log"
"$bin/twinkey-operator" subscriber add --dir "$op" --imsi1 $imsi --imsi2 001010000000002 >"$work/add.log"
background serve "$bin/twinkey-operator" serve --dir "$op" --socket "$work/op.sock"
wait_for 10 'the server' test -S "$work/op.sock"

call() { # PATH BODY: the answer, status and seconds on the last line
	curl -s --unix-socket "$work/op.sock" --max-time 30 -w '\n%{http_code} %{time_total}\n' \
		-H 'X-Admin-Protocol: gsma/rsp/v2.2.0' -H 'Content-Type: application/json' -d "$2" "http://localhost$1"
}
vector() { call /twinkey/v1/auc/vector "{\"imsi\":\"$imsi\",\"context\":\"3g\"}"; }
es9p() { call /gsma/rsp2/es9plus/cancelSession '{"transactionId":"00112233445566778899AABBCCDDEEFF","cancelSessionResponse":"vwAA"}'; }
hold() { # DATABASE: from here on, until the descriptor is closed
	rm -f "$work/sql"
	mkfifo "$work/sql"
	sqlite3 "$1" <"$work/sql" >"$work/held" 2>&1 &
	holder=$!
	pids+=("$holder")
	exec 7>"$work/sql"
	printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&7
	wait_for 5 "the lock on $1" grep -q 1 "$work/held"
}
release() {
	exec 7>&-
	wait "$holder"
}
quick() { # WHAT FILE: a good answer within a second
	local code seconds
	read -r code seconds < <(tail -n 1 "$2")
	[ "$code" = 200 ] || { cat "$2"; die "$1: $code"; }
	[ "${seconds%.*}" -lt 5 ] || die "$1 waited $seconds s for a lock that it does not need" # patience would be 10 s
}

hold "$op/operator.db"
vector >"$work/waits" 7>&- &
waits=$!
sleep 0.3
for _ in 1 2 3; do
	es9p >"$work/answer"
	quick 'a request of ES9+' "$work/answer"
done
kill -0 $waits 2>/dev/null || { cat "$work/waits"; die 'a request that needs the database did not wait for it'; }
release
wait $waits
grep -q '^200 ' "$work/waits" || { cat "$work/waits"; die 'the request that waited is lost'; }
jq -e '.rand | length == 32' <<<"$(head -n 1 "$work/waits")" >/dev/null || die 'the answer is no challenge'
ok 'the database of the subscribers is held: ES9+ goes on, a challenge comes afterwards'

hold "$op/manager/manager.db"
for _ in 1 2 3; do
	vector >"$work/answer"
	quick 'a challenge' "$work/answer"
done
release
ok "the manager's database is held: challenges go on"
