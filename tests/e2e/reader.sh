#!/bin/bash
# The virtual card in a PC/SC reader, seen by opensc-tool and pcsc_scan, across restarts of card and reader.
. "$(dirname "$0")/lib.sh"
need pcscd opensc-tool pcsc_scan scriptor
inside_reader
start_work

cat >"$work/sim.txt" <<'SIM'
# 3GPP TS 35.208 test set 1: published test keys
imsi = 001010123456789
iccid = 89000123456789012341
algorithm = milenage
k = 465b5ce8b199b49faa5f0a2ee238a6bc
opc = cd63cb71954a9f4e48a5994e37a02baf
pin = 1234
SIM
chmod 600 "$work/sim.txt"
"$bin/twinkey-card" create --dir "$work/card" --profile "$work/sim.txt" >"$work/create.out"
background card "$bin/twinkey-card" run --dir "$work/card" --port "$VPCD_PORT"
card=$last
wait_for 10 'the card in the reader' card_ready

opensc-tool -r 0 -a >"$work/atr.out"
expect 'opensc-tool reads the ATR' '^3b' "$work/atr.out"
opensc-tool -r 0 -s 00A40004023F00 >"$work/mf.out" 2>&1
expect 'opensc-tool selects the MF' 'SW1=0x(61|90)' "$work/mf.out"
# four octets, as a terminal without TPDUs of its own sends them (TS 102 221 7.3.1.1.1)
printf '%s\n' 80F20000 80F2000C 00A4000C022FE2 00B00000 A0F20000 |
	scriptor -r 'Virtual PCD 00 00' 2>&1 | sed -n 's/^< \(.. ..\).*/\1/p' | paste -s -d , >"$work/four.out"
expect 'scriptor sends four octets' '^6C 1F,90 00,90 00,6C 0A,67 16$' "$work/four.out"
timeout 8 pcsc_scan -n -t 3 >"$work/scan.out" 2>&1 || true
expect 'pcsc_scan sees the card' 'ATR: 3B' "$work/scan.out"
"$bin/twinkey" readers >"$work/readers.out"
expect 'twinkey lists the reader' 'Virtual PCD 00 00' "$work/readers.out"
"$bin/twinkey" info --reader 'Virtual PCD 00 00' >"$work/info.out"
expect 'twinkey reads the ICCID' '89000123456789012341' "$work/info.out"
"$bin/twinkey" auth --reader 'Virtual PCD 00 00' --key-file "$work/sim.txt" --pin-file <(printf 1234) \
	>"$work/auth.out" || die 'auth with the key file'
expect 'twinkey auth checks RES' 'RES' "$work/auth.out"

refuse 'a second process on the same state' "$bin/twinkey-card" run --dir "$work/card" --port "$VPCD_PORT_2"
stop "$card"
wait_for 10 'the reader to be empty' reader_empty
background card2 "$bin/twinkey-card" run --dir "$work/card" --port "$VPCD_PORT"
wait_for 10 'the card after its restart' card_ready
ok 'the card comes back after a restart'
stop "$last"
background card3 "$bin/twinkey-card" run --dir "$work/card" --port "$VPCD_PORT"
"$bin/twinkey" info --reader 'Virtual PCD 00 00' --wait 60 >"$work/changed.out" 2>"$work/changed.log" ||
	die 'info while the card is changed'
expect 'twinkey waits for a card that is changed just now' '89000123456789012341' "$work/changed.out"
"$bin/twinkey" auth --reader 'Virtual PCD 00 00' --key-file "$work/sim.txt" --pin-file <(printf 1234) \
	>"$work/auth2.out" || die 'auth after the restart'
ok 'SQN went on after the restart'

# pcscd dies and is started again: the card, which runs on, comes back by itself
service=$(tr -d "\0" </run/pcscd/pcscd.pid)
mapfile -d '' -t command <"/proc/$service/cmdline"
kill "$service"
pcscd_gone() { # its files too: a later one takes them for another pcscd's; its parent may not have waited for it yet
	[ ! -e /run/pcscd/pcscd.comm ] && [ ! -e /run/pcscd/pcscd.pid ] || return 1
	[ ! -e "/proc/$service" ] || grep -q '^State:.Z' "/proc/$service/status"
}
wait_for 10 'the end of pcscd' pcscd_gone
background pcscd "${command[@]}"
wait_for 10 'the card after the restart of pcscd' card_ready
"$bin/twinkey" auth --reader 'Virtual PCD 00 00' --key-file "$work/sim.txt" --pin-file <(printf 1234) \
	>"$work/auth3.out" || die 'auth after the restart of pcscd'
ok 'the card comes back when pcscd restarts'
refuse 'the state of a card that runs, in another process' "$bin/twinkey" info --reader "card:$work/card"
"$bin/twinkey-card" inspect --dir "$work/card" >"$work/inspect.out" 2>&1 || true
if grep -qiE '465b5ce8b199b49f|cd63cb71954a9f4e' "$work"/*.out "$work"/*.log; then die 'a key was printed'; fi
if grep -qF "$(printf '\x46\x5b\x5c\xe8\xb1\x99\xb4\x9f')" -a -r "$work/card"; then die 'K lies in clear on the disk'; fi
ok 'no key in any output, none in clear on the disk'
