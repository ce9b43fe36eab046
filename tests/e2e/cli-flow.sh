#!/bin/bash
# Every subcommand of the three programs once with success, as one JSON object and mostly as text too, on cards in
# this process, an operator and a reader; errors and exit codes on the way. One that is not called here fails the
# script, so that none is forgotten.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cli-lib.sh"
need jq oathtool openssl pcscd opensc-tool
inside_reader
start_work
umask 077
PATH=$bin:$PATH
cd "$work" || exit 1
unset TWINKEY_PIN TWINKEY_CONFIRMATION_CODE

covered=()
good() { # PROGRAM "COMMAND" ARGUMENT...: as JSON; the object stays in out
	call "$1" --json $2 "${@:3}"
	[ $status = 0 ] || { cat out err >&2; die "$*: exit code $status"; }
	one_object "$*"
	if jq -e 'has("error")' out >jq.out; then die "$*: an error object and exit code 0"; fi
	covered+=("$1 $2")
}
says() { # PROGRAM "COMMAND" ARGUMENT...: the same for people
	call "$1" $2 "${@:3}"
	[ $status = 0 ] || { cat out err >&2; die "$*: exit code $status"; }
	[ -s out ] || die "$*: says nothing"
	if jq -es '.[0] | type == "object"' out >jq.out 2>&1; then die "$*: JSON without --json"; fi
}
both() {
	says "$@"
	good "$@"
}
is() { jq -e "$1" out >jq.out || { cat out >&2; die "not so: $1"; }; }
imsi1=001010000000001 imsi2=001010000000002
op=(--dir "$work/op") card=(--reader "card:$work/card") via=(--operator "unix:$work/op.sock")
export TWINKEY_PIN=1234 # the PIN that a prepared profile leaves with: a test value

# the card's PKI is its own; the operator takes it over, under a name of its own
good twinkey-card create --dir card
eid=$(jq -r .eid out)
[[ $eid =~ ^8904903[0-9]{25}$ ]] || die "EID $eid"
[ "$(stat -c %a card/pki/CI/SK_CI_ECDSA_NIST.pem)" = 600 ] || die 'the CI key is no secret'
fails_well 1 twinkey-card create --dir card
fails_well 1 twinkey-card create --dir no/such/folder
fails_well 2 twinkey-card create --dir x --eid 123
fails_well 1 twinkey-card create --dir x --pki card/pki --eid 89049032000000000000000000000012
fails_well 1 twinkey-card create --dir x --pki "$work"
is '.error.message | test("CERT_")'
fails_well 1 twinkey-card create --dir x --euicc-cert card/pki/eUICC/CERT_EUICC_ECDSA_NIST.der --euicc-key no.pem \
	--eum-cert card/pki/EUM/CERT_EUM_ECDSA_NIST.der --ci-cert card/pki/CI/CERT_CI_ECDSA_NIST.der
is '.error.message | test("no.pem")'
printf 'imsi = 1\n' >bad.txt
fails_well 1 twinkey-card create --dir x --profile bad.txt
# what a card is without: names that are none; a SIM that needs it
for wrong in '' csmi 'csim,' CSIM 'csim isim'; do
	fails_well 2 twinkey-card create --dir x --without "$wrong"
	fails_well 2 twinkey-card run --dir card --without "$wrong"
done
printf 'imsi = 001010123456789\niccid = 89000123456789012341\nk = %s\nopc = %s\n' \
	465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf >test-sim.txt # 3GPP's published test keys
fails_well 4 twinkey-card create --dir x --profile test-sim.txt --without milenage
[ ! -e x ] || die 'a card was left half made'
good twinkey-card create --dir without --without csim,get-identity
good twinkey-card inspect --dir without
is '.without == ["csim", "multiple-csim", "get-identity", "profile-a-x25519", "profile-b-p256"]'
good twinkey chip info --reader card:without
is '.uiccCapability | index("usim") and (index("get-identity") | not)'
good twinkey-card create --dir named --eid 89049032000000000000000000000012
is '.eid == "89049032000000000000000000000012"'
cp -r card/pki 'a[b*' # a name that a shell would read more into
good twinkey-card create --dir literal --pki 'a[b*'
good twinkey-operator init "${op[@]}" --import-pki card/pki --smdp-address dp.example.org
fails_well 1 twinkey-operator init "${op[@]}"
both twinkey-card inspect --dir card
fails_well 3 twinkey-card inspect --dir nowhere

# the keys of its stores, sealed by a key from elsewhere, from another place, and in the clear again
both twinkey-operator 'key show' "${op[@]}"
is '[.stores[] | [.store, .sealed, has("key")]] == [["operator", false, false], ["manager", false, false]]'
good twinkey-operator 'key make' --key file:outer.key
is '.made | test("^file:/.*/outer.key$")'
fails_well 1 twinkey-operator key make --key file:outer.key
fails_well 2 twinkey-operator key make
fails_well 2 twinkey-operator key make --key env:OUTER
fails_well 2 twinkey-operator key seal "${op[@]}"
fails_well 2 twinkey-operator key seal "${op[@]}" --key outer.key
fails_well 1 twinkey-operator key seal "${op[@]}" --key env:OUTER
fails_well 1 twinkey-operator key seal "${op[@]}" --key 'pkcs11:token=a;object=b?module-path=/nowhere.so'
is '.error.code == "ERR_KEY_AWAY"'
both twinkey-operator 'key seal' "${op[@]}" --key file:outer.key
is '.stores | length == 2 and all(.sealed and (.key | test("outer.key$")))'
mv outer.key moved.key
fails_well 1 twinkey-operator subscriber list "${op[@]}"
is '.error.code == "ERR_KEY_AWAY" and (.error.message | test("outer.key"))'
good twinkey-operator 'key seal' "${op[@]}" --key file:moved.key --from file:moved.key
fails_well 2 twinkey-operator key unseal "${op[@]}"
mv moved.key outer.key
good twinkey-operator 'key unseal' "${op[@]}" --yes --from file:outer.key
is '.stores | all(.sealed | not)'
good twinkey-operator init --dir op-sealed --key file:outer.key
is '.made and (.key | test("^file:/.*/outer.key$"))'
fails_well 1 twinkey-operator init --dir op-sealed --if-missing --key env:OUTER

# what is wrong in an argument is said before anything is done
for where in 127.0.0.1:00 127.0.0.1:65536 127.0.0.1:1x localhost; do
	fails_well 2 twinkey-operator serve "${op[@]}" --listen-plain $where
	fails_well 2 twinkey-operator serve "${op[@]}" --listen $where
done
fails_well 2 twinkey-operator profile order "${op[@]}"
fails_well 2 twinkey-operator serve "${op[@]}" --listen-plain 127.0.0.1:18999 --deleted again
printf 'listen-plain = 127.0.0.1:0\n' >serve.conf
good twinkey-operator serve "${op[@]}" --config serve.conf --check-config
is '.good and .faults == []'
printf 'lisen = 1\n' >>serve.conf
fails_well 2 twinkey-operator serve "${op[@]}" --config serve.conf
fails_well 2 twinkey-operator profile import "${op[@]}" nothing.der --matching-id 'a b'
fails_well 2 twinkey-operator profile import "${op[@]}" nothing.der --matching-id abc-1
fails_well 2 twinkey-operator profile confirm "${op[@]}" 8988211000000000042 --matching-id Abc
fails_well 2 twinkey-operator profile import "${op[@]}" nothing.der --downloads 0
fails_well 2 twinkey-operator profile import "${op[@]}" nothing.der --code-tries 0
fails_well 2 twinkey info --reader vpcd:65536 --wait 0
fails_well 2 twinkey apdu --reader card:nowhere 00a40004023f00 zz
fails_well 2 twinkey profile download "${card[@]}" --operator nonsense 'LPA:1$dp.example.org$A'
is '.error.message | test("unix:PATH")'
fails_well 2 twinkey profile download "${card[@]}" --connect localhost:65536 'LPA:1$dp.example.org$A'

# names that are no UTF-8 are taken, and said as far as they can be
odd=$'n\xe9'
good twinkey-card create --dir "card$odd"
is '.dir == "cardn?"'
good twinkey-operator init --dir "op$odd" --import-pki card/pki
fails_well 2 twinkey-operator init --dir op-one --curve p384
for curve in p256:NIST:BRP brainpool:BRP:NIST; do
	IFS=: read -r name has lacks <<<"$curve"
	good twinkey-operator init --dir "op-$name" --curve "$name"
	good twinkey-operator init --dir "op-$name-2" --curve "$name" --import-pki "op-$name/pki"
	[ -e "op-$name-2/pki/DPauth/CERT_S_SM_DPauth_ECDSA_$has.der" ] || die "no certificate of $name"
	[ ! -e "op-$name-2/pki/DPauth/CERT_S_SM_DPauth_ECDSA_$lacks.der" ] || die "certificates beside $name"
done
fails_well 1 twinkey-operator init --dir op-none --curve brainpool --import-pki op-p256/pki
good twinkey-operator 'subscriber add' --dir "op$odd" --imsi1 $imsi1 --imsi2 $imsi2 --name "$odd"$'\n'"2026 forged"
good twinkey-operator 'subscriber list' --dir "op$odd"
is '.subscribers | length == 1 and .[0].name == "n?\n2026 forged"'
says twinkey-operator 'subscriber list' --dir "op$odd"
if grep -q '^2026' out; then die 'a name makes a line of its own'; fi
good twinkey-operator 'subscriber suspend' --dir "op$odd" --imsi $imsi1 --reason "$odd"$'\n'"2026 forged"
good twinkey-operator log --dir "op$odd"
is '.log | length == 1'
says twinkey-operator log --dir "op$odd"
[ "$(wc -l <out)" = 1 ] || die 'a reason makes a line of its own'
good twinkey-operator 'profile prepare' --dir "op$odd" --imsi $imsi1 --out "$odd.der"
good twinkey 'profile export' --output "$odd.json" "$odd.der"
good twinkey 'profile build' --output "$odd.der" "$odd.json"

good twinkey-operator 'subscriber add' "${op[@]}" --imsi1 $imsi1 --imsi2 $imsi2 --name 'Test user'
fails_well 1 twinkey-operator subscriber add "${op[@]}" --imsi1 $imsi1 --imsi2 $imsi2
printf 'imsi,k,opc\n001019999999999,%s,%s\n' 465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf >in.csv # as above
both twinkey-operator 'subscriber import' "${op[@]}" in.csv --from csv --second same --iccid-prefix 8949 --dry-run
is '.imported == 0 and .dryRun and .made.iccids == 1'
good twinkey-operator 'subscriber import' --dir "op$odd" in.csv
is '.imported == 1 and (.warnings | length) == 1'
fails_well 1 twinkey-operator subscriber import --dir "op$odd" in.csv
fails_well 1 twinkey-operator subscriber import --dir "op$odd" no.csv
fails_well 1 twinkey-operator subscriber import --dir "op$odd" "$work"
fails_well 2 twinkey-operator subscriber import --dir "op$odd" in.csv --from xls
fails_well 2 twinkey-operator subscriber import --dir "op$odd" in.csv --second 12
says twinkey-operator 'subscriber export' --dir "op$odd" --to csv --imsi 001019999999999 --out out1.csv
good twinkey-operator 'subscriber export' --dir "op$odd" --to csv --imsi 001019999999999 --out out2.csv
is '.exported == 1 and (.withKeys | not)'
good twinkey-operator 'subscriber export' --dir "op$odd" --to open5gs --subscription 1 --with-keys --out out.json
fails_well 1 twinkey-operator subscriber export --dir "op$odd" --to open5gs --with-keys --out out.json
fails_well 2 twinkey-operator subscriber export --dir "op$odd" --to open5gs --out out2.json
fails_well 2 twinkey-operator subscriber export --dir "op$odd" --to csv --subscription 1 --out out3.csv
both twinkey-operator 'subscriber list' "${op[@]}"
is '.subscribers | map([.imsi1, .state]) == [["001010000000001", "PROVISIONED"]]'
both twinkey-operator 'subscriber show' "${op[@]}" --imsi $imsi1
is '.state == "PROVISIONED"'
fails_well 1 twinkey-operator subscriber show "${op[@]}" --imsi 999
good twinkey-operator 'subscriber suspend' "${op[@]}" --imsi $imsi1 --reason 'a test'
is '.state == "SUSPENDED"'
fails_well 4 twinkey-operator subscriber suspend "${op[@]}" --imsi $imsi1 --reason 'a test'
good twinkey-operator 'subscriber resume' "${op[@]}" --imsi $imsi1
is '.state == "PROVISIONED"'
fails_well 2 twinkey-operator subscriber bind "${op[@]}" --imsi $imsi1
fails_well 2 twinkey-operator subscriber bind "${op[@]}" --imsi $imsi1 --eid "${eid%?}$(((${eid: -1} + 1) % 10))"
is '.error.message | test("check digits")'
fails_well 1 twinkey-operator subscriber bind "${op[@]}" --imsi 999 --eid "$eid"
both twinkey-operator 'subscriber bind' "${op[@]}" --imsi $imsi1 --eid "$eid" --reason 'seen'
is ".eid == \"$eid\" and .boundBy == \"operator\""
both twinkey-operator policy "${op[@]}"
is '(.firstAsks or .gsmFactor) | not'
fails_well 2 twinkey-operator policy "${op[@]}" --first-asks maybe
good twinkey-operator policy "${op[@]}" --gsm-factor on
is '.gsmFactor and (.firstAsks | not)'
good twinkey-operator policy "${op[@]}" --gsm-factor off --sqn-clock on
is '.sqnClock and (.gsmFactor | not)'
good twinkey-operator policy "${op[@]}" --sqn-clock off
is '.sqnClock | not'
fails_well 2 twinkey-operator policy "${op[@]}" --sqn-clock 1
fails_well 2 twinkey-operator policy "${op[@]}" --factors one-of:nothing
good twinkey-operator policy "${op[@]}" --factors all-of:totp,sent --four-eyes on
both twinkey-operator policy "${op[@]}"
is '.factors == "all-of:totp,sent" and .fourEyes'
good twinkey-operator policy "${op[@]}" --factors one-of:any --four-eyes off
good twinkey-operator factor want "${op[@]}" --imsi $imsi1 --factors all-of:totp,agent --four-eyes
both twinkey-operator 'factor want' "${op[@]}" --imsi $imsi1
is '.factors == "all-of:totp,agent" and .fourEyes and .own'
fails_well 2 twinkey-operator factor want "${op[@]}" --imsi $imsi1 --as-operator --factors one-of:any
fails_well 2 twinkey-operator factor want "${op[@]}" --imsi $imsi1 --four-eyes
good twinkey-operator factor want "${op[@]}" --imsi $imsi1 --as-operator
both twinkey-operator 'factor lock' "${op[@]}" --imsi $imsi1 --reason 'a test'
is .locked
both twinkey-operator 'factor unlock' "${op[@]}" --imsi $imsi1
both twinkey-operator 'factor enroll' "${op[@]}" --imsi $imsi1 --address +4915112345678
fails_well 2 twinkey-operator factor enroll "${op[@]}" --imsi $imsi1 --address 'two words'
fails_well 2 twinkey-operator portal "${op[@]}" --listen 127.0.0.1:0
fails_well 1 twinkey-operator portal "${op[@]}" --listen 127.0.0.1:0 --gateway none --send-code /nowhere
covered+=('twinkey-operator portal') # portal.sh
(umask 077 && echo 'correct horse battery' >desk.password)
good twinkey-operator 'desk add' "${op[@]}" --name anna --roles approve,manage --password-file desk.password --out anna.uri
fails_well 2 twinkey-operator desk add "${op[@]}" --name Anna --password-file desk.password --out b.uri
fails_well 2 twinkey-operator desk add "${op[@]}" --name ben --roles all --password-file desk.password --out b.uri
both twinkey-operator 'desk list' "${op[@]}"
is '.accounts[0].name == "anna" and .accounts[0].roles == "view,approve,manage"'
both twinkey-operator 'desk unlock' "${op[@]}" --name anna
fails_well 1 twinkey-operator desk unlock "${op[@]}" --name nobody
good twinkey-operator 'desk remove' "${op[@]}" --name anna
good twinkey-operator 'subscriber sim-file' "${op[@]}" --imsi $imsi1 --out sim.txt
good twinkey-operator 'factor enroll' "${op[@]}" --imsi $imsi1 --out totp.uri
fails_well 4 twinkey-operator factor approve "${op[@]}" --imsi $imsi1 --agent A --evidence E
fails_well 1 twinkey-operator profile prepare "${op[@]}" --imsi $imsi1 --out none/upp.der # ... and may be done again
good twinkey-operator 'profile prepare' "${op[@]}" --imsi $imsi1 --out upp.der
code=$(jq -r .activationCode out)
fails_well 1 twinkey-operator profile prepare "${op[@]}" --imsi $imsi1
both twinkey-operator tidy "${op[@]}"
good twinkey-operator 'log archive' "${op[@]}" --to log.1 --keep 1000
is '.to == 0'
fails_well 2 twinkey-operator log archive "${op[@]}" --to log.1
fails_well 2 twinkey-operator log "${op[@]}" --archive log.1
good twinkey-operator backup "${op[@]}" --to copy
fails_well 1 twinkey-operator backup "${op[@]}" --to copy
fails_well 2 twinkey-operator backup "${op[@]}"

# another database: no server is here, so what goes well is in database.sh
fails_well 1 twinkey-operator init --dir op-db --db 'postgres:host=/nowhere dbname=twinkey#lab'
is '.error.code == "ERR_DB_AWAY"'
fails_well 2 twinkey-operator init --dir op-db --db mysql:host=here
fails_well 2 twinkey-operator init --dir op-db --db 'postgres:dbname=twinkey#No-Name'
[ ! -e op-db ] || die 'an operator without its database'
fails_well 1 twinkey-operator migrate "${op[@]}" sqlite: 'postgres:host=/nowhere dbname=twinkey'
is '.error.code == "ERR_DB_AWAY"'
fails_well 4 twinkey-operator migrate "${op[@]}" postgres: sqlite:
fails_well 2 twinkey-operator migrate "${op[@]}" sqlite: sqlite:
fails_well 2 twinkey-operator migrate "${op[@]}" sqlite: elsewhere
fails_well 2 twinkey-operator migrate "${op[@]}" sqlite:
good twinkey-operator log "${op[@]}" --verify
covered+=('twinkey-operator migrate')
good twinkey-operator restore --dir restored --from copy
fails_well 1 twinkey-operator restore --dir restored --from copy
fails_well 2 twinkey-operator restore --dir restored2
background serve twinkey-operator serve "${op[@]}" --socket op.sock --json
wait_for 10 'the operator' test -S op.sock
cp serve.log out
one_object serve
covered+=('twinkey-operator serve')
fails_well 1 twinkey-operator serve "${op[@]}" --socket op.sock # somebody listens there
gateway=(twinkey-operator gateway "${op[@]}" --hostapd none --leases none --socket gateway.sock)
fails_well 2 "${gateway[@]}"
fails_well 2 "${gateway[@]}" --interface 'a b'
fails_well 2 "${gateway[@]}" --interface net0 --reach tcp:portal.lab:80
fails_well 2 twinkey-operator gateway "${op[@]}" --interface net0
"${gateway[@]}" --interface net0 --reach tcp:192.0.2.1:443 --print-rules >rules || die 'the rules'
grep -q 'hook forward priority filter; policy drop;' rules && grep -q 'tcp . 192.0.2.1 . 443' rules || die "the rules: $(<rules)"
covered+=('twinkey-operator gateway') # with modules: lab.sh
fails_well 2 twinkey-operator serve "${op[@]}" --listen-release 127.0.0.1:65536
background auc twinkey-operator auc serve "${op[@]}" --socket auc.sock --json
wait_for 10 'the AuC' test -S auc.sock
cp auc.log out
one_object 'auc serve'
covered+=('twinkey-operator auc serve')

both twinkey readers
is '.readers[0] | .index == 0 and .card == false and .use == "free"'
says twinkey doctor "${card[@]}"
good twinkey doctor "${card[@]}" --ca card/pki/CI/CERT_CI_ECDSA_NIST.der
is '.troubles == 0 and ([.links[] | select(.link == "issuer" and .state == "good").text] | length == 1)'
fails_well 2 twinkey doctor "${card[@]}" --code LPA:2
fails_well 1 twinkey doctor "${card[@]}" --ca none.pem
fails_well 3 twinkey info --wait 0 --reader 'pcsc:No such reader'
fails_well 3 twinkey info --wait 0 # a reader, but no card
fails_well 2 twinkey release "${card[@]}"
fails_well 3 twinkey info --reader card:nowhere
both twinkey info "${card[@]}"
is ".eid == \"$eid\" and (has(\"iccid\") | not) and .secondKey.state == \"no profile\""
both twinkey reset "${card[@]}" --shared
good twinkey reset "${card[@]}" --cold
is '.reset == "cold" and .protocol == "T=0" and .extended == false'
both twinkey apdu "${card[@]}" 00A40004023F00
is '.sw == "9000"'
fails_well 2 twinkey apdu "${card[@]}" xyz
both twinkey 'chip info' "${card[@]}"
good twinkey 'chip default-smdp' "${card[@]}" dp.example.org
is '.defaultSmdp == "dp.example.org"'
both twinkey 'profile list' "${card[@]}"
is '.profiles == []'
fails_well 4 twinkey run "${card[@]}" "${via[@]}" --no-wait "LPA:1\$dp.example.org\$NOBODY"
fails_well 2 twinkey profile download "${card[@]}" "${via[@]}" 'no code'
good twinkey 'profile download' "${card[@]}" "${via[@]}" "$code"
iccid=$(jq -r '.iccid' out)
fails_well 2 twinkey profile nickname "${card[@]}" "$iccid" $'caf\xe9' # no UTF-8
call twinkey-card inspect --dir card --json
is '.profiles | length == 1'
good twinkey 'profile nickname' "${card[@]}" "$iccid" 'My own'
is '.result == "named"'
good twinkey 'profile enable' "${card[@]}" "$iccid"
is '.result == "enabled"'
fails_well 4 twinkey profile enable "${card[@]}" "$iccid"
fails_well 1 twinkey profile enable "${card[@]}" 8988211000000000017
fails_well 4 twinkey profile delete "${card[@]}" "$iccid"
good twinkey 'profile disable' "${card[@]}" "$iccid"
is '.result == "disabled"'
good twinkey 'profile delete' "${card[@]}" "$iccid"
is '.result == "deleted"'
both twinkey 'notification list' "${card[@]}"
is '.notifications | length > 1'
good twinkey 'notification remove' "${card[@]}" "$(jq '.notifications[0].seq // .notifications[0].sequenceNumber' out)"
is '.result == "removed"'
fails_well 1 twinkey notification remove "${card[@]}" 4711
good twinkey 'notification send' "${card[@]}" "${via[@]}"
is '.sent > 0'
twinkey-operator profile list "${op[@]}" >list
grep -Eq "^$iccid +Deleted " list || die "not Deleted: $(cat list)"
twinkey-operator profile log "${op[@]}" >log
grep -q 'deleted  *Installed *-> Deleted .*EID.*notification [0-9]' log || die "the deletion is not logged: $(cat log)"
good twinkey-operator 'profile cancel' "${op[@]}" "$iccid"
is '.state == "Available"'
good twinkey 'chip reset' "${card[@]}" --default-smdp --yes
is '.result == "reset"'
says twinkey 'profile show' upp.der
good twinkey 'profile show' upp.der
both twinkey 'profile lint' upp.der
is '.findings | length > 0 and all(.severity == "info")'
both twinkey 'profile lint' --rules
is '.rules | length > 200 and all(.clause != "" and .says != "")'
good twinkey 'profile export' --output upp.json upp.der
good twinkey 'profile build' --output again.der upp.json
good twinkey 'profile diff' upp.der again.der
is '.same'
cmp upp.der again.der || die 'export and build lose something'
fails_well 1 twinkey profile show sim.txt

# the manager's inventory: a package of another ICCID, through its order step by step
jq '.elements[0].header.iccid = "8988211000000000042f"' upp.json >other.json
good twinkey 'profile build' --output other.der other.json
printf '0815\n' >cc
good twinkey-operator 'profile import' "${op[@]}" --stock --type gold --provider 'Another' other.der
is '.state == "Available" and .type == "gold"'
fails_well 1 twinkey-operator profile import "${op[@]}" other.der
fails_well 1 twinkey-operator profile import "${op[@]}" other.json
fails_well 1 twinkey-operator profile show "${op[@]}" 898821100000000004
fails_well 1 twinkey-operator profile code "${op[@]}" 898821100000000004
is '.error.message | test("\\?") | not'
other=8988211000000000042
fails_well 4 twinkey-operator profile order "${op[@]}" --type silver
good twinkey-operator 'profile order' "${op[@]}" --type gold --eid "$eid"
is '.state == "Linked"'
fails_well 4 twinkey-operator profile release "${op[@]}" $other
fails_well 4 twinkey-operator profile code "${op[@]}" $other
good twinkey-operator 'profile confirm' "${op[@]}" --confirmation-code-file cc --matching-id GOLD-1 $other
is '.state == "Confirmed" and .confirmationCode'
both twinkey-operator 'profile code' "${op[@]}" --qr $other
is '.activationCode == "LPA:1$dp.example.org$GOLD-1$$1" and (.qr | split("\n") | length > 15)'
fails_well 4 twinkey profile download "${card[@]}" "${via[@]}" 'LPA:1$dp.example.org$GOLD-1'
good twinkey-operator 'profile release' "${op[@]}" $other
is '.state == "Released"'
both twinkey-operator 'profile list' "${op[@]}"
is '.profiles | map(.state) | index("Released") and index("Available")'
both twinkey-operator 'profile show' "${op[@]}" $other
is '.state == "Released" and .matchingId == "GOLD-1"'
good twinkey-operator 'profile cancel' "${op[@]}" --final $other
is '.state == "Unavailable"'

# a profile with an icon: metadata of two segments, in the card as they were given
jq '.elements[0].header.iccid = "8988211000000000059f" | .elements |= map(select(has("nonStandard") | not))' upp.json >icon.json
good twinkey 'profile build' --output icon.der icon.json
printf '\211PNG\r\n\032\n' >icon.png
head -c 1016 /dev/zero | tr '\0' i >>icon.png
fails_well 1 twinkey-operator profile import "${op[@]}" icon.der --icon icon.json
printf x | cat icon.png - >large.png
fails_well 1 twinkey-operator profile import "${op[@]}" icon.der --icon large.png
fails_well 1 twinkey-operator profile import "${op[@]}" icon.der --icon nowhere.png
good twinkey-operator 'profile import' "${op[@]}" --icon icon.png icon.der
good twinkey 'profile download' "${card[@]}" "${via[@]}" "$(jq -r .activationCode out)"
call twinkey apdu --json "${card[@]}" 00A4040010A0000005591010FFFFFFFF8900000100 80E2910007BF2D045C029394
icon=$(od -An -v -tx1 icon.png | tr -d ' \n')
grep -qi "93010194820400$icon" out || die 'the card has not the icon'
good twinkey 'profile delete' "${card[@]}" 8988211000000000059
is '.result == "deleted"'
good twinkey 'notification send' "${card[@]}" "${via[@]}"
fails_well 4 twinkey-operator profile cancel "${op[@]}" $other
is '.error.message | test("out of service for good")'
both twinkey-operator 'profile log' "${op[@]}"
is '[.log[] | select(.iccid == "8988211000000000042")] | length > 4'
entries=$(jq '.log | length' out)
good twinkey-operator 'profile log' "${op[@]}" --verify
is ".intact and .entries == $entries"

# a second subscriber, whose card goes the whole way; the first profile is used up
imsi3=001010000000003 imsi4=001010000000004
good twinkey-operator 'subscriber add' "${op[@]}" --imsi1 $imsi3 --imsi2 $imsi4
good twinkey-operator 'factor enroll' "${op[@]}" --imsi $imsi3 --out totp3.uri
good twinkey-operator 'profile prepare' "${op[@]}" --imsi $imsi3
fails_well 4 twinkey run "${card[@]}" "${via[@]}" --no-wait "$(jq -r .activationCode out)"
TWINKEY_PIN=9999 call twinkey --json auth "${card[@]}" "${via[@]}"
[ $status = 4 ] || die "a wrong PIN: exit code $status"
is '.error.message | test("attempts left: 2")'
# what shows a card spends no attempt that nobody asked for
TWINKEY_PIN=9999 call twinkey --json info "${card[@]}"
[ $status = 0 ] || die "info with a wrong PIN at hand: exit code $status"
is 'has("imsi") | not'
[ "$(twinkey-card inspect --dir card --json | jq '[.profiles[].pins[]?.tries] | min')" = 2 ] || die 'info spends an attempt'
call twinkey --json info "${card[@]}" --imsi
is ".imsi == \"$imsi3\""
TWINKEY_PIN=12 call twinkey --json auth "${card[@]}" "${via[@]}" # no attempt is made with what is no PIN
[ $status = 1 ] || die "a PIN of two digits: exit code $status"
both twinkey auth "${card[@]}" "${via[@]}"
is '.access == "limited" and .subscription == 1'
fails_well 4 twinkey release "${card[@]}" "${via[@]}"
is '.error.message | test("an approved second factor come first")'

# the AuC by hand: an answer, and a resynchronisation
good twinkey-operator 'auc vector' "${op[@]}" --imsi $imsi3
vector=$(jq -r .vectorId out) rand=$(jq -r .rand out) autn=$(jq -r .autn out)
good twinkey auth "${card[@]}" --rand "$rand" --autn "$autn"
res=$(jq -r .res out)
fails_well 4 twinkey auth "${card[@]}" --rand "$rand" --autn "$autn"
auts=$(jq -r '.error.message | capture("AUTS (?<a>[0-9a-f]{28})").a' out)
good twinkey-operator 'auc resync' "${op[@]}" --vector "$vector" --auts "$auts"
is '. == {"result": "resynchronised"}'
fails_well 1 twinkey-operator auc verify "${op[@]}" --vector "$vector" --res "$res" # it served
good twinkey-operator 'auc vector' "${op[@]}" --imsi $imsi3
vector=$(jq -r .vectorId out)
good twinkey auth "${card[@]}" --rand "$(jq -r .rand out)" --autn "$(jq -r .autn out)"
good twinkey-operator 'auc verify' "${op[@]}" --vector "$vector" --res "$(jq -r .res out)"
is '. == {"result": "accepted", "access": "limited", "subscription": 1, "state": "LIMITED"}'

# whole vectors, for network elements; with keys in them: auc-vectors.sh
both twinkey-operator 'auc av' "${op[@]}" --imsi $imsi3 --for eps --plmn 00101 --node eps
is '.node == "eps" and (.vectors | length == 1) and (.vectors[0] | keys == ["autn", "kasme", "rand", "xres"])'
good twinkey-operator 'auc av' "${op[@]}" --imsi $imsi3 --for 5g --network 5G:mnc001.mcc001.3gppnetwork.org --count 3
is '.vectors | length == 3 and (map(.kausf | length == 64) | all)'
good twinkey-operator 'auc av' "${op[@]}" --imsi $imsi3 --for umts --node wlan --amf 8000
fails_well 2 twinkey-operator auc av "${op[@]}" --imsi $imsi3
fails_well 2 twinkey-operator auc av "${op[@]}" --imsi $imsi3 --for eps
fails_well 2 twinkey-operator auc av "${op[@]}" --imsi $imsi3 --for umts --amf 8000
fails_well 2 twinkey-operator auc av "${op[@]}" --imsi $imsi3 --for umts --count 0
fails_well 1 twinkey-operator auc av "${op[@]}" --imsi 001 --for umts
fails_well 1 twinkey-operator auc av "${op[@]}" --imsi $imsi3 --for umts --rand "$rand" --auts "$auts" # it was taken

printf nothing >nothing
fails_well 1 twinkey-operator release "${op[@]}" --out x.der nothing
[ ! -e x.der ] || die "a grant for nothing"
seed=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' totp3.uri)
oathtool --totp --base32 "$seed" | twinkey-operator --json factor approve "${op[@]}" --imsi $imsi3 --code-stdin >out
one_object 'factor approve'
covered+=('twinkey-operator factor approve')
good twinkey release "${card[@]}" "${via[@]}"
is '.result == "released" and .state == "RELEASED" and .refreshed'
fails_well 4 twinkey release "${card[@]}" "${via[@]}"
good twinkey run "${card[@]}" "${via[@]}"
is '.access == "full" and .state == "ACTIVE"'
is '.steps[-1] | .step == "attach-2" and .gsm == "SRES matches" and (.result | test("^IMSI [0-9]+: RES matches, full"))'
good twinkey run "${card[@]}" "${via[@]}" --context both
is '.steps[-1].gsm == "SRES matches"'
good twinkey run "${card[@]}" "${via[@]}" --context 3g
is '.steps[-1] | has("gsm") | not'
good twinkey run "${card[@]}" "${via[@]}" --context gsm
is '.steps[-1] | (has("gsm") | not) and (.result | test("^IMSI [0-9]+: SRES matches, full"))'
fails_well 2 twinkey run "${card[@]}" "${via[@]}" --context 4g
both twinkey-operator log "${op[@]}"
is '[.log[] | select(.event == "res2")][-6:] | map(.evidence) ==
	["RES matched", "SRES matched", "RES matched", "SRES matched", "RES matched", "SRES matched"]'
fails_well 4 twinkey-operator subscriber rotate "${op[@]}" --imsi $imsi1
good twinkey-operator 'subscriber rotate' "${op[@]}" --imsi $imsi3 --reason 'a test'
is '.state == "ROTATING" and .keyId == 1 and .nextKeyId == 2'
good twinkey-operator rotate "${op[@]}" --imsi $imsi3
is '.waiting == 1 and .rotations[0].nextKeyId == 2'
fails_well 4 twinkey-operator subscriber rotate "${op[@]}" --imsi $imsi3
fails_well 4 twinkey release "${card[@]}" "${via[@]}" # the sealed part is there then; no factor is
both twinkey auth "${card[@]}" "${via[@]}"
is '.access == "full" and .state == "ROTATING"'
# the card examined: it departs from nothing, in each form of the report
both twinkey test-card "${card[@]}"
is '.verdict == "good" and .counts.failed == 0 and .counts.noted == 0 and .counts.passed > 130'
good twinkey test-card --list
is '(.cases | length) > 170 and ([.cases[].id] | unique | length) == (.cases | length)'
call twinkey test-card "${card[@]}" --only 'atr.*' --format junit --output card.xml
grep -q '<testcase.*atr.form' card.xml || die 'test-card: no case in the JUnit file'
call twinkey test-card "${card[@]}" --only atr --skip atr.warm --format html --output card.html
grep -q '<html' card.html || die 'test-card: no page'
fails_well 2 twinkey test-card "${card[@]}" --format pdf
fails_well 3 twinkey test-card --reader card:none
fails_well 4 twinkey run "${card[@]}" "${via[@]}" --no-wait
good twinkey-operator 'factor approve' "${op[@]}" --imsi $imsi3 --agent 'An agent' --evidence 'passport seen'
is '.approved and .expires > now'
good twinkey release "${card[@]}" "${via[@]}"
is '.keyId == 2 and .rotated'
fails_well 4 twinkey-operator subscriber resume "${op[@]}" --imsi $imsi3 --opened 1
is '.error.message | test("key 1 is not the one")'
good twinkey-operator 'subscriber suspend' "${op[@]}" --imsi $imsi3
is '.state == "SUSPENDED"'
fails_well 4 twinkey run "${card[@]}" "${via[@]}"
is '.error.message | test("resume --opened 2")'
good twinkey-operator 'subscriber resume' "${op[@]}" --imsi $imsi3 --opened 2
both twinkey-operator 'subscriber show' "${op[@]}" --imsi $imsi3
is '.state == "RECALLED" and .keyId == 2 and .nextKeyId == 3'
twinkey-operator factor approve "${op[@]}" --imsi $imsi3 --agent 'An agent' --evidence 'passport seen' >approve.out
good twinkey run "${card[@]}" "${via[@]}"
is '.access == "full" and .state == "ACTIVE" and (.steps | map(.step) == ["card", "reseal", "attach-before", "factor", "release", "attach-2"] and (map(select(.gsm == "SRES matches") | .step) == ["attach-before", "attach-2"]))'
both twinkey-operator log "${op[@]}"
entries=$(jq '.log | length' out)
good twinkey-operator log "${op[@]}" --verify
is ".intact and .entries == $entries and $entries > 20"
says twinkey-operator log "${op[@]}" --verify
grep -qx "The log is intact: $entries entries." out || die "$(<out)"

# the release authority by hand: a challenge that a card gave, on another card of the same PKI
good twinkey-card create --dir card2 --pki op/pki
card=(--reader "card:$work/card2")
imsi5=001010000000005
good twinkey-operator 'subscriber add' "${op[@]}" --imsi1 $imsi5 --imsi2 001010000000006
good twinkey-operator 'profile prepare' "${op[@]}" --imsi $imsi5
good twinkey 'profile load' "${card[@]}" "${via[@]}" "$(jq -r .activationCode out)"
good twinkey 'profile enable' "${card[@]}" "$(jq -r .iccid out)"
good twinkey auth "${card[@]}" "${via[@]}"
good twinkey-operator 'factor approve' "${op[@]}" --imsi $imsi5 --agent 'An agent' --evidence 'passport seen'
is '.approved and .expires > now'
kra=00A4040009F05457494E4B455901
good_lines=$(twinkey apdu --json "${card[@]}" $kra 80E2910003BF7000)
stored=$(jq -rs '.[1].data | capture("810a(?<i>[0-9a-f]{20})").i' <<<"$good_lines")
twinkey apdu --json "${card[@]}" $kra "80E291000FBF710C800A$stored" | jq -rs '.[1].data' | sed 's/../\\x&/g' >hex
printf '%b' "$(<hex)" >challenge.der
call twinkey-operator --json subscriber bind "${op[@]}" --imsi $imsi5 --eid 89049032123451234512345678901332 # a slip
grep -q "the manager has the signed result of EID $(twinkey info --json "${card[@]}" | jq -r .eid)" err || die "$(<err)"
fails_well 4 twinkey-operator release "${op[@]}" --out x.der challenge.der
good twinkey-operator 'subscriber bind' "${op[@]}" --imsi $imsi5 --eid "$(twinkey info --json "${card[@]}" | jq -r .eid)"
is '.state == "PROVISIONED" and .boundBy == "operator"'
good twinkey auth "${card[@]}" "${via[@]}"
good twinkey-operator 'factor approve' "${op[@]}" --imsi $imsi5 --agent 'An agent' --evidence 'passport seen'
is '.approved and .expires > now'
good twinkey-operator release "${op[@]}" --out grant.der challenge.der
[ -s grant.der ] || die 'no grant'
fails_well 4 twinkey-operator release "${op[@]}" --out x.der challenge.der

# the CI takes the EUM back, in a list of openssl's making: the server that runs heeds it
serial=$(openssl x509 -inform der -in op/pki/EUM/CERT_EUM_ECDSA_NIST.der -noout -serial)
printf 'R\t491231235959Z\t200101000000Z\t%s\tunknown\t/CN=EUM\n' "${serial#*=}" >crl.index
printf '01\n' >crl.number
cat >crl.conf <<-END
	[ca]
	default_ca = list
	[list]
	database = crl.index
	crlnumber = crl.number
	default_md = sha256
	default_crl_days = 30
	crl_extensions = extensions
	[extensions]
	authorityKeyIdentifier = keyid:always
END
openssl x509 -inform der -in op/pki/CI/CERT_CI_ECDSA_NIST.der -out ci.pem
openssl ca -config crl.conf -gencrl -cert ci.pem -keyfile op/pki/CI/SK_CI_ECDSA_NIST.pem -out crl.pem 2>crl.log ||
	die "$(cat crl.log)"
openssl crl -in crl.pem -outform der -out eum.crl
fails_well 1 twinkey-operator crl add "${op[@]}" crl.pem
both twinkey-operator 'crl add' "${op[@]}" eum.crl
is '.revoked == 1 and .parts == 1'
both twinkey-operator 'crl list' "${op[@]}"
is '.lists | length == 1 and .[0].revoked == 1'
fails_well 4 twinkey profile download "${card[@]}" "${via[@]}" "LPA:1\$dp.example.org\$NOBODY"
is '.error.message | test("8.1.2/6.1")'

# the card in a reader, until it is told to end; a terminal that waits, until it is told to stop
background card2 twinkey-card run --dir card2 --port "$VPCD_PORT" --json
run=$last
wait_for 10 'the card in the reader' grep -q '"inReader":true' card2.log
fails_well 1 twinkey-card inspect --dir card2 # in use
kill -TERM "$run"
status=0
wait "$run" || status=$?
[ $status = 0 ] || die "twinkey-card run, told to end: exit code $status"
grep -v waitsFor card2.log >out || true # on a machine with much to do it waits
one_object 'twinkey-card run'
covered+=('twinkey-card run')
# a sealed trace of it, then what becomes of one
good twinkey info "${card[@]}" --trace sealed.pcapng --seal recorder.key
both twinkey 'trace verify' sealed.pcapng
print=$(jq -r .key out)
good twinkey 'trace verify' sealed.pcapng --key "$print"
fails_well 2 twinkey info "${card[@]}" --seal recorder.key
fails_well 2 twinkey-card run --dir card --seal recorder.key
fails_well 1 twinkey trace verify no.pcapng
call twinkey trace verify --json sealed.pcapng --key "${print//[0-9]/a}"
{ [ "$status" = 4 ] && one_object 'another key'; } || die "another key: exit code $status"
is '.verdict == "other-key" and .error.code == "ERR_SIGNATURE"'
# a recorder in front of a reader, until it is told to end: record.sh has what it records
background recorder twinkey trace record --json --listen $((20000 + $$ % 12000)) --trace recorded.pcapng
wait_for 10 'the recorder' grep -q '"event":"waiting"' recorder.log
kill -TERM "$last"
wait "$last" || die "trace record, told to end: $(cat recorder.log)"
cp recorder.log out
one_object 'twinkey trace record'
covered+=('twinkey trace record')
fails_well 2 twinkey trace record --listen 4000
fails_well 2 twinkey trace record --trace new.pcapng
fails_well 2 twinkey trace record --trace new.pcapng --listen 0
fails_well 2 twinkey trace record --trace new.pcapng --listen 4000 --vpcd host:99999
fails_well 1 twinkey trace record --trace recorded.pcapng --listen 4000
# the other way into a reader: places that are none, and one where nobody listens
for wrong in '' :1 host:0 host:65536 "$(printf '%0108d' 0)"; do
	fails_well 2 twinkey-card run --dir card2 --vscard "$wrong"
done
fails_well 2 twinkey-card run --dir card2 --vscard no.sock --port 4000
background card2-vscard twinkey-card run --dir card2 --vscard no.sock --json
wait_for 10 'the word about a socket that is missing' grep -q '"socket":"no.sock","waitsFor":"reader"' card2-vscard.log
stop "$last"
fails_well 2 twinkey-card run --dir card --nfc x --clock never
for wrong in '--protocol t2' '--protocol tcl' '--protocol t1 --vscard no.sock' '--protocol t0 --nfc x'; do
	# shellcheck disable=SC2086 # words
	fails_well 2 twinkey-card run --dir card2 $wrong
	is '.error.message | test("protocol")'
done

# a trace is shown: all of it, a part, one that is no trace
printf '> 00A4000C023F00\n< 9000\n> 01B0000000\n< 6986\n' >pairs.txt
both twinkey 'trace show' pairs.txt --verbose --filter channel=0 --from pairs
is '.command == "SELECT" and .path == "MF" and .status == "ok"'
says twinkey 'trace show' pairs.txt --filter 'status=69xx|error,command=READ*'
grep -q '^ *3 .1.. READ BINARY .* 6986 ' out || die "a filtered trace: $(<out)"
fails_well 1 twinkey trace show covered.none
fails_well 1 twinkey trace show /dev/null
fails_well 2 twinkey trace show pairs.txt --from nonsense
fails_well 2 twinkey trace show pairs.txt --filter channel=one
fails_well 2 twinkey trace show pairs.txt --filter 'time=5'
# two traces: the same, and not
sed 's/6986/6982/' pairs.txt >pairs2.txt
both twinkey 'trace diff' pairs.txt pairs.txt --all --verbose --card 0 --filter channel=0 --from pairs,pairs
is '.kind == "summary" and .same'
call twinkey trace diff pairs.txt pairs2.txt
{ [ "$status" = 1 ] && grep -q '^! 3 3 READ BINARY .*: status word: 6986 .* -> 6982 ' out; } || die "two traces: $status, $(<out)"
fails_well 2 twinkey trace diff pairs.txt no.pcapng
fails_well 2 twinkey trace diff - -
printf 'no trace\n' >no-trace.txt
fails_well 1 twinkey trace show no-trace.txt
is '.error.message | test("--from")'
# one is made fit to be shared; a file of secrets is checked
both twinkey 'trace redact' pairs.txt --output redacted.txt --key redact.key --from pairs --keep-network --pcapng --force
is '.exchanges == 2 and .from == "pairs" and .replaced == {} and (.text | not)'
fails_well 2 twinkey trace redact pairs.txt
fails_well 1 twinkey trace redact pairs.txt --output redacted.txt
fails_well 1 twinkey trace redact covered.none --output redacted2.txt
fails_well 2 twinkey trace redact pairs.txt --output redacted2.txt --from nonsense
(umask 077 && printf 'PIN user 1234\n' >secrets)
both twinkey 'trace secrets' secrets --output hashed --force
is '.secrets == [{kind: "PIN", name: "user", hashed: false}]'
fails_well 1 twinkey trace secrets covered.none
background follow twinkey trace show --follow pairs.txt
wait_for 10 'the lines of the trace' grep -q '6986' follow.log
kill -INT "$last"
status=0
wait "$last" || status=$?
[ $status = 130 ] || die "trace show --follow, interrupted: exit code $status"
# ... and judged
both twinkey 'trace audit' pairs.txt --production --fail-on none --from pairs
is '.trace.exchanges == 2 and .verdict.complete'
both twinkey 'trace audit' --list
both twinkey 'trace audit' --explain frm-01
is '.rule == "FRM-01"'
good twinkey 'trace audit' pairs.txt --fail-on none --write-baseline known.json
good twinkey 'trace audit' pairs.txt --baseline known.json --format json --format html --output - --output pairs.html
is '.counts.error == 0 and .absent == []'
fails_well 2 twinkey trace audit pairs.txt --format pdf
fails_well 2 twinkey trace audit /dev/null

good twinkey 'trace audit' --list
is '.rules | map(.rule) | index("COD-01") and index("SQN-01")'
# a trace is judged with the cards' keys: RES is not what the key gives (made up; vector: TS 35.208 4.3.1)
key=465b5ce8b199b49faa5f0a2ee238a6bc opc=cd63cb71954a9f4e48a5994e37a02baf
challenge=008800812210 rand=23553CBE9637A89D218AE64DAE47BF35 autn=55F328B43577B9B94A9FFAC354DFAFB3
printf '> 00A4040C07A0000000871002\n< 9000\n> %s%s10%s\n< DB08A54211D5E3BA50BE9000\n' $challenge $rand $autn >answer.txt
(umask 077 && printf '# of the card\nmilenage card %s %s\n' $key $opc >card.keys)
call twinkey trace audit answer.txt --keys card.keys
[ $status = 1 ] || die "trace audit of a wrong RES: exit code $status"
grep -q '^ERROR *SQN-06' out && grep -q 'not what key card gives' out || die "a wrong RES: $(<out)"
printf 'milenage card %s %s0\n' $key $opc >>card.keys
fails_well 2 twinkey trace audit answer.txt --keys card.keys
is '.error.message | test("line 3")'
! grep -qi "$key\|$opc" out err || die 'a key in an error'
chmod 644 card.keys
fails_well 2 twinkey trace audit answer.txt --keys card.keys

fails_well 2 twinkey relay "${card[@]}"
fails_well 2 twinkey relay "${card[@]}" --nfc pn532_uart:/dev/none --own-card --fwi 15
fails_well 4 twinkey relay "${card[@]}" --nfc pn532_uart:/dev/none
is '.error.message | test("--own-card")'
fails_well 3 twinkey relay "${card[@]}" --nfc pn532_uart:/dev/none --own-card --once
covered+=('twinkey relay') # with a field: nfc-target.sh
for signal in INT TERM; do
	background waiting twinkey --json info --reader "vpcd:$((20000 + $$ % 12000))" --wait 30
	wait_for 20 'its handlers' catches "$last"
	kill -$signal "$last"
	status=0
	wait "$last" || status=$?
	[ $status = 130 ] || die "interrupted by SIG$signal: exit code $status: $(cat waiting.log)"
	cp waiting.log out
	one_object 'interrupted'
	is '.error.code == "ERR_CANCELLED"'
done

printf '%s\n' "${covered[@]}" >covered # no pipe: grep -q leaves it at the first match
for p in "${programs[@]}"; do
	while read -r command; do
		grep -qxF "$p $command" covered || die "$p $command is not called here"
	done < <(commands_of "$p")
done
ok "success, errors and exit codes of $(printf '%s\n' "${covered[@]}" | sort -u | wc -l) subcommands"
