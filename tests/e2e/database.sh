#!/bin/bash
# An operator on PostgreSQL, as its user sees it: made, served by several processes, backed up, moved away and back; and
# the database away, killed, slow, full, of another version, half there, another one, or not for this user.
# runs: user root
. "$(dirname "$0")/lib.sh"
if [ -z "${TWINKEY_TEST_PG:-}" ]; then
	exec "$top/tests/support/with-postgres" --set fsync=off -- bash "$0" "$@"
fi
need psql jq curl sqlite3 python3
start_work
cd "$work" || exit 1
umask 077
PATH=$bin:$PATH
imsi1=001010000000001 imsi2=001010000000002
database=$TWINKEY_TEST_DATABASE
sql() { psql -qAt -v ON_ERROR_STOP=1 "$@" 2>sql.log || die "psql: $(cat sql.log)"; }
sqn() { sql -c "SELECT sqn1 FROM ${1:-lab}_operator.subscriber WHERE imsi1 = '$imsi1'"; }
refuses() { # WHAT CODE SENTENCE COMMAND...: with this exit code, one sentence
	local what=$1 code=$2 sentence=$3 status=0
	shift 3
	"$@" >refused.out 2>&1 || status=$?
	[ $status = "$code" ] || die "$what: exit code $status: $(cat refused.out)"
	grep -q -- "$sentence" refused.out || die "$what: $(cat refused.out)"
	[ "$(grep -vc "^Try '" refused.out)" = 1 ] || die "$what: more than a sentence: $(cat refused.out)"
	ok "$what (exit $status: $(head -n 1 refused.out))"
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
vector >away.json
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
kill -0 "$serve" && kill -0 "$auc1" && kill -0 "$auc2" || die 'a process has ended'

# ---- slow: a server that stands still, and a lock that somebody holds
postmaster=$(head -n 1 "$TWINKEY_TEST_PGDATA/postmaster.pid")
kill -STOP "$postmaster"
start=$SECONDS
refuses 'a server that stands still' 1 'cannot be reached' twinkey-operator subscriber list --dir op
kill -CONT "$postmaster"
[ $((SECONDS - start)) -lt 15 ] || die "it took $((SECONDS - start)) s"
psql -qAtc 'BEGIN; LOCK TABLE lab_operator.subscriber; SELECT pg_sleep(30); COMMIT' >held.out 2>&1 &
holder=$!
pids+=("$holder")
wait_for 5 'the lock' sh -c "psql -qAtc \"SELECT 'held' FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'lab_operator.subscriber'::regclass\" | grep held"
start=$SECONDS
refuses 'a table that somebody holds' 1 'another process uses it\|does not answer in time' twinkey-operator subscriber list --dir op
vector >slow.json
jq -e '.error.code == "ERR_LOCKED" or .error.code == "ERR_DB_SLOW"' slow.json >jq.out || die "serve, meanwhile: $(cat slow.json)"
[ $((SECONDS - start)) -lt 60 ] || die "it took $((SECONDS - start)) s"
kill "$holder" 2>/dev/null
sql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK TABLE%'" >ended.out
gets_vector || die "serve after it: $(cat vector.json)"
ask backend
sleep 0.5
for backend in $(sql -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'twinkey-operator lab_operator'"); do
	kill -STOP "$backend"
	stopped+=("$backend")
done
sleep 16
kill -CONT "${stopped[@]}" 2>/dev/null || true
wait_for 10 'a vector' gets_vector
sleep 1
judge 'backends that stood still for 16 s' backend

# ---- moved, with others at work; and backed up
refuses 'a move while others have it open' 1 'another process has the operator.s database open: end it first' twinkey-operator migrate --dir op postgres: sqlite:
[ ! -e op/operator.db ] && [ ! -e op/manager/manager.db ] || die 'half a move is left'
gets_vector || die "serve after a move that was refused: $(cat vector.json)"
ask backup
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
refuses 'a move from where it is not' 1 'is in SQLite, not in PostgreSQL' twinkey-operator migrate --dir op postgres: sqlite:
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
