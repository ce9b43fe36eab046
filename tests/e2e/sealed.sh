#!/bin/bash
# Sealed traces: recorded by the terminal and by the card, whole; changed, cut, of another key; a recorder that is
# killed; other programs that read them; the key, which is nobody else's.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq openssl opensc-tool pcscd python3
inside_reader
start_work
umask 022
PATH=$bin:$PATH
cd "$work" || exit 1

verdict() { # VERDICT STATUS FILE [OPTION...]: as JSON, which stays in out
	local want=$1 wanted=$2 status=0
	shift 2
	twinkey trace verify --json "$@" >out || status=$?
	[ "$status" = "$wanted" ] || die "$*: exit code $status, not $wanted: $(cat out)"
	[ "$(jq -r .verdict out)" = "$want" ] || die "$*: $(cat out)"
}
is() { jq -e "$@" out >jq.out || die "not so: $*: $(cat out)"; }

# the terminal's side: the key is made once, and its fingerprint said
twinkey-card create --dir card >/dev/null
twinkey info --reader card:card --trace a.pcapng --seal key >info 2>err
grep -qxE 'twinkey: the trace is sealed by a new key [0-9a-f]{64}' err || die "$(cat err)"
[ "$(stat -c %a key)" = 600 ] || die "the key has mode $(stat -c %a key)"
openssl pkey -in key -pubout -out public.pem
openssl pkey -in key -pubout -outform DER -out public.der
print=$(sha256sum <public.der | cut -d ' ' -f 1)
grep -q " $print\$" err || die "the fingerprint is $print, and it says: $(cat err)"
cp key key.before
twinkey info --reader card:card --trace b.pcapng --seal key --json >out 2>err
grep -qx "twinkey: the trace is sealed by the key $print" err || die "$(cat err)"
cmp -s key key.before || die 'the key is another one'
verdict whole 0 a.pcapng
is --arg k "$print" '.closed and .faults == [] and .key == $k and .signedTo == .records - 1'
for key in "$print" "${print^^}" public.pem public.der; do
	verdict whole 0 a.pcapng --key "$key"
done
verdict whole 0 - <a.pcapng
twinkey trace verify a.pcapng >out
expect 'whole, for people' '^a.pcapng: whole: [0-9]+ records, closed$' out
expect 'and whose key it was' "^signed up to record [0-9]+ by key $print\$" out

# what was changed is told with its place
python3 - a.pcapng <<'END'
import sys
octets = open(sys.argv[1], "rb").read()
at = [0]
while at[-1] < len(octets):
    at.append(at[-1] + int.from_bytes(octets[at[-1] + 4:at[-1] + 8], "big"))
part = lambda a, b: octets[at[a]:at[b]]
n = len(at) - 1
write = lambda name, data: open(name, "wb").write(data)
write("bit", octets[:at[5] + 40] + bytes([octets[at[5] + 40] ^ 4]) + octets[at[5] + 41:])
write("removed", part(0, 6) + part(8, n))
write("swapped", part(0, 6) + part(10, 11) + part(7, 10) + part(6, 7) + part(11, n))
write("inserted", part(0, 6) + part(9, 10) + part(6, n))
write("cut", part(0, 6))
write("cut-in", octets[:at[6] + 30])
write("places", ("%d\n" * len(at) % tuple(at)).encode())
END
mapfile -t at <places
verdict altered 1 bit
is --argjson o "${at[5]}" '.faults == [{kind: "changed", first: 5, last: 5, offset: $o}] and .error.code == "ERR_CORRUPT"'
verdict altered 1 removed
is --argjson o "${at[6]}" '.faults == [{kind: "removed", first: 6, last: 7, offset: $o}]'
verdict altered 1 swapped
is --argjson o "${at[6]}" '[.faults[] | .kind, .first] == ["moved", 10, "moved", 6] and .faults[0].offset == $o'
verdict altered 1 inserted
is --argjson o "${at[6]}" '.faults == [{kind: "inserted", first: 6, last: 6, offset: $o}]'
verdict open 1 cut
is '.last == 5 and .faults == [] and .cutOctets == 0 and .signedTo == 1 and (.error.message | test("not closed after record 5:"))'
verdict open 1 cut-in
is '.last == 5 and .cutOctets == 30'
status=0
twinkey trace verify bit >out 2>err || status=$?
[ $status = 1 ] || die "a changed trace: exit code $status"
expect 'changed, for people' "^record 5 at offset ${at[5]}: changed: " out
expect 'and that it is not as it was' '^twinkey: bit: it is not as it was written: 1 fault$' err
ok 'what was changed, removed, moved, inserted, cut off, and where'

# another key's; what is not sealed
twinkey info --reader card:card --trace c.pcapng --seal other >/dev/null 2>&1
verdict whole 0 c.pcapng
verdict other-key 4 c.pcapng --key "$print"
verdict other-key 4 c.pcapng --key public.pem
twinkey info --reader card:card --trace plain.pcapng >/dev/null
verdict unsealed 1 plain.pcapng
is '.error.message | test("not sealed")'
verdict unsealed 1 info
for wrong in 12 no-such-file key; do
	refuse "--key $wrong" twinkey trace verify a.pcapng --key $wrong
done
refuse 'no such trace' twinkey trace verify nowhere.pcapng
refuse 'a seal without a trace' twinkey info --reader card:card --seal key
refuse 'the same at the card' twinkey-card run --dir card --seal key
ok 'a trace of another key is refused, one without a seal is told'

# a key that others can read, and one that is none: no trace is begun
install -m 644 key open-key
refuse 'a key that is open to others' twinkey info --reader card:card --trace d.pcapng --seal open-key
grep -q 'chmod' refused.out || die "$(cat refused.out)"
install -m 600 /dev/null empty-key
refuse 'an empty file for a key' twinkey info --reader card:card --trace d.pcapng --seal empty-key
refuse 'a folder that is not there' twinkey info --reader card:card --trace d.pcapng --seal no/key
[ ! -e d.pcapng ] || die 'a trace without a seal'
if [ -w /dev/full ]; then
	refuse 'a disk that is full' twinkey info --reader card:card --trace /dev/full --seal key
fi

# the card's side, alone and beside a command, with two cards in one file
background card twinkey-card run --dir card --port "$VPCD_PORT" --trace run.pcapng --seal key
card=$last
wait_for 10 'the card' card_ready
opensc-tool -r 0 -s 00A40004023F00 >/dev/null
stop $card
wait_for 10 'the reader to be empty' reader_empty
verdict whole 0 run.pcapng --key "$print"
grep -q "the trace is sealed by the key $print" card.log || die 'the card does not say its key'
twinkey-card create --dir card2 >/dev/null
# shellcheck disable=SC2016 # for the command's shell
twinkey-card run --card card --card card2 --trace two.pcapng --seal key -- sh -c '
	opensc-tool -r "$TWINKEY_READER_1" -s 00A40004023F00 & opensc-tool -r "$TWINKEY_READER_2" -s 00A40004023F00; wait' >/dev/null 2>&1
verdict whole 0 two.pcapng --key "$print"
ok 'recorded by the card'

# killed at once: what is there is whole as far as it goes
background card twinkey-card run --dir card --port "$VPCD_PORT" --trace killed.pcapng --seal key
card=$last
wait_for 10 'the card' card_ready
for ((i = 0; i < 40; i++)); do opensc-tool -r 0 -s 00A40004023F00 -s 00A40004022F00 -s 00B0000000 || true; done >sent.out 2>&1 &
pids+=($!)
wait_for 20 'packets' sh -c '[ "$(stat -c %s killed.pcapng)" -gt 20000 ]'
kill -9 $card
wait $card 2>/dev/null || true
verdict open 1 killed.pcapng --key "$print"
is '.faults == [] and .cutOctets == 0 and .records > 65 and .signedTo > 60 and .last == .records - 1'
ok "killed: $(jq -r .error.message out)"

# others read them
if command -v tshark >/dev/null; then
	for f in a run two killed; do
		tshark -r $f.pcapng -Y gsm_sim >packets 2>tshark.err || die "tshark: $(cat tshark.err)"
		[ -s packets ] || die "tshark sees nothing in $f.pcapng"
		if grep -qiE 'cut short|damaged|error' tshark.err; then die "tshark: $(cat tshark.err)"; fi
	done
	# the same packets with and without a seal
	tshark -r a.pcapng -Y gsm_sim -T fields -e frame.len -e gsm_sim.apdu.ins >sealed.ins 2>/dev/null
	tshark -r plain.pcapng -Y gsm_sim -T fields -e frame.len -e gsm_sim.apdu.ins >plain.ins 2>/dev/null
	cmp sealed.ins plain.ins || die 'tshark reads other packets'
	ok 'tshark reads them'
fi

# nothing of the key but in its file: octets, hex, base64
python3 - key a.pcapng b.pcapng run.pcapng two.pcapng killed.pcapng out err info card.log <<'END'
import base64, sys
key = open(sys.argv[1], "rb").read()
number = key[36:68]  # RFC 5915: the private number of P-256 in PKCS #8
assert len(key) == 138 and key[33:36] == b"\x01\x04\x20", "the form of the key has changed"
forms = [number[i:i + 8] for i in range(25)]
forms += [number.hex().encode(), number.hex().upper().encode(), base64.b64encode(number)[:20]]
for name in sys.argv[2:]:
    octets = open(name, "rb").read()
    assert not any(f in octets for f in forms), f"some of the key is in {name}"
END
ok 'the key is in its file alone'
