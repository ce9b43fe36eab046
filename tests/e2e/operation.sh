#!/bin/bash
# A server in operation: options from a file, and every fault of it told.
. "$(dirname "$0")/lib.sh"
need curl jq openssl python3 sqlite3
start_work
cd "$work"
unset http_proxy https_proxy all_proxy CREDENTIALS_DIRECTORY
umask 077
operator() { "$bin/twinkey-operator" "$@"; }
operator init --dir op >init.out
check() { # FILE [OPTION...]: exit code in $status, what it says in out.json and check.log
	local file=$1
	shift
	status=0
	operator serve --config "$file" --check-config --json "$@" >out.json 2>check.log || status=$?
}
is() { # WHAT FILTER
	jq -e "$2" out.json >/dev/null || die "$1: $(cat out.json)"
	ok "$1"
}
ended() { ! kill -0 "$1" 2>/dev/null; }

# a file of options
cat >good.conf <<'CONF'
# what a service wants
dir = op
socket = op.sock
listen-plain = 127.0.0.1:0

log = yes
CONF
find op -type f -exec stat -c '%n %Y %s' {} + | sort >before
check good.conf
[ $status = 0 ] || die 'a good file is refused'
is 'a good file' '.good == true and .faults == []'
find op -type f -exec stat -c '%n %Y %s' {} + | sort | diff before - || die 'a check has changed something'
[ ! -e op.sock ] || die 'a check has made a socket'
background serve "$bin/twinkey-operator" serve --config good.conf
wait_for 10 'the server' grep -q 'Ready on 127.0.0.1' serve.log
check good.conf
is 'a good file beside a server that runs' '.good == true'
curl -s --unix-socket op.sock -d '{}' -H 'Content-Type: application/json' http://x/gsma/rsp2/es9plus/cancelSession >/dev/null
wait_for 5 'the line of a request' grep -q 'POST /gsma/rsp2/es9plus/cancelSession  200' serve.log
ok 'the options of the file are in force'
refuse 'the command line has the last word' operator serve --config good.conf --socket nowhere/op.sock
grep -q "nowhere/op.sock" refused.out || die 'another socket was asked for'
kill -TERM "$last"
wait "$last" || die "the server ends with $?"

# every fault at once, with its line
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout a.key -out a.pem 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout b.key -out b.pem 2>/dev/null
echo short >short.token
echo 'a token that is long enough' >open.token
chmod 644 open.token
cat >bad.conf <<'CONF'
dir = nobody
lisen = 127.0.0.1:1
listen = 192.0.2.1:8443
listen-plain = 192.0.2.1:80
socket = nowhere/op.sock
tls-cert = a.pem
tls-key = b.key
es2-token = short.token
deleted = again
print-env = nowhere/env
log = maybe
check-config = yes
CONF
check bad.conf
[ $status = 2 ] || die "a bad file: exit code $status"
is 'a bad file' '.good == false and all(.faults[]; .file == "bad.conf")'
jq -r '.faults[].line' out.json | sort -n | tr '\n' ' ' >lines
[ "$(<lines)" = '1 2 3 4 5 7 8 9 10 11 12 ' ] || die "faults in the lines $(<lines): $(cat out.json)"
is 'the nearest name' '.faults[] | select(.line == 2).message | contains("is '"'listen'"' meant?")'
is 'a pair that is none' '.faults[] | select(.line == 7).message | contains("do not belong together")'
ok 'every fault has its line'
operator serve --config bad.conf --check-config 2>text.log && die 'a bad file is taken'
expect 'for people' '^twinkey-operator: bad.conf:2: there is no setting .lisen.: is .listen. meant\?$' text.log
refuse 'a server with a bad file' operator serve --config bad.conf
operator serve --dir op --check-config --listen-plain 192.0.2.1:80 2>text.log && die 'a bad option is taken'
expect 'a fault of the command line' '^twinkey-operator: --listen-plain: ' text.log
printf 'dir = op\nlisten-plain = 127.0.0.1:0\nes2-token = open.token\n' >open.conf
check open.conf
is 'a token that others can read' '.faults | length == 1 and (.[0].message | contains("chmod go-rwx"))'
check missing.conf
[ $status = 1 ] || die "no file: exit code $status"

# secrets by name: systemd's credentials
mkdir credentials
install -m 400 open.token credentials/orders
printf 'dir = op\nsocket = op.sock\nes2-token = credential:orders\n' >credential.conf
CREDENTIALS_DIRECTORY=$work/credentials check credential.conf
[ $status = 0 ] || die "a credential: $(cat out.json)"
refuse 'a credential without systemd' operator serve --config credential.conf
grep -q 'LoadCredential=orders:' refused.out || die 'nobody says where it would come from'
printf 'dir = op\nsocket = op.sock\nes2-token = credential:../open.token\n' >credential.conf
CREDENTIALS_DIRECTORY=$work/credentials check credential.conf
[ $status = 2 ] || die 'a credential leads elsewhere'
ok 'credentials'

# how the server is: figures in Prometheus' form, alive, ready
cat >watch.conf <<'CONF'
dir = op
socket = op.sock
listen = 127.0.0.1:0
listen-metrics = 127.0.0.1:0
tls-cert = a.pem
tls-key = a.key
es2-token = orders.token
log-to = server.log
log-format = json
log-level = debug
stop-after = 20
CONF
echo 'the token of yesterday' >orders.token
operator subscriber add --dir op --imsi1 001010000000001 --imsi2 001010000000002 >add.out
cp b.key wrong.key
start() { # sets $serve, $https and $metrics
	background serve "$bin/twinkey-operator" serve --config watch.conf --json "$@"
	serve=$last
	wait_for 10 'the server' grep -q '"ready"' serve.log
	https=$(sed -n 's/^{/{/p' serve.log | jq -rs '.[0].ready[1]')
	metrics=$(sed -n 's/^{/{/p' serve.log | jq -rs '.[0].ready[2]')
}
start
curl -s "http://$metrics/healthz" >out.json
is 'alive' '.alive == true'
curl -s --unix-socket op.sock http://x/readyz >out.json
is 'ready' '.ready == true and .reasons == []'
lab() { curl -s --unix-socket op.sock -H 'Content-Type: application/json' "${@:2}" -d "$1" http://x/twinkey/v1/auc/vector; }
lab '{"imsi":"001010000000001","context":"3g"}' >vector.json
lab '{"imsi":"001010000000001","context":"3g"}' -H 'X-Request-Id: from-a-proxy.1' -i >vector2.txt
expect 'the id of the request comes back' '^X-Request-Id: from-a-proxy\.1.?$' vector2.txt
lab '{"imsi":"001010000000001","context":"3g"}' -H 'X-Request-Id: two words "' -i >vector3.txt
expect 'an id that is none is replaced' '^X-Request-Id: [0-9a-f]{24}.?$' vector3.txt
lab '{"imsi":"1","context":"3g"}' >/dev/null
curl -s "http://$metrics/metrics" >metrics.txt
cat >parse.py <<'PY'
# Prometheus' text format 0.0.4, read strictly: each family is told once, before its samples; names, labels, values; a
# histogram's buckets grow, end with +Inf, and agree with its count
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
assert text.endswith("\n")
kinds, helps, seen, family, done = {}, {}, set(), None, set()
buckets = {}
for n, line in enumerate(text.splitlines(), 1):
    m = re.fullmatch(r"# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)", line)
    if m:
        table = helps if m[1] == "HELP" else kinds
        assert m[2] not in table, (n, line)
        table[m[2]] = m[3]
        if m[1] == "TYPE":
            assert m[3] in ("counter", "gauge", "histogram") and m[2] in helps, (n, line)
            assert family not in done
            done.add(family)
            family = m[2]
        continue
    m = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (\S+)', line)
    assert m, (n, line)
    name, labels, value = m[1], m[2] or "", float(m[3])
    base = re.sub(r"_(bucket|sum|count)$", "", name) if kinds.get(family) == "histogram" else name
    assert base == family, (n, line)
    assert (name, labels) not in seen, (n, line)
    seen.add((name, labels))
    assert kinds[family] != "counter" or (name.endswith("_total") and value >= 0), (n, line)
    if name.endswith("_bucket"):
        rest, le = re.fullmatch(r'(.*?),?le="([^"]*)"', labels).groups()
        before = buckets.setdefault((base, rest), [(-1.0, 0.0)])
        assert float(le) > before[-1][0] and value >= before[-1][1], (n, line)
        before.append((float(le), value))
    if name.endswith("_count") and kinds[family] == "histogram":
        assert buckets[(base, labels)][-1] == (float("inf"), value), (n, line)
assert kinds
PY
python3 parse.py metrics.txt || die "the figures: $(cat metrics.txt)"
printf 'x 1\n' >bad.txt
python3 parse.py bad.txt 2>/dev/null && die 'the parser takes anything'
ok 'figures in the form of Prometheus'
if command -v promtool >/dev/null; then
	promtool check metrics <metrics.txt >promtool.log 2>&1 || die "promtool: $(cat promtool.log)"
	[ ! -s promtool.log ] || die "promtool: $(cat promtool.log)"
	ok 'promtool finds nothing'
fi
figure() { # NAME VALUE
	grep -qxF "$1 $2" metrics.txt || die "$1 is not $2: $(grep "^$1" metrics.txt)"
}
figure twinkey_vectors_total 3
figure twinkey_subscribers 1
figure twinkey_pending_challenges 3
figure twinkey_database_up 1
figure 'twinkey_http_requests_total{route="/twinkey/v1/auc/vector",status="200"}' 3
figure 'twinkey_http_requests_total{route="/twinkey/v1/auc/vector",status="404"}' 1
figure 'twinkey_http_request_duration_seconds_count{route="/twinkey/v1/auc/vector"}' 4
[ "$(sed -n 's/^process_open_fds //p' metrics.txt)" -gt 5 ] || die 'open files'
[ "$(sed -n 's/^process_resident_memory_bytes //p' metrics.txt)" -gt 1000000 ] || die 'memory'
[ "$(sed -n 's/^twinkey_tls_certificate_expiry_seconds //p' metrics.txt)" = \
	"$(date -d "$(openssl x509 -in a.pem -noout -enddate | cut -d = -f 2)" +%s)" ] || die 'the end of the certificate'
ok 'the figures are right'
code() { curl -s -o /dev/null --max-time 5 -w '%{http_code}' "$@"; }
[ "$(code -k "https://$https/metrics")" = 404 ] || die 'figures by HTTPS, for everybody'
[ "$(code -H 'Host: rebound.example' "http://$metrics/metrics")" = 421 ] || die 'a web page of elsewhere reads the figures'
[ "$(code "http://$metrics/gsma/rsp2/es9plus/cancelSession" -d '{}')" = 404 ] || die 'ES9+ beside the figures'
ok 'figures for this machine alone'

# the log: an entry a request, with its id; no secret at any level
jq -es 'map(select(.request == "from-a-proxy.1")) | length == 1 and (.[0] | .level == "info" and .status == 200 and .path == "/twinkey/v1/auc/vector" and .microseconds > 0)' server.log >jq.out ||
	die "the entry of a request: $(cat server.log)"
jq -es 'map(select(.path == "/metrics")) | length > 0 and all(.[]; .level == "debug" or .status != 200)' server.log >jq.out || die 'who watches fills the log'
for s in $(jq -r '.vectorId, .rand, .autn' vector.json) 'token of yesterday'; do
	! grep -rF "$s" server.log serve.log || die "the log has $s"
done
[ "$(stat -c %a server.log)" = 640 ] || [ "$(stat -c %a server.log)" = 600 ] || die 'who reads the log?'
ok 'an entry a request'

# SIGHUP: log, token, certificate; what is not good changes nothing
order() { code -k -H "Authorization: Bearer $1" -H 'Content-Type: application/json' -d '{}' "https://$https/gsma/rsp2/es2plus/downloadOrder"; }
shown() { openssl s_client -connect "$https" </dev/null 2>/dev/null | openssl x509 -noout -fingerprint; }
fingerprint() { openssl x509 -in "$1" -noout -fingerprint; }
[ "$(order 'the token of yesterday')" = 200 ] || die 'the token opens nothing'
[ "$(order 'the token of tomorrow')" = 401 ] || die 'another token opens'
mv server.log server.log.1
echo 'the token of tomorrow' >orders.token
cp b.pem a.pem
cp b.key a.key
kill -HUP "$serve"
wait_for 5 'the log, opened anew' test -s server.log
wait_for 5 'the end of the reload' grep -q 'read again' server.log
[ "$(order 'the token of tomorrow')" = 200 ] || die 'the new token opens nothing'
[ "$(order 'the token of yesterday')" = 401 ] || die 'the old token opens'
[ "$(shown)" = "$(fingerprint b.pem)" ] || die 'the old certificate'
ok 'reloaded'
echo short >orders.token
echo nonsense >a.pem
kill -HUP "$serve"
wait_for 5 'the word of a token that is none' grep -q 'SIGHUP: the token in .* has less than 16 characters: the token from before stays in use' server.log
wait_for 5 'the word of a certificate that is none' grep -q 'SIGHUP: no TLS with a.pem.*from before stay in use' server.log
[ "$(order 'the token of tomorrow')" = 200 ] || die 'a bad token takes the good one away'
[ "$(shown)" = "$(fingerprint b.pem)" ] || die 'a bad certificate takes the good one away'
ok 'what is not good changes nothing'

# the end: no new ones, what has begun is answered, and who asks hears that it is not ready
slow() { # PORT NAME: a request whose body comes when NAME.go is there
	exec python3 - "$@" <<'PY'
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect("op.sock")
body = b'{"imsi":"001010000000001","context":"3g"}'
s.sendall(b"POST /twinkey/v1/auc/vector HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body))
open(sys.argv[1] + ".begun", "w").close()
until = time.monotonic() + 120
while not os.path.exists(sys.argv[1] + ".go") and time.monotonic() < until:
    time.sleep(0.05)
s.sendall(body)
s.settimeout(20)
got = b""
while True:
    part = s.recv(65536)
    if not part:
        break
    got += part
open(sys.argv[1] + ".answer", "wb").write(got)
PY
}
idle() { # a connection that has asked, and stays
	exec python3 - <<'PY'
import socket
s = socket.socket(socket.AF_UNIX)
s.connect("op.sock")
s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
s.settimeout(20)
while s.recv(65536):
    open("idle.there", "w").close()
open("idle.ended", "w").close()
PY
}
slow one &
pids+=($!)
idle &
pids+=($!)
wait_for 5 'a request that has begun' test -e one.begun
wait_for 5 'a connection that stays' test -e idle.there
sleep 0.3
kill -TERM "$serve"
gone() { ! curl -s --max-time 2 -o /dev/null --unix-socket op.sock http://x/healthz; }
wait_for 5 'the end of the socket' gone
[ ! -e op.sock ] || die 'the path of the socket is left'
wait_for 5 'the end of a connection without a request' test -e idle.ended
curl -s "http://$metrics/readyz" >out.json
is 'not ready, and said so' '.ready == false and (.reasons | index("the server is stopping"))'
[ "$(code "http://$metrics/readyz")" = 503 ] || die 'the status of not ready'
kill -0 "$serve" || die 'it has ended, and a request waits'
touch one.go
wait "$serve" || die "the server ends with $?"
wait_for 5 'the answer' test -s one.answer
expect 'a request in progress is answered' '^HTTP/1.1 200' one.answer
expect 'and told that it is the last' '^Connection: close' one.answer

# a limit, and a second wish
cp b.pem a.pem
echo 'the token of tomorrow' >orders.token
start --stop-after 1
slow two &
pids+=($!)
wait_for 5 'a request that has begun' test -e two.begun
sleep 0.3
before=$(date +%s%N)
kill -TERM "$serve"
wait "$serve" || die "the server ends with $?"
took=$((($(date +%s%N) - before) / 1000000))
[ $took -ge 900 ] || die "the limit was not kept: $took ms"
expect 'the limit' 'their time is over' server.log
start --stop-after 600
slow three &
pids+=($!)
wait_for 5 'a request that has begun' test -e three.begun
sleep 0.3
kill -TERM "$serve"
wait_for 5 'the end of the socket' gone
kill -TERM "$serve"
wait_for 5 'the end by a second signal' ended "$serve"
wait "$serve" || die "the server ends with $?"
expect 'a second signal' 'asked twice to end' server.log

# not ready: a certificate that has expired, a database that is not what was written
operator init --dir ill >init.out
openssl req -new -key b.key -subj /CN=x -out b.csr 2>/dev/null
openssl x509 -req -in b.csr -signkey b.key -days -1 -out ended.pem 2>/dev/null
background ill "$bin/twinkey-operator" serve --dir ill --socket ill.sock --listen 127.0.0.1:0 --tls-cert ended.pem --tls-key b.key
ill=$last
wait_for 10 'the server' grep -q 'Ready on 127' ill.log
curl -s --unix-socket ill.sock http://x/readyz >out.json
is 'a certificate that has expired' '.ready == false and .reasons == ["the TLS certificate has expired"]'
sqlite3 ill/operator.db 'DELETE FROM log_head'
[ "$(code --unix-socket ill.sock http://x/readyz)" = 503 ] || die 'ready, and the log has no head'
curl -s --unix-socket ill.sock http://x/readyz >out.json
is 'a database that is damaged' '[.reasons[] | select(startswith("the database does not answer: "))] | length == 1'
curl -s --unix-socket ill.sock http://x/metrics >metrics.txt
figure twinkey_database_up 0
python3 parse.py metrics.txt || die 'figures without a database'
[ "$(code --unix-socket ill.sock http://x/healthz)" = 200 ] || die 'not alive'
stop "$ill"

# a log that cannot be written ends no server
sed -i 's|^log-to.*|log-to = /dev/full|' watch.conf
start
lab '{"imsi":"001010000000001","context":"3g"}' >vector.json
jq -e .rand vector.json >jq.out || die 'no answer, for the log is full'
curl -s "http://$metrics/metrics" >metrics.txt
[ "$(sed -n 's/^twinkey_log_entries_lost_total //p' metrics.txt)" -ge 2 ] || die 'nobody counts what is lost'
kill -TERM "$serve"
wait "$serve" || die "the server ends with $?"
ok 'a log that is full'
