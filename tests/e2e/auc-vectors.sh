#!/bin/bash
# Vectors of every generation (auc av, and auc/av by the socket) against osmo-auc-gen, libosmogsm and the virtual card:
# RES and keys, the separation bit, sequence numbers of each node, by counting and by the clock (TS 33.102 C), AUTS, and
# processes that are killed.
. "$(dirname "$0")/lib.sh"
need osmo-auc-gen jq python3 curl
start_work
cd "$work"
umask 077
# Test keys: TS 35.207 set 1, TS 35.233 set 1
k=465b5ce8b199b49faa5f0a2ee238a6bc opc=cd63cb71954a9f4e48a5994e37a02baf
topc=bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff
declare -A network=([umts]='' [eps]='--plmn 00101' [5g]='--plmn 00101' [5g-eap]='--network WLAN')
declare -A bound=([umts]=none [eps]=00101 [5g]=5G:mnc001.mcc001.3gppnetwork.org [5g-eap]=WLAN)

operator() { "$bin/twinkey-operator" "$@" --dir op; }
av() { # KIND IMSI [OPTION...]: the first vector in av.out
	local kind=$1 imsi=$2
	shift 2
	# shellcheck disable=SC2086 # words
	operator auc av --imsi "$imsi" --for "$kind" ${network[$kind]} "$@" --json >av.all 2>av.log || return 1
	jq -c '.vectors[0]' av.all >av.out
}
has() { jq -r ".$1" av.out; }
card() { "$bin/twinkey" auth --reader "card:$card" --rand "$(has rand)" --autn "$(has autn)" --json >card.out 2>card.log; }
osmo() { # FIELD: of what osmo-auc-gen said
	sed -n "s/^$1:[[:space:]]*//p" osmo.out
}
# The SQN of the vector, by osmo-auc-gen's f5, and all that it makes of that SQN and AMF, in osmo.out.
ask_osmo() {
	local generate=(osmo-auc-gen -3 -a "$algorithm" -k "$k" -r "$(has rand)") less=0
	if [ "$algorithm" = XOR ]; then less=32; else generate+=(-o "$opc"); fi # with XOR it takes the SEQ before
	"${generate[@]}" -s $less -f 0000 >osmo.out
	sqn=$((16#$(has autn | cut -c 1-12) ^ 16#$(osmo AUTN | cut -c 1-12)))
	"${generate[@]}" -s $((sqn + less)) -f "$(has autn | cut -c 13-16)" >osmo.out
}
same_as() { # WHO KIND CK IK RES: the vector is what follows from these
	local want
	want=$(python3 "$top/tests/e2e/auc-vectors.py" "$2" "$3" "$4" "$5" "$(has rand)" "$(has autn)" "${bound[$2]}" 2>derived.log) ||
		die "$1, $2: $(cat derived.log)"
	jq -e --argjson want "$want" '[$want | to_entries[]] as $all | . as $av | $all | all($av[.key] == .value)' av.out >/dev/null ||
		die "$1, $2: $(cat av.out) is not $want"
}

operator init >init.out
n=0
for lines in "algorithm = milenage|k = $k|opc = $opc" "algorithm = xor|k = $k|res_bits = 128" \
	"algorithm = tuak|k = $k$k|topc = $topc|res_bits = 128"; do
	IFS='|' read -ra words <<<"$lines"
	n=$((n + 1))
	imsi=00101000000000$n
	printf '%s\n' "imsi = $imsi" "iccid = 8900199000000000${n}0" "${words[@]}" >sim$n.txt
	operator subscriber add --keys sim$n.txt --imsi2 00101000000010$n >add.out || die "subscriber add, $lines"
	card=card$n
	"$bin/twinkey-card" create --dir $card --profile sim$n.txt >create.out || die "create, $lines"
	algorithm=${words[0]#* = } algorithm=${algorithm^^}
	for kind in umts eps 5g 5g-eap; do
		av $kind $imsi || die "$lines, $kind: $(<av.log)"
		case $kind in umts) amf=0000 ;; *) amf=8000 ;; esac
		[ "$(has autn | cut -c 13-16)" = $amf ] || die "$kind: AUTN $(has autn) has not the AMF $amf"
		card || die "the card does not take a vector for $kind: $(<card.log)"
		same_as 'the card' $kind "$(jq -r .ck card.out)" "$(jq -r .ik card.out)" "$(jq -r .res card.out)"
		[ $algorithm != TUAK ] || continue
		ask_osmo
		[ "$(osmo AUTN)" = "$(has autn)" ] || die "AUTN is $(has autn), and osmo-auc-gen has $(osmo AUTN)"
		same_as osmo-auc-gen $kind "$(osmo CK)" "$(osmo IK)" "$(osmo RES)"
		[ $kind != umts ] || [ "$(osmo Kc)" = "$(has kc)" ] || die "Kc is $(has kc), and osmo-auc-gen has $(osmo Kc)"
	done
	av eps $imsi && card && same_as 'the card' eps "$(jq -r .ck card.out)" "$(jq -r .ik card.out)" "$(jq -r .res card.out)"
	[ $n != 1 ] || echo "($(cat derived.log))"
	operator auc av --imsi $imsi --for gsm --json >av.all
	jq -c '.vectors[0]' av.all >av.out
	"$bin/twinkey" auth --reader "card:$card" --context gsm --rand "$(has rand)" --json >card.out || die "$lines, gsm"
	[ "$(jq -r '.sres + .kc' card.out)" = "$(has sres)$(has kc)" ] || die "gsm: $(<card.out) is not $(<av.out)"
	if [ $algorithm != TUAK ]; then
		osmo-auc-gen -3 -a $algorithm -k $k -o $opc -r "$(has rand)" >osmo.out
		[ "$(osmo SRES)$(osmo Kc)" = "$(has sres)$(has kc)" ] || die "gsm: $(<osmo.out) is not $(<av.out)"
	fi
	ok "${words[0]#* = }: all kinds, as the card and osmo-auc-gen have them"
done

# whose numbers: each node's batch stays fresh while another one's is used, and a batch is used in its order
imsi=001010000000001 card=card1 algorithm=MILENAGE
use() { # FILE NUMBER: the vector of a batch at the card
	jq -c ".vectors[$2]" "$1" >av.out
	card
}
av umts $imsi --node ps --count 6 && cp av.all sgsn
av umts $imsi --node cs --count 6 && cp av.all msc
for i in 0 1 2 3 4 5; do use msc $i || die "vector $i of the MSC: $(<card.log)"; done
for i in 0 1 2 3 4 5; do use sgsn $i || die "vector $i of the SGSN, after the MSC's: $(<card.log)"; done
use sgsn 5 && die 'a vector serves twice'
ok "what one node uses leaves another one's fresh"

# counting, the clock, and an AuC that is put back to a copy of before
cp -r op copy
seq_of() { ask_osmo; echo $((sqn >> 5)); }
operator policy --sqn-clock on --json >policy.out
jq -e .sqnClock policy.out >/dev/null || die "$(<policy.out)"
av eps $imsi && card || die 'the first number by the clock'
far=$(seq_of) now=$(($(date +%s) % 16777216))
[ $((now - far)) -ge 0 ] && [ $((now - far)) -lt 60 ] || die "SEQ $far is not the clock's, $now"
av eps $imsi && card || die 'the next one by the clock'
operator policy --sqn-clock off >/dev/null
av eps $imsi && card || die 'counting again'
[ $(($(seq_of) - far)) -lt 60 ] || die "SEQ $(seq_of) after $far"
in_step() { # WHAT: after an AUTS at most, which is then in $rand and $auts
	rand='' auts=''
	av eps $imsi || die "$1: $(<av.all)"
	card && return
	auts=$(jq -r '.error.message | capture("AUTS (?<a>[0-9a-f]{28})").a' card.out) rand=$(has rand)
	av eps $imsi --rand "$rand" --auts "$auts" || die "$1: AUTS was not taken: $(<av.all)"
	card || die "$1: out of step after AUTS: $(<card.out)"
}
for clock in off on; do
	rm -rf op card4
	cp -r copy op
	operator policy --sqn-clock $clock >/dev/null
	card=card1
	for _ in 1 2 3 4 5; do # an index that the card has not used since takes an old number (C.2.2)
		in_step "an old copy, --sqn-clock $clock"
		[ -z "$auts" ] && [ $clock = off ] || break
	done
	[ $clock = on ] || [ -n "$auts" ] || die 'no AUTS for the numbers of an old copy'
	[ "$(seq_of)" -gt "$far" ] || die "SEQ $(seq_of) is not above $far"
	{ cat sim1.txt; echo 'sqn = 123456789a40'; } >sim4.txt
	"$bin/twinkey-card" create --dir card4 --profile sim4.txt >create.out
	card=card4
	in_step "a card far ahead, --sqn-clock $clock"
	[ "$(printf %x "$sqn")" != 0 ] && [ "$(seq_of)" = $((0x123456789a40 / 32 + 1)) ] || die "SEQ $(seq_of) after AUTS"
	av eps $imsi --rand "$rand" --auts "$auts" && die 'AUTS serves twice'
	jq -e '.error.message | test("was taken before")' av.all >/dev/null || die "$(<av.all)"
	in_step "and once more, --sqn-clock $clock"
	[ -z "$auts" ] || die "--sqn-clock $clock: AUTS again"
	ok "an old copy of the AuC, a card far ahead: in step, --sqn-clock $clock"
done

# the socket, and no other way
background serve "$bin/twinkey-operator" serve --dir op --socket op.sock --listen-plain 127.0.0.1:0 --json
wait_for 10 'the operator' test -S op.sock
wait_for 10 'its address' grep -q 127.0.0.1: serve.log
port=$(grep -oE '127\.0\.0\.1:[0-9]+' serve.log | head -n 1)
post() { curl -s -o answer -w '%{http_code}' -H 'Content-Type: application/json' -d "$2" "${@:3}" "http://$1/twinkey/v1/auc/av"; }
request="{\"imsi\": \"$imsi\", \"for\": \"5g\", \"plmn\": \"00101\", \"count\": 2}"
[ "$(post localhost "$request" --unix-socket op.sock)" = 200 ] || die "auc/av: $(<answer)"
for i in 0 1; do
	jq -c ".vectors[$i]" answer >av.out
	card || die "vector $i of auc/av"
	same_as 'the card' 5g "$(jq -r .ck card.out)" "$(jq -r .ik card.out)" "$(jq -r .res card.out)"
done
[ "$(post "$port" "$request")" = 403 ] && ! grep -q kausf answer || die "auc/av by TCP: $(<answer)"
[ "$(post localhost "{\"imsi\": \"$imsi\", \"for\": \"eps\"}" --unix-socket op.sock)" = 400 ] || die "auc/av without a network: $(<answer)"
jq -e '.error.message | test("PLMN")' answer >/dev/null || die "$(<answer)"
ok 'by the socket of the server, and not by TCP'

# processes that are killed: no number leaves twice
take() { # FILE: batches until it is killed
	while :; do operator auc av --imsi $imsi --for umts --count 2 --json >>"$1" 2>>"$1.log"; done
}
for _ in 1 2 3 4 5; do
	takers=()
	for i in 1 2 3; do
		set -m
		take "taken$i" &
		takers+=($!)
		set +m
	done
	sleep 0.4
	for t in "${takers[@]}"; do kill -KILL -- "-$t" && wait "$t" 2>/dev/null || true; done
done
cat taken? | jq -rR 'fromjson? | .vectors[] | [.rand, .autn] | @tsv' >taken # what was cut off did not leave as a whole
while read -r rand autn; do
	ak=$(osmo-auc-gen -3 -a MILENAGE -k $k -o $opc -r "$rand" -s 0 -f 0000 | sed -n 's/^AUTN:[[:space:]]*//p' | cut -c 1-12)
	printf '%012x\n' $((16#${autn:0:12} ^ 16#$ak))
done <taken >numbers
[ "$(wc -l <numbers)" -ge 50 ] || die "only $(wc -l <numbers) vectors while processes were killed: $(cat taken?.log | tail -n 3)"
[ -z "$(sort numbers | uniq -d)" ] || die "numbers that left twice: $(sort numbers | uniq -d | head -n 3)"
ok "$(wc -l <numbers) numbers by processes that were killed, none twice"

! grep -qE "$k|$opc|$topc" av.all av.log sgsn msc answer taken taken?.log serve.log policy.out || die 'K or OPc is in an output'
ok 'K and OPc are in no output'
