#!/bin/bash
# trace diff: two runs of our own demo differ in nothing but session values; a card with another profile in nothing
# but what the profile has; the same session as a log of lpac is the same; and planted changes of each kind are found.
. "$(dirname "$0")/lib.sh"
need jq oathtool python3
start_work
cd "$work" || exit 1
differ() { # EXIT-CODE ARGUMENT...: standard output is in diff.out
	local want=$1 status=0
	shift
	"$bin/twinkey" trace diff "$@" >diff.out 2>diff.err || status=$?
	[ $status = "$want" ] || die "trace diff $*: exit code $status; $(head -n 20 diff.out diff.err)"
}
holds() { # WHAT FILTER OF JQ, over all lines of diff.out
	jq -es "$2" diff.out >jq.out || die "$1: $(head -n 5 diff.out)"
	ok "$1"
}

# the demo twice, from the same beginning
prepare_two_keys
code=$(jq -r .activationCode prepare.json)
seed=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' totp.uri)
demo() { # NAME: in a copy of operator and card
	cp -a op "$1.op"
	cp -a card "$1.card"
	background "$1-serve" "${operator[@]}" serve --dir "$1.op" --socket "$work/$1.sock"
	local serve=$last
	wait_for 10 'the operator' test -S "$1.sock"
	background "$1-run" "$bin/twinkey" run --reader "card:$work/$1.card" --operator "unix:$work/$1.sock" \
		--trace "$1.pcapng" "$code"
	local run=$last
	wait_for 20 'the second factor' grep -q waiting "$1-run.log"
	oathtool --totp --base32 "$seed" |
		"${operator[@]}" factor approve --dir "$1.op" --imsi $imsi1 --code-stdin >"$1.approve"
	wait "$run" || die "twinkey run: $1"
	stop "$serve"
}
demo one
demo two
differ 0 one.pcapng two.pcapng
grep -q '^0 differences: .* session values' diff.out || die "two runs: $(<diff.out)"
differ 0 one.pcapng two.pcapng --all --json
holds 'two runs of the demo have other session values, and no difference' \
	'(map(select(.kind == "session").keys | split("/")[-1]) | unique) as $k |
	all(.kind == "session" or .kind == "summary") and
	(["rand", "sqn-ak", "euiccChallenge", "serverChallenge", "transactionId", "euiccOtpk", "smdpOtpk", "segment", "nonce",
	"wrapped-key", "euiccSignature1"] - $k == [])'

# the same session in another form: without resets and times, each exchange in one piece of extended length
cat >pairs.py <<'PYTHON'
import json
import sys

exchanges = [x for x in map(json.loads, open(sys.argv[1])) if x["kind"] == "exchange"]
how = sys.argv[2] if len(sys.argv) > 2 else ""
info = [i for i, x in enumerate(exchanges) if x["command"] == "STORE DATA" and "GetEUICCInfo" in x["what"]]
reads = [i for i, x in enumerate(exchanges) if x["path"].endswith("EF.IMSI") and x["command"] == "READ BINARY"]
if how == "lacks":
    del exchanges[reads[0]]
elif how == "more":
    exchanges.insert(reads[0], dict(exchanges[reads[0]], p2="01"))
elif how == "moved":
    exchanges.append(exchanges.pop(info[0]))
elif how == "status":
    exchanges[reads[0]].update(answer="", sw="6982")
elif how == "value":
    exchanges[reads[0]]["answer"] = exchanges[reads[0]]["answer"][:-2] + "99"
elif how == "again":
    exchanges.insert(reads[0], exchanges[reads[0]])
for x in exchanges:
    data, answer = bytes.fromhex(x["data"]), bytes.fromhex(x["answer"])
    command = bytes.fromhex(x["cla"] + x["ins"] + x["p1"] + x["p2"])
    if len(data) > 255 or len(answer) > 256:
        command += b"\0" + (len(data).to_bytes(2, "big") + data if data else b"") + b"\0\0"
    elif data:
        command += bytes([len(data)]) + data
    else:
        command += b"\0"
    print(">", command.hex())
    print("<", (answer + bytes.fromhex(x["sw"])).hex())
PYTHON
"$bin/twinkey" trace show --json one.pcapng >one.json 2>show.err
python3 pairs.py one.json >one.txt
differ 0 one.pcapng one.txt
grep -q '^0 differences: .* 0 session values, [1-9][0-9]* other forms' diff.out || die "another form: $(<diff.out)"
differ 0 one.txt one.pcapng -v --json
holds 'pieces and resets that the other form has not are told, and are no differences' \
	'any(.kind == "form" and .keys == "pieces" and .b.last > .b.number) and any(.kind == "form" and .command == "reset")'

# planted: one change of each kind, and nothing else is told
planted() { # HOW KIND FILTER
	python3 pairs.py one.json "$1" >planted.txt
	differ 1 one.pcapng planted.txt --json
	holds "planted, and found: $1" "map(select(.kind != \"summary\")) | length == 1 and .[0].kind == \"$2\" and (.[0] | $3)"
}
planted lacks removed '.command == "READ BINARY" and (.path | endswith("EF.IMSI")) and .b == null'
planted more added '.a == null'
planted again added '.a == null'
planted moved moved '.what | test("GetEUICCInfo")'
planted value changed '.keys == "imsi" and .before.value != .after.value'
python3 pairs.py one.json status >planted.txt
differ 1 one.pcapng planted.txt
grep -q '^! .*READ BINARY MF/ADF.USIM/EF.IMSI.*: status word: 9000 ok -> 6982' diff.out || die "a status word: $(<diff.out)"
ok 'planted, and found: a status word'

# a PIN and keys that one side has in clear
printf '> 00A4000C023F00\n< 9000\n> 002000010831323334FFFFFFFF\n< 9000\n' >clear.txt
printf '> 00A4000C023F00\n< 9000\n> 0020000108FFFFFFFFFFFFFFFF\n< 9000\n' >masked.txt
differ 0 clear.txt masked.txt -v
grep -q '^= .*VERIFY PIN.*one of the traces is masked' diff.out || die "a masked PIN: $(<diff.out)"
if grep -q 31323334 diff.out; then die 'a PIN is shown'; fi
ok 'a mask is no difference, and is told'

# a card with another profile: the files that it has otherwise, and nothing else (3GPP TS 35.208 set 1: test keys)
sim() { # NAME IMSI
	umask 077
	printf 'imsi = %s\niccid = 89000123456789012341\nk = %s\nopc = %s\npin = 1234\n' "$2" \
		465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf >"$1.sim"
	"$bin/twinkey-card" create --dir "$1.sim.card" --profile "$1.sim" --pki op/pki >"$1.create"
	printf '%s\n' 00A4040007A0000000871002 002000010831323334FFFFFFFF 00A40804047FFF6F07 00B0000009 00A40804047FFF6FAD \
		00B0000004 00A40804047FFF6F46 00B0000011 00A40804022FE2 00B000000A |
		"$bin/twinkey" apdu --reader "card:$1.sim.card" --trace "$1.sim.pcapng" >"$1.apdu"
}
sim a 001010123456789
sim b 001010123456780
sim c 001010123456789
differ 1 a.sim.pcapng b.sim.pcapng --json
holds 'another IMSI is the one difference of two cards' \
	'length == 2 and .[0].keys == "imsi" and .[0].before.value == "001010123456789" and
	.[0].after.value == "001010123456780" and .[1].changed == 1 and .[1].same == false'
differ 0 a.sim.pcapng c.sim.pcapng
differ 0 a.sim.pcapng b.sim.pcapng --filter 'file=EF.AD'

# lpac's own log, as recorded, against a trace of ours of a card that was made likewise
logs=$top/tests/traces
"$bin/twinkey" apdu --reader card:a.sim.card --trace ours.pcapng \
	00A4040010A0000005591010FFFFFFFF8900000100 80E2910003BF2D00 >apdu.out
differ 0 ours.pcapng "$logs/lpac.log" --filter 'command=STORE DATA'
differ 0 "$logs/lpac.log" - --filter 'command=STORE DATA' --from lpac,lpac-json <"$logs/lpac-stdio.log"
ok "lpac's logs and our own trace of the same are the same"
differ 1 ours.pcapng "$logs/lpac-tty.log"

# what is wrong with a trace is said beside it, and what is none
printf 'and no line of it\n' | cat masked.txt - <(printf '> zz\n') >broken.txt
differ 0 broken.txt masked.txt --from pairs
grep -q '^twinkey: broken.txt: FAULT in frame or line' diff.err || die "a fault: $(<diff.err)"
differ 2 broken.txt none.txt
differ 2 - -
differ 2 /dev/null masked.txt
differ 2 masked.txt masked.txt --card x
differ 2 masked.txt masked.txt --from nonsense
differ 0 masked.txt masked.txt --card 0,0
ok 'faults and wrong usage'
