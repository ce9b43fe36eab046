#!/bin/bash
# An operator's folder is copied while a server works on it, and put back: the card goes on, no sequence number, code or
# approval serves twice, and what was changed in a backup is not put back.
. "$(dirname "$0")/lib.sh"
need jq curl sqlite3 oathtool
start_work
cd "$work" || exit 1
umask 077
PATH=$bin:$PATH
prepare_two_keys
card=(--reader "card:$work/card")
operate() { # LOG DIR SOCKET: sets $last
	background "$1" twinkey-operator serve --dir "$2" --socket "$3"
	wait_for 10 'the server' grep -q Ready "$1.log"
}
operate serve op op.sock
serve=$last
twinkey profile download "${card[@]}" --operator unix:op.sock "$(jq -r .activationCode prepare.json)" >download.log
iccid=$(twinkey profile list "${card[@]}" --json | jq -r '.profiles[0].iccid')
twinkey profile enable "${card[@]}" "$iccid" >enable.log
attach() { # SOCKET: the card takes the first number that it is offered
	twinkey auth "${card[@]}" --operator "unix:$1" --json >auth.json 2>auth.log || die "no access: $(cat auth.json auth.log)"
	jq -e '.access' auth.json >jq.out || die "no access: $(cat auth.json)"
}
sqn() { sqlite3 "$1/operator.db" "SELECT sqn$2 FROM subscriber WHERE imsi1 = '$imsi1'"; }
attach op.sock
vector() { curl -s --unix-socket "$1" -H 'Content-Type: application/json' -d "{\"imsi\":\"$imsi1\",\"context\":\"3g\"}" http://x/twinkey/v1/auc/vector; }
waiting=$(vector op.sock | jq -r .vectorId)
[ "$waiting" != null ] || die 'no challenge waits'

# while others ask
(while [ ! -e enough ]; do vector op.sock >/dev/null; done) &
pids+=($!)
twinkey-operator backup --dir op --to copy --json >backup.json 2>backup.log || die "backup: $(cat backup.json)"
twinkey-operator backup --dir op --to text >text.out 2>text.log || die 'backup for people'
touch enough
expect 'what is in it' '^The backup is in .text. .mode 0700.: [0-9]* files, [0-9]* octets, logs and rows verified' text.out
expect 'that keys are in it' 'keys lie in the clear in the backup' text.log
[ "$(stat -c %a copy)" = 700 ] || die 'who reads the backup?'
find copy -type f -perm /077 ! -name '*.der' ! -name release.pub ! -name smdp.address | while read -r f; do
	[ "$(stat -c %a "$f")" = "$(stat -c %a "op/${f#copy/}")" ] || die "$f can be read by others"
done
[ ! -e copy/operator.db-wal ] && [ ! -e copy/op.sock ] || die 'what is not part of it'
(cd copy && jq -r '.files[] | "\(.sha256)  \(.path)"' manifest.json | sha256sum --quiet -c) || die 'the digests'
(cd copy && find . -type f ! -name manifest.json | wc -l) | grep -qx "$(jq '.files | length' copy/manifest.json)" || die 'what the manifest does not name'
jq -e '.keys == "clear" and .operator.logEntries > 0 and .operator.schema >= 9 and .manager.schema > 0' copy/manifest.json >jq.out || die "$(cat copy/manifest.json)"
ok 'a backup while a server works'
refuse 'where something is' twinkey-operator backup --dir op --to copy
[ -z "$(find . -maxdepth 1 -name 'copy.*')" ] || die 'half a backup is left'
refuse 'a folder that is none' twinkey-operator backup --dir nowhere --to other
mkdir empty
twinkey-operator backup --dir op --to empty >empty.out 2>/dev/null || die 'an empty folder does not do'
[ -s empty/manifest.json ] || die 'not in the empty folder'

# in one file: tar(1) reads it, and the same is in it
twinkey-operator backup --dir op --to copy.tar --json >tar.json 2>/dev/null || die "a backup in a file: $(cat tar.json)"
[ "$(stat -c %a copy.tar)" = 600 ] || die 'who reads the file?'
mkdir untarred
tar -xf copy.tar -C untarred || die 'tar(1) does not read it'
(cd untarred && jq -r '.files[] | "\(.sha256)  \(.path)"' manifest.json | sha256sum --quiet -c) || die 'the digests in the file'
[ -z "$(find . -maxdepth 1 -name 'copy.tar.*')" ] || die 'something beside the file'
refuse 'over a file' twinkey-operator backup --dir op --to copy.tar

# what is used after it: numbers, a code, an approval
at_backup=$(sqn copy 1)
for _ in 1 2 3 4 5; do vector op.sock >/dev/null; done
attach op.sock
secret=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' totp.uri)
oathtool --totp -b "$secret" >code
approve() { curl -s --unix-socket "$1" -H 'Content-Type: application/json' -d "{\"imsi\":\"$imsi1\",\"code\":\"$(<code)\"}" http://x/twinkey/v1/factor/totp; }
approve op.sock >approved.json
jq -e .approved approved.json >jq.out || die "the code: $(cat approved.json)"
used=$(sqn op 1)
[ "$used" -gt "$at_backup" ] || die 'no number was used since'
stop "$serve"

# what was changed is not put back
spoil() { # WHAT SENTENCE COMMAND...: in a copy of the backup
	local what=$1 sentence=$2
	shift 2
	rm -rf spoilt new
	cp -a copy spoilt
	(cd spoilt && "$@")
	refuse "$what" twinkey-operator restore --from spoilt --dir new
	grep -q "$sentence" refused.out || die "$what: $(cat refused.out)"
	[ ! -e new ] && [ -z "$(find . -maxdepth 1 -name 'new.*')" ] || die "$what: something was put in place"
}
edit() { jq "$1" manifest.json >m && mv m manifest.json; }
redo() { # FILE: the manifest says what the file is now
	edit "(.files[] | select(.path == \"$1\")) |= (.sha256 = \"$(sha256sum "$1" | cut -d ' ' -f 1)\" | .size = $(stat -c %s "$1"))"
}
flip() { # FILE OFFSET
	printf '\xff' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
spoil 'no manifest' 'it has no manifest.json' rm manifest.json
spoil 'a manifest that is none' 'no manifest of a backup' sh -c 'echo {} >manifest.json'
spoil 'a later format' 'of a later program' edit '.format = 2'
spoil 'a file is missing' 'store.key. of the backup: not found' rm store.key
spoil 'a bit of a database' 'operator.db. of the backup is another file' flip operator.db 5000
spoil 'a bit of a key' 'store.key. of the backup is another file' flip store.key 3
spoil 'a path that leads out' 'no manifest of a backup' edit '.files[0].path = "../evil"'
spoil 'a file twice' 'no manifest of a backup' edit '.files += [.files[0]]'
spoil 'a mode for others' 'no manifest of a backup' edit '.files[0].mode = "0666"'
spoil 'a manifest without the database' 'the backup has no .operator.db' edit 'del(.files[] | select(.path == "operator.db"))'
altered() { sqlite3 operator.db "UPDATE subscriber SET sqn1 = 1" && redo operator.db; }
spoil 'a row that somebody else wrote' 'are not what was written' altered
shorten() { sqlite3 operator.db "DROP TRIGGER log_stay; DELETE FROM log WHERE seq = (SELECT max(seq) FROM log)" && redo operator.db; }
spoil 'a log that was cut' 'not what was written\|ERR_CORRUPT\|damaged' shorten
later() { sqlite3 operator.db "PRAGMA user_version = 99" && redo operator.db; }
spoil 'a database of a later program' 'of a later program' later
on_server() { # a line that leads a restore to a database that goes on
	echo 'postgres:host=/nowhere' >"$1" && chmod 600 "$1" && edit ".files += [{path: \"$1\", mode: \"0600\", size: 0, sha256: \"\"}]" && redo "$1"
}
spoil 'a line that names a server' 'names a server' on_server database
spoil "the manager's line" 'names a server' on_server manager/database
spoil 'another end of the log' 'does not end where the manifest says' edit '.operator.logEntries = 70'
refuse 'over an operator that is there' twinkey-operator restore --from copy --dir op
mkdir above
echo 'postgres:host=/nowhere' >above/database
refuse 'below a folder whose stores are on a server' twinkey-operator restore --from copy --dir above/new
expect 'why' 'names a server' refused.out
[ "$(ls above)" = database ] || die 'something is left of it'
refuse 'no backup at all' twinkey-operator restore --from op --dir new
rm -rf spoilt new

head -c 20000 copy.tar >cut.tar
refuse 'a file that was cut' twinkey-operator restore --from cut.tar --dir new
ln -s /etc/passwd untarred/link
tar -cf link.tar --format=ustar -C untarred link manifest.json
refuse 'a link in a file' twinkey-operator restore --from link.tar --dir new
tar -cPf up.tar --format=ustar --transform 's|^|../|' -C untarred manifest.json
refuse 'a name that leads out' twinkey-operator restore --from up.tar --dir new
[ ! -e manifest.json ] && [ -z "$(find . -maxdepth 1 -name 'new*')" ] || die 'something was taken out'
(cd untarred && rm link && jq -r '.files[].path' manifest.json | tar -cf ../repacked.tar --format=ustar -T - manifest.json)
twinkey-operator restore --from repacked.tar --dir repacked >restore.out || die 'a file that tar(1) made'
twinkey-operator restore --from copy.tar --dir from-file >restore.out || die 'a backup in a file'
twinkey-operator log --dir from-file --verify >verify.out || die 'the log of a backup in a file'
ok 'from a file'

# put back
twinkey-operator restore --from copy --dir back --json >restore.json 2>restore.log || die "restore: $(cat restore.json)"
jq -e '.subscribers == 1 and .sqnJump == 67108864 and .dropped > 0 and .keys == "clear"' restore.json >jq.out || die "$(cat restore.json)"
twinkey-operator restore --from copy --dir back2 >restore.out || die 'restore for people'
expect 'what it means is said' 'Sequence numbers of 1 subscribers jump by 2\^26' restore.out
twinkey-operator log --dir back --verify >verify.out || die 'the log after a restore'
twinkey-operator log --dir back >log.out
expect 'the log tells of it' 'operator +restore .* of a backup after entry [0-9]+' log.out
twinkey-operator profile log --dir back --verify >verify.out || die "the manager's log after a restore"
[ "$(sqn back 1)" -gt "$used" ] || die "the number is $(sqn back 1), and $used was used"
[ "$(($(sqn back 1) - $(sqn copy 1)))" = 67108864 ] || die 'the jump'
[ "$(($(sqn back 1) & 31))" = "$(($(sqn copy 1) & 31))" ] || die 'IND is another one'
operate again back back.sock
approve back.sock >approved.json
jq -e '.approved == true' approved.json >jq.out && die 'a code serves twice'
expect 'a code that was used since' 'used before' approved.json
curl -s --unix-socket back.sock -H 'Content-Type: application/json' -d "{\"vectorId\":\"$waiting\",\"res\":\"00\"}" http://x/twinkey/v1/auc/verify >late.json
expect 'a challenge of before' 'ERR_NOT_FOUND' late.json
before=$(sqn back 1)
attach back.sock
[ "$(($(sqn back 1) >> 5))" = "$(((before >> 5) + 1))" ] || die "the card did not take the first number: $before, $(sqn back 1)"
ok 'the card takes the first number after a restore'
attach back.sock
twinkey-operator factor approve --dir back --imsi $imsi1 --agent Anna --evidence 'passport seen' >approve.out
twinkey release "${card[@]}" --operator unix:back.sock >release.log 2>&1 || die 'no release after a restore'
attach back.sock
jq -e '.access == "full"' auth.json >jq.out || die "$(cat auth.json)"
ok 'and is released its second key'
