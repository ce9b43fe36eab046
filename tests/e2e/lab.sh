#!/bin/bash
# The operator as a network (scripts/lab): what a module reaches before and after it has proved itself with the first key,
# with the second one, and when it is suspended; by packets, past unmodified wpa_supplicant, hostapd and dnsmasq. Who asks
# the portal is who the gateway says, and nobody else. And a gateway that is killed, has no rights, or is told lies.
# runs: root
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq python3 curl busybox
lab="$top/scripts/lab"
if [ $# = 0 ]; then
	"$lab" --check || exit 77
	start_work
	state() { # what must be as it was: links, rules, /run, namespaces, what lies in the folder, processes of the lab
		ip -o link | cut -d: -f2
		nft list tables 2>/dev/null || true
		find /run -maxdepth 2 2>/dev/null | sort
		find "$work" -maxdepth 1 -name 'twinkey-lab-*'
		grep -l "TWINKEY_LAB=$work/" /proc/[0-9]*/environ 2>/dev/null || true
	}
	export TMPDIR=$work
	state >"$work/before"
	refuse 'an option that there is not' "$lab" --nothing
	refuse 'a method that there is not' "$lab" --eap MD5
	refuse 'a folder that is there' "$lab" --folder "$work" -- true
	for url in https://elsewhere.lab/ ftp://portal.lab/ 'https://portal.lab/a,b' https://portal.lab:/; do
		refuse "a portal at $url" "$lab" --portal "$url" -- true
	done
	status=0
	# shellcheck disable=SC2016 # the inner shell's
	"$lab" --portal http://10.45.0.1:8080/api -- sh -c 'cd "$TWINKEY_LAB" && cat dnsmasq.conf rules.nft && ls && exit 7' \
		>"$work/yours.log" 2>&1 || status=$?
	[ $status = 7 ] || die "exit code $status is not the command's"
	expect 'a portal of my own is named' 'dhcp-option=114,http://10.45.0.1:8080/api$' "$work/yours.log"
	expect 'and can be reached' 'tcp . 10.45.0.1 . 8080' "$work/yours.log"
	! grep -q 'portal.log' "$work/yours.log" || die 'the portal of the lab is there as well'
	"$lab" --folder "$work/lab" -- bash "$0" inside || exit $?
	# an ordinary user, where he may make namespaces
	user=(setpriv --reuid 65534 --regid 65534 --clear-groups env TMPDIR=/tmp)
	if "${user[@]}" "$lab" --check >"$work/user.log" 2>&1; then
		"${user[@]}" "$lab" -- true >"$work/user.log" 2>&1 || die 'the lab of an ordinary user'
		ok 'an ordinary user has a lab'
	else
		echo "skipped: an ordinary user: $(<"$work/user.log")"
	fi
	# ended in the middle, it takes everything with it
	background cut "$lab" -- sh -c 'echo here; sleep 60'
	wait_for 30 'the lab' grep -q here "$work/cut.log"
	grep -q "TWINKEY_LAB=$work/" /proc/[0-9]*/environ 2>/dev/null || die 'no process of the lab is found'
	stop "$last"
	for _ in $(seq 50); do
		state >"$work/after"
		! cmp -s "$work/before" "$work/after" || break
		sleep 0.1
	done
	diff "$work/before" "$work/after" || die 'something is left behind'
	ok 'nothing is left behind, also by one that was ended in the middle'
	exit 0
fi

# shellcheck source=tests/e2e/lab-lib.sh
. "$(dirname "$0")/lab-lib.sh"
imsi1=001010000000001 other=001010000000011
watch_internet
said() { # WHAT REGEX: the gateway
	wait_for 20 "$1" grep -qE -- "$2" "$work/gateway.log"
	ok "$1"
}

reach 'before the attach' es9plus
in_module ip address add 10.45.0.33/24 dev net0
in_module ip route add default via 10.45.0.1
reach 'with an address of its own choice' es9plus
in_module ip address flush dev net0
[ "$(attached 10.45.0.33)" = '{"attached":false}' ] || die 'somebody is attached'
[ "$(attached nonsense)" = '{"attached":false}' ] || die 'nonsense is attached'
do_lab gateway kill
do_lab gateway start
reach 'a gateway that was killed and started before' es9plus

code=$(jq -r .activationCode "$work/prepared.json") iccid=$(jq -r .iccid "$work/prepared.json")
in_module "$bin/twinkey" profile download "${over_first[@]}" "$code" >"$work/download.out" 2>&1 || die 'profile download'
in_module "$bin/twinkey" profile enable "${over_first[@]}" "$iccid" >"$work/enable.out" 2>&1 || die 'profile enable'
in_module ip link set first0 down
ok 'the profile comes over the first network'

# the first key
do_lab attach || die 'no attach'
state_is LIMITED
reach "after EAP-AKA' with K1" "$limited"
none_came 'limited access'
address=$(<"$work/address")
[ "$(python3 -c 'import sys; print(bytes.fromhex(open(sys.argv[1]).read()).decode())' "$work/option114.hex")" = \
	$site/captive ] || die "option 114: $(cat "$work/option114.hex")"
captive_is true
grep -qi 'content-type: application/captive+json' "$work/head" || die "RFC 8908: $(cat "$work/head")"
ok 'DHCP and the Captive Portal API name the portal'
web 200 module stolen /
page_says 'Your module has limited access'
stolen=$(token)
[ -n "$stolen" ] || die 'no form for the user'
ok "the portal's page is that of the module's subscriber"
# ... and of nobody else: from behind the gate, with his cookie or not, by an address that nobody was given, by his own
stranger() { # WHAT SIDE [OPTION OF curl...]
	local at=/totp what=$1 side=$2
	shift 2
	cp "$work/stolen" "$work/taken"
	web 403 "$side" none / "$@"
	web 403 "$side" taken $at "$@" --data "code=123456&token=$stolen"
	page_says 'No module is connected here'
	! grep -q '<form' "$work/body" || die "$what: a form"
	ok "$what: no subscriber's page"
}
stranger 'from the internet' internet
logged '192\.0\.2\.2:[0-9]+  GET /  403  nobody-attached'
logged '192\.0\.2\.2:[0-9]+  POST /totp  403  nobody-attached'
do_lab in access ip address add 10.45.0.88/32 dev lo
stranger "by an address of the access network that no module has" access --interface 10.45.0.88
logged '10\.45\.0\.88:[0-9]+  POST /totp  403  nobody-attached'
do_lab in access ip address del 10.45.0.88/32 dev lo
do_lab in internet ip address add "$address/32" dev lo
web 000 internet taken / --interface "$address"
do_lab in internet ip address del "$address/32" dev lo
web 000 first taken /
ok "nobody speaks by the module's address from elsewhere, and from the first network there is no way"
[ "$(operator log | grep -c 'code-')" = 0 ] || die 'one of these was an attempt'
do_lab in access busybox httpd -p 10.45.0.1:8081 -h "$work/web"
! in_module curl -s --max-time 1 -o "$work/body" http://10.45.0.1:8081/ || die 'limited access reaches another port of the portal'
do_lab in access curl -s --max-time 1 -o "$work/body" http://10.45.0.1:8081/ || die 'there is no other port'
ok 'limited access reaches the port of the portal, and no other one beside it'
attached "$address" >"$work/attached.json"
jq -e --arg m $mac --arg i $imsi1 '.attached and .mac == $m and .imsi == $i and .subscription == 1 and .since > 1700000000' \
	"$work/attached.json" >"$work/jq.out" || die "attached: $(cat "$work/attached.json")"
[ "$(attached 10.45.0.250)" = '{"attached":false}' ] || die 'another address is attached'
ok 'the gateway tells who has the address'
operator log >"$work/log.out"
expect 'evidence of the first factor' "res1 .*PROVISIONED -> LIMITED .*gateway: hostapd, $mac, 6$imsi1" "$work/log.out"

# what is not the release alone has no way in
curl_release() { in_module curl -s -o /dev/null -w '%{http_code}' --cacert "$work/ci.pem" --connect-to ::10.45.0.1:8443 \
	-H 'Content-Type: application/json' -d '{}' "https://smdp.lab$1"; }
[ "$(curl_release /twinkey/v1/auc/vector)" = 404 ] || die 'the AuC is reached by limited access'
[ "$(curl_release /twinkey/v1/factor/totp)" = 404 ] || die 'the factors are reached by limited access'
[ "$(curl_release /gsma/rsp2/es9plus/initiateAuthentication)" = 404 ] || die 'ES9+ is reached by limited access'
[ "$(curl_release /twinkey/v1/release/grant)" = 400 ] || die 'the release is not reached by limited access'
ok 'limited access reaches the release and no other interface of the operator'
in_module ip address add 10.45.0.77/24 dev net0
! in_module curl -s --max-time 2 --insecure --interface 10.45.0.77 https://10.45.0.1/ >"$work/spoof.out" || die "somebody else's address"
in_module ip address del 10.45.0.77/24 dev net0
ok 'an address that DHCP gave to nobody is let through nowhere'

# somebody else's name with one's own key
operator subscriber add --imsi1 $other --imsi2 001010000000012 >"$work/add.out"
realm=wlan.mnc001.mcc001.3gppnetwork.org
if TWINKEY_LAB_IDENTITY="identity=\"6$imsi1@$realm\"
anonymous_identity=\"6$other@$realm\"" do_lab attach 2>"$work/liar.log"; then die 'who names somebody else is let in'; fi
operator subscriber show --imsi $other --json | jq -e '.state == "PROVISIONED"' >"$work/jq.out" || die 'who was named has attached'
operator log >"$work/log.out"
! grep -q "$other" "$work/log.out" || die 'who was named is in the log'
ok 'who names somebody else is not let in'
reach 'and has nothing any more' ''
# ... told to hostapd at first, and one's own where EAP-AKA' asks for it: somebody in between writes the first answer anew
in_module ip link add name plug0 address $mac type veth peer name plug1
in_module ip link set plug0 up
in_module ip link set plug1 up
in_module python3 -u - "6$imsi1" "6$other" >"$work/between.log" 2>&1 <<'END' &
import select, socket, sys
true, false = (a.encode() for a in sys.argv[1:])
ends = [socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x888E)) for _ in range(2)]
for end, name in zip(ends, ("plug1", "net0")):
    end.bind((name, 0x888E))
    # PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC
    end.setsockopt(263, 1, socket.if_nametoindex(name).to_bytes(4, sys.byteorder) + b"\1\0\0\0" + b"\0" * 8)
print("between")
while True:
    for end in select.select(ends, [], [])[0]:
        frame, (_, _, kind, *_) = end.recvfrom(2000)
        if kind == 4: # PACKET_OUTGOING: our own
            continue
        if frame[15] == 0 and frame[18] == 2 and frame[22] == 1: # EAP-Response/Identity
            frame = frame.replace(true, false)
            print("told:", frame[23:].decode())
        ends[1 - ends.index(end)].send(frame)
END
between=$!
wait_for 30 'who is in between' grep -q between "$work/between.log"
TWINKEY_LAB_INTERFACE=plug0 do_lab attach || die 'no attach with somebody in between'
expect 'hostapd is told the name of somebody else' "told: 6$other@" "$work/between.log"
operator subscriber show --imsi $other --json | jq -e '.state == "PROVISIONED"' >"$work/jq.out" || die 'who was named has attached'
operator log >"$work/log.out"
! grep -q "$other" "$work/log.out" || die 'who was named is in the log'
jq -e --arg i $imsi1 '.attached and .imsi == $i' <(attached "$address") >"$work/jq.out" || die 'attached as somebody else'
ok 'and takes the one whose key it was'
do_lab detach
kill $between
in_module ip link del plug0
for method in AKA:0 SIM:1; do
	do_lab attach "${method%:*}" || die "no attach by ${method%:*}"
	operator log >"$work/log.out"
	expect "an attach by EAP-${method%:*}" "hostapd, $mac, ${method#*:}$imsi1" "$work/log.out"
done
reach 'and limited access again' "$limited"
# a session of the portal is of one attach
web 403 module stolen /totp --data "code=123456&token=$stolen"
page_says 'was open for too long'
logged "$address:[0-9]+  POST /totp  403  cookie-forged"
web 200 module jar /
web 403 module jar /totp --data "code=123456&token=$stolen"
logged "$address:[0-9]+  POST /totp  403  token"
[ "$(operator log | grep -c 'code-')" = 0 ] || die 'a session of before was good for an attempt'
ok 'cookie and token of the attach before are refused, and said'

# a gateway that is gone
do_lab gateway kill
sleep 3.2
reach 'three seconds after it was killed' ''
do_lab gateway start
sleep 1
reach 'started again, without another attach' "$limited"
do_lab gateway stop
reach 'stopped, at once' ''
web 503 internet none /
ok 'without a gateway the portal knows nobody'
status=0
do_lab in access setpriv --inh-caps=-all --bounding-set=-all "$bin/twinkey-operator" gateway "${op[@]}" --interface mod0 \
	--hostapd "$work/hostapd/mod0" --leases "$work/leases" --socket "$work/gateway.sock" >"$work/rights.log" 2>&1 || status=$?
[ $status = 1 ] || die "a gateway without rights: exit code $status"
expect 'a gateway without the right to set rules says so' 'lets nobody but root set its rules, and nothing was opened' "$work/rights.log"
reach 'and everything stays closed' ''
do_lab gateway start
sleep 1
do_lab in access nft flush ruleset
sleep 1.2 # the next refresh comes within a second
reach 'rules that were removed are there again' "$limited"
none_came 'limited access, to its end'

# nobody but hostapd is heard
do_lab in access python3 - "$work" >"$work/strangers.log" 2>&1 <<'END' || die 'strangers'
import re, socket, sys
names = [l.split()[-1] for l in open("/proc/net/unix") if re.search(r" @[0-9a-f]{5}$", l)]
assert names
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
refused = 0
for n in names:
    try:
        s.sendto(b"<3>CTRL-EVENT-EAP-SUCCESS 02:00:00:00:00:01", "\0" + n[1:])
    except PermissionError:
        refused += 1
    except OSError:
        pass
assert refused >= 2, refused
END
ok 'the kernel lets nobody but hostapd write to the gateway'

# the second key
do_lab prove >"$work/prove.out" || die "at the portal: $(cat "$work/prove.out")"
state_is VERIFIED
expect 'the user gives his code at the portal' 'POST https://portal.lab/totp +303' "$work/prove.out"
expect 'and reads how long it holds' 'GET +https://portal.lab/ +200 +It is you: this holds until' "$work/prove.out"
operator log >"$work/log.out"
expect 'evidence of the second factor' 'factor .*LIMITED +-> VERIFIED .*one-time code' "$work/log.out"
captive_is true
reach 'with the second factor' "$limited"
do_lab detach
in_module "$bin/twinkey" release "${over_access[@]}" >"$work/release.out" 2>&1 || die 'release over the limited access'
state_is RELEASED
expect 'the card has answered over the limited access' 'result-ok' <(operator log)
reach 'released, not yet attached' "$limited"
none_came 'released'
do_lab attach AKA || die 'no attach with K2'
state_is ACTIVE
reach 'after EAP-AKA with K2' "$full"
captive_is false
web 200 module jar /
page_says 'Your module has full access'
ok 'with full access nobody is captive any more'
jq -e '.subscription == 2' <(attached "$address") >"$work/jq.out" || die 'attached by the second subscription'
do_lab gateway kill
sleep 3.2
reach 'three seconds after it was killed with full access' ''
do_lab gateway start
sleep 1
reach 'started again with full access' "$full"

# what goes on when access ends
head -c 50000000 /dev/zero >"$work/web/large"
in_module sysctl -q -w net.ipv4.tcp_rmem='4096 16384 32768' # what has arrived before is read within a second
in_module curl -s --limit-rate 200k -o "$work/large" http://$internet/large &
load=$!
wait_for 20 'a download' test -s "$work/large"
# where the kernel shows what it follows
follows() { do_lab in access grep -q "src=$address dst=$internet" /proc/net/nf_conntrack; }
[ ! -r /proc/net/nf_conntrack ] || follows || die 'the kernel does not follow the download'
before=$(date +%s%N)
operator subscriber suspend --imsi $imsi1 --reason 'a test' >"$work/suspend.out"
until ! in_module curl -s -o /dev/null --max-time 0.2 http://$internet/; do
	[ $((($(date +%s%N) - before) / 1000000)) -lt 3000 ] || die 'access goes on for three seconds'
done
took=$((($(date +%s%N) - before) / 1000000))
packets=$(came)
rests() { # what had arrived before is read
	size=$(stat -c %s "$work/large")
	sleep 1
	[ "$(stat -c %s "$work/large")" = "$size" ]
}
wait_for 5 'the end of the download' rests
reach 'suspended' ''
[ "$(came)" = "$packets" ] || die 'packets come to the internet after the suspension'
[ "$(stat -c %s "$work/large")" = "$size" ] || die 'the download goes on'
kill $load
[ ! -r /proc/net/nf_conntrack ] || ! follows || die 'the kernel follows it still'
[ "$(attached "$address")" = '{"attached":false}' ] || die 'who is suspended is attached'
ok "a suspension ends what goes on, in less than $took ms"
do_lab detach

# killed with full access, suspended meanwhile
operator subscriber resume --imsi $imsi1 >"$work/resume.out"
sleep 0.5
reach 'resumed: he proves himself anew' ''
do_lab attach || die 'no attach after the resume'
state_is RECALLED
reach 'recalled, with the second key' "$limited"
do_lab gateway kill
operator subscriber suspend --imsi $imsi1 --reason 'another' >"$work/suspend.out"
operator subscriber resume --imsi $imsi1 >"$work/resume.out"
do_lab detach
do_lab gateway start
sleep 3.2
reach 'suspended and resumed behind the back of a gateway that was killed' ''

# a hostapd that tells lies, and one that goes
do_lab gateway stop
mkdir "$work/false"
do_lab in access python3 -u - "$work/false/mod0" >"$work/false.log" 2>&1 <<'END' &
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
def station(mac, identity, extra="", pae=5):
    return (f"{mac}\nflags=[AUTHORIZED]\ndot1xAuthPaeState={pae}\ndot1xAuthSessionUserName={identity}\n{extra}"
            "last_eap_type_as=0 (unknown)\nlast_eap_type_sta=23 (AKA)\n").encode()
me, imsi = "02:00:00:00:00:01", "001010000000011"
answers = {"who is nobody": station(me, "0999999999999999@x"), "a pseudonym": station(me, "2abcdef"),
           "two identities": station(me, f"0{imsi}\ndot1xAuthSessionUserName=0{imsi}@x"),
           "a method in the identity": station(me, f"0{imsi}\nlast_eap_type_sta=23"),
           "another method": station(me, f"6{imsi}@x"), "digits and more": station(me, f"0{imsi}9x@x"),
           "another station": station("02:00:00:00:00:02", f"0{imsi}@x"), "cut": station(me, "0" + imsi)[:40],
           "in the middle of a run": station(me, f"0{imsi}@x", pae=4), "long": b"x" * 5000, "none": b"FAIL\n", "empty": b""}
events = [b"", b"<", b"<3>", b"CTRL-EVENT-EAP-SUCCESS " + me.encode(), b"<3>CTRL-EVENT-EAP-SUCCESS",
          b"<3>CTRL-EVENT-EAP-SUCCESS 02:00:00:00:00:0", b"<3>CTRL-EVENT-EAP-SUCCESS ff:ff:ff:ff:ff:ff",
          b"<3>CTRL-EVENT-EAP-SUCCESS " + me.encode() + b" x", b"<3>CTRL-EVENT-EAP-SUCCESS " + me.encode() + b"\0x",
          b"<3>CTRL-EVENT-EAP-SUCCESS2 " + me.encode(), b"\xff" * 100, b"<3>" + b"A" * 6000]
monitor = None
def serve(until, sta):
    global monitor
    s.settimeout(0.05)
    while time.time() < until:
        try:
            q, who = s.recvfrom(4096)
        except socket.timeout:
            continue
        if q == b"ATTACH":
            monitor = who
        s.sendto({b"PING": b"PONG\n", b"ATTACH": b"OK\n"}.get(q, b"FAIL\n" if q.startswith((b"STA-", b"EAPOL")) else sta), who)
end = time.time() + 30
while not monitor and time.time() < end:
    serve(time.time() + 0.1, b"FAIL\n")
for e in events:
    s.sendto(e, monitor)
    serve(time.time() + 0.2, station(me, "none"))
for what, sta in answers.items():
    s.sendto(b"<3>CTRL-EVENT-EAP-SUCCESS " + me.encode(), monitor)
    serve(time.time() + 0.5, sta)
    print("told:", what)
serve(time.time() + 1, station(me, "none"))
print("all lies are told")
END
do_lab in access "$bin/twinkey-operator" gateway "${op[@]}" --interface mod0 --hostapd "$work/false/mod0" \
	--leases "$work/leases" --socket "$work/gateway.sock" --reach tcp:10.45.0.1:443 >"$work/gateway.log" 2>&1 &
liar=$!
wait_for 90 'the lies' grep -q 'all lies are told' "$work/false.log"
! grep -qE '(limited|full) access' "$work/gateway.log" || die 'a lie opened the gate'
grep -c 'is passed over\|no access\|no permanent one' "$work/gateway.log" >"$work/count"
[ "$(<"$work/count")" -ge 15 ] || die "of the lies $(<"$work/count") are in the log"
operator subscriber show --imsi $other --json | jq -e '.state == "PROVISIONED"' >"$work/jq.out" || die 'a lie is a first factor'
reach 'with a hostapd that tells lies' ''
ok "$(<"$work/count") lies are passed over, and said"
said 'a hostapd that goes' 'hostapd, nobody is let through'
kill $liar
wait $liar || true
ok 'the end'
