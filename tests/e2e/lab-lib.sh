# shellcheck shell=bash disable=SC2034,SC2154 # names here are for the scripts that source it; $bin, $work are lib.sh's
# lab-lib.sh: what the scripts that work inside the lab (scripts/lab) share. Sourced there, behind lib.sh.
work=$TWINKEY_LAB # of the lab's own logs; the lab ends what is started
op=(--dir "$work/op")
mac=02:00:00:00:00:01 internet=192.0.2.2 site=https://portal.lab
limited='portal release dns' full='portal release dns web ping'
over_first=(--ca "$work/ci.pem" --connect 10.44.0.1:8443)
over_access=(--ca "$work/ci.pem" --connect 10.45.0.1:8443 --operator https://smdp.lab)
operator() { "$bin/twinkey-operator" "$@" "${op[@]}"; }
do_lab() { "$TWINKEY_LAB_DO" "$@"; }
in_module() { do_lab in module "$@"; }
reach() { # WHAT WORDS: those of `look` that answer
	do_lab look >"$work/look"
	[ "$(awk '$2 == "yes" { printf "%s%s", sep, $1; sep = " " }' "$work/look")" = "$2" ] ||
		die "$1: $(tr '\n' ';' <"$work/look")"
	ok "$1: ${2:-nothing}"
}
state_is() { # STATE [IMSI]
	operator subscriber show --imsi "${2:-001010000000001}" --json | jq -e --arg s "$1" '.state == $s' >/dev/null || die "not $1"
}
# packets of modules that have come to the internet's side (10.45.0.1 answers whom it serves there)
watch_internet() {
	do_lab in internet nft 'table inet watch { chain arrived { type filter hook input priority -300;
		ip saddr 10.45.0.0/24 ip saddr != 10.45.0.1 counter; }; }'
}
came() { do_lab in internet nft -j list table inet watch | jq '[.. | .counter? | select(. != null) | .packets] | add'; }
none_came() { # WHAT [PACKETS OF BEFORE]
	[ "$(came)" = "${2:-0}" ] || die "$1: $(came) packets came to the internet"
}
attached() { # ADDRESS
	python3 - "$work/gateway.sock" "$1" <<-'PY'
		import socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.connect(sys.argv[1])
		s.sendall(sys.argv[2].encode() + b"\n")
		print(s.makefile().read(), end="")
	PY
}

# --- the portal, by curl
web() { # STATUS SIDE JAR PATH [OPTION OF curl...]: by its name (the module by DNS); heads, body
	local said resolve=()
	[ "$2" = module ] || resolve=(--resolve portal.lab:443:10.45.0.1)
	said=$(do_lab in "$2" curl -s --max-time 3 --cacert "$work/portal-ca.pem" -b "$work/$3" -c "$work/$3" -D "$work/head" -o "$work/body" \
		-w '%{http_code}' "${resolve[@]}" "${@:5}" "$site$4" || true)
	[ "$said" = "$1" ] || die "$2 $4: $said, not $1: $(cat "$work/body")"
}
captive_is() { # true|false
	web 200 module jar /captive
	jq -e --argjson c "$1" '.captive == $c and .["user-portal-url"] == "https://portal.lab/"' "$work/body" >"$work/jq.out" ||
		die "RFC 8908: $(cat "$work/body")"
}
page_says() { # WORDS
	grep -q -- "$1" "$work/body" || die "the page does not say '$1': $(cat "$work/body")"
}
token() { sed -n 's/.*name="token" value="\([0-9a-f]*\)".*/\1/p' "$work/body" | head -n 1; }
logged() { # REGEX: the portal
	grep -qE -- "$1" "$work/portal.log" || die "the portal's log has no $1"
}
