#!/bin/bash
# run --port -- COMMAND: cards in the readers of the PC/SC service that runs, each found by what has changed in it. And what is
# said where there is no pcscd, or one of no use.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need pcscd opensc-tool
inside_reader
start_work
cd "$work" || exit 1
umask 077
PATH=$bin:$PATH
for i in 1 2; do
	# 3GPP TS 35.208 test set 1: published test keys
	printf 'imsi = 00101012345670%d\niccid = 89000123456789012%d\nk = %s\nopc = %s\n' $i $i \
		465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf >"sim$i.txt"
	twinkey-card create --dir "sim$i" --profile "sim$i.txt" >/dev/null
done
fails() { # CODE WORDS OPTION...
	local code=$1 words=$2 status=0
	shift 2
	twinkey-card run "$@" >out 2>err || status=$?
	[ $status = "$code" ] || { cat out err >&2; die "run $*: exit code $status, not $code"; }
	grep -q -- "$words" err || { cat err >&2; die "run $*: does not say '$words'"; }
}

# The second card first: the name is that of the reader which has changed, and no index.
twinkey-card run --card sim2 --port "$VPCD_PORT_2" -- sh -c 'echo "$TWINKEY_READER_1"; opensc-tool -l' >out 2>err || { cat err; die 'by --port'; }
[ "$(head -n 1 out)" = 'Virtual PCD 00 01' ] || die "the reader: $(cat out)"
[ "$(wc -l <err)" = 1 ] && grep -q "listen on all addresses.*port $VPCD_PORT_2" err || die "the warning: $(cat err)"
wait_for 5 'the empty readers' sh -c '! opensc-tool -l | grep -q Yes'
twinkey-card run --dir sim1 --card sim2 --port "$VPCD_PORT" -- sh -c '
	for i in 1 2; do twinkey auth --reader "name=$(printenv TWINKEY_READER_$i)" --key-file sim$i.txt | tail -n 1; done' >out 2>err ||
	{ cat err out; die 'two by --port'; }
[ "$(grep -c 'is the expected one' out)" = 2 ] || die "two by --port: $(cat out)"
ok 'cards in the service that runs, and a warning that it listens'

background other twinkey-card run --dir sim1 --port "$VPCD_PORT"
other=$last
wait_for 5 'the other card' grep -q 'in the reader' other.log
fails 125 'has another card' --dir sim2 --port "$VPCD_PORT" -- true
# a service of its own does not mind the other
twinkey-card run --dir sim2 -- opensc-tool -r 0 -a >out || die 'beside the service that runs'
stop "$other"
fails 125 "nobody listens at 127.0.0.1:9" --dir sim2 --port 9 -- true
python3 -c 'import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 35999)); s.listen(); print("ready", flush=True)
c = s.accept()[0]; c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"); time.sleep(20)' >odd.log &
pids+=($!)
wait_for 5 'the odd server' grep -q ready odd.log
fails 125 'is no vpcd\|has another card' --dir sim2 --port 35999 -- true
PCSCLITE_CSOCK_NAME=$work/none fails 125 'PC/SC service' --dir sim2 --port "$VPCD_PORT" -- true
ok 'a reader that is taken, no vpcd, no service'

# Without pcscd, or with one of no use
[ "$(id -u)" = 0 ] || die 'the namespaces have a root'
mkdir other
status=0
unshare --mount -- bash -c 'mount --no-mtab --bind /dev/null /usr/sbin/pcscd; twinkey-card run --dir sim1 -- true' 2>err || status=$?
[ $status = 125 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'pcscd is not installed: install it (Debian: apt-get install pcscd)' err ||
	die "no pcscd: exit $status, $(cat err)"
fake() { # TEXT
	printf '#!/bin/sh\ncat <<END\n%s\nEND\n' "$1" >other/pcscd
	chmod 755 other/pcscd
}
fake 'pcsc-lite version 1.9.9.
Enabled features: Linux serial usb
MAX_READERNAME: 128, PCSCLITE_MAX_READERS_CONTEXTS: 16'
PATH=$work/other:$PATH fails 125 'was built without libsystemd' --dir sim1 -- true
fake 'pcsc-lite version 2.3.3
Enabled features: USB serial systemd Linux x86_64
MAX_READERNAME: 128, PCSCLITE_MAX_READERS_CONTEXTS: 1'
PATH=$work/other:$PATH fails 125 'has 1 reader at most, and these are 2 cards' --dir sim1 --card sim2 -- true
fake 'hello'
PATH=$work/other:$PATH fails 125 "does not say what it is" --dir sim1 -- true
fake 'pcsc-lite version 1.9.9.
Enabled features: Linux serial usb libsystemd
MAX_READERNAME: 128, PCSCLITE_MAX_READERS_CONTEXTS: 16
the end'
PATH=$work/other:$PATH fails 125 'pcscd ended before it had the cards: the end' --dir sim1 -- true
ok 'no pcscd, and some of no use'
