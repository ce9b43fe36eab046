/* driver: what pcscd drives a reader by: libccid's Info.plist, and the drivers of reader.conf.d. */
#include <stdio.h>
#include <string.h>

#include "host/doctor/link.h"
#include "host/doctor/plist.h"
#include "host/doctor/tree.h"

#define BUNDLES "/usr/lib/pcsc/drivers"
#define CONF	"/etc/reader.conf.d"

struct bundles {
	const struct doctor *d;
	const struct usb_device *device;
	struct doctor_finding *f;
	unsigned count;
	bool takes_it;
};

static void reinstall(struct doctor_finding *f)
{
	finding_mend(f, "sudo apt-get install --reinstall libccid");
}

/* BUNDLE/Contents/Info.plist and the library beside it (pcsc-lite's hot-plug). */
static void look_at_bundle(void *ctx, const char *name)
{
	struct bundles *b = ctx;
	size_t n = strlen(name);
	char path[PATH_CAP];
	struct plist p;

	if (b->f->state == DOCTOR_TROUBLE || b->takes_it || n < 7 ||
	    strcmp(name + n - 7, ".bundle") != 0)
		return;
	tree_path(path, b->d->plan->root, BUNDLES "/%s/Contents/Info.plist", name);
	if (!plist_read(path, b->device->vendor, b->device->product, &p))
		return;
	b->count++;
	if (p.vendors != p.products || !*p.library) {
		finding_trouble(b->f, "the Info.plist of %s is damaged", name);
		reinstall(b->f);
		return;
	}
	if (!p.is_listed && !p.is_for_class)
		return;
	b->takes_it = true;
	tree_path(path, b->d->plan->root, BUNDLES "/%s/Contents/Linux/%s", name, p.library);
	if (!tree_has(path)) {
		finding_trouble(b->f, "the driver %s lacks its library %s", name, p.library);
		reinstall(b->f);
		return;
	}
	finding_good(b->f, "%s %s %s %s", name, p.version,
		     p.is_listed ? "lists" : "takes by its class", b->device->title);
}

/* True: there is a driver for it. */
static bool find_driver(const struct doctor *d, const struct usb_device *u,
			struct doctor_finding *f)
{
	struct bundles b = {.d = d, .device = u, .f = f};
	char path[PATH_CAP];

	tree_path(path, d->plan->root, BUNDLES);
	tree_names(path, look_at_bundle, &b);
	if (f->state == DOCTOR_TROUBLE || b.takes_it)
		return f->state != DOCTOR_TROUBLE;
	if (!b.count) {
		finding_trouble(f, "pcscd has no driver for readers on the USB");
		finding_mend(f, "sudo apt-get install libccid");
	} else {
		finding_trouble(f, "no driver lists %s", u->title);
		finding_mend(f, "sudo apt-get install --only-upgrade libccid; or install the "
				"driver of its maker");
	}
	return false;
}

void link_driver(struct doctor *d, struct doctor_finding *f)
{
	finding_absent(f, "no CCID reader on the USB");
	for (size_t i = 0; i < d->usb.count; i++) {
		if (d->usb.devices[i].kind == USB_CCID && !find_driver(d, &d->usb.devices[i], f))
			return;
	}
}

struct conf {
	const struct doctor *d;
	struct doctor_finding *f;
	const char *file;
	char names[DOCTOR_TEXT];
};

/* The value of a line 'KEY "VALUE"' or 'KEY VALUE'; false: the line is another. */
static bool conf_value(const char *line, const char *key, char *out, size_t cap)
{
	size_t n = strlen(key);

	if (strncmp(line, key, n) != 0 || !strchr(" \t", line[n]))
		return false;
	line += n + strspn(line + n, " \t\"");
	n = strcspn(line, "\"\t ");
	if (!n || n >= cap)
		return false;
	memcpy(out, line, n);
	out[n] = 0;
	return true;
}

static bool take_conf_line(void *ctx, const char *line)
{
	struct conf *c = ctx;
	char library[256], path[PATH_CAP];
	const char *last;
	size_t n = strlen(c->names);

	if (!conf_value(line, "LIBPATH", library, sizeof(library)))
		return true;
	tree_path(path, c->d->plan->root, "%s", library);
	if (!tree_has(path)) {
		finding_trouble(c->f, "%s/%s names a driver that is not there: %s", CONF, c->file,
				library);
		finding_mend(c->f, "install that driver, or: sudo rm %s/%s; then restart pcscd",
			     CONF, c->file);
		return false;
	}
	last = strrchr(library, '/');
	snprintf(c->names + n, sizeof(c->names) - n, "%s%s", n ? ", " : "",
		 last ? last + 1 : library);
	return true;
}

static void look_at_conf(void *ctx, const char *name)
{
	struct conf *c = ctx;
	char path[PATH_CAP];

	if (c->f->state == DOCTOR_TROUBLE)
		return;
	c->file = name;
	tree_path(path, c->d->plan->root, CONF "/%s", name);
	tree_lines(path, take_conf_line, c);
}

void link_reader_conf(struct doctor *d, struct doctor_finding *f)
{
	struct conf c = {.d = d, .f = f};
	char path[PATH_CAP];

	finding_absent(f, "no reader by name (serial, virtual)");
	tree_path(path, d->plan->root, CONF);
	tree_names(path, look_at_conf, &c);
	if (f->state != DOCTOR_TROUBLE && *c.names)
		finding_good(f, "%s", c.names);
}
