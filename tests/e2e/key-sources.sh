#!/bin/bash
# The keys of the operator's stores, sealed by a key from a file, the environment, a credential and a token (the real
# SoftHSM2): made so, moved from one to the other, killed in the middle, put in the clear; and what is said when the
# outer key is missing, is another one, is open to others, when the PIN is wrong, locked or asked for, and when the
# token is not what it should be. No key and no PIN is in what the programs say, nor where other processes could look.
. "$(dirname "$0")/lib.sh"
need jq openssl
start_work
umask 077
PATH=$bin:$PATH
cd "$work" || exit 1
unset CREDENTIALS_DIRECTORY SOFTHSM2_CONF
op=(--dir op) imsi=001010000000001

both_come_from() { # SOURCE
	twinkey-operator key show "${op[@]}" --json >show.json
	jq -e --arg s "$1" '[.stores[] | select(.sealed and .key == $s).store] == ["operator", "manager"]' show.json >jq.log ||
		die "not from $1: $(<show.json)"
	grep -qF "sealed by the key from $1" <(twinkey-operator key show "${op[@]}") || die "key show does not name $1"
}
opens() { twinkey-operator subscriber list "${op[@]}" >list.log 2>&1 && twinkey-operator profile list "${op[@]}" >profiles.log 2>&1; }
says() { # WHAT STATUS CODE REGEX COMMAND...: as text and as JSON, and neither has a key
	local what=$1 want=$2 code=$3 regex=$4 status=0
	shift 4
	"$@" >said.log 2>&1 </dev/null || status=$?
	{ [ $status = "$want" ] && grep -qE -- "$regex" said.log; } || die "$what: exit code $status: $(<said.log)"
	status=0
	"$@" --json >said.json 2>said.err </dev/null || status=$?
	{ [ $status = "$want" ] && jq -e --arg c "$code" '.error.code == $c' said.json >jq.log; } || die "$what --json: $(<said.json)"
	cat said.log said.json said.err >>all.out
	ok "$what: $(head -c 150 said.log | sed 's/^twinkey-operator: //')"
}
listing=(twinkey-operator subscriber list "${op[@]}")

# --- files
twinkey-operator key make --key file:one.key >made.log
[ "$(stat -c %a one.key)" = 600 ] || die 'the key is no secret'
[[ $(<one.key) =~ ^[0-9a-f]{64}$ ]] || die 'the key is not 64 digits'
says 'a key is never overwritten' 1 ERR_EXISTS 'exists already' twinkey-operator key make --key file:one.key
says 'others make keys of the environment' 2 ERR_USAGE 'openssl rand' twinkey-operator key make --key env:X
twinkey-operator init "${op[@]}" --key file:one.key >init.log 2>&1 || die init
grep -qF "sealed by the key from file:$work/one.key" init.log || die "init does not say so: $(<init.log)"
twinkey-operator subscriber add "${op[@]}" --imsi1 $imsi --imsi2 001010000000002 >add.log
both_come_from "file:$work/one.key"
for f in op/store.key op/manager/manager.key; do
	[ "$(head -c 7 $f)" = TWINKEY ] && [ "$(stat -c %a $f)" = 600 ] || die "$f is not sealed"
done
(cd / && "$bin/twinkey-operator" subscriber list --dir "$work/op" >"$work/list.log") || die 'from another folder'
ok 'init --key file:'
twinkey-operator init "${op[@]}" --if-missing --key file:one.key >again.log 2>&1 || die 'init --if-missing'
says 'an operator that is sealed otherwise' 1 ERR_EXISTS 'not sealed by the key from env:X' \
	twinkey-operator init "${op[@]}" --if-missing --key env:X
chmod 644 one.key
says 'a key that others can read' 1 ERR_PERMISSION "others can read or change '$work/one.key' .*chmod go-rwx" "${listing[@]}"
chmod 600 one.key
mv one.key away.key
says 'a key that is missing' 1 ERR_KEY_AWAY "'$work/one.key'.*not found.*--from" "${listing[@]}"
openssl rand -hex 32 >one.key
says 'another key' 1 ERR_KEY "the key from file:$work/one.key is not the one that this folder was sealed with" "${listing[@]}"
says 'another key, for the manager' 1 ERR_KEY 'is not the one' twinkey-operator profile list "${op[@]}"
head -c 31 away.key >one.key
says 'half a key' 1 ERR_KEY 'is no key: it wants 32 octets' "${listing[@]}"
rm one.key
twinkey-operator key show "${op[@]}" >show.log || die 'key show wants a key'
cp op/store.key sealed.key
head -c 60 sealed.key >op/store.key
says 'a key file that is cut' 1 ERR_CORRUPT 'damaged' "${listing[@]}"
{ head -c 40 sealed.key && printf X && tail -c +42 sealed.key; } >op/store.key
says 'a key file with another octet' 1 ERR_CORRUPT 'damaged' "${listing[@]}"
{ printf 'TWINKEY\2' && tail -c +9 sealed.key; } >op/store.key
says 'a key file of a later version' 1 ERR_VERSION 'another version of Twinkey' "${listing[@]}"
cp sealed.key op/store.key
twinkey-operator key seal "${op[@]}" --from file:away.key --key file:away.key >seal.log || die 'key seal --from'
both_come_from "file:$work/away.key"
opens || die 'after the key was moved'
ok 'a key that has moved'

# --- the environment: what is read is gone, for who looks at the process and for what it starts
value=$(openssl rand -base64 32)
echo "$value" >value.secret
export TK_KEY=$value
twinkey-operator key seal "${op[@]}" --key env:TK_KEY >seal.log || die 'key seal --key env:'
both_come_from env:TK_KEY
opens || die 'with the variable'
twinkey-operator serve "${op[@]}" --socket op.sock -- sh -c 'env; tr "\0" "\n" </proc/self/environ; echo shown' >child.log 2>&1 || die serve
grep -q '^shown' child.log && ! grep -q TK_KEY child.log || die 'the variable is handed on'
background serve twinkey-operator serve "${op[@]}" --socket op.sock
wait_for 10 'the server' test -S op.sock
if cat "/proc/$last/environ" >environ 2>/dev/null; then # root
	grep -qaF PATH= environ || die 'no environment to look at'
	! grep -qaF "$value" environ || die 'the key is in the environment of the server'
	ok 'the key is not in the environment of a server, nor of its children'
fi
stop "$last"
TK_KEY='' says 'an empty variable' 1 ERR_KEY 'what env:TK_KEY has is no key: it wants 32 octets as 64 hex digits or base64' "${listing[@]}"
TK_KEY=$(openssl rand -hex 32) says 'another variable' 1 ERR_KEY 'the key from env:TK_KEY is not the one' "${listing[@]}"
unset TK_KEY
says 'no variable' 1 ERR_KEY_AWAY 'the variable TK_KEY, which should have the key, is not set' "${listing[@]}"
says 'no variable, and no change' 1 ERR_KEY_AWAY 'TK_KEY' twinkey-operator key unseal "${op[@]}" --yes
export TK_KEY=$value

# --- systemd's credentials, as a folder here (key-credentials.sh has a real systemd)
mkdir creds
openssl rand 32 >creds/store-key
chmod 400 creds/store-key
says 'no service' 1 ERR_KEY_AWAY 'LoadCredential=.*CREDENTIALS_DIRECTORY is not set' \
	twinkey-operator key seal "${op[@]}" --key credential:store-key
CREDENTIALS_DIRECTORY=$work/creds twinkey-operator key seal "${op[@]}" --key credential:store-key >seal.log || die 'a credential'
unset TK_KEY
both_come_from credential:store-key
CREDENTIALS_DIRECTORY=$work/creds opens || die 'with the credential'
CREDENTIALS_DIRECTORY=$work says 'a credential that is not given' 1 ERR_KEY_AWAY 'not found' "${listing[@]}"
ok 'credential:'

# --- killed at any moment, it leaves a folder that opens; given again, it ends
openssl rand -hex 32 >a.key
openssl rand -hex 32 >b.key
CREDENTIALS_DIRECTORY=$work/creds twinkey-operator key seal "${op[@]}" --key file:a.key >seal.log
half=0 killed=0
for i in $(seq 120); do
	to=$([ $((i % 2)) = 1 ] && echo b || echo a)
	twinkey-operator key seal "${op[@]}" --key "file:$to.key" >seal.log 2>&1 &
	pid=$!
	sleep "0.00$((i % 10))"
	kill -KILL $pid 2>/dev/null || true
	status=0
	wait $pid 2>/dev/null || status=$?
	[ $status = 0 ] || killed=$((killed + 1))
	opens || die "after kill $i: $(cat list.log profiles.log)"
	[ "$(twinkey-operator key show "${op[@]}" --json | jq '[.stores[].key] | unique | length')" = 1 ] || half=$((half + 1))
	twinkey-operator key seal "${op[@]}" --key "file:$to.key" >seal.log 2>&1 || die "again, after kill $i"
	both_come_from "file:$work/$to.key"
done
[ $killed -gt 10 ] || die "only $killed of 120 were killed in the middle"
ok "$killed of 120 changes killed, $half of them between the two files: each folder opened"

says 'not in the clear by a slip' 2 ERR_USAGE '--yes is needed' twinkey-operator key unseal "${op[@]}"
twinkey-operator key unseal "${op[@]}" --yes >unseal.log
twinkey-operator key show "${op[@]}" --json | jq -e '[.stores[].sealed] == [false, false]' >jq.log || die 'key unseal'
[ "$(stat -c '%s %a' op/store.key)" = '33 600' ] || die 'no clear key file'
cp op/store.key op/store.key.0a1b2c3d # as a kill leaves it
cp op/manager/manager.key op/manager/manager.key.0a1b2c3d
twinkey-operator key seal "${op[@]}" --key file:a.key >seal.log
[ -z "$(find op -name '*.key.*')" ] || die "left behind: $(find op -name '*.key.*')"
ok 'what kills leave goes with the next change'
twinkey-operator key unseal "${op[@]}" --yes >unseal.log
rm a.key b.key
opens || die 'in the clear'
store_key=$(head -c 32 op/store.key | od -An -v -tx1 | tr -d ' \n') manager_key=$(head -c 32 op/manager/manager.key | od -An -v -tx1 | tr -d ' \n')
ok 'key unseal'

# --- what is no source; nothing of it is said again
for bad in "$value" env:A=B credential:../x 'pkcs11:token=a' "pkcs11:token=a;object=b?pin-value=70319482" file: 'pkcs11:token=a;object=b?pin-source=|sh'; do
	says 'no source' 2 ERR_USAGE '^twinkey-operator( key seal)?: .*--key' twinkey-operator key seal "${op[@]}" --key "$bad"
done
says 'no PIN in the URI' 2 ERR_USAGE 'can be read by all users' twinkey-operator key seal "${op[@]}" --key 'pkcs11:token=a;object=b?pin-value=70319482'

# --- tokens
module=/usr/lib/softhsm/libsofthsm2.so
[ -e $module ] && command -v softhsm2-util >/dev/null || skip 'the rest, without softhsm2; files, environment, credentials are good'
make -s -C "$top" build/release/tests/odd-token.so || die 'odd-token.so'
odd=$top/build/release/tests/odd-token.so
mkdir tokens
echo "directories.tokendir = $work/tokens" >softhsm2.conf
export SOFTHSM2_CONF=$work/softhsm2.conf
pin=70319482
softhsm2-util --init-token --free --label lab --pin $pin --so-pin 90817263 >token.log || die softhsm2-util
echo $pin >pin
echo 70319483 >wrong-pin
with() { echo "pkcs11:token=${2:-lab};object=${3:-store}?module-path=${4:-$module}&pin-source=file:$work/$1"; } # PIN-FILE [TOKEN [OBJECT [MODULE]]]
uri=$(with pin)
says 'no key on the token yet' 1 ERR_KEY_AWAY "the token 'lab' has no AES key 'store': make one with: twinkey-operator key make" \
	twinkey-operator key seal "${op[@]}" --key "$uri"
twinkey-operator key make --key "$uri" --json >made.json || die 'key make on a token'
jq -e --arg u "$uri" '.made == $u' made.json >jq.log || die 'key make'
says 'a key that is there' 1 ERR_EXISTS "has such a key already" twinkey-operator key make --key "$uri"
if command -v pkcs11-tool >/dev/null; then
	pkcs11-tool --module $module --login --pin $pin -O --type secrkey >objects.log 2>&1
	expect 'the key cannot be taken out' 'sensitive, always sensitive, never extractable, local' objects.log
	pkcs11-tool --module $module --login --pin $pin --keygen --key-type AES:32 --label loose --extractable >loose.log 2>&1 || die pkcs11-tool
	says 'a key that could be taken out' 4 ERR_REFUSED 'can be taken out of the token' twinkey-operator key seal "${op[@]}" --key "$(with pin lab loose)"
	pkcs11-tool --module $module --login --pin $pin --keygen --key-type AES:32 --label store2 --id 01 --sensitive >loose.log 2>&1
	pkcs11-tool --module $module --login --pin $pin --keygen --key-type AES:32 --label store2 --id 02 --sensitive >loose.log 2>&1
	says 'two keys of one name' 1 ERR_DUPLICATE 'more than one AES key .store2.: name one by its id=' twinkey-operator key seal "${op[@]}" --key "$(with pin lab store2)"
	twinkey-operator key seal "${op[@]}" --key "pkcs11:token=lab;id=%02?module-path=$module&pin-source=$work/pin" >seal.log || die 'by its id'
fi
twinkey-operator key seal "${op[@]}" --key "$uri" >seal.log || die 'key seal on a token'
both_come_from "$uri"
opens || die 'by the token'
twinkey-operator init --dir op2 --key "$uri" >init.log || die 'init on a token'
twinkey-operator subscriber list --dir op2 >list.log || die 'an operator that was made by the token'
background serve twinkey-operator serve "${op[@]}" --socket op.sock
wait_for 10 'the server' test -S op.sock
stop "$last"
ok 'made, sealed and opened by SoftHSM2'
for i in $(seq 25); do # SoftHSM2 has no token for who looks while another one logs in
	together=()
	for n in 1 2 3; do
		"${listing[@]}" >"together$n.log" 2>&1 &
		together+=($!)
	done
	for pid in "${together[@]}"; do wait "$pid" || die "three at once, the $i. time"; done
done
ok 'three processes at one token at once, 25 times'

says 'no module' 1 ERR_KEY_AWAY "module '/nowhere/m.so': not found: install it" \
	twinkey-operator key seal "${op[@]}" --key "$(with pin lab store /nowhere/m.so)"
cp $module loose.so
chmod 666 loose.so
says 'a module that others can write to' 1 ERR_PERMISSION 'nobody else can write to' \
	twinkey-operator key seal "${op[@]}" --key "$(with pin lab store "$work/loose.so")"
cp "$bin/libtwinkey.so.1.0.0" other.so
says 'a module that is none' 1 ERR_KEY_AWAY 'is no PKCS#11 module' twinkey-operator key seal "${op[@]}" --key "$(with pin lab store "$work/other.so")"
says 'another token' 1 ERR_KEY_AWAY "there is no token 'other' \(there are: 'lab'\): put it in" \
	twinkey-operator key seal "${op[@]}" --key "$(with pin other)"
chmod 644 pin
says 'a PIN that others can read' 1 ERR_PERMISSION "others can read or change '$work/pin'" "${listing[@]}"
chmod 600 pin
mv pin pin.away
says 'no PIN' 1 ERR_KEY_AWAY "'$work/pin'.*not found" "${listing[@]}"
says 'nobody to ask' 1 ERR_KEY_AWAY 'no terminal to ask at: add pin-source=' \
	twinkey-operator key seal "${op[@]}" --from "pkcs11:token=lab;object=store?module-path=$module" --key env:X
export ODD_TOKEN_LOG=$work/logins
cp wrong-pin pin
says 'a wrong PIN' 4 ERR_REFUSED "the PIN of the token 'lab' \($work/pin\) is wrong; it was tried once" "${listing[@]}"
rm pin
mv pin.away pin

# what a token does that SoftHSM2 never would; each PIN is given once
twinkey-operator key seal "${op[@]}" --key "$(with pin lab store "$odd")" >seal.log || die 'the odd token when it is not odd'
odd_says() { # HOW LOGINS STATUS CODE REGEX [COMMAND...]
	local how=$1 logins=$2
	: >logins
	export ODD_TOKEN=$how
	says "a token that is $how" "$3" "$4" "$5" "${@:6}"
	unset ODD_TOKEN
	[ "$(wc -l <logins)" = $((2 * logins)) ] || die "$how: $(wc -l <logins) logins in two commands"
}
odd_says locked 1 4 ERR_REFUSED 'is locked: unlock it with the token.s SO PIN' "${listing[@]}"
odd_says known-locked 0 4 ERR_REFUSED 'is locked' "${listing[@]}"
odd_says final 0 4 ERR_REFUSED 'one try left, which is not spent' "${listing[@]}"
odd_says wrong 1 4 ERR_REFUSED 'is wrong; it was tried once, and one try is left' "${listing[@]}"
odd_says pulled 1 1 ERR_KEY_AWAY 'was pulled out' "${listing[@]}"
odd_says liar 1 1 ERR_KEY 'is not the one that this folder was sealed with' "${listing[@]}"
odd_says mute 0 1 ERR_KEY_AWAY 'does not start' "${listing[@]}"
odd_says full 1 1 ERR_FULL 'the token is full' twinkey-operator key make --key "$(with pin lab another "$odd")"
twinkey-operator key seal "${op[@]}" --key "$uri" >seal.log || die 'back'
odd_says no-gcm 1 1 ERR_UNSUPPORTED 'has no AES-GCM' twinkey-operator key seal "${op[@]}" --key "$(with pin lab store "$odd")"
odd_says liar 1 1 ERR_UNSUPPORTED 'does not open what it has encrypted' twinkey-operator key seal "${op[@]}" --key "$(with pin lab store "$odd")"
both_come_from "$uri"
opens || die 'after what failed'

# the token was set up anew: another key of the same name
cp -r tokens tokens.kept
softhsm2-util --delete-token --token lab >token.log 2>&1 || die 'softhsm2-util --delete-token'
softhsm2-util --init-token --free --label lab --pin $pin --so-pin 90817263 >token.log
twinkey-operator key make --key "$uri" >made.log || die 'a new key'
says 'another key on the token' 1 ERR_KEY 'the key from pkcs11:token=lab;object=store is not the one that this folder was sealed with' "${listing[@]}"
rm -r tokens
mv tokens.kept tokens
opens || die 'with the former token'

# asked for on a terminal, once for both stores
if command -v script >/dev/null; then
	asked="pkcs11:token=lab;object=store?module-path=$module"
	terminal() { # COMMAND...
		rm -f keys screen
		mkfifo keys
		script -qefc "stty -echoctl; exec ${*@Q}" screen <keys >script.log 2>&1 &
		last=$!
		pids+=("$last")
		exec 7>keys
		wait_for 20 'the question for the PIN' grep -qF "PIN of the token 'lab':" screen
	}
	terminal twinkey-operator key seal "${op[@]}" --key "$asked"
	printf '%s\n' $pin >&7
	status=0
	wait "$last" || status=$?
	exec 7>&-
	[ $status = 0 ] || die "a typed PIN: exit code $status: $(<screen)"
	! grep -qF $pin screen || die 'the PIN is on the screen'
	both_come_from "$asked"
	terminal twinkey-operator serve "${op[@]}" --socket op.sock --timeout 5
	printf '%s\n' $pin >&7
	wait_for 10 'the server' test -S op.sock
	[ "$(grep -oF 'PIN of the token' screen | wc -l)" = 1 ] || die "asked more than once: $(<screen)"
	status=0
	wait "$last" || status=$?
	exec 7>&-
	[ $status = 0 ] || die "a server with a typed PIN: $(<screen)"
	terminal twinkey-operator subscriber list "${op[@]}"
	printf '\003' >&7
	status=0
	wait "$last" || status=$?
	exec 7>&-
	[ $status = 130 ] || die "Ctrl-C at the PIN: exit code $status"
	cat screen >>all.out
	ok 'a PIN that is typed: once, unseen; Ctrl-C'
fi

# --- nothing of all that was said has a key or a PIN
cat ./*.log ./*.json child.log >>all.out 2>/dev/null
[ "$(wc -c <all.out)" -gt 5000 ] || die 'hardly anything was said'
for secret in "$value" "$(<away.key)" "$(od -An -v -tx1 creds/store-key | tr -d ' \n')" "$store_key" "$manager_key" $pin 70319483; do
	[ ${#secret} -ge 8 ] || die 'a secret that is too short to look for'
	! grep -qaiF -- "$secret" all.out || die "said: $secret"
done
[ -z "$(find op op2 -type f -newer softhsm2.conf -exec grep -lF "$pin" {} +)" ] || die 'the PIN is in the folder'
ok 'no key and no PIN was said'
