#!/bin/bash
# The release in each mode, with unmodified eapol_test and hostapd: keys of 256 bits; a key that both sides
# derive; one in volatile memory only.
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
	imsi1=0010100000${number}0001 imsi2=0010100000${number}0002
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
	attach "$1-k2" "$imsi2"
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
	release first
	for again in 1 2; do
		twinkey reset --cold >"$work/reset.out"
		run 'back on the first key' "IMSI $imsi1: RES matches, limited access .(ACTIVE|ROTATING)." --no-wait
		expect "$mode: no key again without the second factor" 'second factor is not approved' "$work/run.out"
		attach "again-k1-$again" "$imsi1"
		approve
		run 'the second key again' "IMSI $imsi2: RES matches, full access .ACTIVE."
		attach "again-k2-$again" "$imsi2"
		[ $again = 2 ] || operator subscriber rotate --imsi "$imsi1" >"$work/rotate.out"
	done
	expect "$mode: the rotation went on from the first key" 'grant .*keyId 2' <(operator log)
	expect "$mode: the log says that the card was back" 'return ' <(operator log)
done
