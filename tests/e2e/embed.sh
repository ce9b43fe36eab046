#!/bin/bash
# A program that embeds the card brings nothing of ours but libtwinkey-card.a, libtwinkey-sys.a and libtwinkey.a, and
# includes nothing of the card but card-emu/card.h. It is linked with those three and libcrypto, and attaches.
. "$(dirname "$0")/lib.sh"
make -s -C "$top" "build/release/tests/embed-card" || die 'embed-card does not link'
embed=$top/build/release/tests/embed-card
start_work
cd "$work" || exit 1

tr ' ' '\n' <"$top/build/release/tests/tool/embed_card.d" | grep -oE '^(card-emu|host|tool)/[^:]+\.h$' | sort -u >headers
[ "$(cat headers)" = card-emu/card.h ] || die "it includes $(tr '\n' ' ' <headers)"
ok 'of the card it includes card-emu/card.h alone'
ldd "$embed" | grep -vE 'linux-vdso|ld-linux|libc\.so|libcrypto\.so|libdl\.so|libpthread\.so' >others || true
[ ! -s others ] || die "it needs $(cat others)"
ok 'it needs libcrypto and the C library'

"$embed" card >out 2>err || die "$(cat out err)"
[ "$(grep -c ': ok$' out)" = 8 ] || die "$(cat out)"
ok 'it makes a card, attaches with it, and gets AUTS for an AUTN that comes twice'
refuse 'no second card in the same folder' "$embed" card
grep -q 'there already\|exists' refused.out || die "$(cat refused.out)"
"$bin/twinkey-card" inspect --dir card --json >inspected 2>err || die "$(cat err)"
grep -q 89000123456789012341 inspected || die "$(cat inspected)"
ok 'the folder is that of any card'
