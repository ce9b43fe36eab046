#!/bin/bash
# Every option that names where output or a socket goes, at what is no place for it or no file of ours: it is written to
# or refused, and stays what it is. Root tries it on devices of its own, for nothing else would notice a wrong mode.
# runs: user root
. "$(dirname "$0")/lib.sh"
need jq mkfifo
if [ "$(id -u)" = 0 ] && [ -z "${OUTPUTS_INSIDE:-}" ]; then
	unshare --mount true 2>/dev/null || skip 'root may not make namespaces here'
	OUTPUTS_INSIDE=1 exec unshare --mount -- bash "$0"
fi
start_work
PATH=$bin:$PATH
cd "$work" || exit 1
null=/dev/null
full=/dev/full
mkdir places
if [ "$(id -u)" = 0 ]; then
	mount --no-mtab -t tmpfs -o mode=755 tmpfs places # in this namespace alone
	trap 'umount -n "$work/places"; cleanup' EXIT
	mknod -m 666 places/null c 1 3
	mknod -m 666 places/full c 1 7
	null=places/null
	full=places/full
	: >places/theirs
	chown 65534 places/theirs
	chmod 644 places/theirs
else
	ln -s /etc/passwd places/theirs
fi
twinkey-card create --dir card >/dev/null
twinkey-operator init --dir op --import-pki card/pki >/dev/null
imsi=001010000000001
twinkey-operator subscriber add --dir op --imsi1 $imsi --imsi2 001010000000002 >/dev/null
twinkey-operator profile prepare --dir op --imsi $imsi --out upp.der >/dev/null
mkdir places/folder
mkdir -m 500 places/closed
long=$(printf 'a%.0s' {1..300})
mkfifo places/fifo
ln -s gone places/nowhere
echo precious >places/file
echo precious >target
ln -s "$work/target" places/link
look() { stat -c '%n %F %a %u' "$null" places places/* /dev/null /dev/full /etc/passwd | sort; }
look >before
same() { look | diff before - >diff.out || die "$1: $(cat diff.out)"; }

enroll() { twinkey-operator factor enroll --dir op --imsi $imsi --out "$1"; }
sim_file() { twinkey-operator subscriber sim-file --dir op --imsi $imsi --out "$1"; }
export_json() { twinkey profile export upp.der -o "$1"; }
build_der() { twinkey profile build upp.json -o "$1"; }
build_from() { twinkey profile build "$1" -o -; }
trace() { twinkey info --reader card:card --trace "$1"; }
add=13
prepare() { # a subscriber anew each time: a profile is prepared once
	twinkey-operator subscriber add --dir op --imsi1 0010100000001$add --imsi2 0010100000002$add >added
	twinkey-operator profile prepare --dir op --imsi 0010100000001$((add++)) --out "$1"
}
says() { # WORDS COMMAND...: it fails with these words
	local words=$1
	shift
	if "$@" >out 2>err; then die "$*: not refused"; fi
	grep -qF -- "$words" err || die "$*: $(cat err)"
}
export_json upp.json >/dev/null

# a generator is given up for one that the user gets
enroll first >out
cp op/operator.db was
says 'no space is left' enroll $full
cmp -s op/operator.db was || die "a second factor is lost with one that nobody got"
enroll second >out
if cmp -s op/operator.db was; then die 'an enrolment changes nothing'; fi
grep -q "is in 'second' (mode 0600)" out || die "enroll: $(cat out)"
enroll $null >out
! grep -q 'mode 0600' out || die "a device of mode 0600: $(cat out)"

# who waits for the other end of a FIFO says so, and can be stopped
for command in 'export_json places/fifo' 'build_from places/fifo'; do
	# shellcheck disable=SC2086 # two words
	: >err
	bash -c "$(declare -f export_json build_from | sed 's/^ *twinkey/exec twinkey/'); $command" >out 2>err &
	pids+=($!)
	wait_for 20 "the word of $command" grep -q 'waiting for somebody who .* the FIFO' err
	stop $!
done

for command in enroll sim_file export_json build_der trace prepare; do
	"$command" $null >out 2>err || die "$command into a device: $(cat err)"
	same "$command into a device"
	cat places/fifo >got &
	reader=$!
	"$command" places/fifo >out 2>err || die "$command into a FIFO: $(cat err)"
	wait $reader
	[ -s got ] || die "$command writes nothing into a FIFO"
	same "$command into a FIFO"
	for place in folder nowhere theirs; do
		if "$command" places/$place >out 2>err; then die "$command into $place"; fi
		grep -qE 'is no file|another user' err || die "$command into $place: $(cat err)"
		same "$command into $place"
	done
	"$command" - >content 2>err || die "$command into standard output: $(cat err)"
	[ -s content ] || die "$command writes nothing to standard output"
	if grep -aqE 'secret is in|written|holds K1|chip info|Activation' content; then die "$command: words are in its output"; fi
	same "$command into standard output"
	says 'no space is left' "$command" $full
	says "the folder 'places/gone' is not there: make it, or name another" "$command" places/gone/new
	says "'places/file' is no folder: name another" "$command" places/file/new
	says 'the name of the file is too long' "$command" "places/$long"
	says 'the name of the file is empty' "$command" ''
	[ "$(id -u)" = 0 ] || says "may not make a file in the folder 'places/closed'" "$command" places/closed/new
	same "$command into what takes no file"
	"$command" /dev/stderr >out 2>content || die "$command into standard error: $(tail -c 200 content)"
	[ -s content ] || die "$command writes nothing to standard error"
	case $command in
	enroll | sim_file | trace)
		if "$command" places/link >out 2>err; then die "$command replaces a file"; fi
		grep -q 'already' err || die "$command: $(cat err)"
		[ "$(cat target)" = precious ] || die "$command replaces a file"
		;;
	*)
		"$command" places/link >out 2>err || die "$command through a link: $(cat err)"
		! grep -qx precious target || die "$command does not follow a link"
		echo precious >target
		;;
	esac
	same "$command through a link"
	ok "$command: device, FIFO, folder, links, another user's file, standard output"
done
jq -e . upp.json >/dev/null || die 'the export is no JSON'

# a trace: an old file stays, but with --force; standard output is a capture and nothing else
if trace places/file >out 2>err; then die 'a trace replaces a file'; fi
grep -q -- '--force' err || die "a trace on a file: $(cat err)"
[ "$(cat places/file)" = precious ] || die 'a trace replaces a file'
twinkey info --reader card:card --trace places/file --force >out
[ "$(head -c 4 places/file | od -An -tx1 | tr -d ' ')" = 0a0d0d0a ] || die '--force does not begin a capture'
twinkey info --reader card:card --json --trace - >capture 2>words
[ "$(head -c 4 capture | od -An -tx1 | tr -d ' ')" = 0a0d0d0a ] || die '--trace - is no capture'
if grep -aq '"atr"' capture; then die '--trace -: words are in the capture'; fi
jq -e .atr words >/dev/null || die "--trace -: the answer is not on standard error: $(cat words)"
ok 'traces'

# folders
for place in plain to-null; do
	case $place in plain) echo precious >places/plain ;; to-null) ln -s /dev/null places/to-null ;; esac
	says 'is there and is no folder: choose another --dir' twinkey-card create --dir places/$place
	says 'is there and is no folder: choose another --dir' twinkey-operator init --dir places/$place
	says 'something is there already: choose another name' twinkey-card create --dir new --anchor places/$place
done
says "the folder 'places/gone' is not there" twinkey-card create --dir places/gone/card
says "the folder 'places/gone' is not there" twinkey-card create --dir new --anchor places/gone/anchor
says 'the name of the folder is empty' twinkey-card create --dir ''
rm places/plain places/to-null
[ ! -e new ] || die 'a card is there whose anchor is not'
ok 'folders'

# sockets
echo precious >places/plain
ln -s plain places/to-plain
look >before
for place in plain to-plain folder fifo null; do
	[ -e places/$place ] || continue
	for command in serve 'auc serve'; do
		# shellcheck disable=SC2086 # two words
		says 'something is there that is no socket: choose another path' timeout 10 \
			twinkey-operator $command --dir op --socket places/$place
		same "$command at $place"
	done
done
[ "$(cat places/plain)" = precious ] || die 'a file is lost'
background first twinkey-operator serve --dir op --socket op.sock
first=$last
wait_for 10 'the server' test -S op.sock
refuse 'two servers at one socket' twinkey-operator serve --dir op --socket op.sock
refuse 'an AuC at the socket of a server' twinkey-operator auc serve --dir op --socket op.sock
[ -S op.sock ] || die "the first one's socket is gone"
rm op.sock
background second twinkey-operator serve --dir op --socket op.sock
wait_for 10 'the second server' test -S op.sock
stop $first
[ -S op.sock ] || die "the end of a server removes another's socket"
stop "$last"
[ ! -e op.sock ] || die 'a socket is left'
ok 'sockets'
