#!/bin/bash
# Cards made from text files: each algorithm with published and computed vectors and with key files, names in EF.SPN:
# TS 35.233 (TUAK), TS 34.108 (XOR), TS 33.102 6.3.5 (sequence numbers), TS 31.102 4.2.12; profiles without the GSM context.
. "$(dirname "$0")/lib.sh"
vectors=${TWINKEY_SHARED:-$top/../shared}/vectors
need jq
[ -d "$vectors" ] || skip "no test data"
start_work
cd "$work"
umask 077

make_card() { # LINE...: the card in 'card', of the file sim.txt
	rm -rf card
	printf '%s\n' 'imsi = 001010000000001' 'iccid = 8988211000000000017' "$@" >sim.txt
	"$bin/twinkey-card" create --dir card --profile sim.txt >create.out || die "create with $*"
}
auth() { "$bin/twinkey" auth --reader card:card --json "$@" >auth.out 2>auth.log || { cat auth.out >>auth.log; false; }; }
got() { jq -r ".$1" auth.out; }
same() { [ "$(got "$1")" = "$2" ] || die "$3: $1 is $(got "$1"), not $2"; }
minus() { printf %012x $((16#$1 - 0x20)); } # the SEQ before

n=0
while read -r id k topc iterations sqn amf rand f1 f2 f3 f4 f5; do
	make_card 'algorithm = TUAK' "k = $k" "topc = $topc" "keccak_iterations = $iterations" \
		"res_bits = $((4 * ${#f2}))" "sqn = $(minus "$sqn")"
	auth --rand "$rand" --autn "$(printf %012x $((16#$sqn ^ 16#$f5)))$amf$f1" || die "TUAK $id"
	same res "$f2" "$id"
	same ck "$f3" "$id"
	same ik "$f4" "$id"
	n=$((n + 1))
done < <(jq -r '.vectors[] | select((.f1 | length) == 16 and (.f2 | length) <= 32 and (.f3 | length) == 32
	and (.f4 | length) == 32) | [.id, .k, .topc, .keccak_iterations, .sqn, .amf, .rand, .f1, .f2, .f3, .f4, .f5]
	| @tsv' "$vectors/tuak.json")
[ $n -ge 3 ] || die "only $n vectors of TUAK"
ok "TUAK: $n vectors"

n=0
while read -r id k sqn rand autn res ck ik; do
	make_card 'algorithm = Xor' "k = $k" "res_bits = $((4 * ${#res}))" "sqn = $(minus "$sqn")"
	auth --rand "$rand" --autn "$autn" || die "XOR $id"
	same res "$res" "$id"
	same ck "$ck" "$id"
	same ik "$ik" "$id"
	n=$((n + 1))
done < <(jq -r '.vectors[] | select(.autn and (.res | length | . == 8 or . == 16 or . == 32))
	| [.id, .k, .sqn, .rand, .autn, .res, .ck, .ik] | @tsv' "$vectors/xor_ts34108.json")
[ $n -ge 5 ] || die "only $n vectors of XOR"
ok "XOR: $n vectors"

# Test keys: TS 35.207 set 1, TS 35.233 set 1
k=465b5ce8b199b49faa5f0a2ee238a6bc opc=cd63cb71954a9f4e48a5994e37a02baf
topc=bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff
for lines in "algorithm = tuak|k = $k|topc = $topc|res_bits = 128" "algorithm = tuak|k = $k$k|topc = $topc|ind_bits = 8" \
	"algorithm = XOR|k = $k" "algorithm = MILENAGE|k = $k|opc = $opc|ind_bits = 0"; do
	IFS='|' read -ra words <<<"$lines"
	make_card "${words[@]}"
	rm -f sim.txt.sqn
	for context in 3g gsm 3g; do
		auth --context $context --key-file sim.txt || die "$lines, $context"
		same match true "$lines, $context"
		same resynchronised false "$lines, $context"
	done
	ok "key file: ${words[0]#* = }, K of $((4 * (${#words[1]} - 4))) bits"
done

# SQN: a card that was used, then a fresh one of the same key; the same key file all the while
key="k = $k" op="opc = $opc"
printf '%s\n' "$key" "$op" >key.txt
make_card "$key" "$op" 'sqn = 123456789a40'
auth --key-file key.txt || die 'a card far ahead'
same resynchronised true 'a card far ahead'
[ "$(cat key.txt.sqn)" = 123456789a61 ] || die "SQN $(cat key.txt.sqn) after the card far ahead"
make_card "$key" "$op"
auth --key-file key.txt || die 'a card far behind'
same resynchronised true 'a card far behind'
[ "$(cat key.txt.sqn)" = 000000000021 ] || die "SQN $(cat key.txt.sqn) after the card far behind"
auth --key-file key.txt || die 'a card in step'
same resynchronised false 'a card in step'
ok 'the count goes up and down to where the card is'
make_card "$key" "$op" 'sqn = ffffffffffff'
auth --key-file key.txt && die 'a card at the end was served'
expect 'a card at the end of its numbers is told' 'used up its sequence numbers' auth.log
auth --key-file key.txt && die 'a card at the end was served'
make_card "$key" "$op"
auth --key-file key.txt || die 'a fresh card after the one at the end'
ok 'and a fresh card after it is served'
for bad in 'algorithm = comp128' 'k = 00' 'ind_bits = 9' 'topc = 00'; do
	printf '%s\n' "$op" "$bad" >bad.txt
	auth --key-file bad.txt && die "a key file with $bad"
	expect "a key file with '$bad' is refused by its line" "bad.txt, line 2: ${bad%% *} must be" auth.log
done

# the operator's AuC with keys and last SQN out of a file, and a fresh card of the same key
operator() { "$bin/twinkey-operator" "$@" --dir op; }
operator init >init.out
n=0
for lines in "algorithm = tuak|k = $k$k|topc = $topc|res_bits = 128|ind_bits = 4" "algorithm = xor|k = $k" "algorithm = milenage|$key|$op"; do
	IFS='|' read -ra words <<<"$lines"
	n=$((n + 1))
	printf '%s\n' "imsi = 00101000000100$n" "iccid = 8900199000000000${n}0" "${words[@]}" >one.txt
	cp one.txt used.txt
	echo 'sqn = 123456789a40' >>used.txt
	operator subscriber add --keys used.txt --imsi2 "00101000000200$n" >add.out || die "subscriber add, $lines"
	operator subscriber sim-file --imsi "00101000000100$n" --out back.txt >/dev/null
	for w in "${words[@]}"; do
		case $w in algorithm* | k* | opc* | topc* | ind* | res*) grep -qxF "$w" back.txt || die "sim-file has no '${w%% *}'" ;; esac
	done
	[ -S op.sock ] || { background serve "$bin/twinkey-operator" serve --dir op --socket "$work/op.sock"; wait_for 10 'the operator' test -S op.sock; }
	rm -rf card back.txt
	"$bin/twinkey-card" create --dir card --profile one.txt >create.out || die "create, $lines"
	for context in 3g gsm 3g; do
		"$bin/twinkey" auth --reader card:card --operator "unix:$work/op.sock" --context $context --json >auth.out 2>auth.log ||
			die "the operator and $lines, $context"
		same result accepted "the operator and $lines, $context"
	done
	ok "the operator with a file: ${words[0]#* = }"
done

# a profile without the GSM context (service 38 of EF.UST): by default that is told, and no fault
operator subscriber add --imsi1 001010000003001 --imsi2 001010000003002 >add.out
cp -r op other
"$bin/twinkey-operator" profile prepare --dir other --imsi 001010000003001 --out upp.der >prepare.out
"$bin/twinkey" profile export upp.der -o upp.json >export.out
sed -i 's/020a140423/020a140403/' upp.json
"$bin/twinkey" profile build upp.json -o without.der >build.out
code=$(operator profile import without.der --json | jq -r .activationCode)
rm -rf card other
"$bin/twinkey-card" create --dir card --pki op/pki >create.out
run() { TWINKEY_PIN=1234 "$bin/twinkey" run --reader card:card --operator "unix:$work/op.sock" --no-wait "$@" >run.out 2>run.log; }
run "$code" && die 'a release without the second factor'
expect 'limited access without the GSM context' 'RES matches, limited access' run.out
expect 'and it is told' 'GSM context: the card has none' run.out
for context in both gsm; do
	run --context $context && die "run --context $context on a card without it"
	expect "run --context $context is refused" 'the card has no GSM context .* ask for --context 3g' run.log
done

# the name, as the card has it (TS 31.102 4.2.12) and as it is read back
spn() { # NAME OCTETS: the name in EF.SPN, FF after it
	local filled=01$2 hex
	while [ ${#filled} -lt 34 ]; do filled+=FF; done
	make_card "$key" "$op" "name = $1"
	hex=$("$bin/twinkey" apdu --reader card:card --json 00A4040007A0000000871002 00A40004026F46 00B0000011 |
		jq -rs 'map(.data // "") | last')
	[ "${hex^^}" = "$filled" ] || die "EF.SPN of '$1' is ${hex^^}, not $filled"
	"$bin/twinkey" info --reader card:card --json | jq -e --arg name "$1" '.serviceProvider == $name' >/dev/null ||
		die "'$1' is not read back"
}
spn '@$_{x}' 0002111B28781B29
spn 'Bäcker' 427B636B6572
spn 'Привет' 8106089FC0B8B2B5C2
ok 'names in the GSM alphabet and in UCS2'
printf '%s\n' 'imsi = 001010000000001' 'iccid = 8988211000000000017' "$key" "$op" 'name = 😀' >sim.txt
refuse 'a name that no SIM can hold' "$bin/twinkey-card" create --dir none --profile sim.txt
expect 'and why' 'sim.txt, line 5: name has a character that no alphabet of a SIM has' refused.out
