#!/bin/bash
# run -- COMMAND: a PC/SC service of one's own beside a command. Strangers find the cards, each by the name of its
# reader; the exit codes are env's and timeout's; bad input has one line; and however it ends, nothing is left.
# runs: user, root
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need pcscd opensc-tool tshark python3
start_work
cd "$work" || exit 1
umask 077
PATH=$bin:/usr/bin:/bin # no sbin: that is where pcscd is
mkdir places
export TMPDIR=$work/places
unset XDG_RUNTIME_DIR TWINKEY_READER
make_sim() { # NUMBER: a card in the folder simN, whose key is in simN.txt
	# 3GPP TS 35.208 test set 1: published test keys
	printf 'imsi = 0010101234567%02d\niccid = 890001234567890123%02d\nk = %s\nopc = %s\n' "$1" "$1" \
		465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf >"sim$1.txt"
	twinkey-card create --dir "sim$1" --profile "sim$1.txt" >/dev/null
}
nothing_left() { [ -z "$(ls -A places)" ] && ! pgrep -f "$work/places" >/dev/null; }
check_nothing_left() { # WHAT
	nothing_left || wait_for 5 "$1: what is left to go" nothing_left
}
beside() { # CODE WORDS OPTION... -- COMMAND...: ends with the code; standard error has one line, with the words, or none
	local code=$1 words=$2 status=0
	shift 2
	twinkey-card run "$@" >out 2>err || status=$?
	[ $status = "$code" ] || { cat out err >&2; die "run $*: exit code $status, not $code"; }
	if [ -z "$words" ]; then
		[ ! -s err ] || { cat err >&2; die "run $*: says something"; }
	else
		grep -q -- "$words" err || { cat err >&2; die "run $*: does not say '$words'"; }
		[ "$(wc -l <err)" = 1 ] || { cat err >&2; die "run $*: says more than a line"; }
	fi
	check_nothing_left "run $*"
}
for i in 1 2; do make_sim $i; done
ls -la /run/pcscd >run.before 2>&1 || true

beside 0 '' --dir sim1 -- opensc-tool -r 0 -a
grep -q '^3b:' out || die "the ATR: $(cat out)"
[ "$(wc -l <out)" = 1 ] || die 'the output is not the command'\''s alone'
times=20
for ((i = 1; i <= times; i++)); do
	beside 0 '' --dir sim1 -- opensc-tool -r 0 -a
	grep -q '^3b:' out || die "time $i: $(cat out)"
done
ok "a stranger finds the card, $times of $times times"

beside 7 '' --dir sim1 -- sh -c 'cat; exit 7' <<<'what comes in'
grep -qx 'what comes in' out || die 'standard input is not the command'\''s'
(umask 027; ulimit -c 0; beside 0 '' --dir sim1 -- sh -c 'umask; ulimit -c; trap') || exit 1
[ "$(head -n 1 out)" = 0027 ] || die "the command's umask is $(head -n 1 out)"
beside 127 'no-such-program: not found' --dir sim1 -- no-such-program
mkdir closed && chmod 000 closed # a folder of PATH that cannot be entered hides nothing
PATH=$work/closed:$PATH beside 127 'no-such-program: not found' --dir sim1 -- no-such-program
rmdir closed
beside 127 'there/none: not found' --dir sim1 -- there/none
beside 126 './sim1.txt: permission denied' --dir sim1 -- ./sim1.txt
beside 137 '' --dir sim1 -- sh -c 'kill -KILL $$'
beside 143 '' --dir sim1 -- sh -c 'kill -TERM $$'
beside 124 '' --dir sim1 --timeout 1 -- sleep 60
beside 137 '' --dir sim1 --timeout 1 -- sh -c 'trap "" TERM; while :; do sleep 0.2; done'
beside 125 "no card in 'nowhere'" --dir nowhere -- true
mkdir bad
beside 125 'bad' --dir bad -- true
# what stands behind -- is the command's alone
beside 125 "no card in 'nowhere'" --dir nowhere -- twinkey info --json
for ((i = 1; ; i++)); do # a service that has just begun ends at once, and not after the patience with one that hangs
	start=${EPOCHREALTIME//[!0-9]/}
	beside 125 "no card in 'nowhere'" --dir nowhere -- true
	[ $((${EPOCHREALTIME//[!0-9]/} - start)) -ge 1500000 ] || break
	[ $i -lt 10 ] || die 'the end of a service that has just begun takes two seconds'
done
# shellcheck disable=SC2016 # the command's shell's
TWINKEY_READER_2=old PCSCLITE_FILTER_IGNORE_READER_NAMES=Virtual beside 0 '' --dir sim1 -- sh -c 'echo "${TWINKEY_READER_2-none}"; opensc-tool -r 0 -a'
[ "$(head -n 1 out)" = none ] || die 'a reader of another run'
ln -s sim1 same
beside 125 'same: this card is given twice' --dir sim1 --card same -- true
beside 125 "the folder 'nowhere' is not there" --dir sim1 --log nowhere/log -- true
beside 125 'sim1.txt: a file is there already' --dir sim1 --log sim1.txt -- true
mkfifo fifo
head -c 10 fifo >/dev/null &
beside 125 '--trace fifo: the connection was closed' --dir sim1 --trace fifo -- sh -c 'twinkey info >/dev/null'
python3 - >out 2>err <<'END' || die "seccomp: $(cat out err)"
import ctypes, os, sys
c = ctypes.CDLL("libseccomp.so.2")
c.seccomp_init.restype = ctypes.c_void_p
f = ctypes.c_void_p(c.seccomp_init(0x7fff0000))  # SCMP_ACT_ALLOW, and ERRNO(EPERM)
for name in b"seccomp", b"prctl":
    if c.seccomp_rule_add(f, 0x00050001, c.seccomp_syscall_resolve_name(name), 0): sys.exit("no rule")
if c.seccomp_load(f): sys.exit("no filter")
sys.exit(os.spawnlp(os.P_WAIT, "twinkey-card", "twinkey-card", "run", "--dir", "sim1", "--", "true") != 125)
END
{ grep -q 'allows no seccomp filter' err && [ "$(wc -l <err)" = 1 ]; } || die "seccomp: $(cat err)"
check_nothing_left 'no seccomp'
for wrong in '--dir sim1 --vscard x -- true' '--dir sim1 --nfc x -- true' '--card sim1' '--dir sim1 --log x' '-- true' \
	'--dir sim1 --card sim2 --anchor x -- true' '--dir sim1 --port 0 -- true'; do
	status=0
	# shellcheck disable=SC2086 # words
	twinkey-card run $wrong >out 2>err || status=$?
	[ $status = 2 ] || die "run $wrong: exit code $status"
done
[ "$(cat run.before)" = "$(ls -la /run/pcscd 2>&1)" ] || die '/run/pcscd is not as it was'
ok 'exit codes, and a line for what is wrong'

twinkey-card run --card sim1 --card sim2 --trace two.pcapng -- sh -c '
	for i in 1 2; do
		reader=$(printenv TWINKEY_READER_$i)
		twinkey info --json --reader "name=$reader" | jq -r .iccid
		twinkey auth --reader "name=$reader" --key-file sim$i.txt | tail -n 1
	done
	opensc-tool -l | grep -c Yes
	[ "$TWINKEY_READER" = "$TWINKEY_READER_1" ]' >out 2>err || { cat out err; die 'two cards'; }
[ "$(sed -n 1p out | head -c 18)" = 890001234567890123 ] || die "$(cat out)"
[ "$(grep -c 'is the expected one' out)" = 2 ] || die "$(cat out)"
[[ $(sed -n 1p out) = 89000123456789012301* && $(sed -n 3p out) = 89000123456789012302* ]] || die "which card is where: $(cat out)"
[ "$(tail -n 1 out)" = 2 ] || die "$(cat out)"
[ "$(stat -c %a two.pcapng)" = 600 ] || die 'the trace is for everybody'
tshark -r two.pcapng -T fields -e frame.interface_name >interfaces 2>/dev/null
[ "$(sort -u interfaces | paste -s -d ,)" = 'card 1,card 2' ] || die "the trace has $(sort -u interfaces)"
tshark -r two.pcapng -V >packets 2>/dev/null
grep -q 'masked: keys' packets || die 'no keys were masked'
refuse 'a trace that is there is kept' twinkey-card run --dir sim1 --trace two.pcapng -- true
beside 0 '' --dir sim1 --trace two.pcapng --force -- opensc-tool -r 0 -s 00A40004023F00
tshark -r two.pcapng >packets 2>/dev/null
grep -q SELECT packets || die 'what a stranger sent is not in the trace'
ok 'two cards, each in the reader that is told; a trace of both'

for i in $(seq 3 16); do make_sim "$i"; done
cards=() readers=()
for i in $(seq 16); do cards+=(--card "sim$i") readers+=("$i"); done
twinkey-card run "${cards[@]}" -- bash -c '
	twinkey-card run --dir nowhere -- true 2>/dev/null # of a service of its own
	for i in '"${readers[*]}"'; do
		name=TWINKEY_READER_$i
		twinkey auth --reader "name=${!name}" --key-file sim$i.txt >auth$i.out 2>&1 &
		pids+=($!)
	done
	for p in "${pids[@]}"; do wait $p || exit 1; done
	grep RssAnon /proc/$PPID/status' >out 2>err || { cat out err auth*.out; die '16 cards'; }
[ "$(grep -l 'is the expected one' auth*.out | wc -l)" = 16 ] || die "$(cat auth*.out)"
many=$(awk '{ n += $2 } END { print n }' out)
twinkey-card run --dir sim1 -- sh -c 'twinkey auth --key-file sim1.txt >/dev/null; grep RssAnon /proc/$PPID/status' >out
one=$(awk '{ n += $2 } END { print n }' out)
each=$(((many - one) / 15))
[ $each -le 8192 ] || die "a further card takes $each kB"
ok "16 cards at once authenticate; a further one takes $each kB"
check_nothing_left '16 cards'

# Two at once, of which neither knows the other; the same card is refused.
background first twinkey-card run --dir sim1 -- sh -c 'opensc-tool -r 0 -a && touch first.there && while [ ! -e second.done ]; do sleep 0.05; done'
first=$last
wait_for 5 'the first' test -e first.there
twinkey-card run --dir sim2 -- opensc-tool -r 0 -a >out || die 'the second at once'
status=0
twinkey-card run --dir sim1 -- true 2>err || status=$?
[ $status = 125 ] && grep -q "sim1 (process $first): another process uses it" err || die "exit $status: $(cat err)"
touch second.done
wait "$first" || die 'the first at once'
check_nothing_left 'two at once'
ok 'two at once'

# However and whenever it ends. A signal that comes by kill reaches the command once; one of a terminal too, which
# the terminal sends.
python3 - "$work" <<'END' || die 'signals'
import fcntl, os, pty, random, signal, subprocess, sys, time
work = sys.argv[1]
random.seed(20)
def left():
    return os.listdir(work + "/places") or subprocess.run(["pgrep", "-f", work + "/places"], capture_output=True).stdout
def gone(what):
    end = time.time() + 5
    while left():
        if time.time() > end: sys.exit(f"{what}: {left()} is left")
        time.sleep(0.01)
codes = {}
for i in range(60):  # in any phase
    n = random.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
    p = subprocess.Popen(["twinkey-card", "run", "--dir", "sim1", "--", "sleep", "60"], stderr=subprocess.DEVNULL)
    time.sleep(random.random() * 0.08)
    p.send_signal(n)
    try: code = p.wait(5)
    except subprocess.TimeoutExpired: sys.exit(f"{n.name}: it goes on")
    if code not in (130, 128 + n, -n): sys.exit(f"{n.name}: exit code {code}")
    codes[code] = codes.get(code, 0) + 1
    gone(n.name)
print("signals in any phase:", codes)
count = "trap 'echo INT >>signals' INT; echo ready; for i in 1 2 3 4 5 6; do sleep 0.3; done; exit 9"
for how in ("terminal", "kill"):
    if os.path.exists("signals"): os.unlink("signals")
    pid, fd = pty.fork()
    if pid == 0: os.execvp("twinkey-card", ["twinkey-card", "run", "--dir", "sim1", "--", "sh", "-c", count])
    text = b""
    while b"ready" not in text: text += os.read(fd, 100)
    if how == "terminal": os.write(fd, b"\x03")
    else: os.kill(pid, signal.SIGINT)
    try:
        while os.read(fd, 100): pass
    except OSError: pass
    _, status = os.waitpid(pid, 0)
    if os.waitstatus_to_exitcode(status) != 9: sys.exit(f"{how}: exit code {status}")
    got = open("signals").read().count("INT")
    if got != 1: sys.exit(f"{how}: the command got {got} signals")
    gone(how)
p = subprocess.Popen(["twinkey-card", "run", "--dir", "sim1", "--", "sh", "-c", "echo ready; exec sleep 3"], stdout=subprocess.PIPE)
p.stdout.readline()
p.kill(); p.wait()
gone("SIGKILL")

# What is not its command's alone: the end of a terminal, of which the kernel tells the session's leader; Ctrl-C for who
# has a group of his own; and SIGINT that ends the command ends a shell's loop, for which no exit code is enough.
def on_terminal(command, act, want):
    pid, fd = pty.fork()
    if pid == 0: os.execvp("twinkey-card", ["twinkey-card", "run", "--dir", "sim1", "--", *command])
    text = b""
    while b"ready" not in text: text += os.read(fd, 100)
    act(fd)
    end = time.time() + 5
    while not (ended := os.waitpid(pid, os.WNOHANG))[0]:
        if time.time() > end: os.kill(pid, signal.SIGKILL); sys.exit(f"{command}: it goes on")
        time.sleep(0.01)
    if os.waitstatus_to_exitcode(ended[1]) != want: sys.exit(f"{command}: {os.waitstatus_to_exitcode(ended[1])}")
    gone(command)
ctrl_c = lambda fd: os.write(fd, b"\x03")
on_terminal(["sh", "-c", "echo ready; exec sleep 60"], os.close, 128 + signal.SIGHUP)
on_terminal(["sh", "-c", "echo ready; exec sleep 60"], ctrl_c, -signal.SIGINT)
on_terminal(["python3", "-c", "import os, signal; os.setpgid(0, 0); print('ready', flush=True); signal.pause()"], ctrl_c, -signal.SIGINT)

# What it was started with: signals that are blocked or ignored stay so for the command, and do no harm to itself.
def started_with(prepare, command, *options):
    p = subprocess.Popen(["twinkey-card", "run", "--dir", "sim1", *options, "--", *command], stdout=subprocess.PIPE, text=True, preexec_fn=prepare)
    try: return p.communicate(timeout=10)[0], p.returncode
    except subprocess.TimeoutExpired: p.kill(); sys.exit(f"{command} {options}: it goes on")
def block(): signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD, signal.SIGALRM])
def ignore():
    for n in signal.SIGCHLD, signal.SIGINT, signal.SIGUSR1: signal.signal(n, signal.SIG_IGN)
# without 32 and 33, which the C library has for itself
status = ["python3", "-c", "import re; print([hex(int(x, 16) & ~0x180000000) for x in re.findall('Sig(?:Blk|Ign):\\\\s*(.*)', open('/proc/self/status').read())])"]
for prepare in block, ignore:
    want = subprocess.run(status, preexec_fn=prepare, stdout=subprocess.PIPE, text=True).stdout
    if started_with(prepare, status) != (want, 0): sys.exit(f"{prepare}: the command has other signals, not {want}")
if started_with(block, ["sleep", "60"], "--timeout", "1")[1] != 124: sys.exit("--timeout with SIGALRM blocked")

# Nobody reads the trace: what is said of the time holds
full = os.open("fifo", os.O_RDWR)
fcntl.fcntl(full, 1031, 4096)  # F_SETPIPE_SZ
p = subprocess.run(["twinkey-card", "run", "--dir", "sim1", "--timeout", "1", "--trace", "fifo", "--", "twinkey", "test-card"],
    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=20)
if p.returncode != 124: sys.exit(f"a trace that nobody reads: exit code {p.returncode}, {p.stderr}")
os.close(full)
gone("a trace that nobody reads")

def children(pid): return [int(n) for n in subprocess.run(["pgrep", "-P", str(pid)], stdout=subprocess.PIPE).stdout.split()]
def is_over(pid):
    try: return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError): return True
for who in "keeper", "pcscd":  # killed, the command goes on without readers
    p = subprocess.Popen(["twinkey-card", "run", "--dir", "sim1", "--", "sh", "-c", "echo ready; read line; exit 4"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdout.readline()
    keeper = next(n for n in children(p.pid) if children(n))
    pcscd = children(keeper)[0]
    os.kill(keeper if who == "keeper" else pcscd, signal.SIGKILL)
    while not is_over(pcscd): time.sleep(0.01)
    said = p.communicate(b"\n")[1]
    if p.returncode != 4 or said.count(b"\n") != 1 or b"pcscd ended while the command ran" not in said: sys.exit(f"{who}: {p.returncode}, {said}")
    gone(who)
END
ok 'signals, of a terminal and by kill, in any phase; nothing is left, not after SIGKILL either'
ok 'what it was started with; a trace that nobody reads; a service that is killed'
