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
manual_options() { # PAGE: a line "COMMAND --OPTION" for each option that stands under a command in the mdoc source
	awk '
		function flush(	h, o) {
			for (h = 1; h <= heads; h++)
				for (o in options)
					print name[h], "--" o
			heads = body = 0
			delete options
		}
		/^The commands:/ { on = 1; next }
		/^\.Sh/ || /^Every command/ { on = 0 }
		!on { next }
		/^\.It Cm/ { # several headings may share a text; "a b | c" is "a b" and "a c"
			if (body)
				flush()
			last = ""
			for (i = 3; i <= NF && $i ~ /^[a-z|-]+$/ && $i !~ /^-/; i++) {
				if ($i == "|") {
					name[++heads] = last
					last = $3
				} else {
					last = last (last == "" ? "" : " ") $i
				}
			}
			name[++heads] = last
		}
		!/^\.It Cm/ { body = 1 }
		sub(/^\./, "") {
			for (i = 1; i < NF; i++)
				if ($i == "Fl" && $(i + 1) ~ /^-/)
					options[substr($(i + 1), 2)]
		}
		END { flush() }' "$1" | sort -u
}
help_options() { # PROGRAM COMMAND: what is its own, of --help
	# shellcheck disable=SC2086 # the words of the command
	"$1" $2 --help --json | jq -r --arg c "$2" '.options[] | "\($c) --\(.name)"' | sort
}
