#!/bin/bash
# What a reader can do that vpcd cannot: pcscd loads a driver (tests/ifd) with extended APDUs, properties, keys for a
# PIN and both resets, with the card behind it in T=0 and in T=1; then reader and card fail in each way, and each way
# has an error of its own.
. "$(dirname "$0")/lib.sh"
need pcscd jq scriptor
inside_reader
start_work
umask 077
make -s -C "$top" build/release/tests/ifd-twinkey.so || die 'the driver'
PATH=$bin:$PATH
cd "$work" || exit 1
unset TWINKEY_READER TWINKEY_PIN
t0='Lab T0 00 00' t1='Lab T1 01 00'
iccid=89000123456789012341
key='k = 465b5ce8b199b49faa5f0a2ee238a6bc' opc='opc = cd63cb71954a9f4e48a5994e37a02baf' # 3GPP TS 35.208, test set 1

# --- two readers, a card in each ---
words() { # t0|t1 WORD...: what rules the reader; tests/ifd/reader.h has them
	local at=$1
	shift
	echo "$*" >"$at/words"
	mv "$at/words" "$at/control"
}
typed() { printf '%s\n' "$2" >"$1/typed"; } # t0|t1 DIGITS|cancel
all='apdu=65536 keys=direct'
port=26301
for at in t0 t1; do
	mkdir $at
	words $at "$all"
	printf 'imsi = 001010123456780\niccid = %s\n%s\n%s\npin = 1234\n' $iccid "$key" "$opc" >sim
	twinkey-card create --dir card-$at --profile sim >create.out
	printf 'FRIENDLYNAME "Lab %s"\nDEVICENAME %s:%X\nLIBPATH %s\nCHANNELID 0x%X\n\n' ${at^^} "$work/$at" $port \
		"$top/build/release/tests/ifd-twinkey.so" $port >>reader.conf
	background card-$at twinkey-card run --dir card-$at --port $port --protocol $at
	port=$((port + 1))
done
mkdir conf
mv reader.conf conf/lab
service=$(tr -d "\0" </run/pcscd/pcscd.pid)
kill "$service"
wait_for 10 'the end of pcscd' test ! -e "/proc/$service"
rm -f /run/pcscd/pcscd.pid /run/pcscd/pcscd.comm
background pcscd pcscd --foreground --config "$work/conf" --info
service=$last
wait_for 10 'pcscd' test -S /run/pcscd/pcscd.comm
state_is() { # t0|t1 STATE
	twinkey readers --json | jq -e --arg n "Lab ${1^^}" --arg s "$2" '.readers[] | select(.name | startswith($n)) | .state == $s'
}
both() { state_is t0 card && state_is t1 card; }
wait_for 10 'both cards' both
property() { # t0|t1 FILTER
	twinkey readers --json >out || die "readers: $(cat out)"
	jq -e --arg n "Lab ${1^^}" ".readers[] | select(.name | startswith(\$n)).properties | $2" out >jq.out ||
		die "properties of $1 are not $2: $(cat out)"
	ok "$1: properties $2"
}
does() { # WHAT COMMAND...: its answer is in out
	local what=$1
	shift
	timeout 30 "$@" >out 2>err || die "$what: $(cat out err)"
	ok "$what"
}
code_is() { # CODE COMMAND...
	local want=$1 start
	shift
	start=$(date +%s%N)
	timeout 20 "$@" --json >out 2>err && die "$*: succeeds, and not by $want: $(cat out)"
	[ "$(jq -r .error.code out)" = "$want" ] || die "$*: $(cat out err), not $want"
	ok "$want: $(jq -r .error.message out | cut -c 1-100) ($((($(date +%s%N) - start) / 1000000)) ms)"
}

for at in t0 t1; do
	name=$at
	name=${!name} protocol=T=${at#t}
	property $at '. == {"apduDataMax": 65536, "pinDigitsMin": 4, "pinDigitsMax": 8, "pinPad": true, "firmware": "1.0"}'
	does "$at: info" twinkey info -r "$name" --json
	jq -e --arg p "$protocol, T=15" --arg i $iccid '.protocols == $p and .iccid == $i' out >jq.out || die "info: $(cat out)"

	: >$at/log
	twinkey readers --json >out
	[ ! -s $at/log ] || die "$at: its properties disturb the card: $(cat $at/log)"
	does "$at: all links are good" twinkey doctor -r "$name" --json

	# the PIN at the keys, by one call and by several: what the host sent has none of it
	typed $at 1234
	for keys in direct steps; do
		words $at apdu=65536 keys=$keys
		: >$at/log
		does "$at: auth, the PIN at the keys (keys=$keys)" twinkey auth -r "$name" --key-file sim --trace $at-$keys.pcapng
		grep -q 'type the PIN of the card at the reader' err && grep -q "card's answer is the expected one" out ||
			die "auth: $(cat out err)"
		expect "  the reader sent it" '^keys sent 0020000108$' $at/log
		if grep -q '^command .*31323334' $at/log || grep -q 1234 $at-$keys.pcapng; then die "the PIN passed the host: $(cat $at/log)"; fi
		ok '  and the host never had it'
		does "$at: info --imsi" twinkey info -r "$name" --imsi
		expect '  the IMSI' '^IMSI +001010123456780$' out
		mv out plain
		does "$at: the same as a program that is recorded" twinkey trace record --trace $at-$keys-spy.pcapng -- twinkey info -r "$name" --imsi
		cmp -s plain out || die "it says something else: $(diff plain out)"
		twinkey trace show $at-$keys-spy.pcapng >shown 2>shown.err
		expect '  the PIN at the keys is in the trace' 'VERIFY PIN +MF/ADF.USIM PIN 1, masked +9000 ' shown
		expect '  with a word on it, and without its digits' 'the PIN was typed at the reader; masked: PIN or PUK, 8 octets' shown
		if grep -q 1234 $at-$keys-spy.pcapng; then die "the PIN is in $at-$keys-spy.pcapng"; fi
	done
	: >$at/log
	does "$at: the PIN from a file" twinkey info -r "$name" --imsi --pin-file <(echo 1234)
	expect '  that one the host sends: the log would show it' '^command .*002000010831323334' $at/log

	# resets
	: >$at/log
	does "$at: reset" twinkey reset -r "$name" --json
	if ! grep -q '^warm reset$' $at/log || grep -q '^power' $at/log; then die "a warm reset: $(cat $at/log)"; fi
	: >$at/log
	does "$at: reset --cold" twinkey reset --cold -r "$name" --json
	grep -A 1 '^power down$' $at/log | grep -q '^power up$' || die "a cold reset: $(cat $at/log)"
	ok "$at: warm is warm, and cold is cold"

	does "$at: test-card" twinkey test-card -r "$name" --json
	jq -e '[.. | objects | select(.outcome? == "failed" or .outcome? == "noted")] == []' out >jq.out ||
		die "test-card: $(jq -c '.. | objects | select(.outcome? == "failed")' out)"
	[ $at = t0 ] || for id in apdu.t1-direct apdu.extended-le apdu.extended-lc; do
		jq -e --arg id $id '[.. | objects | select(.id? == $id and .outcome? == "passed")] | length == 1' out >jq.out ||
			die "$id: $(jq -c --arg id $id '.. | objects | select(.id? == $id)' out)"
		ok "  $id"
	done
done

# --- extended APDUs ---
does 'extended Lc and Le' twinkey apdu -r "$t1" 00a400040000023f000000 00840000000400
expect '  1,024 octets in one answer' '^< [0-9a-f]{2048} 9000' out
expect '  as the reader was given it' '^command 7 00840000000400$' t1/log
does 'another program sends them' scriptor -r "$t1" - <<<'00 84 00 00 00 04 00'
[ "$(sed -n 's/ : .*//; /^< /,$p' out | tr -d '<\n' | wc -w)" = 1026 ] && grep -q '^90 00 : Normal' out || die "scriptor: $(cat out)"
does 'T=0 has none: the card says so' twinkey apdu -r "$t0" 00a400040000023f000000
expect '  6700' '^< 6700' out
words t1 apdu=65536 real=261
code_is ERR_CARD_SILENT twinkey apdu -r "$t1" "00d60000000200$(printf '00%.0s' {1..512})"
does 'a reader that says it takes extended APDUs, and does not: what is short works' twinkey info -r "$t1"
words t1 keys=direct
: >t1/log
property t1 '.apduDataMax == 0'
does 'a reader of short APDUs' twinkey test-card -r "$t1" --json
jq -e '[.. | objects | select(.outcome? == "failed")] == []' out >jq.out || die "short APDUs: $(cat out)"
if ! grep -q '^command' t1/log || awk '$1 == "command" && $2 > 261' t1/log | grep -q .; then die "a long command: $(cat t1/log)"; fi

# --- faults ---
for at in t0 t1; do
	name="Lab ${at^^}"
	# what it says of itself
	words $at "$all" features=none
	property $at '.pinPad == false and .apduDataMax == 0'
	words $at "$all" features=cut
	property $at '.pinPad == false and .apduDataMax == 0'
	words $at "$all" properties=cut
	property $at '.pinPad and .apduDataMax == 0'
	does "$at: info" twinkey info -r "$name" --imsi
	words $at "$all" features=odd properties=odd
	property $at '. == {"apduDataMax": 65536, "pinDigitsMin": 4, "pinDigitsMax": 8, "pinPad": true}'
	does "$at: the PIN at the keys" twinkey info -r "$name" --imsi
	words $at "$all" properties=lie
	code_is ERR_KEYS_FAILED twinkey info -r "$name" --imsi
	# the keys
	words $at keys=dead
	code_is ERR_KEYS_FAILED twinkey info -r "$name" --imsi
	does "$at: its hint" twinkey info -r "$name" --imsi --pin-file <(echo 1234)
	for keys in direct steps; do
		words $at keys=$keys
		rm $at/typed
		code_is ERR_KEYS_TIMEOUT twinkey info -r "$name" --imsi
		typed $at cancel
		code_is ERR_KEYS_CANCELLED twinkey info -r "$name" --imsi
		typed $at 123
		code_is ERR_KEYS_LENGTH twinkey info -r "$name" --imsi
		typed $at 4321
		code_is ERR_REFUSED twinkey info -r "$name" --imsi
		jq -e '.error.message | test("attempts left: 2")' out >jq.out || die "a wrong PIN: $(cat out)"
		typed $at 1234
		does "$at: the right PIN" twinkey info -r "$name" --imsi
	done
	# the line
	words $at "$all" transmit=broken
	code_is ERR_CARD_SILENT twinkey info -r "$name"
	words $at "$all" transmit=long
	code_is ERR_PROTOCOL twinkey apdu -r "$name" 00a40004023f00
	words $at "$all" transmit=pulled
	code_is ERR_CARD_LOST twinkey info -r "$name"
	code_is ERR_NO_CARD twinkey info -r "$name" --wait 0
	words $at "$all"
	wait_for 5 'the card back' state_is $at card
done

# --- the same in both protocols ---
at=t0 name='Lab T0'
# a person who takes time, and one who goes
words $at "$all" wait=30
rm $at/typed
: >$at/log
background person twinkey info -r "$name" --imsi
wait_for 5 'the keys' grep -q '^keys wait' $at/log
expect "$at: a word of what to do" 'type the PIN of the card at the reader' person.log
typed $at 1234
wait "$last" || die "a PIN typed later: $(cat person.log)"
expect '  a PIN typed later' '^IMSI +001010123456780' person.log
rm $at/typed
: >$at/log
env --default-signal=INT twinkey info -r "$name" --imsi >gone.log 2>&1 </dev/null &
last=$!
pids+=("$last")
wait_for 5 'the keys' grep -q '^keys wait' $at/log
kill -INT "$last"
status=0
wait "$last" || status=$?
[ $status = 130 ] || die "Ctrl-C at the keys: $status, $(cat gone.log)"
typed $at cancel
words $at "$all"
does '  Ctrl-C at the keys; the reader is free again' twinkey info -r "$name" --wait 10
typed $at 1234
words $at "$all" transmit=lost
code_is ERR_READER_LOST twinkey info -r "$name"
words $at "$all"
wait_for 10 'the reader back' state_is $at card
does "$at: all is well again" twinkey info -r "$name"
# the card's start
words $at card=out
wait_for 5 'the card out' state_is $at empty
words $at power=mute
wait_for 5 'a mute card' state_is $at mute
code_is ERR_MUTE twinkey info -r "$name" --wait 1
timeout 20 twinkey doctor -r "$name" --wait 1 --json >out 2>err && die "a mute card, and the doctor is content: $(cat out)"
jq -e '.links[] | select(.link == "card") | .state == "trouble" and (.mend | test("turn it over"))' out >jq.out || die "doctor: $(cat out err)"
ok "$at: doctor on a mute card: $(jq -r '.links[] | select(.link == "card").mend' out)"
jq -e '.links[] | select(.link == "reader") | .text | test("Lab T0 00 00 .a card.")' out >jq.out || die "a mute card is one: $(cat out)"
: >$at/log
words $at "$all"
does "$at: a card that was mute and starts now" twinkey info -r "$name" --wait 0
expect '  it was given power again' '^power up$' $at/log
words $at "$all" card=out
wait_for 5 'the card out' state_is $at empty
words $at "$all" atr=bad
wait_for 5 'a card with a wrong ATR' state_is $at card
timeout 20 twinkey doctor -r "$name" --json >out 2>err && die "a wrong ATR, and the doctor is content: $(cat out)"
jq -e '.links[] | select(.link == "atr") | .state == "trouble" and (.text | test("TCK is wrong"))' out >jq.out || die "doctor: $(cat out err)"
does "$at: doctor on a wrong TCK; the card works all the same" twinkey info -r "$name" --json
jq -e '.atrError | test("TCK")' out >jq.out || die "info: $(cat out)"
words $at "$all" card=out
wait_for 5 'the card out' state_is $at empty
words $at "$all"
wait_for 5 'the card in' state_is $at card
words t1 "$all" protocol=t0
code_is ERR_CARD_PROTOCOL twinkey info -r "$t1"
words t1 "$all"
does 'all is well in the end' twinkey info -r "$t1"
