# shellcheck shell=bash disable=SC2034 # names here are for the scripts that source it
# lib.sh: what the end-to-end scripts share. Sourced, not run.
#
# A script sources this, says what it needs, and works in $work, which is removed at the end. Processes are
# started by `background` and ended by pid. Scripts that need a reader call themselves inside a private one.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PATH=$PATH:/usr/sbin:/sbin # hostapd and ip, which ordinary users do not have in it
bin=${TWINKEY_BIN:-$top/build/release}
work=
pids=()

skip() {
	echo "skipped: $*"
	exit 77
}
die() {
	echo "FAILED: $*" >&2
	for f in "$work"/*.log; do
		[ -e "$f" ] && { echo "--- $(basename "$f")" >&2; tail -n 25 "$f" >&2; }
	done
	exit 1
}
ok() { echo "ok: $*"; }

need() { # PROGRAM...
	for p in "$@"; do command -v "$p" >/dev/null || skip "$p is not installed"; done
}

cleanup() {
	local pid
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
	for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
	[ -z "$work" ] || rm -rf "$work"
}
start_work() {
	work=$(mktemp -d "${TMPDIR:-/tmp}/twinkey-e2e-XXXXXX")
	trap cleanup EXIT
	trap 'exit 130' INT TERM
}

inside_reader() { # re-run this script inside a private virtual reader
	if [ -z "${VPCD_PORT:-}" ]; then
		"$top/scripts/virtual-reader" --check || exit 77
		exec "$top/scripts/virtual-reader" -- bash "$0" "$@"
	fi
}

# Re-runs this script in a network of its own where that may be had: what it does with many or with fixed ports is then
# in nobody's way, and nobody in its.
inside_network() {
	local user=()
	[ -z "${TWINKEY_OWN_NETWORK:-}" ] || return 0
	[ "$(id -u)" = 0 ] || user=(--user --map-root-user)
	export TWINKEY_OWN_NETWORK=yes
	# shellcheck disable=SC2016 # the inner shell's
	if unshare "${user[@]}" --net -- ip link set lo up 2>/dev/null; then
		exec unshare "${user[@]}" --net -- sh -c 'ip link set lo up && exec bash "$@"' sh "$0" "$@"
	fi
}

in_guest() { # ARGUMENT OF tests/guest/run...: what the QEMU guest says is in $work/guest.log; nothing of it may be bad
	local status=0
	TMPDIR=$work "$top/tests/guest/run" "$@" >"$work/guest.log" 2>&1 || status=$?
	[ $status != 77 ] || skip "$(tail -n 1 "$work/guest.log" | sed 's/^skipped: //')"
	cat "$work/guest.log"
	[ $status = 0 ] || die "the guest: exit code $status"
	expect 'nothing was bad' '^boot 1 of 1: [1-9][0-9]* good, 0 bad' "$work/guest.log"
}

background() { # LOG COMMAND...: sets $last
	local log=$1
	shift
	"$@" >"$work/$log.log" 2>&1 </dev/null &
	last=$!
	pids+=("$last")
}
stop() { # PID
	kill "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}
wait_for() { # SECONDS WHAT COMMAND...: fourfold, for a machine that does other things as well
	local deadline=$((SECONDS + 4 * $1)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || die "waited in vain for $what"
		sleep 0.1
	done
}
expect() { # WHAT REGEX FILE
	grep -qE -- "$2" "$3" || { cat "$3" >&2; die "$1: no line matches $2"; }
	ok "$1"
}
refuse() { # WHAT COMMAND...: must fail with an exit code from 1 to 125
	local what=$1 status=0
	shift
	"$@" >"$work/refused.out" 2>&1 || status=$?
	{ [ $status -gt 0 ] && [ $status -lt 126 ]; } || die "$what: exit code $status"
	ok "$what (exit $status: $(head -n 1 "$work/refused.out"))"
}
catches() { # PID: has handlers for SIGINT and SIGTERM, and is no more the shell that was to become it, which has them too
	local caught
	[ "$(<"/proc/$1/comm")" != "$(<"/proc/$$/comm")" ] || return 1
	caught=$((0x$(sed -n 's/^SigCgt:\t*//p' "/proc/$1/status")))
	[ $((caught & 0x4002)) = $((0x4002)) ]
}
card_ready() { opensc-tool -l 2>/dev/null | grep -q '^0 *Yes'; }
reader_empty() { opensc-tool -l 2>/dev/null | grep -q '^0 *No'; } # not: it cannot be asked
hex() { printf %s "$1" | od -An -tx1 | tr -d '\n' | sed 's/^ //'; }

# An operator in $op with one subscriber, his factor and his profile ($work/prepare.json), and an eUICC of its PKI in
# $work/card: the flow of the two keys. `"${operator[@]}"` calls its program.
prepare_two_keys() { # [OPTION OF subscriber add...]
	op=$work/op imsi1=001010000000001 imsi2=001010000000002
	operator=("$bin/twinkey-operator")
	export TWINKEY_PIN=1234 # the PIN that a prepared profile leaves with: a test value
	"${operator[@]}" init --dir "$op" >"$work/init.out"
	"${operator[@]}" subscriber add --dir "$op" --name 'Test user' --imsi1 $imsi1 --imsi2 $imsi2 "$@" >"$work/add.out"
	"${operator[@]}" factor enroll --dir "$op" --imsi $imsi1 --out "$work/totp.uri" >"$work/enroll.out"
	"${operator[@]}" profile prepare --dir "$op" --imsi $imsi1 --json >"$work/prepare.json"
	"$bin/twinkey-card" create --dir "$work/card" --pki "$op/pki" >"$work/create.out"
}

# hostapd as RADIUS and EAP server that asks the AuC on $work/auc.sock; eap METHOD LOG: one authentication of
# the card in $reader by eapol_test.
start_hostapd() {
	cat >"$work/clients" <<<'127.0.0.1 secret'
	printf '"0"* AKA\n"6"* AKA%s\n"1"* SIM\n' "'" >"$work/users"
	cat >"$work/hostapd.conf" <<CONF
driver=none
interface=none0
logger_stdout=-1
logger_stdout_level=0
radius_server_clients=$work/clients
radius_server_auth_port=18120
eap_server=1
eap_user_file=$work/users
eap_sim_db=unix:$work/auc.sock
eap_sim_db_timeout=10
CONF
	background hostapd hostapd "$work/hostapd.conf"
	wait_for 10 hostapd grep -q AP-ENABLED "$work/hostapd.log"
}
eap() {
	cat >"$work/eap.conf" <<CONF
pcsc_reader=${reader:?}
network={
	key_mgmt=WPA-EAP
	eap=$1
	pcsc=""
	pin="1234"
}
CONF
	eapol_test -c "$work/eap.conf" -a 127.0.0.1 -p 18120 -s secret -t 15 >"$work/$2.log" 2>&1
}
