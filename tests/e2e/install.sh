#!/bin/bash
# install: what `make install` puts below PREFIX runs and is documented, what `make uninstall` leaves is nothing, and
# the Debian packages hold the same. tests/e2e/packages.sh installs those.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need make dpkg-deb dpkg-buildpackage dh
start_work
make() { command make --no-print-directory -s -C "$top" "$@"; }

prefix=/opt/twinkey there=$work/dest/opt/twinkey
make install DESTDIR="$work/dest" PREFIX=$prefix
for p in twinkey twinkey-card twinkey-operator; do
	[ "$("$there/bin/$p" --version)" = "$("$bin/$p" --version)" ] || die "$p does not run"
done
for p in twinkey twinkey-card twinkey-operator twinkey-virtual-reader; do
	"$there/bin/$p" --help | grep -q "$p" || die "$p does not say its name"
	[ -s "$there/share/man/man1/$p.1" ] || die "$p has no manual"
done
for f in udev/rules.d/70-twinkey.rules udev/rules.d/94-twinkey.rules modprobe.d/twinkey-pn533.conf; do
	[ "$(stat -c %a "$there/lib/$f")" = 644 ] || die "$f is not for everybody"
	cmp "$top/udev/$(basename $f)" "$there/lib/$f" || die "$f is another one"
done
cmp "$bin/twinkey.lua" "$there/lib/wireshark/plugins/twinkey.lua" || die 'what Wireshark loads'
cmp "$top/packaging/systemd/twinkey-operator.socket" "$there/lib/systemd/system/twinkey-operator.socket" || die 'the socket unit is another one'
for u in twinkey-operator.service twinkey-card@.service; do
	expect "$u runs what was installed" "^ExecStart=$prefix/bin/twinkey-" "$there/lib/systemd/system/$u"
	diff <(sed 's|/usr/bin/twinkey|/opt/twinkey/bin/twinkey|; s|/etc/default|/opt/twinkey/etc/default|' "$top/packaging/systemd/$u") \
		"$there/lib/systemd/system/$u" || die "$u is another one"
done
for p in card operator; do
	for f in sysusers.d tmpfiles.d; do [ -s "$there/lib/$f/twinkey-$p.conf" ] || die "there is no $f/twinkey-$p.conf"; done
done

echo '# of the owner' >>"$there/etc/default/twinkey-operator"
make install DESTDIR="$work/dest" PREFIX=$prefix
expect 'what the owner has changed stays' 'of the owner' "$there/etc/default/twinkey-operator"
cp "$top/packaging/default/twinkey-operator" "$there/etc/default/"
make uninstall DESTDIR="$work/dest" PREFIX=$prefix
[ -z "$(find "$work/dest" -type f)" ] || die "uninstall leaves $(find "$work/dest" -type f)"
make install-udev DESTDIR="$work/apart" UDEVDIR=/rules MODPROBEDIR=/modules
[ "$(cd "$work/apart" && find . -type f | sort | paste -s -d ' ')" = \
	'./modules/twinkey-pn533.conf ./rules/70-twinkey.rules ./rules/94-twinkey.rules' ] || die 'the rules alone, elsewhere'
ok 'install and uninstall'

# by an ordinary user; what of `make install` is in no package stops the build
make deb >"$work/deb.out"
version=$("$bin/twinkey" --version | cut -d ' ' -f 2)
for p in twinkey twinkey-card twinkey-operator; do
	package=$top/$(grep "/${p}_${version}_.*\.deb\$" "$work/deb.out") || die "make deb names no $p"
	dpkg-deb -x "$package" "$work/deb"
	cmp -s "$work/deb/usr/bin/$p" "$bin/$p" && die "$p of the package is not stripped"
	"$work/deb/usr/bin/$p" --help >/dev/null || die "$p of the package does not run"
	[ -s "$work/deb/usr/share/man/man1/$p.1.gz" ] || die "$p of the package has no manual"
done
plugins=$(dpkg-architecture -q DEB_HOST_MULTIARCH)/wireshark/plugins # of Debian's tshark: "Global Lua Plugins" of tshark -G folders
cmp "$bin/twinkey.lua" "$work/deb/usr/lib/$plugins/twinkey.lua" || die 'what Wireshark loads is not in the package'
grep -q '\.changes$' "$work/deb.out" || die 'make deb names no .changes'
for library in libcurl4 libpcsclite1 libssl3; do
	dpkg-deb -f "$top/$(grep '/twinkey_.*\.deb$' "$work/deb.out")" Depends | grep -q "$library" || die "twinkey does not depend on $library"
done
ok 'packages'
