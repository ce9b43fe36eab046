#!/bin/bash
# The command lines as a user meets them, by the tables of the programs: every subcommand that --help names, its help,
# its manual page, and wrong usage, with and without --json. tests/e2e/cli-flow.sh has what succeeds.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cli-lib.sh"
need jq mandoc
start_work
PATH=$bin:$PATH
cd "$work" || exit 1
unset TWINKEY_PIN TWINKEY_CONFIRMATION_CODE

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
	while read -r command; do
		read -ra words <<<"$command"
		call "$p" "${words[@]}" --help
		grep -q "^Usage: $p $command" out || die "$p $command --help"
		[ $status = 0 ] || die "$p $command --help: exit code $status"
		grep -q -- '--json' out || die "$p $command --help does not name --json"
		cp out help
		grep -qE "^ +${words[0]}${words[1]:+\b.*\b${words[1]}}\b" man.txt || die "$page does not name '$command'"
		# every option has its line in the manual, and one that wants a value does not do without
		sed -n 's/^ *\(-[a-z], \)\?\(--[a-z0-9-]*\)\( \([^ ].*\)\)\?$/\2 \4/p' help | while read -r option rest; do
			grep -qE -- "$option\b" man.txt || die "$page does not name $option of '$command'"
			case ${rest%% *} in
			[A-Z]* | 3g* | 127*)
				call "$p" "${words[@]}" "$option"
				[ $status = 2 ] || die "$p $command $option, without its value: exit code $status"
				;;
			esac
		done
		fails_well 2 "$p" "${words[@]}" --no-such-option
		grep -q '\.\.\.\]' <(head -n 1 help | sed 's/\[OPTION\.\.\.\]//') ||
			fails_well 2 "$p" "${words[@]}" a b c d e f g h
		# with nothing at all: no crash, an answer or a good error
		call "$p" --json "${no_wait[@]}" "${words[@]}"
		case $status in
		0) one_object "$p $command --json" ;;
		1 | 2 | 3 | 4)
			one_object "$p $command --json"
			jq -e '.error.message | length > 0' out >jq.out || die "$p $command --json: no error object"
			;;
		*) die "$p $command --json: exit code $status" ;;
		esac
	done <commands
	ok "$p: help, manual and wrong usage of $(wc -l <commands) subcommands"
done
