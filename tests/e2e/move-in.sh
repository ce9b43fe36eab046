#!/bin/bash
# Subscribers of osmo-hlr move in while it runs, and move out again: the real osmo-hlr makes the database and serves the
# one that is made for it; the virtual card and osmo-auc-gen say whether both have the same keys and numbers. Files of
# the other programs there and back; faults, doubles, cuts and kills, after which nothing is there.
. "$(dirname "$0")/lib.sh"
need osmo-hlr osmo-hlr-db-tool osmo-auc-gen python3 jq script
inside_network "$@"
start_work
cd "$work"
umask 077
# Test keys: TS 35.207 sets 1 and 2 with another OPc each
k1=465b5ce8b199b49faa5f0a2ee238a6bc opc1=cd63cb71954a9f4e48a5994e37a02baf
k2=0396eb317b6d1c36f19c1c84cd6ffd16 op2=ff53bade17df5d4e793073ce9d7579fa opc2=53c15671c60a4b731c55b4a441c0bde2
imsi1=001010000000001 imsi2=001010000000002
operator() { local dir=$1; shift; "$bin/twinkey-operator" "$@" --dir "$dir"; }
ask() { python3 "$top/tests/e2e/move-in.py" "$@"; }
has() { jq -r ".$1" vector.out; }
start_hlr() { # DATABASE
	printf 'log stderr\n logging level set-all notice\nline vty\n bind 127.0.0.1\nctrl\n bind 127.0.0.1\nhlr\n database %s\n gsup\n  bind ip 127.0.0.1\n' \
		"$work/$1" >hlr.cfg
	background "hlr-$1" osmo-hlr -c hlr.cfg
	hlr=$last
	wait_for 10 'osmo-hlr' python3 "$top/tests/e2e/move-in.py" vty 'show version'
}
# The vector in vector.out at a card with the key: taken at once, and it has the same RES, CK and IK.
card_takes() { # WHAT CARD
	"$bin/twinkey" auth --reader "card:$2" --rand "$(has rand)" --autn "$(has autn)" --json >card.out 2>card.log ||
		die "$1: the card refuses it: $(<card.log)"
	[ "$(jq -r '.res + .ck + .ik' card.out)" = "$(has res)$(has ck)$(has ik)" ] || die "$1: $(<vector.out) is not $(<card.out)"
}
osmo_makes() { # WHAT K OPC: the same of the RAND
	osmo-auc-gen -3 -a MILENAGE -k "$2" -o "$3" -r "$(has rand)" -s 0 -f 0000 >osmo.out
	for f in RES CK IK; do
		[ "$(sed -n "s/^$f:[[:space:]]*//p" osmo.out)" = "$(has "${f,,}")" ] || die "$1: $f is not osmo-auc-gen's"
	done
}
ours() { operator "$1" auc av --imsi "$2" --for umts --json | jq -c '.vectors[0] | .res = .xres' >vector.out; }
theirs() { ask vector "$1" >vector.out; }
nobody() { # DIR: it has no subscriber, and its log no import
	[ "$(operator "$1" subscriber list --json | jq '.subscribers | length')" = 0 ] || die "$1 has subscribers"
	operator "$1" log >log.out
	! grep -q import log.out || die "$1: the log has an import"
}

for n in 1 2; do
	k=k$n opc=opc$n
	printf '%s\n' "imsi = 00101000000000$n" "iccid = 890019900000000000$n" "k = ${!k}" "opc = ${!opc}" >sim$n.txt
	"$bin/twinkey-card" create --dir card$n --profile sim$n.txt >create.out
done
for dir in op back bad; do operator $dir init >init.out; done

# in: osmo-hlr has given vectors, and runs
osmo-hlr-db-tool -l hlr.db create 2>tool.log || die 'osmo-hlr-db-tool'
start_hlr hlr.db
ask vty "subscriber imsi $imsi1 create" "subscriber imsi $imsi1 update msisdn 4917012" \
	"subscriber imsi $imsi1 update aud3g milenage k $k1 opc $opc1" "subscriber imsi $imsi1 update aud2g comp128v1 ki $k1" \
	"subscriber imsi $imsi2 create" "subscriber imsi $imsi2 update aud3g milenage k $k2 op $op2" \
	'subscriber imsi 001010000000003 create' >vty.log
for n in 1 2; do
	for _ in 1 2 3; do
		theirs 00101000000000$n
		card_takes "osmo-hlr's own vector for $n" card$n
	done
done
[ -s hlr.db-wal ] || die 'the numbers stand in no file beside: this tries nothing'
operator op subscriber import hlr.db >import.out 2>import.err || die "import: $(<import.err)"
expect 'two of three come in' '^2 subscribers of osmo-hlr are imported' import.out
expect 'the one without a key is told' 'row 3: it has no key, and is left out' import.err
expect 'the key of 2G is told' 'auc_2g: is not carried' import.err
expect 'what a card without KRA gets is told' 'stays on limited access' import.out
operator op subscriber show --imsi $imsi1 --json | jq -e '.state == "PROVISIONED" and .msisdn1 == "4917012" and .imsi2 == .imsi1' >jq.out ||
	die 'the subscriber is another'
for n in 1 2; do
	k=k$n opc=opc$n
	ours op 00101000000000$n
	card_takes "our vector for $n, after osmo-hlr's" card$n
	osmo_makes "our vector for $n" "${!k}" "${!opc}"
done
ok 'keys and numbers of a running osmo-hlr go on'
ask vty "subscriber imsi $imsi2 update aud3g none" "subscriber imsi $imsi2 update aud2g comp128v1 ki $k2" >vty.log
refuse 'COMP128 alone' operator bad subscriber import hlr.db
expect 'and what to do' 'it has a key for 2G alone .*give the card one for MILENAGE' refused.out
nobody bad
stop "$hlr"

# out: osmo-hlr serves what we have made
refuse 'keys without --with-keys' operator op subscriber export --to osmo-hlr --out out.db
operator op subscriber export --to osmo-hlr --with-keys --out out.db >export.out
[ "$(stat -c %a out.db)" = 600 ] || die "mode $(stat -c %a out.db)"
refuse 'a file that is there' operator op subscriber export --to osmo-hlr --with-keys --out out.db
start_hlr out.db
ask vty "show subscriber imsi $imsi1" "show subscriber imsi $imsi2" >vty.out
expect 'osmo-hlr shows the number' 'MSISDN: 4917012' vty.out
expect 'and the key' "OPC=$opc2" vty.out
for n in 1 2; do
	k=k$n opc=opc$n
	theirs 00101000000000$n
	card_takes "osmo-hlr's vector for $n, after ours" card$n
	osmo_makes "osmo-hlr's vector for $n" "${!k}" "${!opc}"
done
stop "$hlr"
operator xor init >init.out
printf 'imsi,k,algorithm\n001010000000004,%s,xor\n' $k1 >xor.csv
printf 'imsi = 001010000000004\niccid = 8900199000000000004\nk = %s\nalgorithm = xor\nres_bits = 128\n' $k1 >sim4.txt
"$bin/twinkey-card" create --dir card4 --profile sim4.txt >create.out
operator xor subscriber import xor.csv >import.out 2>&1
operator xor subscriber export --to osmo-hlr --with-keys --out xor.db >export.out
start_hlr xor.db
theirs 001010000000004
card_takes "osmo-hlr's vector of XOR" card4
stop "$hlr"
! grep -iE 'error|mismatch|upgrade' hlr-out.db.log hlr-xor.db.log || die 'osmo-hlr complains'
ok 'osmo-hlr takes our database, and goes on where we were'
rm -f hlr.db-*
operator back subscriber import out.db >import.out 2>&1 || die "$(<import.out)"
ours back $imsi1
card_takes 'our vector after the way there and back' card1
[ -z "$(ls out.db-* 2>/dev/null)" ] || ls out.db-*

# the others, one after the other: the numbers go on with each
operator op subscriber export --to csv --with-keys --out all.csv >export.out
from=back
for format in open5gs free5gc pyhss csv; do
	other=op-$format
	operator $other init >init.out
	operator $from subscriber export --to $format --with-keys --out all.$format.txt >export.out
	operator $other subscriber import all.$format.txt --json >import.out 2>import.err || die "$format: $(<import.err)"
	jq -e ".format == \"$format\" and .imported == 2" import.out >jq.out || die "$format: $(<import.out)"
	for n in 1 2; do
		ours $other 00101000000000$n
		card_takes "$format, there and back" card$n
	done
	from=$other
done
operator $from subscriber export --to csv --with-keys >again.csv
cut -d, -f 1-9,11- all.csv.txt >want.csv # but for SQN, of which one was used since
cut -d, -f 1-9,11- again.csv >got.csv
cmp want.csv got.csv || die 'CSV is another after the way there and back'
for python in python3 /usr/bin/python3; do # Debian's may not be the first
	$python -c 'from bson import json_util' 2>bson.log || continue
	$python "$top/tests/e2e/move-in.py" open5gs <all.open5gs.txt || die 'the documents for Open5GS'
	ok "pymongo makes Open5GS's documents of it"
	break
done
ok 'Open5GS, free5GC, PyHSS, CSV: there and back'

# who took keys out, and that no key is in what was said
operator op log >log.out
expect 'the log has the import' 'import .*operator: 2 subscribers of osmo-hlr from hlr.db' log.out
expect 'and the export' 'export .*operator: 2 subscribers with keys as osmo-hlr to out.db' log.out
operator op log --verify >verify.out || die "$(<verify.out)"
operator op subscriber export --to csv >without.csv
! grep -E "$k1|$k2|$opc1|$opc2" without.csv log.out import.err import.out export.out refused.out || die 'a key where none may be'
script -qec "$bin/twinkey-operator subscriber export --to csv --with-keys --dir op" /dev/null >terminal.out 2>&1 </dev/null &&
	die 'keys to a terminal'
expect 'no keys to a terminal' 'keys are not written to a terminal' terminal.out
! grep -q $k1 terminal.out || die 'keys on the terminal'

# all or none: faults, doubles, cuts, and a kill in the middle
{
	echo 'imsi,k,opc'
	echo "$imsi1,$k1,$opc1"
	echo "$imsi2,${k2}0,$opc2"
	echo "12345,$k2,$opc2"
	echo "$imsi1,$k1,$opc1"
} >wrong.csv
refuse 'a file with faults' operator bad subscriber import wrong.csv
for f in 'line 3, k: must' 'line 4, imsi: must be 6 to 15 digits' 'line 5, imsi: is there twice \(line 2' "has 3 faults: nothing was imported"; do
	expect "it tells: $f" "$f" refused.out
done
! grep -qE "$k1|$k2" refused.out || die 'a key in an error'
cp all.csv open.csv
chmod 644 open.csv
refuse 'a file that others can read' operator bad subscriber import open.csv
expect 'and what to do' 'chmod go-rwx it' refused.out
refuse 'who is there already' operator op subscriber import all.csv
expect 'and what to do' 'belongs to a subscriber who is in the store already' refused.out
for f in all.open5gs.txt all.pyhss.txt all.csv out.db; do
	size=$(stat -c %s $f)
	for cut in 0 1 15 100 $((size / 2)) $((size - 40)) $((size - 3)); do
		head -c $cut $f >part
		if operator bad subscriber import part >part.out 2>&1; then die "$f cut to $cut of $size is taken: $(<part.out)"; fi
		grep -q . part.out || die "$f cut to $cut: nothing is said"
	done
done
ok 'files that were cut'
nobody bad
python3 -c "
import secrets
for name, n in ('10k', 10000), ('250k', 250000), ('1m', 1000000):
    with open(name + '.csv', 'w') as f:
        f.write('imsi,k,opc\n')
        f.writelines('00102%010d,%s,%s\n' % (i, secrets.token_hex(16), secrets.token_hex(16)) for i in range(n))"
refuse 'a million rows' operator bad subscriber import 1m.csv
expect 'and what to do' 'more than 250000 subscribers: import them in parts' refused.out
for signal in KILL INT; do
	background killed "$bin/twinkey-operator" subscriber import 250k.csv --dir bad
	wait_for 20 'the store to be written' sh -c 'test "$(stat -c %s bad/operator.db-wal)" -gt 4000000'
	kill -$signal "$last"
	status=0
	wait "$last" || status=$?
	[ $status != 0 ] || die 'it was over before the signal: this tries nothing'
	nobody bad
	ok "SIG$signal in the middle (exit $status)"
done
operator bad log --verify >verify.out || die "$(<verify.out)"
operator bad subscriber import 10k.csv --dry-run >import.out
nobody bad
began=$(date +%s%N)
operator bad subscriber import 10k.csv >import.out
took=$((($(date +%s%N) - began) / 1000000))
[ $took -lt 20000 ] || die "10,000 rows took $took ms"
[ "$(operator bad subscriber list --json | jq '.subscribers | length')" = 10000 ] || die 'not all of 10,000'
ok "10,000 rows in $took ms"
