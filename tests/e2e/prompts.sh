#!/bin/bash
# What a person sees and types on a terminal: the PIN once for the whole way, Ctrl-C at each place that waits, the
# question of profile download, and the question of scripts/bootstrap.
. "$(dirname "$0")/lib.sh"
need script jq oathtool
start_work
PATH=$bin:$PATH
cd "$work" || exit 1
unset TWINKEY_PIN TWINKEY_CONFIRMATION_CODE
imsi1=001010000000001 ctrl_c=$'\003'

# One terminal at a time: what it shows is in screen, what is typed goes to descriptor 7.
terminal() { # COMMAND...
	rm -f keys screen
	mkfifo keys
	script -qefc "stty -echoctl; exec ${*@Q}" screen <keys >script.log 2>&1 &
	last=$!
	pids+=("$last")
	exec 7>keys
}
shows() { wait_for 20 "'$1' on the terminal" grep -qF -- "$1" screen; }
type_in() { printf '%s' "$1" >&7; }
ends() { # STATUS
	local status=0
	wait "$last" || status=$?
	exec 7>&-
	[ $status = "$1" ] || die "exit code $status, not $1: $(cat screen)"
}
count() { grep -oF -- "$1" screen | wc -l; }

twinkey-operator init --dir op >out
twinkey-operator subscriber add --dir op --imsi1 $imsi1 --imsi2 001010000000002 >out
twinkey-operator factor enroll --dir op --imsi $imsi1 --out totp >out
code=$(twinkey-operator profile prepare --dir op --imsi $imsi1 --json | jq -r .activationCode)
twinkey-card create --dir card --pki op/pki >out
background serve twinkey-operator serve --dir op --socket op.sock --keep-rejected
wait_for 10 'the operator' test -S op.sock
run=(twinkey run --reader card:card --operator unix:op.sock "$code")
tries() { twinkey-card inspect --dir card --json | jq '.profiles[0].pins[0].tries'; }

# asked before anything is installed
terminal twinkey profile download --reader card:card --operator unix:op.sock "$code"
shows 'Install'
type_in $'n\n'
ends 130
[ "$(twinkey profile list --reader card:card --json | jq '.profiles | length')" = 0 ] || die 'a no installs'
ok 'a no at the question of profile download'

terminal "${run[@]}"
shows 'PIN of the card (attempts left: 3)'
type_in "$ctrl_c"
ends 130
[ "$(tries)" = 3 ] || die 'Ctrl-C cost an attempt'
ok 'Ctrl-C at the PIN'

terminal "${run[@]}"
shows 'PIN of the card'
type_in $'1234\n'
shows 'waiting for the operator'
type_in "$ctrl_c"
ends 130
grep -q 'the card has limited access' screen || die 'Ctrl-C leaves the user in the dark'
if grep -q 1234 screen; then die 'the PIN was echoed'; fi
ok 'Ctrl-C while the second factor is waited for'

terminal "${run[@]}"
shows 'PIN of the card'
type_in $'1234\n'
shows 'waiting for the operator'
oathtool --totp --base32 "$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' totp)" |
	twinkey-operator factor approve --dir op --imsi $imsi1 --code-stdin >out
ends 0
grep -q 'The card has full access' screen || die 'no full access'
[ "$(count 'PIN of the card')" = 1 ] || die "the PIN was asked for $(count 'PIN of the card') times"
ok 'the whole way with one PIN, taken up again'

terminal twinkey auth --reader card:card --operator unix:op.sock
shows 'PIN of the card'
type_in $'9999\n'
ends 4
grep -q 'the PIN is wrong, attempts left: 2' screen || die 'a wrong PIN'
[ "$(count 'PIN of the card')" = 1 ] || die 'a wrong PIN was sent twice'
[ "$(tries)" = 2 ] || die 'a wrong PIN is not counted'
ok 'a wrong PIN'

# lists have heads where a person reads them, and none where a program does
terminal twinkey profile list --reader card:card
ends 0
head -n 3 screen | grep -qE '^ICCID +STATE +PROVIDER' || die "no heads: $(cat screen)"
terminal twinkey-operator subscriber list --dir op
ends 0
grep -qE '^ID +IMSI 1' screen || die "no heads: $(cat screen)"
twinkey profile list --reader card:card >out
[ "$(wc -l <out)" = 1 ] || die "heads for a program: $(cat out)"
ok 'lists on a terminal'

# bootstrap on a machine that lacks a package: a no installs nothing
mkdir fake
printf '#!/bin/sh\nexit 1\n' >fake/dpkg-query
printf '#!/bin/sh\necho called >>%q\n' "$work/apt" >fake/apt-get
printf '#!/bin/sh\n[ "$1" = env ] && shift 3\nexec "$@"\n' >fake/sudo
chmod +x fake/*
PATH=$work/fake:$PATH
terminal "$top/scripts/bootstrap"
shows 'Install them with apt-get? [Y/n]'
type_in $'n\n'
ends 1
grep -q 'nothing was installed' screen || die 'bootstrap does not say that it did nothing'
[ ! -e apt ] || die 'bootstrap installs after a no'
terminal "$top/scripts/bootstrap"
shows 'libssl-dev'
shows '[Y/n]'
type_in $'y\n'
ends 0
[ "$(wc -l <apt)" = 2 ] || die 'bootstrap does not install after a yes'
rm apt
"$top/scripts/bootstrap" >out 2>&1 </dev/null
[ -e apt ] || die 'bootstrap asks where nobody can answer'
ok 'bootstrap names what is missing, asks on a terminal, and does not without one'
