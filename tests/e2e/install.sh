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
make uninstall DESTDIR="$work/dest" PREFIX=/opt/twinkey
[ -z "$(find "$work/dest" -type f)" ] || die "uninstall leaves $(find "$work/dest" -type f)"
ok 'install and uninstall'

package=$(make deb | tail -n 1)
dpkg-deb -x "$top/$package" "$work/deb"
for p in twinkey twinkey-card twinkey-operator; do
	"$work/deb/usr/bin/$p" --help >/dev/null || die "$p of the package does not run"
	[ -s "$work/deb/usr/share/man/man1/$p.1.gz" ] || die "$p of the package has no manual"
done
for library in libcurl4 libpcsclite1 libssl3 libsqlite3-0; do
	dpkg-deb -f "$top/$package" Depends | grep -q "$library" || die "the package does not depend on $library"
done
ok "$package"
