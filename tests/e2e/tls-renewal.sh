#!/bin/bash
# TLS certificates that end: a PKI with an expired one is taken over, the end is told at the start, and SIGHUP puts a new
# pair in the place of the old one while connections go on.
. "$(dirname "$0")/lib.sh"
need curl openssl
start_work
op=$work/op at=127.0.0.1:18447 host=dp.example.org
operator() { "$bin/twinkey-operator" "$@" --dir "$op"; }
unset http_proxy https_proxy all_proxy
umask 077

pair() { # NAME DAYS: certificate and key NAME.pem, NAME.key
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$host" -keyout "$work/$1.key" \
		-out "$work/$1.csr" 2>/dev/null
	openssl x509 -req -in "$work/$1.csr" -signkey "$work/$1.key" -days "$2" \
		-extfile <(echo "subjectAltName=DNS:$host") -out "$work/$1.pem" 2>/dev/null
}
pair ended -1
pair soon 20
pair long 400

# a PKI as it is published: CertificateIssuer, and a TLS certificate that has run out
operator init --smdp-address $host --curve p256 >/dev/null
mv "$op/pki" "$work/pki"
rm -r "$op" "$work/pki/CI/CERT_CI_ECDSA_NIST.der"
mv "$work/pki/CI/SK_CI_ECDSA_NIST.pem" "$work/pki/CertificateIssuer/"
rmdir "$work/pki/CI"
openssl x509 -in "$work/ended.pem" -outform der -out "$work/pki/DPtls/CERT_S_SM_DP_TLS_NIST.der"
cp -r "$work/pki" "$work/pki-without"
rm "$work/pki-without/CertificateIssuer/SK_CI_ECDSA_NIST.pem"
operator init --smdp-address $host --curve p256 --import-pki "$work/pki" >/dev/null 2>"$work/told"
expect 'what was issued anew' 'certificate DPtls \(NIST\) expired on .*: it was issued anew' "$work/told"
openssl x509 -inform der -in "$op/pki/DPtls/CERT_S_SM_DP_TLS_NIST.der" -noout -checkend 86400 >/dev/null ||
	die 'the certificate is still the old one'
"$bin/twinkey-operator" init --dir "$work/op2" --curve p256 --import-pki "$work/pki-without" >/dev/null 2>"$work/told"
expect 'what could not be' 'certificate DPtls \(NIST\) expired on .*: there is no CI key' "$work/told"

cp "$work/ended.pem" "$work/tls.pem"
cp "$work/ended.key" "$work/tls.key"
background serve "$bin/twinkey-operator" serve --dir "$op" --listen $at --tls-cert "$work/tls.pem" --tls-key "$work/tls.key"
serve=$last
wait_for 10 'the server' grep -q Ready "$work/serve.log"
wait_for 5 'the word of the end' grep -qE 'TLS certificate .*tls.pem expired on 20' "$work/serve.log"

shown() { openssl s_client -connect $at </dev/null 2>/dev/null | openssl x509 -noout -fingerprint; }
is() { [ "$(shown)" = "$(openssl x509 -in "$work/$1.pem" -noout -fingerprint)" ]; }
is ended || die 'another certificate is shown'

# one connection, from before the change to after it
mkfifo "$work/ask"
openssl s_client -quiet -connect $at <"$work/ask" >"$work/answers" 2>/dev/null &
client=$!
pids+=("$client")
exec 8>"$work/ask"
body='POST /gsma/rsp2/es9plus/cancelSession HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}'
printf "$body" >&8
wait_for 5 'an answer' grep -q '^HTTP/1.1 200' "$work/answers"

cp "$work/soon.pem" "$work/tls.pem" # without its key
kill -HUP $serve
wait_for 5 'the word of a pair that is none' grep -q 'from before stay in use' "$work/serve.log"
expect 'why' 'do not belong together' "$work/serve.log"
is ended || die 'a certificate without its key is shown'
cp "$work/soon.key" "$work/tls.key"
kill -HUP $serve
wait_for 5 'the new pair' is soon
expect 'the end that is near' 'TLS certificate .*tls.pem expires on 20' "$work/serve.log"
cp "$work/long.pem" "$work/tls.pem"
cp "$work/long.key" "$work/tls.key"
kill -HUP $serve
wait_for 5 'the next pair' is long
printf "$body" >&8
twice() { [ "$(grep -o 'HTTP/1.1 200' "$work/answers" | wc -l)" = 2 ]; }
wait_for 5 'the connection from before' twice
exec 8>&-
code=$(curl -s --cacert "$work/long.pem" --connect-to "::$at" -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' \
	-d '{}' https://$host/gsma/rsp2/es9plus/cancelSession)
[ "$code" = 200 ] || die "by curl: $code"

# one of the future: only "ca" knows another beginning than now
: >"$work/index"
echo 01 >"$work/serial"
printf '%s\n' '[ca]' 'default_ca = d' '[d]' "database = $work/index" "serial = $work/serial" "new_certs_dir = $work" \
	'default_md = sha256' 'policy = p' '[p]' 'commonName = supplied' >"$work/ca.conf"
openssl ca -batch -config "$work/ca.conf" -selfsign -keyfile "$work/long.key" -in "$work/long.csr" -notext \
	-startdate 20450101000000Z -enddate 20460101000000Z -out "$work/tls.pem" 2>/dev/null
kill -HUP $serve
wait_for 5 'the beginning that is to come' grep -q 'tls.pem is not valid before 2045-01-01' "$work/serve.log"
kill -TERM $serve
wait $serve || die "the server ends with $?"
ok 'certificates are renewed'
