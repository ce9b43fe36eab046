#!/bin/bash
# The command lines of README.md, as they stand there, one after the other.
. "$(dirname "$0")/lib.sh"
need pcscd opensc-tool jq tshark
if [ -z "${VPCD_PORT:-}" ]; then
	"$top/scripts/virtual-reader" --check || exit 77
	start_work
	exec "$top/scripts/virtual-reader" -- bash "$0" "$work"
fi
work=$1
trap cleanup EXIT
cd "$work" || exit 1
PATH=$bin:$PATH
ln -s "$top/scripts" scripts
export TWINKEY_PIN=1234 # of a prepared profile: a test value
sed -n '/^```sh$/,/^```$/p' "$top/README.md" | grep -v '^```' >commands
[ "$(grep -c . commands)" -gt 20 ] || die 'README.md has no commands'
{
	echo 'trap "kill \$(jobs -p)" EXIT; set -exo pipefail'
	cat commands
} >script
bash script >out.log 2>&1 || die 'a command of README.md fails'
expect 'the card in the reader' '^3b:' out.log
expect 'limited access' '[Ll]imited' out.log
expect 'full access' '[Ff]ull' out.log
expect 'the trace' 'GSM SIM' out.log
