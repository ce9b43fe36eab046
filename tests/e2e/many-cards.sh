#!/bin/bash
# Many eUICCs, each with a certificate of its own, download from one subscription manager at once, while the operator
# works in the same folder and the server is killed among them: each profile is installed once, and the log holds.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need openssl jq
start_work
cards=12 op=$work/op
operator() { "$bin/twinkey-operator" "$@" --dir "$op"; }

serve() {
	background serve "$bin/twinkey-operator" serve --dir "$op" --socket "$work/op.sock"
	serve=$last
	wait_for 10 'the operator' test -S "$work/op.sock"
}

make_euicc() { # NUMBER: a card of the operator's EUM
	local dir=$work/euicc$1 eid=890490320000000000000000000000$1 pki=$op/pki
	mkdir "$dir"
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/key.pem" -out "$dir/csr.pem" \
		-subj "/O=Twinkey Test EUM/serialNumber=$eid/CN=eUICC $1" 2>/dev/null
	openssl x509 -req -in "$dir/csr.pem" -CA "$work/eum.pem" -CAkey "$pki/EUM/SK_EUM_ECDSA_NIST.pem" -CAcreateserial \
		-days 30 -sha256 -outform DER -out "$dir/cert.der" -extfile <(printf '%s\n' 'subjectKeyIdentifier=hash' \
		'authorityKeyIdentifier=keyid' 'keyUsage=critical,digitalSignature' \
		'certificatePolicies=critical,2.23.146.1.2.1.1') 2>"$dir/openssl.log" || { cat "$dir/openssl.log"; die 'openssl'; }
	"$bin/twinkey-card" create --dir "$dir/card" --euicc-cert "$dir/cert.der" --euicc-key "$dir/key.pem" \
		--eum-cert "$pki/EUM/CERT_EUM_ECDSA_NIST.der" --ci-cert "$pki/CI/CERT_CI_ECDSA_NIST.der" >/dev/null
	operator subscriber add --imsi1 "0010100000000$1" --imsi2 "0010100000001$1" >/dev/null
	operator profile prepare --imsi "0010100000000$1" --json >"$dir/prepare.json"
}

download() { # NUMBER: until it is there, as a user whose manager went away would
	local dir=$work/euicc$1 code try
	code=$(jq -r .activationCode "$dir/prepare.json")
	for try in {1..40}; do
		"$bin/twinkey" profile download --reader "card:$dir/card" --operator "unix:$work/op.sock" --retries 0 --json "$code" \
			>"$dir/download-$try.json" 2>"$dir/download-$try.err" && return 0
		sleep 0.2
	done
	return 1
}

operator init --curve p256 >/dev/null
openssl x509 -inform DER -in "$op/pki/EUM/CERT_EUM_ECDSA_NIST.der" -out "$work/eum.pem"
numbers=$(seq -w 10 $((9 + cards)))
for n in $numbers; do make_euicc "$n"; done
serve

downloads=()
for n in $numbers; do
	download "$n" &
	downloads+=($!)
	pids+=($!)
done
for n in 50 51 52; do # the operator goes on, in the same store
	sleep 0.05
	kill -KILL "$serve"
	wait "$serve" 2>/dev/null || true
	serve
	operator subscriber add --imsi1 "0010100000000$n" --imsi2 "0010100000001$n" >/dev/null
	operator profile prepare --imsi "0010100000000$n" >/dev/null || die 'the operator waits in vain for the store'
done
for p in "${downloads[@]}"; do wait "$p" || die 'a download failed for good'; done
again=$(find "$work" -name 'download-2.json' | wc -l)
ok "$cards downloads at once, the server killed among them: $again began anew"

for n in $numbers; do
	iccid=$(jq -r .iccid "$work/euicc$n/prepare.json")
	card=(--reader "card:$work/euicc$n/card" --operator "unix:$work/op.sock")
	"$bin/twinkey" notification send "${card[@]}" >/dev/null || die "card $n: its notifications"
	[ "$("$bin/twinkey" profile list "${card[@]}" --json | jq -c '[.profiles[].iccid]')" = "[\"$iccid\"]" ] ||
		die "card $n has not its own profile, and that once"
	[ "$("$bin/twinkey" notification list "${card[@]}" --json | jq '.notifications | length')" = 0 ] ||
		die "card $n keeps a notification"
done
ok 'each card has its own profile, and that once'
operator profile list --json >"$work/profiles.json"
[ "$(jq '[.profiles[] | select(.state == "Installed")] | length' "$work/profiles.json")" = $cards ] ||
	{ cat "$work/profiles.json"; die 'the manager does not know them all'; }
operator profile log --verify >"$work/verify.out" || { cat "$work/verify.out"; die 'the log'; }
ok 'the manager knows them all, and its log holds'
