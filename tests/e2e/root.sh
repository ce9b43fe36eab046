#!/bin/bash
# The clean root that other tests work in (tests/root): what is in it and what is not, and that nothing of it stays.
# runs: root long
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
start_work
mkdir "$work/given" "$work/shared"
echo 'from outside' >"$work/given/file"
root() { "$top/tests/root/enter" --bind "$work/given:/given" --bind-rw "$work/shared:/shared" "$@"; }

root true || { status=$?; [ $status = 77 ] && exit 77; die "exit code $status"; }
cat /proc/self/mountinfo >"$work/mounts"

cat >"$work/given/look" <<'END_LOOK'
id -un
cat /given/file
[ -w /given ] && echo 'the folder that is given can be written to'
ls -d /proc/[0-9]* | wc -l
command -v pcscd gcc || echo 'nothing more than Debian has'
pwd
cat
exit 7
END_LOOK
for who in root user; do
	as=() home=/root
	[ $who = root ] || { as=(--user); home=/home/user; }
	status=0
	echo 'by the standard input' | root "${as[@]}" -- sh /given/look >"$work/look.log" || status=$?
	[ $status = 7 ] || die "$who: exit code $status is not the command's"
	# its shell, env's or ours, ls, wc: few, and none of the machine's
	[ "$(sed -n 3p "$work/look.log")" -le 5 ] || die "$who sees processes of the machine"
	sed -i 3d "$work/look.log"
	printf '%s\n' $who 'from outside' 'nothing more than Debian has' $home 'by the standard input' |
		diff - "$work/look.log" || die "what $who sees"
	ok "what $who sees"
done

root -- sh -c 'apt-get install -q -y --no-install-recommends hello && hello >/shared/said' >"$work/install.log" 2>&1 ||
	die 'apt-get in the root'
expect 'apt-get installs from the archive' 'Hello, world' "$work/shared/said"
root -- sh -c '! command -v hello' || die 'what one command installed is there for the next'
root --user -- unshare --user --map-root-user --net --mount -- true || die 'no namespaces for an ordinary user'
ok 'each command has a root of its own, in which an ordinary user may make namespaces'

# with systemd as the first process, where the machine lets one be started
boot=(--boot)
status=0
root --boot -- sh -c 'cat /proc/1/comm; systemctl is-system-running; [ -w /proc/sys/kernel/hostname ] || echo settings stay' \
	>"$work/boot.log" 2>&1 || status=$?
if [ $status = 77 ]; then
	tail -n 1 "$work/boot.log"
	boot=()
else
	printf '%s\n' systemd running 'settings stay' | diff - "$work/boot.log" || die "with systemd (exit code $status)"
	ok 'with systemd'
fi

# a command that is ended takes with it what it left behind
mkdir "$work/places" # its group has the name of its place: another test's root may be there at the same time
background long env TMPDIR="$work/places" "$top/tests/root/enter" "${boot[@]}" -- sh -c 'sleep 7654321 & echo started; sleep 7654321'
wait_for 20 'the command' grep -q started "$work/long.log"
place=$(ls "$work/places")
[ ${#boot[@]} = 0 ] || [ -n "$(find /sys/fs/cgroup -name "$place")" ] || die 'no control group of that name'
stop "$last"
for p in /proc/[0-9]*/cmdline; do
	if { tr '\0' ' ' <"$p"; } 2>/dev/null | grep -q '^sleep 7654321'; then die "$p is still there"; fi
done
[ -z "$(find /sys/fs/cgroup -name "$place")" ] || die 'a control group is still there'
diff "$work/mounts" /proc/self/mountinfo || die 'something is still mounted'
refuse 'a package that is not there' "$top/tests/root/enter" --packages no-such-package-as-this true
refuse 'a folder that is not there' "$top/tests/root/enter" --bind /nowhere true
refuse 'no command' "$top/tests/root/enter" --user
ok 'nothing stays'
