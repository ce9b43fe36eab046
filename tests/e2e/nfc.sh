#!/bin/bash
# A reader by libnfc: the real libnfc drives a simulated PN532 on a pseudo-terminal, behind which are twinkey-card or a
# card of rules. What twinkey does over it; each thing that can go wrong, by its own error, without a crash and without
# a silence of more than 5 s; 2,000 APDUs without an error (as many as TWINKEY_NFC_APDUS says).
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq oathtool
make -s -C "$top" build/release/tests/pn532-sim build/release/tests/nfc-pair build/release/tests/nfc-soak ||
	die 'the simulator'
tools=$top/build/release/tests
start_work
umask 077
apdus=${TWINKEY_NFC_APDUS:-2000} port=24131
unset LIBNFC_DEFAULT_DEVICE

sim=
simulate() { # [OPTION...]: a chip at $work/chip, to be told by fd 5
	if [ -n "$sim" ]; then
		exec 5>&-
		wait "$sim" || die "the simulator: $?"
		rm -f "$work/ask"
	fi
	mkfifo "$work/ask"
	"$tools/pn532-sim" "$work/chip" "$@" <"$work/ask" >"$work/sim.log" 2>&1 &
	sim=$!
	pids+=("$sim")
	exec 5>"$work/ask"
}
chip() { # LINE
	: >"$work/sim.log"
	echo "$1" >&5
	wait_for 5 "the simulator to take '$1'" grep -aq "done: $1" "$work/sim.log"
}
field=nfc:pn532_uart:$work/chip:115200
now() { date +%s%3N; }
names() { # WHAT REGEX COMMAND...: it fails, in these words, without a crash and a long silence
	local what=$1 words=$2 status=0 start
	shift 2
	start=$(now)
	timeout 30 "$@" >"$work/bad.out" 2>&1 </dev/null || status=$?
	local took=$(($(now) - start))
	{ [ $status -gt 0 ] && [ $status -lt 124 ]; } || die "$what: exit code $status: $(cat "$work/bad.out")"
	grep -qE -- "$words" "$work/bad.out" || die "$what: $(cat "$work/bad.out")"
	grep -q 'waiting for' "$work/bad.out" || [ $took -lt 2000 ] || die "$what: $took ms without a word"
	[ $took -lt 5000 ] || die "$what: it took $took ms"
	ok "$what ($took ms): $(grep -v 'waiting for' "$work/bad.out" | head -n 1 | cut -c 1-110)"
}
one=("$bin/twinkey" apdu --reader "$field" 00a40004023f00)
good() { "${one[@]}" >"$work/good.out" 2>&1 || die "$1: $(cat "$work/good.out")"; }

# a card of rules, and every fault
simulate
wait_for 5 'the simulator' grep -q ready "$work/sim.log"
good 'a command'
if command -v nfc-list >/dev/null; then
	LIBNFC_DEFAULT_DEVICE=pn532_uart:$work/chip:115200 nfc-list >"$work/list.out" 2>&1 || true
	expect "libnfc's own tool sees the card, too" 'ATS: +75 +77 +81 +02' "$work/list.out"
fi
LIBNFC_DEFAULT_DEVICE=pn532_uart:$work/chip:115200 "$bin/twinkey" apdu --reader nfc 00a40004023f00 >"$work/default.out" ||
	die 'the reader of LIBNFC_DEFAULT_DEVICE'
expect 'LIBNFC_DEFAULT_DEVICE names the reader' '^< 9000' "$work/default.out"
radio='radio between NFC reader and card' garbled='cannot be understood' gone='the card or its reader was lost'
while IFS='|' read -r fault words; do
	chip "fault $fault"
	names "$fault" "$words" "${one[@]}"
	[ "$fault" != removed ] || chip 'cards 1'
	good "after $fault"
done <<FAULTS
nack|$garbled
checksum|$garbled
length|$garbled
garbage|$garbled
error|$garbled
overlong|$garbled
265|$garbled
status 80|libnfc could not bear
status 01|$radio
status 02|$radio
status 0a|$radio
status 0b|$radio
status 13|$radio
status 14|$radio
status 27|refuses the command
status 29|$gone
empty|$gone
field-lost|$gone
removed|$gone
no-ack|the NFC reader does not answer
mute|the NFC reader does not answer
truncated|the NFC reader does not answer
FAULTS
chip 'fault slow 1500'
"${one[@]}" >"$work/slow.out" 2>&1 || die 'a slow card'
expect 'a slow card is waited for, and that is said' "waiting for the card's answer" "$work/slow.out"

# other cards, or none
chip 'cards 0'
names 'no card' 'no card is on the NFC reader' "${one[@]}" --wait 0
{ sleep 1; echo 'cards 1' >&5; } &
good 'a card that comes a second later'
wait $!
chip 'cards 2'
names 'two cards' 'more than one card' "${one[@]}"
chip 'cards 1'
chip 'sak 08'
names 'a card of another kind' 'SAK 08' "${one[@]}"
chip 'sak 20'
chip 'ats none'
"$bin/twinkey" --json apdu --reader "$field" 00a40004023f00 >"$work/none.out" || die 'no ATS'
ok 'a card without an ATS has an ATR, too'
chip 'ats 0375f0'
names 'an ATS that ends too early' 'ATR' "${one[@]}"
chip 'ats 00'
names 'an ATS of no length, at which libnfc copies all memory' 'libnfc could not bear' "${one[@]}"
chip 'ats 0575778102'
good 'after it'

# the port
names 'a port that is not there' 'there is no' "$bin/twinkey" info --reader "nfc:pn532_uart:$work/nothing"
names 'what is no NFC reader' 'no PN53x answers' "$bin/twinkey" info --reader nfc:pn532_uart:/dev/null
names 'a driver that libnfc does not have' "libnfc finds no reader that answers as 'nonsense'" \
	"$bin/twinkey" info --reader nfc:nonsense
names 'no reader at all' 'libnfc finds no reader' "$bin/twinkey" info --reader nfc
if [ "$(id -u)" != 0 ]; then
	: >"$work/closed"
	chmod 0 "$work/closed"
	names 'a port that this user may not open' 'may not open' "$bin/twinkey" info --reader "nfc:pn532_uart:$work/closed"
fi
chip 'fault slow 3000'
background first "${one[@]}"
first=$last
wait_for 5 'the first process' grep -q 'waiting for' "$work/first.log"
names 'a port that is taken' 'another process uses' "${one[@]}"
wait "$first" || die "the first process: $(cat "$work/first.log")"
ok 'who had it is not disturbed'

# Ctrl-C in the middle of a command; nothing is left behind
chip 'fault mute'
background stopped "${one[@]}"
stopped=$last
wait_for 5 'the wait' grep -q 'waiting for' "$work/stopped.log"
below() { # PID: what runs under it
	local p
	for p in $(ps -o pid= --ppid "$1"); do echo "$p"; below "$p"; done
}
mapfile -t below < <(below "$stopped")
[ "${#below[@]}" = 2 ] || die "under twinkey run ${#below[@]} processes"
start=$(now)
kill -INT "$stopped"
kill -INT "$stopped"
wait "$stopped" && die 'a command that was stopped succeeded'
[ $(($(now) - start)) -lt 8000 ] || die "Ctrl-C took $(($(now) - start)) ms"
for p in "${below[@]}"; do
	[ ! -e "/proc/$p" ] || grep -q '^State:.Z' "/proc/$p/status" || die 'a process was left behind'
done
ok "Ctrl-C ends it, and all that it started ($(($(now) - start)) ms)"
good 'after Ctrl-C'

# the virtual eUICC behind it, through the chip's card port
# 3GPP TS 35.208 test set 1: published test keys
printf 'imsi = 001010123456789\niccid = 89000123456789012341\nk = %s\nopc = %s\npin = 1234\n' \
	465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf >"$work/sim"
"$bin/twinkey-card" create --dir "$work/simcard" --profile "$work/sim" >"$work/create.out"
simulate --vpcd $port
background card "$bin/twinkey-card" run --dir "$work/simcard" --port $port
wait_for 10 'the card behind the chip' grep -q ready "$work/sim.log"
"$bin/twinkey" info --reader "$field" --json >"$work/info.json" || die 'info'
jq -e '.iccid == "89000123456789012341" and (.atr | startswith("3b8f8001"))' "$work/info.json" >"$work/jq.out" ||
	die "$(cat "$work/info.json")"
ok 'info: ICCID, and an ATR of PC/SC part 3'
"$bin/twinkey" auth --reader "$field" --key-file "$work/sim" --pin-file <(printf 1234) --trace "$work/nfc.pcapng" \
	>"$work/auth.out" || die 'auth'
expect 'auth: RES is the expected one' "answer is the expected one" "$work/auth.out"
[ -s "$work/nfc.pcapng" ] || die 'no trace'
if grep -aqF "$(printf '1234\xff\xff\xff\xff')" "$work/nfc.pcapng"; then die 'the PIN is in the trace'; fi
"$bin/twinkey" profile list --reader "$field" >"$work/profiles.out" || die 'profile list'
expect 'the LPA lists the profile' '89000123456789012341' "$work/profiles.out"
timeout $((apdus / 20 + 60)) "$tools/nfc-soak" "$field" "$apdus" >"$work/soak.out" 2>&1 || die "soak: $(cat "$work/soak.out")"
expect 'not one of them went wrong' "^$apdus APDUs, 0 errors" "$work/soak.out"
tail -n 1 "$work/soak.out"

# the whole way over the air: two libnfc back to back, the flow of the two keys, the suite for a card
mkfifo "$work/ask2"
"$tools/nfc-pair" "$work/reader" "$work/target" <"$work/ask2" >"$work/pair.log" 2>&1 &
pids+=($!)
exec 6>"$work/ask2"
prepare_two_keys
background serve "${operator[@]}" serve --dir "$op" --socket "$work/op.sock"
background air "$bin/twinkey-card" run --dir "$work/card" --nfc "pn532_uart:$work/target"
wait_for 10 'the operator' test -S "$work/op.sock"
wait_for 10 'the contactless card' grep -q 'no field yet' "$work/air.log"
air() { timeout 60 "$bin/twinkey" "$@" --reader "nfc:pn532_uart:$work/reader" --operator "unix:$work/op.sock"; }
air profile load "$(jq -r .activationCode "$work/prepare.json")" >"$work/load.out" 2>&1 || die "load: $(cat "$work/load.out")"
air profile enable "$(jq -r .iccid "$work/prepare.json")" >"$work/enable.out" 2>&1 || die "enable: $(cat "$work/enable.out")"
air auth >"$work/auth1.out" 2>&1 || die "auth: $(cat "$work/auth1.out")"
expect 'limited access with K1' 'limited access' "$work/auth1.out"
oathtool --totp --base32 "$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' "$work/totp.uri")" |
	"${operator[@]}" factor approve --dir "$op" --imsi $imsi1 --code-stdin >"$work/approve.out"
air release >"$work/release.out" 2>&1 || die "release: $(cat "$work/release.out")"
air auth >"$work/auth2.out" 2>&1 || die "auth: $(cat "$work/auth2.out")"
expect 'full access with K2' 'full access' "$work/auth2.out"
air test-card >"$work/exam.out" 2>&1 || die "test-card: $(grep -A3 FAILED "$work/exam.out")"
expect 'test-card finds no departure over the air' ' 0 failed' "$work/exam.out"
