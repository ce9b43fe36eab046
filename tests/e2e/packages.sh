#!/bin/bash
# The Debian packages: lintian finds nothing, apt-get installs them in a clean Debian with what they depend on, README's
# card for CI works there for an ordinary user, the services do their work with the few rights that their units leave
# them, an upgrade keeps state and settings, and a purge leaves nothing.
# runs: root
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
debs=/debs # in the root
export TWINKEY_PIN=1234 # of a prepared profile: a test value
names='twinkey twinkey-card twinkey-operator libtwinkey1 libtwinkey-dev'
install() { # NAMES: by apt-get, which gets the rest from the archive
	for _ in 1 2; do
		# shellcheck disable=SC2048,SC2086 # names, without blanks
		if apt-get install -q -y $* >"$work/apt.log" 2>&1; then return 0; fi
		# the lists of packages may be those of yesterday
		apt-get update -q >"$work/update.log" 2>&1 || true
	done
	! grep -q '^E: Failed to fetch' "$work/apt.log" || skip "the archive is not in reach: $(grep -m 1 '^E: Failed' "$work/apt.log")"
	die "apt-get install $*"
}
of() { sed "s|[^ ]*|$debs/$1/&.deb|g" <<<"$names"; } # new|old: their files

as_user() { setpriv --reuid=1000 --regid=1000 --clear-groups env HOME=/home/user "$@"; }

# In a root without systemd: what a job of a CI does.
in_lean() {
	start_work
	chmod 755 "$work"
	install $debs/new/twinkey.deb $debs/new/twinkey-card.deb opensc
	! command -v systemctl || die 'a card needs systemd'
	twinkey-virtual-reader --check || die 'no virtual reader after the installation'
	ok 'a card and a reader without systemd'

	mkdir -m 755 "$work/home"
	sed -n '/^## A SIM for your CI/,/^## The way/p' "$top/README.md" | sed -n '/^```sh$/,/^```$/p' | grep -v '^```' >"$work/lines"
	[ -s "$work/lines" ] || die 'README.md has no lines for a CI'
	chown -R user "$work/home"
	(cd "$work/home" && as_user bash -exo pipefail "$work/lines") \
		>"$work/lines.log" 2>&1 || die "README's lines for a CI"
	expect "README's card for a CI" '^3b:' "$work/lines.log"
	[ "$(stat -c %U "$work/home/sim")" = user ] || die 'the card is not that of the user'

	# the example of its manual page
	(cd "$work/home" && as_user twinkey-virtual-reader -- sh -c 'twinkey-card run --dir sim >ready &
		until grep -q "in the reader" ready; do sleep 0.1; done; opensc-tool -r 0 -a; kill $!') >"$work/vpcd.log" 2>&1 ||
		die 'a card in a virtual reader'
	expect 'a card in a virtual reader' '^3b:' "$work/vpcd.log"

	install $debs/new/libtwinkey1.deb
	as_user $debs/own-program >"$work/own.out" || die 'the example of libtwinkey-dev'
	expect 'the example of libtwinkey-dev' '^lpa-test: EID [0-9]{32}, SGP.22 [0-9.]*: ok$' "$work/own.out"

	# without what is recommended: it says what is missing, one after the other
	apt-get purge -q -y pcscd vsmartcard-vpcd iproute2 >"$work/apt.log" 2>&1 || die 'apt-get purge'
	: >"$work/asked"
	for _ in 1 2 3; do
		twinkey-virtual-reader -- true >"$work/reader.log" 2>&1 && die 'a reader, and something is missing'
		mend=$(sed -n 's/^twinkey-virtual-reader: .*: apt-get install \([a-z0-9-]*\)$/\1/p' "$work/reader.log")
		twinkey-virtual-reader --check >"$work/check" && die 'a reader, and something is missing'
		grep -q "^skipped: .*: apt-get install $mend\$" "$work/check" || die "what is missing: $mend; $(cat "$work/check")"
		echo "$mend" >>"$work/asked"
		apt-get install -q -y --no-install-recommends "$mend" >"$work/apt.log" 2>&1 || die "apt-get install $mend"
	done
	sort "$work/asked" | diff <(printf '%s\n' iproute2 pcscd vsmartcard-vpcd) - || die 'what was said to be missing'
	twinkey-virtual-reader --check || die 'no virtual reader after what it asked for'
	ok 'what a virtual reader says to be missing'
}

# In a root with systemd, which runs or not.
everything() { find / -xdev \( -path /proc -o -path /run -o -path /tmp -o -path /var/log -o -path /var/cache -o -path /root \
	-o -path /var/lib/apt -o -path /systemd.log \) -prune -o -print | sort; }
of_operator() { runuser -u twinkey-operator -- "$@"; }
operator_state=/var/lib/twinkey-operator/operator
property() { systemctl show --value -p "$2" "$1" 2>/dev/null || true; } # nothing where systemd does not run
runs() { [ "$(property "$1" ActiveState)" = active ]; }
journal() { journalctl -q --no-pager -o cat -u "$1"; }
few_rights() { # UNIT: what the kernel says of its process
	local status
	status=/proc/$(property "$1" MainPID)/status
	for line in 'Seccomp:	2' 'NoNewPrivs:	1' 'CapBnd:	0000000000000000'; do
		grep -qxF "$line" "$status" || die "$1 has not $line: $(cat "$status")"
	done
	[ "$(sed -n 's/^VmLck:[^0-9]*\([0-9]*\) kB/\1/p' "$status")" -ge 256 ] || die "$1: the heap of keys is not locked"
	[ "$(property "$1" LimitCORE)" = 0 ] || die "$1 may leave a core"
	if journal "$1" | grep -iE 'permitted|permission|refused'; then die "$1 lacks a right"; fi
	ok "$1 runs with few rights"
}
attach() { # the card in $work/card with the first key, by what the server says
	twinkey auth --reader "card:$work/card" "$@" --json >"$work/auth.json" 2>"$work/auth.log" || die "no access by $*"
	grep -q "\"access\":\"limited\"" "$work/auth.json" || die "no limited access: $(cat "$work/auth.json")"
}
# What is not allowed kills, in this test: nothing goes wrong in silence.
strict() { # UNIT
	mkdir -p "/run/systemd/system/$1.d"
	printf '[Service]\nSystemCallErrorNumber=kill\n' >"/run/systemd/system/$1.d/strict.conf"
	systemctl daemon-reload
}
serve() { # the operator's service from nothing: init, subscriber, profile, card
	runs twinkey-operator && die 'the service runs before there is an operator'
	[ "$(property twinkey-operator ConditionResult)" = no ] || die 'the service was not held back by its condition'
	[ "$(systemctl is-enabled twinkey-operator)" = enabled ] || die 'the service is not enabled'
	of_operator twinkey-operator init --dir $operator_state >"$work/init.log"
	strict twinkey-operator.service
	systemctl start twinkey-operator || die 'the service does not start'
	few_rights twinkey-operator
	of_operator twinkey-operator subscriber add --dir $operator_state --imsi1 001010000000001 --imsi2 001010000000002 >"$work/add.log"
	of_operator twinkey-operator profile prepare --dir $operator_state --imsi 001010000000001 --json >"$work/prepare.json"
	twinkey-card create --dir "$work/card" --pki $operator_state/pki >"$work/create.log"
	code=$(sed -n 's/.*"activationCode": *"\([^"]*\)".*/\1/p' "$work/prepare.json")
	socket=unix:/run/twinkey-operator/socket
	wait_for 20 'the socket' test -S /run/twinkey-operator/socket
	twinkey profile download --reader "card:$work/card" --operator $socket "$code" >"$work/download.log"
	iccid=$(twinkey profile list --reader "card:$work/card" --json | sed -n 's/.*"iccid": *"\([0-9]*\)".*/\1/p' | head -n 1)
	twinkey profile enable --reader "card:$work/card" "$iccid" >"$work/enable.log"
	attach --operator $socket
	few_rights twinkey-operator
	ok 'a profile and its first key by the service'
	first=$(property twinkey-operator MainPID)
	systemctl reload twinkey-operator || die 'reload'
	attach --operator $socket
	[ "$(property twinkey-operator MainPID)" = "$first" ] || die 'a reload ends the server'
	[ "$(property twinkey-operator StatusText)" = 'Requests are answered' ] || die 'the server does not say that it answers'
	ok 'a reload without a certificate'

	# systemd holds the socket: nobody is turned away while the server is started anew
	systemctl stop twinkey-operator
	systemctl start twinkey-operator.socket || die 'no socket'
	[ "$(stat -c '%a %U' /run/twinkey-operator/socket)" = '600 twinkey-operator' ] || die 'whose is the socket?'
	runs twinkey-operator && die 'the server runs before somebody comes'
	attach --operator $socket
	runs twinkey-operator || die 'nobody has started the server'
	first=$(property twinkey-operator MainPID)
	systemctl restart twinkey-operator
	attach --operator $socket
	[ "$(property twinkey-operator MainPID)" != "$first" ] || die 'the server is the old one'
	few_rights twinkey-operator
	systemctl stop twinkey-operator.socket twinkey-operator
	[ ! -e /run/twinkey-operator/socket ] || die 'the socket stays behind'
	systemctl start twinkey-operator
	wait_for 20 'the socket' test -S /run/twinkey-operator/socket
	ok 'a socket of systemd'

	# options from a file, the TLS key as a credential that the user cannot read where it lies; in some namespaces systemd
	# hands no credentials over to anybody
	mkdir -m 755 /etc/twinkey-operator
	key=credential:tls.key
	printf '[Service]\nType=oneshot\nUser=twinkey-operator\nLoadCredential=k:/etc/hostname\nExecStart=/bin/cat /run/credentials/probe.service/k\n' \
		>/run/systemd/system/probe.service
	systemctl daemon-reload
	systemctl start probe 2>"$work/probe.log" || key=/etc/twinkey-operator/tls.key
	{
		echo '-----BEGIN CERTIFICATE-----'
		base64 -w 64 $operator_state/pki/DPtls/CERT_S_SM_DP_TLS_NIST.der
		echo '-----END CERTIFICATE-----'
	} >/etc/twinkey-operator/tls.pem
	command install -m 600 $operator_state/pki/DPtls/SK_S_SM_DP_TLS_NIST.pem /etc/twinkey-operator/tls.key # root's alone
	[ $key = credential:tls.key ] || chown twinkey-operator: /etc/twinkey-operator/tls.key
	printf '%s\n' 'listen = 127.0.0.1:8444' 'tls-cert = /etc/twinkey-operator/tls.pem' "tls-key = $key" 'log-to = journal' \
		>/etc/twinkey-operator/serve.conf
	printf '[Service]\nLoadCredential=tls.key:/etc/twinkey-operator/tls.key\nEnvironmentFile=\nEnvironment="TWINKEY_OPERATOR_OPTIONS=--config /etc/twinkey-operator/serve.conf"\n' \
		>/run/systemd/system/twinkey-operator.service.d/credential.conf
	systemctl daemon-reload
	systemctl restart twinkey-operator || {
		journal twinkey-operator >"$work/journal.log"
		die 'a server with a credential'
	}
	attach --operator https://testsmdpplus1.example.com --ca $operator_state/pki/CI/CERT_CI_ECDSA_NIST.der --connect 127.0.0.1:8444
	few_rights twinkey-operator
	journalctl -q -o json -u twinkey-operator TWINKEY_METHOD=POST >"$work/journal.json"
	grep -qE '"TWINKEY_REQUEST":"[0-9a-f]{24}"' "$work/journal.json" || die "the journal has no request: $(cat "$work/journal.json")"
	grep -qF '"TWINKEY_PATH":"/twinkey/v1/auc/vector"' "$work/journal.json" || die 'the journal has no path'
	ok 'fields in the journal'
	rm -r /etc/twinkey-operator /run/systemd/system/twinkey-operator.service.d/credential.conf
	systemctl daemon-reload
	ok "options from a file, tls-key = $key"

	sed -i 's|^TWINKEY_OPERATOR_OPTIONS=.*|TWINKEY_OPERATOR_OPTIONS="--listen 127.0.0.1:8443 --log"|' /etc/default/twinkey-operator
	systemctl restart twinkey-operator
	wait_for 20 'HTTPS' bash -c 'exec 3<>/dev/tcp/127.0.0.1/8443'
	attach --operator https://testsmdpplus1.example.com --ca $operator_state/pki/CI/CERT_CI_ECDSA_NIST.der --connect 127.0.0.1:8443
	systemctl reload twinkey-operator || die 'SIGHUP'
	wait_for 20 'the certificate, read again' bash -c 'journalctl -q -o cat -u twinkey-operator | grep -q "SIGHUP: the TLS certificate is replaced"'
	few_rights twinkey-operator
	ok 'the settings of /etc/default/twinkey-operator'
}
# vpcd's port (0x8C7B) is one that the kernel may give to a connection of anybody's: vpcd has no slot then, until pcscd is
# started again.
card_ready_or_anew() {
	card_ready && return
	grep -q ':8C7B 00000000:0000 0A' /proc/net/tcp || {
		sleep 2 # a service that is started again and again is not started any more
		systemctl stop pcscd.socket pcscd.service
		systemctl reset-failed pcscd.socket pcscd.service
		systemctl start pcscd.socket
	}
	return 1
}
sim() { # a card in the reader of the machine's pcscd
	printf 'imsi = 001010123456789\niccid = 89000123456789012341\nk = %s\nopc = %s\n' \
		465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf | # 3GPP's published test keys
		runuser -u twinkey-card -- twinkey-card create --dir /var/lib/twinkey-card/sim --profile - >"$work/sim.log"
	strict twinkey-card@.service
	systemctl start pcscd.socket twinkey-card@sim || die 'no card as a service'
	wait_for 40 'the card in the reader' card_ready_or_anew
	opensc-tool -r 0 -a >"$work/atr.log"
	expect 'a card as a service' '^3b:' "$work/atr.log"
	few_rights twinkey-card@sim
}
in_full() {
	start_work
	systemd=no
	[ ! -d /run/systemd/system ] || systemd=yes
	# what they depend on is there before: the rest is theirs
	# shellcheck disable=SC2046 # names, without blanks
	mapfile -t needed < <(apt-get -s install --no-install-recommends $(of old) opensc pcscd vsmartcard-vpcd | sed -n 's/^Inst \([^ ]*\) .*/\1/p' | grep -v twinkey)
	install --no-install-recommends "${needed[@]}"
	everything >"$work/before"
	install --no-install-recommends "$(of old)"
	for unit in twinkey-operator.service twinkey-card@.service; do
		at=$(dpkg -L twinkey-card twinkey-operator | grep "systemd/system/$unit\$")
		systemd-analyze verify --man=no "${at/@./@sim.}" 2>"$work/verify.log" || die "systemd-analyze verify $unit"
		[ ! -s "$work/verify.log" ] || die "systemd-analyze verify $unit"
		exposure=$(systemd-analyze security --offline=true "$at" | sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
		[ "${exposure/./}" -le 15 ] || die "$unit: exposure $exposure"
		ok "$unit: verified, exposure $exposure"
	done
	[ $systemd = no ] || { serve; sim; }
	[ "$(stat -c '%a %U' /var/lib/twinkey-operator)" = '700 twinkey-operator' ] || die 'whose is the state?'
	[ $systemd = yes ] || of_operator twinkey-operator init --dir $operator_state >"$work/init.log"
	echo '# of the owner' >>/etc/default/twinkey-operator

	before=$(property twinkey-operator MainPID) card_before=$(property twinkey-card@sim MainPID)
	install --no-install-recommends "$(of new)"
	grep -q 'of the owner' /etc/default/twinkey-operator || die 'an upgrade takes away settings'
	of_operator twinkey-operator log --verify --dir $operator_state >"$work/verify.log" || die 'the state after an upgrade'
	[ $systemd = no ] || expect 'the log after an upgrade' '^The log is intact: [1-9]' "$work/verify.log"
	if [ $systemd = yes ]; then
		for unit in twinkey-operator twinkey-card@sim; do runs $unit || die "$unit does not run after an upgrade"; done
		[ "$(property twinkey-operator MainPID)" != "$before" ] || die 'the service is the old one'
		[ "$(property twinkey-card@sim MainPID)" != "$card_before" ] || die 'the card is the old one'
		attach --operator https://testsmdpplus1.example.com --ca $operator_state/pki/CI/CERT_CI_ECDSA_NIST.der --connect 127.0.0.1:8443
		wait_for 40 'the card in the reader again' card_ready_or_anew
	fi
	ok 'an upgrade keeps state and settings'

	apt-get remove -q -y $names >"$work/apt.log" 2>&1 || die 'apt-get remove'
	[ -e $operator_state/store.key ] || die 'removing takes away the state'
	[ -e /etc/default/twinkey-operator ] || die 'removing takes away the settings'
	for unit in twinkey-operator twinkey-card@sim; do ! runs $unit || die "$unit runs after it was removed"; done
	dpkg --purge $names >"$work/apt.log" 2>&1 || die 'dpkg --purge'
	everything | diff "$work/before" - >"$work/left.log" || die 'what a purge leaves, or takes with it'
	ok 'a purge leaves nothing'
}

case ${1:-} in
lean | full)
	bin=/usr/bin
	"in_$1"
	exit 0
	;;
esac
need make gcc dpkg-deb dpkg-buildpackage dh lintian
command -v pkg-config >/dev/null || skip "pkg-config is not installed" # of one of two packages
"$top/tests/root/make" >/dev/null || exit 77
start_work
make --no-print-directory -s -C "$top" deb >"$work/deb.out"
version=$("$bin/twinkey" --version | cut -d ' ' -f 2)
arch=$(dpkg --print-architecture)
mkdir "$work/new" "$work/old"
for p in $names; do
	deb=$top/build/deb/${p}_${version}_$arch.deb
	grep -qF "${deb#"$top/"}" "$work/deb.out" || die "make deb does not name $deb"
	cp "$deb" "$work/new/$p.deb"
	dpkg-deb -R "$deb" "$work/old/$p"
	sed -i "s/^Version: .*/Version: 0.0.1/; s/(= $version)/(= 0.0.1)/" "$work/old/$p/DEBIAN/control"
	dpkg-deb --root-owner-group -Znone -b "$work/old/$p" "$work/old/$p.deb" >/dev/null
	rm -r "$work/old/$p"
done
ok "make deb: $names, $version"
TMPDIR=$work lintian --fail-on error,warning "$top"/build/deb/*.changes >"$work/lintian.log" 2>&1 || die lintian
if grep -q '^[EWO]:' "$work/lintian.log"; then die lintian; fi
ok 'lintian'
# what building needs is said twice, and is the same
diff <("$top/scripts/bootstrap" --list | grep -vxE 'gcc|make|libc6-dev' | sort) \
	<(sed -n '/^Build-Depends:/,/^$/p' "$top/packaging/debian/control" | sed 's/^Build-Depends://; s/|[^,]*//g; s/([^)]*)//g' |
		tr ',' '\n' | tr -d ' ' | grep -v -e '^$' -e '^debhelper' | sort) || die 'Build-Depends and scripts/bootstrap'
ok 'Build-Depends are what scripts/bootstrap installs'

# the example of libtwinkey-dev, built with what is in this package and libtwinkey1 alone
for p in libtwinkey1 libtwinkey-dev; do dpkg-deb -x "$work/new/$p.deb" "$work/dev"; done
from=("PKG_CONFIG_SYSROOT_DIR=$work/dev" "PKG_CONFIG_PATH=$(dirname "$(find "$work/dev" -name twinkey.pc)")")
# shellcheck disable=SC2046 # flags, without blanks
gcc -Wall -Werror -o "$work/own-program" "$work/dev/usr/share/doc/libtwinkey-dev/examples/lpa-test.c" \
	$(env "${from[@]}" pkg-config --cflags --libs twinkey) >"$work/compile.log" 2>&1 || die 'libtwinkey-dev does not do for a program'
chmod 755 "$work" "$work/own-program"
ok 'the example of libtwinkey-dev is built'

root() { "$top/tests/root/enter" --bind "$top:/twinkey" --bind "$work:$debs" "$@"; }
root -- bash /twinkey/tests/e2e/packages.sh lean
status=0
root --boot -- bash /twinkey/tests/e2e/packages.sh full || status=$?
if [ $status = 77 ]; then
	echo 'the services are not tried'
	status=0
	root --packages systemd -- bash /twinkey/tests/e2e/packages.sh full || status=$?
fi
exit $status
