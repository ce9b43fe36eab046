#!/bin/bash
# Kills in the lab, with the real hostapd: services of the operator's, the gateway and hostapd are killed at random moments
# while a module gets one second key after the other (TWINKEY_LAB_FLOWS, 10 where nothing is said; SEED again: TWINKEY_SEED).
# Each of them ends with full access by the ordinary steps, and meanwhile no packet passes that the state does not allow.
# runs: root long
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
lab="$top/scripts/lab"
if [ "${1:-}" != inside ]; then
	"$lab" --check || exit 77
	start_work
	TMPDIR=$work "$lab" --folder "$work/lab" -- bash "$0" inside
	exit
fi
# shellcheck source=tests/e2e/lab-lib.sh
. "$(dirname "$0")/lab-lib.sh"
imsi1=001010000000001 flows=${TWINKEY_LAB_FLOWS:-10} open=no killed=0 again=0 looks=0
RANDOM=${TWINKEY_SEED:-$$}
echo "seed ${TWINKEY_SEED:-$$}"
services=(hostapd gateway auc release hostapd gateway)

state() { operator subscriber show --imsi $imsi1 --json | jq -r .state; }
# What passes is what the state before or after allows: limited access reaches no internet, and in a rotation the key so
# far opens what it did until the card shows the next one.
look() {
	local before after sends=no
	before=$(state)
	! in_module busybox ping -c 1 -W 1 $internet >"$work/ping.out" 2>&1 || sends=yes
	after=$(state)
	looks=$((looks + 1))
	[ $sends = no ] || [ $open = yes ] || [[ $before$after == *ACTIVE* ]] ||
		die "a packet passes in $before, then $after"
}
step() { # WHAT COMMAND...: while a service is killed; what fails is done again by the same step, with all of them there
	local what=$1 victim=${services[RANDOM % ${#services[@]}]} killer=''
	shift
	if [ $((RANDOM % 2)) = 0 ]; then
		killed=$((killed + 1))
		(sleep "0.$((RANDOM % 900 + 100))"; do_lab service "$victim" kill) &
		killer=$!
	fi
	"$@" >>"$work/steps.log" 2>&1 && local status=0 || local status=$?
	look
	if [ -n "$killer" ]; then
		wait "$killer"
		do_lab service "$victim" start || die "$victim does not start again"
		look
	fi
	for _ in 1 2 3; do
		[ $status != 0 ] || return 0
		again=$((again + 1))
		"$@" >>"$work/steps.log" 2>&1 && status=0 || status=$?
	done
	[ $status = 0 ] || die "$what, after $victim was killed: $(tail -n 3 "$work/steps.log")"
}
approve() { operator factor approve --imsi $imsi1 --agent 'desk 4' --evidence 'passport seen'; }
# a release whose grant came is not asked for again: the card has opened its key, and the next attach shows it
release() {
	[ "$(state)" != RELEASED ] || return 0
	in_module "$bin/twinkey" release "${over_access[@]}" && return
	# a gateway that was started again may have asked for a run while wpa_supplicant was detached, and the link ended
	do_lab attach || true
	do_lab detach
	return 1
}
passes() { in_module busybox ping -c 1 -W 1 $internet; }
attach() { do_lab attach && state_after ACTIVE; }
state_after() { # STATE: when the gateway has told the store
	for _ in $(seq 50); do
		[ "$(state)" != "$1" ] || return 0
		sleep 0.1
	done
	return 1
}
limited() { do_lab attach && state_after LIMITED; }
# What a killed gateway let through last runs out after three seconds.
suspended() {
	[ "$(state)" = SUSPENDED ] || operator subscriber suspend --imsi $imsi1 --reason test
	sleep 4
	! passes || die 'a packet of a suspended subscriber passes'
}
recalled() { # the key so far opens limited access until there is a new grant
	[ "$(state)" != SUSPENDED ] || operator subscriber resume --imsi $imsi1 --reason test
	do_lab attach && state_after RECALLED
}
rotating() { do_lab attach && state_after ROTATING; }

code=$(jq -r .activationCode "$work/prepared.json") iccid=$(jq -r .iccid "$work/prepared.json")
in_module "$bin/twinkey" profile download "${over_first[@]}" "$code" >"$work/download.out" 2>&1 || die 'profile download'
in_module "$bin/twinkey" profile enable "${over_first[@]}" "$iccid" >"$work/enable.out" 2>&1 || die 'profile enable'
in_module ip link set first0 down
step 'the attach with K1' limited
for flow in $(seq "$flows"); do
	if [ "$flow" != 1 ] && [ $((RANDOM % 2)) = 0 ]; then
		operator rotate --imsi $imsi1 >"$work/rotate.out" || die "a rotation: $(<"$work/rotate.out")"
		step 'the attach with the key so far' rotating
	elif [ "$flow" != 1 ]; then
		step 'a suspension' suspended
		open=no
		step 'the attach after it' recalled
	fi
	approve >"$work/approve.out" || die 'the second factor'
	do_lab detach
	step 'the release' release
	step 'the attach with K2' attach
	wait_for 10 "full access after flow $flow" passes
	open=yes
	look
done
operator log --verify >"$work/verify.out" || die 'the log'
expect 'the log is whole' 'intact' "$work/verify.out"
[ $killed -gt 0 ] || die 'nothing was killed'
ok "$flows flows end with full access; $killed kills, $again steps done again, $looks looks"
