#!/bin/bash
# Completion of the command lines by the real shells, from the files that `make install` puts where they look: for each
# program, each command, each option what --help --json says of it, and nothing else.
# runs: user, long
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need zsh fish python3 jq make
start_work
cd "$work"
PATH=$bin:$top/build/release/tests:$PATH
export HOME=$work XDG_CONFIG_HOME=$work/xdg XDG_DATA_HOME=$work/xdg XDG_CACHE_HOME=$work/xdg
make() { command make --no-print-directory -s -C "$top" "$@"; }

make install DESTDIR="$work/dest" PREFIX=/usr
share=$work/dest/usr/share
ln -s "$share/bash-completion/completions" completions
ln -s "$share/zsh/site-functions" site-functions
ln -s "$share/fish/vendor_completions.d" vendor_completions.d
# and a program whose words are such as shells trip over
make build/release/tests/odd-words
odd-words --completion bash >completions/odd-words
odd-words --completion zsh >site-functions/_odd-words
odd-words --completion fish >vendor_completions.d/odd-words.fish

for f in completions/*; do bash -n "$f"; done
for f in site-functions/_*; do zsh -n "$f"; done
for f in vendor_completions.d/*; do fish --no-config --no-execute "$f"; done
[ "$(find dest/ -path '*comp*' -name '*twinkey*' -type f -o -path '*/zsh/*' -type f | wc -l)" = 10 ] || die "files: $(find dest -type f)"
ok 'the files are where the shells look for them, and are such as they read'

for shell in bash zsh fish; do
	"$top/tests/tool/completions" $shell odd-words twinkey twinkey-card twinkey-operator >$shell.log 2>&1 || die "$shell"
	[ "$(sed -n 's/.*: \([0-9]*\) command lines/\1/p' $shell.log)" -gt 500 ] || die "$shell has completed too little"
	ok "$(tail -n 1 $shell.log)"
	[ ! -e evil ] || die "$shell ran what a description says"
done
# Sourced, as a user without our files does, and with an option that --help does not have: that is told.
mkdir other
(cd other && mkdir completions site-functions vendor_completions.d)
twinkey-card --completion bash | sed 's/--vscard/--vscarf/' >other/completions/twinkey-card
twinkey-card --completion zsh | sed 's/reader is QEMU/reader is QEMO/' >other/site-functions/_twinkey-card
twinkey-card --completion fish | sed 's/ -F / -f /' >other/vendor_completions.d/twinkey-card.fish
for shell in bash zsh fish; do
	(cd other && refuse "$shell: a script that departs is told" "$top/tests/tool/completions" $shell twinkey-card)
done
zsh -f -c "autoload -Uz compinit; compinit -u -D; source <(twinkey --completion zsh); print \$_comps[twinkey]" >sourced
[ "$(<sourced)" = _twinkey ] || die "sourced: zsh has $(<sourced)"

twinkey --json --completion fish | jq -j .script | diff - <(twinkey profile list --completion fish) || die 'the script in JSON'
refuse 'a shell that is not known' twinkey --completion tcsh
grep -q "takes bash|zsh|fish, not 'tcsh'" refused.out || die "$(<refused.out)"
make install DESTDIR="$work/debian" PREFIX=/usr ZSHDIR=/usr/share/zsh/vendor-completions
[ -s debian/usr/share/zsh/vendor-completions/_twinkey-card ] || die 'ZSHDIR is not heeded'
ok 'sourced, as JSON, elsewhere'
