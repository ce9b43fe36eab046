#!/bin/bash
# The container of packaging/container, built as its Containerfile says from this release's own archive, and the recipes of
# docs/ci.md in it, as they stand there: as an ordinary user and as root, without the rights that Docker does not give.
#
# lpac and pySim are not in Debian: TWINKEY_LPAC is a folder with lpac as it installs itself at /opt/lpac, TWINKEY_PYSIM one
# with pySim. What they need beside Debian's packages is in them, below lib and site.
# runs: root
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need buildah jq tar python3 ip
python3 -c 'import yaml' 2>/dev/null || skip 'PyYAML is not installed'
[ "$(id -u)" = 0 ] || skip 'only root can build the container here'
if [ $# = 0 ]; then # what is mounted inside goes with it
	base=$("$top/tests/root/make") || exit $?
	unshare --mount -- true 2>/dev/null || skip 'root may not make namespaces here'
	start_work
	status=0
	unshare --mount -- bash "$0" "$work" "$base" || status=$?
	exit $status
fi
work=$1 base=$2 driver=overlay
export TMPDIR=$work
[ ! -d /var/lib/containers ] || mount --no-mtab -t tmpfs tmpfs /var/lib/containers # where it keeps a cache
box() { # VERB...: buildah with a storage of its own
	buildah --root "$work/storage" --runroot "$work/run" --storage-driver $driver "$@"
}
box info >"$work/info.log" 2>&1 || driver=vfs
in_box() { # USER COMMAND...: in the container that is made anew
	box run --isolation chroot --user "$1" "${binds[@]}" "$container" -- "${@:2}" </dev/null
}
export -f box in_box
in_box_alone() { # likewise, with a loopback of its own and no other network
	declare -p work driver binds container >"$work/state"
	# shellcheck disable=SC2016 # the inner shell's
	unshare --net -- bash -c '. "$0" && ip link set lo up && in_box "$@"' "$work/state" "$@"
}
binds=()

# what FROM names is this machine's release
container=$(box from scratch)
box add "$container" "$base" / >"$work/base.log" 2>&1 || die 'the root as an image'
box config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
box commit --quiet --rm "$container" docker.io/library/debian:bookworm-slim >"$work/base.log" 2>&1 || die 'the root as an image'

# The container. Its first stage makes the packages out of the sources: at length. Else those are taken that
# packages.sh has made of these sources, where they are, and the second stage is all.
mkdir "$work/sources"
tar -C "$top" --exclude=./build --exclude=./.git -cf - . | tar -C "$work/sources" -xf -
file=$work/sources/packaging/container/Containerfile
made() { # all of them, and nothing that they are made of was changed since
	compgen -G "$top/build/deb/*.changes" >"$work/changes" && [ "$(wc -l <"$work/changes")" = 1 ] &&
		[ -z "$(cd "$top" && find . \( -path ./build -o -path ./.git -o -path ./tests \) -prune -o -type f -newer "$(<"$work/changes")" -print -quit)" ]
}
if [ -z "${TWINKEY_LONG:-}" ] && made; then
	mkdir -p "$work/sources/src/build"
	cp -r "$top/build/deb" "$work/sources/src/build/"
	awk '/^FROM/ { stage++ } stage != 1 { sub(/ --from=build/, ""); print }' "$file" >"$file.second"
	file=$file.second
fi
build_it() { # OPTION...
	box build --isolation chroot --pull-never --layers -f "$file" "$@" "$work/sources" >"$work/build.log" 2>&1 && return
	! grep -qE 'Temporary failure resolving|Could not (resolve|connect)' "$work/build.log" || skip 'the archive is not in reach'
	die 'the container is not built'
}
whole=yes
[[ $file != *.second ]] || whole=
[ -z "$whole" ] || build_it --target build -t sources
build_it -t twinkey
rm -rf "$work/sources"
[ -n "$whole" ] || echo 'note: of the packages that are there'
ok "the container: $(box images --json localhost/twinkey | jq -r '.[0].size')"
steps() { # FILE EXPRESSION: what a workflow's file has there
	python3 -c 'import sys, yaml
it = yaml.safe_load(open(sys.argv[1]))
print("\n".join(eval(sys.argv[2])))' "$top/packaging/workflow/$1" "$2"
}
if [ -n "$whole" ]; then # the action for GitHub installs what a stage of the container has built
	container=$(box from --pull-never localhost/sources)
	steps action.yml '["set -e"] + [s["run"] for s in it["runs"]["steps"]]' >"$work/action"
	cat >>"$work/action" <<'END'
cd && twinkey-card create --dir card && twinkey-card run --dir card -- twinkey info
END
	cp "$work/action" "$(box mount "$container")/action"
	in_box root env GITHUB_ACTION_PATH=/src/packaging/workflow sh -e /action >"$work/action.log" 2>&1 || die 'the action for GitHub'
	expect 'the action for GitHub' '^EID' "$work/action.log"
	box rm "$container" >/dev/null
fi

# Sections of the page: a file each, numbered, named after the first word that its heading has of these.
recipes() { # FOLDER
	awk -v folder="$1" '
		/^## / {
			name = "any"
			for (i = 2; i <= NF; i++) {
				word = $i
				sub(/[^A-Za-z_-].*/, "", word)
				if (word ~ /^(opensc-tool|eapol_test|lpac|pySim-shell|terminal|audit)$/) { name = word; break }
			}
		}
		/^```sh$/ { file = sprintf("%s/%02d-%s", folder, ++n, name); print "set -ex" >file; on = 1; next }
		/^```$/ { on = 0 }
		on { print >file }' "$top/docs/ci.md"
}
saw() { expect "$who, ${recipe#*-}" "$1" "$work/$recipe.log"; }
strangers=()
[ -z "${TWINKEY_LPAC:-}" ] || { strangers+=(lpac); binds+=(-v "$TWINKEY_LPAC:/opt/lpac:ro"); }
[ -z "${TWINKEY_PYSIM:-}" ] || { strangers+=(pySim-shell); binds+=(-v "$TWINKEY_PYSIM:/opt/pysim:ro"); }
for who in twinkey ${TWINKEY_LONG:+root}; do # root at length alone
	container=$(box from --pull-never localhost/twinkey)
	place=$(box mount "$container")
	home=/home/twinkey
	mkdir "$work/recipes-$who"
	recipes "$work/recipes-$who"
	cp -r "$work/recipes-$who" "$place$home/recipes"
	mkdir "$place$home/gitlab"
	chmod -R a+rX "$place$home/recipes"
	chmod 1777 "$place$home/gitlab"
	[ $who = twinkey ] || home=/root
	in_box_alone $who sh -c 'grep CapBnd /proc/self/status; unshare --user true; unshare --mount true' >"$work/rights.log" 2>&1 || true
	bounds=$((0x$(sed -n 's/^CapBnd:[[:space:]]*//p' "$work/rights.log")))
	((bounds >> 21 & 1 || bounds >> 12 & 1)) && die 'the container may have CAP_SYS_ADMIN or CAP_NET_ADMIN'
	[ "$(grep -c 'unshare: unshare failed' "$work/rights.log")" = 2 ] || die 'the container may make namespaces'
	if [[ " ${strangers[*]} " = *' pySim-shell '* ]]; then
		in_box root sh -ec 'apt-get update; apt-get install -y --no-install-recommends python3-pyscard python3-serial \
			python3-cmd2 python3-construct python3-bidict python3-yaml python3-termcolor python3-colorlog python3-ply \
			python3-pycryptodome python3-cryptography python3-packaging python3-bitstruct python3-pyparsing' \
			>"$work/pysim.log" 2>&1 || die 'what pySim needs of Debian'
	fi
	for file in "$work/recipes-$who"/*; do
		recipe=$(basename "$file")
		name=${recipe#*-}
		case $name in
		lpac | pySim-shell)
			[[ " ${strangers[*]} " = *" $name "* ]] || { echo "note: $name is skipped: no folder of it is given"; continue; }
			;;
		esac
		in_box_alone $who env -C "$home" PATH=/opt/lpac:/opt/lpac/bin:/opt/pysim:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin \
			LD_LIBRARY_PATH=/opt/lpac/lib PYTHONPATH=/opt/pysim/site PYTHONDONTWRITEBYTECODE=1 \
			sh -e "/home/twinkey/recipes/$recipe" >"$work/$recipe.log" 2>&1 || die "the recipe for $name, as $who"
		case $name in
		opensc-tool) saw '98 00 10 32 54 76 98 10 32 14' ;;
		eapol_test) saw '^SUCCESS' ;;
		lpac) saw 'Installed' ;;
		pySim-shell) saw '"imsi": "001010123456789"' ;;
		terminal) saw 'answer is the expected one' ;;
		audit) grep -q '</testsuites>' "$place$home/audit.xml" && saw 'Nothing is wrong by the rules' ;;
		*) die "a recipe that this test does not know: $recipe" ;;
		esac
	done
	if [ $who = twinkey ]; then
		for job in twinkey-card twinkey-lpa; do
			steps gitlab.yml "['set -ex'] + it['$job']['script']" >"$place$home/recipes/$job"
			in_box_alone $who env -C "$home/gitlab" sh -e "../recipes/$job" >"$work/$job.log" 2>&1 || die "GitLab's job $job"
		done
		expect "GitLab's job with a card" '^3b:' "$work/twinkey-card.log"
		expect "GitLab's job with an LPA" 'loaded: [0-9]* octets' "$work/twinkey-lpa.log"
		# shellcheck disable=SC2016 # the inner shell's
		in_box_alone $who sh -ec 'timeout --foreground 60 twinkey-serve & until [ -e /var/lib/twinkey/env ]; do sleep 0.1; done
			. /var/lib/twinkey/env
			curl -sS --cacert "$TWINKEY_CA" --connect-to "::$TWINKEY_SMDP_CONNECT" "https://$TWINKEY_SMDP_ADDRESS/"
			kill $!; wait $!' >"$work/service.log" 2>&1 || die 'the container as a service'
		expect 'the container as a service' 'there is no such path' "$work/service.log"
	fi
	box rm "$container" >/dev/null
done
[ "$(ls "$work/recipes-twinkey" | wc -l)" = 6 ] || die "recipes: $(ls "$work/recipes-twinkey")"
