#!/bin/bash
# What the operator's server tells others, so that they reach it: at a port that the system has chosen, by name and CA, in
# a file, a FIFO, on standard output and as JSON; read by shells, used by curl and by an LPA, whatever the folder is called.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need curl jq dash zsh
start_work
# a folder whose name a shell would read more into
odd=$work/"it's \"one\" \$(touch evil) \`touch evil\` & \\ ; * #"$'\n'"line two"
mkdir "$odd"
cd "$odd"
PATH=$bin:$PATH
unset http_proxy https_proxy all_proxy
export TWINKEY_PIN=1234 # of a prepared profile: a test value
twinkey-card create --dir card >/dev/null
twinkey-operator init --import-pki card/pki --smdp-address localhost --dir op >/dev/null
prepare() { # IMSI...: its activation code, at the server of the environment
	twinkey-operator subscriber add --dir op --imsi1 "$1" --imsi2 "$2" >/dev/null
	twinkey-operator profile prepare --dir op --imsi "$1" --smdp-address "$TWINKEY_SMDP_ADDRESS" --json | jq -r .activationCode
}
serve() { background serve twinkey-operator serve --dir op "$@"; }

# Who waits for the file has all of it; what an earlier server left there is gone, and so is the file at the end.
echo 'TWINKEY_SMDP_ADDRESS=earlier' >vars
serve --listen 127.0.0.1:0 --print-env vars
server=$last
until [ -e vars ] && ! grep -q earlier vars; do
	kill -0 "$server" 2>/dev/null || die 'the server has ended'
	sleep 0.05
done
read_by() { "$@" -c 'set -e; . ./vars; printf "%s\0" "$TWINKEY_SMDP_ADDRESS" "$TWINKEY_SMDP_PORT" "$TWINKEY_SMDP_CONNECT" "$TWINKEY_CA" "$TWINKEY_OPERATOR"'; }
read_by bash >"$work/values"
for shell in dash zsh 'bash --posix'; do
	# shellcheck disable=SC2086 # words
	read_by $shell | cmp - "$work/values" || die "$shell reads other values"
done
[ ! -e evil ] || die 'a shell ran a part of the name'
. ./vars
[ "$TWINKEY_CA" = "$odd/op/ca.pem" ] || die "the CA is in '$TWINKEY_CA'"
[[ $TWINKEY_SMDP_PORT =~ ^[1-9][0-9]+$ ]] || die "port '$TWINKEY_SMDP_PORT'"
[ "$TWINKEY_SMDP_ADDRESS $TWINKEY_SMDP_CONNECT $TWINKEY_OPERATOR" = \
	"localhost:$TWINKEY_SMDP_PORT 127.0.0.1:$TWINKEY_SMDP_PORT https://localhost:$TWINKEY_SMDP_PORT" ] || die "$(<vars)"
grep -q "Ready on $TWINKEY_SMDP_CONNECT as localhost" "$work/serve.log" || die 'the port is not told'
ok 'a free port, in a file that four shells read alike'

curl -s --cacert "$TWINKEY_CA" -o /dev/null -w '%{http_code}' "https://$TWINKEY_SMDP_ADDRESS/" >"$work/code" || die 'curl does not trust it'
[ "$(<"$work/code")" = 404 ] || die "curl: $(<"$work/code")"
curl -s --cacert "$TWINKEY_CA" --connect-to "::$TWINKEY_SMDP_CONNECT" -o /dev/null https://localhost/ || die 'curl --connect-to'
code=$(prepare 001010000000001 001010000000002)
[[ $code == "LPA:1\$localhost:$TWINKEY_SMDP_PORT\$"* ]] || die "the code is $code"
twinkey profile download --reader card:card --ca "$TWINKEY_CA" --yes "$code" >"$work/download.log" 2>&1 || die 'download by name and port'
twinkey notification list --reader card:card >"$work/reports"
expect 'loaded by name and port, and reported there' 'No notification waits' "$work/reports"
twinkey profile enable --reader card:card "$(twinkey profile list --reader card:card --json | jq -r '.profiles[0].iccid')" >/dev/null 2>&1
twinkey auth --reader card:card --ca "$TWINKEY_CA" --operator "$TWINKEY_OPERATOR" >"$work/auth.out" 2>&1 || die 'auth'
expect 'the lab interface is where it says' 'limited access' "$work/auth.out"
# by its name alone it is the same one; at another's port it is not
code=$(prepare 001010000000003 001010000000004)
for other in "localhost:1" "other:$TWINKEY_SMDP_PORT" "localhost:${TWINKEY_SMDP_PORT}0"; do
	refuse "an LPA that means $other" twinkey profile download --reader card:card --ca "$TWINKEY_CA" --yes \
		--connect "$TWINKEY_SMDP_CONNECT" "LPA:1\$$other\$${code##*\$}"
done
twinkey profile download --reader card:card --ca "$TWINKEY_CA" --yes --connect "$TWINKEY_SMDP_CONNECT" \
	"LPA:1\$LOCALHOST\$${code##*\$}" >"$work/download.log" 2>&1 || die 'download by name alone'
ok 'an LPA may call it by its name alone'
stop "$server"
[ ! -e vars ] || die 'the file is there when the server is not'

# A FIFO is waited for by whoever reads it. The file of another server is left to it.
mkfifo fifo
serve --listen '[::1]:0' --listen-plain 127.0.0.1:0 --print-env fifo
server=$last
. ./fifo
[ "$TWINKEY_SMDP_CONNECT" = "[::1]:$TWINKEY_SMDP_PORT" ] || die "IPv6: $TWINKEY_SMDP_CONNECT"
curl -s -o /dev/null "$TWINKEY_OPERATOR/" || die "nothing is at $TWINKEY_OPERATOR"
[ "${TWINKEY_OPERATOR##*:}" != "$TWINKEY_SMDP_PORT" ] || die 'both listen on one port'
[ -p fifo ] || die 'the FIFO is gone'
stop "$server"
serve --socket op.sock --print-env vars
first=$last
wait_for 10 'the first server' test -e vars
background second twinkey-operator serve --dir op --listen-plain 127.0.0.1:0 --print-env vars
second=$last
wait_for 10 'the second server' grep -q http: vars
stop "$first"
grep -q http: vars || die "the first server took the second one's file along"
stop "$second"
ok 'a FIFO; two servers'

# On standard output alone; as JSON the line that says "ready" has it, and without a CA where the certificate is another's.
twinkey-operator serve --dir op --socket op.sock --print-env - >"$work/stdout" 2>"$work/stderr" </dev/null &
pids+=($!)
wait_for 10 'the lines' test -s "$work/stdout"
wait_for 10 'the word' grep -q Ready "$work/stderr"
(
	. "$work/stdout"
	[ "$TWINKEY_SMDP_ADDRESS $TWINKEY_OPERATOR" = "localhost unix:$odd/op.sock" ] || die "$(<"$work/stdout")"
)
[ "$(grep -c = "$work/stdout")" = 2 ] || die "standard output has more: $(<"$work/stdout")"
stop "${pids[-1]}"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 60 -subj /CN=localhost -keyout own.key -out own.pem 2>/dev/null
chmod 600 own.key
background json twinkey-operator serve --dir op --listen 0.0.0.0:0 --tls-cert own.pem --tls-key own.key --json
wait_for 10 'the object' grep -q ready "$work/json.log"
jq -e '.environment | .TWINKEY_SMDP_CONNECT == "0.0.0.0:" + .TWINKEY_SMDP_PORT and
	(has("TWINKEY_CA") or has("TWINKEY_OPERATOR") | not)' "$work/json.log" >/dev/null || die "JSON: $(<"$work/json.log")"
[ "$(jq -r '.ready[0]' "$work/json.log")" = "$(jq -r .environment.TWINKEY_SMDP_CONNECT "$work/json.log")" ] || die 'two places'
stop "$last"
ok 'standard output and JSON'

mkdir folder
refuse 'a folder' twinkey-operator serve --dir op --listen 127.0.0.1:0 --print-env folder
refuse 'no folder' twinkey-operator serve --dir op --listen 127.0.0.1:0 --print-env nowhere/vars
refuse 'a full disk' twinkey-operator serve --dir op --listen 127.0.0.1:0 --print-env /dev/full
