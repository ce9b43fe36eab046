#!/bin/bash
# The release in each mode, with unmodified eapol_test and hostapd: keys of 256 bits; a key that both sides
# derive; one in volatile memory only; one identity for both subscriptions; K1 that is kept.
# `twinkey run` stops before the second factor, with limited access and EAP-AKA as IMSI 1; after it, it goes on to full
# access and EAP-AKA as IMSI 2; a rotation follows.
. "$(dirname "$0")/lib.sh"
need pcscd hostapd eapol_test opensc-tool jq
inside_reader
start_work
mkdir "$work/out"
reader='Virtual PCD 00 00' op=$work/op card=
export TWINKEY_PIN=1234 # the PIN that a prepared profile leaves with: a test value
operator() { "$bin/twinkey-operator" "$@" --dir "$op"; }
twinkey() { # each leaves a trace
	traced=$((${traced:-0} + 1))
	"$bin/twinkey" "$@" --reader "$reader" --operator "unix:$work/op.sock" --trace "$work/out/$traced.pcapng"
}
operator init >"$work/init.out"
background serve "$bin/twinkey-operator" serve --dir "$op" --socket "$work/op.sock"
background auc "$bin/twinkey-operator" auc serve --dir "$op" --socket "$work/auc.sock"
wait_for 10 'the operator' test -S "$work/op.sock"
wait_for 10 'the AuC' test -S "$work/auc.sock"
start_hostapd

insert() { # FOLDER: this card is in the reader
	[ -z "$card" ] || { stop "$card"; wait_for 10 'the reader to be empty' reader_empty; }
	background "card-$mode" "$bin/twinkey-card" run --dir "$1" --port "$VPCD_PORT"
	card=$last
	wait_for 10 "the card of $mode" card_ready
}
subscribe() { # MODE OPTION...: a subscriber with his card; sets $mode, $imsi1, $imsi2
	mode=$1 number=$((${number:-0} + 1))
	imsi1=0010100000$(printf %02d "$number")001 imsi2=0010100000$(printf %02d "$number")002
	[ -z "${same:-}" ] || imsi2=$imsi1
	shift
	operator subscriber add --imsi1 "$imsi1" --imsi2 "$imsi2" --json "$@" >"$work/add.out"
	operator profile prepare --imsi "$imsi1" --json >"$work/prepare.json"
	"$bin/twinkey-card" create --dir "$work/card-$mode" --pki "$op/pki" >"$work/create.out"
	insert "$work/card-$mode"
}
approve() { operator factor approve --imsi "$imsi1" --agent desk --evidence 'passport seen' >"$work/approve.out"; }
attach() { # WHAT IMSI: EAP-AKA
	eap AKA "eap-$mode-$1" || die "$mode: EAP-AKA $1"
	expect "$mode: EAP-AKA $1" "$(hex "0$2@")" "$work/eap-$mode-$1.log"
}
run() { # WHAT REGEX [ARGUMENT...]: twinkey run says this
	local what=$1 regex=$2
	shift 2
	twinkey run "$@" >"$work/run.out" 2>&1 || true
	expect "$mode: $what" "$regex" "$work/run.out"
}
release() { # from an empty card to full access
	run 'limited access' "IMSI $imsi1: RES matches, limited access" --no-wait "$(jq -r .activationCode "$work/prepare.json")"
	expect "$mode: no key before the second factor" 'second factor is not approved' "$work/run.out"
	attach "$1-k1" "$imsi1"
	approve
	run 'full access' "IMSI $imsi2: RES matches, full access .ACTIVE."
	[ -n "${in_memory:-}" ] || attach "$1-k2" "$imsi2"
}
rotate() {
	operator subscriber rotate --imsi "$imsi1" >"$work/rotate.out"
	run 'the key so far' "full access .ROTATING." --no-wait
	approve
	run 'the next key' "full access .ACTIVE."
	attach "$1" "$imsi2"
}

# keys of 256 bits, for either subscription
for bits in '128 256' '256 128'; do
	read -r bits1 bits2 <<<"$bits"
	options=()
	[ "$bits1" = 128 ] || options+=(--algorithm1 tuak --key-bits1 256)
	[ "$bits2" = 128 ] || options+=(--algorithm2 TUAK --key-bits2 256)
	subscribe "$bits1-$bits2" "${options[@]}"
	operator subscriber sim-file --imsi "$imsi1" --out "$work/sim.txt" >"$work/sim.out"
	[ "$(sed -n 's/^k = //p' "$work/sim.txt" | tr -d '\n' | wc -c)" = $((bits1 / 4)) ] || die "K1 is not of $bits1 bits"
	release first
	rotate rotated
	rm "$work/sim.txt"
done
for which in 1 2; do
	refuse "a MILENAGE key $which of 256 bits" operator subscriber add --imsi1 001010000099001 --imsi2 001010000099002 --key-bits$which 256
	grep -q 'MILENAGE has keys of 128 bits' "$work/refused.out" || die "$(<"$work/refused.out")"
done

# derived: K2 never travels. Neither it nor any other key is in what has passed.
[ -n "${TWINKEY_BIN:-}" ] || make -C "$top" --no-print-directory -s build/release/tests/leak-search
for options in '--derived' '--derived --algorithm2 tuak --key-bits2 256'; do
	read -ra words <<<"$options"
	subscribe "derived-${#words[@]}" "${words[@]}"
	[ "$(jq -r .mode "$work/add.out")" = derived ] || die "$(<"$work/add.out")"
	refuse 'a derived key in a second profile' operator profile prepare --imsi "$imsi1" --two-profiles --sealed-out "$work/sealed.txt"
	release first
	"$bin/tests/leak-search" "$op" "$work"/out/* "$work"/*.out >"$work/search.txt" || die "$(<"$work/search.txt")"
	rotate rotated
	"$bin/tests/leak-search" "$op" "$work"/out/* "$work"/*.out >"$work/search.txt" || die "$(<"$work/search.txt")"
	grep -q '^[1-9][0-9]* secrets' "$work/search.txt" || die "nothing was searched for: $(<"$work/search.txt")"
	ok "$mode: no key in what has passed ($(tail -n 1 "$work/search.txt"))"
done

# in volatile memory: power off, and the card is back on K1 and limited access, until both factors bring the same key again
for options in '--in-memory' '--in-memory --derived --algorithm2 tuak --key-bits2 256'; do
	read -ra words <<<"$options"
	subscribe "memory-${#words[@]}" "${words[@]}"
	[ "$(jq -r .inMemoryOnly "$work/add.out")" = true ] || die "$(<"$work/add.out")"
	in_memory=1 release first
	for again in 1 2; do
		twinkey reset --cold >"$work/reset.out"
		run 'back on the first key' "IMSI $imsi1: RES matches, limited access .(ACTIVE|ROTATING)." --no-wait
		expect "$mode: no key again without the second factor" 'second factor is not approved' "$work/run.out"
		attach "again-k1-$again" "$imsi1"
		for try in 1 2 3; do # pcscd takes the power of a card that nobody uses after some seconds
			approve
			run 'the second key again' "IMSI $imsi2: RES matches, full access .ACTIVE."
			eap AKA "eap-$mode-again-$again" || die "$mode: EAP-AKA again"
			grep -q "$(hex "0$imsi2@")" "$work/eap-$mode-again-$again.log" && break
			[ $try != 3 ] || die "$mode: the card is never in time"
		done
		ok "$mode: EAP-AKA with the second key again"
		[ $again = 2 ] || operator subscriber rotate --imsi "$imsi1" >"$work/rotate.out"
	done
	expect "$mode: the rotation went on from the first key" 'grant .*keyId 2' <(operator log)
	expect "$mode: the log says that the card was back" 'return ' <(operator log)
done

# one identity for both, with the numbers and networks of each; what is the second's comes with the release
printf '%s\n' '[1]' 'preferred 00101 eutran' '[2]' 'preferred 26202' 'forbidden 00199' >"$work/networks.txt"
files() { # what the card shows: EF.MSISDN, EF.PLMNwAcT, EF.FPLMN
	twinkey apdu 00A4040C07A0000000871002 002000010831323334FFFFFFFF 00A4000C026F40 00B2010418 00A4000C026F60 00B0000005 \
		00A4000C026F7B 00B0000003 >"$work/files.out" 2>&1 || die "$(<"$work/files.out")"
	tr -d ' ' <"$work/files.out" | tr '[:lower:]' '[:upper:]' >"$work/files.txt"
}
same=1 subscribe same --msisdn1 +491701 --msisdn2 +491702 --plmn-list "$work/networks.txt"
run 'limited access' "IMSI $imsi1: RES matches, limited access" --no-wait "$(jq -r .activationCode "$work/prepare.json")"
attach k1 "$imsi1"
files
expect "$mode: the number of the first" 0491947110 "$work/files.txt"
expect "$mode: its network" 00F1104000 "$work/files.txt"
approve
run 'full access with the same IMSI' "IMSI $imsi1: RES matches, full access .ACTIVE."
attach k2 "$imsi1"
files
expect "$mode: the number of the second" 0491947120 "$work/files.txt"
expect "$mode: its network" 62F220C880 "$work/files.txt"
expect "$mode: and where it may not be" 00F199 "$work/files.txt"
rotate rotated
for option in --in-memory --keep-first-key; do
	refuse "$option with one IMSI" operator subscriber add --imsi1 001010000099001 --imsi2 001010000099001 $option
done
refuse 'a telephone number that is none' operator subscriber add --imsi1 001010000099001 --imsi2 001010000099002 --msisdn2 'a1'
echo 'preferred 001' >"$work/bad.txt"
refuse 'a list of networks that is none' operator subscriber add --imsi1 001010000099001 --imsi2 001010000099002 --plmn-list "$work/bad.txt"
grep -q 'line 1: needs a network' "$work/refused.out" || die "$(<"$work/refused.out")"

# K1 after the release: another card with it is refused, unless the operator keeps it, for limited access
for options in '' '--keep-first-key'; do
	read -ra words <<<"$options"
	subscribe "first${options:+-kept}" "${words[@]}"
	operator subscriber sim-file --imsi "$imsi1" --out "$work/sim.txt" >"$work/sim.out"
	"$bin/twinkey-card" create --dir "$work/clone-$mode" --profile "$work/sim.txt" >"$work/create.out"
	rm "$work/sim.txt"
	release first
	insert "$work/clone-$mode"
	if [ -z "$options" ]; then
		if eap AKA "eap-$mode-clone"; then die 'a card with K1 got in after the release'; fi
		ok "$mode: K1 is refused after the release"
	else
		attach clone "$imsi1"
		twinkey auth >"$work/auth.out"
		expect "$mode: limited access with K1" 'limited' "$work/auth.out"
		insert "$work/card-$mode"
		attach beside "$imsi2"
	fi
done
