#!/bin/bash
# PC/SC as people meet it: readers chosen by index, name, ATR, ICCID and EID; the watch over service, readers and
# cards; several programs at one card; and each way in which service, reader and card fail.
. "$(dirname "$0")/lib.sh"
need pcscd jq opensc-tool
inside_reader
start_work
umask 077
make -s -C "$top" build/release/tests/fake-card build/release/tests/hold-card build/release/tests/refuse-pcsc || die 'the tools'
tools=$top/build/release/tests
PATH=$bin:$PATH
cd "$work" || exit 1
unset TWINKEY_READER
pcd0='Virtual PCD 00 00' pcd1='Virtual PCD 00 01'
iccid0=89000123456789012341 iccid1=89000123456789012358
key='k = 465b5ce8b199b49faa5f0a2ee238a6bc' opc='opc = cd63cb71954a9f4e48a5994e37a02baf' # 3GPP TS 35.208, test set 1
for n in 0 1; do
	iccid=iccid$n
	printf 'imsi = 00101012345678%s\niccid = %s\n%s\n%s\n' $n "${!iccid}" "$key" "$opc" >sim$n
	twinkey-card create --dir card$n --profile sim$n >create$n
done
cards_in() { [ "$(opensc-tool -l 2>/dev/null | grep -c '^[01] *Yes')" = "$1" ]; }
put_in() { # CARD PORT: its pid is $last
	background "run-$1" twinkey-card run --dir "$1" --port "$2"
}
# STATUS SECONDS REGEX COMMAND...: that exit code, in that time, and such a word of why
fails() {
	local want=$1 most=$2 words=$3 status=0 start=$SECONDS
	shift 3
	"$@" >out 2>err || status=$?
	[ $status = "$want" ] || die "$*: exit code $status, not $want: $(cat out err)"
	[ $((SECONDS - start)) -le "$most" ] || die "$*: it took $((SECONDS - start)) s"
	grep -qE -- "$words" err || die "$*: no word of $words: $(cat err)"
	ok "$* ($(tail -n 1 err | cut -c 1-150))"
}
code_is() { # CODE COMMAND...
	local want=$1
	shift
	"$@" --json >out 2>err || true
	[ "$(jq -r .error.code out)" = "$want" ] || die "$*: $(cat out err), not $want"
}
takes() { # READER COMMAND...
	local want=$1
	shift
	"$@" reset --json >out 2>err || die "$*: $(cat out err)"
	[ "$(jq -r .reader out)" = "$want" ] || die "$*: took $(cat out)"
	ok "$* is $want"
}
# --- choosing ---
put_in card0 "$VPCD_PORT"
card0=$last
put_in card1 "$VPCD_PORT_2"
card1=$last
wait_for 10 'both cards' cards_in 2
twinkey readers >out
[ "$(cut -d : -f 1 out | paste -s -d ' ')" = '0 1' ] && grep -q "^1: $pcd1: card, ATR 3b" out || die "readers: $(cat out)"
twinkey readers --json >out
jq -e '.readers | length == 2 and all(.card and .state == "card" and .use == "free" and (.atr | test("^3b")) and
	.properties.pinPad == false and .properties.apduDataMax == 0)' out >jq.out || die "readers --json: $(cat out)"
ok 'both readers are listed'
eid1=$(twinkey info --reader 1 --json | jq -r .eid)
atr=$(jq -r '.readers[0].atr' out)
takes "$pcd0" twinkey --reader 0
takes "$pcd1" twinkey --reader pcsc:1
takes "$pcd1" twinkey -r "$pcd1"
takes "$pcd1" twinkey -r "pcsc:name=virtual pcd 00 01"
takes "$pcd1" twinkey -r 'pcsc:00 01'
takes "$pcd0" twinkey -r pcsc:vIRTUAL
grep -q "2 readers with a card fit: this is the first, 0: $pcd0" err || die "several: $(cat err)"
takes "$pcd0" twinkey
takes "$pcd0" twinkey -r "atr=${atr:0:8}"
takes "$pcd1" twinkey -r "pcsc:iccid=$iccid1"
takes "$pcd1" twinkey -r "iccid=${iccid1:0:19}"
takes "$pcd1" twinkey -r "eid=$eid1"
takes "$pcd1" env TWINKEY_READER="pcsc:eid=$eid1" twinkey
takes "$pcd0" env TWINKEY_READER=1 twinkey --reader 0
fails 3 2 "there is no such reader: there are 0: $pcd0 \(card, ATR 3b[0-9a-f]*\), 1: $pcd1" twinkey info -r nobody --wait 0
fails 3 2 'there are 0: ' twinkey info -r 7 --wait 0
fails 3 2 'there are 0: ' twinkey info -r atr=3bff --wait 0
fails 3 3 "number: 0: $pcd0 \(ICCID $iccid0\), 1: $pcd1 \(ICCID $iccid1\)" twinkey info -r iccid=89000123456789099999 --wait 0
fails 3 3 "1: $pcd1 \(EID $eid1\)" twinkey info -r eid=89049032000000000000000000000012 --wait 0
for wrong in iccid=12 eid=12 atr=3 atr=xy iccid= name=; do
	fails 2 1 'names no reader' twinkey info -r "pcsc:$wrong" --wait 0
done
code_is ERR_NO_SUCH_CARD twinkey info -r iccid=89000123456789099999 --wait 0
code_is ERR_NO_READER twinkey info -r nobody --wait 0
stop "$card1"
wait_for 10 'one card' cards_in 1
cp -r card0 twin
put_in twin "$VPCD_PORT_2"
twin=$last
wait_for 10 'a card and its twin' cards_in 2
fails 3 3 "more than one reader fits: 0: $pcd0 \(ICCID $iccid0\), 1: $pcd1 \(ICCID $iccid0\)" twinkey info -r "iccid=$iccid0"
code_is ERR_AMBIGUOUS twinkey info -r "iccid=$iccid0"
stop "$twin"
wait_for 10 'one card' cards_in 1
fails 3 2 "there is no card in the reader: there are .*1: $pcd1 \(empty\)" twinkey info -r 1 --wait 0
takes "$pcd0" twinkey -r pcsc:virtual
[ ! -s err ] || die "one card is no choice: $(cat err)"
sleep 6 # the service has taken the power from the card by now
takes "$pcd0" twinkey --shared
ok 'a card whose power the service took'

# --- several programs ---
hold() { # READER MODE
	mkfifo "line$((++holds))"
	"$tools/hold-card" "$1" "$2" <"line$holds" >hold.log 2>&1 &
	holder=$!
	pids+=("$holder")
	exec 8>"line$holds"
	wait_for 5 'the other program' grep -q held hold.log
}
release() { # not by the end of input: others have the descriptor too
	echo quit >&8
	exec 8>&-
	wait "$holder" || die "the other program: $(cat hold.log)"
}
does() { # LINE REGEX: the other program, and what it is answered
	local n
	n=$(wc -l <hold.log)
	echo "$1" >&8
	wait_for 10 "$1" sh -c "[ \$(wc -l <hold.log) -gt $n ]"
	tail -n 1 hold.log | grep -qE "$2" || die "the other program's $1: $(tail -n 1 hold.log)"
}
holds=0
put_in card1 "$VPCD_PORT_2"
card1=$last
wait_for 10 'both cards' cards_in 2
hold "$pcd0" exclusive
twinkey readers >out
grep -q "^0: $pcd0: card, ATR.*, in use by one program alone" out || die "in use: $(cat out)"
fails 1 2 "another program has the reader for itself: 0: $pcd0; who may have it: .*hold-card \(process $holder\)" \
	twinkey info -r 0 --wait 0
code_is ERR_READER_BUSY twinkey info -r 0 --wait 0
code_is ERR_READER_BUSY twinkey --shared info -r 0 --wait 0
takes "$pcd1" twinkey -r "iccid=$iccid1"
fails 3 3 "0: $pcd0 \(not asked: another program has it for itself\)" twinkey info -r "iccid=$iccid0" --wait 0
background turn twinkey info -r 0 --wait 20
turn=$last
wait_for 5 'a word of the wait' grep -q 'waiting for the reader, which another program has' turn.log
release
wait "$turn" || die "its turn: $(cat turn.log)"
grep -q "$iccid0" turn.log || die "its turn: $(cat turn.log)"
ok 'who waits for the reader has it next'

hold "$pcd0" shared
fails 1 2 'it shares it: so can --shared' twinkey info -r 0 --wait 0
does 00a40000023f00 '61|90'
does 00a40000022fe2 '61|90'
takes "$pcd1" twinkey -r "iccid=$iccid1" # card 0 is asked too
takes "$pcd1" twinkey -r "eid=$eid1"
does 00b000000a '^98.*9000 done' # what was selected is selected
does 0070000001 '019000' # no channel was left open
does 00708001 '9000'
ok 'who is asked for the number of a card disturbs nobody'
twinkey --shared info -r 0 >out 2>err || die "--shared: $(cat err)"
grep -q "$iccid0" out || die "--shared: $(cat out)"
does 00b000000a 'done'
does begin 'done'
background shared twinkey --shared info -r 0
shared=$last
wait_for 5 'a word of the wait' grep -q 'waiting for the card, which another program has' shared.log
does 00a40000023f00 'done'
does end 'done'
wait "$shared" || die "after the transaction: $(cat shared.log)"
ok 'a transaction of another program is waited for'
mkfifo commands
exec 7<>commands # a FIFO opens when both ends do
twinkey --shared apdu -r 0 <commands 7>&- >reset.log 2>&1 &
mine=$!
pids+=("$mine")
echo 00a40004023f00 >&7
wait_for 5 'the first answer' grep -q '^< .*9000' reset.log
does reset 'done'
echo 00a40004022fe2 >&7
exec 7>&-
status=0
wait $mine || status=$?
[ $status = 1 ] && grep -q 'another program reset the card' reset.log || die "a reset by another: $status, $(cat reset.log)"
ok 'another program resets the card'
twinkey --shared reset -r 0 >out || die 'reset in shared mode'
does 00b000000a 'reset'
release
hold "$pcd0" shared
together=()
for n in 1 2; do
	for _ in 1 2 3; do
		twinkey --shared info -r 0 --imsi >"both$n.out" 2>"both$n.log" || exit 9
		twinkey --shared auth -r 0 --rand 23553cbe9637a89d218ae64dae47bf35 --context gsm >"auth$n.out" 2>&1 || exit 9
	done &
	together+=($!)
	pids+=($!)
done
for p in "${together[@]}"; do wait "$p" || die "two at once: $(cat both?.log auth?.out)"; done
grep -q 'IMSI *001010123456780' both1.out && grep -q 'SRES' auth2.out || die "two at once: $(cat both1.out auth2.out)"
ok 'two twinkeys and a third program share a card'
release
together=()
for n in 1 2 3 4; do
	twinkey info -r $((n % 2)) --wait 20 >"queue$n.out" 2>&1 &
	together+=($!)
	pids+=($!)
done
for p in "${together[@]}"; do wait "$p" || die "four at once: $(cat queue?.out)"; done
ok 'four twinkeys, two readers: each has its turn'

# --- the service comes and goes; the watch over it ---
service=$(tr -d "\0" </run/pcscd/pcscd.pid)
mapfile -d '' -t command <"/proc/$service/cmdline"
gone() { [ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }
env --default-signal=INT twinkey readers --watch --json >watch.out 2>watch.log </dev/null &
watch=$!
pids+=("$watch")
seen() { jq -se "$1" watch.out; }
wait_for 5 'what is there' seen 'map(.change) == ["service-started", "reader-added", "reader-added"] and
	.[2].reader == {"index": 1, "name": "Virtual PCD 00 01", "card": true, "state": "card", "use": "free", "atr": .[1].reader.atr}'
stop "$card1"
wait_for 5 'the card out' seen '.[3] | .change == "card-removed" and .reader.index == 1 and .reader.state == "empty"'
put_in card1 "$VPCD_PORT_2"
card1=$last
wait_for 5 'the card in' seen '.[4] | .change == "card-inserted" and .reader.atr[0:2] == "3b"'
hold "$pcd0" exclusive
wait_for 5 'its use' seen '.[5] | .change == "use-changed" and .reader.use == "exclusive" and .reader.index == 0'
release
wait_for 5 'its end' seen '.[6] | .change == "use-changed" and .reader.use == "free"'
ok 'the watch tells of cards and of their use'

exec 7<>commands
twinkey apdu -r 0 - <commands 7>&- >mid.out 2>&1 &
mid=$!
pids+=("$mid")
echo 00a40004023f00 >&7
wait_for 5 'the first answer' grep -q '^< ' mid.out
kill "$service"
wait_for 10 'the end of pcscd' gone "$service"
echo 00a40004022fe2 >&7
exec 7>&-
status=0
wait $mid || status=$?
[ $status = 1 ] && grep -q 'the PC/SC service (pcscd) stopped in the middle' mid.out || die "pcscd stopped: $status, $(cat mid.out)"
ok 'pcscd stops in the middle of work'
wait_for 5 'the word of it' seen '.[7:10] | map(.change) == ["reader-removed", "reader-removed", "service-stopped"]'
fails 3 2 'pcscd\) does not run' twinkey readers
code_is ERR_NO_SERVICE twinkey info --wait 0
start_service() {
	rm -f /run/pcscd/pcscd.pid
	background pcscd "${command[@]}"
	service=$last
	wait_for 10 'pcscd' test -S /run/pcscd/pcscd.comm
}
start_service
wait_for 15 'all anew' seen '.[10].change == "service-started" and (.[11:] | map(select(.change == "card-inserted" or (.change == "reader-added" and .reader.card))) | length == 2)'
start=$(date +%s%N)
kill -INT "$watch"
status=0
wait "$watch" || status=$?
[ $status = 130 ] && [ $((($(date +%s%N) - start) / 1000000)) -lt 1500 ] || die "the watch ends by $status"
ok "pcscd comes back, and Ctrl-C ends the watch ($((($(date +%s%N) - start) / 1000000)) ms)"
kill -KILL "$service"
wait_for 10 'the end of pcscd' gone "$service"
fails 3 2 'nobody answers at it' twinkey readers
code_is ERR_SERVICE_DEAD twinkey info --wait 0
rm -f /run/pcscd/pcscd.comm
env --default-signal=INT twinkey readers --watch >watch.out 2>watch.log </dev/null &
watch=$!
pids+=("$watch")
wait_for 5 'a word of its absence' grep -q 'does not run: waiting for it' watch.log
start_service
wait_for 10 'the readers' grep -q '^reader-added .*0: Virtual PCD 00 00' watch.out
kill -INT "$watch"
wait "$watch" || true
ok 'a watch begins before the service'
{ twinkey readers --watch 2>pipe.log || true; } | head -n 1 >out
grep -q service-started out || die "a pipe that closes: $(cat out)"
wait_for 10 'both cards' cards_in 2
kill -STOP "$service"
env --default-signal=INT twinkey readers >out 2>err </dev/null &
mine=$!
pids+=("$mine")
wait_for 5 'a word of the wait' grep -q 'waiting for the PC/SC service' err
kill -INT $mine
status=0
wait $mine || status=$?
kill -CONT "$service"
[ $status = 130 ] || die "a service that hangs: $status"
ok 'a service that hangs is waited for with a word, and Ctrl-C ends that'

# --- what polkit does to a user whom it refuses; a service that is none ---
for how in hang-up violation; do
	background refuse "$tools/refuse-pcsc" "$work/$how" $how
	wait_for 5 'its socket' test -S $how
	export PCSCLITE_CSOCK_NAME=$work/$how
	fails 3 2 'does not let this user in .*access_pcsc' twinkey info --wait 0
	code_is ERR_POLKIT twinkey readers
	unset PCSCLITE_CSOCK_NAME
	stop "$last"
done
background refuse "$tools/refuse-pcsc" "$work/silence" silence
wait_for 5 'its socket' test -S silence
PCSCLITE_CSOCK_NAME=$work/silence timeout -s INT 3 twinkey readers >out 2>err || true
grep -q 'waiting for the PC/SC service' err || die "a service that is silent: $(cat err)"
stop "$last"

# --- the card fails ---
stop "$card0"
wait_for 10 'one card' cards_in 1
background slow "$tools/fake-card" "$VPCD_PORT" --delay 3000 --log sent
slow=$last
wait_for 10 'the slow card' cards_in 2
takes "$pcd0" twinkey -r atr=3b021450
background pulled twinkey apdu -r 0 00a40004023f00
pulled=$last
wait_for 5 'the command' test -s sent
stop "$slow"
status=0
wait "$pulled" || status=$?
[ $status = 1 ] && grep -q 'the card was pulled out in the middle' pulled.log || die "pulled out: $status, $(cat pulled.log)"
ok 'a card that is pulled out in the middle of a command'

# --- more readers than two ---
kill "$service"
wait_for 10 'the end of pcscd' gone "$service"
stop "$card1"
rm -rf many
mkdir many
driver=$(find /usr/lib/pcsc/drivers/serial -name 'libifdvpcd.so*' | sort | head -n 1)
for n in 0 1 2 3 4 5 6 7 8; do # each has two slots; a copy of the driver, since it has one state
	cp -L "$driver" many-$n.so
	printf 'FRIENDLYNAME "Many %s"\nDEVICENAME /dev/null:0x%X\nLIBPATH %s\nCHANNELID 0x%X\n' \
		$n $((26100 + 2 * n)) "$work/many-$n.so" $((26100 + 2 * n)) >many/$n
done
command=(pcscd --foreground --config "$work/many")
start_service
many() { [ "$(twinkey readers --json | jq '.readers | length')" = 16 ]; }
wait_for 10 'sixteen readers' many
put_in card0 26114
wait_for 10 'the card in the last but one' sh -c "twinkey readers | grep -q 'card, ATR'"
twinkey readers >out
[ "$(grep -c 'no card$' out)" = 15 ] || die "sixteen readers: $(cat out)"
twinkey info >out 2>err || die "info: $(cat err)"
grep -q "$iccid0" out || die "the only card: $(cat out)"
twinkey info -r "iccid=$iccid0" >out || die 'by its number'
env --default-signal=INT twinkey readers --watch >watch.out 2>watch.log </dev/null &
watch=$!
pids+=("$watch")
wait_for 5 'all of them' sh -c '[ "$(grep -c ^reader-added watch.out)" = 16 ]'
stop "$last"
wait_for 5 'the card out' grep -q '^card-removed' watch.out
kill -INT "$watch"
ok 'as many readers as the service has (16), one card'
