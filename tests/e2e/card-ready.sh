#!/bin/bash
# "in the reader": who trusts the line finds the card there, at once and each time; a second card on the same port does
# not say it before its turn, and what is waited for is told.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need pcscd opensc-tool jq
inside_reader
start_work
umask 077
# 3GPP TS 35.208 test set 1: published test keys
printf 'imsi = 001010123456789\niccid = 89000123456789012341\nk = %s\nopc = %s\n' \
	465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf >"$work/sim"
for i in 1 2; do "$bin/twinkey-card" create --dir "$work/card$i" --profile "$work/sim" >/dev/null; done
line='in the reader at 127.0.0.1'
start_card() { # NUMBER [OPTION...]: sets $card
	: >"$work/card.log"
	background card "$bin/twinkey-card" run --dir "$work/card$1" --port "$VPCD_PORT" "${@:2}"
	card=$last
}

tries=5
for ((i = 1; i <= tries; i++)); do
	start_card 1
	until grep -q "$line" "$work/card.log"; do
		kill -0 "$card" || die 'the card has ended'
		sleep 0.01
	done
	opensc-tool -l | grep -q '^0 *Yes' || die "try $i: the card says that it is in the reader, and is not"
	opensc-tool -r 0 -a >"$work/atr" 2>&1 || die "try $i: $(cat "$work/atr")"
	stop "$card"
	wait_for 5 'the empty reader' reader_empty
done
ok "a client that trusts the line finds the card, $tries of $tries times"

start_card 1
first=$card
wait_for 5 'the first card' grep -q "$line" "$work/card.log"
background second "$bin/twinkey-card" run --dir "$work/card2" --port "$VPCD_PORT"
second=$last
wait_for 5 'the word that it waits' grep -q 'waiting in the queue at 127.0.0.1' "$work/second.log"
! grep -q "$line" "$work/second.log" || die 'a card that waits says that it is in the reader'
stop "$first"
wait_for 5 'the turn of the second card' grep -q "$line" "$work/second.log"
opensc-tool -r 0 -a >"$work/atr" 2>&1 || die "the second card: $(cat "$work/atr")"
stop "$second"
ok 'a second card on the same port says that it waits, and has its turn'

wait_for 5 'the empty reader' reader_empty
start_card 1 --json
wait_for 5 'the card' grep -q '"inReader": *true' "$work/card.log"
stop "$card"
[ "$(jq -c . "$work/card.log")" = "{\"inReader\":true,\"host\":\"127.0.0.1\",\"port\":$VPCD_PORT}" ] || die 'JSON'
background none "$bin/twinkey-card" run --dir "$work/card1" --port 9
none=$last
wait_for 3 'the word that nobody listens' grep -q 'waiting for a reader at 127.0.0.1:9: nobody listens there (start pcscd' "$work/none.log"
stop "$none"
ok 'JSON, and no service at all'
