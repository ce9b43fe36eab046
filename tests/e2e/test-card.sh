#!/bin/bash
# twinkey test-card: good cards have no departure; every fault of faulty-card is named by its case and clause, directly
# and through a real pcscd; nothing is changed unasked, the last PIN try is never spent; reports are what they say.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq xmllint python3 pcscd
faulty=$top/build/release/tests/faulty-card
key_lines=('imsi = 001010000000001' 'iccid = 8988211000000000011' 'k = 465b5ce8b199b49faa5f0a2ee238a6bc'
	'opc = cd63cb71954a9f4e48a5994e37a02baf') # TS 35.207, test set 1

make_cards() { # in $work: sim (PIN1 1234, key.txt), open (no PIN), empty (no profile), kra (with a sealed part)
	umask 077
	cd "$work"
	printf '%s\n' "${key_lines[@]}" >open.txt
	printf '%s\n' "${key_lines[@]}" 'pin = 1234' >key.txt
	"$bin/twinkey-card" create --dir open --profile open.txt >create.out
	"$bin/twinkey-card" create --dir sim --profile key.txt >>create.out
	"$bin/twinkey-operator" init --dir op >init.out
	"$bin/twinkey-operator" subscriber add --dir op --imsi1 001010000000001 --imsi2 001010000000002 >add.out
	"$bin/twinkey-operator" factor enroll --dir op --imsi 001010000000001 --out totp.uri >enroll.out
	"$bin/twinkey-operator" profile prepare --dir op --imsi 001010000000001 --json >prepare.json
	"$bin/twinkey-card" create --dir empty --pki op/pki >>create.out
	background serve "$bin/twinkey-operator" serve --dir op --socket "$work/op.sock"
	serve=$last
	wait_for 10 'the operator' test -S op.sock
	cp -r empty kra
	export TWINKEY_PIN=1234 # of sim, and what a prepared profile leaves with: test values
	at=(--reader card:kra --operator "unix:$work/op.sock")
	"$bin/twinkey" profile load "$(jq -r .activationCode prepare.json)" "${at[@]}" >load.out
	"$bin/twinkey" profile enable "$(jq -r .iccid prepare.json)" "${at[@]}" >enable.out
}
examine() { # EXIT NAME ARGUMENT...: $work/NAME.out and .err
	local want=$1 name=$2 status=0
	shift 2
	timeout 40 "$bin/twinkey" test-card "$@" >"$name.out" 2>"$name.err" </dev/null || status=$?
	[ $status = "$want" ] || die "test-card $*: exit code $status: $(tail -n 5 "$name.err") $(head -c 3000 "$name.out")"
}
is_good() { # NAME: no departure, and nothing noted that a good card has not
	jq -e '.verdict == "good" and .end.state == "complete" and .counts.failed == 0 and .counts.passed > 100 and
		.budget.spent.authentications <= .budget.planned.authentications and
		.budget.spent.pinTries <= .budget.planned.pinTries' "$1.out" >/dev/null ||
		die "$1: $(jq -c '.verdict, .end, .budget, (.cases[] | select(.outcome == "failed"))' "$1.out")"
	ok "$1: no departure, $(jq -r '"\(.counts.passed) passed, \(.counts.skipped) skipped"' "$1.out")"
}
octets() { (cd "$1" && find . -type f ! -name lock -exec sha256sum {} + | sort); } # lock: a process has it
content() { "$bin/twinkey-card" inspect --dir "$1" --json | jq 'del(.journal)'; }

good_cards() {
	local name said
	for name in open sim empty kra; do
		octets "$name" >before
		content "$name" >content
		TWINKEY_PIN='' examine 0 "$name" --reader "card:$name" --json
		octets "$name" | cmp before - || die "$name: test-card has changed the card"
		# PIN1 is counted down before it is compared, and up again: the journal has that
		examine 0 "$name" --reader "card:$name" --json
		content "$name" | cmp content - || die "$name: test-card has changed the card"
		is_good "$name"
		grep -q 'nothing is changed$' "$name.err" || die "$name: $(<"$name.err")"
	done
	ok 'nothing of their folders has changed'
	cp -r sim keyed
	examine 0 keyed --reader card:keyed --key-file key.txt --json
	is_good keyed
	jq -e '[.cases[] | select(.id | test("^(auth.(answer|replay|resynchronised|mac-keeps-number|gsm-answer)|gsm.algorithm-answer)$"))
		| .outcome] | . == ["passed", "passed", "passed", "passed", "passed", "passed"]' keyed.out >/dev/null ||
		die "not every answer of the key is judged: $(jq -c '.cases[] | select(.group == "auth")' keyed.out)"
	said=$(jq -r '.budget.planned | "\(.authentications) authentications and \(.pinTries) wrong PIN tries"' keyed.out)
	grep -q "at most $said; nothing is changed" keyed.err || die "the budget is not said: $(<keyed.err)"
	jq -e '.budget.spent.authentications > 5' keyed.out >/dev/null || die 'authentications are not counted'
	ok "it says beforehand: $(<keyed.err)"
	examine 0 changed --reader card:keyed --key-file key.txt --allow-changes --json
	is_good changed
	jq -r '.cases[] | select(.outcome == "passed" or .outcome == "skipped").id' changed.out >good
	grep -q ' 1 wrong PIN tr.*; it may change the card' changed.err || die "$(<changed.err)"

	# the whole way of the two keys
	cp -r kra two-keys
	background journey timeout 40 "$bin/twinkey" test-card --reader card:two-keys --operator "unix:$work/op.sock" \
		--allow-changes --json --output two-keys.out
	journey=$last
	wait_for 20 'the second factor' grep -q 'waiting for the operator' journey.log
	"$bin/twinkey-operator" factor approve --dir op --imsi 001010000000001 --agent desk --evidence passport >approve.out
	wait "$journey" || die 'test-card of the two keys'
	is_good two-keys
	jq -e '.cases[] | select(.id == "change.two-keys") | .outcome == "passed"' two-keys.out >/dev/null ||
		die "$(jq -c '.cases[] | select(.id == "change.two-keys")' two-keys.out)"
	"$bin/twinkey" auth --reader card:two-keys --operator "unix:$work/op.sock" >auth.out
	expect 'the card has gone the whole way' 'full' auth.out
	stop "$serve"
}

last_try() {
	local wrong='0020000108393939393939FFFF' select=00A4040007A0000000871002 tries
	cp -r sim last
	"$bin/twinkey" apdu --reader card:last $select $wrong $select $wrong >wrong.out 2>&1 || true
	for more in '' --allow-changes; do
		examine 0 last --reader card:last --json ${more:+"$more"}
		"$bin/twinkey" apdu --reader card:last $select 0020000100 >tries.out 2>&1 || true
		tries=$(grep -ioE '63c[0-9a-f]' tries.out) || die "$(<tries.out)"
		[ "${tries,,}" = 63c1 ] || die "the last try was spent: $tries"
		jq -e '[.cases[] | select(.detail | test("only one try is left"))] | length > 0' last.out >/dev/null ||
			die 'it is not said that one try is left'
	done
	jq -e '.budget.spent.pinTries == 0' last.out >/dev/null || die 'a try is counted as spent'
	ok 'the last PIN try is not spent'
}

# A fault is named: the case of the table departs (or, where its rule is a recommendation, notes), and its clause is
# one of the case's, or is in what it says. The good card's same case does neither.
named='def clauses: reduce (.clause | split(", ")[]) as $c ({doc: "", all: []};
		if $c | test(" (([0-9A-Z]+\\.)*[0-9A-Z]+|annex [A-Z])$") and (test("^annex") | not)
		then {doc: ($c | sub(" (([0-9A-Z]+\\.)*[0-9A-Z]+)$"; "")), all: (.all + [$c])}
		else .all += ["\(.doc) \($c)"] end) | .all;
	.cases[] | select(.id == $case) | (.outcome == "failed" or .outcome == "noted") and
		((clauses | index($clause)) != null or (.detail | contains($clause)))'

no_card_in() { "$bin/twinkey" readers --json | jq -e --arg r "$1" 'any(.readers[]; .name == $r and (.card | not))'; }
try_fault() { # NAME CARD CASE CLAUSE READER PORT: writes NAME.verdict
	local name=$1 card=$2 case=$3 clause=$4 reader=$5 port=$6 status=0 pid args=()
	[ "$card" != pin ] && [ "$card" != euicc ] || card=sim # the same card
	cp -r "$card" "$name"
	[ "$card" = kra ] || { cp key.txt "$name.key"; args=(--key-file "$name.key"); }
	"$faulty" --dir "$name" --port "$port" --fault "$name" >"$name.card" 2>&1 &
	pid=$!
	timeout 40 "$bin/twinkey" test-card --reader "$reader" --wait 10 "${args[@]}" --allow-changes --skip change.channels \
		--json >"$name.out" 2>"$name.err" </dev/null || status=$?
	kill "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	# the next card must not be taken for this one
	[[ $reader == vpcd:* ]] || wait_for 10 "$reader to be empty" no_card_in "$reader"
	if [ "$case" = - ]; then
		[ $status = 3 ] && jq -e '.end.state == "card-lost" and .counts.failed == 0' "$name.out" >/dev/null &&
			echo named >"$name.verdict"
	elif jq -e --arg case "$case" --arg clause "$clause" "$named" "$name.out" >/dev/null 2>&1; then
		echo named >"$name.verdict"
	fi
	[ -e "$name.verdict" ] || printf 'exit code %s, %s; departs: %s\n' $status "$(tail -n 1 "$name.err")" \
		"$(jq -c '[.cases[] | select(.outcome == "failed") | {id, clause, detail}]' "$name.out" 2>&1)" >"$name.verdict"
	rm -rf "$name"
}
judge() { # WAY NAME...
	local way=$1 name bad=0
	shift
	for name in "$@"; do
		[ "$(cat "$name.verdict" 2>&1)" = named ] || { bad=1; echo "$name is not named: $(cat "$name.verdict")" >&2; }
		rm -f "$name.verdict"
	done
	[ $bad = 0 ] || die "$way: faults that are not named"
	ok "$way: $# faults, each named by its case and clause"
}
directly() { # FILE: the faults of these lines, as card programs that connect
	local name card case clause what
	while IFS=$'\t' read -r name card case clause what; do
		port=$((port + 1))
		try_fault "$name" "$card" "$case" "$clause" "vpcd:$port" $port
	done <"$1"
}

reports() {
	local f
	background faulty "$faulty" --dir "$work/broken" --port 21300 --fault fcp-sfi
	for f in text json junit html; do
		timeout 20 "$bin/twinkey" test-card --reader vpcd:21300 --wait 10 --format $f --output "report.$f" 2>err || true
		[ -s "report.$f" ] || die "no report as $f: $(<err)"
	done
	stop "$last"
	expect 'text' '^FAILED +fcp\.sfi \(TS 102 221 11\.1\.1\.4\.8' report.text
	jq -e '.schema == 1 and .verdict == "departs" and ([.cases[].outcome] | group_by(.) | map({(.[0]): length}) | add) ==
		(.counts | with_entries(select(.value > 0))) and (.timings | length > 5) and
		all(.timings[]; .count == (.samplesUs | length) and .minUs <= .medianUs and .medianUs <= .maxUs)' \
		report.json >/dev/null || die 'JSON does not agree with itself'
	ok 'JSON agrees with itself'
	xmllint --noout report.junit || die 'JUnit is no XML'
	[ "$(xmllint --xpath 'boolean(count(/testsuites/testsuite) > 10 and count(//*) = count(/testsuites |
		/testsuites/testsuite | /testsuites/testsuite/properties | //properties/property[@name][@value] |
		/testsuites/testsuite/testcase[@name][@classname][@time] | //testcase/failure[@message] | //testcase/skipped |
		//testcase/system-out) and sum(/testsuites/testsuite/@tests) = count(//testcase) and
		sum(//testsuite/@failures) = count(//failure) and sum(//testsuite/@skipped) = count(//skipped) and
		not(//testsuite[@tests != count(testcase)]))' report.junit)" = true ] || die "JUnit has another shape"
	[ "$(xmllint --xpath 'string(//failure/../@name)' report.junit)" = fcp.sfi ] || die 'JUnit has another failure'
	ok 'JUnit has its shape, and the failure'
	python3 - report.html <<-'PY' || die 'the page'
		import html.parser, re, sys
		class Page(html.parser.HTMLParser):
		    void = {"meta", "link", "img", "br", "hr", "input", "base"}
		    def __init__(self):
		        super().__init__()
		        self.open, self.seen, self.bad = [], {}, []
		    def handle_starttag(self, tag, attrs):
		        self.seen[tag] = self.seen.get(tag, 0) + 1
		        if tag in ("script", "link", "img", "iframe", "object", "embed", "base", "use"):
		            self.bad.append(tag)
		        for name, value in attrs:
		            if name in ("src", "href", "xlink:href", "action", "srcset") and not (value or "").startswith("#"):
		                self.bad.append(name)
		        if tag not in self.void:
		            self.open.append(tag)
		    def handle_startendtag(self, tag, attrs):
		        self.handle_starttag(tag, attrs)
		        if tag not in self.void:
		            self.open.pop()
		    def handle_endtag(self, tag):
		        if not self.open or self.open.pop() != tag:
		            self.bad.append("/" + tag)
		text = open(sys.argv[1], encoding="utf-8").read()
		page = Page()
		page.feed(text)
		page.close()
		shapes = sum(page.seen.get(t, 0) for t in ("rect", "circle", "path", "line", "polyline"))
		if page.bad or page.open or "svg" not in page.seen or shapes < 10:
		    sys.exit(f"{page.bad} {page.open} {page.seen}")
		if re.search(r"url\(|@import|https?://(?!www\.w3\.org/)", text) or "fcp.sfi" not in text:
		    sys.exit("it takes something from elsewhere, or has no departure")
	PY
	ok 'the page stands alone, and has its plot'
}

files() {
	local run=("$bin/twinkey" test-card --reader card:open --json --only atr)
	mkdir out
	echo mine >out/report
	refuse 'a file that is there is not replaced' "${run[@]}" --output out/report
	[ "$(<out/report)" = mine ] || die 'it was replaced all the same'
	"${run[@]}" --output out/report --force 2>err || die "--force: $(<err)"
	jq -e .schema out/report >/dev/null || die '--force'
	cp out/report whole
	(trap '' XFSZ && ulimit -f 1 && exec "${run[@]}" --only '*' --output out/report --force) >err 2>&1 &&
		die 'a write that fails was no error'
	cmp -s out/report whole || die 'half a report was written'
	refuse 'no such folder' "${run[@]}" --output out/none/report
	[ "$(ls -A out)" = report ] || die "something is left behind: $(ls -A out)"
	ok 'a report is written whole or not at all'
	refuse 'a form that is none' "${run[@]}" --format pdf
}

interrupted() {
	local status=0
	cp -r sim stuck
	background stuck-card "$faulty" --dir "$work/stuck" --port 21301 --fault time-stuck
	card=$last
	background stuck "$bin/twinkey" test-card --reader vpcd:21301 --wait 10 --allow-changes --json --output stuck.out
	wait_for 10 'the first case' grep -q 'may change the card' stuck.log
	catches "$last" || die 'no handler for Ctrl-C'
	kill -INT "$last"
	wait "$last" || status=$?
	[ $status = 130 ] || die "Ctrl-C: exit code $status"
	stop "$card"
	jq -e '.end.state == "cancelled" and .verdict != "good" and .counts."not-run" > 0' stuck.out >/dev/null ||
		die "the report of a test that was stopped: $(jq -c .end,.counts stuck.out)"
	examine 0 after-stop --reader card:stuck --json
	is_good after-stop
	ok 'Ctrl-C: the report says so, and the card is as it was'
}

through_pcscd() { # the same lines from two files, each for a reader
	local name card case clause what n halves=() names
	for n in 0 1; do
		while IFS=$'\t' read -r name card case clause what; do
			try_fault "$name" "$card" "$case" "$clause" "Virtual PCD 00 0$n" $((VPCD_PORT + n))
		done <"half-$n" &
		halves+=($!)
	done
	wait "${halves[@]}"
	mapfile -t names < <(cut -f 1 half-0 half-1)
	judge 'through pcscd' "${names[@]}"
}

hanging='^(ins-mute|time-stuck)' # for 10 s, and pcscd with them
if [ -z "${VPCD_PORT:-}" ]; then
	make --no-print-directory -s -C "$top" build/release/tests/faulty-card || die 'faulty-card'
	(
		start_work
		make_cards
		cp -r sim broken
		beside=()
		"$faulty" --list >table
		[ "$(wc -l <table)" -ge 90 ] || die "only $(wc -l <table) faults"
		grep -E "$hanging" table >hang
		grep -vE "$hanging" table >rest
		awk 'NR % 2' rest >half-0
		awk 'NR % 2 == 0' rest >half-1
		n=0
		while IFS= read -r line; do # each for 10 s, beside all that follows
			n=$((n + 10))
			port=$((21200 + n)) directly /dev/fd/3 3<<<"$line" &
			beside+=($!)
		done <hang
		good_cards
		# a case that departs from a good card as well names nothing
		while IFS=$'\t' read -r name case; do
			[ "$case" = - ] || grep -qxF "$case" good || die "$name: $case is none, or departs on a good card too"
		done < <(cut -f 1,3 table)
		last_try
		files
		interrupted
		reports
		port=21000 directly half-0 &
		beside+=($!)
		port=21100 directly half-1
		wait "${beside[@]}"
		mapfile -t names < <(cut -f 1 table)
		judge 'a card program connects' "${names[@]}"
	) || exit $?
fi
inside_reader
start_work
make_cards
stop "$serve"
background card "$bin/twinkey-card" run --dir "$work/sim" --port "$VPCD_PORT"
wait_for 10 'the card' sh -c "'$bin/twinkey' readers --json | jq -e 'any(.readers[]; .card)'"
examine 0 pcscd --reader 'Virtual PCD 00 00' --json
is_good pcscd
stop "$last"
# Every second fault. pcscd itself takes a card with a wrong TS for none, and one that goes is gone.
"$faulty" --list | grep -vE "$hanging|^(time-gone|atr-ts)" | awk 'NR % 2' >table
awk 'NR % 2' table >half-0
awk 'NR % 2 == 0' table >half-1
through_pcscd
