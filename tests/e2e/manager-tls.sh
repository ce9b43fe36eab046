#!/bin/bash
# The subscription manager over HTTPS, by curl: ES9+ and its headers, the TLS certificate of the operator's PKI checked
# by curl itself, the operator's orders (ES2+) by token and by client certificate, bad clients, and a clean end.
. "$(dirname "$0")/lib.sh"
need curl openssl jq
start_work
op=$work/op at=127.0.0.1:18443 host=dp.example.org
operator() { "$bin/twinkey-operator" "$@" --dir "$op"; }
unset http_proxy https_proxy all_proxy

operator init --smdp-address $host --curve p256 >/dev/null
operator subscriber add --imsi1 001010000000001 --imsi2 001010000000002 >/dev/null
operator profile prepare --imsi 001010000000001 --out "$work/upp" --json >"$work/prepare.json"
iccid=$(jq -r .iccid "$work/prepare.json")
openssl x509 -inform der -in "$op/pki/CI/CERT_CI_ECDSA_NIST.der" -out "$work/ci.pem"
umask 077
openssl rand -hex 16 >"$work/token"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=Orders CA' \
	-keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=A shop' -keyout "$work/shop.key" \
	-out "$work/shop.csr" 2>/dev/null
openssl x509 -req -in "$work/shop.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 2 \
	-out "$work/shop.pem" 2>/dev/null
openssl x509 -req -in "$work/shop.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 2 \
	-extfile <(echo extendedKeyUsage=serverAuth) -out "$work/server.pem" 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=A shop' \
	-keyout "$work/thief.key" -out "$work/thief.pem" 2>/dev/null

cp "$work/token" "$work/open-token"
chmod 644 "$work/open-token"
refuse 'a token that others can read' operator serve --listen $at --es2-token "$work/open-token"
explained() { # WHAT PATTERN OPTION...: serve says why it does not begin, and leaves no socket behind
	if operator serve --socket "$work/none.sock" --listen $at "${@:3}" >"$work/refused" 2>&1; then die "$1: it serves"; fi
	expect "$1" "$2" "$work/refused"
	[ ! -e "$work/none.sock" ] || die "$1: a socket is left"
}
cp "$work/shop.key" "$work/open.key"
chmod 644 "$work/open.key"
explained 'a key of another certificate' 'do not belong together' --tls-cert "$work/shop.pem" --tls-key "$work/thief.key"
explained 'a certificate that is none' 'no TLS with .*/token' --tls-cert "$work/token" --tls-key "$work/shop.key"
explained 'a key that is a certificate' 'no TLS with .*/shop.pem' --tls-cert "$work/shop.pem" --tls-key "$work/shop.pem"
explained 'a key that is not there' "cannot load '.*/nowhere'" --tls-cert "$work/shop.pem" --tls-key "$work/nowhere"
explained 'a key that others can read' "others can read or change '.*/open.key'" --tls-cert "$work/shop.pem" --tls-key "$work/open.key"
explained 'a CA without a certificate' "no certificate of a CA in '.*/ca.key'" --es2-client-ca "$work/ca.key"
at=192.0.2.1:18443 explained 'an address of another machine' "no address '192.0.2.1:18443'"
mkdir "$work/folder"
refuse 'a socket where a folder is' operator serve --socket "$work/folder"
refuse 'a certificate without its key' operator serve --listen $at --tls-cert "$work/shop.pem"
refuse 'a key that is none' operator serve --listen $at --tls-cert "$work/shop.pem" --tls-key "$work/token"
refuse 'plain HTTP beyond the loopback' operator serve --listen-plain 0.0.0.0:18444
background serve "$bin/twinkey-operator" serve --dir "$op" --listen $at --socket "$work/op.sock" \
	--es2-token "$work/token" --es2-client-ca "$work/ca.pem"
serve=$last
wait_for 10 'the server' test -S "$work/op.sock"
refuse 'a second server at the address' operator serve --listen $at

# TLS 1.2: forward secrecy, and of CBC what SGP.22 2.6.6 names alone
suites() { # AT: what of all that OpenSSL has is taken, one a line
	local s
	for s in $(openssl ciphers -tls1_2 -s 'ALL:!PSK:!SRP:!aNULL:!ARIA:@SECLEVEL=0' | tr ':' ' '); do
		if openssl s_client -connect "$1" -tls1_2 -cipher "$s:@SECLEVEL=0" </dev/null >"$work/s_client" 2>&1 &&
			grep -q 'Cipher is ECDHE\|Cipher is [^(]' "$work/s_client"; then
			echo "$s"
		fi
	done
}
suites $at >"$work/suites"
grep -qx ECDHE-ECDSA-AES128-GCM-SHA256 "$work/suites" || die 'a suite that SGP.22 2.6.6 names is not taken'
if grep -vE '^ECDHE-ECDSA-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305|AES(128|256)-CCM|AES128-SHA256)$' "$work/suites"; then
	die 'suites that nobody names are taken'
fi
grep -qx ECDHE-ECDSA-AES128-SHA256 "$work/suites" || die 'the one of CBC that SGP.22 2.6.6 names is not taken'
for version in tls1 tls1_1; do
	if openssl s_client -connect $at -$version -cipher 'ALL:@SECLEVEL=0' </dev/null >"$work/s_client" 2>&1; then
		die "$version is taken"
	fi
done
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$host" -keyout "$work/rsa.key" -out "$work/rsa.pem" 2>/dev/null
background rsa "$bin/twinkey-operator" serve --dir "$op" --listen 127.0.0.1:18445 --socket "$work/rsa.sock" \
	--tls-cert "$work/rsa.pem" --tls-key "$work/rsa.key"
rsa=$last
wait_for 10 'the server with an RSA key' test -S "$work/rsa.sock"
suites 127.0.0.1:18445 >"$work/suites"
grep -qx ECDHE-RSA-AES128-GCM-SHA256 "$work/suites" || die 'no suite for an RSA key'
if grep -vE '^(EC)?DHE-RSA-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305|AES(128|256)-CCM)$' "$work/suites"; then
	die 'with an RSA key, CBC or no forward secrecy is taken'
fi
stop $rsa
ok 'suites of TLS 1.2'
# and the terminal offers no other
"$bin/twinkey-card" create --dir "$work/card" --pki "$op/pki" >/dev/null
background trace openssl s_server -accept 127.0.0.1:18446 -cert "$work/shop.pem" -key "$work/shop.key" -www -trace
trace=$last
wait_for 5 'the server that tells what is offered' grep -q ACCEPT "$work/trace.log"
"$bin/twinkey" profile download --reader "card:$work/card" --connect 127.0.0.1:18446 --ca "$work/shop.pem" \
	"LPA:1\$shop.example.org\$X" >"$work/offered" 2>&1 || true
stop $trace
grep -q 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256' "$work/trace.log" || { cat "$work/offered"; die "the terminal offers no suite of SGP.22"; }
if grep -oE 'TLS_[A-Z0-9_]*CBC[A-Z0-9_]*' "$work/trace.log" | grep -vx TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256; then
	die 'the terminal offers other CBC suites'
fi
if grep -qE 'TLS_RSA_WITH' "$work/trace.log"; then die 'the terminal offers suites without forward secrecy'; fi
ok 'the same for the terminal'

es9p=https://$host/gsma/rsp2/es9plus es2p=https://$host/gsma/rsp2/es2plus
post() { # URL BODY [CURL-OPTION...]: status in $status, headers in headers, body in body
	status=$(curl -s --cacert "$work/ci.pem" --connect-to "::$at" --max-time 10 -o "$work/body" -D "$work/headers" \
		-w '%{http_code}' -H 'X-Admin-Protocol: gsma/rsp/v2.2.0' -H 'Content-Type: application/json' \
		"${@:3}" -d "$2" "$1") || status="curl $?"
}
answered() { # WHAT STATUS JQ-CONDITION
	[ "$status" = "$2" ] || { cat "$work/headers" "$work/body" >&2; die "$1: $status"; }
	jq -e "$3" "$work/body" >"$work/jq.out" || { cat "$work/body" >&2; die "$1: not so: $3"; }
	ok "$1"
}
failed() { printf '.header.functionExecutionStatus | .status == "Failed" and .statusCodeData.subjectCode == "%s" and
	.statusCodeData.reasonCode == "%s" and (.statusCodeData.message | length > 5)' "$1" "$2"; }

# an eUICC that knows the CI, as far as anybody can ask without its key
key_id=$(openssl x509 -in "$work/ci.pem" -noout -ext subjectKeyIdentifier | tail -n 1 | tr -d ' :\n')
info1=$(printf '%b' "$(printf 'BF20358203020202A9160414%sAA160414%s' "$key_id" "$key_id" | sed 's/../\\x&/g')" | base64 -w 0)
request() { printf '{"smdpAddress":"%s","euiccChallenge":"%s","euiccInfo1":"%s"}' "$1" 'AAECAwQFBgcICQoLDA0ODw==' "$info1"; }
post $es9p/initiateAuthentication "$(request $host)"
answered 'initiateAuthentication over TLS, the certificate checked' 200 '.header.functionExecutionStatus.status ==
	"Executed-Success" and (.transactionId | test("^[0-9A-F]{32}$")) and .serverSigned1 and .serverSignature1 and
	.euiccCiPKIdToBeUsed and .serverCertificate'
grep -qi '^x-admin-protocol: gsma/rsp/v2\.' "$work/headers" || die 'no X-Admin-Protocol'
grep -qi '^content-type: application/json' "$work/headers" || die 'no content type'
jq -r .serverCertificate "$work/body" | base64 -d | openssl x509 -inform der -noout -subject >/dev/null ||
	die 'the server certificate is none'
post $es9p/initiateAuthentication "$(request elsewhere.example.org)"
answered 'another SM-DP+ address' 200 "$(failed 8.8.1 3.8)"
post $es9p/initiateAuthentication '{"smdpAddress": 7}'
answered 'a wrong type' 200 "$(failed 1.6 2.2)"
post $es9p/cancelSession '{"transactionId":"00","cancelSessionResponse":"AA=="}'
answered 'no DER, in a session that nobody knows' 200 "$(failed 8.10.1 3.9)"
post $es9p/handleNotification '{"pendingNotification":"vzcA"}'
[ "$status" = 400 ] || die "a notification that is none: $status"
post $es9p/initiateAuthentication '{"smdpAddress":'
[ "$status" = 400 ] || die "half a JSON object: $status"
post $es9p/noSuchFunction '{}'
[ "$status" = 404 ] || die "an unknown function: $status"
post $es9p/initiateAuthentication '{}' -X GET
[ "$status" = 405 ] || die "GET: $status"
head -c 300000 /dev/zero | tr '\0' ' ' >"$work/large"
post $es9p/initiateAuthentication "@$work/large"
[ "$status" = 413 ] || die "a large body: $status"
post "https://$host/twinkey/v1/factor/status" '{"imsi":"001010000000001"}'
answered 'the lab interface on the loopback' 200 .state
status=$(curl -s --unix-socket "$work/op.sock" -o "$work/body" -w '%{http_code}' -H 'Content-Type:' \
	-d '{"imsi":"001010000000001"}' http://localhost/twinkey/v1/factor/status)
[ "$status" = 415 ] || die "the lab interface without a content type: $status"
ok 'what is wrong has its HTTP status'

header='"header":{"functionRequesterIdentifier":"A shop","functionCallIdentifier":"1"}'
bearer="Authorization: Bearer $(<"$work/token")"
for who in 'nobody' 'a wrong token' 'a server of the CA' 'a certificate of its own'; do
	case $who in
	nobody) post $es2p/cancelOrder "{$header,\"iccid\":\"$iccid\"}" ;;
	'a wrong token') post $es2p/cancelOrder "{$header,\"iccid\":\"$iccid\"}" -H "${bearer}0" ;;
	'a server of the CA')
		post $es2p/cancelOrder "{$header,\"iccid\":\"$iccid\"}" --cert "$work/server.pem" --key "$work/shop.key"
		[ "$status" = 401 ] || die "an order of a server: $status" ;;
	*) post $es2p/cancelOrder "{$header,\"iccid\":\"$iccid\"}" --cert "$work/thief.pem" --key "$work/thief.key" ;;
	esac
	# a TLS library may end the handshake for a certificate that nobody asked for
	[ "$status" = 401 ] || [[ $status = curl* ]] || die "an order of $who: $status"
done
ok 'orders of nobody, with a wrong token, with a foreign certificate are refused'
post $es2p/cancelOrder "{$header,\"iccid\":\"$iccid\",\"finalProfileStatusIndicator\":\"Available\"}" -H "$bearer"
answered 'an order taken back by token' 200 '.header.functionExecutionStatus.status == "Executed-Success"'
shop=(--cert "$work/shop.pem" --key "$work/shop.key")
post $es2p/downloadOrder "{$header,\"iccid\":\"$iccid\",\"eid\":\"89049032123451234512345678901235\"}" "${shop[@]}"
answered 'downloadOrder by certificate' 200 ".iccid == \"$iccid\""
post $es2p/releaseProfile "{$header,\"iccid\":\"$iccid\"}" "${shop[@]}"
answered 'releaseProfile too early' 200 "$(failed 8.2.1 3.5)"
confirm="$header,\"iccid\":\"$iccid\",\"matchingId\":\"SHOP-1\",\"confirmationCode\":\"0815\""
post $es2p/confirmOrder "{$confirm}" "${shop[@]}"
answered 'confirmOrder without releaseFlag' 200 "$(failed 1.6 2.2) and (.statusCodeData.message | test(\"releaseFlag\"))"
post $es2p/confirmOrder "{$header,\"iccid\":\"$iccid\",\"matchingId\":\"shop-1\",\"releaseFlag\":false}" "${shop[@]}"
answered 'a matching id in small letters' 200 "$(failed 1.6 2.1) and (.statusCodeData.message | test(\"capital letters\"))"
post $es2p/confirmOrder "{$confirm,\"releaseFlag\":false,\"smdsAddress\":\"ds.example.org\"}" "${shop[@]}"
answered 'confirmOrder with an SM-DS' 200 "$(failed 8.9 5.1)"
post $es2p/confirmOrder "{$confirm,\"releaseFlag\":false}" "${shop[@]}"
answered confirmOrder 200 ".matchingId == \"SHOP-1\" and .smdpAddress == \"$host\" and .eid"
post $es2p/releaseProfile "{$header,\"iccid\":\"$iccid\"}" "${shop[@]}"
answered releaseProfile 200 '.header.functionExecutionStatus.status == "Executed-Success"'
post $es2p/cancelOrder "{$header,\"iccid\":\"$iccid\",\"finalProfileStatusIndicator\":\"Available\"}" "${shop[@]}"
answered 'cancelOrder without the EID of the order' 200 "$(failed 8.1.1 2.2)"
operator profile code "$iccid" >"$work/code"
expect 'the activation code asks for the confirmation code' '^LPA:1\$dp.example.org\$SHOP-1\$\$1$' "$work/code"
operator profile log >"$work/log"
expect 'the log has who ordered' 'order-eid +Available +-> Linked +ES2\+ A shop' "$work/log"
operator profile log --verify >/dev/null || die 'the log'
if grep -rqF -e "$(<"$work/token")" -e 0815 "$op/manager" "$work/serve.log" "$work/log"; then die 'a secret was written'; fi
ok 'neither token nor confirmation code is written'

# fifty that say nothing, and one that goes on working
for _ in $(seq 50); do (exec 3<>/dev/tcp/127.0.0.1/18443 && sleep 5) & pids+=($!); done
sleep 0.5
post $es9p/initiateAuthentication "$(request $host)"
answered 'beside fifty connections that say nothing' 200 .transactionId
# one whose request is half there when the server is told to end
mkfifo "$work/half"
exec 4<>"$work/half"
printf '{"a":' >&4
curl -s --unix-socket "$work/op.sock" -H 'Content-Type: application/json' -X POST -T "$work/half" \
	http://localhost/gsma/rsp2/es9plus/initiateAuthentication >"$work/half.out" 2>&1 4>&- &
half=$!
sleep 0.3
kill -0 $half || die 'half a request was answered'
kill -TERM "$serve"
code=0 begun=$SECONDS
wait "$serve" || code=$?
[ $code = 0 ] || die "SIGTERM: exit code $code"
[ $((SECONDS - begun)) -le 10 ] || die "SIGTERM: it took $((SECONDS - begun)) s"
[ ! -e "$work/op.sock" ] || die 'the socket is left'
exec 4>&- # curl waits for the other half
if wait $half; then die 'half a request had an answer'; fi
ok 'SIGTERM ends it, connections, half a request and all'
