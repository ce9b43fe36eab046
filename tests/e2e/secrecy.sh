#!/bin/bash
# The whole way with the real programs, card, terminal and operator each a process of its own; then K1, K2, OPc, S,
# the one-time code's seed and the PIN are looked for in traces, output, errors, logs, the manager's and the card's
# folder, and in the memory of the terminal while it waits. The search is shown to find what is planted.
. "$(dirname "$0")/lib.sh"
need jq oathtool
start_work
search="$bin/tests/leak-search"
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
operator init init --import-pki "$work/card/pki"
operator add subscriber add --imsi1 $imsi1 --imsi2 $imsi2 --name 'Test user'
operator enroll factor enroll --imsi $imsi1 --out "$work/user.totp"
operator prepare profile prepare --imsi $imsi1 --json
operator show subscriber show --imsi $imsi1 --json
code=$(jq -r .activationCode "$out/prepare.out")
"$bin/twinkey-operator" serve --dir "$op" --socket "$work/op.sock" >"$out/serve.out" 2>"$out/serve.err" &
pids+=($!)
"$bin/twinkey-card" run --dir "$work/card" --port $port >"$out/card.out" 2>"$out/card.err" &
pids+=($!)
wait_for 10 'the operator' test -S "$work/op.sock"

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
[ $planted -ge 36 ] || die "only $planted secrets were planted"
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
grep -q '^10 secrets' "$work/rotating.out" || die "not K2, OPc2 and S twice: $(<"$work/rotating.out")"
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
