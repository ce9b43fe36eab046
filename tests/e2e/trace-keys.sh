#!/bin/bash
# trace show --keys: secure channels, secured packets and a bound profile package of the published vectors are opened,
# wrong keys are told as wrong, no key is printed, and a file of keys that others may read is refused. The same file serves
# trace audit, and every command refuses the same lines of it.
. "$(dirname "$0")/lib.sh"
need jq python3
start_work
cd "$work" || exit 1
umask 077

# a session of each kind as a log of commands and responses, and the keys that open it
python3 - "$top/tests/vectors" <<'PYTHON' || die 'the vectors'
import json
import sys

vectors = sys.argv[1]


def read(name, which):
    for v in json.load(open(f"{vectors}/{name}.json"))["vectors"]:
        if v["id"] == which:
            return v
    sys.exit(f"{name}: no {which}")


def tlv(tag, value):
    n = len(value)
    return bytes.fromhex(tag) + (bytes([n]) if n < 128 else bytes([0x81, n]) if n < 256 else b"\x82" + n.to_bytes(2, "big")) + value


def log(name, exchanges):
    with open(f"{name}.txt", "w") as f:
        for command, response in exchanges:
            f.write(f"> {command}\n< {response}\n")


keys = ["# keys of published and computed test vectors",
        "milenage card 465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf # TS 35.208 4.3.1"]
for name, which in (("scp02", "pysim-scp02-level01"), ("scp03", "pysim-aes128-level33")):
    v = read(name, which)
    keys.append(f"{name} * {v['key_enc']} {v['key_mac']} {v['key_dek']}  # {which}")
    log(name, [(v["initialize_update"], v["initialize_update_response"] + "9000"), (v["external_authenticate"], "9000")] +
        [(s["wrapped"], s.get("response_wrapped", "") + s.get("sw", "9000")) for s in v["steps"]])

v = read("scp80_ota", "pysim-aes128-cc-ciphered-por")
keys.append(f"scp80 {v['kic']} {v['kid']} {v['kic_key']} {v['kid_key']}")


def envelope(packet):
    user = bytes.fromhex("027000" + packet)
    # TS 23.040 9.2.2.1: an SMS-DELIVER with a header in front of its text, for the card, of 8 bits
    tpdu = bytes.fromhex("40048121437ff6" + "11111111111100") + bytes([len(user)]) + user
    body = tlv("d1", bytes.fromhex("82028381" + "06039100f1") + tlv("8b", tpdu))
    return "80c20000%02x%s" % (len(body), body.hex())


log("scp80", [(envelope(v["command_packet"]), "027100" + v["response_packet"] + "9000")])
# with a CRC-16, one that is wrong, a CRC-32, a digital signature (tests/unit/trace/test_open.c)
log("checks", [(envelope(p), "9000") for p in (
    "00140f01000001b00010000000010200b93880f2000c", "00140f01000001b00010000000010200b93880f2000d",
    "00161101000005b00010000000010200f34a1fa180f2000c", "00171203000000b00010000000010200010203040580f2000c")])

v = read("bsp_scp03t", "pysim-full-bpp")
bpp = bytes.fromhex(v["bpp"])
keys.append(f"bsp {bpp[14:30].hex()} {v['s_enc']} {v['s_mac']} {v['initial_mcv']}")
log("bpp", [("80e2910000%04x%s" % (len(bpp), bpp.hex()), "9000")])
open("keys", "w").write("\n".join(keys) + "\n")
PYTHON
show() { "$bin/twinkey" trace show "$@" --from pairs 2>show.err; }
opened() { # NAME WHAT REGEX...
	local name=$1
	shift
	show "$name.txt" -v --keys keys >"$name.out" || die "$name: $(<show.err)"
	while [ $# -gt 0 ]; do
		expect "$name: $1" "$2" "$name.out"
		shift 2
	done
}
opened scp02 'both cryptograms and the MAC' 'MAC of the command: right' 'what is wrapped' '^ *What it wraps'
opened scp03 "the card's cryptogram" 'Card cryptogram: right' "the host's" 'Host cryptogram: right' \
	'the level' 'Security level: C-MAC, R-MAC, both encrypted' 'the MAC of an answer' 'MAC of the answer: right' \
	'a command that was ciphered' '^ *What it wraps' 'what it says' 'EID|GetEuiccData'
opened scp80 'the checksum' 'CC\): right' 'the command in it' 'Secured data: 00a40004023f00' \
	'the response' 'Secured data: 016132' 'its status' 'Status: 00'
opened checks 'a redundancy check' 'Redundancy check \(RC\): right' 'one that is wrong' 'RC\): wrong  !' \
	'a signature' 'Digital signature \(DS\): not checked: '
opened bpp 'MACs' 'MAC: right' 'metadata' 'profileName: OsmocomProfile' 'keys that are not these' 'MAC: wrong  ! not of these keys'
show scp03.txt -v --json --keys keys >scp03.json
jq -es 'any(.. | objects; .key == "answer-mac" and .value == "right") and any(.. | objects; .key == "unwrapped")' \
	scp03.json >jq.out || die 'JSON'
ok 'the same in JSON'

# no key is in any output
for key in $(sed 's/#.*//' keys | tr ' ' '\n' | grep -E '^[0-9a-f]{32}$'); do
	case $(grep -c "$key" bpp.txt) in 0) ;; *) continue ;; esac # the transaction
	if grep -qiE "$key" ./*.out scp03.json show.err; then die "a key is printed: $key"; fi
done
ok 'no key is printed'

# keys that do not fit, or are none
sed 's/ 00010203/ 00010204/; s/ 10111213/ 10111214/' keys >other
show scp03.txt -v --keys other >out || die 'other keys'
expect 'a cryptogram of other keys' 'Card cryptogram: wrong  ! not of these keys' out
refused() { # WHAT REGEX FILE: by each command, by one line on standard error that names the file, exit code 1 or more
	local status command
	for command in 'show scp03.txt' 'diff scp03.txt scp03.txt' 'audit scp03.txt'; do
		status=0
		# shellcheck disable=SC2086 # its words
		"$bin/twinkey" trace $command --keys "$3" >out 2>err || status=$?
		{ [ $status -gt 0 ] && [ $status -lt 126 ] && [ "$(wc -l <err)" = 1 ]; } || die "$1: $status, $(<err)"
		expect "$1: ${command%% *}" "--keys $3: .*$2" err
	done
}
cp keys open
chmod 644 open
refused 'a file that others may read' 'open' open
printf '# one\nscp03 30 0011 2233445566778899aabbccddeeff0011\n' >bad
refused 'a line that is none' 'line 2: scp03 KVN ENC MAC' bad
if grep -q 2233445566 err; then die 'a key in an error'; fi
printf 'scp02 * %s %s\nmilenage card 0011 # of one card\n' 000102030405060708090a0b0c0d0e0f 000102030405060708090a0b0c0d0e0f >bad
refused "a card's line that is none" 'line 2: milenage NAME K OPc' bad
printf '\nmilenege card %s\n' 000102030405060708090a0b0c0d0e0f >bad
refused 'a kind that there is not' 'line 2: it begins with no kind of key' bad
refused 'a file that is not there' '' none

# the same file judges a card's answer, which is none of its key (made up; the challenge: TS 35.208 4.3.1)
printf '> 00A4040C07A0000000871002\n< 9000\n> %s%s10%s\n< DB08A54211D5E3BA50BE9000\n' 008800812210 \
	23553CBE9637A89D218AE64DAE47BF35 55F328B43577B9B94A9FFAC354DFAFB3 >answer.txt
status=0
"$bin/twinkey" trace audit answer.txt --keys keys >audit.out 2>audit.err || status=$?
[ $status = 1 ] || die "a wrong RES: $status, $(<audit.err)"
expect 'an audit by the same file' 'not what key card gives' audit.out

# an octet that somebody changed: without the keys it is what it always is, another ciphertext
sed 's/^> 84f280020a4f003b95/> 84f280020a4f003b96/' scp02.txt >changed.txt
if cmp -s scp02.txt changed.txt; then die 'nothing was changed'; fi
"$bin/twinkey" trace diff scp02.txt changed.txt >diff.out 2>diff.err || die "without keys: $(<diff.out)"
status=0
"$bin/twinkey" trace diff scp02.txt changed.txt --keys keys --json >diff.out 2>diff.err || status=$?
[ $status = 1 ] || die "a session that was changed: $status, $(<diff.err)"
jq -es 'any(.keys == "secure-channel/command-mac" and .before.value == "right" and .after.value == "wrong")' diff.out >jq.out ||
	die "a session that was changed: $(<diff.out)"
"$bin/twinkey" trace diff scp03.txt scp03.txt --keys keys >diff.out 2>diff.err || die "a session and itself: $(<diff.out)"
ok 'trace diff with keys'
