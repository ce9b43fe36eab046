#!/bin/bash
# The virtual eUICC as a contactless card: two real libnfc, back to back through two simulated PN532. What a reader of
# another maker sees; twinkey over the air, with the flow of the two keys; 2,000 APDUs without an error (as many as
# TWINKEY_NFC_APDUS says); chips that misbehave; and a card in a PC/SC reader, relayed to the field.
. "$(dirname "$0")/lib.sh"
need jq pcscd opensc-tool oathtool
inside_reader
make -s -C "$top" build/release/tests/nfc-pair build/release/tests/nfc-reader || die 'the simulator'
start_work
umask 077
air=pn532_uart:$work/target field=pn532_uart:$work/reader
apdus=${TWINKEY_NFC_APDUS:-2000}

mkfifo "$work/ask"
"$top/build/release/tests/nfc-pair" "$work/reader" "$work/target" <"$work/ask" >"$work/pair.log" 2>&1 &
pids+=($!)
exec 5>"$work/ask"
wait_for 10 'the simulator' grep -q ready "$work/pair.log"
chips() { # LINE: the simulator obeys it
	: >"$work/pair.log"
	echo "$1" >&5
	wait_for 5 "the simulator to take '$1'" grep -aq "done: $1" "$work/pair.log"
}
reader() { timeout 30 "$top/build/release/tests/nfc-reader" "$field" "$@"; }
declare -A heard
hears() { # LOG REGEX [SECONDS]: a line behind the one that was heard last
	wait_for "${3:-5}" "'$2' of $1" says_next "$1" "$2"
	heard[$1]=$((${heard[$1]:-0} + $(tail -n +"$((${heard[$1]:-0} + 1))" "$work/$1.log" | grep -n -m 1 -- "$2" | cut -d : -f 1)))
}
says_next() { tail -n +"$((${heard[$1]:-0} + 1))" "$work/$1.log" | grep -q -- "$2"; }
now() { date +%s%3N; }

# a card of the flow of the two keys, in the field
prepare_two_keys
background serve "${operator[@]}" serve --dir "$op" --socket "$work/op.sock"
background card "$bin/twinkey-card" run --dir "$work/card" --nfc "$air"
card=$last
wait_for 10 'the operator' test -S "$work/op.sock"
hears card 'a contactless card by .*no field yet'

reader apdu 00a40004023f00 00a40004023f0000 >"$work/plain.out" || die 'a plain reader'
expect 'the UID is a random one' '^UID 08......$' "$work/plain.out"
expect 'the ATS has the historical octets of the ATR' '^ATS 75339203.*8031e073fe2113575457494e4b4559$' "$work/plain.out"
expect 'the card answers' '^< 61..$' "$work/plain.out"
expect 'a command with data and Le has its answer at once' '^< 62[0-9a-f]{40,}9000$' "$work/plain.out"
hears card 'in the field'
hears card 'out of the field'
reader apdu 00a40004023f00 >"$work/plain2.out"
[ "$(grep UID "$work/plain.out")" != "$(grep UID "$work/plain2.out")" ] || die 'the UID is the same again'
ok 'it is another UID each time'

reader apdu 00a4000c022fe2 pause 00b0000000 >"$work/pause.out" || die 'a command after a pause'
grep -A 1 '^< 9000$' "$work/pause.out" | grep -qE '^< [0-9a-f]{20}9000$' || die "$(cat "$work/pause.out")"
ok 'a reader that is silent for four seconds finds the card as it left it'

# twinkey, by its own reader in this field
twinkey() {
	timeout 60 "$bin/twinkey" "$@" --reader "nfc:$field" --wait 20 --operator "unix:$work/op.sock" 2>"$work/twinkey.log"
}
twinkey info >"$work/info.out" || die 'info'
expect 'twinkey reads the EID over the air' "$(sed -n 's/.*EID \([0-9]*\).*/\1/p' "$work/create.out")" "$work/info.out"
twinkey profile load "$(jq -r .activationCode "$work/prepare.json")" >"$work/load.out" || die 'profile load'
twinkey profile enable "$(jq -r .iccid "$work/prepare.json")" >"$work/enable.out" || die 'profile enable'
twinkey profile list >"$work/list.out" || die 'profile list'
expect 'the LPA lists the profile' "$(jq -r .iccid "$work/prepare.json").*enabled" "$work/list.out"
twinkey auth >"$work/auth1.out" || die 'auth with K1'
expect 'limited access with K1' 'limited' "$work/auth1.out"
oathtool --totp --base32 "$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' "$work/totp.uri")" |
	"${operator[@]}" factor approve --dir "$op" --imsi $imsi1 --code-stdin >"$work/approve.out"
twinkey release >"$work/release.out" || die 'release'
twinkey auth >"$work/auth2.out" || die 'auth with K2'
expect 'full access with K2, over the air' 'full' "$work/auth2.out"

timeout $((apdus / 20 + 60)) "$top/build/release/tests/nfc-reader" "$field" soak "$apdus" >"$work/soak.out" ||
	die "soak: $(cat "$work/soak.out")"
expect 'not one command went wrong' "^$apdus APDUs" "$work/soak.out"
tail -n 1 "$work/soak.out"

# chips that misbehave: each is named or waited out, and the card is there again for the next reader
heard[card]=$(wc -l <"$work/card.log")
again() { # WHAT
	reader apdu 00a40004023f00 >"$work/again.out" 2>&1 || die "after $1: $(cat "$work/again.out")"
	hears card 'in the field'
	hears card 'out of the field'
	ok "$1"
}
bad() { # LINE: the reader's command comes to nothing
	chips "$1"
	if reader apdu 00a40004023f00 >"$work/bad.out" 2>&1; then die "$1: the command was answered"; fi
}
bad status80
hears card 'libnfc could not bear'
hears card 'no field yet' 5
again 'a status octet of 80, at which libnfc calls abort(): the card is there again'
bad overlong
hears card 'out of the field'
again 'a frame longer than any'
bad garble
hears card 'out of the field'
again 'a frame with a wrong checksum'
bad lostack
hears card 'the NFC reader does not answer' 6
hears card 'no field yet' 8
again 'an acknowledgment that was lost'
bad deaf
hears card 'the NFC reader does not answer' 6
chips heal
hears card 'no field yet' 8
again 'a chip that heard nothing any more'
chips pull
hears card 'the NFC reader is gone'
hears card 'there is no'
chips plug
hears card 'no field yet' 8
again 'a reader that was pulled and plugged in again'

# the field breaks down while the reader speaks: what was verified is forgotten
chips 'slow 300'
reader apdu 00a40004023f00 00a40004023f00 00a40004023f00 00a40004023f00 >"$work/cut.out" 2>&1 &
cut=$!
hears card 'in the field'
chips 'field off'
wait $cut && die 'commands went on without a field'
hears card 'out of the field'
chips 'slow 0'
again 'a field that broke down in the middle of a command'

# the port is one process's
"$bin/twinkey-card" create --dir "$work/second" >"$work/create2.out"
background second "$bin/twinkey-card" run --dir "$work/second" --nfc "$air" --json
second=$last
hears second '"inField":false,.*"waitsFor":"reader","why":"ERR_LOCKED"'
stop "$second"
refuse 'a relay at a port that is taken' "$bin/twinkey" relay --reader "card:$work/second" --own-card --nfc "$air"
grep -q "another process uses $work/target" "$work/refused.out" || die "$(cat "$work/refused.out")"
refuse 'a relay at a port that is not there' timeout 5 "$bin/twinkey" relay --reader "card:$work/second" --own-card \
	--nfc "pn532_uart:$work/none" --once
grep -q 'there is no' "$work/refused.out" || die "$(cat "$work/refused.out")"
refuse 'a relay that nobody asked for' "$bin/twinkey" relay --reader "card:$work/second" --nfc "$air"
grep -q -- '--own-card' "$work/refused.out" || die "$(cat "$work/refused.out")"

# it ends at once when it is told to, and leaves nothing behind when it is killed
below() { # PID: what runs under it
	local p
	for p in $(ps -o pid= --ppid "$1"); do echo "$p"; below "$p"; done
}
start=$(now)
kill -INT "$card"
status=0
wait "$card" || status=$?
[ $status = 0 ] || die "Ctrl-C: exit code $status"
[ $(($(now) - start)) -lt 2000 ] || die "Ctrl-C took $(($(now) - start)) ms"
ok 'Ctrl-C ends it at once'
background card "$bin/twinkey-card" run --dir "$work/card" --nfc "$air"
card=$last heard[card]=0
hears card 'no field yet'
mapfile -t below < <(below "$card")
[ "${#below[@]}" = 2 ] || die "under the card run ${#below[@]} processes"
for p in "${below[@]}"; do
	[ -z "$(find "/proc/$p/fd" -lname "$work/card*" 2>/dev/null)" ] || die "a process that runs libnfc has the card's files"
done
kill -KILL "$card"
wait "$card" 2>"$work/killed" || true
gone() { for p in "${below[@]}"; do [ ! -e "/proc/$p" ] || grep -q '^State:.Z' "/proc/$p/status" || return 1; done; }
wait_for 5 'the end of what ran under the card' gone
ok 'a card that was killed leaves no process'

# a card in a PC/SC reader, relayed
background pcsc "$bin/twinkey-card" run --dir "$work/card" --port "$VPCD_PORT"
pcsc=$last
wait_for 10 'the card in the reader' card_ready
background relay "$bin/twinkey" relay --reader 'Virtual PCD 00 00' --nfc "$air" --own-card --json --trace "$work/relay.pcapng"
relay=$last
hears relay '"inField":false,.*"waitsFor":"field"' 10
TWINKEY_PIN=1234 twinkey info --imsi >"$work/relayed.out" || die 'info of a relayed card'
expect 'the relayed card says its IMSI' '001010000000002' "$work/relayed.out"
kill -INT "$relay"
status=0
wait "$relay" || status=$?
[ $status = 0 ] || die "relay: exit code $status"
tail -n 1 "$work/relay.log" >"$work/figures"
jq -e '.apdus > 10 and .sessions >= 1 and .late == 0 and .fwtUs == 154657 and .marginUs == .fwtUs - .total.max and
	.card.min <= .card.median and .card.median <= .card.p90 and .card.p90 <= .card.max and .card.median > 0 and
	.total.max >= .card.max and .reader.max > 0' "$work/figures" >"$work/jq.out" || die "$(cat "$work/figures")"
ok "the relay's figures: $(jq -c '{apdus, card: .card.median, relay: .relay.median, total: .total.p90, marginUs}' "$work/figures")"
jq -es 'map(select(.apdu)) | length == (.[-1].apdu) and all(.sw | test("^[0-9a-f]{4}$"))' "$work/relay.log" >"$work/jq.out" ||
	die 'a line of the relay is missing'
if grep -aq '31323334ffffffff' "$work/relay.log" || grep -aqF "$(printf '1234\xff\xff\xff\xff')" "$work/relay.pcapng"; then
	die 'the PIN is in what the relay says'
fi
[ -s "$work/relay.pcapng" ] || die 'no trace'
ok 'the PIN that passed is in no line and not in the trace'

# told to people, to the end of one session
background once "$bin/twinkey" relay --reader 'Virtual PCD 00 00' --nfc "$air" --own-card --once
hears once 'no field yet' 10
reader apdu 00a40004023f00 00840000ff 0012 >"$work/one.out" || die 'three commands through the relay'
[ "$(sed -n 's/^< //p' "$work/one.out" | cut -c 1-2 | paste -s -d ' ')" != '' ] || die "$(cat "$work/one.out")"
status=0
wait "$last" || status=$?
[ $status = 0 ] || die "relay --once: exit code $status"
expect 'it ends with the session' '^3 APDUs in 1 sessions$' "$work/once.log"
expect 'what is no command is refused without the card' ' 0012 .* 2 >   2  6700' "$work/once.log"

# the card is pulled in the middle
background relay2 "$bin/twinkey" relay --reader 'Virtual PCD 00 00' --nfc "$air" --own-card
relay=$last
hears relay2 'no field yet' 10
reader apdu 00a40004023f00 >"$work/one.out" || die 'one command through the relay'
hears relay2 'SELECT .*card .* ms, relay .*, reader'
hears relay2 'out of the field'
stop "$pcsc"
reader apdu 00a40004023f00 >"$work/pulled.out" 2>&1 || true
status=0
wait "$relay" || status=$?
{ [ $status != 0 ] && [ $status -lt 126 ]; } || die "a relay whose card was pulled: exit code $status"
expect 'a relay whose card was pulled says so' 'twinkey: ' "$work/relay2.log"
expect 'and what there was until then' 'frame waiting time 154.7 ms' "$work/relay2.log"
