#!/bin/bash
# The command lines as a user meets them, by the tables of the programs: every subcommand that --help names, its help,
# its manual page, and wrong usage, with and without --json. tests/e2e/cli-flow.sh has what succeeds.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cli-lib.sh"
need jq mandoc python3
start_work
PATH=$bin:$PATH
cd "$work" || exit 1
unset TWINKEY_PIN TWINKEY_CONFIRMATION_CODE

declare -A seen=() # options that were looked at
for p in "${programs[@]}"; do
	page=$top/docs/$p.1
	mandoc -T ascii -O width=200 "$page" 2>man.err | sed 's/.\x08//g' >man.txt
	commands_of "$p" >commands
	[ -s commands ] || die "$p --help names no command"
	no_wait=()
	[ "$p" != twinkey ] || no_wait=(--wait 0) # for a card
	fails_well 2 "$p"
	fails_well 2 "$p" no-such-command
	call "$p" --version
	[ $status = 0 ] || die "$p --version"
	call "$p" --version --json
	one_object "$p --version --json"
	for what in --version --help '--help --json'; do
		status=0
		# shellcheck disable=SC2086 # two words
		"$p" $what >/dev/full 2>err || status=$?
		[ $status = 1 ] || die "$p $what into a full disk: exit code $status"
		grep -q 'standard output: no space is left' err || die "$p $what into a full disk: no good error"
	done
	while read -r command; do
		read -ra words <<<"$command"
		call "$p" "${words[@]}" --help
		grep -q "^Usage: $p $command" out || die "$p $command --help"
		[ $status = 0 ] || die "$p $command --help: exit code $status"
		grep -q -- '--json' out || die "$p $command --help does not name --json"
		cp out help
		call "$p" "${words[@]}" --help --json
		one_object "$p $command --help --json"
		grep -qE "^ +${words[0]}${words[1]:+\b.*\b${words[1]}}\b" man.txt || die "$page does not name '$command'"
		# every option has its line in the manual, and one that wants a value does not do without; those that
		# several commands have alike are one
		while read -r option rest; do
			[ -z "${seen[$p $option $rest]:-}" ] || continue
			seen[$p $option $rest]=yes
			grep -qE -- "$option\b" man.txt || die "$page does not name $option of '$command'"
			[ -n "$rest" ] || continue
			call "$p" "${words[@]}" "$option"
			[ $status = 2 ] || die "$p $command $option, without its value: exit code $status"
		done < <(sed -n 's/^ *\(-[a-z], \)\?\(--[a-z0-9-]*\)\( \([^ ].*\)\)\?$/\2 \4/p' help)
		fails_well 2 "$p" "${words[@]}" --no-such-option
		grep -q '\.\.\.\]' <(head -n 1 help | sed 's/\[OPTION\.\.\.\]//') ||
			fails_well 2 "$p" "${words[@]}" a b c d e f g h
		# with nothing at all: no crash, an answer or a good error
		call "$p" --json "${no_wait[@]}" "${words[@]}"
		case $status in
		0) one_object "$p $command --json" ;;
		1 | 2 | 3 | 4)
			one_object "$p $command --json"
			jq -e '(.error.message | length > 0) or .troubles > 0' out >jq.out || die "$p $command --json: no error object"
			;;
		*) die "$p $command --json: exit code $status" ;;
		esac
	done <commands
	# the manual says the same as --help: commands, arguments, options, values, defaults; and nothing else
	"$top/tests/tool/manual" "$p" "$page" >differs || die "$p: $(<differs)"
	while read -r command; do help_options "$p" "$command"; done <commands | sort -u >options
	"$p" "${words[@]}" --help --json | jq -r '.general[].name' >general
	cat options >>all-options
	sed 's/^/any --/' general >>all-options
	ok "$p: help, manual and wrong usage of $(wc -l <commands) subcommands"
done

# That comparison sees each kind of difference.
departs() { # WHAT SED-SCRIPT REGEX
	sed "$2" "$top/docs/twinkey-card.1" >page.1
	! "$top/tests/tool/manual" twinkey-card page.1 >differs || die "nothing is told of a page with $1"
	grep -q "$3" differs || die "$1: $(<differs)"
}
departs 'a command more' 's/^\.It Cm inspect/.It Cm expect/' 'expect: is in the page, and no command'
departs 'a command less' '/^\.It Cm inspect/d' 'inspect: is not in the page'
departs 'an argument more' 's/^\.It Cm inspect.*/& Ar FILE/' 'inspect: takes nothing in --help, .*file.* in the page'
departs 'an option more' 's/^\.It Fl -sync/.It Fl -synch/' 'the page names --synch'
departs 'an option less' '/^\.It Fl -nfc/d; s/Fl -nfc/nfc/' 'run: the page does not name --nfc'
departs 'another value' 's/Fl -vscard Ar SOCKET/Fl -vscard Ar PATH/' 'the value is SOCKET in --help, path'
departs 'another letter' 's/Fl p , Fl -port/Fl q , Fl -port/' 'the letter is p in --help, q'
departs 'another default' 's/default: 35963/default: 35964/' 'the default is 35963 in --help, 35964'
departs 'a default less' 's/ (default: 35963)//' 'the default is 35963 in --help, None'
ok 'what differs between a page and --help is told'

# The script that is installed beside the programs: its page has the options of its help.
page=$top/docs/twinkey-virtual-reader.1
"$top/scripts/virtual-reader" --help | grep -oE -- '--[a-z]+' | sort -u >reader-options
[ -s reader-options ] || die 'scripts/virtual-reader --help names no option'
while read -r option; do
	grep -qE "Fl -${option#--}\b" "$page" || die "$page does not name $option"
	echo "virtual-reader $option" >>all-options
done <reader-options

# What else speaks of options speaks of such as there are; the second page of the package tools has each of theirs.
for page in "$top"/docs/*.1 "$top/README.md"; do
	# in mdoc and in text; what programs of others take stands in README.md only behind their names
	sed -n 's/.*Fl -\([a-z]\)/--\1/; s/\\-/-/g; p' "$page" | grep -oE -- '--[a-z][a-z0-9-]+' | sort -u |
		while read -r option; do
			grep -q -- " $option\$" all-options || die "$page names $option, which no program has"
		done
done
for option in $(for c in show export build lint diff; do help_options twinkey "profile $c"; done | sed 's/.* --//'); do
	grep -qE "Fl -$option\b|Fl ${option:0:1}\b" "$top/docs/twinkey-profile.1" ||
		die "twinkey-profile.1 does not name --$option"
done
ok 'the manual pages and README.md name no option that does not exist'

# The first word of a group is wrong usage that says the second ones; its help lists them.
fails_well 2 twinkey profile
fails_well 2 twinkey profile no-such-command
grep -q 'nickname' out || die 'the commands of a group are not said'
call twinkey profile --help
[ $status = 0 ] || die "twinkey profile --help: exit code $status"
ok 'groups of commands'

# One table of exit codes: each page has all of --help's, with the same meaning.
for page in "$top"/docs/{twinkey,twinkey-card,twinkey-operator}.1; do
	program=$(basename "$page" .1)
	"$program" --help | tr '\n' ' ' | grep -o 'Exit codes: [^.]*' | grep -oE '\b[0-9]+ [a-z]+' | sort >codes
	[ "$(wc -l <codes)" -ge 6 ] || die "$program --help names the exit codes $(cat codes)"
	while read -r number word; do
		sed -n '/^\.Sh EXIT STATUS/,/^\.El/p' "$page" | sed -n "/^\\.It $number\$/,/^\\.[IE][tl]/p" >meaning
		[ -s meaning ] || die "$page does not name exit code $number"
		case $word in
		failed | no) ;; # "it was tried and failed", "no PC/SC service, reader or card"
		wrong | good | refused | interrupted)
			grep -q "$word" meaning || die "$page: exit code $number is '$word' in --help: $(cat meaning)"
			;;
		*) die "$program --help: exit code $number '$word' is new to this test" ;;
		esac
	done <codes
	grep -oE '^\.It [0-9]+$' "$page" | sed 's/.It //' | sort -u | diff - <(sed 's/ .*//' codes | sort) >diff.out ||
		die "$page and $program --help have other exit codes: $(cat diff.out)"
done
ok 'exit codes of --help and manual pages'

# What all commands understand is looked at, whether they come to need it or not.
twinkey-card create --dir card0 >/dev/null
fails_well 2 twinkey info --reader card:card0 --isdr-aid zz
fails_well 2 twinkey profile lint --rules --isdr-aid 0102
fails_well 1 twinkey info --reader card:card0 --pin-file /nonexistent
grep -q -- '--pin-file /nonexistent: not found' err out || die "no good word: $(cat err out)"
fails_well 1 twinkey apdu --reader card:card0 --pin-file . 00A40004023F00
fails_well 2 twinkey info --reader card:card0 --connect nowhere
fails_well 2 twinkey info --reader card:card0 --operator nowhere
fails_well 1 twinkey info --reader card:card0 --ca /nonexistent
fails_well 2 twinkey readers --wait 86401
fails_well 2 twinkey-operator log --timeout 0
ok 'options of all commands are always checked'

# Standard output that is closed is an error, and no file gets what was meant for it.
twinkey-card create --dir card >/dev/null
status=0
twinkey info --reader card:card --trace closed.pcapng >&- 2>err || status=$?
[ $status = 1 ] || die "standard output closed: exit code $status"
if grep -aq 'ATR  ' closed.pcapng; then die 'what is said to people went into the trace'; fi
ok 'standard output is closed'

# A reader that has enough is no reason for words, and no success.
status=0
{
	sleep 0.3 # until the reader is gone
	twinkey profile lint --rules 2>err || echo $? >status
} | :
[ "$(cat status)" = 1 ] || die "a closed pipe: exit code $(cat status)"
[ ! -s err ] || die "a closed pipe: $(cat err)"
ok 'a closed pipe'

# Ctrl-C ends a program that waits for its standard input.
mkfifo nothing
exec 9<>nothing
status=0
env --default-signal=INT twinkey profile show - <nothing >out 2>err &
pids+=($!)
wait_for 20 'its handlers' catches $!
kill -INT $!
wait $! || status=$?
[ $status = 130 ] || die "Ctrl-C: exit code $status: $(cat err)"
grep -q cancelled err || die "Ctrl-C: $(cat err)"
exec 9>&-
ok 'Ctrl-C while it reads'
