#!/bin/bash
# The programs are built with the compiler's and the linker's protections. What holds keys leaves no core when it
# dies, wherever cores go and whatever the limit says; and no key is in an argument or in the environment of a program
# that runs.
. "$(dirname "$0")/lib.sh"
start_work
umask 077
# The linker marks a program for IBT and SHSTK only where the C library's own objects are; ours are, each of them.
for p in twinkey twinkey-card twinkey-operator; do
	readelf -hldW "$bin/$p" >"$work/elf"
	grep -q 'Type: *DYN' "$work/elf" && grep -q GNU_RELRO "$work/elf" && grep -qE 'BIND_NOW|FLAGS.*NOW' "$work/elf" ||
		die "$p is no position-independent program with full RELRO"
	! grep -qE 'GNU_STACK.* RWE' "$work/elf" || die "$p has an executable stack"
done
ok 'position-independent, full RELRO, no executable stack'
if [ "$(uname -m)" = x86_64 ] && grep -q -- -fcf-protection "$bin/flags" 2>/dev/null; then
	for a in "$bin"/libtwinkey*.a; do
		readelf -nW "$a" >"$work/notes" 2>/dev/null
		[ "$(grep -c '^File:' "$work/notes")" = "$(grep -c 'x86 feature: IBT, SHSTK' "$work/notes")" ] ||
			die "$a has objects without IBT and SHSTK"
	done
	ok 'every object of ours is for IBT and SHSTK'
fi
objects=(tool/sys/file.o lib/crypto/ec.o card-emu/cmd/main.o host/cmd/main.o host/operator/cmd/main.o)
# the objects themselves do not say how they were compiled, so that they are the same everywhere
make -C "$top" --no-print-directory -B -n V=1 "${objects[@]/#/build/release/}" >"$work/commands" 2>"$work/make.log" || die 'make -n'
for o in "${objects[@]}"; do
	command=$(grep -F -- "-o build/release/$o " "$work/commands") || die "make does not say how $o is compiled"
	for flag in -fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero; do
		grep -q -- "$flag" "$bin/flags" || continue # not this compiler's
		grep -q -- "$flag" <<<"$command" || die "$o is compiled without $flag"
	done
done
nm "$bin/tool/sys/file.o" | grep -q __stack_chk_fail || die 'tool/sys/file looks at no stack protector'
ok 'stack protector, stack clash protection, automatic variables begin as zero'
k=465b5ce8b199b49faa5f0a2ee238a6bc opc=cd63cb71954a9f4e48a5994e37a02baf # 3GPP TS 35.208 test set 1
port=$((20000 + $$ % 12000))
printf 'imsi = 001010123456789\niccid = 89000123456789012341\nk = %s\nopc = %s\npin = 1234\n' $k $opc >"$work/sim"
"$bin/twinkey-card" create --dir "$work/card" --profile "$work/sim" >"$work/create.log"
outer=$(od -An -v -N 32 -tx1 /dev/urandom | tr -d " \n") # seals the keys of the operator's stores
OUTER=$outer "$bin/twinkey-operator" init --dir "$work/op" --key env:OUTER >"$work/init.log"
mkdir "$work/cores"
cd "$work/cores"
ulimit -c unlimited 2>/dev/null || skip 'cores are forbidden here: nothing can be shown'

dies() { # NAME COMMAND...: starts it in a shell that tells how it ended, looks at it, kills it
	local name=$1 pid
	shift
	# the inner shell says "Aborted" and, when there was one, "(core dumped)"
	bash -c 'ulimit -c unlimited; "$@" & echo $! >"$0.pid"; wait $!' "$work/$name" "$@" >"$work/$name.log" 2>&1 &
	pids+=($!)
	wait_for 10 "$name" test -s "$work/$name.pid"
	pid=$(<"$work/$name.pid")
	sleep 0.5
	kill -0 "$pid" 2>/dev/null || die "$name does not run"
	! grep -qaiE "$k|$opc|$outer" "/proc/$pid/cmdline" || die "$name has a key in its arguments"
	if [ -r "/proc/$pid/environ" ]; then
		! grep -qaiE "$k|$opc|$outer" "/proc/$pid/environ" 2>/dev/null || die "$name has a key in its environment"
	fi
	kill -ABRT "$pid"
	wait_for 10 "the end of $name" grep -q Aborted "$work/$name.log"
}

dies control sleep 60
grep -q 'core dumped' "$work/control.log" || skip 'a program without secrets leaves no core here: nothing can be shown'
rm -f "$work"/cores/*
ok 'a program that is not hardened leaves a core'
dies card "$bin/twinkey-card" run --dir "$work/card" --port "$port"
OUTER=$outer dies operator "$bin/twinkey-operator" serve --dir "$work/op" --socket "$work/op.sock"
dies terminal "$bin/twinkey" info --reader "vpcd:$((port + 1))" --wait 60
for name in card operator terminal; do
	if grep -q 'core dumped' "$work/$name.log"; then die "$name left a core"; fi
done
[ -z "$(ls -A "$work/cores")" ] || die "cores: $(ls "$work/cores")"
ok 'card, operator and terminal leave none, and had no key in arguments or environment'

# a key as an argument is taken by no program, and not said again
for command in init 'key seal' 'key make'; do
	# shellcheck disable=SC2086 # the words of the command
	if "$bin/twinkey-operator" $command --dir "$work/op" --key "$outer" >"$work/option.log" 2>&1; then die "$command takes a key"; fi
	! grep -q "$outer" "$work/option.log" || die "$command says the key"
done
for program in twinkey twinkey-card twinkey-operator; do
	for option in --k --opc --op --key --pin; do
		if "$bin/$program" "$option" $k >"$work/option.log" 2>&1; then die "$program takes $option"; fi
	done
done
ok 'no program takes a key as an argument'
