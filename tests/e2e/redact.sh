#!/bin/bash
# trace redact: of our demo, of each sample and of each capture of the test-data folder a scan of its own finds no
# original; what was written is shown as before; one value has one stand-in under one key and another under another;
# originals in odd forms; what cannot be written is not there. trace secrets.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq oathtool python3
start_work
cd "$work" || exit 1
twinkey() { "$bin/twinkey" "$@"; }

# Originals by what trace show says of FROM, as python3 sees them in TO: its octets, its hex without what parts it, and
# the octets of its exchanges. Nothing of this knows lib/trace/search.
cat >scan.py <<'PYTHON'
import base64
import json
import re
import sys

SECRET = {"imsi", "iccid", "eidValue", "eid", "imei", "imeisv", "rand", "autn", "auts", "res", "sres", "challenge",
          "euiccChallenge", "serverChallenge", "transactionId", "matchingId", "serverAddress", "notificationAddress",
          "smdpAddress", "rootDsAddress", "defaultDpAddress", "number", "service-centre", "oa", "da", "serial", "m-tmsi",
          "tmsi", "euiccSignature1", "serverSignature1", "smdpSignature2", "euiccSignature2"}


def nodes(tree):
    for n in tree:
        yield n
        yield from nodes(n.get("in", []))


def lines(name):
    return [json.loads(line) for line in open(name)]


def originals(items):
    found = set()
    for item in items:
        for n in nodes(item.get("tree", [])):
            raw = n.get("raw", "")
            octets = bytes.fromhex(raw)
            if n["key"] not in SECRET or len(octets) < 6 or len(set(octets)) < 3:
                continue
            found.add(("octets", raw))
            if n["key"] in ("imsi", "iccid", "number", "imei", "imeisv") and re.fullmatch(r"\d{9,}", n.get("value", "")):
                found.add(("digits", n["value"]))
            if re.fullmatch(r"\d{32}", raw):
                found.add(("digits", raw))
            if octets.isascii() and octets.decode().isprintable():
                found.add(("text", octets.decode()))
    return found


def swapped(digits):
    digits += "f" * (len(digits) % 2)
    return "".join(digits[i + 1] + digits[i] for i in range(0, len(digits), 2))


def forms(kind, value):
    """hex of what to look for"""
    octets = bytes.fromhex(value) if kind == "octets" else value.encode()
    yield octets.hex()
    yield octets.hex().encode().hex()
    yield octets.hex().upper().encode().hex()
    yield octets[::-1].hex()
    yield swapped(octets.hex())
    yield octets.decode("latin-1").encode("utf-16-be").hex()
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + octets).decode().rstrip("=")
        yield text[(0, 2, 3)[shift]:len(text) - 1].encode().hex()
    if kind == "digits":
        yield value
        yield swapped(value)[:2 * (len(value) // 2)]
        yield swapped(value[1:])[:2 * ((len(value) - 1) // 2)]


def shape(items):
    keys = ("command", "cla", "ins", "p1", "p2", "sw")
    return [[i.get(k) for k in keys] + [len(i.get("data", "")), len(i.get("answer", ""))] for i in items if i["kind"] == "exchange"]


def scan(name, planted):
    """how many originals NAME.from.json has, none of which is in NAME.out, as NAME.to.json shows it"""
    before, after = lines(name + ".from.json"), lines(name + ".to.json")
    looked = originals(before) | {("octets", p) for p in planted}
    raw = open(name + ".out", "rb").read()
    ways = {}
    for item in after:
        for way in ("data", "answer"):
            if item["kind"] == "exchange":
                ways.setdefault((item["card"], item["channel"], way), []).append(item.get(way, ""))
    places = [raw.hex(), re.sub(rb"[^0-9a-f]", b"", raw.lower()).decode()] + ["".join(w) for w in ways.values()]
    for kind, value in looked:
        for form in forms(kind, value):
            if len(form) >= 12 and any(form in place for place in places):
                sys.exit(f"{name}: left: {kind} of length {len(value)}")
    if shape(before) != shape(after):
        sys.exit(f"{name}: other exchanges")
    return len(looked)


count = sum(scan(name, sys.argv[2:]) for name in sys.argv[1].split())
print(count, "originals, none left")
PYTHON

redacts() { # NAME FILE: into NAME.out, and what both are into NAME.from.json, NAME.to.json
	local name=$1 file=$2
	twinkey trace show -v --json "$file" >"$name.from.json" 2>show.err || die "$file: $(<show.err)"
	twinkey trace redact "$file" --output "$name.out" --key key >"$name.said" 2>redact.err || die "$file: $(<redact.err)"
	twinkey trace show -v --json "$name.out" >"$name.to.json" 2>show.err || die "$name.out: $(<show.err)"
}
scan() { python3 scan.py "$@" >scan.out 2>&1 || die "$(<scan.out)"; } # "NAME..." [PLANTED...]

# shellcheck disable=SC2119
prepare_two_keys
code=$(jq -r .activationCode prepare.json)
seed=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' totp.uri)
background serve "${operator[@]}" serve --dir "$op" --socket "$work/op.sock"
wait_for 10 'the operator' test -S op.sock
background run "$bin/twinkey" run --reader "card:$work/card" --operator "unix:$work/op.sock" --trace run.pcapng --seal seal "$code"
run=$last
wait_for 20 'the second factor' grep -q waiting run.log
oathtool --totp --base32 "$seed" | "${operator[@]}" factor approve --dir "$op" --imsi $imsi1 --code-stdin >approve.out
wait "$run" || die 'twinkey run'

redacts demo run.pcapng
scan demo
grep -q 'is sealed; what was written is not' redact.err || die 'the seal is not told of'
expect 'a new key is said' 'a new key was made' redact.err
[ "$(stat -c %a key)" = 600 ] || die 'the key is not its owner'"'"'s alone'
expect 'kinds are counted' '^ +[0-9]+  IMSI$' demo.said
expect 'certificates too' "certificate's serial number" demo.said
expect 'the proof is told' 'none of [0-9]+ values is left in any form' demo.said
eid_of() { jq -r '.. | objects | select(.key? == "eid" or .key? == "eidValue") | .raw' "$1" | head -n 1; }
eid=$(eid_of demo.from.json) stand=$(eid_of demo.to.json)
[ "${#stand}" = 32 ] || die "no EID: $stand"
python3 -c 'import sys; sys.exit(int(sys.argv[1]) % 97 != 1 or sys.argv[1] == sys.argv[2])' "$stand" "$eid" || die "the EID's check digits"
luhn() { python3 -c 'import sys
d = [int(c) for c in sys.argv[1]][::-1]
sys.exit(sum(x if i % 2 == 0 else sum(divmod(2 * x, 10)) for i, x in enumerate(d)) % 10)' "$1"; }
for iccid in $(grep -oE '"key":"iccid","name":"[^"]*","raw":"[0-9a-f]*","value":"[0-9]*"' demo.to.json | grep -oE '[0-9]{18,20}"$' | tr -d '"' | sort -u); do
	luhn "$iccid" || die "an ICCID's check digit: $iccid"
done
grep -q '"key":"imsi".*"value":"999' demo.to.json || die 'the home network is told'
ok "the demo: $(<scan.out)"

# one key, one stand-in; another key, another; kept networks
imsi_of() { twinkey trace show -v --json "$1" 2>/dev/null | grep -oE '"key":"imsi","name":"[^"]*","raw":"[^"]*","value":"[0-9]*"' | grep -oE '[0-9]*"$' | head -n 1; }
printf '> 00A4040007A0000000871002\n< 9000\n> 00A4000C026F07\n< 9000\n> 00B0000009\n< 0809101000000000109000\n' >one.txt
twinkey trace redact one.txt -o one.out --key key >/dev/null 2>&1 || die 'one exchange'
twinkey trace redact one.txt -o two.out --key key2 >/dev/null 2>&1 || die 'another key'
twinkey trace redact one.txt -o three.out --keep-network >/dev/null 2>&1 || die '--keep-network'
[ "$(imsi_of one.txt)" = '001010000000001"' ] || die 'the IMSI is not read'
[ "$(imsi_of one.out)" = "$(imsi_of demo.out)" ] || die 'one key, two stand-ins'
[ "$(imsi_of one.out)" != "$(imsi_of two.out)" ] || die 'two keys, one stand-in'
[[ "$(imsi_of three.out)" = 00101* && "$(imsi_of three.out)" != "$(imsi_of one.txt)" ]] || die 'the network is not kept'
ok 'the same under one key, another under another'

# a text stays one
grep -q '^> 00A4040007A0000000871002$' one.out || die 'the text is another one'
twinkey trace redact --pcapng one.txt -o one.pcapng >/dev/null 2>redact.err || die '--pcapng'
[ "$(imsi_of one.pcapng)" != '' ] || die '--pcapng wrote no IMSI'

# a short PIN is replaced where it is one, in words by digits, and other numbers stay; a key that is put goes
key=00112233445566778899aabbccddeeff
cat >pin.txt <<TEXT
> 00A4040C07A0000000871002
< 9000
> 002000010831323334FFFFFFFF
< 9000
> 00A4000C022F05
< 9000
> 00B0000006
< 1234567855449000
> 002C000110373635343332313034373131FFFFFFFF
< 9000
> 80D8018117018810${key}03123456
< 9000
# at 12:34:56.112349 port 12345, AT+CPIN="1234", PIN: 4711
TEXT
twinkey trace redact pin.txt -o pin.out >/dev/null 2>redact.err || die "PINs: $(<redact.err)"
grep -qE '^> 0020000108(3[0-9]){4}FFFFFFFF$' pin.out || die 'a PIN that is no PIN any more'
grep -q '^< 1234567855449000$' pin.out || die 'other digits are gone'
grep -qE '^# at 12:34:56.112349 port 12345, AT\+CPIN="[0-9]{4}", PIN: [0-9]{4}$' pin.out || die "words: $(tail -n 1 pin.out)"
grep -qiE '31323334|37363534|"1234"|: 4711|0011223344|123456$' pin.out && die 'a PIN, a PUK or a key is left'
ok 'short PINs, and keys that are put'

# a command with data and Le has none in a capture
printf '> 80E2910003BF3C0000\n< BF3C009000\n' >case4.txt
for how in '' --pcapng; do
	twinkey trace redact case4.txt -o case4.out --force $how >/dev/null 2>redact.err || die "data and Le $how: $(<redact.err)"
done
ok 'a command with data and Le'

# originals in odd forms: in base64 in an envelope, in hex text, across two commands, halves swapped
iccid=89001012345678901230 # of nobody
python3 - "$iccid" >odd.txt <<'PYTHON'
import base64
import sys

digits = sys.argv[1]
swapped = bytes(int(digits[i + 1] + digits[i], 16) for i in range(0, 20, 2))


def send(header, data, answer="9000"):
    print(">", header + "%02x" % len(data) + data.hex())
    print("<", answer)


send("00a4000c", bytes.fromhex("2fe2"))
print("> 00b000000a")
print("<", swapped.hex() + "9000")
send("80c20000", b"xx" + base64.b64encode(b"I" + swapped + b"C"))
send("80c20000", b"ICCID=" + swapped.hex().upper().encode())
send("80c20000", digits.encode("utf-16-be"))
send("80e21100", b"abc" + swapped[:4])
send("80e29101", swapped[4:] + b"xyz")
print("# EF.ICCID says", digits)
PYTHON
redacts odd odd.txt
scan odd "$(printf %s "$iccid" | sed 's/\(.\)\(.\)/\2\1/g')"
grep -q "$iccid" odd.out && die 'it stands in the remark'
ok "odd forms: $(<scan.out)"

# a value that a log has in pieces which nobody would join: it is found, and there is no file
for pair in 00:A4:00:0C:02:2FE2: 00:B0:00:00:0A::98000121436587092103 80:E2:11:00:04:98000121: 80:E2:91:01:06:436587092103:; do
	IFS=: read -r cla ins p1 p2 lc data answer <<<"$pair"
	printf '[DEBUG] [APDU] [TX] CLA: %s, INS: %s, P1: %s, P2: %s, Lc: %s, Data: %s\n' "$cla" "$ins" "$p1" "$p2" "$lc" "$data"
	printf '[DEBUG] [APDU] [RX] SW1: 90, SW2: 00, Data: %s\n' "$answer"
done >pieces.txt
refuse 'a value in pieces that is left' twinkey trace redact pieces.txt -o pieces.out
expect 'which, where, and in which form' 'ICCID would be left in line [57] \(semi-octets\): nothing was written; try --pcapng' refused.out
grep -q 9800012143 refused.out && die 'the value is told'
[ ! -e pieces.out ] || die 'there is a file'
twinkey trace redact pieces.txt -o pieces.out --pcapng >/dev/null 2>&1 || die 'in pieces, as pcapng'

names=()
shared=${TWINKEY_SHARED:-$top/../shared}/traces
for log in "$top"/tests/traces/*.log "$shared"/*.pcapng; do
	[ -e "$log" ] || continue
	name=$(basename "$log")
	redacts "$name" "$log"
	names+=("$name")
done
scan "${names[*]}"
ok "${#names[@]} samples and captures of others: $(<scan.out)"

expect 'which CIs a card trusts is public, and no signature' 'euiccCiPKIdListForSigning: 04145892709a09726a1e' \
	<(twinkey trace show -v lpac-at-csim.log.out 2>/dev/null)

# what is refused leaves nothing
refuse 'a file that is there' twinkey trace redact one.txt -o one.out
twinkey trace redact one.txt -o one.out --force >/dev/null 2>&1 || die '--force'
# what was there stays there until there is something better
cp pieces.txt self.txt
echo before >prev.out
ln -s prev.out link.out
mkfifo fifo.out
refuse 'a proof that fails, with --force' twinkey trace redact pieces.txt -o prev.out --force
refuse 'the same, over a link' twinkey trace redact pieces.txt -o link.out --force
[ "$(<prev.out)" = before ] || die 'what was there is gone'
refuse 'the trace itself' twinkey trace redact self.txt -o self.txt --force --pcapng
expect 'what it is' 'it is the trace itself, which would be lost' refused.out
cmp -s self.txt pieces.txt || die 'the trace is gone'
refuse 'the trace itself, as standard input' twinkey trace redact - -o self.txt --force --pcapng <self.txt
refuse 'a FIFO' twinkey trace redact one.txt -o fifo.out --force
expect 'what to do' 'name a file' refused.out
[ -p fifo.out ] || die 'the FIFO is gone'
twinkey trace redact one.txt -o link.out --force >/dev/null 2>&1 || die 'over a link'
[ -L link.out ] && grep -q '^> 00A4' prev.out || die 'what a link leads to is not replaced'
compgen -G '*.out.??????*' >/dev/null && die 'something was left beside it'
refuse 'no place for it' twinkey trace redact one.txt
refuse 'standard output' twinkey trace redact one.txt -o -
refuse 'what is no trace' twinkey trace redact scan.py -o none.out --from nonsense
refuse 'a file that is none' twinkey trace redact none.txt -o none.out
chmod 644 key2
refuse 'a key that others can read' twinkey trace redact one.txt -o none.out --key key2
echo nonsense >key3
chmod 600 key3
refuse 'a key that is none' twinkey trace redact one.txt -o none.out --key key3
[ ! -e none.out ] || die 'something was written'
twinkey trace redact - -o stdin.out --json <one.txt 2>/dev/null >json.out || die 'standard input'
jq -e '.exchanges == 3 and .replaced.imsi >= 1 and .text' json.out >/dev/null || die "JSON: $(<json.out)"

# the file of secrets
umask 077
printf '# test\nK card1 465b5ce8b199b49faa5f0a2ee238a6bc\nPIN user 1234\n' >secrets
twinkey trace secrets secrets >secrets.said || die 'trace secrets'
expect 'kinds and names' '^K +card1$' secrets.said
twinkey trace secrets secrets --output hashed >/dev/null || die 'trace secrets --output'
expect 'a hash' '^K card1 sha256:16:[0-9a-f]{32}:[0-9a-f]{64}$' hashed
grep -q 465b hashed && die 'the value is there'
[ "$(stat -c %a hashed)" = 600 ] || die 'mode of the hashes'
twinkey trace secrets --json hashed | jq -e '.secrets == [{kind: "K", name: "card1", hashed: true}, {kind: "PIN", name: "user", hashed: true}]' >/dev/null ||
	die 'the hashes are not read'
chmod 644 secrets
refuse 'secrets that others can read' twinkey trace secrets secrets
printf 'K card1 12\n' >bad
refuse 'a value that is too short' twinkey trace secrets bad
expect 'its line' 'bad: line 1: the value is too short' refused.out
