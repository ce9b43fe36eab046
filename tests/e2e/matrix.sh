#!/bin/bash
# Our LPA and our subscription manager over HTTPS with each test PKI, on both curves, on the card through pcscd
# and vpcd: downloaded, enabled, both notifications sent, the first key right, and the second one after its release.
. "$(dirname "$0")/lib.sh"
need pcscd oathtool opensc-tool
inside_reader
start_work
shared=${TWINKEY_SHARED:-$top/../shared}/rsp
imsi1=001010000000001 reader='Virtual PCD 00 00' port=8443
export TWINKEY_PIN=1234 # the PIN that a prepared profile leaves with: a test value
operator=("$bin/twinkey-operator")

certificate() { # FOLDER PART CURVE KIND: the first file of that name
	local f
	for f in "$1/$2/$4"_*"$3".*; do
		[ -e "$f" ] && { echo "$f"; return; }
	done
	die "no $4 for $3 below $1/$2"
}

make_card() { # PKI CURVE
	"$bin/twinkey-card" create --dir "$cell/card" \
		--euicc-cert "$(certificate "$1" eUICC "$2" CERT)" --euicc-key "$(certificate "$1" eUICC "$2" SK)" \
		--eum-cert "$(certificate "$1" EUM "$2" CERT)" --ci-cert "$(certificate "$cell/op/pki" CI "$2" CERT)" \
		>"$cell/create.out" || die 'card create'
	background card "$bin/twinkey-card" run --dir "$cell/card" --port "$VPCD_PORT"
	card=$last
	wait_for 20 'the card' card_ready
}

make_operator() { # IMPORT-OPTION...
	"${operator[@]}" init --dir "$cell/op" "$@" >"$cell/init.out" || die 'operator init'
	"${operator[@]}" subscriber add --dir "$cell/op" --imsi1 $imsi1 --imsi2 001010000000002 >"$cell/add.out"
	"${operator[@]}" factor enroll --dir "$cell/op" --imsi $imsi1 --out "$cell/totp.uri" >/dev/null
	"${operator[@]}" profile prepare --dir "$cell/op" --imsi $imsi1 --json >"$cell/prepare.json"
	background serve "${operator[@]}" serve --dir "$cell/op" --socket "$cell/socket" --listen 127.0.0.1:$port \
		--tls-cert "$cell/tls.pem" --tls-key "$cell/tls/pki/DPtls/SK_S_SM_DP_TLS_NIST.pem"
	serve=$last
	wait_for 20 'the operator' test -S "$cell/socket"
}

twinkey() {
	"$bin/twinkey" "$@" --reader "$reader" --ca "$cell/tls/pki/CI/CERT_CI_ECDSA_NIST.der" --connect 127.0.0.1:$port
}
lab() { "$bin/twinkey" "$@" --reader "$reader" --operator "unix:$cell/socket"; }

run_cell() { # NAME PKI CURVE IMPORT-OPTION...
	local name=$1 pki=$2 curve=$3 iccid seed
	shift 3
	cell=$work/$name-$curve
	mkdir "$cell"
	# The TLS certificates of SGP.26 have ended: one of our own, which the LPA is told to trust.
	"${operator[@]}" init --dir "$cell/tls" >/dev/null
	openssl x509 -inform DER -in "$cell/tls/pki/DPtls/CERT_S_SM_DP_TLS_NIST.der" -out "$cell/tls.pem"
	make_operator "$@"
	make_card "${pki:-$cell/op/pki}" "$curve"
	twinkey profile download "$(jq -r .activationCode "$cell/prepare.json")" >"$cell/download.out" || die "$name $curve: download"
	iccid=$(jq -r .iccid "$cell/prepare.json")
	twinkey profile enable "$iccid" >"$cell/enable.out" || die "$name $curve: enable"
	twinkey notification send >"$cell/send.out" || die "$name $curve: notifications"
	[ "$(twinkey notification list --json | jq ".notifications | if type == \"array\" then length else \"none\" end")" = 0 ] || die "$name $curve: a notification stays"
	lab auth >"$cell/auth1.out" || die "$name $curve: auth with K1"
	expect "$name $curve: limited access with K1" limited "$cell/auth1.out"
	seed=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' "$cell/totp.uri")
	oathtool --totp --base32 "$seed" |
		"${operator[@]}" factor approve --dir "$cell/op" --imsi $imsi1 --code-stdin >"$cell/approve.out"
	lab release >"$cell/release.out" || die "$name $curve: release"
	lab auth >"$cell/auth2.out" || die "$name $curve: auth with K2"
	expect "$name $curve: full access with K2" full "$cell/auth2.out"
	stop "$card"
	stop "$serve"
	wait_for 20 'the reader to be empty' reader_empty
}

run_cell own '' NIST
run_cell own '' BRP
if [ -d "$shared/sgp26" ]; then
	run_cell sgp26 "$shared/sgp26" NIST --import-pki "$shared/sgp26"
	run_cell fresh "$shared/pki-fresh" NIST --import-pki "$shared/pki-fresh"
	run_cell fresh "$shared/pki-fresh" BRP --import-pki "$shared/pki-fresh"
else
	echo 'without the test-data folder: our own PKI alone'
fi
