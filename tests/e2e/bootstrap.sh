#!/bin/bash
# bootstrap on systems whose packages carry other names, or lack some: what can be had is installed, what only some
# tests need is told and skipped, and only what building needs is an error.
# runs: user, long
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
start_work
cd "$work"

# A system of our own: 'have' lists what is installed, 'known' what its archive has, 'calls' what apt-get was asked.
mkdir fake
cat >fake/dpkg-query <<'END'
#!/bin/sh
sed 's/^/ii  /' have
END
cat >fake/apt-cache <<'END'
#!/bin/sh
case $1 in
policy)
	shift
	for p; do
		echo "$p:"
		grep -qx "$p" known && echo '  Candidate: 1.0' || echo '  Candidate: (none)'
	done ;;
depends) echo '  Depends: clang-18' ;;
esac
END
cat >fake/apt-get <<'END'
#!/bin/sh
echo "$*" >>calls
case $1 in
update) [ ! -e fresh ] || mv fresh known ;;
install)
	shift 3
	for p; do grep -qx "$p" known && ! grep -qx "$p" broken || exit 100; done
	printf '%s\n' "$@" >>have ;;
esac
END
printf '#!/bin/sh\n[ "$1" = env ] && shift 3\nexec "$@"\n' >fake/sudo
chmod +x fake/*
PATH=$work/fake:$PATH
all=$("$top/scripts/bootstrap" --list --test)
start() { # WITHOUT...: an archive that has all but these
	echo "$all" >known
	: >have
	: >broken
	rm -f calls fresh
	for p; do sed -i "/^$p\$/d" known; done
}
run() { # EXIT-CODE
	local status=0
	"$top/scripts/bootstrap" --test --yes >out 2>&1 </dev/null || status=$?
	[ "$status" = "$1" ] || { cat out; die "bootstrap ends with $status, not $1"; }
}

start
run 0
[ "$(sort have)" = "$(sort <<<"$all")" ] || die 'not all was installed'
rm calls
run 0
[ ! -e calls ] || die 'apt-get is called where all is there'
grep -qx 'bootstrap: everything is there' out || die 'it does not say that all is there'
ok 'Debian 12'

start libclang-rt-dev pkg-config
printf '%s\n' libclang-rt-18-dev pkgconf >>known
run 0
grep -qx libclang-rt-18-dev have || die 'the runtime of the clang that is here is not found'
grep -qx pkgconf have || die 'the other name is not tried'
rm calls
run 0
[ ! -e calls ] || die 'what is there under another name is installed again'
ok 'other names'

start libclang-rt-dev vsmartcard-vpcd
run 0
grep -q 'does not have vsmartcard-vpcd libclang-rt-dev; what needs them is skipped' out || { cat out; die 'what is skipped is not told'; }
grep -qx libssl-dev have && grep -qx hostapd have || die 'one that is not to be had keeps the others away'
rm calls
run 0
[ ! -e calls ] || die 'what is not to be had is looked for again and again'
ok 'parts of the tests that cannot be run'

start libmicrohttpd-dev
run 1
grep -q 'does not have libmicrohttpd-dev: install the equivalents by hand' out || { cat out; die 'the lack is not told'; }
grep -qx libssl-dev have || die 'one that is not to be had keeps the others away'
ok 'a lack that matters'

start
echo cppcheck >broken
run 0
grep -q 'could not install cppcheck' out && grep -qx shellcheck have || die 'one that is broken spoils it for all'
start
echo libssl-dev >broken
run 1
grep -q 'nothing can be built without libssl-dev' out || die 'a broken one that matters is not told'
ok 'packages that cannot be installed'

start
mv known fresh
: >known
run 0
[ "$(sort have)" = "$(sort <<<"$all")" ] || die 'a machine that has no lists yet installs nothing'
ok 'a new machine, without lists of packages'
