#!/bin/bash
# Two genuine eUICCs have the same profile: the operator's manager installed it on one, and somebody put a copy of the
# package on the other. The key goes to the first alone; what the other asks is in the log, and costs nobody anything.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq
start_work
imsi1=001010000000001 imsi2=001010000000002
operator() { "$bin/twinkey-operator" "$@" --dir "$work/op"; }
true_card() { "$bin/twinkey" "$@" --reader "card:$work/true" --operator "unix:$work/op.sock"; }
foreign() { "$bin/twinkey" "$@" --reader "card:$work/foreign" --operator "unix:$work/op.sock"; }
export TWINKEY_PIN=1234 # the PIN that a prepared profile leaves with: a test value
eid_of() { "$bin/twinkey-card" inspect --dir "$work/$1" --json | jq -r .eid; }
put() { # CARD LINK CODE: the profile is loaded and enabled
	local reader="card:$work/$1" link="unix:$work/$2"
	"$bin/twinkey" profile load --reader "$reader" --operator "$link" "$3" --json 2>/dev/null >"$work/load.json"
	"$bin/twinkey" profile enable --reader "$reader" --operator "$link" "$(jq -r .iccid "$work/load.json")" >/dev/null
}

"$bin/twinkey-card" create --dir "$work/true" >/dev/null
"$bin/twinkey-card" create --dir "$work/foreign" >/dev/null
true=$(eid_of true) foreign=$(eid_of foreign)
[ "$true" != "$foreign" ] || die "both are $true"
operator init --import-pki "$work/true/pki" >/dev/null
for ci in "$work"/foreign/pki/CI/CERT_*.der; do # the operator trusts both
	cp "$ci" "$work/op/pki/CI/CERT_other_$(basename "$ci")"
done
"$bin/twinkey-operator" init --dir "$work/theirs" --import-pki "$work/foreign/pki" >/dev/null
operator subscriber add --imsi1 $imsi1 --imsi2 $imsi2 >/dev/null
code=$(operator profile prepare --imsi $imsi1 --out "$work/upp.der" --json | jq -r .activationCode)
copy=$("$bin/twinkey-operator" profile import --dir "$work/theirs" "$work/upp.der" --json | jq -r .activationCode)
background theirs "$bin/twinkey-operator" serve --dir "$work/theirs" --socket "$work/theirs.sock"
background serve "$bin/twinkey-operator" serve --dir "$work/op" --socket "$work/op.sock"
wait_for 10 'their manager' test -S "$work/theirs.sock"
wait_for 10 'the operator' test -S "$work/op.sock"
put true op.sock "$code"
put foreign theirs.sock "$copy"

true_card auth >/dev/null
operator factor approve --imsi $imsi1 --agent 'desk 4' --evidence 'passport seen' >/dev/null
operator subscriber show --imsi $imsi1 --json >"$work/before.json"
status=0
foreign release >"$work/release.out" 2>&1 || status=$?
[ $status = 4 ] || die "exit code $status: $(<"$work/release.out")"
expect 'another eUICC gets no key' 'the profile is on another eUICC' "$work/release.out"
operator subscriber show --imsi $imsi1 --json >"$work/after.json"
cmp "$work/before.json" "$work/after.json" || die 'the refusal has changed the subscriber'
operator log --imsi $imsi1 --json >"$work/log.json"
jq -e --arg t "EID $foreign asked; the profile is on EID $true: the manager has its signed result" \
	'.log[-1] | .event == "foreign" and .from == .to and .evidence == $t' "$work/log.json" >/dev/null ||
	die "$(jq -c '.log[-1]' "$work/log.json")"
ok 'and who asked is in the log'
true_card release >"$work/release.out"
expect 'the true one gets it' 'Released' "$work/release.out"
true_card auth --json | jq -e '.access == "full"' >/dev/null || die 'no full access'
operator subscriber show --imsi $imsi1 --json | jq -e ".eid == \"$true\" and .boundBy == \"grant\"" >/dev/null ||
	die 'it is not bound'

# lost: what the operator says counts; the former one gets nothing any more, and the other begins anew
operator subscriber bind --imsi $imsi1 --eid "$foreign" --reason 'another telephone' >"$work/bind.out" 2>&1
expect 'the operator moves the subscriber' 'PROVISIONED' "$work/bind.out"
refuse 'the former eUICC attaches no more' true_card auth
foreign auth >/dev/null
operator factor approve --imsi $imsi1 --agent 'desk 4' --evidence 'passport seen' >/dev/null
foreign run >"$work/run.out"
expect 'the new one goes all the way' 'full access' "$work/run.out"
operator log --verify >"$work/verify.out"
expect 'the log holds' 'The log is intact: [0-9]+ entries' "$work/verify.out"
