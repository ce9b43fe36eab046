#include "host/doctor/usb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/doctor/tree.h"
#include "lib/base/bytes.h"

#define DEVICES	     "/sys/bus/usb/devices"
#define CLASS_CCID   "0b"
#define DRIVER_USBFS "usbfs" /* a program has claimed it: pcscd, libnfc */

struct usb_row {
	uint16_t vendor, product;
};
static const struct usb_row pn53x[] = {
	{0x04CC, 0x0531}, {0x054C, 0x0193}, {0x04CC, 0x2533}, {0x04E6, 0x5591}, {0x04E6, 0x5594},
	{0x1FD3, 0x0608}, {0x054C, 0x02E1}, {0x072F, 0x2200}, {0x072F, 0x90CC},
};
static const struct usb_row adapters[] = {
	{0x1A86, 0x5523}, {0x1A86, 0x7523}, {0x1A86, 0x55D4}, {0x0403, 0x6001},
	{0x0403, 0x6015}, {0x10C4, 0xEA60}, {0x067B, 0x2303},
};

static bool is_listed(const struct usb_row *rows, size_t n, uint16_t vendor, uint16_t product)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].vendor == vendor && rows[i].product == product)
			return true;
	}
	return false;
}

bool usb_is_pn53x(uint16_t vendor, uint16_t product)
{
	return is_listed(pn53x, ARRAY_LEN(pn53x), vendor, product);
}

bool usb_pn53x_row(size_t n, uint16_t *vendor, uint16_t *product)
{
	if (n >= ARRAY_LEN(pn53x))
		return false;
	*vendor = pn53x[n].vendor;
	*product = pn53x[n].product;
	return true;
}

struct scan {
	const char *root;
	struct usb_bus *bus;
	struct usb_device *device; /* whose interfaces are looked at */
	bool has_ccid;
};

/* The file of a device or an interface; "" where there is none. */
static void attribute(const struct scan *s, const char *name, const char *file, char *out,
		      size_t cap)
{
	char path[PATH_CAP];

	tree_path(path, s->root, DEVICES "/%s/%s", name, file);
	tree_line(path, out, cap);
}

static unsigned usb_number(const struct scan *s, const char *name, const char *file, int base)
{
	char text[16];

	attribute(s, name, file, text, sizeof(text));
	return (unsigned)strtoul(text, NULL, base);
}

static void look_for_tty(void *ctx, const char *name)
{
	struct usb_device *d = ctx;

	if (strncmp(name, "tty", 3) == 0 && name[3] && !*d->tty)
		snprintf(d->tty, sizeof(d->tty), "%s", name);
}

/* An interface is a folder beside its device's: 1-5.2:1.0. */
static void look_at_interface(void *ctx, const char *name)
{
	struct scan *s = ctx;
	struct usb_device *d = s->device;
	size_t n = strlen(d->name);
	char class[8], path[PATH_CAP];
	bool is_ccid;

	if (strncmp(name, d->name, n) != 0 || name[n] != ':' || strlen(name) >= USB_NAME)
		return;
	d->is_configured = true;
	attribute(s, name, "bInterfaceClass", class, sizeof(class));
	is_ccid = strcmp(class, CLASS_CCID) == 0;
	if (*d->interface && (s->has_ccid || !is_ccid))
		return;
	s->has_ccid = s->has_ccid || is_ccid;
	snprintf(d->interface, sizeof(d->interface), "%s", name);
	tree_path(path, s->root, DEVICES "/%s/driver", name);
	tree_link(path, d->holder, sizeof(d->holder));
	if (strcmp(d->holder, DRIVER_USBFS) == 0)
		d->holder[0] = 0;
	tree_path(path, s->root, DEVICES "/%s", name);
	tree_names(path, look_for_tty, d);
	tree_path(path, s->root, DEVICES "/%s/tty", name); /* cdc_acm's */
	tree_names(path, look_for_tty, d);
}

static void take_title(const struct scan *s, struct usb_device *d)
{
	char maker[48], product[48];

	attribute(s, d->name, "manufacturer", maker, sizeof(maker));
	attribute(s, d->name, "product", product, sizeof(product));
	snprintf(d->title, sizeof(d->title), "%s%s%s%s%04x:%04x", maker, *maker ? " " : "", product,
		 *product ? " " : "", d->vendor, d->product);
}

static void take_state(const struct scan *s, struct usb_device *d)
{
	char text[16];

	d->bus = usb_number(s, d->name, "busnum", 10);
	d->number = usb_number(s, d->name, "devnum", 10);
	attribute(s, d->name, "authorized", text, sizeof(text));
	d->is_authorized = strcmp(text, "0") != 0;
	attribute(s, d->name, "power/control", text, sizeof(text));
	d->sleeps = strcmp(text, "auto") == 0;
}

static void look_at_device(void *ctx, const char *name)
{
	struct scan *s = ctx;
	struct usb_device d = {.kind = USB_CCID};
	char path[PATH_CAP];
	bool wanted;

	if (strchr(name, ':') || strlen(name) >= USB_NAME || s->bus->count >= USB_DEVICES_MAX)
		return;
	snprintf(d.name, sizeof(d.name), "%s", name);
	d.vendor = (uint16_t)usb_number(s, name, "idVendor", 16);
	d.product = (uint16_t)usb_number(s, name, "idProduct", 16);
	s->device = &d;
	s->has_ccid = false;
	tree_path(path, s->root, DEVICES);
	tree_names(path, look_at_interface, s);
	wanted = s->has_ccid;
	if (!wanted && usb_is_pn53x(d.vendor, d.product)) {
		d.kind = USB_PN53X;
		wanted = true;
	} else if (!wanted && is_listed(adapters, ARRAY_LEN(adapters), d.vendor, d.product)) {
		d.kind = USB_UART;
		wanted = true;
	}
	if (!wanted)
		return;
	take_title(s, &d);
	take_state(s, &d);
	s->bus->devices[s->bus->count++] = d;
}

void usb_scan(const char *root, struct usb_bus *out)
{
	struct scan s = {.root = root, .bus = out};
	char path[PATH_CAP];

	memset(out, 0, sizeof(*out));
	tree_path(path, root, DEVICES);
	out->is_there = tree_has(path);
	tree_names(path, look_at_device, &s);
}
