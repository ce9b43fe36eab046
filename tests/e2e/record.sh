#!/bin/bash
# trace record: between card programs and vpcd, and between programs and the PC/SC service. What is recorded is what the
# card's own trace has; nothing of a PIN is written; what is not there, or odd, is told; nothing is left.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need pcscd opensc-tool scriptor jq python3
inside_reader
if [ "${1:-}" = inner ]; then # beside a card: how it ends, and what goes wrong
	work=$PWD
	trap 'work=; cleanup' EXIT
	mkdir "$TMPDIR"
	spied() { # CODE OPTION... -- COMMAND...
		local code=$1 status=0
		shift
		twinkey trace record "$@" >out 2>err || status=$?
		[ $status = "$code" ] || die "trace record $*: exit code $status, not $code: $(cat out err)"
		[ -z "$(ls -A "$TMPDIR")" ] || die "trace record $* leaves $(ls "$TMPDIR")"
	}
	spied 0 --trace nothing -- true
	grep -q 'nothing was recorded: true has not spoken to the PC/SC service' err || die "$(cat err)"
	[ "$(wc -l <err)" = 1 ] || die "$(cat err)"
	spied 0 --trace atr -- opensc-tool -r 0 -a
	grep -q 'opensc-tool has sent no command to a card' err || die "$(cat err)"
	twinkey trace show atr >shown 2>/dev/null
	grep -q -- '---- reset 3b' shown || die 'the ATR is not recorded'
	spied 125 --trace atr -- touch was-run
	grep -q 'atr: a file is there already' err || die "$(cat err)"
	spied 125 --trace nowhere/t -- touch was-run
	PCSCLITE_CSOCK_NAME=/nowhere spied 125 --trace t1 -- touch was-run
	grep -q 'PC/SC service (pcscd) does not run' err || die "$(cat err)"
	if [ -w /dev/full ]; then spied 125 --trace /dev/full -- touch was-run; fi
	[ ! -e was-run ] || die 'the command was run'
	spied 127 --trace t2 -- no-such-program
	grep -q 'no-such-program: not found' err || die "$(cat err)"
	spied 126 --trace t3 -- ./key
	spied 143 --trace t4 -- sh -c 'kill -TERM $$'
	spied 124 --trace t5 --timeout 1 -- sleep 60
	spied 2 -- true
	spied 2 --trace t6 --listen 1 -- true
	spied 2 --trace t6
	spied 2 --trace t6 --listen port
	spied 2 --trace t6 --listen 1 --vpcd 99999
	[ ! -e t6 ] || die 'a trace of wrong usage'
	spied 0 --trace - -- opensc-tool -r 0 -s 00A40004023F00
	mv out stdout.pcapng
	grep -q 'SW1=0x90' err || die 'the command speaks into the trace'
	twinkey trace show stdout.pcapng >shown 2>/dev/null
	grep -q -- 'SELECT' shown || die 'standard output is no trace'
	spied 0 --trace atr --force -- opensc-tool -r 0 -s 00A40004023F00
	twinkey trace show atr >shown 2>/dev/null
	grep -q -- 'SELECT' shown || die 'the trace was not replaced'
	ok 'exit codes, what was not recorded, what cannot be'
	exit 0
fi
start_work
umask 077
PATH=$bin:$PATH
cd "$work" || exit 1
mkdir places
export TMPDIR=$work/places
unset XDG_RUNTIME_DIR TWINKEY_READER
nothing_left() { [ -z "$(ls -A places)" ]; }
# 3GPP TS 35.208 test set 1: published test keys
for i in 1 2; do
	printf 'imsi = 00101012345678%d\niccid = 8900012345678901234%d\nk = %s\nopc = %s\npin = 2580\n' $i $i \
		465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf >"sim$i.txt"
	twinkey-card create --dir "sim$i" --profile "sim$i.txt" >/dev/null
done
rm sim?.txt
# VERIFY PIN and AUTHENTICATE in the GSM context; the PIN stands in no file
pin=$(hex 2580)
session() { # READER
	opensc-tool -r "$1" -s 00A40004022FE2 -s 00B000000A -s 00A4040007A0000000871002 -s "0020000108${pin// /}FFFFFFFF" \
		-s 008800801110000102030405060708090A0B0C0D0E0F -s 00C000000E
}
same() { # WHAT A B: the same exchanges and resets
	for f in "$2" "$3"; do
		twinkey trace show --json "$f" 2>/dev/null |
			jq -c 'select(.kind != "removed") | del(.number, .last, .offset, .time_ns, .seconds, .reader, .card)' >"$f.json"
		[ "$(wc -l <"$f.json")" -gt 5 ] || die "$1: there is little in $f"
	done
	diff "$2.json" "$3.json" >differs || die "$1: $(head -n 10 differs)"
	ok "$1: the same $(wc -l <"$2.json") exchanges and resets"
}
masked() { # FILE
	twinkey trace show "$1" 2>/dev/null >shown
	grep -q 'VERIFY PIN .* 9000 .*masked: PIN' shown || die "$1: $(grep VERIFY shown)"
	od -An -v -tx1 "$1" | tr -d ' \n' >octets
	grep -qE '00c000000e04[0-9a-f]{8}08f{16}9000' octets || die "$1 shows Kc"
	[ "$(stat -c %a "$1")" = 600 ] || die "$1 has mode $(stat -c %a "$1")"
}

# a card program, by way of the recorder, in a reader of the service
port=$((20000 + $$ % 12000))
background proxy twinkey trace record --listen $port --vpcd "$VPCD_PORT" --trace proxy.pcapng --seal key
proxy=$last
wait_for 10 'the recorder' grep -q "waiting for a card program at 127.0.0.1:$port" proxy.log
refuse 'a port that is taken' twinkey trace record --listen $port --trace other.pcapng
grep -q "127.0.0.1:$port: somebody listens there already" refused.out || die "$(cat refused.out)"
[ ! -e other.pcapng ] || die 'a trace without a recorder'
background card twinkey-card run --dir sim1 --port $port --trace card.pcapng
card=$last
wait_for 10 'the card' card_ready
grep -q "in the reader at 127.0.0.1:$VPCD_PORT" proxy.log || die "$(cat proxy.log)"
session 0 >session.out || die "opensc-tool: $(cat session.out)"
printf 'reset\n00 a4 00 04 02 3f 00\n00 c0 00 00 10\n' | scriptor -p T=0 >scriptor.out 2>&1 || die "$(cat scriptor.out)"
stop $card
wait_for 10 'the word of its end' grep -q 'the card program is gone' proxy.log
wait_for 10 'an empty reader' reader_empty
same 'proxy and card' proxy.pcapng card.pcapng
masked proxy.pcapng
# the next one; one that says what nobody asked for; one that says nothing
background card2 twinkey-card run --dir sim2 --port $port
card=$last
wait_for 10 'the next card' card_ready
stop $card
wait_for 10 'its end' sh -c '[ "$(grep -c "card program is gone" proxy.log)" = 2 ]'
python3 -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(b"GET / HTTP/1.0\r\n\r\n" * 4000)
assert s.recv(9) is not None' $port 2>/dev/null || true
wait_for 10 'the word of it' grep -q 'does not speak as a card program' proxy.log
kill -INT $proxy
status=0
wait $proxy || status=$?
[ $status = 0 ] || die "Ctrl-C: exit code $status: $(cat proxy.log)"
twinkey trace verify proxy.pcapng >out || die "$(cat out)"
expect 'sealed, and closed by Ctrl-C' '^proxy.pcapng: whole: [0-9]+ records, closed$' out
twinkey trace show --json proxy.pcapng 2>/dev/null | jq -e -s 'map(select(.kind == "removed")) | length >= 2' >jq.out ||
	die 'the end of power is not recorded'

# no reader there, then one that is none, then one that goes; standard output is the trace
python3 - >far.port 2>far.log <<'END' &
import os, socket, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while not os.path.exists("listen"):
    time.sleep(0.05)
s.listen(4)
c = s.accept()[0]
c.sendall(b"\0\0")  # a frame without octets
c.recv(9)
c.close()
c = s.accept()[0]
c.sendall(b"\0\1\1\0\1\4")
c.recv(99)
c.sendall(b"\0\7\0\xa4\0\4\2\x3f\0")
c.recv(99)
c.close()
s.close()
END
pids+=($!)
wait_for 10 'a place' test -s far.port
twinkey trace record --json --listen $port --vpcd "$(<far.port)" --trace - >events.pcapng 2>events.log &
proxy=$!
pids+=("$proxy")
wait_for 10 'the recorder' grep -q '"event":"waiting"' events.log
background card3 twinkey-card run --dir sim1 --port $port
card=$last
wait_for 10 'the word of a reader that is not there' grep -q '"event":"reader-absent"' events.log
touch listen
wait_for 10 'the odd one' grep -q '"event":"reader-odd"' events.log
wait_for 10 'the one that goes' grep -q '"event":"reader-lost"' events.log
stop $card
kill -TERM $proxy
wait $proxy || die "SIGTERM: $(cat events.log)"
jq -e -s --arg l "127.0.0.1:$port" 'map(select(.inReader)) == [{event: "in-reader", inReader: true, listen: $l, vpcd: .[0].vpcd}]' \
	<events.log >jq.out || die "$(cat events.log)"
twinkey trace show events.pcapng 2>/dev/null >out
[ "$(sed 's/.*---- reset.*/reset/; s/.*SELECT.*/select/; s/.*---- .*removed.*/removed/' out | paste -s -d ' ')" = 'reset select removed' ] ||
	die "$(cat out)"
ok 'a reader that is absent, odd, and goes'

# programs of others, on a service of their own: what they say is recorded, not changed
spy_same() { # WHAT CARD READER CARD'S READER'S: of one reader each
	for f in "$2:$4" "$3:$5"; do
		twinkey trace show --json "${f%%:*}" 2>/dev/null | jq -c --arg r "${f#*:}" 'select(.reader == $r)' >"${f%%:*}.one"
	done
	jq -c 'select(.kind != "removed") | del(.number, .last, .offset, .time_ns, .seconds, .reader, .card)' <"$2.one" >"$2.json"
	jq -c 'select(.kind != "removed") | del(.number, .last, .offset, .time_ns, .seconds, .reader, .card)' <"$3.one" >"$3.json"
	[ "$(wc -l <"$2.json")" -gt 5 ] || die "$1: there is little in $2"
	diff "$2.json" "$3.json" >differs || die "$1: $(head -n 10 differs)"
	ok "$1: the same $(wc -l <"$2.json") exchanges and resets"
}
export -f session
export pin
# standard output is the card's trace; what the command prints goes to standard error
twinkey-card run --dir sim1 --trace - -- twinkey trace record --trace spy.pcapng --seal key -- \
	bash -c 'session 0; printf "reset\n00 a4 00 04 02 3f 00\n" | scriptor -p T=0' >alone.pcapng 2>err || die "$(cat err)"
grep -q 'SW1=0x90' err || die 'the output is not the command'\''s'
[ "$(grep '^twinkey' err)" = "$(grep '^twinkey: the trace is sealed by ' err)" ] || die "$(cat err)"
same 'opensc-tool, scriptor, and the card' alone.pcapng spy.pcapng
chmod 600 alone.pcapng
masked spy.pcapng
twinkey trace verify spy.pcapng >out || die "$(cat out)"
# two programs at once, each with its reader
status=0
# shellcheck disable=SC2016 # the command's shell's
twinkey-card run --card sim1 --card sim2 --trace cards.pcapng -- twinkey trace record --trace spies.pcapng -- bash -c '
	session "$TWINKEY_READER_1" & session "$TWINKEY_READER_2" & wait; echo "$TWINKEY_READER_1" >one; echo "$TWINKEY_READER_2" >two
	exit 7' >out 2>&1 || status=$?
[ $status = 7 ] || die "the command's exit code 7 is $status: $(cat out)"
spy_same 'two readers at once: the first' cards.pcapng spies.pcapng 'card 1' "$(<one)"
spy_same 'and the second' cards.pcapng spies.pcapng 'card 2' "$(<two)"
twinkey-card run --dir sim1 -- env TMPDIR="$work/inner" bash "$top/tests/e2e/record.sh" inner || die 'the cases inside'
nothing_left || die "left: $(ls places)"

# the PIN is in no file, in whatever form
python3 - . <<'END'
import os, sys
forms = [b"2580\xff\xff\xff\xff", b"32353830ffff", b"32 35 38 30 ff", b"32:35:38:30"]
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        if not os.path.isfile(path) or "sim1" in folder or "sim2" in folder:
            continue
        octets = open(path, "rb").read().lower()
        if any(f in octets for f in forms) and name not in ("err", "session.out"):  # opensc-tool itself says what it sends
            sys.exit(f"the PIN is in {path}")
END
ok 'the PIN is in no trace'
