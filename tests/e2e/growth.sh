#!/bin/bash
# A log that grows moves to files, and stays provable: from the anchor on, and as a whole over all files. What was changed,
# left out or doubled is found; a process that is killed on the way leaves every entry in one place or in both.
. "$(dirname "$0")/lib.sh"
need jq sqlite3 python3
start_work
cd "$work" || exit 1
umask 077
op=$work/op imsi1=001010000000001
operator() { "$bin/twinkey-operator" "$@" --dir "$op"; }
operator init >init.out
for i in 1 2 3; do operator subscriber add --imsi1 "00101000000000$i" --imsi2 "00101000000001$i" >add.out; done
(umask 077 && echo 'correct horse battery' >desk.password)
operator desk add --name anna --roles approve --password-file desk.password --out anna.uri >desk.out
operator policy --factors all-of:agent >policy.out
operator policy --first-asks on >policy.out
steps() { # N: entries about the first subscriber
	local i
	for ((i = 0; i < $1; i += 2)); do
		operator subscriber suspend --imsi $imsi1 >step.out
		operator subscriber resume --imsi $imsi1 >step.out
	done
}
steps 20
entries() { operator log --json | jq '.log | length'; }
intact() { # WHAT FILTER [FILE...]
	local what=$1 filter=$2 files=()
	shift 2
	for f in "$@"; do files+=(--archive "$f"); done
	operator log --verify "${files[@]}" --json >verify.json || die "$what: $(cat verify.json)"
	jq -e "$filter" verify.json >jq.out || die "$what: $(cat verify.json)"
	ok "$what"
}
all=$(entries)
intact 'before' ".entries == $all and .archived == 0"
operator log --json >before.json

# arguments
for wrong in '--to a' '--to a --keep 1 --before 2026-01-01' '--keep 3' '--to a --before yesterday' '--to a --before 2026-01-01x'; do
	# shellcheck disable=SC2086 # options
	refuse "log archive $wrong" operator log archive $wrong
done
refuse '--archive without --verify' operator log --archive a
operator log archive --to none --before 2001-01-01 --json >archive.json
jq -e '.to == 0' archive.json >jq.out && [ ! -e none ] || die "nothing is to go: $(cat archive.json)"
operator log archive --to none --keep 1000 >archive.out
expect 'nothing to go' '^No entry is to go' archive.out

operator log archive --to a.log --keep 5 --json >archive.json || die "$(cat archive.json)"
jq -e ".from == 1 and .to == $all - 5 and .kept > 0" archive.json >jq.out || die "$(cat archive.json)"
[ "$(stat -c %a a.log)" = 600 ] || die 'who reads the archive?'
[ -z "$(find . -name 'a.log.*')" ] || die 'something beside the archive'
cp a.log whole
refuse 'over a file' operator log archive --to a.log --keep 1
cmp a.log whole || die 'an archive was replaced'
intact 'the log goes on from the anchor' ".entries == $all + 1 and .archived == $all - 5 and .archivesProved == false"
intact 'and all of it is proved' ".entries == $all + 1 and .archivesProved == true" a.log
[ "$(entries)" -lt "$all" ] || die 'nothing has left'
# the file has what the log had
sed '1d;$d' a.log | jq -s 'map({seq, event, actor, evidence})' >in-file.json
jq "[.log[] | select(.seq <= $all - 5) | {seq, event, actor, evidence}]" before.json | diff - in-file.json || die 'the file has something else'
ok 'the file has what the log had'
operator log >log.out
expect 'the log tells of it' "operator +archive .*entries 1 to $((all - 5))" log.out

# rows that name an entry go on
operator subscriber list >list.out
operator subscriber suspend --imsi $imsi1 >step.out || die 'a subscriber whose entries went'
operator subscriber resume --imsi $imsi1 >step.out
operator subscriber suspend --imsi 001010000000002 >step.out || die 'a subscriber without entries'
operator policy --json | jq -e '.factors == "all-of:agent" and .firstAsks == true' >jq.out || die "settings: $(operator policy --json)"
operator desk list --json | jq -e '.accounts[0].name == "anna"' >jq.out || die 'accounts'
ok 'rows go on'

# a second and a third one
steps 10
operator log archive --to b.log --keep 3 >archive.out || die "$(cat archive.out)"
expect 'for people' '^Entries [0-9]* to [0-9]* are in .b.log. .mode 0600.' archive.out
sleep 1.1
operator log archive --to c.log --before "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >archive.out || die "$(cat archive.out)"
intact 'three files' '.archivesProved' c.log a.log b.log
steps 4
intact 'and on' '.archivesProved' a.log b.log c.log
operator log --verify --archive a.log --archive b.log --archive c.log >verify.out
expect 'said to people' '^The log is intact: [0-9]* entries, of which [0-9]* were archived and are in these files' verify.out

bad() { # WHAT SENTENCE FILE...
	local what=$1 sentence=$2 files=()
	shift 2
	for f in "$@"; do files+=(--archive "$f"); done
	refuse "$what" operator log --verify "${files[@]}"
	grep -q "$sentence" refused.out || die "$what: $(cat refused.out)"
}
bad 'one is missing in the middle' 'is in none of the files' a.log c.log
bad 'the first is missing' 'entry 1, which was archived, is in none' b.log c.log
bad 'the last is missing' 'is in none of the files' a.log b.log
bad 'one is there twice' 'and in another file' a.log a.log b.log c.log
bad 'no file' 'not found' a.log b.log nowhere
sed '3s/"actor":"[^"]*"/"actor":"x"/' b.log >changed.log
cmp -s b.log changed.log && die 'nothing was changed'
bad 'an entry was changed' 'changed.log. is not what was written' a.log changed.log c.log
sed 3d b.log >shorter.log
bad 'an entry was left out' 'shorter.log. is not what was written' a.log shorter.log c.log
sed '$d' b.log >unsealed.log
bad 'the seal is missing' 'is not what was written' a.log unsealed.log c.log
{ cat b.log; echo '{}'; } >longer.log
bad 'something behind the end' 'is not what was written' a.log longer.log c.log
head -c 700 b.log >cut.log
bad 'a file that was cut' 'is not what was written' a.log cut.log c.log
"$bin/twinkey-operator" init --dir other >init.out
"$bin/twinkey-operator" policy --dir other --first-asks on >policy.out
"$bin/twinkey-operator" policy --dir other --first-asks off >policy.out
"$bin/twinkey-operator" log archive --dir other --to other.log --keep 1 >archive.out
bad 'of another operator' 'of another operator' other.log

# what somebody does to the database shows
spoil() { # WHAT SQL
	cp -a "$op" "$work/saved"
	sqlite3 "$op/operator.db" "DROP TRIGGER IF EXISTS log_stay; DROP TRIGGER IF EXISTS log_keep; $2" || die "$1: sqlite3"
	refuse "$1" operator log --verify
	rm -rf "$op"
	mv "$work/saved" "$op"
}
spoil 'the anchor is gone' 'DELETE FROM log_anchor'
spoil 'the anchor is moved' 'UPDATE log_anchor SET seq = seq - 1'
spoil 'an entry behind the anchor is gone' 'DELETE FROM log WHERE seq = (SELECT seq + 1 FROM log_anchor)'
spoil 'an entry that stayed was changed' "UPDATE log SET to_state = 'ACTIVE' WHERE seq = (SELECT min(seq) FROM log WHERE subscriber > 0)"
spoil "a subscriber's last entry is gone" 'DELETE FROM log WHERE seq IN (SELECT log_seq FROM subscriber WHERE id = 2)'
ok 'the database is what was written, or it shows'

# what has run out leaves: by a command, and while a server works
pending() { sqlite3 "$op/operator.db" 'SELECT count(*) FROM pending'; }
operator auc vector --imsi 001010000000003 >vector.out
operator auc vector --imsi 001010000000003 >vector.out
old() { sqlite3 "$op/operator.db" 'UPDATE pending SET made = 1, expires = 2'; }
old
operator tidy --json >tidy.json
jq -e '.challenges == 2 and .grants == 0' tidy.json >jq.out || die "$(cat tidy.json)"
[ "$(pending)" = 0 ] || die 'challenges are left'
operator tidy >tidy.out
expect 'for people' '^Out of the databases: 0 challenges' tidy.out
operator auc vector --imsi 001010000000003 >vector.out
old
background serve "$bin/twinkey-operator" serve --dir "$op" --socket op.sock
serve=$last
none_pending() { [ "$(pending)" = 0 ]; }
wait_for 10 'a server that tidies' none_pending
stop "$serve"
ok 'what has run out leaves'

# killed anywhere: in one place or in both
steps 30
python3 - "$bin/twinkey-operator" "$op" "$work" <<'PY' || die 'a kill'
import json, os, random, shutil, signal, subprocess, sys, time
program, op, work = sys.argv[1:]
random.seed(1)
def run(*a): return subprocess.run([program, *a, "--dir", op, "--json"], capture_output=True, text=True)
files = ["a.log", "b.log", "c.log"]
states = {"none": 0, "both": 0, "moved": 0}
def entries():
    return {e["seq"] for e in json.loads(run("log").stdout)["log"]}
def in_files(names):
    return {json.loads(l)["seq"] for n in names for l in open(f"{work}/{n}").read().splitlines()[1:-1]}
top = max(entries())
for turn in range(40):
    name = f"k{turn}.log"
    run("subscriber", "suspend", "--imsi", "001010000000003")
    run("subscriber", "resume", "--imsi", "001010000000003")
    top = max(entries())
    p = subprocess.Popen([program, "log", "archive", "--to", f"{work}/{name}", "--keep", "1", "--dir", op], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(random.random() * 0.03)
    p.send_signal(signal.SIGKILL)
    p.wait()
    args = [x for f in files for x in ("--archive", f"{work}/{f}")]
    verdict = run("log", "--verify", *args)
    there = os.path.exists(f"{work}/{name}")
    if verdict.returncode == 0:  # nothing has left
        states["both" if there else "none"] += 1
        if there:
            os.remove(f"{work}/{name}")
    else:
        assert there, verdict.stdout
        files.append(name)
        args += ["--archive", f"{work}/{name}"]
        verdict = run("log", "--verify", *args)
        assert verdict.returncode == 0, verdict.stdout
        states["moved"] += 1
    have = entries() | in_files(files)
    assert set(range(1, top + 1)) <= have, sorted(set(range(1, top + 1)) - have)
    for f in os.listdir(work):
        if f.startswith(f"{name}."):
            os.remove(f"{work}/{f}")
print("killed 40 times:", states)
assert states["none"] and states["moved"]
PY
ok 'killed on the way, no entry is lost'
