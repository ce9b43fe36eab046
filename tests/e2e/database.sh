#!/bin/bash
# An operator on PostgreSQL, as its user sees it: made, served by several processes, backed up, moved away and back; and
# the database away, killed, slow, full, of another version, half there, another one, or not for this user.
# runs: user root
. "$(dirname "$0")/lib.sh"
if [ -z "${TWINKEY_TEST_PG:-}" ]; then
	exec "$top/tests/support/with-postgres" --set fsync=off -- bash "$0" "$@"
fi
need psql jq curl sqlite3 python3 strace
start_work
cd "$work" || exit 1
umask 077
PATH=$bin:$PATH
stopped=()
let_go() { # what stands still could not be ended
	[ ${#stopped[@]} = 0 ] || kill -CONT "${stopped[@]}" 2>/dev/null || true
	stopped=()
}
trap 'let_go; cleanup' EXIT
imsi1=001010000000001 imsi2=001010000000002
database=$TWINKEY_TEST_DATABASE
sql() { psql -qAt -v ON_ERROR_STOP=1 "$@" 2>sql.log || die "psql: $(cat sql.log)"; }
sqn() { sql -c "SELECT sqn1 FROM lab_operator.subscriber WHERE imsi1 = '$imsi1'"; }
refuses() { # WHAT CODE SENTENCE COMMAND...: with this exit code, one sentence
	local what=$1 code=$2 sentence=$3 status=0
	shift 3
	"$@" >refused.out 2>&1 || status=$?
	[ $status = "$code" ] || die "$what: exit code $status: $(cat refused.out)"
	grep -q -- "$sentence" refused.out || die "$what: $(cat refused.out)"
	[ "$(grep -vcE "^Try '|: waiting for " refused.out)" = 1 ] || die "$what: more than a sentence: $(cat refused.out)"
	ok "$what (exit $status: $(grep -v "waiting for" refused.out | head -n 1))"
}
operate() { twinkey-operator "$@" >operate.out 2>operate.log || die "$*: $(cat operate.out)"; }

# ---- as it should be
operate init --dir op --db "$database#lab" --curve p256
[ "$(stat -c %a op/database)" = 600 ] && [ ! -e op/operator.db ] && [ ! -e op/manager/manager.db ] || die 'what is in the folder'
[ "$(sql -c "SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname LIKE 'lab%'")" = 'lab_manager lab_operator' ] || die 'the namespaces'
operate subscriber add --dir op --imsi1 $imsi1 --imsi2 $imsi2
operate subscriber suspend --dir op --imsi $imsi1 --reason 'on paper'
operate subscriber resume --dir op --imsi $imsi1
operate auc vector --dir op --imsi $imsi1
operate profile prepare --dir op --imsi $imsi1
twinkey-operator log --verify --dir op >verify.out
expect 'the log' '^The log is intact: 2 entries' verify.out
[ "$(sql -c 'SELECT count(*) FROM lab_operator.log')" = 2 ] || die 'the log is not in the database'

# ---- several processes, each on its own socket
for n in 1 2; do
	background "auc$n" twinkey-operator auc serve --dir op --socket "$work/auc$n.sock"
	declare "auc$n=$last"
	wait_for 10 'auc serve' test -S "auc$n.sock"
done
background serve twinkey-operator serve --dir op --socket op.sock
serve=$last
wait_for 10 serve grep -q Ready serve.log
vector() { curl -s --max-time 60 --unix-socket op.sock -H 'Content-Type: application/json' -d "{\"imsi\":\"$imsi1\",\"context\":\"3g\"}" http://x/twinkey/v1/auc/vector; }
gets_vector() { vector >vector.json && jq -e '.rand | length == 32' vector.json >jq.out; }
ask() { # NAME: numbers are counted from here
	rm -f stop
	before=$(sqn)
	python3 "$top/tests/e2e/database.py" stop $imsi1 "$work/auc1.sock" "$work/auc2.sock" >"$1.asked" 2>"$1.log" &
	asking=$!
	pids+=("$asking")
}
judge() { # WHAT NAME: no vector was given out of a number that is not kept
	local after given refused lost
	touch stop
	wait "$asking" || die "$1: $(cat "$2.log")"
	after=$(sqn)
	read -r given refused lost <"$2.asked"
	[ "$lost" = 0 ] || die "$1: $lost requests have no answer"
	[ "$given" -gt 20 ] || die "$1: $given vectors"
	[ $(((after >> 5) - (before >> 5))) -ge "$given" ] || die "$1: $given vectors out of numbers from $before to $after"
	ok "$1: $given vectors, $refused refused, numbers $((before >> 5)) to $((after >> 5))"
}
ask three
for _ in 1 2 3 4 5; do gets_vector || die "serve beside two others: $(cat vector.json)"; done
sleep 1
judge 'three processes on one database' three

# ---- killed, away, and there again: nobody is started anew
ask killed
for _ in 1 2 3; do
	sleep 0.7
	"$TWINKEY_TEST_PG" kill
	sleep 0.3
	until "$TWINKEY_TEST_PG" start; do sleep 0.2; done 2>/dev/null
done
sleep 1
judge 'the database is killed three times' killed
"$TWINKEY_TEST_PG" stop
vector >away.json || die "no answer of serve: $?"
jq -e '.error.code == "ERR_DB_AWAY" and (.error.message | length > 0)' away.json >jq.out || die "an answer of serve without a database: $(cat away.json)"
refuses 'a command without a database' 1 'cannot be reached, or went away (does PostgreSQL run' twinkey-operator subscriber list --dir op
refuses 'init without a database' 1 'cannot be reached' twinkey-operator init --dir new --db "$database#new"
refuses 'serve without a database' 1 'cannot be reached' twinkey-operator serve --dir op --socket new.sock
refuses 'auc serve without a database' 1 'cannot be reached' twinkey-operator auc serve --dir op --socket new.sock
refuses 'a move without a database' 1 'cannot be reached' twinkey-operator migrate --dir op postgres: sqlite:
refuses 'a backup without a database' 1 'cannot be reached' twinkey-operator backup --dir op --to no-backup
[ ! -e new ] && [ ! -e no-backup ] && [ -z "$(find . -maxdepth 1 -name 'new.*')$(find . -maxdepth 1 -name 'no-backup*')" ] || die 'something is left'
"$TWINKEY_TEST_PG" start
ask back
gets_vector || die "serve, when the database is back: $(cat vector.json)"
sleep 1
judge 'the database is back: served without a restart' back
# shellcheck disable=SC2154 # set by name, in a loop
kill -0 "$serve" && kill -0 "$auc1" && kill -0 "$auc2" || die 'a process has ended'

# ---- slow: a server that stands still, and a lock that somebody holds
postmaster=$(head -n 1 "$TWINKEY_TEST_PGDATA/postmaster.pid")
stopped=("$postmaster")
kill -STOP "$postmaster"
start=$SECONDS
refuses 'a server that stands still' 1 'cannot be reached' twinkey-operator subscriber list --dir op
let_go
[ $((SECONDS - start)) -lt 15 ] || die "it took $((SECONDS - start)) s"
psql -qAtc 'BEGIN; LOCK TABLE lab_operator.subscriber; SELECT pg_sleep(90); COMMIT' >held.out 2>&1 &
holder=$!
pids+=("$holder")
wait_for 5 'the lock' sh -c "psql -qAtc \"SELECT 'held' FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'lab_operator.subscriber'::regclass\" | grep held"
start=$SECONDS
refuses 'a table that somebody holds' 1 'another process uses it\|does not answer in time' twinkey-operator subscriber list --dir op
vector >slow.json || die "no answer of serve: $?"
jq -e '.error.code == "ERR_LOCKED" or .error.code == "ERR_DB_SLOW"' slow.json >jq.out || die "serve, meanwhile: $(cat slow.json)"
[ $((SECONDS - start)) -lt 60 ] || die "it took $((SECONDS - start)) s"
kill "$holder" 2>/dev/null || true
sql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK TABLE%'" >ended.out
gets_vector || die "serve after it: $(cat vector.json)"
ask backend
sleep 0.5
for backend in $(sql -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'twinkey-operator lab_operator'"); do
	stopped+=("$backend")
	kill -STOP "$backend"
done
sleep 16
let_go
wait_for 10 'a vector' gets_vector
sleep 3
judge 'backends that stood still for 16 s' backend

# ---- moved, with others at work; and backed up
refuses 'a move while others have it open' 1 'another process has the operator.s database open: end it first' twinkey-operator migrate --dir op postgres: sqlite:
[ ! -e op/operator.db ] && [ ! -e op/manager/manager.db ] || die 'half a move is left'
gets_vector || die "serve after a move that was refused: $(cat vector.json)"
ask backup
sleep 1
twinkey-operator backup --dir op --to copy.tar --json >backup.json 2>backup.log || die "backup: $(cat backup.json)"
judge 'a backup while two processes serve' backup
jq -e '.logEntries >= 2 and .keys == "clear"' backup.json >jq.out || die "$(cat backup.json)"
twinkey-operator restore --from copy.tar --dir restored --json >restore.json 2>&1 || die "restore: $(cat restore.json)"
[ ! -e restored/database ] || die 'a restored operator points to the database of the other one'
[ "$(sqlite3 restored/operator.db 'SELECT sqn1 FROM subscriber')" -gt "$(sqn)" ] || die 'the restored numbers are behind'
twinkey-operator log --verify --dir restored >verify.out || die "the restored log: $(cat verify.out)"
operate migrate --dir restored sqlite: "$database#restored"
operate auc vector --dir restored --imsi $imsi1
ok 'a backup of a database on a server, put back into a file, and moved to the server'
stop "$serve"
stop "$auc1"
stop "$auc2"

number=$(sqn)
operate migrate --dir op postgres: sqlite:
[ ! -e op/database ] && [ -e op/operator.db ] || die 'what is in the folder after a move'
[ "$(sqlite3 op/operator.db 'SELECT sqn1 FROM subscriber')" = "$number" ] || die 'the number after a move'
twinkey-operator log --verify --dir op >verify.out || die "the log after a move: $(cat verify.out)"
[ "$(sql -c "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'lab\_%\_moved\_%'")" = 2 ] || die 'the old namespaces'
operate auc vector --dir op --imsi $imsi1
refuses 'a move from where it is not' 4 'is in SQLite, not in PostgreSQL' twinkey-operator migrate --dir op postgres: sqlite:
background auc3 twinkey-operator auc serve --dir op --socket auc3.sock
wait_for 10 'auc serve' test -S auc3.sock
refuses 'a move to a server while others have it open' 1 'another process has the operator.s database open' twinkey-operator migrate --dir op sqlite: "$database#lab"
[ ! -e op/database ] || die 'half a move is left'
stop "$last"
operate migrate --dir op sqlite: "$database#lab"
[ -e op/operator.db.moved ] && [ ! -e op/operator.db ] || die 'the files after a move'
[ "$(sqn)" -gt "$number" ] || die 'the number after a move back'
twinkey-operator restore --from copy.tar --dir second >restore.out || die 'a second one'
refuses 'a move over an operator that is there' 1 'has an operator.s tables already: name another one, or put #NAME' twinkey-operator migrate --dir second sqlite: "$database#lab"
[ ! -e second/database ] && operate log --verify --dir second && operate log --verify --dir op
ok 'moved to files, and back'

# ---- killed in the middle of a move: nothing is half done, and what to do next is said
cut=0
move_back_again() { # NAME: after one to files that was killed: where it was, or it says that it wants to be ended
	if ! twinkey-operator log --verify --dir moving >verify.out 2>&1; then
		cut=$((cut + 1))
		grep -q 'a move of the operator to files was cut off in its last step (end it: twinkey-operator migrate postgres: sqlite:)' verify.out || die "killed in a move back: $(cat verify.out)"
		refuses "the manager's part" 1 'was cut off in its last step' twinkey-operator profile list --dir moving >manager.out
	fi
	if [ -e moving/database ]; then
		wait_for 20 'the end of its connections' sh -c "! psql -qAtc \"SELECT application_name FROM pg_stat_activity\" | grep -q '$1'"
		operate migrate --dir moving postgres: sqlite:
	fi
	[ ! -e moving/database ] && [ -z "$(find moving -name '*.moving*')" ] || die "left in the folder: $(find moving -name '*.moving*' -o -name database)"
	operate auc vector --dir moving --imsi $imsi1
	operate profile list --dir moving
	twinkey-operator log --verify --dir moving >verify.out || die "the log after moves: $(cat verify.out)"
}
for at in 0.01 0.03 0.05 0.08 0.12; do
	rm -rf moving
	twinkey-operator restore --from copy.tar --dir moving >restore.out || die 'one to move'
	name=moving${at#0.}
	twinkey-operator migrate --dir moving sqlite: "$database#$name" >move.out 2>&1 &
	sleep "$at"
	kill -KILL $! 2>/dev/null || true
	wait $! 2>/dev/null || true
	twinkey-operator log --verify --dir moving >verify.out 2>&1 || die "killed after $at s of a move: $(cat verify.out)"
	if [ ! -e moving/database ]; then
		twinkey-operator migrate --dir moving sqlite: "$database#$name" >move.out 2>&1 ||
			grep -q 'DROP SCHEMA NAME_operator, NAME_manager CASCADE' move.out || die "the second try: $(cat move.out)"
		[ -e moving/database ] || operate migrate --dir moving sqlite: "$database#again$name"
	fi
	operate auc vector --dir moving --imsi $imsi1
	twinkey-operator migrate --dir moving postgres: sqlite: >move.out 2>&1 &
	sleep "$at"
	kill -KILL $! 2>/dev/null || true
	wait $! 2>/dev/null || true
	move_back_again "$name"
done
ok 'moves that are killed'
# each step of a move to files, at its system calls; of what is sent to the server the last ones, which are counted first
moves_to_files() { # ARGUMENT...: of strace
	rm -rf moving
	twinkey-operator restore --from copy.tar --dir moving >restore.out || die 'one to move'
	operate migrate --dir moving sqlite: "$database#$name"
	status=0
	strace -o calls.txt "$@" twinkey-operator migrate --dir moving postgres: sqlite: >move.out 2>&1 || status=$?
}
name=counted
moves_to_files -e trace=sendto
[ $status = 0 ] || die "strace: $(cat move.out)"
sent=$(grep -c '^sendto' calls.txt)
cut=0
for call in rename unlink sendto; do
	n=1 killed=0
	[ $call != sendto ] || n=$((sent - 8))
	while true; do
		name=$call$n
		moves_to_files -e "trace=$call" -e "inject=$call:signal=KILL:when=$n"
		[ $status != 0 ] || break # there are no more of them
		[ $status = 137 ] || die "strace: exit code $status: $(cat move.out calls.txt)"
		killed=$((killed + 1)) n=$((n + 1))
		move_back_again "$name"
	done
	[ $killed -gt 2 ] || die "killed at $call $killed times"
done
name=another # somebody may still change it
moves_to_files -e trace=sendto -e "inject=sendto:signal=KILL:when=$((sent - 3))"
[ $status = 137 ] && grep -q '^leaving' moving/database || die "not cut off: $(cat move.out)"
PGAPPNAME="twinkey-operator ${name}_operator" background another psql -qAtc 'SELECT pg_sleep(60)'
wait_for 10 'another connection' sh -c "psql -qAtc \"SELECT application_name FROM pg_stat_activity\" | grep -q '$name'"
refuses 'a move that was cut off, while somebody is there' 1 'another process has the operator.s database open' twinkey-operator migrate --dir moving postgres: sqlite:
grep -q '^leaving' moving/database || die 'the folder does not say any more that it leaves'
stop "$last"
move_back_again "$name"
name=refused # the namespaces are another user's: nothing happens
moves_to_files -e trace=sendto -e "inject=sendto:signal=KILL:when=1"
sql -c "CREATE ROLE guest LOGIN; GRANT CREATE ON DATABASE twinkey TO guest; GRANT USAGE ON SCHEMA refused_operator, refused_manager TO guest;
	GRANT ALL ON ALL TABLES IN SCHEMA refused_operator, refused_manager TO guest"
printf 'postgres:host=%s user=guest dbname=twinkey#refused\n' "$PGHOST" >moving/database
refuses 'a move that the server refuses in its last step' 1 "cannot move the operator in 'moving': the database's user may not do this" twinkey-operator migrate --dir moving postgres: sqlite:
[ "$(wc -l <moving/database)" = 1 ] && [ -z "$(find moving -name '*.moving*')" ] || die "after a refusal: $(cat moving/database; find moving -name '*.moving*')"
operate auc vector --dir moving --imsi $imsi1
name=neither # somebody has put the namespaces away
moves_to_files -e trace=rename -e inject=rename:signal=KILL:when=3
[ $status = 137 ] && grep -q '^leaving' moving/database || die "not cut off: $(cat move.out)"
moved=$(sql -c "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'neither\_operator\_moved\_%'")
sql -c "ALTER SCHEMA $moved RENAME TO away"
refuses 'a move that was cut off, and its namespaces are gone' 1 'neither as they were nor with _moved_[0-9]* behind them' twinkey-operator migrate --dir moving postgres: sqlite:
sql -c "ALTER SCHEMA away RENAME TO $moved"
operate migrate --dir moving postgres: sqlite: --json
[ "$(jq -r .to operate.out)" = sqlite ] || die "$(cat operate.out)"
operate auc vector --dir moving --imsi $imsi1
[ $cut -gt 4 ] || die "cut off in the last step $cut times"
ok "moves that are killed in each step ($cut in the last one)"

# ---- what is wrong with the address, the key, the user, the database
spoil() { rm -rf bad; cp -a op bad; }
lists() { twinkey-operator subscriber list --dir "${1:-bad}"; }
at="host=$PGHOST user=twinkey"
for line in 'nonsense' '' 'mysql:host=x' 'postgres:nonsense=1' 'postgresql://[' "$database#No-Name" $'postgres:\nx'; do
	spoil
	printf '%s\n' "$line" >bad/database
	refuses "the line '$line'" 1 'has no address of a database: it is one line, postgres: and what libpq takes' lists
done
for line in "$database
leaving" "$database
leaving 17x" "$database
leaving -1"; do
	spoil
	printf '%s\n' "$line" >bad/database
	refuses "another second line" 1 'has no address of a database: it is one line, postgres: and what libpq takes' lists
done
spoil
chmod 644 bad/database
refuses 'an address that all can read' 1 "others can read 'database' (mode 0644): chmod go-rwx it" lists
spoil
rm bad/database
refuses 'no address' 1 "missing in 'bad': restore the whole folder" lists
spoil
head -c 32 /dev/urandom >bad/store.key
refuses 'another key' 4 "'bad/store.key' is not the key that the database was made with: take the whole folder" lists
spoil
head -c 32 /dev/urandom >bad/manager/manager.key
refuses "another key of the manager" 4 "manager.key' is not the key that the database was made with" twinkey-operator profile list --dir bad
point() { spoil; echo "postgres:$1" >bad/database; }
point "$at dbname=none#lab"
refuses 'no such database' 1 'there is no such database on the server (make it first: createdb)' lists
refuses 'init in no such database' 1 'there is no such database on the server (make it first: createdb)' twinkey-operator init --dir new --db "postgres:$at dbname=none"
point "$at dbname=twinkey#other"
refuses 'another name' 1 "has no operator: was it moved, does '#NAME' behind the address differ" lists
refuses 'a name that is taken' 1 'has an operator.s tables already: use its folder, name another database, or put #NAME' twinkey-operator init --dir new --db "$database#lab"
refuses 'an address that is none' 2 'init: --db wants postgres: and what libpq takes\|--db wants postgres: and what libpq takes' twinkey-operator init --dir new --db postgres:nonsense=1
refuses 'another scheme' 2 '--db wants postgres: and what libpq takes' twinkey-operator init --dir new --db mysql:x

sql -c "CREATE ROLE guarded LOGIN PASSWORD 'right'" -c 'GRANT CREATE ON DATABASE twinkey TO guarded' -c 'CREATE ROLE weak LOGIN'
sed -i '1i local all guarded scram-sha-256' "$TWINKEY_TEST_PGDATA/pg_hba.conf"
sql -c 'SELECT pg_reload_conf()' >reload.out
guarded="postgres:host=$PGHOST user=guarded dbname=twinkey#guarded"
lets_in() { PGPASSWORD=right psql -qAtU guarded -c 'SELECT 1' | grep -q 1 && ! PGPASSWORD=wrong psql -qAtU guarded -c 'SELECT 1'; }
wait_for 5 'the rule' lets_in
refuses 'no password' 1 'does not let this user in (check user and password (~/.pgpass' twinkey-operator init --dir new --db "$guarded"
PGPASSWORD=wrong refuses 'a wrong password' 1 'does not let this user in' twinkey-operator init --dir new --db "$guarded"
printf '*:*:*:guarded:right\n' >pgpass
PGPASSFILE=$work/pgpass operate init --dir guarded --db "$guarded" --curve p256
PGPASSFILE=$work/pgpass operate subscriber list --dir guarded
if grep -rq right guarded; then die 'the password is in the folder'; fi
refuses 'its password is not there any more' 1 'does not let this user in' lists guarded
point "$at-nobody dbname=twinkey#lab"
refuses 'no such user' 1 'does not let this user in' lists
refuses 'a user who may make no namespace' 1 'may not do this' twinkey-operator init --dir new --db "postgres:host=$PGHOST user=weak dbname=twinkey#weak"
point "host=$PGHOST user=weak dbname=twinkey#lab"
refuses 'a user who may read nothing' 1 'or may this user not read the tables' lists
sql -c 'GRANT USAGE ON SCHEMA lab_operator TO weak' -c 'GRANT SELECT ON ALL TABLES IN SCHEMA lab_operator TO weak'
number=$(sqn)
refuses 'a user who may only read' 1 'may not do this' twinkey-operator auc vector --dir bad --imsi $imsi1
sql -c 'ALTER DATABASE twinkey SET default_transaction_read_only = on'
refuses 'a server that only reads' 1 'a server that only reads (a standby) cannot be used' twinkey-operator auc vector --dir op --imsi $imsi1
refuses 'init on a server that only reads' 1 'a server that only reads (a standby) cannot be used' twinkey-operator init --dir new --db "$database#new"
PGOPTIONS='-c default_transaction_read_only=off' sql -c 'ALTER DATABASE twinkey RESET default_transaction_read_only'
[ "$(sqn)" = "$number" ] || die 'a number was taken'

version=$(sql -c 'SELECT number FROM lab_operator.version WHERE id = 1')
sql -c 'UPDATE lab_operator.version SET number = 99 WHERE id = 1'
refuses 'a later version' 1 'was made by another version of Twinkey (use the version that made it' lists op
sql -c 'UPDATE lab_operator.version SET number = 3 WHERE id = 1'
refuses 'a version that was set back' 1 'the stored data is damaged (restore it from a copy' lists op
sql -c "UPDATE lab_operator.version SET number = $version WHERE id = 1"
version=$(sql -c 'SELECT number FROM lab_manager.version WHERE id = 1')
sql -c 'UPDATE lab_manager.version SET number = 99 WHERE id = 1'
refuses "a later version of the manager's" 1 'was made by another version of Twinkey' twinkey-operator profile list --dir op
sql -c "UPDATE lab_manager.version SET number = $version WHERE id = 1"
sql -c 'ALTER TABLE lab_operator.subscriber RENAME TO gone'
refuses 'a table is missing' 1 'the stored data is damaged (restore it from a copy' lists op
refuses 'a vector without its table' 1 'the stored data is damaged' twinkey-operator auc vector --dir op --imsi $imsi1
sql -c 'ALTER TABLE lab_operator.gone RENAME TO subscriber' -c 'ALTER TABLE lab_operator.version RENAME TO gone'
refuses 'the version is missing' 1 'has no operator: was it moved' lists op
sql -c 'ALTER TABLE lab_operator.gone RENAME TO version' -c 'ALTER SCHEMA lab_manager RENAME TO gone'
refuses "the manager's tables are missing" 1 'damaged\|has no operator' twinkey-operator profile list --dir op
sql -c 'DROP SCHEMA IF EXISTS lab_manager' -c 'ALTER SCHEMA gone RENAME TO lab_manager'
sql -c "UPDATE lab_operator.subscriber SET sqn1 = 1"
refuses 'a number that somebody else wrote' 1 'written by somebody else\|damaged' twinkey-operator auc vector --dir op --imsi $imsi1
sql -c "UPDATE lab_operator.subscriber SET sqn1 = $number"
operate auc vector --dir op --imsi $imsi1
[ ! -e new ] && [ -z "$(find . -maxdepth 1 -name 'new.*')" ] || die 'something is left'
ok 'after all that it is as it was'

# ---- full
if [ "$(id -u)" = 0 ] && mkdir small && mount --no-mtab -t tmpfs -o size=24m,mode=755 none small 2>mount.log; then
	full() {
		umount --no-mtab -l "$work/small"
		cleanup
	}
	trap full EXIT
	chmod 711 "$work"
	mkdir small/space
	chown --reference="$TWINKEY_TEST_PGDATA" small/space
	sql -c "CREATE TABLESPACE small LOCATION '$work/small/space'" -c 'CREATE DATABASE small TABLESPACE small'
	operate init --dir full --db "postgres:$at dbname=small" --curve p256
	operate subscriber add --dir full --imsi1 $imsi1 --imsi2 $imsi2
	dd if=/dev/zero of=small/fill bs=64k 2>dd.log || true
	fills() { # until there is no room in the pages that are there either
		local n
		for n in $(seq 400); do
			twinkey-operator subscriber suspend --dir full --imsi $imsi1 --reason "$(printf '%0100d' "$n")" >>fills.out || return
		done
	}
	refuses 'a disk that is full' 1 'no space is left (free some space on the disk and try again)' fills
	twinkey-operator log --verify --dir full >verify.out || die "the log on a full disk: $(cat verify.out)"
	entries=$(sql -d small -c 'SELECT count(*) FROM twinkey_operator.log')
	grep -q "intact: $entries entries" verify.out || die "$entries entries: $(cat verify.out)"
	rm small/fill
	operate subscriber suspend --dir full --imsi $imsi1 --reason 'there is space again'
	operate subscriber resume --dir full --imsi $imsi1
	operate auc vector --dir full --imsi $imsi1
	sql -c 'DROP DATABASE small' -c 'DROP TABLESPACE small'
	umount --no-mtab small
	trap cleanup EXIT
	ok 'and when there is space again'
else
	echo 'left out: a disk that is full (root may mount one)'
fi
