#!/bin/bash
# libtwinkey.so.1 as an outsider meets it: installed, found by pkg-config, with nothing of ours but the installed headers.
# Two examples are built with it and run: a test of an LPA, and a fuzzer of somebody else's client. It exports what
# include/twinkey.symbols says, writes nothing, and needs libcrypto and the C library.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need make gcc jq
command -v pkg-config >/dev/null || skip "pkg-config is not installed"
start_work
cd "$work" || exit 1
make() { command make --no-print-directory -s -C "$top" "$@"; }

make install-lib PREFIX="$work/usr" LIBDIR="$work/usr/lib/some-machine"
lib=$work/usr/lib/some-machine examples=$work/usr/share/doc/twinkey/examples
export PKG_CONFIG_PATH=$lib/pkgconfig LD_LIBRARY_PATH=$lib
shared=$(readlink -f "$lib/libtwinkey.so.1")
[ "$(readlink -f "$lib/libtwinkey.so")" = "$shared" ] || die 'libtwinkey.so is not libtwinkey.so.1'
[ "$(basename "$shared")" = "libtwinkey.so.$(pkg-config --modversion twinkey)" ] || die "$shared: not the version of twinkey.pc"
read -ra flags < <(pkg-config --cflags --libs twinkey)
make install-lib DESTDIR="$work/dest" PREFIX=/usr
[ "$(PKG_CONFIG_PATH=$work/dest/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$work/dest pkg-config --variable=libdir twinkey)" = \
	"$work/dest/usr/lib" ] || die 'twinkey.pc below a DESTDIR'
make uninstall-lib DESTDIR="$work/dest" PREFIX=/usr
[ -z "$(find "$work/dest" ! -type d)" ] || die "uninstall-lib leaves $(find "$work/dest" ! -type d)"
ok 'install-lib, uninstall-lib and twinkey.pc'

# the headers alone, in each language that may include them
strict=(-Wall -Wextra -pedantic -Werror -fsyntax-only)
for h in "$work"/usr/include/twinkey/*.h; do
	for standard in c99 c17 gnu17; do gcc -std=$standard "${strict[@]}" "${flags[@]}" -x c "$h" || die "$h: gcc $standard"; done
	! command -v clang >clang.path || clang -std=c17 "${strict[@]}" -I "$work/usr/include" -x c "$h" || die "$h: clang"
	! command -v g++ >g++.path || g++ -std=c++11 "${strict[@]}" "${flags[@]}" -x c++ "$h" || die "$h: g++"
	grep -ohE '^#include .*' "$h" | grep -vE '<(twinkey/[a-z]+|stddef|stdint)\.h>$' && die "$h includes more than standard headers"
done
ok 'each header compiles alone as C99, C17 and C++, without a warning'

# what it exports, needs and may write to
nm -D --defined-only "$shared" | awk '$2 != "A" { print $3 }' | LC_ALL=C sort >exported
diff "$top/include/twinkey.symbols" exported || die 'the exported symbols are not those of include/twinkey.symbols'
grep -ohE '\btwinkey_[a-z_]+\(' "$work"/usr/include/twinkey/*.h | tr -d '(' | sort -u >declared
diff declared <(sed 's/@@.*//' exported) || die 'exported, and not declared, or the other way round'
readelf -dlW "$shared" >elf
[ "$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' elf | grep -vE '^(libcrypto|libc|ld-linux[^.]*)\.so' | wc -l)" = 0 ] ||
	die "it needs $(grep NEEDED elf)"
{ grep -q 'SONAME.*\[libtwinkey.so.1\]' elf && grep -q GNU_RELRO elf && grep -q BIND_NOW elf; } || die "$(cat elf)"
! grep -qE 'TEXTREL|GNU_STACK.* RWE|(RPATH|RUNPATH)' elf || die "$(cat elf)"
# once-flags, and what a call says of its failure until it ends (tool/sys/trouble.h, tool/sys/folder.h)
objdump -t "$shared" | sed -nE 's/.* \.(t?data|t?bss)\t[0-9a-f]+ +(\.hidden )?//p' | sort >writable
[ -s writable ] || die 'objdump shows no data'
grep -vE '_once$|^(completed\.0|__dso_handle|__TMC_END__|of|text|warning)$' writable && die 'it has writable data'
ok "it exports $(wc -l <exported) functions, needs libcrypto and the C library, and remembers nothing"

# a test of an LPA
gcc -std=c17 -Wall -Wextra -pedantic -Werror "$examples/lpa-test.c" "${flags[@]}" -o lpa-test || die 'lpa-test.c'
./lpa-test >out 2>err || die "$(cat out err)"
[ "$(cat out)" = 'lpa-test: EID 89049032123451234512345678901235, SGP.22 2.3.0: ok' ] && [ ! -s err ] || die "$(cat out err)"
./lpa-test >&- 2>&- <&- || die 'it needs standard input or output'
ok "$(cat out)"
cc_asan=(gcc -fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all)
if echo 'int main(void) { return 0; }' | "${cc_asan[@]}" -x c -o asan - 2>/dev/null && ./asan; then
	"${cc_asan[@]}" "$examples/lpa-test.c" "${flags[@]}" -o lpa-asan
	./lpa-asan >out 2>err || die "$(cat out err)"
	ok 'it leaks nothing'
fi

# an audit of traces
gcc -std=c17 -Wall -Wextra -pedantic -Werror "$examples/audit-trace.c" "${flags[@]}" -o audit-trace || die 'audit-trace.c'
./audit-trace <"$top/tests/traces/audit/FRM-02.trips" >out 2>err || die "$(cat out err)"
grep -qx 'FRM-02 at 3: a command has the form of an APDU: SELECT: the data ends too early' out || die "$(cat out)"
grep -qx '2 exchanges, .*, 0 of them errors' out || die "$(cat out)"
echo 'no trace' | ./audit-trace >out 2>err && die 'it takes anything for a trace'
[ "$(cat err)" = "audit-trace: the trace is of no form that is known: name it by 'from'" ] || die "$(cat err)"
ok 'a trace is judged by the library'

# no output, whatever goes wrong; a folder is that of any card; C++
cat >folder.c <<'END'
#include <stdio.h>
#include <string.h>
#include <twinkey/card.h>

static enum twinkey_code attach(struct twinkey_card *card)
{
	static const unsigned char select[] = {0, 0xA4, 4, 0x0C, 7, 0xA0, 0, 0, 0, 0x87, 0x10, 2};
	unsigned char answer[TWINKEY_ANSWER_SHORT];
	size_t len = sizeof(answer);
	enum twinkey_code code = twinkey_card_reset(card, NULL, NULL);

	if (!code)
		code = twinkey_card_transmit(card, select, sizeof(select), answer, &len);
	return code ? code : len == 2 && answer[0] == 0x90 ? TWINKEY_OK : TWINKEY_ERR_OTHER;
}

/* folder create|open FOLDER: the code is the exit code, the words go to the file "words" */
int main(int argc, char **argv)
{
	struct twinkey_options how = {0};
	struct twinkey_identity who = {0};
	struct twinkey_card *card = NULL;
	struct twinkey_error error;
	enum twinkey_code code;
	FILE *words = fopen("words", "w");

	if (argc != 3 || !words)
		return 99;
	how.size = sizeof(how);
	how.folder = argv[2];
	who.size = sizeof(who);
	who.sim = "imsi = 001010123456789\niccid = 89000123456789012341\n"
		  "k = 465b5ce8b199b49faa5f0a2ee238a6bc\nopc = cd63cb71954a9f4e48a5994e37a02baf\n";
	code = strcmp(argv[1], "create") == 0 ? twinkey_card_create(&who, &how, &card, &error)
					      : twinkey_card_open(&how, &card, &error);
	fprintf(words, "%s\n", error.text);
	if (!code)
		code = attach(card);
	twinkey_card_close(&card);
	fclose(words);
	return code;
}
END
gcc -Wall -Wextra -Werror folder.c "${flags[@]}" -o folder
! command -v g++ >g++.path || g++ -Wall -Wextra -Werror -Wno-missing-field-initializers -x c++ folder.c "${flags[@]}" -o folder-c++
silent() { # CODE PROGRAM ARGUMENTS...
	local want=$1 status=0
	shift
	"$@" >out 2>err || status=$?
	[ $status = "$want" ] || die "$*: exit code $status, not $want: $(cat words)"
	[ ! -s out ] && [ ! -s err ] || die "$*: it prints $(cat out err)"
}
silent 0 ./folder create card
silent 8 ./folder create card
silent 0 ./folder open card
silent 7 ./folder open none
grep -q 'none: there is no card in it' words || die "$(cat words)"
chmod 777 card
silent 6 ./folder open card
chmod 700 card
"$bin/twinkey-card" inspect --dir card --json >inspected 2>err || die "$(cat err)"
jq -e '.profiles | length == 1' inspected >jq.out || die "$(cat inspected)"
[ -s card/pki/CI/SK_CI_ECDSA_NIST.pem ] || die 'no PKI of its own'
"$bin/twinkey-card" create --dir made >create.out
silent 18 ./folder open made # there is no USIM to select
[ "$(cat words)" = '' ] || die "$(cat words)"
[ ! -x folder-c++ ] || { rm -rf card && silent 0 ./folder-c++ create card; }
head -c 20 /dev/urandom >>card/journal
truncate -s -300 card/journal
silent 11 ./folder open card
ok "no call prints anything; a damaged folder: $(cat words)"

# the same card out of the archives, in one program
read -ra archives < <(make -p -n library 2>/dev/null | sed -n 's/^API_LIBS := //p')
(cd "$top" && gcc -Iinclude docs/examples/lpa-test.c "${archives[@]}" -lcrypto -o "$work/lpa-static") || die 'the archives alone'
env -u LD_LIBRARY_PATH ./lpa-static >out || die "$(cat out)"
ldd lpa-static | grep -vE 'linux-vdso|ld-linux|libc\.so|libcrypto\.so' && die 'out of the archives it needs more'
ok 'linked with the archives it needs libcrypto and the C library'

# a fuzzer of somebody else's client
if ! pkg-config --exists p11-kit-1 || ! echo 'int LLVMFuzzerTestOneInput(const void *p, unsigned long n) { return !p && n; }' |
	clang -fsanitize=fuzzer,address -x c -o asan - -l:opensc-pkcs11.so 2>clang.log; then
	skip 'the fuzzer: clang, opensc-pkcs11 or p11-kit-1.pc is not installed; all else is good'
fi
read -ra others < <(pkg-config --cflags libpcsclite p11-kit-1)
clang -g -rdynamic -Wall -Wextra -Werror -fsanitize=fuzzer,address "$examples/fuzz-client.c" "${flags[@]}" "${others[@]}" \
	-l:opensc-pkcs11.so -o fuzz-client || die 'fuzz-client.c'
./fuzz-client -runs=4000 -seed=1 -timeout=20 -print_coverage=1 >fuzz.log 2>&1 || die 'the fuzzer'
for f in SCardConnect SCardTransmit disturb; do
	grep -q "^COVERED_FUNC.* $f " fuzz.log || { cat fuzz.log; die "the client never came to $f"; }
done
expect 'thousands of disturbed cards, and OpenSC bears each' 'DONE .*cov:' fuzz.log
