#!/bin/bash
# trace show: our own demo, recorded, is named to the last exchange, and nothing secret is shown; the captures of the
# test-data folder are shown, one of them beside what pySim-trace says of it; filters, a file and a FIFO that grow, a
# reader that goes away, what is no trace.
. "$(dirname "$0")/lib.sh"
need jq oathtool python3
start_work
cd "$work" || exit 1
show() { "$bin/twinkey" trace show "$@" 2>show.err; }

prepare_two_keys
export TWINKEY_PIN=1234 # the PIN that a prepared profile leaves with: a test value
code=$(jq -r .activationCode prepare.json)
seed=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' totp.uri)
background serve "${operator[@]}" serve --dir "$op" --socket "$work/op.sock"
wait_for 10 'the operator' test -S op.sock
background run "$bin/twinkey" run --reader "card:$work/card" --operator "unix:$work/op.sock" --trace run.pcapng "$code"
run=$last
wait_for 20 'the second factor' grep -q waiting run.log
oathtool --totp --base32 "$seed" | "${operator[@]}" factor approve --dir "$op" --imsi $imsi1 --code-stdin >approve.out
wait "$run" || die 'twinkey run'

# the demo, to the leaf
show run.pcapng -v >run.txt || die "trace show: $(<show.err)"
expect 'the form that was found' 'pcapng' show.err
show run.pcapng -v --json >run.json || die 'trace show --json'
jq -es 'all(.kind != "fault")' run.json >jq.out || die 'our own trace has faults'
jq -es '[.[] | select(.kind == "exchange")] | length > 50 and all(.known and .whole and .remarks == [])' run.json >jq.out ||
	die "not all of it is known: $(jq -c 'select(.kind == "exchange" and (.known and .whole and .remarks == [] | not))' run.json | head -n 3)"
jq -es '[.. | objects | select(.key == "unknown" or has("fault"))] == []' run.json >jq.out ||
	die "leaves without a name: $(jq -c '.. | objects | select(.key? == "unknown" or has("fault"))' run.json | head -n 5)"
ok "each of $(jq -s 'map(select(.kind == "exchange")) | length' run.json) exchanges of the demo has its name, and all that is in it"
for want in 'ES10b.AuthenticateServer' 'ES10b.PrepareDownload' 'ES8+.ConfigureISDP' 'ES8+.ReplaceSessionKeys' \
	'ES8+.LoadProfileElements, a segment' 'ES10c.EnableProfile' 'KRA challenge' 'KRA grant' 'REFRESH' '3G, success'; do
	jq -es --arg w "$want" 'any(.what? // "" | contains($w))' run.json >jq.out || die "the demo has no $want"
done
for want in smdpCertificate serverCertificate euiccCertificate eumCertificate rand autn res; do
	grep -q "\"key\":\"$want\"" run.json || die "no $want is told"
done
grep -q '"key":"imsi".*"value":"001010000000001"' run.json || die 'the IMSI is not told'
expect 'certificates by their names' 'Subject: .*CN=' run.txt
expect 'CK is masked' 'CK: 16 octets, masked' run.txt
expect 'a PIN is not shown' 'VERIFY PIN .*, masked' run.txt

# every line is as docs/trace.schema.json says (python3-jsonschema)
valid() { # FILE...
	python3 -c 'import jsonschema' 2>/dev/null || return 0
	python3 - "$top/docs/trace.schema.json" "$@" <<'PYTHON' || die 'JSON that is not as its schema says'
import json
import sys
import jsonschema

schema = json.load(open(sys.argv[1]))
validator = jsonschema.validators.validator_for(schema)(schema)
for name in sys.argv[2:]:
    for number, line in enumerate(open(name), 1):
        for error in validator.iter_errors(json.loads(line)):
            sys.exit(f"{name}, line {number}: {error.message[:200]}")
PYTHON
	ok "JSON as its schema says: $*"
}
valid run.json

# filters
show run.pcapng --filter 'command=AUTHENTICATE,status=ok' >auth.txt
if [ ! -s auth.txt ] || grep -qv AUTHENTICATE auth.txt; then die 'a filter by command'; fi
show run.pcapng --filter 'file=EF.IMSI|EF.AD' --filter 'command=READ*' >files.txt
grep -q EF.IMSI files.txt || die 'a filter by file'
if grep -qv 'READ.*EF\.\(IMSI\|AD\)' files.txt; then die "a filter by file: $(<files.txt)"; fi
all=$(show run.pcapng | wc -l)
before=$(show run.pcapng --filter 'time=..0.2' | wc -l)
after=$(show run.pcapng --filter 'time=0.2000000001..' | wc -l)
[ $((before + after)) = "$all" ] || die "a filter by time: $before and $after of $all"
[ "$(show run.pcapng --filter channel=7 | wc -l)" = 0 ] || die 'a filter by channel'
ok 'filters'

# PINs and keys that stand in a trace in clear
cat >clear.txt <<'LOG'
> 002000010831323334FFFFFFFF
< 9000
> 0088008010AABBAABBAABBAABBAABBAABBAABBAABB
< 9F0C
> 00A40004023F00
> 00C0000035
< DB08A1A2A3A4A5A6A7A810C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C110C0C1C0C1C0C1C0C1C0C1C0C1C0C1C0C108C0C1C0C1C0C1C0C19000
LOG
for how in '' -v '--json' '-v --json'; do
	# shellcheck disable=SC2086 # words
	show clear.txt $how >clear.out || die 'a trace with secrets in clear'
	if grep -qiE '31323334|1234|c0c1' clear.out; then die "a secret is shown: $(<clear.out)"; fi
done
show clear.txt >clear.out
expect 'a PIN in clear is said' '4 digits, in clear' clear.out

# a file that grows, a FIFO, a reader that goes away
head -c 700 run.pcapng >grows.pcapng
background grows "$bin/twinkey" trace show --follow grows.pcapng
grows=$last
wait_for 10 'the first lines' grep -q SELECT grows.log
tail -c +701 run.pcapng >>grows.pcapng
wait_for 10 'the last lines' grep -qF "$(tail -n 1 <(show run.pcapng))" grows.log
kill -INT "$grows"
status=0
wait "$grows" || status=$?
[ $status = 130 ] || die "--follow, interrupted: exit code $status"
mkfifo live
background live "$bin/twinkey" trace show live
live=$last
exec 9>live
head -c 700 run.pcapng >&9
wait_for 10 'a line while the FIFO is open' grep -q SELECT live.log
exec 9>&-
wait "$live" || die 'a FIFO'
status=0
"$bin/twinkey" trace show run.pcapng -v 2>gone.err | head -n 1 >gone.out || status=${PIPESTATUS[0]}
[ $status = 1 ] || die "a reader that goes away: exit code $status"
grep -q SELECT gone.out || [ -s gone.out ] || die 'nothing came before the reader went away'
status=0
show - <run.pcapng >stdin.txt || die 'standard input'
cmp -s stdin.txt <(show run.pcapng) || die 'standard input and file differ'
for bad in /dev/null clear.none; do
	status=0
	"$bin/twinkey" trace show $bad >bad.out 2>bad.err || status=$?
	[ $status = 1 ] && [ "$(wc -l <bad.err)" = 1 ] || die "$bad: $status, $(<bad.err)"
done
ok 'what grows, what goes away, what is none'

# the logs of other programs
count=0
for f in "$top"/tests/traces/*.log; do
	[ -e "$f" ] || continue
	show "$f" -v --json >log.json || die "$f: $(<show.err)"
	jq -es 'any(.kind == "exchange")' log.json >jq.out || die "$f: nothing is shown"
	valid log.json >valid.out
	count=$((count + 1))
done
ok "$count logs of other programs"

traces=${TWINKEY_SHARED:-$top/../shared}/traces
[ -d "$traces" ] || { echo "no captures in $traces: the rest is left out"; exit 0; }
for f in "$traces"/*.pcapng; do
	show "$f" -v --json >"${f##*/}.json" || die "$f: $(<show.err)"
	show "$f" -v >"${f##*/}.txt" || die "$f: $(<show.err)"
	jq -es 'map(select(.kind == "exchange")) | length > 100 and (map(select(.known | not)) | length == 0)' \
		"${f##*/}.json" >jq.out || die "$f: not all commands have names"
	ok "${f##*/}: $(jq -s 'map(select(.kind == "exchange")) | length' "${f##*/}.json") exchanges"
done
valid ./*.pcapng.json
# pySim-trace has another name for STATUS, and calls two files by the name of one
python3 - "$traces/pySim-trace_test_gsmtap.pcapng.ok" pySim-trace_test_gsmtap.pcapng.json >compare.out <<'PYTHON' || die "$(<compare.out)"
import json
import re
import sys

theirs, ours = [], []
for line in open(sys.argv[1]):
    m = re.match(r"([0-9a-f]{2}) (.{16}) (.{35}) (\S+)\s+([0-9a-f]{4}) ", line)
    if m:
        theirs.append((int(m[1], 16), m[2].strip().replace("GET STATUS", "STATUS"), m[3].strip(), m[5]))
for x in map(json.loads, open(sys.argv[2])):
    if x["kind"] == "exchange" and x["command"] != "SELECT":
        ours.append((x["channel"], x["command"], x["path"], x["sw"]))
if len(theirs) != len(ours) or len(ours) < 250:
    sys.exit(f"{len(ours)} lines of ours, {len(theirs)} of pySim-trace")
paths = 0
for a, b in zip(ours, theirs):
    if (a[0], a[1], a[3]) != (b[0], b[1], b[3]):
        sys.exit(f"ours: {a}, pySim-trace: {b}")
    # where pySim-trace names a file at all: what it knows is what we say
    if "/EF." in b[2] and re.search(r"/EF\.", a[2]):
        paths += a[2].lower() == b[2].lower()
        if a[2].lower() != b[2].lower() and b[2] != "MF/ADF.USIM/EF.EHPLMNPI":
            sys.exit(f"ours: {a}, pySim-trace: {b}")
print(f"{len(ours)} exchanges and {paths} paths of files are as pySim-trace says")
PYTHON
ok "$(<compare.out)"
