#!/bin/bash
# A profile whose installation nobody has reported, as after an LPA that leaves its notifications on the card (lpac does):
# run and release deliver them and have the key, in both modes.
. "$(dirname "$0")/lib.sh"
need perl jq
start_work
cd "$work"
umask 077
export TWINKEY_PIN=1234
operator() { "$bin/twinkey-operator" "$@" --dir op; }
reader=card:card
twinkey() { "$bin/twinkey" "$@" --reader "$reader"; }

"$bin/twinkey-card" create --dir card >create.out
operator init --import-pki card/pki >init.out
operator subscriber add --imsi1 001010000000001 --imsi2 001010000000002 >add.out
code=$(operator profile prepare --imsi 001010000000001 --json | jq -r .activationCode)
background serve "$bin/twinkey-operator" serve --dir op --socket op.sock
wait_for 10 'the server' test -S op.sock
# The way there for the LPA: all but what tells the manager of the installation.
# shellcheck disable=SC2016 # it is Perl
background way perl -MIO::Socket::UNIX -MIO::Select -e '
	my $l = IO::Socket::UNIX->new(Local => "way.sock", Listen => 5) or die;
	while (my $c = $l->accept) {
		my $s = IO::Socket::UNIX->new(Peer => "op.sock") or die;
		my $both = IO::Select->new($c, $s);
		LINK: while (my @ready = $both->can_read) {
			for my $from (@ready) {
				last LINK unless sysread $from, my $octets, 65536;
				last LINK if $from == $c && $octets =~ /handleNotification/;
				syswrite $from == $c ? $s : $c, $octets;
			}
		}
	}'
wait_for 10 'the way to the server' test -S way.sock
twinkey profile download --yes --operator unix:way.sock "$code" >download.log 2>&1 || die 'download'
expect 'the report stays on the card' 'a notification stays on the card' download.log
iccid=$(twinkey profile list --json | jq -r '.profiles[0].iccid')
twinkey profile enable "$iccid" >enable.log 2>&1 || die 'enable'
via=(--operator unix:op.sock)
twinkey run "${via[@]}" --no-wait >run.log 2>&1 && die 'the second factor was not asked'
operator factor approve --imsi 001010000000001 --agent 'desk 4' --evidence 'passport seen' >approve.out
cp -r op op.before
cp -r card card.before

twinkey run "${via[@]}" --no-wait >run.log 2>&1 || die 'run'
expect 'run delivers the report and has the key' 'The card has full access' run.log
operator profile list >list.log
expect 'the manager knows of the installation' "$iccid +Installed" list.log
twinkey notification list >waiting.log
expect 'and nothing waits any more' 'No notification waits' waiting.log

stop "${pids[0]}"
rm -rf op card
mv op.before op
mv card.before card
background again "$bin/twinkey-operator" serve --dir op --socket op.sock
wait_for 10 'the server again' grep -q Ready again.log
twinkey release "${via[@]}" >release.log 2>&1 || die 'release'
expect 'so does release' '^Released' release.log

# two profiles: the first is loaded so, and the operator opens the second one's code
operator subscriber add --imsi1 001010000000003 --imsi2 001010000000004 >add.out
code=$(operator profile prepare --imsi 001010000000003 --two-profiles --sealed-out sealed.txt --json | jq -r .activationCode)
"$bin/twinkey-card" create --dir card2 --pki op/pki >create.out
background card "$bin/twinkey-card" run --dir card2 --port 18471 --no-kra
reader=vpcd:18471
twinkey profile download --yes --operator unix:way.sock "$code" >download.log 2>&1 || die 'download of the first of two'
iccid=$(twinkey profile list --json | jq -r '.profiles[0].iccid')
twinkey profile enable "$iccid" >enable.log 2>&1 || die 'enable the first of two'
twinkey run "${via[@]}" --no-wait --sealed-code sealed.txt >run.log 2>&1 && die 'the second factor was not asked'
expect 'the first of two attaches' 'limited access' run.log
operator factor approve --imsi 001010000000003 --agent 'desk 4' --evidence 'passport seen' >approve.out
twinkey run "${via[@]}" --no-wait --sealed-code sealed.txt >run.log 2>&1 || die 'run with two profiles'
expect 'with two profiles too' 'The card has full access' run.log
