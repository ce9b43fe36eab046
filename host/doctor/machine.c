/* machine: the links of kernel and udev: the device on the USB, who holds it, its node. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/doctor/link.h"
#include "host/doctor/tree.h"

#define EARLY_RULES "70-twinkey.rules"
#define LATE_RULES  "94-twinkey.rules"

/* All devices of the kind but that of the others; NULL: there is none. */
static const struct usb_device *first_of(const struct doctor *d, enum usb_kind kind)
{
	for (size_t i = 0; i < d->usb.count; i++) {
		if (d->usb.devices[i].kind == kind)
			return &d->usb.devices[i];
	}
	return NULL;
}

static void absent_without_usb(const struct doctor *d, struct doctor_finding *f)
{
	if (d->usb.is_there)
		finding_absent(f, "no reader on the USB");
	else
		finding_absent(f, "no USB here (a container, or a machine without it)");
}

/* USB 2.0 9.1: a device without interfaces was not configured, for want of power as a rule. */
static bool tell_usb_trouble(const struct usb_device *u, struct doctor_finding *f)
{
	if (!u->is_authorized) {
		finding_trouble(f, "%s is locked out at port %s (authorized is 0)", u->title,
				u->name);
		finding_mend(f, "echo 1 | sudo tee /sys/bus/usb/devices/%s/authorized", u->name);
	} else if (!u->is_configured) {
		finding_trouble(f, "%s at port %s has no configuration", u->title, u->name);
		finding_mend(f, "plug it into another port, without a hub: it may lack power");
	} else {
		return false;
	}
	return true;
}

void link_usb(struct doctor *d, struct doctor_finding *f)
{
	char list[DOCTOR_TEXT] = "";
	size_t n = 0;

	for (size_t i = 0; i < d->usb.count; i++) {
		const struct usb_device *u = &d->usb.devices[i];

		if (tell_usb_trouble(u, f))
			return;
		if (n < sizeof(list) - 1)
			n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", n ? "; " : "",
					      u->title);
		n = n < sizeof(list) ? n : sizeof(list) - 1;
	}
	if (!d->usb.count)
		absent_without_usb(d, f);
	else
		finding_good(f, "%s", list);
}

static bool is_nfc_driver(const char *driver)
{
	return strncmp(driver, "pn533", 5) == 0;
}

void link_kernel(struct doctor *d, struct doctor_finding *f)
{
	if (!d->usb.count) {
		absent_without_usb(d, f);
		return;
	}
	for (size_t i = 0; i < d->usb.count; i++) {
		const struct usb_device *u = &d->usb.devices[i];

		if (u->kind == USB_UART && !*u->tty) {
			finding_trouble(f, "%s has no serial line: the kernel has no driver for it",
					u->title);
			finding_mend(f, "sudo modprobe usbserial; then plug it in again (dmesg "
					"says which driver it wants)");
			return;
		}
		if (u->kind == USB_UART || !*u->holder)
			continue;
		finding_trouble(f, "the kernel's driver %s holds %s", u->holder, u->title);
		if (is_nfc_driver(u->holder))
			finding_mend(f, "sudo modprobe -r pn533_usb (for good: Twinkey's "
					"twinkey-pn533.conf in /etc/modprobe.d)");
		else
			finding_mend(f, "echo %s | sudo tee /sys/bus/usb/drivers/%s/unbind",
				     u->interface, u->holder);
		return;
	}
	finding_good(f, "no driver of the kernel holds a reader");
}

enum rules_state { RULES_MISSING, RULES_EMPTY, RULES_THERE };

/* In the order in which udev looks: the first file of a name is the one that counts. */
static enum rules_state find_rules(const struct doctor *d, const char *name)
{
	static const char *const folders[] = {"/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"};
	char path[PATH_CAP];
	struct stat s;

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		tree_path(path, d->plan->root, "%s/udev/rules.d/%s", folders[i], name);
		if (*path && stat(path, &s) == 0)
			return S_ISREG(s.st_mode) && s.st_size ? RULES_THERE : RULES_EMPTY;
	}
	return RULES_MISSING;
}

static void tell_missing_rules(const struct doctor *d, struct doctor_finding *f)
{
	if (first_of(d, USB_PN53X) || first_of(d, USB_UART)) {
		finding_trouble(f, "Twinkey's rules are not installed: an NFC reader needs them");
		finding_mend(f, "sudo make install-udev && sudo udevadm control --reload && sudo "
				"udevadm trigger --action=add --subsystem-match=usb");
	} else {
		finding_absent(f, "Twinkey's rules are not installed; pcscd needs none");
	}
}

void link_rules(struct doctor *d, struct doctor_finding *f)
{
	enum rules_state early = find_rules(d, EARLY_RULES), late = find_rules(d, LATE_RULES);

	if (!d->usb.count) {
		absent_without_usb(d, f);
		return;
	}
	if (early == RULES_MISSING && late == RULES_MISSING) {
		tell_missing_rules(d, f);
		return;
	}
	if (early == RULES_EMPTY || late == RULES_EMPTY) {
		finding_absent(f, "Twinkey's rules are turned off by an empty file");
		return;
	}
	if (early != late) {
		finding_trouble(f, "one of Twinkey's two files of rules is missing: %s",
				early == RULES_MISSING ? EARLY_RULES : LATE_RULES);
		finding_mend(f, "sudo make install-udev && sudo udevadm control --reload");
		return;
	}
	for (size_t i = 0; i < d->usb.count; i++) {
		const struct usb_device *u = &d->usb.devices[i];

		if (u->kind != USB_UART && u->sleeps) {
			finding_trouble(f,
					"the rules did not see %s: it may fall asleep "
					"(power/control is auto)",
					u->title);
			finding_mend(f, "sudo udevadm trigger --action=add --subsystem-match=usb");
			return;
		}
	}
	finding_good(f, "Twinkey's rules are installed, and the readers stay awake");
}

static void node_of(const struct doctor *d, const struct usb_device *u, char path[static PATH_CAP])
{
	if (u->kind == USB_UART)
		tree_path(path, d->plan->root, "/dev/%s", u->tty);
	else
		tree_path(path, d->plan->root, "/dev/bus/usb/%03u/%03u", u->bus, u->number);
}

static void tell_closed_node(const struct usb_device *u, const char *node, struct doctor_finding *f)
{
	finding_trouble(f, "this user may not open %s (%s)", node, u->title);
	finding_mend(f,
		     "sudo adduser \"$USER\" %s, and log in again; who sits at the machine needs "
		     "Twinkey's udev rules alone",
		     u->kind == USB_UART ? "dialout" : "plugdev");
}

/* True: nothing is wrong with it. */
static bool check_node(const struct doctor *d, const struct usb_device *u, struct doctor_finding *f)
{
	char path[PATH_CAP];
	const char *node;
	struct stat s;

	node_of(d, u, path);
	node = path + strlen(d->plan->root);
	if (!*path || stat(path, &s)) {
		finding_trouble(f, "%s has no node %s", u->title, *path ? node : "");
		finding_mend(f, "start udevd; in a container, give it the node: --device=%s",
			     u->kind == USB_UART ? node : "/dev/bus/usb");
		return false;
	}
	if (s.st_mode & S_IWOTH) {
		finding_trouble(f, "any user may write to %s (%s), and so use the card", node,
				u->title);
		finding_mend(f, "sudo udevadm trigger --action=add --subsystem-match=usb (look for "
				"a rule with MODE=\"0666\" in /etc/udev/rules.d)");
		return false;
	}
	if (u->kind != USB_CCID && !d->plan->ways.may_open(path)) {
		tell_closed_node(u, node, f);
		return false;
	}
	return true;
}

void link_node(struct doctor *d, struct doctor_finding *f)
{
	bool ours = false;

	if (!d->usb.count) {
		absent_without_usb(d, f);
		return;
	}
	for (size_t i = 0; i < d->usb.count; i++) {
		if (!check_node(d, &d->usb.devices[i], f))
			return;
		ours = ours || d->usb.devices[i].kind != USB_CCID;
	}
	if (ours)
		finding_good(f, "this user may open the NFC readers");
	else
		finding_good(f, "the readers have their nodes; pcscd opens them");
}
