#!/bin/bash
# install: what `make install` puts below PREFIX runs and is documented, what `make uninstall` leaves is nothing, and
# the Debian package holds the same.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need make dpkg-deb dpkg-shlibdeps
start_work
make() { command make --no-print-directory -s -C "$top" "$@"; }

make install DESTDIR="$work/dest" PREFIX=/opt/twinkey
for p in twinkey twinkey-card twinkey-operator; do
	[ "$("$work/dest/opt/twinkey/bin/$p" --version)" = "$("$bin/$p" --version)" ] || die "$p does not run"
	[ -s "$work/dest/opt/twinkey/share/man/man1/$p.1" ] || die "$p has no manual"
done
for f in udev/rules.d/70-twinkey.rules udev/rules.d/94-twinkey.rules modprobe.d/twinkey-pn533.conf; do
	[ "$(stat -c %a "$work/dest/opt/twinkey/lib/$f")" = 644 ] || die "$f is not for everybody"
	cmp "$top/udev/$(basename $f)" "$work/dest/opt/twinkey/lib/$f" || die "$f is another one"
done
make uninstall DESTDIR="$work/dest" PREFIX=/opt/twinkey
[ -z "$(find "$work/dest" -type f)" ] || die "uninstall leaves $(find "$work/dest" -type f)"
make install-udev DESTDIR="$work/apart" UDEVDIR=/rules MODPROBEDIR=/modules
[ "$(cd "$work/apart" && find . -type f | sort | paste -s -d ' ')" = \
	'./modules/twinkey-pn533.conf ./rules/70-twinkey.rules ./rules/94-twinkey.rules' ] || die 'the rules alone, elsewhere'
ok 'install and uninstall'

package=$(make deb | tail -n 1)
dpkg-deb -x "$top/$package" "$work/deb"
for p in twinkey twinkey-card twinkey-operator; do
	"$work/deb/usr/bin/$p" --help >/dev/null || die "$p of the package does not run"
	[ -s "$work/deb/usr/share/man/man1/$p.1.gz" ] || die "$p of the package has no manual"
done
for f in udev/rules.d/70-twinkey.rules udev/rules.d/94-twinkey.rules modprobe.d/twinkey-pn533.conf; do
	[ -s "$work/deb/usr/lib/$f" ] || die "the package lacks $f"
done
dpkg-deb -e "$top/$package" "$work/control"
sh -n "$work/control/postinst"
expect 'the package has udev read its rules' 'udevadm control --reload' "$work/control/postinst"
for library in libcurl4 libpcsclite1 libssl3 libsqlite3-0; do
	dpkg-deb -f "$top/$package" Depends | grep -q "$library" || die "the package does not depend on $library"
done
ok "$package"
