#!/bin/bash
# State and key files are their owner's alone: folders of card and operator that others can change, links and second
# names in the place of files, key files that others can read; damage; and --if-missing.
. "$(dirname "$0")/lib.sh"
need jq setpriv
start_work
PATH=$bin:$PATH
cd "$work" || exit 1
umask 077
said() { # WHAT STATUS REGEX COMMAND...: what it says and its exit code
	local what=$1 want=$2 regex=$3 status=0
	shift 3
	"$@" >out 2>&1 || status=$?
	[ $status = "$want" ] || die "$what: exit code $status, not $want: $(cat out)"
	grep -qE -- "$regex" out || die "$what: $(cat out)"
	ok "$what"
}

# 3GPP TS 35.208 test set 1: published test keys
printf 'imsi = 001010123456789\niccid = 89000123456789012341\nk = %s\nopc = %s\n' \
	465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf >sim.txt
echo 1234 >pin
echo 0123456789abcdef0123456789abcdef >token
twinkey-card create --dir card --profile sim.txt >out
twinkey-operator init --dir op >out
auth=(twinkey auth --reader card:card --key-file sim.txt)
inspect=(twinkey-card inspect --dir card)
listing=(twinkey-operator subscriber list --dir op)

# One rule for every file of a secret: who can read it but its owner?
printf '1234\n12345678\n' >codes
cp -r card/pki pki
printf '{}' >none
openssl x509 -inform der -in op/pki/DPtls/CERT_S_SM_DP_TLS_NIST.der -out tls.pem
cp op/pki/DPtls/SK_S_SM_DP_TLS_NIST.pem tls.key
chain=(--euicc-cert pki/eUICC/CERT_EUICC_ECDSA_NIST.der --eum-cert pki/EUM/CERT_EUM_ECDSA_NIST.der
	--ci-cert pki/CI/CERT_CI_ECDSA_NIST.der)
add=(twinkey-operator subscriber add --dir op --imsi2 001010000000002)
rule() { # FILE COMMAND...: refused for each mode that lets others in, and not for that at 0600 and 0400
	local file=$1 mode
	shift
	for mode in 0644 0640 0604 0620; do
		chmod $mode "$file"
		said "$2 $file, mode $mode" 1 \
			"permission denied: others can read or change '$file' \(mode $mode\): chmod go-rwx it" "$@"
	done
	for mode in 0400 0600; do
		chmod $mode "$file"
		timeout 1 "$@" >out 2>&1 </dev/null || true
		! grep -q 'permission denied' out || die "$2 $file, mode $mode: $(cat out)"
	done
}
rule sim.txt "${auth[@]}"
rule sim.txt twinkey-card create --dir "$work/new/none" --profile sim.txt
rule sim.txt "${add[@]}" --keys sim.txt
rule codes twinkey-operator profile prepare --dir op --imsi 001010000000001 --codes-file codes
rule codes twinkey-operator profile confirm --dir op --confirmation-code-file codes 89000123456789012341
chmod 644 codes
said "a confirmation code, before the session begins" 1 "others can read or change .codes." \
	twinkey profile download --reader card:card --confirmation-code-file codes 'LPA:1$localhost:1$X'
said "a confirmation code that is not there" 1 "--confirmation-code-file /nonexistent: not found" \
	twinkey profile download --reader card:card --confirmation-code-file /nonexistent 'LPA:1$localhost:1$X'
chmod 600 codes
rule token twinkey-operator serve --dir op --socket s --es2-token token
rule tls.key twinkey-operator serve --dir op --listen 127.0.0.1:0 --tls-cert tls.pem --tls-key tls.key
twinkey-card create --dir pinned --profile <(cat sim.txt; echo pin = 1234) >out
rule pin twinkey auth --reader card:pinned --key-file sim.txt --pin-file pin
chmod 644 sim.txt
ln -s sim.txt link
said 'what a link leads to counts' 1 "permission denied: others can read or change 'link'" \
	twinkey auth --reader card:card --key-file link
chmod 600 sim.txt
said 'a link to a good file' 0 "the expected one" twinkey auth --reader card:card --key-file link
said 'a pipe' 0 "the expected one" twinkey auth --reader card:card --key-file <(cat sim.txt)
said 'standard input' 0 "the expected one" "${auth[@]:0:5}" - <sim.txt
[ ! -e ./-.sqn ] || die 'a number beside standard input'
# published test PKIs are open to all: taken, and told
chmod 644 pki/eUICC/SK_* pki/CI/SK_*
said 'create --pki' 0 "others can read or change 'pki/eUICC/SK_EUICC_ECDSA_NIST.pem' *: good for a test key alone" \
	twinkey-card create --dir new --pki pki
said 'create --euicc-key' 0 "others can read or change 'pki/eUICC/SK_EUICC_ECDSA_NIST.pem' *: good for a test key alone" \
	twinkey-card create --dir new2 "${chain[@]}" --euicc-key pki/eUICC/SK_EUICC_ECDSA_NIST.pem
said 'init --import-pki' 0 "others can read or change keys in 'pki': good for test keys alone" \
	twinkey-operator init --dir op2 --import-pki pki
[ "$(stat -c %a op2/pki/CI/SK_CI_ECDSA_NIST.pem)" = 600 ] || die 'an imported key has its mode'

# Folders
"${listing[@]}" >out
folder() { # FOLDER COMMAND...
	local dir=$1
	shift
	chmod 755 "$dir"
	said "$dir, mode 0755" 0 "others can look into the folder '$dir' \(mode 0755\): chmod go-rwx it" "$@"
	for mode in 775 777 1777; do
		chmod $mode "$dir"
		said "$dir, mode $mode" 1 "permission denied: others can write to the folder '.*$dir'" "$@"
	done
	chmod 700 "$dir"
	said "$dir, mode 0700" 0 . "$@"
}
folder card "${inspect[@]}"
folder card "${auth[@]}"
folder op "${listing[@]}" --json
folder op twinkey-operator profile list --dir op --json
for below in pki release manager pki/DPpb; do
	mkdir -p op/$below
	chmod 777 op/$below
	said "op/$below, mode 0777" 1 "permission denied: others can write to the folder '$below'" "${listing[@]}"
	chmod 700 op/$below
done
file() { # FOLDER/FILE COMMAND...
	local file=$1 name=${1##*/}
	shift
	mv "$file" kept
	cp kept victim
	ln -s "$PWD/victim" "$file"
	said "$file, a link" 1 "permission denied: '$name' is no regular file, but a link" "$@"
	rm "$file"
	mkfifo "$file"
	said "$file, a FIFO" 1 "permission denied: '$name' is no regular file" "$@"
	rm "$file"
	ln kept "$file"
	said "$file, a hard link" 1 "permission denied: '$name' has a second name" "$@"
	rm "$file"
	mv kept "$file"
	cmp -s victim "$file" || die "the target of $file was touched"
	chmod 660 "$file"
	said "$file, mode 0660" 1 "permission denied: others can write to '$name'" "$@"
	chmod 600 "$file"
	said "$file" 0 . "$@"
}
for name in lock journal head storage.key; do file card/$name "${inspect[@]}"; done
for name in operator.db store.key release.key; do file op/$name "${listing[@]}" --json; done
for name in manager.db manager.key; do file op/manager/$name twinkey-operator profile list --dir op --json; done
chmod 640 op/store.key
said 'a key that the group can read' 1 "permission denied: others can read 'store.key'" "${listing[@]}"
chmod 600 op/store.key

# Somebody else's: permission, not "there is none"
if [ "$(id -u)" = 0 ]; then
	cp "$bin/twinkey" "$bin/twinkey-card" "$bin/twinkey-operator" .
	chmod 755 twinkey twinkey-card twinkey-operator
	chmod 711 .
	stranger=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	PATH=$work:$PATH
	hash -r
else
	stranger=()
	chmod 000 card op
fi
for c in "${inspect[*]}" "twinkey auth --reader card:card --key-file none" "twinkey-card run --dir card" \
	"twinkey-card create --dir card --if-missing" "${listing[*]}" "twinkey-operator profile list --dir op" \
	"twinkey-operator init --dir op --if-missing" "twinkey-operator crl list --dir op"; do
	chmod 644 none
	# shellcheck disable=SC2086
	said "of another user: $c" 1 'permission denied' "${stranger[@]}" $c
done
chmod 700 card op
if [ "$(id -u)" = 0 ]; then
	chown 65534 card op
	said "root, in another user's folder" 1 "permission denied: 'card' belongs to another user \(number 65534\)" "${inspect[@]}"
	said "root, in another user's folder" 1 "permission denied: 'op' belongs to another user" "${listing[@]}"
	chown 0 card op
fi

# Damage is told by everybody who opens the card, and ends in no blank EID
cp -r card whole
damaged() { # WHAT REGEX
	local what=$1 regex=$2
	said "$what: inspect" 1 "$regex" "${inspect[@]}"
	said "$what: in JSON" 1 '"code": *"ERR_CORRUPT"' "${inspect[@]}" --json
	said "$what: the terminal" 1 "$regex" "${auth[@]}"
	said "$what: run" 1 "$regex" twinkey-card run --dir card
	said "$what: run --sync" 1 "$regex" twinkey-card run --dir card --sync
	said "$what: create" 1 'there is a card in .card. already' twinkey-card create --dir card
	said "$what: create --if-missing" 1 "$regex" twinkey-card create --dir card --if-missing
	rm -rf card
	cp -r whole card
}
"${auth[@]}" >out
cp whole/journal card/journal
damaged 'an older journal' "'journal' is cut short: it ends at commit [0-9]+, and [0-9]+ was made"
truncate -s -1 card/journal
damaged 'a journal that is cut' "'journal' is cut short"
: >card/journal
damaged 'an empty journal' "'journal' does not begin as"
rm card/head
damaged 'no head' "'head' is missing"
rm card/journal
damaged 'no journal' "'journal' is missing: restore the whole folder from a copy, or create the card anew"
rm card/storage.key
damaged 'no key' "'storage.key' is missing or damaged"

# Killed as soon as RES is out, and then cut: the head knows of the AUTN
port=$((20000 + $$ % 20000))
for _ in 1 2 3; do
	background killed twinkey-card run --dir card --port $port
	twinkey auth --reader vpcd:$port --key-file sim.txt --wait 10 >out
	kill -9 "$last"
	wait "$last" 2>/dev/null || true
	cp -r card cut
	truncate -s -1 cut/journal
	said 'killed, then cut' 1 "'journal' is cut short" twinkey-card inspect --dir cut
	rm -rf cut
done

# recover says what is lost, and is not for --sync
said 'recover, with --sync' 2 'recover first, then run with --sync' twinkey-card run --dir card --recover --sync
truncate -s -1 card/journal
background recovering twinkey-card run --dir card --recover --port 1
wait_for 10 'the recovery' test -e card/journal.damaged
stop "$last"
expect 'recover' "'journal' is cut short: it ends at commit .* What was committed behind that is lost: sequence numbers" \
	recovering.log
said 'recovered' 0 'journal: whole' "${inspect[@]}"

# An anchor knows an older copy of the whole folder
twinkey-card create --dir anchored --profile sim.txt --anchor anchor >out
cp -r anchored older
run() { timeout 2 twinkey-card run --dir "$1" --anchor anchor --port 1; }
twinkey auth --reader card:anchored --key-file sim.txt >out # without it: the same journal goes on
status=0; run anchored >out 2>&1 || status=$?
[ $status = 124 ] || die "with its anchor: $status $(cat out)"
said 'an older folder' 1 'the folder is older than its anchor' run older
said 'an older folder is inspected' 1 'the folder is older than its anchor' \
	twinkey-card inspect --dir older --anchor anchor
said 'no anchor' 1 "the anchor 'nowhere' is not there" twinkey-card inspect --dir anchored --anchor nowhere
said 'an anchor that is there' 1 '--anchor anchor: something is there already: choose another name' \
	twinkey-card create --dir third --profile sim.txt --anchor anchor

# --if-missing
said 'a card that is there' 1 "there is a card in 'card' already: use it, choose another --dir, or say --if-missing" \
	twinkey-card create --dir card
cp card/journal before
said 'create --if-missing' 0 'there is a card in card already, EID [0-9]{32}: left as it is' \
	twinkey-card create --dir card --if-missing
cmp -s before card/journal || die 'the card was changed'
eid=$("${inspect[@]}" --json | jq -r .eid)
said 'the same EID' 0 '"made": *false' twinkey-card create --dir card --if-missing --eid "$eid" --json
said 'another EID' 1 "has the EID $eid, not 8904" twinkey-card create --dir card --if-missing \
	--eid 89049032123451234512345678901235
said 'create --if-missing, where none is' 0 'created fresh, EID' twinkey-card create --dir fresh --if-missing
background running twinkey-card run --dir fresh --port 1
wait_for 10 'the lock' test -s fresh/lock
sleep 0.3
said 'create --if-missing, where one runs' 0 'it runs: left as it is' twinkey-card create --dir fresh --if-missing
said 'a card that runs' 1 "process $last" twinkey-card inspect --dir fresh
rm fresh/lock
said 'a card that runs, its lock removed' 1 'another process uses it' twinkey-card inspect --dir fresh
stop "$last"
mkdir other
touch other/file
said 'create --if-missing, something else there' 1 'is there and is not empty' twinkey-card create --dir other --if-missing
said 'init --if-missing, something else there' 1 'is there and is not empty' \
	twinkey-operator init --dir other --if-missing
said 'an operator that is there' 1 "there is an operator in 'op' already: .* --if-missing" twinkey-operator init --dir op
said 'init --if-missing' 0 "There is an operator in 'op' already \(SM-DP\+ address [a-z0-9.]+\): left as it is" \
	twinkey-operator init --dir op --if-missing
said 'another address' 1 "has the SM-DP\+ address" twinkey-operator init --dir op --if-missing --smdp-address a.example
said 'init --if-missing, where none is' 0 "Made an operator in 'op3'" twinkey-operator init --dir op3 --if-missing
rm op3/release.key
said 'init --if-missing, without its key' 1 'the release key in .op3. cannot be used' \
	twinkey-operator init --dir op3 --if-missing
for part in operator.db store.key manager; do
	cp -r op op4
	rm -r op4/$part
	lacks="'$part' is missing in 'op4': restore the whole folder from a copy, or make the operator anew"
	said "an operator without $part: profile list" 1 "$lacks" twinkey-operator profile list --dir op4
	said "an operator without $part: init --if-missing" 1 "$lacks" twinkey-operator init --dir op4 --if-missing
	rm -r op4
done
