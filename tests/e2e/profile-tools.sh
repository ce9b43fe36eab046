#!/bin/bash
# The profile tools on real packages: to JSON and back, masks, findings, differences, bad input.
. "$(dirname "$0")/lib.sh"
shared=$(cd "$top" && realpath -m "${TWINKEY_SHARED:-../shared}")
packages=("$shared"/rsp/upp/*.der)
[ -e "${packages[0]}" ] || skip 'no packages in the test-data folder'
need jq
start_work
PATH=$bin:$PATH
cd "$work" || exit 1
umask 022

code() { # WANTED COMMAND...: the exit code; output in out, errors in err
	local want=$1 status=0
	shift
	timeout 60 "$@" >out 2>err </dev/null || status=$?
	[ $status = "$want" ] || { cat out err >&2; die "$*: exit code $status, not $want"; }
}

for p in "${packages[@]}"; do
	code 0 twinkey profile export "$p" -o a.json
	code 0 twinkey profile build a.json -o a.der
	cmp "$p" a.der || die "$p does not come back"
	[ "$(stat -c %a a.json a.der | sort -u)" = 600 ] || die 'the files are not of mode 0600'
	code 0 twinkey profile show "$p" --json --secrets
	jq -c . a.json | cmp - <(jq -c . out) || die "$p: show and export differ"
	code 0 twinkey profile show "$p" --json
	jq -e '[.. | ._masked? // empty] | length > 5' out >/dev/null || die "$p: nothing is masked"
	cp out masked.json
	code 1 twinkey profile build masked.json -o masked.der
	grep -q 'masked' err || die 'build does not say that a value is masked'
	[ ! -e masked.der ] || die 'build wrote half a package'
	code 0 twinkey profile lint "$p"
	code 1 twinkey profile lint --severity info "$p"
	code 1 twinkey profile lint --severity info --json "$p"
	jq -e '.errors == 0 and .infos > 0 and (.findings | all(.rule and .clause and .where))' out >/dev/null ||
		die "$p: the findings as JSON"
	code 0 twinkey profile diff "$p" a.der
done
ok "${#packages[@]} packages to JSON and back, octet for octet, masked, judged"

# a secret is where it belongs
key=$(jq -r '[.. | .key? // empty][0]' a.json)
for how in '' --json; do
	twinkey profile show $how a.der | grep "$key" >out && die "show $how prints a key"
	twinkey profile show $how --secrets a.der | grep "$key" >out || die "show $how --secrets hides it"
done
ok 'keys are shown only on demand'

# a change, found
jq '(.elements[] | select(.usim) | .usim["ef-acc"][] | select(.fillFileContent)).fillFileContent = "0600"' a.json >b.json
code 0 twinkey profile build b.json -o b.der
code 1 twinkey profile diff a.der b.der
grep -q 'ef-acc: contents from octet 0' out || die 'diff does not see the change'
code 1 twinkey profile diff --json a.der b.der
jq -e '(.differences | length) == 1 and .same == false' out >/dev/null || die 'diff as JSON'
code 1 twinkey profile lint b.der
grep -q '^error  *EFC-09' out || die 'lint does not see the reserved bit'
jq '(.elements[] | select(.end)).end["end-header"].identification = 30000' a.json >c.json
code 0 twinkey profile build c.json -o c.der
code 0 twinkey profile diff a.der c.der
grep -q 'other octets' out || die 'diff does not say that the octets differ'
ok 'diff and lint find a change'

# edited badly: the place is said, and what was there before stays
cp b.der kept.der
jq 'del(.elements[1].mf.templateID)' a.json >bad.json
code 1 twinkey profile build bad.json -o b.der
grep -q '/elements/1/mf' err || die 'the place is not said'
cmp b.der kept.der || die 'build changed the file though it failed'
echo '{"elements": [' >bad.json
code 1 twinkey profile build bad.json -o b.der
code 1 twinkey profile build missing.json -o b.der
code 1 twinkey profile build a.json -o no/such/folder.der
code 2 twinkey profile build a.json
[ -z "$(find . -name '*.tmp*' -o -name '.*' -type f)" ] || die 'a temporary file stays'
ok 'bad JSON is refused with its place'

# bad packages: cut, endless, a million elements, nested
size=$(stat -c %s a.der)
for n in 0 1 2 3 "$((size / 2))" "$((size - 1))"; do
	head -c "$n" a.der >cut.der
	code 1 twinkey profile show cut.der
	code 1 twinkey profile lint cut.der
	code 2 twinkey profile diff a.der cut.der
done
printf '\240\204\377\377\377\377' >long.der
# shellcheck disable=SC2046
printf '\252\0%.0s' $(seq 1000000) >million.der
head -c 900000 million.der >many.der
printf '\240\200\0\0' >indefinite.der
for bad in long million many indefinite; do
	for command in show lint export; do
		o=()
		[ $command != export ] || o=(-o never.json)
		code 1 bash -c 'ulimit -v 400000; exec "$@"' - twinkey profile $command "${o[@]}" $bad.der
		[ -s err ] || die "$command $bad: says nothing"
	done
done
[ ! -e never.json ] || die 'export wrote something of a bad package'
code 1 twinkey profile show no-such-file
code 2 twinkey profile lint
code 2 twinkey profile lint --severity fatal a.der
code 2 twinkey profile diff - -

# what we make ourselves is as clean as what we ask of others
code 0 twinkey-operator init --dir op
code 0 twinkey-operator subscriber add --dir op --imsi1 001010000000001 --imsi2 001010000000002
code 0 twinkey-operator profile prepare --dir op --imsi 001010000000001 --out own.der
code 0 twinkey profile lint --severity warning own.der
ok 'bad packages are refused'

code 0 twinkey profile lint --rules --json
jq -e '(.rules | length) >= 110 and (.rules | map(.rule) | unique | length) == (.rules | length)' out >/dev/null ||
	die 'the table of rules'
grep -q "($(jq '.rules | length' out) rules" "$top/README.md" || die 'README.md has another number of rules'
ok "$(jq '.rules | length' out) rules, each with severity and clause"
