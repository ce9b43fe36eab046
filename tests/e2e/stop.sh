#!/bin/bash
# A wish to stop (Ctrl-C, SIGTERM, --timeout, a closed pipe) while a slow or a dead card, a server or an approval
# is waited for: at most one command more, exit 130, and nothing is left broken.
. "$(dirname "$0")/lib.sh"
need jq opensc-tool
inside_reader
start_work
make -s -C "$top" "build/release/tests/fake-card" || die 'fake-card'
fake=$top/build/release/tests/fake-card
PATH=$bin:$PATH
cd "$work" || exit 1
port3=25977 # below the ports that a client is given
slow=(00A40004023F00 00A40004022FE2 00B000000A 0012000001)

# how long it took, its exit code and its words are in $ms, $status, out and err
timed() {
	local start
	start=$(date +%s%N)
	status=0
	"$@" >out 2>err || status=$?
	ms=$((($(date +%s%N) - start) / 1000000))
}
# SIGNAL CONDITION COMMAND...: the command gets the signal once the condition holds; $ms counts from the signal
signalled() {
	local signal=$1 condition=$2 turns=0 start pid
	shift 2
	status=0
	: >err
	env --default-signal=INT "$@" >out 2>err <"${input:-/dev/null}" &
	pid=$!
	pids+=("$pid")
	until eval "$condition"; do sleep 0.05; [ $((++turns)) -lt 400 ] || die "$*: it does not come to $condition: $(cat err out; ps aux | grep "twinkey apd[u]"; cat sent)"; done
	start=$(date +%s%N)
	kill "-$signal" "$pid"
	wait "$pid" || status=$?
	ms=$((($(date +%s%N) - start) / 1000000))
}
waits_for() { grep -q "waiting for $1" err; }
# WHAT MAX-MS COMMANDS: the last one ended by 130 in time, having sent no more than so many commands
ended() {
	[ "$status" = 130 ] || die "$1: exit code $status: $(cat out err)"
	[ "$ms" -lt "$2" ] || die "$1: it took $ms ms"
	[ "$(wc -l <sent)" -le "$3" ] || die "$1: $(wc -l <sent) commands were sent"
	ok "$1 ($ms ms)"
}

: >sent
background slow "$fake" "$VPCD_PORT" --delay 3000 --log sent 00b0=62820a9000
card=$last
wait_for 10 'the slow card' card_ready
for signal in TERM INT; do
	: >sent
	signalled $signal 'waits_for "the card"' twinkey apdu "${slow[@]}"
	ended "a slow card and SIG$signal" 5000 1
	grep -q '^twinkey: .*cancelled' err || die "no word of the end: $(cat err)"
done
printf '%s\n' "${slow[@]}" >lines
: >sent
input=lines signalled INT '[ -s sent ]' twinkey apdu
ended 'a slow card, and commands from standard input' 5000 1
: >sent
timed twinkey --timeout 1 apdu "${slow[@]}"
[ "$status" = 1 ] && [ "$ms" -lt 6000 ] && grep -q 'not done within 1 s (--timeout)' err ||
	die "--timeout: exit code $status after $ms ms: $(cat err)"
ok "--timeout on a slow card ($ms ms)"
: >sent
timed sh -c 'twinkey apdu "$@" 2>err2 | head -n 1' sh "${slow[@]}"
if [ "$(wc -l <sent)" -gt 3 ] || grep -vq 'waiting for' err2; then die "a closed pipe: $(wc -l <sent) commands; $(cat err2)"; fi
ok "a closed pipe ($ms ms)"
stop "$card"
wait_for 10 'the empty reader' reader_empty

: >sent
background dead "$fake" "$VPCD_PORT" --mute 0 --log sent
wait_for 10 'the dead card' card_ready
: >sent
signalled TERM '[ -s sent ]' twinkey apdu "${slow[@]}"
ended 'a dead card and SIGTERM' 9000 1
: >sent
background dead2 "$fake" $port3 --mute 0 --log sent
timed bash -c 'twinkey "$@" & sleep 0.5; kill $!; sleep 0.5; kill $!; wait $!' \
	sh --reader vpcd:$port3 apdu "${slow[@]}"
ended 'a dead card, and a second SIGTERM' 4500 1
stop "$last"

: >sent
signalled INT 'waits_for "a reader"' twinkey info --reader nobody-has-it --wait 60
ended 'a reader that does not come' 3000 0
signalled TERM 'waits_for ""' twinkey info --reader "vpcd:$port3" --wait 60
ended 'a card program that does not come' 3000 0
timed sh -c 'twinkey info --reader nobody-has-it --wait 60 2>err2 | true; cat err2'
[ "$ms" -lt 6000 ] || die "nobody reads: it took $ms ms"
ok "nobody reads what a reader that does not come would give ($ms ms)"

twinkey-operator init --dir op >/dev/null
flock -F op/manager sleep 30 &
pids+=($!)
wait_for 10 'the lock' sh -c '! flock -n op/manager true'
signalled TERM 'waits_for "another process, which has the manager"' twinkey-operator profile list --dir op
ended 'a lock' 3000 0
timed twinkey-operator profile list --dir op --timeout 1
[ "$status" = 1 ] && grep -q 'not done within 1 s' err || die "--timeout: exit code $status: $(cat err)"
ok "a lock, and --timeout ($ms ms)"

# what comes by a pipe and does not come
mkfifo pipe
exec 7<>pipe
twinkey-operator subscriber add --dir op --imsi1 001010000000001 --imsi2 001010000000002 >/dev/null
approve=(twinkey-operator factor approve --dir op --imsi 001010000000001 --code-stdin)
for command in "${approve[*]}" 'twinkey profile lint -' 'twinkey profile lint pipe' 'twinkey-card create --dir new --profile -'; do
	# shellcheck disable=SC2086 # words
	input=pipe signalled INT 'waits_for ""' $command
	ended "$command" 3000 0
	# shellcheck disable=SC2086
	timed $command --timeout 1 <pipe
	[ "$status" = 1 ] && grep -q 'not done within 1 s' err || die "$command --timeout: exit code $status: $(cat err)"
done
[ ! -e new ] || die 'a card is left'
timed "${approve[@]}" </dev/null
[ "$status" = 2 ] && grep -q 'a code of 6 digits is expected' err || die "no code: $(cat err)"
ok 'what does not come by a pipe'
