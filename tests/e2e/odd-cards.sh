#!/bin/bash
# Cards that are no eUICC, or one that refuses a step of opening its ISD-R: each is told what it is, at which step it
# says what, and what to do.
. "$(dirname "$0")/lib.sh"
need jq gcc
start_work
make -s -C "$top" "build/release/tests/fake-card" || die 'fake-card'
fake=$top/build/release/tests/fake-card
PATH=$bin:$PATH
cd "$work" || exit 1
port=25979 # below the ports that a client is given
isdr=a0000005591010ffffffff8900000100
eid=bf3e125a10890490321234512345123456789012359000
list=bf2d02a0009000

# WHAT EXIT REGEX FAKE-CARD-ARGUMENTS...: $command ends so, with these words
tells() {
	local what=$1 want=$2 regex=$3 status=0 card
	shift 3
	"$fake" $port "$@" 2>fake.err &
	card=$!
	pids+=("$card")
	timeout 20 twinkey "${command[@]}" --reader "vpcd:$port" "${more[@]}" >out 2>err || status=$?
	stop "$card"
	[ $status = "$want" ] || die "$what: exit code $status: $(cat out err)"
	cat out err | grep -qE -- "$regex" || die "$what: $(cat out err)"
	if grep -E 'this is valid but not supported|the other side broke' out err; then die "$what: an idle word"; fi
	ok "$what: $(tail -n 1 err)"
}
more=()
command=(profile list)
good=("81e2910003bf2d=$list" "80e2910003bf2d=$list" "81e2=$eid" "80e2=$eid")
uicc=0070000001=019000
none='The eUICC has no profile'
no_euicc='the card is a UICC, no eUICC: it has one profile for its life; put an eUICC in$'

# the basic channel does what the others do not
tells 'no channel is free' 0 "$none" 0070000001=6a81 "${good[@]}"
tells 'channels are unknown' 0 "$none" 0070000001=6d00 "${good[@]}"
tells '6881 on channel 1' 0 "$none" $uicc 01a404=6881 "${good[@]}"
tells '6E00 on channel 1' 0 "$none" $uicc 01a404=6e00 01=6e00 "${good[@]}"
# each refusal has its step, its status word and a way on
tells 'a UICC' 1 "$no_euicc" $uicc 01a404=6a82
tells 'a UICC without channels' 1 "$no_euicc" 0070000001=6881 00a404=6a82
tells 'no channel is free, nor the basic one' 1 \
	'ISD-R does not open \(SELECT on the basic channel: 6A81, function not supported\): its channels may be in use' \
	0070000001=6a81 00a404=6a81
tells 'SELECT: not now' 1 'does not open \(SELECT on channel 1: 6985, conditions .*\): it does not want to now: start again' \
	$uicc "01a4040010${isdr}=6985" 01a404=6a82
tells 'SELECT: the applet refuses' 1 'SELECT on channel 1: 6999, the application does not let itself be selected' \
	$uicc "01a4040010${isdr}=6999" 01a404=6a82
tells 'SELECT: locked' 1 'SELECT on channel 1: 6283, .*: the ISD-R is locked: ask who issued' \
	$uicc "01a4040010${isdr}=6283" 01a404=6a82
tells 'SELECT: trouble' 1 'SELECT on channel 1: 6F00, .*--trace FILE records' $uicc "01a4040010${isdr}=6f00" 01a404=6a82
tells 'an ISD-R without ES10' 1 'ISD-R speaks no ES10 \(ES10c.GetEID: 6D00, instruction not supported\)' $uicc \
	81e2=6d00 "01a4040010${isdr/%0100/0200}=6a82"
tells 'one for M2M' 1 'eUICC for M2M \(SGP.02\): only its operator' $uicc 81e2=6d00 81ca=5a10${eid:10:32}9000
# what is no UICC at all
tells '6D00 to everything' 1 'a smart card, but no UICC .*: SELECT on the basic channel: 6D00,|no UICC \(it has no master file\); SELECT on the basic channel: 6D00, instruction not supported: put an eUICC in' \
	=6d00
tells '6E00 to everything' 1 'but no UICC \(it has no master file\); .*: 6E00, class not supported: put an eUICC in' =6e00
tells 'a SIM of 2G' 1 'the card is a SIM of 2G, no eUICC' a0a4=9f16 a0c0=00009000 =6e00
# and what has no USIM
command=(auth --rand 00112233445566778899aabbccddeeff --autn 00112233445566778899aabbccddeeff)
tells 'no UICC, auth' 1 'the card is a smart card, but no UICC .*; SELECT of the USIM: 6D00, instruction not supported: put a SIM in$' =6d00
tells 'a SIM of 2G, auth' 1 'a SIM of 2G, without a USIM \(SELECT: 6E00, class not supported\): authenticate it with --context gsm$' \
	a0a4=9f16 a0c0=00009000 =6e00
command=(profile list)
# answers to reset
tells 'a mute card' 3 'the card does not start: .*\(it is mute\) \(turn it over' --atr ''
tells 'an ATR of one octet' 3 'answer to reset \(ATR\) is none that ISO 7816-3 knows \(clean its contacts' --atr 3b
tells 'an ATR that is none' 1 'ATR 00112233 is none that ISO 7816-3 knows: it does not begin with 3B or 3F' --atr 00112233 =6d00
tells 'an ATR that is cut' 0 'it is shorter than it says' --atr 3b9f96 $uicc "${good[@]}"
tells 'a wrong TCK' 0 'its check octet TCK is wrong' --atr 3b9f96803fc7828031e073f62113574a4d0e0d31300002 $uicc "${good[@]}"
# --isdr-aid is looked at whatever the command
more=(--isdr-aid "${isdr/%0100/0300}")
tells 'another AID' 1 "no ISD-R answers to --isdr-aid $isdr|no ISD-R answers to --isdr-aid .*\(SELECT on channel 1: 6A82, file not found\); without it: SGP.22's" $uicc 01a404=6a82

# polkit refuses: the one service says so, another hangs up
for code in 0x8010006AL 0x80100013L; do
	printf 'long SCardEstablishContext(unsigned long s, const void *a, const void *b, long *c) { return %s; }\n' $code >deny.c
	gcc -shared -fPIC -w -o deny.so deny.c
	for command in readers info; do
		status=0
		LD_PRELOAD=$work/deny.so twinkey $command >out 2>err || status=$?
		[ $status = 3 ] && grep -q 'polkit decides that: .*access_pcsc' err || die "polkit, $command: $status: $(cat out err)"
	done
done
ok "polkit: $(cat err)"
