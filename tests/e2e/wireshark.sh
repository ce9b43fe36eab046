#!/bin/bash
# The dissector for Wireshark, made out of the tables of card and decoder: tshark names each command as `twinkey trace
# show` does, whatever its class, instruction and P1; ATR, functions of STORE DATA, contexts of AUTHENTICATE, our key
# release, status words, channels; and what tshark has itself is as without it.
# runs: user
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need tshark jq python3
start_work
PATH=$bin:$PATH
as=()
if [ "$(id -u)" = 0 ]; then # tshark loads no script for root
	as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	chmod 755 "$work"
fi
cd "$work" || exit 1
umask 022
cp "$bin/twinkey.lua" .
with() { "${as[@]}" env HOME=/nonexistent tshark -X lua_script:twinkey.lua "$@" 2>tshark.err || die "tshark: $(cat tshark.err)"; }
without() { "${as[@]}" env HOME=/nonexistent tshark "$@" 2>tshark.err || die "tshark: $(cat tshark.err)"; }
tshark --version 2>/dev/null | tr '\n' ' ' >version
grep -q 'with Lua' version || skip 'this tshark has no Lua'

# every class and instruction, with both kinds of P1, in one capture
python3 - >all.pcap <<'END'
import struct, sys
out = sys.stdout.buffer
out.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 228))
def packet(apdu, n, kind=0):
    gsmtap = bytes([2, 4, 4]) + bytes(9) + bytes([kind]) + bytes(3) + apdu
    udp = struct.pack(">HHHH", 4729, 4729, 8 + len(gsmtap), 0) + gsmtap
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(udp), n & 0xFFFF, 0x4000, 64, 17, 0, 0x7F000001, 0x7F000001) + udp
    out.write(struct.pack("=IIII", n // 1000, n % 1000, len(ip), len(ip)) + ip)
n = 0
for cla in (0x00, 0x03, 0x0C, 0x41, 0x61, 0x80, 0x83, 0x84, 0x8C, 0xA0, 0xA1, 0xC2, 0xE2, 0x10, 0x90, 0xB0, 0xF0, 0xFF):
    for ins in range(256):
        if ins >> 4 in (6, 9):
            continue  # ISO 7816-3 10.3.2: none of T=0
        for p1 in (0, 0x40):
            packet(bytes([cla, ins, p1, 0, 0]) + b"\x6d\x00", n)
            n += 1
END
with -r all.pcap -T fields -e twinkey.command >names
twinkey trace show --json all.pcap 2>/dev/null | jq -r '.command' >decoded
[ "$(wc -l <names)" -gt 8000 ] || die "$(wc -l <names) packets"
diff names decoded >differs || die "tshark and trace show name differently: $(head -n 5 differs)"
ok "$(wc -l <names) commands are named as trace show names them"
# names of the table, by the table's own lines
grep -oE '"[A-Z][A-Z ]+"' "$top/lib/uicc/commands.def" | tr -d '"' | sort -u >rows
[ "$(wc -l <rows)" -gt 55 ] || die "the table has $(wc -l <rows) names"
sort -u names >said
[ -z "$(comm -23 rows said)" ] || die "of the table tshark does not say: $(comm -23 rows said)"
ok "each of the $(wc -l <rows) names of the table"

# a card of ours: profile, authentication, release of the second key
prepare_two_keys
code=$(jq -r .activationCode prepare.json)
background serve "${operator[@]}" serve --dir "$op" --socket op.sock
wait_for 10 'the operator' test -S op.sock
traced() { # FILE COMMAND...
	twinkey "${@:2}" --reader card:card --operator unix:op.sock --trace "$1" >out 2>err || die "twinkey ${*:2}: $(cat out err)"
	chmod 644 "$1"
}
traced load.pcapng profile load "$code"
traced enable.pcapng profile enable "$(jq -r .iccid prepare.json)"
traced auth.pcapng auth
traced gsm.pcapng auth --context gsm
"${operator[@]}" factor approve --dir "$op" --imsi "$imsi1" --agent 'desk 4' --evidence 'passport seen' >out
traced release.pcapng release
cat {load,enable,auth,gsm,release}.pcapng >card.pcapng # sections of one file
with -r card.pcapng -T fields -E separator='|' -e _ws.col.Info -e twinkey.command -e twinkey.function -e twinkey.context \
	-e twinkey.channel -e twinkey.sw -e twinkey.status -e twinkey.atr -e gsm_sim.apdu.ins -e gsm_sim.apdu.sw -e gsm_sim.file_id >told
twinkey trace show --json card.pcapng >card.json 2>/dev/null
atr=$(jq -r 'select(.kind == "reset") | .atr' card.json | head -n 1)
expect 'the ATR' "^ATR $atr\\|\\|\\|\\|\\|\\|\\|$atr\\|" told
# each function that trace show finds
jq -r 'select(.command == "STORE DATA") | .what | sub(", [0-9]+ blocks?$"; "")' card.json | sort -u >want
cut -d '|' -f 3 told | sed 's/, block [0-9]*$//; /^$/d' | sort -u >got
[ "$(wc -l <got)" -gt 12 ] || die "functions: $(cat got)"
diff want got >differs || die "functions: $(cat differs)"
ok "$(wc -l <got) functions of STORE DATA"
expect 'a block of a chain' '^STORE DATA ES10b.AuthenticateServer, block 2 > ' told
expect 'our key release' '^STORE DATA KRA grant.*\|STORE DATA\|KRA grant\|\|[0-9]+\|0x' told
expect '3G' '^AUTHENTICATE 3G .*\|AUTHENTICATE\|\|3G \(ISIM: IMS AKA\)\|0\|' told
expect 'GSM' '^AUTHENTICATE GSM > .*\|AUTHENTICATE\|\|GSM\|0\|' told
expect 'a PIN, by its name of today' 'VERIFY PIN > 9000 normal ending\|VERIFY PIN\|\|\|0\|0x9000\|normal ending' told
expect 'a channel' '\|MANAGE CHANNEL\||\|1\|0x' told
expect "tshark's own words stay where they name the command" '^ISO/IEC 7816-4 SELECT .*\|SELECT\|' told
# what is tshark's own is as without it; a filter, in two passes, finds as much as was told
without -r card.pcapng -T fields -E separator='|' -e gsm_sim.apdu.ins -e gsm_sim.apdu.sw -e gsm_sim.file_id >own
cut -d '|' -f 9- told | cmp - own || die "tshark's own fields are others"
with -2 -r card.pcapng -Y 'twinkey.function contains "PrepareDownload" && twinkey.sw == 0x9000' >out
[ "$(wc -l <out)" = "$(grep -c '|ES10b.PrepareDownload.*|0x9000|' told)" ] || die "a filter finds $(cat out)"
ok "tshark's own fields are as without it"
# octets that are no command, and no packet of ours
python3 - >odd.pcap <<'END'
import struct, sys
out = sys.stdout.buffer
out.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 228))
for n, payload in enumerate((b"", b"\2", b"\2\4\4" + bytes(9), b"\2\x40\4" + bytes(13), b"\2\0\4" + bytes(13), b"\2\4\4" + bytes(13),
        b"\2\4\4" + bytes(13) + b"\0", b"\2\4\4" + bytes(13) + b"\0\xa4\4\0\xff\1", b"\2\4\4" + bytes(9) + b"\1\0\0\0",
        b"\2\4\1" + bytes(20), b"\2\4\4" + bytes(13) + b"\x80\xe2\x91\0\1\xbf", b"\2\4\4" + bytes(9) + b"\7" + bytes(9))):
    udp = struct.pack(">HHHH", 4729, 4729, 8 + len(payload), 0) + payload
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(udp), n, 0x4000, 64, 17, 0, 0x7F000001, 0x7F000001) + udp
    out.write(struct.pack("=IIII", n, 0, len(ip), len(ip)) + ip)
END
with -V -r odd.pcap >out
if grep -qi 'lua error' out tshark.err; then die "$(grep -i 'lua error' out tshark.err)"; fi
ok 'odd packets'
