#!/bin/bash
# One session, recorded by four at once: the card's own trace, pcscd --apdu, pcsc-spy, and the client's log (OpenSC).
# Read by lib/trace/read and with our mask laid over the other three, all have the same exchanges.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need pcscd opensc-tool tshark
if [ -z "${VPCD_PORT:-}" ]; then
	"$top/scripts/virtual-reader" --check || exit 77
	make -s -C "$top" build/release/tests/trace-events
	start_work
	# the private service is one that logs APDUs
	mkdir "$work/bin"
	printf '#!/bin/sh\nexec %s --apdu "$@"\n' "$(command -v pcscd)" >"$work/bin/pcscd"
	chmod +x "$work/bin/pcscd"
	PATH=$work/bin:$PATH FOUR_TRACES=$work "$top/scripts/virtual-reader" --log "$work/pcscd.log" -- bash "$0"
else
	work=$FOUR_TRACES
	trap 'work=; cleanup' EXIT # who began it removes it
	libraries=$(dirname "$(ldconfig -p | sed -n 's/.* => \(.*libpcsclite\.so\.1\)$/\1/p' | head -n 1)")
	[ -e "$libraries/libpcscspy.so.0" ] || skip 'libpcscspy.so.0 is not there: apt-get install libpcsclite-dev'
	umask 077
	# 3GPP TS 35.208 test set 1: published test keys
	printf 'imsi = 001010123456789\niccid = 89000123456789012341\nk = %s\nopc = %s\n' \
		465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf >"$work/sim"
	printf 'pin = 1234\n' >>"$work/sim"
	"$bin/twinkey-card" create --dir "$work/card" --profile "$work/sim" >"$work/create.out"
	background card "$bin/twinkey-card" run --dir "$work/card" --port "$VPCD_PORT" --trace "$work/card.pcapng"
	card=$last
	wait_for 10 'the card' card_ready

	# pcsc-spy's library in the place of libpcsclite, for a client that opens it by name
	mkdir "$work/spy" "$work/home"
	ln -s "$libraries/libpcscspy.so.0" "$work/spy/libpcsclite.so.1"
	ln -s "$libraries/libpcsclite.so.1" "$work/spy/libpcsclite_nospy.so.1"
	mkfifo "$work/home/pcsc-spy"
	cat "$work/home/pcsc-spy" >"$work/spy.log" &
	reader=$!
	HOME=$work/home LD_LIBRARY_PATH=$work/spy OPENSC_DEBUG=9 opensc-tool -r 0 -s 00A40004022FE2 -s 00B000000A \
		-s 00A4040007A0000000871002 -s 002000010831323334FFFFFFFF \
		-s 008800801110000102030405060708090A0B0C0D0E0F -s 00C000000E \
		-s 00A40004026F07 -s 00B0000009 >"$work/opensc.out" 2>"$work/opensc.log" || die 'opensc-tool'
	wait $reader
	stop "$card"
	exit 0
fi

read_it() { # NAME FORMAT: what is in $work/NAME
	"$top/build/release/tests/trace-events" --masked "$work/$1" >"$work/$1.exchanges" 2>"$work/$1.found" ||
		die "$1 is not read"
	expect "$1 is found to be $2" "^$2" "$work/$1.found"
}
read_it card.pcapng 'pcapng'
read_it pcscd.log 'pcscd --apdu'
read_it spy.log "libpcscspy's FIFO"
read_it opensc.log 'OpenSC'
# what a stranger sees in the card's trace: GSMTAP's header is 16 octets, the 13th is the sub-type, 00: command and
# response (libosmocore, gsmtap.h)
tshark -r "$work/card.pcapng" -Y udp.port==4729 -T fields -e udp.payload 2>/dev/null |
	sed -n 's/^.\{24\}00.\{6\}//p' >"$work/tshark.exchanges"

mine=$work/card.pcapng.exchanges
for other in pcscd.log spy.log opensc.log tshark; do
	cmp "$mine" "$work/$other.exchanges" ||
		{ diff "$mine" "$work/$other.exchanges" | head -n 20; die "$other and the card do not tell the same"; }
done
ok "the card, pcscd, pcsc-spy and OpenSC tell the same $(wc -l <"$mine") exchanges"
expect 'the PIN was sent, and is masked' '^0020000108ffffffffffffffff9000$' "$work/spy.log.exchanges"
expect 'SRES was answered, and Kc is masked' '^00c000000e04[0-9a-f]{8}08ffffffffffffffff9000$' "$work/spy.log.exchanges"
grep -qi '31 32 33 34 FF' "$work/opensc.log" || die 'the PIN is not in OpenSC'\''s own log'
