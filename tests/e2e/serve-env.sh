#!/bin/bash
# What the operator's server tells others, so that they reach it: at a port that the system has chosen, by name and CA, in
# a file, a FIFO, on standard output and as JSON; read by shells, used by curl and by an LPA, whatever the folder is called.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need curl jq dash zsh pcscd
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
until grep -qx 'TWINKEY_OPERATOR=.*' vars 2>/dev/null; do
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
! grep -q earlier vars || die 'the lines of an earlier server'
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

# Beside a command: what it has in its environment, its output and exit code, and those of env(1) and timeout(1).
beside() { # CODE WORDS OPTION... -- COMMAND...: ends with the code; standard error has one line, with the words, or none
	local code=$1 words=$2 status=0
	shift 2
	twinkey-operator serve --dir op "$@" >"$work/out" 2>"$work/err" || status=$?
	[ $status = "$code" ] || { cat "$work/out" "$work/err" >&2; die "serve $*: exit code $status, not $code"; }
	[ -z "$words" ] || grep -q -- "$words" "$work/err" || { cat "$work/err" >&2; die "serve $*: does not say '$words'"; }
	[ "$(wc -l <"$work/err")" = "$([ -z "$words" ] && echo 0 || echo 1)" ] || { cat "$work/err" >&2; die "serve $*: says more"; }
	[ ! -e op.sock ] || die "serve $*: its socket is left"
}
free=(--listen 127.0.0.1:0)
beside 7 '' "${free[@]}" --socket op.sock -- sh -c 'cat; printf "%s|" "$TWINKEY_SMDP_ADDRESS" "$TWINKEY_CA" "$TWINKEY_OPERATOR" "$@"; exit 7' 0 'a  b' --json <<<in
[[ $(<"$work/out") =~ ^in.localhost:[0-9]+\|"$odd/op/ca.pem|unix:$odd/op.sock|a  b|--json|"$ ]] || die "the command has $(<"$work/out")"
beside 0 '' "${free[@]}" --json --print-env vars -- sh -c '. ./vars; curl -s --cacert "$TWINKEY_CA" -o curl.out "https://$TWINKEY_SMDP_ADDRESS/"'
[ ! -s "$work/out" ] && [ -s curl.out ] && [ ! -e vars ] || die 'with --json and a file'
beside 0 'GET /.*ERR_NOT_FOUND' --listen-plain 127.0.0.1:0 --log -- sh -c 'curl -s -o /dev/null "$TWINKEY_OPERATOR/"'
beside 127 'no-such-program: not found' "${free[@]}" -- no-such-program
beside 126 './own.pem: permission denied' "${free[@]}" -- ./own.pem
beside 143 '' "${free[@]}" -- sh -c 'kill -TERM $$'
beside 143 '' "${free[@]}" -- sh -c 'kill -TERM $PPID; sleep 60'
beside 9 '' "${free[@]}" -- sh -c 'trap "exit 9" HUP; kill -HUP $PPID; while :; do sleep 0.1; done'
beside 124 '' "${free[@]}" --timeout 1 -- sleep 60
beside 125 'cannot load the TLS key' --dir nowhere "${free[@]}" -- true
beside 125 "no address '192.0.2.1:0'" --listen 192.0.2.1:0 -- true
beside 125 'the name of the file is empty' "${free[@]}" --print-env '' -- true
refuse 'a name in the place of an address' twinkey-operator serve --dir op --listen localhost:0 -- true
twinkey-operator subscriber add --dir op --imsi1 001010000000005 --imsi2 001010000000006 >/dev/null
# a card's service inside, and all of an LPA's work in one line
# shellcheck disable=SC2016 # the inner shell's
beside 0 '' "${free[@]}" -- twinkey-card run --dir card -- sh -ec '
	code=$(twinkey-operator profile prepare --dir op --imsi 001010000000005 --smdp-address "$TWINKEY_SMDP_ADDRESS" --json | jq -r .activationCode)
	twinkey profile download --ca "$TWINKEY_CA" --yes "$code" 2>download.out'
grep -q 'loaded:' "$work/out" || die "both commands: $(<"$work/out") $(<download.out)"
ok 'beside a command'

mkdir folder
refuse 'a folder' twinkey-operator serve --dir op --listen 127.0.0.1:0 --print-env folder
refuse 'no folder' twinkey-operator serve --dir op --listen 127.0.0.1:0 --print-env nowhere/vars
refuse 'a full disk' twinkey-operator serve --dir op --listen 127.0.0.1:0 --print-env /dev/full
