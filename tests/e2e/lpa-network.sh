#!/bin/bash
# The LPA and servers that it cannot talk to: TLS certificates of another name, of another time, of an unknown issuer,
# ports where no TLS is, names and options that lead nowhere. Each is told in words that say what to do; nothing of it
# changes the card.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cli-lib.sh"
need openssl jq
start_work
PATH=$bin:$PATH
cd "$work" || exit 1
unset http_proxy https_proxy all_proxy
host=dp.example.org
twinkey-card create --dir card >/dev/null
twinkey-operator init --dir op --import-pki card/pki --smdp-address $host >/dev/null
ca=op/pki/CI/CERT_CI_ECDSA_NIST.der
openssl x509 -inform der -in $ca -out ci.pem
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=Another CA' -keyout other.key \
	-out other.pem 2>/dev/null

issue() { # NAME HOST FROM UNTIL CA CA-KEY
	mkdir "ca.$1"
	touch "ca.$1/index"
	cat >"ca.$1/conf" <<-CONF
		[ca]
		default_ca = it
		[it]
		database = ca.$1/index
		new_certs_dir = ca.$1
		rand_serial = yes
		default_md = sha256
		policy = any
		[any]
		commonName = supplied
	CONF
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
	openssl ca -batch -config "ca.$1/conf" -in "$1.csr" -out "$1.pem" -cert "$5" -keyfile "$6" -startdate "$3" \
		-enddate "$4" -extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$2") -notext 2>/dev/null ||
		die "no certificate $1"
}
serve() { # NAME PORT: with the certificate of this name
	background "$1" twinkey-operator serve --dir op --listen "127.0.0.1:$2" --tls-cert "$1.pem" --tls-key "$1.key"
	wait_for 10 "the server $1" grep -q Ready "$1.log"
}
sk=op/pki/CI/SK_CI_ECDSA_NIST.pem
issue good $host 20200101000000Z 20400101000000Z ci.pem $sk
issue elsewhere other.example.org 20200101000000Z 20400101000000Z ci.pem $sk
issue old $host 20200101000000Z 20210101000000Z ci.pem $sk
issue young $host 20390101000000Z 20400101000000Z ci.pem $sk
issue foreign $host 20200101000000Z 20400101000000Z other.pem other.key
serve good 18501
serve elsewhere 18502
serve old 18503
serve young 18504
serve foreign 18505
background plain twinkey-operator serve --dir op --listen-plain 127.0.0.1:18506
wait_for 10 'the plain server' grep -q Ready plain.log

cp -r card before
code="LPA:1\$$host\$NOBODY"
says() { # WHAT EXIT-CODE ERR-CODE REGEX OPTION...
	fails_well "$2" twinkey profile download --reader card:card --retries 0 "${@:5}" "$code"
	jq -e --arg code "$3" --arg says "$4" '.error.code == $code and (.error.message | test($says))' out >jq.out || {
		cat out >&2
		die "$1: not $3, or nothing that matches '$4'"
	}
	ok "$1: $(jq -r .error.message out)"
}
at() { says "$1" "$2" "$3" "$4" --ca "$ca" --connect "127.0.0.1:$5"; } # ... PORT
at 'the right server' 4 ERR_REFUSED 'check it, or ask for a new one' 18501
at 'a certificate of another name' 1 ERR_CERT 'for another name: check the address' 18502
at 'one that has ended' 1 ERR_CERT_EXPIRED "has expired: check this machine's clock" 18503
at 'one that has not begun' 1 ERR_CERT_EXPIRED "not valid yet: check this machine's clock" 18504
at 'one of an unknown issuer' 1 ERR_CERT_UNTRUSTED 'give its issuer by --ca FILE' 18505
says 'without --ca' 1 ERR_CERT_UNTRUSTED 'give its issuer by --ca FILE' --connect 127.0.0.1:18501
at 'a port without TLS' 1 ERR_DISCONNECTED 'address and port of an HTTPS server' 18506
says 'TLS where plain HTTP is spoken to it' 1 ERR_DISCONNECTED 'HTTP or HTTPS' \
	--operator http://127.0.0.1:18501
at 'a port of nobody' 1 ERR_DISCONNECTED 'nobody answers there: check the address' 18599
says 'a file of --ca that is not there' 1 ERR_NOT_FOUND 'ca nowhere.pem: ' --ca nowhere.pem
says 'a file of --ca that is no certificate' 1 ERR_CERT 'no certificate is in it' --ca other.key
says 'a wrong --connect' 2 ERR_USAGE 'connect is HOST:PORT' --connect 127.0.0.1
says 'a wrong --operator' 2 ERR_USAGE 'operator is unix:PATH' --operator ftp://127.0.0.1
says 'a socket of nobody' 1 ERR_DISCONNECTED 'start twinkey-operator serve' --operator "unix:$work/none"
code='LPA:1$no-such-name.invalid$NOBODY'
says 'a name that is none' 1 ERR_DISCONNECTED "name is not known: check the address, and this machine's network"
diff -r -x lock card before || die 'the card has changed'
ok 'the card is as it was'

# the operator is reached as a manager is
fails_well 1 twinkey release --reader card:card --operator "https://$host" --ca nowhere.pem
jq -e '.error.message | test("ca nowhere.pem: not found")' out >jq.out || { cat out >&2; die 'release with --ca'; }
