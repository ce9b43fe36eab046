#!/bin/bash
# A server beside systemd, as an ordinary user: sockets that are passed under the names of their roles, and what it tells
# of itself. tests/e2e/packages.sh has the units beside a real systemd.
. "$(dirname "$0")/lib.sh"
need curl jq python3 systemd-socket-activate
start_work
cd "$work" || exit 1
unset http_proxy https_proxy all_proxy
umask 077
"$bin/twinkey-operator" init --dir op >init.out
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
ended() { ! kill -0 "$1" 2>/dev/null; }
asked() { curl -s -o answer --max-time 5 -w '%{http_code}' -H 'Content-Type: application/json' -d '{"imsi":"1","context":"3g"}' "$@"; }
lab=/twinkey/v1/auc/vector

# three sockets, each with what its role offers
plain=$(port) https=$(port)
background serve systemd-socket-activate -l "$work/op.sock" -l "127.0.0.1:$plain" -l "127.0.0.1:$https" \
	--fdname=socket:plain:listen "$bin/twinkey-operator" serve --dir op --socket nowhere/other.sock
serve=$last
wait_for 10 'the sockets' test -S op.sock
[ "$(asked --unix-socket op.sock http://x$lab)" = 404 ] || die "the lab interface on the unix socket: $(cat answer)"
jq -e .error answer >jq.out || die "what answers on the socket: $(cat answer)"
wait_for 10 'the server' grep -q 'Ready on .*op.sock' serve.log
expect 'the socket stands in the place of the option' "Ready on 127.0.0.1:$https" serve.log
[ "$(asked "http://127.0.0.1:$plain$lab")" = 404 ] || die 'the lab interface by plain HTTP'
[ "$(asked -k "https://127.0.0.1:$https$lab")" = 404 ] || die 'the lab interface by HTTPS'
ok 'sockets by their names'
kill -TERM "$serve"
wait "$serve" || die "the server ends with $?"
[ -S op.sock ] || die "the server takes away systemd's socket"
ok 'the path is not its own'
rm op.sock

wrong() { # WHAT REGEX FDNAMES -l...
	local what=$1 regex=$2 names=$3 pid
	shift 3
	rm -f wrong.sock
	background wrong systemd-socket-activate "$@" --fdname="$names" "$bin/twinkey-operator" serve --dir op
	pid=$last
	if [ "$2" = "$work/wrong.sock" ]; then
		wait_for 10 'the socket' test -S wrong.sock
		curl -s --max-time 2 --unix-socket wrong.sock http://x/ >/dev/null || true
	else
		wait_for 10 'the port' curl -s --max-time 2 -o /dev/null "http://$2/" || true
	fi
	wait_for 10 "the end: $what" ended "$pid"
	wait "$pid" && die "$what: it serves"
	expect "$what" "$regex" wrong.log
}
wrong 'a name that is none' 'FileDescriptorName= must be socket, plain, listen' http -l "$work/wrong.sock"
wrong 'a unix socket for HTTPS' 'was passed as listen, which is one of TCP' listen -l "$work/wrong.sock"

# what it tells: ready, reloading, stopping; a watchdog that is fed while requests are answered
cat >manager.py <<'PY'
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(120)
with open(sys.argv[2], "w", buffering=1) as out:
    while True:
        out.write(s.recv(4096).decode().replace("\n", " ") + "\n")
PY
background manager python3 manager.py "$work/notify" "$work/told"
wait_for 10 'who is told' test -S notify
background serve env NOTIFY_SOCKET="$work/notify" WATCHDOG_USEC=400000 "$bin/twinkey-operator" serve --dir op --socket op.sock
serve=$last
wait_for 10 'READY' grep -q '^READY=1 STATUS=' told
[ -S op.sock ] || die 'it is ready, and there is no socket'
fed() { [ "$(grep -c '^WATCHDOG=1$' told)" -ge 4 ]; }
wait_for 10 'the watchdog' fed
kill -HUP "$serve"
reloaded() { grep -A 100 '^RELOADING=1 MONOTONIC_USEC=[0-9]*$' told | grep -q '^READY=1'; }
wait_for 10 'the end of a reload' reloaded
kill -0 "$serve" || die 'a reload ends the server'
kill -TERM "$serve"
wait "$serve" || die "the server ends with $?"
wait_for 5 'STOPPING' grep -q '^STOPPING=1' told
ok 'ready, fed, reloaded, stopping'
: >told
background auc env NOTIFY_SOCKET="$work/notify" "$bin/twinkey-operator" auc serve --dir op --socket auc.sock
auc=$last
wait_for 10 'READY of the AuC' grep -q '^READY=1 STATUS=Vectors' told
[ -S auc.sock ] || die 'the AuC is ready, and there is no socket'
kill -TERM "$auc"
wait "$auc" || die "the AuC ends with $?"
wait_for 5 'STOPPING of the AuC' grep -q '^STOPPING=1' told
ok 'the AuC, too'
# a server that hangs feeds nobody
: >told
background serve env NOTIFY_SOCKET="$work/notify" WATCHDOG_USEC=400000 "$bin/twinkey-operator" serve --dir op --socket op.sock
serve=$last
wait_for 10 'READY' grep -q '^READY=1' told
kill -STOP "$serve"
sleep 1
: >told
sleep 2
[ ! -s told ] || die 'a server that is stopped feeds the watchdog'
kill -CONT "$serve"
fed_again() { grep -q '^WATCHDOG=1$' told; }
wait_for 10 'the watchdog again' fed_again
ok 'a server that hangs'
