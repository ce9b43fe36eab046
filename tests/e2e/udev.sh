#!/bin/bash
# udev: the rules for readers do what they promise, beside the rules of systemd, libccid and libnfc, on each event and on
# each device of tests/udev; a keyboard, a hub, a modem stay as they are. Then mutated copies of the rules: each mistake
# must be found.
# Works in namespaces, of an ordinary user where they are allowed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need umockdev-run udevadm unshare
records=$top/tests/udev
packaged=/usr/lib/udev/rules.d
for f in 92-libccid.rules 93-pn53x.rules; do [ -e $packaged/$f ] || skip "$packaged/$f is not installed"; done

# A namespace with a scratch /dev, /run and /etc/udev/rules.d: udevadm test makes real links and a real database.
if [ -z "${UDEV_PLACE:-}" ]; then
	private=(unshare --mount)
	[ "$(id -u)" = 0 ] || private=(unshare --user --map-root-user --mount)
	"${private[@]}" mount --no-mtab -t tmpfs none /run 2>/dev/null || skip 'namespaces are not allowed here'
	start_work
	mkdir "$work/dev" "$work/rules"
	UDEV_PLACE=$work "${private[@]}" bash "$0"
	exit
fi
work=$UDEV_PLACE
if [ -z "${UMOCKDEV_DIR:-}" ]; then
	mount --no-mtab -t tmpfs -o mode=0755 none "$work/dev"
	mkdir "$work/dev/pts"
	mount --no-mtab -t devpts none "$work/dev/pts" -o newinstance,ptmxmode=0666
	ln -s pts/ptmx "$work/dev/ptmx"
	ln -s /proc/self/fd "$work/dev/fd"
	for n in null zero random urandom; do
		touch "$work/dev/$n"
		mount --no-mtab --bind "/dev/$n" "$work/dev/$n"
	done
	mount --no-mtab --bind "$work/rules" /etc/udev/rules.d
	mount --no-mtab -t tmpfs none /run
	mount --no-mtab --rbind "$work/dev" /dev
	devices=(-d "$records/host.umockdev")
	for f in "$records"/*.umockdev; do
		[ "$f" = "$records/host.umockdev" ] || devices+=(-d "$f")
	done
	umockdev-run "${devices[@]}" -- bash "$0"
	exit
fi

bus=/sys/devices/pci0000:00/0000:00:14.0/usb1
drivers=$UMOCKDEV_DIR/sys/bus/usb/drivers
for d in pn533_usb usbhid hub usb ch341 ftdi_sio cp210x option; do
	mkdir -p "$drivers/$d"
	: >"$drivers/$d/unbind"
done

# What each device is: NAME PATH KIND SERIAL. The kind says what is due (see due()).
devices() {
	cat <<-'LIST'
		ccid          1-1                                 ccid   -
		ccid-twin     1-2                                 ccid   -
		ccid-serial   1-3                                 ccid   Generic_Smart_Card_Reader_Interface_20070818000000000
		composite     1-4                                 ccid   -
		acr122        1-5                                 ccid   -
		touchatag     1-6                                 pn53x  -
		scl3711       1-7                                 pn53x  -
		scl3712       1-8                                 pn53x  SCM_Micro_SCL3712-NFC_RW_0001
		pn533         1-9                                 pn53x  -
		pn531         1-10                                pn53x  -
		sony-pn531    1-11                                pn53x  -
		sony-rcs360   1-12                                pn53x  -
		ask-logo      1-13                                pn53x  -
		keyboard      1-14                                device -
		hub           1-15                                device -
		odd-keyboard  1-16/1-16.1                         behind -
		acs-keypad    1-17                                device -
		uart-ch340    1-18/1-18:1.0/ttyUSB0/tty/ttyUSB0   uart   -
		uart-ftdi     1-19/1-19:1.0/ttyUSB1/tty/ttyUSB1   uart   FTDI_FT232R_USB_UART_A9007Xyz-if00
		uart-cp210x   1-20/1-20:1.0/ttyUSB2/tty/ttyUSB2   uart   Silicon_Labs_CP2102_USB_to_UART_Bridge_Controller_0001-if00
		modem         1-21/1-21:1.0/ttyUSB3/tty/ttyUSB3   tty    -
		uart-device   1-18                                device -
		acr122-if     1-5/1-5:1.0                         grip   -
		scl3711-if    1-7/1-7:1.0                         grip   -
		ccid-if       1-1/1-1:1.0                         iface  -
		keyboard-if   1-14/1-14:1.0                       iface  -
		composite-if  1-4/1-4:1.2                         iface  -
	LIST
}
path_id() { # PATH: sets $id to what udev's path_id makes of it
	id=$1
	case $id in
	*/tty/*) id=${id#*/} id=${id%%/*} ;;
	*/*) id=${id##*/} ;;
	esac
	id=pci-0000:00:14.0-usb-0:${id#1-}
}

# Sets $seen: what the rules did on one event, in one line.
see() { # ACTION PATH
	local out=$work/udevadm.out
	: >"$drivers/pn533_usb/unbind"
	: >"$drivers/usbhid/unbind"
	udevadm test --action="$1" "$bus/$2" >"$out" 2>&1 || { seen="udevadm: exit code $?"; return; }
	seen=$(awk -v unbind="$(<"$drivers/pn533_usb/unbind")$(<"$drivers/usbhid/unbind")" -f "$work/effects.awk" "$out")
}
cat >"$work/effects.awk" <<'AWK'
/rules:[0-9]+ MODE /  { mode = $NF }
/rules:[0-9]+ GROUP / { group = $NF }
/rules:[0-9]+ LINK .twinkey/ { link = $NF; gsub(/'/, "", link); links = links (links ? "," : "") link }
/power\/control. writing / { power = $NF; gsub(/'/, "", power) }
/^run: .uaccess./     { uaccess = "yes" }
/^ID_MM_DEVICE_IGNORE=1/ { mm = mm "device" }
/^ID_MM_PORT_IGNORE=1/   { mm = mm "port" }
/^DEVLINKS=/ { kept = gsub(/serial\/by-/, "&") }
/twinkey/ && /Invalid|Unknown|[Ff]ailed|no matching label|takes no effect|[Ii]gnoring/ { noise = noise " {" $0 "}" }
function or(value) { return value == "" ? "-" : value }
END {
	print "mode=" or(mode), "group=" or(group), "uaccess=" or(uaccess), "power=" or(power), "mm=" or(mm), \
		"serial=" (kept + 0), "unbind=" or(unbind), "links=" or(links) noise
}
AWK
# Sets $must: what they must do.
due() { # ACTION PATH KIND SERIAL
	local mode=- group=- uaccess=- power=- mm=- serial=0 unbind=- links id
	path_id "$2"
	links=twinkey/by-path/$id
	[ "$4" = - ] || links=$links,twinkey/by-id/$4
	case $3 in
	ccid) mode=0660 uaccess=yes power=on; [ "$1" != add ] || group=$ccid_group ;;
	pn53x) mode=0660 uaccess=yes power=on group=$plugdev ;;
	uart) uaccess=yes mm=deviceport group=$dialout serial=2 ;;
	tty) group=$dialout links=- serial=2 ;;
	device) mode=0664 links=- ;;
	behind) mode=0664 links=-; [ "$1" != add ] || group=$plugdev ;; # libnfc's rules look at the parents too
	grip) links=- unbind=${2##*/} ;;
	iface) links=- ;;
	esac
	case $1.$3 in # the rules of systemd set mode and group on add alone
	bind.device | change.device | bind.behind | change.behind) mode=- ;;
	bind.uart | change.uart | bind.tty | change.tty) group=- ;;
	remove.ccid | remove.pn53x | remove.device | remove.behind) mode=- group=- uaccess=- power=- links=- ;;
	remove.uart | remove.tty) group=- uaccess=- mm=- links=- serial=0 ;;
	remove.grip | unbind.grip) unbind=- ;;
	esac
	must="mode=$mode group=$group uaccess=$uaccess power=$power mm=$mm serial=$serial unbind=$unbind links=$links"
}
plugdev=$(getent group plugdev | cut -d : -f 3)
dialout=$(getent group dialout | cut -d : -f 3)
ccid_group=$plugdev
events=0
check() { # ACTION PATH KIND SERIAL NAME: prints the difference
	local seen must
	see "$1" "$2"
	due "$1" "$2" "$3" "$4"
	events=$((events + 1))
	[ "$seen" = "$must" ] || { printf '%s, %s:\n  due:  %s\n  seen: %s\n' "$5" "$1" "$must" "$seen"; return 1; }
}
check_devices() { # ACTION...
	local name path kind serial action
	for action in "$@"; do
		rm -rf /run/udev
		while read -r name path kind serial; do
			check "$action" "$path" "$kind" "$serial" "$name" || return 1
		done < <(devices)
	done
}
# All readers at once: no two share a link, and each link leads to its own node.
check_links() {
	local name path kind serial number=0 links id
	rm -rf /run/udev "$UMOCKDEV_DIR/dev/twinkey" /dev/twinkey
	while read -r name path kind serial; do
		case $kind in ccid | pn53x | uart) ;; *) continue ;; esac
		udevadm test --action=add "$bus/$path" >"$work/udevadm.out" 2>&1
		number=$((number + 1))
		[ "$serial" = - ] || number=$((number + 1))
	done < <(devices)
	links=$(find "$UMOCKDEV_DIR/dev/twinkey" /dev/twinkey -type l -printf '%p %l\n' 2>/dev/null | sort -u)
	[ "$(wc -l <<<"$links")" = "$number" ] || { printf '%s links are due:\n%s\n' "$number" "$links"; return 1; }
	while read -r name path kind serial; do
		case $kind in ccid | pn53x) ;; *) continue ;; esac
		name=$(printf '/bus/usb/001/%03d' "$(cat "$bus/$path/devnum")")
		path_id "$path"
		grep -qE "/by-path/$id .*$name\$" <<<"$links" ||
			{ printf '%s does not lead to %s:\n%s\n' "$id" "$name" "$links"; return 1; }
	done < <(devices)
}
# A pcscd that is not root has a group of its own, which a later 92-libccid.rules sets on add.
check_other_group() {
	printf '%s\n' 'ACTION=="add", SUBSYSTEM=="usb", ENV{ID_USB_INTERFACES}=="*:0b0000:*", GROUP="dialout"' \
		>"$work/rules/92-libccid.rules"
	ccid_group=$dialout
	local status=0
	{ check add 1-1 ccid - 'pcscd with a group of its own' && check bind 1-1 ccid - 'pcscd with a group of its own'; } ||
		status=1
	ccid_group=$plugdev
	rm "$work/rules/92-libccid.rules"
	return $status
}
check_modprobe() { # FILE
	local lines
	lines=$(sed 's/#.*//; /^ *$/d' "$1" | sort | paste -s -d ,)
	[ "$lines" = 'blacklist nfc,blacklist pn533,blacklist pn533_usb' ] || { echo "modprobe: $lines"; return 1; }
}
all() { # what is wrong with the files in $work/rules
	check_modprobe "$work/rules/twinkey-pn533.conf" && check_devices add && check_links && check_devices bind remove change &&
		check_other_group && check unbind 1-7/1-7:1.0 grip - scl3711-if
}
fresh() {
	rm -f "$work/rules"/*
	cp "$top"/udev/*.rules "$top"/udev/*.conf "$work/rules"
}

fresh
all >"$work/rules.log" || die 'the rules'
ok "the rules: $events events of $(devices | wc -l) devices"

# Mistakes: WHAT|FILE|a command of sed, or a new name after >
mistakes() {
	cat <<-'LIST'
		uaccess is compared, not added|70-twinkey.rules|s/^TAG+=/TAG==/
		a match that assigns|70-twinkey.rules|s/^ACTION=="remove"/ACTION="remove"/
		a label is missing|70-twinkey.rules|s/^LABEL="twinkey_end"/LABEL="twinkey_finish"/
		a label of the middle is missing|70-twinkey.rules|/^LABEL="twinkey_tty"/d
		a jump to the wrong label|70-twinkey.rules|s/GOTO="twinkey_tty"/GOTO="twinkey_interface"/
		a jump past the rest|70-twinkey.rules|s/^\(ENV{ID_USB_INTERFACES}.*\)$/\1, GOTO="twinkey_end"/
		devices jump past all|70-twinkey.rules|s/GOTO="twinkey_device"/GOTO="twinkey_end"/
		uaccess after seat-late|70-twinkey.rules|>74-twinkey.rules
		the late file is too early|94-twinkey.rules|>91-twinkey.rules
		the late file between libccid and libnfc|94-twinkey.rules|>92-twinkey.rules
		the early file before usb_id|70-twinkey.rules|>40-twinkey.rules
		the mode is open to all|94-twinkey.rules|s/"0660"/"0666"/
		the mode is closed to the group|94-twinkey.rules|s/"0660"/"0600"/
		the mode is compared|94-twinkey.rules|s/^MODE=/MODE==/
		no mode|94-twinkey.rules|/^MODE/d
		an open mode in the early file is final|70-twinkey.rules|s/^TAG+="uaccess"/&, MODE:="0666"/
		an unknown group|70-twinkey.rules|s/"plugdev"/"plugdef"/
		another group|70-twinkey.rules|s/"plugdev"/"dialout"/
		the group of a stick is compared|70-twinkey.rules|s/"pn53x", GROUP=/"pn53x", GROUP==/
		the group of CCID is final|70-twinkey.rules|s/"ccid", GROUP=/"ccid", GROUP:=/
		the group of CCID on each event|70-twinkey.rules|s/^ACTION=="add", ENV/ENV/
		links by a number that twins share|70-twinkey.rules|s/by-path\/$env{ID_PATH}/by-path\/$env{ID_SERIAL}/
		links by serial number without one|70-twinkey.rules|s/^ENV{ID_SERIAL_SHORT}=="?\*"/ENV{ID_SERIAL}=="?*"/
		one link for all|70-twinkey.rules|s/by-path\/$env{ID_PATH}/reader/
		links replace those of others|70-twinkey.rules|s/SYMLINK+=/SYMLINK=/
		a key that does not exist|70-twinkey.rules|s/SYMLINK+=/SYMLNIK+=/
		interfaces are handled as devices|70-twinkey.rules|s/, ENV{DEVTYPE}=="usb_device"//
		a wrong type of device|70-twinkey.rules|s/"usb_device"/"usb_dev"/
		a wrong vendor|70-twinkey.rules|s/"04e6"/"04e5"/
		a wrong product|70-twinkey.rules|s/90cc/90cd/
		a product is forgotten|70-twinkey.rules|s/"5591|5594"/"5591"/
		a product is not compared|70-twinkey.rules|s/ATTR{idVendor}=="072f", ATTR{idProduct}=="2200|90cc"/ATTR{idVendor}=="072f"/
		what hangs behind a device counts as it|70-twinkey.rules|s/^ATTR{idVendor}=="04cc", ATTR{idProduct}=="2533"/ATTRS{idVendor}=="04cc", ATTRS{idProduct}=="2533"/
		a serial line has no vendor itself|70-twinkey.rules|s/^ATTRS{idVendor}=="0403", ATTRS/ATTR{idVendor}=="0403", ATTR/
		readers with one interface alone|70-twinkey.rules|s/"\*:0b????:\*"/":0b????:"/
		a wrong class|70-twinkey.rules|s/:0b????:/:03????:/
		the class of the device, not of its interfaces|70-twinkey.rules|s/ENV{ID_USB_INTERFACES}=="[^"]*"/ATTR{bDeviceClass}=="0b"/
		on add alone|70-twinkey.rules|s/^ACTION=="remove"/ACTION!="add"/
		the late file on add alone|94-twinkey.rules|s/^ACTION=="remove"/ACTION!="add"/
		on remove too|70-twinkey.rules|/^ACTION=="remove"/d
		unbind on the wrong event|70-twinkey.rules|s/"add|bind|change", DRIVER/"unbind|remove", DRIVER/
		unbind on unbind too|70-twinkey.rules|s/^ACTION=="add|bind|change", DRIVER/DRIVER/
		unbind not on bind|70-twinkey.rules|s/"add|bind|change", DRIVER/"add|change", DRIVER/
		unbind whatever the driver|70-twinkey.rules|s/, DRIVER=="pn533_usb"//
		unbind of another driver|70-twinkey.rules|s/DRIVER=="pn533_usb"/DRIVER=="pn533"/
		unbind says the wrong name|70-twinkey.rules|s/}="%k"/}="%n"/
		unbind writes elsewhere|70-twinkey.rules|s/driver\/unbind/unbind/
		autosuspend stays on|94-twinkey.rules|s/}="on"/}="auto"/
		autosuspend of a file that is not there|94-twinkey.rules|s/power\/control"/power\/contol"/
		sticks keep their mode|94-twinkey.rules|s/"ccid|pn53x"/"ccid"/
		the late file asks for another name|94-twinkey.rules|s/TWINKEY_READER/TWINKEY_DEVICE/
		modems are ignored|70-twinkey.rules|s/^SUBSYSTEM=="tty"/SUBSYSTEM=="tty", ENV{ID_MM_DEVICE_IGNORE}="1"\n&/
		ModemManager is not told|70-twinkey.rules|/^ENV{ID_MM_DEVICE_IGNORE}/d
		ModemManager is asked|70-twinkey.rules|s/ENV{ID_MM_PORT_IGNORE}=/ENV{ID_MM_PORT_IGNORE}==/
		a quote is missing|70-twinkey.rules|s/^TAG+="uaccess"/TAG+="uaccess/
		a rule without a comma's other side|70-twinkey.rules|s/^ENV{ID_PATH}=="?\*", /ENV{ID_PATH}=="?*" \&\& /
		a curly bracket is missing|70-twinkey.rules|s/ATTR{idVendor}=="04cc"/ATTR{idVendor=="04cc"/
		the early file is empty|70-twinkey.rules|d
		the late file is empty|94-twinkey.rules|d
		the blacklist lacks a module|twinkey-pn533.conf|/^blacklist pn533_usb/d
		the blacklist has a slip|twinkey-pn533.conf|s/^blacklist nfc/blacklst nfc/
	LIST
}
found=0 tried=0 missed=()
while IFS='|' read -r what file change; do
	fresh
	case $change in
	'>'*) mv "$work/rules/$file" "$work/rules/${change#>}" ;;
	*)
		sed -i "$change" "$work/rules/$file" || die "the mistake '$what'"
		! cmp -s "$work/rules/$file" "$top/udev/$file" || die "the mistake '$what' changes nothing"
		;;
	esac
	tried=$((tried + 1))
	if all >"$work/mistake.out"; then missed+=("$what"); else found=$((found + 1)); fi
done < <(mistakes)
[ $found = $tried ] || die "mistakes not found: $(printf '%s; ' "${missed[@]}")"
ok "mistakes in the rules: $found of $tried found"
