# shellcheck shell=bash disable=SC2034 # names here are for the scripts that source it
# cli-lib.sh: what the scripts that try command lines share. Sourced, not run; works in the present folder.
programs=(twinkey twinkey-operator twinkey-card)

commands_of() { # PROGRAM
	"$1" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z -]*[a-z]\)  *[A-Z].*/\1/p'
}
call() { # COMMAND...: sets $status; output in out, errors in err
	status=0
	timeout 30 "$@" >out 2>err </dev/null || status=$?
	[ $status -lt 124 ] || [ $status = 130 ] || die "$*: exit code $status: $(cat err)"
}
one_object() { # WHAT
	jq -es 'length == 1 and (.[0] | type == "object")' out >jq.out 2>&1 || {
		cat out err >&2
		die "$1: standard output is not one JSON object"
	}
}
fails_well() { # STATUS COMMAND...: with that exit code and, under --json, an error object
	local want=$1
	shift
	call "$@"
	[ $status = "$want" ] || { cat out err >&2; die "$*: exit code $status, not $want"; }
	[ -s err ] || die "$*: says nothing"
	# run tells each step that it has done
	[ ! -s out ] || [ "${2:-}" = run ] || die "$*: an error on standard output"
	call "$1" --json "${@:2}"
	[ $status = "$want" ] || { cat out err >&2; die "$* --json: exit code $status, not $want"; }
	one_object "$* --json"
	jq -e '.error | (.code | test("^ERR_[A-Z_]+$")) and (.message | length > 0) and has("hint")' out >jq.out ||
		die "$* --json: no error object"
}
help_options() { # PROGRAM COMMAND: what is its own, of --help
	# shellcheck disable=SC2086 # the words of the command
	"$1" $2 --help --json | jq -r --arg c "$2" '.options[] | "\($c) --\(.name)"' | sort
}
