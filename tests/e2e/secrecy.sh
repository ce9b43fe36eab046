#!/bin/bash
# The whole way with the real programs, card, terminal and operator each a process of its own; then K1, K2, OPc, S,
# the one-time code's seed, the PINs, the keys of the stores and the key that these are sealed under (on a token, where
# SoftHSM2 is) are looked for in traces, output, errors, logs, the manager's and the card's folder, in arguments and
# environments, and in the memory of the terminal while it waits. The search is shown to find what is planted.
. "$(dirname "$0")/lib.sh"
need jq oathtool
start_work
token_pin=''
look() { TWINKEY_TOKEN_PIN=$token_pin "$bin/tests/leak-search" "$@"; } # no other program has it in its environment
search=look
[ -n "${TWINKEY_BIN:-}" ] || make -C "$top" --no-print-directory -s build/release/tests/leak-search
imsi1=001010000000001 imsi2=001010000000002 op="$work/op"
out="$work/out" # what leaves the programs
mkdir "$out"
export TWINKEY_PIN=1234 # the PIN that a prepared profile leaves with: a test value
port=$((20000 + $$ % 12000))

operator() { # NAME ARGUMENT...
	local name=$1
	shift
	"$bin/twinkey-operator" "$@" --dir "$op" >"$out/$name.out" 2>"$out/$name.err"
}
twinkey() { # NAME ARGUMENT...: through a reader's socket; the card is another process
	local name=$1
	shift
	"$bin/twinkey" "$@" --reader "vpcd:$port" --wait 10 --operator "unix:$work/op.sock" --trace "$out/$name.pcapng" \
		>"$out/$name.out" 2>"$out/$name.err"
}
"$bin/twinkey-card" create --dir "$work/card" --json >"$out/create.out" 2>"$out/create.err"
# the keys of the stores come from a token; where there is none, from a file
module=/usr/lib/softhsm/libsofthsm2.so source=file:$work/outer.key
if [ -e $module ] && command -v softhsm2-util >/dev/null; then
	export SOFTHSM2_CONF=$work/softhsm2.conf
	token_pin=40917263
	mkdir "$work/tokens"
	echo "directories.tokendir = $work/tokens" >"$SOFTHSM2_CONF"
	softhsm2-util --init-token --free --label lab --pin $token_pin --so-pin 90817263 >"$work/token.log"
	(umask 077 && echo $token_pin >"$work/token.pin")
	source="pkcs11:token=lab;object=store?module-path=$module&pin-source=$work/token.pin"
fi
operator make-key key make --key "$source" --json
operator init init --import-pki "$work/card/pki" --key "$source"
operator key-show key show --json
operator key-seal key seal --key "$source"
operator add subscriber add --imsi1 $imsi1 --imsi2 $imsi2 --name 'Test user'
operator enroll factor enroll --imsi $imsi1 --out "$work/user.totp"
operator prepare profile prepare --imsi $imsi1 --json
operator show subscriber show --imsi $imsi1 --json
code=$(jq -r .activationCode "$out/prepare.out")
operator vector auc vector --imsi $imsi1 --json
operator vector-gsm auc vector --imsi $imsi1 --gsm
"$bin/twinkey-operator" serve --dir "$op" --socket "$work/op.sock" --log --print-env "$out/serve.env" \
	>"$out/serve.out" 2>"$out/serve.err" &
serve=$!
pids+=("$serve")
"$bin/twinkey-operator" auc serve --dir "$op" --socket "$work/auc.sock" >"$out/auc.out" 2>"$out/auc.err" &
auc=$!
pids+=("$auc")
"$bin/twinkey-card" run --dir "$work/card" --port $port >"$out/card.out" 2>"$out/card.err" &
pids+=($!)
wait_for 10 'the operator' test -S "$work/op.sock"
wait_for 10 'the AuC' test -S "$work/auc.sock"
for pid in $serve $auc; do
	cat "/proc/$pid/cmdline" >"$out/$pid.cmdline"
	cat "/proc/$pid/environ" >"$out/$pid.environ" 2>/dev/null || rm -f "$out/$pid.environ" # root alone may
done
"$bin/twinkey-operator" serve --dir "$op" --socket "$work/op2.sock" --log --print-env - -- \
	sh -c 'tr "\0" "\n" <"/proc/$$/environ"; tr "\0" " " <"/proc/$PPID/cmdline"' >"$out/child.out" 2>"$out/child.err" || die 'serve with a command'
grep -q '^TWINKEY_OPERATOR=' "$out/child.out" || die 'the command has not what it needs'

finds() { # WHAT: exit code 1 of the search, not that it could not look
	local status=0
	"$search" "$op" "$1" >"$work/planted.out" || status=$?
	[ $status = 1 ]
}
mkdir "$work/planted"
"$search" "$op" --plant "$work/planted"
planted=0
for f in "$work"/planted/*; do
	finds "$f" || die "the search does not find $(basename "$f")"
	planted=$((planted + 1))
done
[ $planted -ge 60 ] || die "only $planted secrets were planted"
ok "the search finds each of $planted planted secrets"

# the first half, up to the second factor; the terminal waits and its memory is looked at
(exec "$bin/twinkey" run --json --reader "vpcd:$port" --wait 10 --operator "unix:$work/op.sock" \
	--trace "$out/run.pcapng" "$code" >"$out/run.out" 2>"$out/run.err") &
run=$!
pids+=("$run")
wait_for 20 'the second factor' grep -q waiting "$out/run.err"
if [ "$(id -u)" = 0 ]; then
	(planted=$(<"$work/planted/0-1") && sleep 60 && echo "$planted") >/dev/null &
	holder=$!
	pids+=("$holder")
	sleep 0.2
	finds "pid:$holder" || die 'the search of memory finds nothing that is planted'
	"$search" "$op" "pid:$run" >"$work/memory.out" || { cat "$work/memory.out"; die "a secret is in the terminal's memory"; }
	ok "none in the terminal's memory ($(sed -n 's/.*: \([0-9]* octets\) searched/\1/p' "$work/memory.out"))"
else
	echo 'not root: the memory of the terminal is not looked at'
fi
seed=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' "$work/user.totp")
echo 000000 | operator wrong-code factor approve --imsi $imsi1 --code-stdin && die 'a wrong code was taken'
oathtool --totp --base32 "$seed" | operator approve factor approve --imsi $imsi1 --code-stdin
wait "$run" || { cat "$out/run.err"; die 'twinkey run'; }
jq -e '.access == "full"' "$out/run.out" >"$work/jq.out" || die 'no full access'
ok 'the whole way, to full access'

# what fails, and what is asked afterwards
if twinkey release release --json; then die 'a second release'; fi
if TWINKEY_PIN=9999 twinkey pin auth --json; then die 'a wrong PIN was taken'; fi
TWINKEY_PIN=1234 twinkey auth auth --json || die 'auth'
twinkey info info --json || die info
twinkey list profile list --json || die 'profile list'
if twinkey again profile load --json "$code"; then die 'a profile was installed twice'; fi
# a rotation: the keys so far and the next ones are looked for, afterwards the new ones
operator rotate subscriber rotate --imsi $imsi1 --json
if twinkey early release --json; then die 'a rotation without factors'; fi
twinkey auth-rotating auth --json || die 'auth in a rotation'
"$search" "$op" "$out"/* "$op"/operator.db* >"$work/rotating.out" || { cat "$work/rotating.out"; die 'a secret leaked'; }
grep -qE '^1[45] secrets' "$work/rotating.out" || die "not K2, OPc2 and S twice: $(<"$work/rotating.out")"
operator approve-again factor approve --imsi $imsi1 --agent A --evidence E
twinkey rotation release --json || { cat "$out/rotation.err"; die 'a rotation'; }
twinkey auth-rotated auth --json || die 'auth after a rotation'
operator log log --json
operator verify log --verify
operator again-list subscriber list --json
for pid in "${pids[@]}"; do stop "$pid"; done
"$bin/twinkey-card" inspect --dir "$work/card" --json >"$out/inspect.out" 2>"$out/inspect.err"

for f in "$out"/*.pcapng; do [ "$(head -c 4 "$f" | od -An -tx1)" = ' 0a 0d 0d 0a' ] || die "$f is no pcapng"; done
[ "$(cat "$out"/*.pcapng | wc -c)" -gt 20000 ] || die 'there is hardly a trace'
"$search" "$op" "$out"/* "$work"/op/manager/* "$work"/card/journal "$op"/operator.db >"$work/found.out" ||
	{ cat "$work/found.out"; die 'a secret leaked'; }
ok "none in traces, output, errors, logs and stores: $(tail -n 1 "$work/found.out")"
