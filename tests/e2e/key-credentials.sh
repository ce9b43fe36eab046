#!/bin/bash
# The operator's service under a real systemd, its stores sealed by a key that systemd gives as a credential, plain
# (LoadCredential=) and encrypted for this machine (LoadCredentialEncrypted=), with the settings of the unit that is
# installed; without the credential the service does not start, and says why; then by a token of SoftHSM2, whose PIN is the
# credential. In a root of its own.
# runs: root
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip 'only root can enter a root'

unit=twinkey-operator.service state=/var/lib/twinkey-operator/operator

service() { # SETTING...: the service with these settings of its own
	mkdir -p /etc/systemd/system/$unit.d
	printf '[Service]\n' >/etc/systemd/system/$unit.d/key.conf
	printf '%s\n' "$@" >>/etc/systemd/system/$unit.d/key.conf
	systemctl daemon-reload
	systemctl reset-failed $unit 2>/dev/null || true
	systemctl restart $unit || true
}
answers() { [ -S /run/twinkey-operator/socket ] && [ "$(systemctl is-active $unit)" = active ]; }
as_operator() { # PROPERTY COMMAND...: by hand, as the service's user, with its credential
	systemd-run --quiet --wait --pipe -p User=twinkey-operator -p "$1" -- "${@:2}"
}

in_root() {
	start_work
	mount --make-rshared / # as it is where systemd was not started in a container: credentials are mounts
	groupadd -r twinkey-operator
	useradd -r -g twinkey-operator -d /var/lib/twinkey-operator -s /usr/sbin/nologin twinkey-operator
	cp "$bin/twinkey-operator" /usr/bin/
	cp "$top/packaging/systemd/$unit" /etc/systemd/system/
	install -d -m 700 -o twinkey-operator -g twinkey-operator /var/lib/twinkey-operator
	install -d -m 700 /etc/twinkey-operator
	(umask 077 && openssl rand -hex 32 >/etc/twinkey-operator/store-key)
	local load=LoadCredential=store-key:/etc/twinkey-operator/store-key
	as_operator $load twinkey-operator init --dir $state --key credential:store-key >"$work/init.log" 2>&1 || die 'init with a credential'
	as_operator $load twinkey-operator subscriber add --dir $state --imsi1 001010000000001 --imsi2 001010000000002 >"$work/add.log" 2>&1 ||
		die 'subscriber add with a credential'
	[ "$(head -c 7 $state/store.key)" = TWINKEY ] || die 'it is not sealed'
	ok 'init and subscriber add by systemd-run, as the service'"'"'s user, with the credential'

	service $load
	wait_for 10 'the service' answers
	! runuser -u twinkey-operator -- cat /etc/twinkey-operator/store-key >"$work/cat.log" 2>&1 || die 'the service could read the key itself'
	local pid
	pid=$(systemctl show -p MainPID --value $unit)
	! grep -qaF "$(</etc/twinkey-operator/store-key)" "/proc/$pid/environ" "/proc/$pid/cmdline" || die 'the key is where others look'
	ok 'the service with LoadCredential='

	systemctl stop $unit
	service 'StandardError=append:/var/log/operator.log' 'Restart=no'
	wait_for 10 'the end of a service without its key' test -s /var/log/operator.log
	! answers || die 'it starts without its key'
	expect 'without the credential it says why' "the credential 'store-key' is given to a service by systemd \(LoadCredential=\)" /var/log/operator.log

	# a token; the PIN is a credential, and the service may do what the manual page says
	local module=/usr/lib/softhsm/libsofthsm2.so pin=70319482 uri
	uri="pkcs11:token=lab;object=store?module-path=$module&pin-source=credential:token-pin"
	(umask 077 && echo $pin >/etc/twinkey-operator/token-pin)
	chgrp -R softhsm /etc/softhsm /var/lib/softhsm # in the root's archive it has the machine's number of that name
	runuser -u twinkey-operator -g softhsm -- softhsm2-util --init-token --free --label lab --pin $pin --so-pin 90817263 >"$work/token.log" 2>&1 ||
		die 'softhsm2-util'
	local token=(SupplementaryGroups=softhsm LoadCredential=token-pin:/etc/twinkey-operator/token-pin)
	with_both() {
		systemd-run --quiet --wait --pipe -p User=twinkey-operator -p "$load" -p "${token[0]}" -p "${token[1]}" -- twinkey-operator "$@" >"$work/both.log" 2>&1 ||
			die "$*"
	}
	with_both key make --key "$uri"
	with_both key seal --dir $state --key "$uri"
	service "${token[@]}" ReadWritePaths=/var/lib/softhsm
	wait_for 10 'the service' answers
	ok 'the service with a token, whose PIN is a credential'
	with_both key seal --dir $state --key credential:store-key

	systemd-creds encrypt --with-key=host --name=store-key /etc/twinkey-operator/store-key /etc/twinkey-operator/store-key.cred >"$work/creds.log" 2>&1 ||
		skip "systemd-creds does not encrypt here ($(tail -n 1 "$work/creds.log")); LoadCredential= is good"
	mv /etc/twinkey-operator/store-key /root/store-key
	service LoadCredentialEncrypted=store-key:/etc/twinkey-operator/store-key.cred
	wait_for 10 'the service' answers
	ok 'the service with LoadCredentialEncrypted='
}

if [ "${1:-}" = inside ]; then
	in_root
	exit 0
fi
need unshare setpriv
start_work
packages=$(ldd "$bin/twinkey-operator" | awk '/=>/ { print $3 }' | xargs -rn 1 realpath | xargs -r dpkg -S 2>/dev/null | cut -d: -f1 | sort -u | tr "\n" " ") || true
"$top/tests/root/make" >/dev/null || exit 77
"$top/tests/root/enter" --boot --packages "$packages openssl dbus softhsm2" --bind "$top:/twinkey" --bind "$(realpath "$bin"):/built" -- \
	env TWINKEY_BIN=/built bash /twinkey/tests/e2e/key-credentials.sh inside
