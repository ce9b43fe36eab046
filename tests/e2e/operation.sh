#!/bin/bash
# A server in operation: options from a file, and every fault of it told.
. "$(dirname "$0")/lib.sh"
need curl jq openssl
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
