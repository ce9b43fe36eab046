#!/bin/bash
# The portal: a user shows that it is him, over the limited access of his module, by curl without any script and in
# Chromium; what strangers send is refused, and tells nothing. A stand-in of a few lines has the gateway's place.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need curl jq python3 openssl oathtool
start_work
cd "$work"
unset http_proxy https_proxy all_proxy
PATH=$bin:$PATH
export TWINKEY_PIN=1234 # of a prepared profile: a test value
imsi1=001010000000001 imsi2=001010000000002 other1=001010000000003 other2=001010000000004

# --- an operator with two subscribers; the first one's card attaches by K1
twinkey-card create --dir card >/dev/null
twinkey-operator init --dir op --import-pki card/pki --smdp-address localhost >/dev/null
twinkey-operator subscriber add --dir op --name 'Test user' --imsi1 $imsi1 --imsi2 $imsi2 >/dev/null
twinkey-operator subscriber add --dir op --name 'Other user' --imsi1 $other1 --imsi2 $other2 >/dev/null
twinkey-operator factor enroll --dir op --imsi $imsi1 --out totp.uri >/dev/null
twinkey-operator factor enroll --dir op --imsi $imsi1 --address +4915112345678 >/dev/null
twinkey-operator factor enroll --dir op --imsi $other1 --address +4915199999999 >/dev/null
twinkey-operator profile prepare --dir op --imsi $imsi1 --json >prepare.json
background serve twinkey-operator serve --dir op --socket op.sock --listen 127.0.0.1:0 --print-env env
server=$last
wait_for 10 'the operator' test -s env
. ./env
twinkey-operator profile list --dir op >/dev/null
code=$(jq -r .activationCode prepare.json)
code=${code/localhost/$TWINKEY_SMDP_ADDRESS}
twinkey profile download --reader card:card --ca "$TWINKEY_CA" --yes "$code" >download.log 2>&1 || die 'download'
twinkey profile enable --reader card:card "$(twinkey profile list --reader card:card --json | jq -r '.profiles[0].iccid')" >enable.log 2>&1
attach() { twinkey auth --reader card:card --operator "unix:$work/op.sock" >auth.log 2>&1 || die 'the card does not attach'; }
attach
state() { twinkey-operator subscriber show --dir op --imsi $imsi1 --json | jq -r .state; }
[ "$(state)" = LIMITED ] || die "the subscriber is $(state)"

# --- the gateway's stand-in, a command that carries codes, the portal
who() { # ADDRESS IMSI SUBSCRIPTION MAC
	jq -n --arg a "$1" --arg i "$2" --argjson s "$3" --arg m "$4" '{($a): {mac: $m, imsi: $i, subscription: $s, since: 1790000000}}'
}
attached() { # JSON...: who is attached from now on
	printf '%s\n' "$@" | jq -s add >attached.new
	mv attached.new attached.json
}
one=$(who 127.0.0.1 $imsi1 1 02:00:00:00:00:01) two=$(who 127.0.0.2 $other1 1 02:00:00:00:00:02)
attached "$one" "$two"
background gateway python3 "$top/tests/e2e/gateway-stand-in.py" gateway.sock attached.json
wait_for 10 'the gateway' test -S gateway.sock
cat >send <<'SH'
#!/bin/sh
# the code from standard input, the address from the environment, and nothing in the arguments
[ $# = 0 ] || exit 9
read -r code
[ "$TWINKEY_ADDRESS" != fail@example.com ] || exit 3
umask 077
echo "$TWINKEY_ADDRESS $code" >>"$(dirname "$0")/messages"
SH
chmod 700 send
mkdir languages
printf '# a language of a text file\ntitle = Accès de votre module\nagain = Regarder encore\n' >languages/fr.txt
refuse 'a portal without a gateway' twinkey-operator portal --dir op --listen 127.0.0.1:0
refuse 'a command that is not there' twinkey-operator portal --dir op --listen 127.0.0.1:0 --gateway gateway.sock --send-code /nowhere
refuse 'a command by its name alone' twinkey-operator portal --dir op --listen 127.0.0.1:0 --gateway gateway.sock --send-code send
printf 'nonsense\n' >bad.txt && mkdir bad && mv bad.txt bad/xx.txt
refuse 'a language file that is none' twinkey-operator portal --dir op --listen 127.0.0.1:0 --gateway gateway.sock --languages bad
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj '/CN=Providers' -days 2 2>/dev/null
client() { # NAME: a certificate of the providers' CA
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
	openssl x509 -req -in "$1.csr" -CA "${2:-ca}.pem" -CAkey "${2:-ca}.key" -out "$1.pem" -days 2 -extfile <(echo 'extendedKeyUsage=clientAuth') 2>/dev/null
}
client acme
client other
client 'two words'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout evil.key -out evil.pem -subj '/CN=Evil' -days 2 2>/dev/null
client acme2 evil
refuse "providers without their CA" twinkey-operator portal --dir op --listen 127.0.0.1:0 --gateway gateway.sock --provider-listen 127.0.0.1:0
start_portal() { # PORT OF-PROVIDERS OF-THE-DESK
	background portal twinkey-operator portal --dir op --provider-listen "127.0.0.1:$2" --provider-ca ca.pem --desk-listen "127.0.0.1:$3" \
		--listen "127.0.0.1:$1" --gateway gateway.sock --send-code "$work/send" --languages languages --passkeys localhost --log
	portal=$last
	wait_for 10 'the portal' grep -q 'The desk on' portal.log
}
start_portal 0 0 0
at=$(sed -n 's|.*Ready on https://\([0-9.:]*\).*|\1|p' portal.log)
providers=https://localhost:$(sed -n 's|^For providers on https://127.0.0.1:\([0-9]*\)$|\1|p' portal.log)/provider/v1/approve
port=${at##*:} url=https://localhost:${at##*:}

# --- by curl: no script, a jar of cookies
get() { # PATH [OPTION...]: body, heads of answers in `head`, status in `status`
	local path=$1
	shift
	curl -s --cacert "$TWINKEY_CA" --resolve "localhost:$port:127.0.0.1" -b jar -c jar -D head -o body -w '%{http_code}' "$@" "$url$path" >status || true
}
is() { # STATUS WHAT
	[ "$(<status)" = "$1" ] || { cat head body >&2; die "$2: status $(<status), $1 expected"; }
	ok "$2"
}
german() { # WHAT: the page is in German, and nothing of it is what the tables have in English
	python3 "$top/tests/e2e/portal-german.py" "$top" body >english || die "$1 in German: $(<english)"
	ok "$1 in German"
}
token() { sed -n 's/.*name="token" value="\([0-9a-f]*\)".*/\1/p' body | head -n 1; }
logged() { grep -q "  $1  " portal.log || die "the log does not say $1"; }
get /
is 200 'the page of the state'
for field in "content-security-policy: default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" \
	'cache-control: no-store' 'x-content-type-options: nosniff' 'referrer-policy: same-origin' 'x-frame-options: DENY'; do
	tr -d '\r' <'head' | grep -qix "$field" || { cat head; die "no $field"; }
done
grep -i '^set-cookie: __Host-twinkey=' head | grep -i '; Secure' | grep -i '; HttpOnly' | grep -qi '; SameSite=Strict' || die 'the cookie'
! grep -qE '<script|style="|onclick|http:' body || die 'something that the policy forbids'
ok 'headers and cookie'
grep -q 'lang="en"' body && grep -q 'limited access' body || die 'English'
get / -H 'Accept-Language: de-DE,de;q=0.9,en;q=0.5'
grep -q 'eingeschränkten Zugang' body || die 'German'
german 'the page of who is to prove himself'
get / -H 'Accept-Language: fr'
grep -q 'Accès de votre module' body || die 'French of a file'
ok 'in the language that the browser asks for'
get / -I
is 200 'HEAD'
get /style.css
is 200 'the stylesheet'
get /nothing
is 404 'a page that is not there'
grep -q '<html' body || die 'the refusal is no page'
get /captive
is 200 'the captive portal API'
[ "$(jq -c . body)" = "{\"captive\":true,\"user-portal-url\":\"$url/\"}" ] || die "captive: $(<body)"
grep -qi '^content-type: application/captive+json' head || die 'its type'

# --- what strangers send
attempts() { twinkey-operator log --dir op --json | jq '[.log[] | select(.event | test("^code-"))] | length'; }
before=$(attempts)
get / ; good=$(token)
get /totp --data "code=123456"
is 403 'no token'
logged token
get /totp --data "code=123456&token=$(printf '0%.0s' {1..64})"
is 403 'a forged token'
get /totp -b '__Host-twinkey=00' --data "code=123456&token=$good"
is 403 'a forged cookie'
curl -s --cacert "$TWINKEY_CA" -o body -w '%{http_code}' --data "code=123456&token=$good" "$url/totp" >status
is 403 'no cookie'
logged cookie-missing
get /totp -H 'Origin: https://evil.example' --data "code=123456&token=$good"
is 403 'a form of elsewhere'
logged origin
get /totp -H 'Sec-Fetch-Site: cross-site' --data "code=123456&token=$good"
is 403 'the same, by what the browser says'
get /totp --data "code=123456&token=$good&token=$good"
is 400 'a field twice'
get /totp --data 'code=%00&token=%0d%0aSet-Cookie:x'
is 400 'control characters'
get / ; good=$(token) # the ones before had another session
get /totp --data "code=%3Cscript%3Ealert(1)%3C/script%3E&token=$good"
is 400 'a script in a field'
! grep -q 'alert(1)' body || die 'it comes back'
# the module has sent its share of this minute: the next one waits, another module does not
for _ in 1 2 3 4 5; do get /totp --data "code=1&token=$good"; done
is 429 'too many forms'
logged too-many-forms
head -c 10485760 /dev/zero | tr '\0' a >large
get /totp --data-binary @large
[ "$(<status)" = 413 ] || [ "$(<status)" = 000 ] || die "10 MB: $(<status)"
ok '10 MB are refused'
get /totp -H 'Content-Type: application/json' --data '{}'
is 415 'JSON in the place of a form'
get /totp -X PUT --data "code=1"
is 405 'another method'
[ "$(attempts)" = "$before" ] || die 'one of these was an attempt'
ok 'none of these was an attempt'

# another module's session: its cookie and token open nothing here, and the other way round
get / ; mine=$(token)
curl -s --cacert "$TWINKEY_CA" --interface 127.0.0.2 -c jar2 -o body2 "$url/"
grep -q 'not shown its first key' body2 || die "the other module's page"
! grep -q '\.\.\.678' body2 || die "a page tells of another's subscriber"
curl -s --cacert "$TWINKEY_CA" --interface 127.0.0.2 -b jar -o body -w '%{http_code}' --data "token=$mine" "$url/send" >status
is 403 "another module's cookie"
logged cookie-forged
[ ! -e messages ] || die 'a code was sent'

# nobody is attached; a gateway that is mute, or talks nonsense; another subscription than the operator knows
nobody() { # STATUS WHAT
	get / -b none
	is "$1" "$2"
	! grep -q '<form' body || die 'a form for a stranger'
}
attached "$two"
nobody 403 'nobody is attached there'
grep -q 'No module is connected' body || die 'the page does not say so'
get / -H 'Accept-Language: de'
german 'the page of a stranger'
get /captive
[ "$(jq -r .captive body)" = true ] || die 'captive'
attached "$(who 127.0.0.1 001010000000099 1 02:00:00:00:00:01)"
nobody 403 'an IMSI that nobody has'
attached "$(who 127.0.0.1 $imsi1 2 02:00:00:00:00:01)"
nobody 403 'a subscription that is another'
attached '{"127.0.0.1": "nonsense"}'
nobody 503 'a gateway that talks nonsense'
attached '{"127.0.0.1": "mute"}'
nobody 503 'a gateway that is mute'
# another module of the same subscriber's: it has sent no forms yet, and no cookie of the one before serves it
one=$(who 127.0.0.1 $imsi1 1 02:00:00:00:00:03)
attached "$one" "$two"
answers() { get /; [ "$(<status)" = 200 ]; }
wait_for 10 'the gateway to be asked again' answers

# --- code sent: asked for, wrong, right
last_code() { sed -n "s/^$1 \([0-9]*\)\$/\1/p" messages | tail -n 1; }
get / ; t=$(token)
get /send --data "token=$t&imsi=$other1&address=%2B4915199999999"
is 303 'a code is asked for'
wait_for 5 'the code' test -s messages
! grep -q 15199999999 messages || die 'the form said who it is'
sent=$(last_code '+4915112345678')
[[ $sent =~ ^[0-9]{6}$ ]] || die "the code is '$sent'"
! grep -rq "$sent" op portal.log || die 'the code is in the operator'"'"'s folder or the log'
get /
grep -q '\.\.\.678' body && ! grep -q 15112345678 body || die 'the address is shown in full'
get /send --data "token=$t"
is 429 'another one at once'
get /sent --data "token=$t&code=$(printf '%06d' $(((10#$sent + 1) % 1000000)))"
is 403 'a wrong code'
grep -q 'Tries left: 4' body && grep -q 'aria-invalid="true"' body || die 'it does not say so'
get /sent --data "token=$t&code=${sent:0:3}+${sent:3}"
is 303 'the right one'
[ "$(state)" = VERIFIED ] || die "then it is $(state)"
get /
grep -q 'It is you: this holds until' body || die 'the page of an approval'
get / -H 'Accept-Language: de'
german 'the page of an approval'
get /sent --data "token=$t&code=$sent"
is 403 'the same once more'
twinkey-operator log --dir op >log.txt
expect 'the log has who, when and what' 'factor .*code sent to \.\.\.678' log.txt
expect 'and the wrong one' 'code-wrong .*4 tries left' log.txt

# --- the provider's word: a batch, by its certificate
twinkey-operator subscriber suspend --dir op --imsi $imsi1 >/dev/null
twinkey-operator subscriber resume --dir op --imsi $imsi1 >/dev/null
attach
twinkey-operator policy --dir op --factors one-of:provider,totp >/dev/null
twinkey-operator factor enroll --dir op --imsi $imsi1 --provider acme >/dev/null
batch() { # STATUS CERTIFICATE BODY
	curl -s --cacert "$TWINKEY_CA" ${2:+--cert "$2.pem" --key "$2.key"} -o body -w '%{http_code}' -H 'Content-Type: application/json' --data "$3" "$providers" >status || true
	[ "$(<status)" = "$1" ] || { cat body >&2; die "a batch of ${2:-nobody}: status $(<status), $1 expected"; }
}
result() { jq -r '[.results[].result] | join(" ")' body; }
one_batch='{"key":"b-1","modules":[{"imsi":"'$imsi1'","evidence":"line 4"},{"imsi":"'$other1'"},{"imsi":"001010000000099"}]}'
batch 401 '' "$one_batch"
batch 401 acme2 "$one_batch" # of another CA
batch 403 'two words' "$one_batch"
batch 200 other '{"key":"b-1","modules":[{"imsi":"'$imsi1'"}]}'
[ "$(result)" = unknown ] || die "another provider learns: $(<body)"
[ "$(state)" = LIMITED ] || die 'and approves'
batch 400 acme '{"key":"b 1","modules":[{"imsi":"'$imsi1'"}]}'
batch 400 acme '{"key":"b-1","modules":[]}'
batch 400 acme '{"key":"b-1","modules":[{"imsi":"'$imsi1'"},{"imsi":"'$imsi1'"}]}'
batch 400 acme '{"key":"b-1","modules":[{"imsi":"'$imsi1'","evidence":"a\nb"}]}'
batch 400 acme '[1]'
batch 400 acme 'nonsense'
batch 200 acme "$one_batch"
[ "$(result)" = 'approved unknown unknown' ] || die "the batch: $(<body)"
[ "$(state)" = VERIFIED ] || die "the provider's word makes it $(state)"
cp body first
twinkey-operator subscriber suspend --dir op --imsi $imsi1 >/dev/null
twinkey-operator subscriber resume --dir op --imsi $imsi1 >/dev/null
attach
batch 200 acme "$one_batch"
cmp first body || die 'the same batch is answered otherwise'
[ "$(state)" = LIMITED ] || die 'the same batch has approved once more'
batch 409 acme '{"key":"b-1","modules":[{"imsi":"'$imsi1'"}]}'
batch 200 acme '{"key":"b-2","modules":[{"imsi":"'$imsi1'"},{"imsi":"'$imsi2'"}]}'
twinkey-operator policy --dir op --factors one-of:totp >/dev/null
batch 200 acme '{"key":"b-3","modules":[{"imsi":"'$imsi1'"}]}'
[ "$(result)" = not-wanted ] || die "the policy does not want it: $(<body)"
twinkey-operator log --dir op >log.txt
expect 'the log has the batch' 'provider acme: batch b-1: line 4' log.txt
curl -s --cacert "$TWINKEY_CA" -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' --data "$one_batch" "$url/provider/v1/approve" >status
is 404 'no such thing where modules are'
ok "a provider's batch: once a key, his modules alone"

# --- the desk: password and code, roles, what they do under their names
desk=https://localhost:$(sed -n 's|^The desk on https://127.0.0.1:\([0-9]*\)/desk$|\1|p' portal.log)
twinkey-operator subscriber suspend --dir op --imsi $imsi1 >/dev/null
twinkey-operator subscriber resume --dir op --imsi $imsi1 >/dev/null
attach
for name in anna ben eva; do
	(umask 077 && echo "correct horse $name" >$name.password)
done
twinkey-operator desk add --dir op --name anna --roles approve,manage --password-file anna.password --out anna.uri >/dev/null
twinkey-operator desk add --dir op --name ben --roles approve --password-file ben.password --out ben.uri >/dev/null
twinkey-operator desk add --dir op --name eva --password-file eva.password --out eva.uri >/dev/null
code_of() { oathtool --totp -b "$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' "$1.uri")"; }
at_desk() { # NAME PATH [OPTION...]
	local name=$1 path=$2
	shift 2
	curl -s --cacert "$TWINKEY_CA" -b "$name.jar" -c "$name.jar" -D head -o body -w '%{http_code}' "$@" "$desk$path" >status || true
}
sign_in() { # NAME [PASSWORD [CODE]]
	at_desk "$1" /desk
	at_desk "$1" /desk/sign-in --data-urlencode "name=$1" --data-urlencode "password=${2-correct horse $1}" --data "code=${3-$(code_of "$1")}&token=$(token)"
}
do_it() { # NAME PATH [TEXT]: for the subscriber
	at_desk "$1" /desk
	at_desk "$1" "$2" --data-urlencode "text=${3-}" --data "imsi=$imsi1&token=$(token)"
}
at_desk anna /desk -H 'Accept-Language: de'
german 'the desk'
at_desk anna /desk
is 200 'the desk'
grep -q 'type="password"' body && ! grep -q 'name="imsi"' body || die 'more than to sign in'
get /desk
is 404 'no desk where modules are'
at_desk anna / ; is 404 'and no portal at the desk'
at_desk anna /desk/subscriber --data "imsi=$imsi1&token=0"
is 403 'nobody is signed in'
sign_in anna 'wrong password here'
is 403 'a wrong password'
sign_in anna 'correct horse anna' 000000
is 403 'a wrong code'
sign_in nobody 'wrong password here' 000000
is 403 'a name that nobody has'
sign_in anna
is 303 'signed in'
grep -i '^set-cookie: __Host-twinkey-desk=.*; Secure; HttpOnly; SameSite=Strict' head >/dev/null || die 'its cookie'
cp anna.jar stolen.jar
do_it anna /desk/subscriber
is 200 'a subscriber is looked up'
grep -q 'LIMITED' body && grep -q 'code sent to' body && grep -q 'wrong sent code' body || die 'state and timeline'
! grep -q 15112345678 body || die 'the address is shown'
sign_in eva
do_it eva /desk/approve 'passport seen'
is 403 'who may only look approves nothing'
grep -q 'may not do this' body || die 'it does not say so'
do_it eva /desk/subscriber
! grep -q 'action="/desk/approve"' body || die 'a form that the role has no use for'
at_desk anna /desk
at_desk anna /desk/subscriber --data "imsi=$imsi1&token=$(token)" -H 'Accept-Language: de'
grep -q 'Als Nächstes: Der zweite Faktor wird bestätigt' body || die "the desk in German: $(<body)"
german 'a subscriber at the desk'
at_desk anna /desk/approve --data "imsi=$imsi1&text=seen&token=0"
is 403 'no token'
at_desk eva /desk ; foreign=$(token)
at_desk anna /desk/approve --data "imsi=$imsi1&text=seen&token=$foreign"
is 403 "another's token"
do_it anna /desk/approve ''
is 400 'no evidence'
twinkey-operator policy --dir op --factors one-of:agent --four-eyes on >/dev/null
do_it anna /desk/approve '<script>alert(1)</script> passport seen'
is 200 'the first of four eyes'
! grep -q '<script' body || die 'a script in the timeline'
[ "$(state)" = LIMITED ] || die 'two eyes are enough'
do_it anna /desk/approve 'passport seen again'
[ "$(state)" = LIMITED ] || die 'the same two eyes twice'
used=$(code_of ben)
sign_in ben 'correct horse ben' "$used"
do_it ben /desk/approve 'called back'
is 200 'the second'
[ "$(state)" = VERIFIED ] || die "four eyes make it $(state)"
do_it ben /desk/suspend 'a reason'
is 403 'who may only approve suspends nothing'
do_it anna /desk/rotate 'a reason'
is 409 'no rotation in this state'
do_it anna /desk/suspend 'module stolen'
is 200 'suspended'
[ "$(state)" = SUSPENDED ] || die "it is $(state)"
at_desk anna /desk
at_desk anna /desk/subscriber --data "imsi=$imsi1&token=$(token)" -H 'Accept-Language: de'
german 'one who is suspended at the desk'
! grep -q 'action="/desk/suspend"' body || die 'who is suspended is to be suspended'
do_it ben /desk/resume 'a reason'
is 403 'who may only approve lets nobody in'
do_it anna /desk/resume 'it was found'
is 200 'let in again'
[ "$(state)" != SUSPENDED ] || die 'it is suspended still'
do_it anna /desk/suspend 'stolen after all'
at_desk anna /desk
at_desk anna /desk/sign-out --data "token=$(token)"
is 303 'signed out'
at_desk stolen /desk
grep -q 'type="password"' body || die 'a cookie of before is good'
sign_in ben 'correct horse ben' "$used"
is 403 'a code once more'
for _ in 1 2 3 4 5; do sign_in eva 'wrong password here' 000000; done
twinkey-operator desk list --dir op >accounts
expect 'guesses lock an account' 'eva +view +locked' accounts
twinkey-operator desk unlock --dir op --name eva >/dev/null
twinkey-operator desk remove --dir op --name ben >/dev/null
twinkey-operator desk list --dir op >accounts
! grep -qE 'locked|ben' accounts || die "$(<accounts)"
twinkey-operator log --dir op >log.txt
expect 'the log has who signed in' 'desk .*anna: signed in' log.txt
expect 'and who did what' 'suspend .*agent anna: module stolen' log.txt
! grep -q 'correct horse' portal.log log.txt || die 'a password in a log'
ok 'the desk'

# --- the policy: all of two
twinkey-operator policy --dir op --factors all-of:totp,sent >policy.out
expect 'the policy' 'factors +all-of:totp,sent' policy.out
get /
grep -q suspended body || die 'the page of a suspended one'
get / -H 'Accept-Language: de'
german 'the page of a suspended one'
twinkey-operator subscriber resume --dir op --imsi $imsi1 >/dev/null
get /
grep -q 'not shown its first key' body || die 'the page before the first key'
attach
seed=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' totp.uri)
get / ; t=$(token)
get /totp --data "token=$t&code=$(oathtool --totp -b "$seed")"
is 303 'the first of two'
[ "$(state)" = LIMITED ] || die "one of two makes it $(state)"
get /
grep -q 'One more is wanted' body || die 'the page does not say that one is missing'
! grep -q 'id="totp"' body || die 'it asks for the first once more'
ok 'one of two is noted, and not enough'

if ! command -v chromium >/dev/null; then
	echo 'skipped: the pages in a browser (no chromium)'
	exit 0
fi
# --- in Chromium
if ! axe=$(npm_config_cache=$work/npm npm pack --silent --pack-destination "$work" axe-core 2>/dev/null) || [ ! -s "$work/$axe" ]; then
	echo 'skipped: axe-core is not to be had'
	axe=
else
	tar -xzf "$work/$axe" package/axe.min.js
	axe=$work/package/axe.min.js
fi
spki=$(openssl s_client -connect "$at" </dev/null 2>/dev/null | openssl x509 -pubkey -noout | openssl pkey -pubin -outform DER |
	openssl dgst -sha256 -binary | base64)
browse() { [ -z "${PORTAL_SHOTS:-}" ] || mkdir -p "$PORTAL_SHOTS"; DBUS_SESSION_BUS_ADDRESS=/dev/null PORTAL_URL=$url/ PORTAL_WORK=$work PORTAL_AXE=$axe PORTAL_SPKI=$spki python3 "$top/tests/e2e/portal-browser.py" "$@" || die "in the browser: $*"; }
twinkey-operator factor enroll --dir op --imsi $imsi1 --address +4915112345678 >/dev/null # anew: another code at once
browse page part de press /send here sent-asked
sleep 1
browse page sent en code sent 000000 here wrong
browse page again en code sent "$(last_code '+4915112345678')" page approved de
[ "$(state)" = VERIFIED ] || die "in the browser it becomes $(state)"
ok 'by keyboard alone, at 390 and 1400 pixels, light and dark'
# a module may send so many forms a minute, and has: a portal that begins anew counts from the beginning
of_providers=${providers#*localhost:} of_desk=${desk##*:}
kill "$portal"
wait "$portal" || die 'the portal does not end well'
start_portal "$port" "${of_providers%%/*}" "$of_desk"
# a passkey of Chromium's own authenticator: added while the approval holds, used after the next first key
cat >again.sh <<SH
set -e
twinkey-operator subscriber suspend --dir op --imsi $imsi1 >/dev/null
twinkey-operator subscriber resume --dir op --imsi $imsi1 >/dev/null
twinkey-operator policy --dir op --factors one-of:totp,passkey >/dev/null
twinkey auth --reader card:card --operator "unix:$work/op.sock" >auth.log 2>&1
[ "\$(twinkey-operator subscriber show --dir op --imsi $imsi1 --json | jq -r .state)" = LIMITED ]
SH
browse authenticator page add-passkey en press /passkey/new here added run 'bash again.sh' page passkey de press /passkey here by-passkey
[ "$(state)" = VERIFIED ] || die "by a passkey it becomes $(state)"
twinkey-operator log --dir op >log.txt
expect 'the log has the passkey' 'factor .*passkey 1 of the subscriber' log.txt
get /
script=$(sed -n 's|.*<script>\(.*\)</script>.*|\1|p' body)
tr -d '\r' <'head' | grep -i '^content-security-policy:' | grep -qF "script-src 'sha256-$(printf %s "$script" | openssl dgst -sha256 -binary | base64)'" ||
	die 'the hash of the script is another'
ok 'a passkey: added, used, by the one script that the policy names'
t=$(token)
get /passkey/new --data "token=$t&key=AAAA&client=e30&data=AAAA&signature="
is 403 'a passkey that is none'
get /passkey --data "token=$t&key=&client=&data="
is 400 'a form of a passkey without its fields'
attached "$two"
twinkey-operator desk add --dir op --name anna --roles approve,manage --password-file anna.password --out anna2.uri >/dev/null
PORTAL_DESK=$desk/desk browse desk desk-sign-in de anna "correct horse anna" "$(oathtool --totp -b "$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' anna2.uri)")" $imsi1
browse page nobody de
attached "$one" "$two"
[ -z "${PORTAL_SHOTS:-}" ] || cp -r shots "$PORTAL_SHOTS"

# --- guesses end at the limit, and lock nobody else
twinkey-operator policy --dir op --factors one-of:any >/dev/null
twinkey-operator factor lock --dir op --imsi $imsi1 --reason 'module stolen' >/dev/null
twinkey-operator subscriber suspend --dir op --imsi $imsi1 >/dev/null
twinkey-operator subscriber resume --dir op --imsi $imsi1 >/dev/null
attach
get / -H 'Accept-Language: de'
german 'the page of a locked one'
get /
grep -q 'too many wrong codes' body && ! grep -q '<form' body || die 'the page of a locked one'
refuse 'an agent for a locked one' twinkey-operator factor approve --dir op --imsi $imsi1 --agent A --evidence E
twinkey-operator factor unlock --dir op --imsi $imsi1 >/dev/null
get /
grep -q 'id="totp"' body || die 'unlocked'
ok 'locked and unlocked'
twinkey-operator log --dir op --verify >verify.out
expect 'the log is what was written' 'entries' verify.out
kill "$portal"
wait "$portal" || die 'the portal does not end well'
stop "$server"
! pgrep -P $$ -f "$work/send" >/dev/null || die 'a command is left'
ok 'the portal ends'
