#!/bin/bash
# trace audit: our own demo and the logs of lpac, pySim and eapol_test have no error; a trace that breaks a rule is told
# with its exit code; each form of report is what it says; a baseline accepts; standard input, a FIFO, Ctrl-C; what comes
# from a trace stays text.
. "$(dirname "$0")/lib.sh"
need jq oathtool python3 xmllint
start_work
cd "$work" || exit 1
audit() { # WANTED-EXIT ARGUMENT...
	local want=$1 status=0
	shift
	"$bin/twinkey" trace audit "$@" >out 2>err || status=$?
	[ $status = "$want" ] || { cat out err >&2; die "trace audit $*: exit code $status, not $want"; }
}
told() { grep -qE -- "$1" out || { cat out err >&2; die "nothing is told as $1"; }; }

# A demo of the two keys, sealed
prepare_two_keys
code=$(jq -r .activationCode prepare.json)
seed=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' totp.uri)
background serve "${operator[@]}" serve --dir "$op" --socket "$work/op.sock"
wait_for 10 'the operator' test -S op.sock
background run "$bin/twinkey" run --reader "card:$work/card" --operator "unix:$work/op.sock" --trace run.pcapng \
	--seal recorder.key "$code"
run=$last
wait_for 20 'the second factor' grep -q waiting run.log
oathtool --totp --base32 "$seed" | "${operator[@]}" factor approve --dir "$op" --imsi $imsi1 --code-stdin >approve.out
wait "$run" || die 'twinkey run'
audit 0 run.pcapng
told '^run.pcapng: pcapng with GSMTAP, [0-9]+ exchanges of 1 card in '
told '^whole: [0-9]+ records, closed; signed by key [0-9a-f]{64}$'
told '^0 errors, '
ok "the demo: $(tail -n 1 out)"

# ... in each form, all at once
audit 0 run.pcapng --format json --output run.json --format sarif --output run.sarif --format junit --output run.xml \
	--format html --output run.html
told '^run.pcapng: .*\.$'
audit 0 --json run.pcapng
jq -e 'del(.made)' run.json >run.one
jq -e 'del(.made)' out | cmp -s - run.one || die '--json and --format json differ'
jq -e '.trace.seal.verdict == "whole" and .trace.exchanges > 50 and .verdict.complete and .counts.error == 0' run.json >jq.out ||
	die "the JSON: $(jq -c '.trace, .verdict' run.json)"
[ "$(jq -r .trace.sha256 run.json)" = "$(sha256sum run.pcapng | cut -d' ' -f1)" ] || die 'the digest of the trace'
for want in 'SELECT ISD-R' 'ES10b.AuthenticateServer: the server is accepted' 'ES10b.PrepareDownload: agreed' \
	'ES8+ profile installation result: installed' 'ES10c.EnableProfile: done' REFRESH reset 'VERIFY PIN: ok' \
	'AUTHENTICATE: ok' 'KRA challenge: signed by the card' 'KRA grant: released'; do
	jq -e --arg w "$want" 'any(.events[]; .text == $w)' run.json >jq.out || die "the demo has no event '$want'"
done
ok 'key events of the demo'

# A trace that breaks rules, with names and words that would be markup, or would end a line
# shellcheck disable=SC2016 # $ is no variable
printf '%s\n' '# card <script>alert(1)</script>&"' '# reset 3B00' '> 00A40004023F00' '< 9000' \
	'what is that ]]> <b>' '> 00B0' '< 6700' '# card other' '> 00A4040007A0000000871002' '< 9000' '> 00A40004026F07' \
	'< 9000' '> 00B0000009' '< 0809101010325476989000' '> 0020000108FFFFFFFFFFFFFFFF' '< 63C2' >odd.txt
audit 0 odd.txt
told '^WARNING  FRM-02  not so: a command has the form of an APDU  \[ISO 7816-3 12.1.3\]$'
told '^  6  .*the data ends too early'
told '^WARNING  FRM-01 '
audit 1 odd.txt --fail-on warning
audit 0 odd.txt --fail-on none --production
audit 0 --from pairs - <odd.txt
told '^-: lines as'
mkfifo live
cat odd.txt >live &
audit 1 live --fail-on info
audit 0 odd.txt --format text --output - --format json --output odd.json --format sarif --output odd.sarif \
	--format junit --output odd.xml --format html --output odd.html
told '^WARNING  FRM-02 '
ok 'what is found, and its exit codes'

# what is no trace, what cannot be written, what is no wish: 2, and nothing is left
audit 2 /dev/null
audit 2 none.txt
for bad in '--format pdf' '--output a --output b' '--format json --format html --format text --output a' '--fail-on all' \
	'--output odd.json' '--output none/at/all' '--baseline odd.json' '--baseline odd.txt' '--from nothing'; do
	# shellcheck disable=SC2086 # words
	audit 2 odd.txt $bad
	[ -s err ] || die "$bad: nothing is said"
done
audit 2
audit 2 --list odd.txt
audit 2 --explain XYZ-99
[ ! -e a ] && [ ! -e b ] || die 'a file is left behind'
mkfifo slow
background slow "$bin/twinkey" trace audit slow --format html --output slow.html
slow=$last
exec 9>slow
head -n 4 odd.txt >&9
kill -INT "$slow"
status=0
wait "$slow" || status=$?
exec 9>&-
[ $status = 130 ] || die "Ctrl-C: exit code $status"
[ -z "$(find . -name 'slow.html*')" ] || die 'Ctrl-C leaves half a file'
ok 'what is refused leaves nothing behind'

# Each form is what it says
for f in run odd; do
	xmllint --noout $f.xml || die "$f.xml is no XML"
done
[ "$(xmllint --xpath 'count(//testcase)' odd.xml)" = "$("$bin/twinkey" trace audit --list --json | jq '.rules | length')" ] ||
	die 'JUnit: not a case for each rule'
[ "$(xmllint --xpath 'count(//failure)' odd.xml)" = 0 ] || die 'JUnit: a warning fails below --fail-on'
audit 1 odd.txt --format junit --fail-on warning
[ "$(xmllint --xpath 'count(//failure)' out)" -ge 2 ] || die 'JUnit: a warning does not fail at --fail-on'
python3 "$top/tests/e2e/audit-forms.py" "$top/docs/audit.schema.json" run odd >forms.out 2>&1 ||
	die "a report is not what its form says: $(<forms.out)"
ok "$(tail -n 1 forms.out)"

# A baseline
audit 0 odd.txt --write-baseline known.json
grep -q 'known.json: [0-9]* kinds of findings are accepted' err || die "$(<err)"
audit 0 odd.txt --baseline known.json --fail-on info --format json --output known-odd.json --format sarif --output known.sarif
jq -e '.verdict.name == "clean" and .counts.warning == 0 and .accepted.warning >= 2 and .absent == []' known-odd.json >jq.out ||
	die 'the baseline accepts nothing'
jq -e '[.runs[0].results[] | .baselineState == "unchanged" and (.suppressions | length) == 1] | all' known.sarif >jq.out ||
	die 'SARIF: what is accepted'
# the same on other lines, with a note; one that is gone
jq '(.accepted[] | select(.rule == "FRM-02")).note = "a probe of ours" | .accepted += [{rule: "FRM-01", print: "00112233445566778899aabbccddeeff", about: "", detail: "gone"}]' \
	known.json >more.json
{ printf '# remark\n# another\n'; cat odd.txt; } >moved.txt
audit 0 moved.txt --baseline more.json --fail-on info
told '^in the baseline, and not found any more: FRM-01 gone$'
audit 0 moved.txt --baseline more.json --write-baseline more.json --force --format html --output moved.html
jq -e '(.accepted | map(.note) | index("a probe of ours")) and (.accepted | all(.detail != "gone"))' more.json >jq.out ||
	die 'a baseline that is written anew'
grep -q 'a probe of ours' moved.html || die 'the note is not on the page'
printf '> 00B0\n< 6700\n> 01\n< 6700\n' >>odd.txt
audit 1 odd.txt --baseline known.json --fail-on warning
# counts may be others; another code and another key are other findings (published keys, TS 35.208 sets 1 and 2)
wrong() { printf '> 002000%s083939393938393837\n< 63C%s\n' "$1" "$2"; }
blocked() { for left in "${@:2}"; do wrong "$1" "$left"; done; }
blocked 01 2 1 0 >pin.txt
blocked 01 3 2 1 0 >pin-again.txt
blocked 0A 2 1 0 >adm.txt
printf 'K one 465b5ce8b199b49faa5f0a2ee238a6bc\nK two 0396eb317b6d1c36f19c1c84cd6ffd16\n' >two-keys
chmod 600 two-keys
leak() { printf '> 00DA000010%s\n< 9000\n' "$1"; }
leak 465B5CE8B199B49FAA5F0A2EE238A6BC >one.txt
leak 0396EB317B6D1C36F19C1C84CD6FFD16 >two.txt
audit 1 pin.txt --write-baseline pin.json
audit 0 pin-again.txt --baseline pin.json
audit 1 adm.txt --baseline pin.json
told '^ERROR    COD-05 '
audit 1 one.txt --secrets two-keys --write-baseline one.json
audit 0 one.txt --secrets two-keys --baseline one.json
audit 1 two.txt --secrets two-keys --baseline one.json
told '^ERROR    SEC-01 '
ok 'a baseline'

# Rules
"$bin/twinkey" trace audit --list | grep -oE '^[A-Z0-9]{3}-[0-9]{2}  ' >listed
"$bin/twinkey" trace audit --list --json | jq -r '.rules[] | .rule + "  "' | cmp - listed || die 'two lists of rules'
while read -r id; do
	"$bin/twinkey" trace audit --explain "$id" || die "--explain $id"
done <listed >explained
grep -oE '^[A-Z0-9]{3}-[0-9]{2}  ' explained | cmp - listed || die 'a rule is not explained'
[ "$(grep -cE '^What to do .{10}' explained)" = "$(wc -l <listed)" ] || die 'a rule has no remedy'
ok "$(wc -l <listed) rules are listed and explained"

# Others' logs have no error; nor do the captures of the test-data folder break anything
for f in "$top"/tests/traces/{lpac,pysim,eapol,wpa_supplicant,opensc,pcscd,pcsc-spy}*.log; do
	audit 0 "$f"
done
for f in "${TWINKEY_SHARED:-$top/../shared}"/traces/*.pcapng; do
	[ ! -e "$f" ] || audit 0 "$f" --fail-on none --format html --output capture.html --force
done
ok "logs of other programs have no error"

# Beyond its caps a report counts
python3 - >many.txt <<'PYTHON'
print("> 00A40004023F00\n< 9000")
for i in range(4000):
    print("> 00B0\n< 6700" if i % 2 else "> 00B2%02X0400\n< 6A83" % (i % 250 + 1))
PYTHON
audit 0 many.txt --fail-on none --format json --output many.json --format html --output many.html
jq -e '(.findings | map(select(.rule == "FRM-02")) | length) == 100 and (.rules[] | select(.rule == "FRM-02") | .found == 2000 and .told == 100)' \
	many.json >jq.out || die 'a report that is too long'
grep -q 'Another 1900 of this rule are counted' many.html || die 'the page does not say what it leaves out'
grep -q 'exchanges not listed' many.html || die 'the page does not say which exchanges it leaves out'
ok 'what is left out is counted'
