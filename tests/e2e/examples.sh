#!/bin/bash
# The examples of the manual pages, as they stand there, one after the other.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need pcscd opensc-tool jq gcc python3
inside_network
start_work
cd "$work" || exit 1
umask 077
PATH=$bin:/usr/bin:/bin
export TMPDIR=$work

# The commands of a page: lines as ".Dl $ command", and what stands between .Bd -literal and .Ed.
commands_of() { # PAGE
	python3 - "$1" <<'END'
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
part = re.search(r"^\.Sh EXAMPLES\n(.*?)(?=^\.Sh )", text, re.M | re.S)
if not part:
    sys.exit(0)
literal = False
for line in part[1].split("\n"):
    if line.startswith((".Bd -literal", ".Ed")):
        literal = line.startswith(".Bd")
    elif literal or line.startswith(".Dl $ "):
        print(line.removeprefix(".Dl $ ").replace("\\e", "\\").replace("\\(dq", '"').replace("\\-", "-"))
END
}
run_page() { # NAME [BEFORE]: all of them in one shell, with what is there before
	commands_of "$top/docs/$1.1" >"$1.commands"
	[ "$(grep -c . "$1.commands")" -ge "$2" ] || die "$1.1 has fewer than $2 lines of examples"
	# what differs is no failure of diff
	{ echo 'set -exo pipefail'; sed 's/.*profile diff.*/{ &; } || [ $? = 1 ]/' "$1.commands"; } >"$1.script"
	bash "$1.script" >"$1.out" 2>"$1.log" || die "an example of $1.1 fails"
}

mkdir card && cd card
run_page twinkey-card 10
expect 'twinkey-card.1: what OpenSC sees' '^3b:' twinkey-card.out
expect 'twinkey-card.1: the second eUICC' "$(twinkey-card inspect --dir two --json | jq -r .eid)" twinkey-card.out
[ -s two.pcapng ] || die 'twinkey-card.1: no trace'
cp sim.txt ..
cd ..

# A person has a card in a reader, a card program of theirs, a PIN in a file.
twinkey-card create --dir sim --profile sim.txt >/dev/null
twinkey-card create --dir other --profile sim.txt >/dev/null
echo 1234 >pin.txt
commands_of "$top/docs/twinkey.1" | grep -q 'vpcd:40000' || die 'twinkey.1: the example with a port has changed'
background program twinkey-card run --dir other --port 40000
export -f run_page commands_of die expect
export top work bin
twinkey-card run --dir sim -- bash -c 'run_page twinkey 3' || die 'an example of twinkey.1 fails'
[ -s card.pcapng ] || die 'twinkey.1: no trace'
expect 'twinkey.1: the answer to AUTHENTICATE' 'expected one' twinkey.out
expect 'twinkey.1: two commands to the card program' '^< 61[0-9a-f]+ 9000 ' twinkey.out

if "$top/scripts/virtual-reader" --check >/dev/null; then
	mkdir installed
	ln -s "$top/scripts/virtual-reader" installed/twinkey-virtual-reader
	PATH=$work/installed:$PATH run_page twinkey-virtual-reader 3
	expect 'twinkey-virtual-reader.1: the answer to reset' '^3b:' twinkey-virtual-reader.out
fi

# A package, and a person at an editor.
twinkey-operator init --dir op >/dev/null
twinkey-operator subscriber add --dir op --imsi1 001010000000001 --imsi2 001010000000002 >/dev/null
twinkey-operator profile prepare --dir op --imsi 001010000000001 --out upp.der >/dev/null
mkdir editor
printf '#!/bin/sh\nsed -i s/001010000000001/001010000000009/ "$1"\n' >editor/vi
chmod 700 editor/vi
PATH=$work/editor:$PATH
run_page twinkey-profile 4
expect 'twinkey-profile.1: the IMSI' '00101|0010' twinkey-profile.out

# The C of libtwinkey.3, in a function with the declarations that the page has before it.
python3 - "$top/docs/libtwinkey.3" >example.c <<'END'
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
code = re.search(r"^\.Sh EXAMPLES\n.*?^\.Bd -literal[^\n]*\n(.*?)^\.Ed", text, re.M | re.S)[1].replace("\\e", "\\")
print(f"""#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <twinkey/card.h>
int main(void)
{{
static const char text[] = "imsi = 001010123456789\\niccid = 89000123456789012341\\n"
	"k = 465b5ce8b199b49faa5f0a2ee238a6bc\\nopc = cd63cb71954a9f4e48a5994e37a02baf\\n";
struct twinkey_card *card;
struct twinkey_error error = {{0}};
{code}
return 0;
}}""")
END
library=$(find "$top/build/release" -maxdepth 1 -name 'libtwinkey.so.*' | head -n 1)
gcc -Wall -Werror -I "$top/include" -o example example.c "$library" -Wl,-rpath,"$top/build/release" || die 'libtwinkey.3: it does not compile'
ln -s "$library" "$(basename "$library" | grep -oE 'libtwinkey\.so\.[0-9]+')"
LD_LIBRARY_PATH=$work ./example >example.out || die 'libtwinkey.3: it does not run'
expect 'libtwinkey.3: the status word' '^[69][0-9A-F]{3}$' example.out
