#include "tests/unit/doctor/machine.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define CCID_BUNDLE "/usr/lib/pcsc/drivers/ifd-ccid.bundle/Contents/"
#define UICC_ATR    "3b9f96801fc78031e073fe2113575457494e4b4559bb"
#define NOW	    1795926600 /* 2026-11-29 */

static struct machine *present; /* the ways have no context of their own */

static enum err list_readers(void (*each)(void *ctx, const char *name, bool card_present,
					  struct slice atr),
			     void *ctx, struct cancel *cancel)
{
	(void)cancel;
	for (unsigned i = 0; i < present->readers; i++)
		each(ctx, "A reader 00 00", true, SLICE_EMPTY);
	return present->listed;
}

struct rule_card {
	struct transport base;
	struct machine *machine;
};

static enum err rule_reset(struct transport *t, struct slice *atr)
{
	*atr = test_unhex(((struct rule_card *)t)->machine->atr);
	return ERR_OK;
}

static enum err rule_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	const char *const *rule = ((struct rule_card *)t)->machine->rules;
	char hex[2 * 300];

	ASSERT_ERR(hex_encode(command, hex, sizeof(hex)), ERR_OK);
	for (; rule && *rule; rule++) {
		const char *equals = strchr(*rule, '=');

		if (strncasecmp(hex, *rule, (size_t)(equals - *rule)) == 0) {
			wbuf_put(response, test_unhex(equals + 1));
			return wbuf_done(response);
		}
	}
	wbuf_put(response, test_unhex("6d00"));
	return wbuf_done(response);
}

static void rule_close(struct transport *t)
{
	free(t);
}

static const struct transport_ops rule_ops = {
	.kind = "test", .reset = rule_reset, .transmit = rule_transmit, .close = rule_close};

static enum err open_card(const char *spec, unsigned timeout_ms, struct cancel *cancel,
			  struct transport **out)
{
	struct rule_card *c;

	(void)spec, (void)timeout_ms, (void)cancel;
	if (present->opened)
		return present->opened;
	c = calloc(1, sizeof(*c));
	if (!c)
		return ERR_MEMORY;
	c->base.ops = &rule_ops;
	c->base.protocol = present->protocol;
	c->machine = present;
	snprintf(c->base.name, sizeof(c->base.name), "A reader 00 00");
	*out = &c->base;
	return ERR_OK;
}

static bool may_open(const char *path)
{
	(void)path;
	return !present->is_closed;
}

static void note_finding(void *ctx, const struct doctor_finding *f)
{
	struct machine *m = ctx;

	CU_ASSERT_FATAL(m->count < MACHINE_LINKS);
	m->findings[m->count++] = *f;
}

void machine_put(const struct machine *m, const char *path, const char *content)
{
	char whole[1024];
	FILE *f;

	snprintf(whole, sizeof(whole), "%s%s", m->root, path);
	for (char *slash = strchr(whole + strlen(m->root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(whole, 0755);
		*slash = '/';
	}
	f = fopen(whole, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(content, f);
	fclose(f);
	chmod(whole, 0664);
}

void machine_remove(const struct machine *m, const char *path)
{
	char whole[1024];

	snprintf(whole, sizeof(whole), "%s%s", m->root, path);
	CU_ASSERT_EQUAL(unlink(whole), 0);
}

static void put_attribute(const struct machine *m, const char *name, const char *file,
			  const char *value)
{
	char path[256], line[64];

	snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s/%s", name, file);
	snprintf(line, sizeof(line), "%s\n", value);
	machine_put(m, path, line);
}

void machine_plug(const struct machine *m, const struct machine_device *d)
{
	char device[32], interface[40], path[1200], target[256];

	snprintf(device, sizeof(device), "1-%s", d->port);
	snprintf(interface, sizeof(interface), "%s:1.0", device);
	put_attribute(m, device, "idVendor", d->vendor);
	put_attribute(m, device, "idProduct", d->product);
	put_attribute(m, device, "busnum", "1");
	put_attribute(m, device, "devnum", d->port);
	put_attribute(m, device, "manufacturer", "Maker");
	put_attribute(m, device, "product", "Thing");
	put_attribute(m, device, "power/control", d->sleeps ? "auto" : "on");
	put_attribute(m, interface, "bInterfaceClass", d->class);
	if (d->driver) {
		snprintf(target, sizeof(target), "../../../bus/usb/drivers/%s", d->driver);
		snprintf(path, sizeof(path), "%s/sys/bus/usb/devices/%s/driver", m->root,
			 interface);
		CU_ASSERT_EQUAL(symlink(target, path), 0);
	}
	snprintf(path, sizeof(path), "/dev/bus/usb/001/%03d", atoi(d->port));
	machine_put(m, path, "");
}

void machine_plug_ccid(const struct machine *m)
{
	const struct machine_device ccid = {
		.port = "1", .vendor = "08e6", .product = "3438", .class = "0b"};

	machine_plug(m, &ccid);
}

static void put_driver(const struct machine *m)
{
	machine_put(m, CCID_BUNDLE "Linux/libccid.so", "");
	machine_put(m, CCID_BUNDLE "Info.plist",
		    "<dict>\n\t<key>CFBundleExecutable</key>\n\t<string>libccid.so</string>\n"
		    "\t<key>CFBundleShortVersionString</key>\n\t<string>1.5.2</string>\n"
		    "\t<key>ifdVendorID</key>\n\t<array>\n\t\t<string>0x08E6</string>\n"
		    "\t\t<string>0x072F</string>\n\t</array>\n"
		    "\t<key>ifdProductID</key>\n\t<array>\n\t\t<string>0x3438</string>\n"
		    "\t\t<string>0x2200</string>\n\t</array>\n</dict>\n");
}

static const char *const uicc[] = {
	"00a40004023f00=6110", "00c0000010=620e82027821830200008a01058b00009000",
	"00c0000011=6c10",     "0070000001=6881", /* no channels, no ISD-R, no ECASD */
	"00a4040010=6a82",     NULL,
};

void machine_open(struct machine *m)
{
	*m = (struct machine){.root = test_dir(),
			      .readers = 1,
			      .atr = UICC_ATR,
			      .rules = uicc,
			      .plan = {.now = NOW,
				       .in_session = true,
				       .ways = {list_readers, open_card, may_open},
				       .each = note_finding}};
	machine_put(m, "/run/systemd/system/one", "");
	machine_put(m, "/usr/lib/systemd/system/pcscd.socket", "");
	machine_put(m, "/usr/sbin/pcscd", "");
	machine_put(m, "/run/pcscd/pcscd.comm", "");
	machine_put(m, "/sys/bus/usb/devices/.here", "");
	machine_put(m, "/usr/lib/udev/rules.d/70-twinkey.rules", "# rules\n");
	machine_put(m, "/usr/lib/udev/rules.d/94-twinkey.rules", "# rules\n");
	machine_put(m, "/var/lib/dpkg/status",
		    "Package: libccid\nStatus: install ok installed\nVersion: 9\n\n"
		    "Package: pcscd\nStatus: install ok installed\nVersion: 1.9.9-2\n");
	put_driver(m);
}

void machine_run(struct machine *m)
{
	present = m;
	m->count = 0;
	m->plan.root = m->root;
	m->plan.network = &m->network;
	m->plan.ctx = m;
	ASSERT_ERR(doctor_run(&m->plan, &m->troubles), ERR_OK);
	CU_ASSERT_EQUAL(m->count, MACHINE_LINKS);
}

static const struct doctor_finding *find_link(const struct machine *m, const char *link)
{
	for (size_t i = 0; i < m->count; i++) {
		if (strcmp(m->findings[i].link, link) == 0)
			return &m->findings[i];
	}
	CU_FAIL_FATAL("there is no such link");
	return NULL;
}

void machine_expect(const struct machine *m, const char *link, enum doctor_state state,
		    const char *text, const char *mend)
{
	const struct doctor_finding *f = find_link(m, link);
	bool right = f->state == state && (!text || strstr(f->text, text)) &&
		     (!mend || strstr(f->mend, mend)) &&
		     (f->state == DOCTOR_TROUBLE) == (*f->mend != 0) && *f->text;

	if (!right)
		printf("\n    %s: %s: %s -> %s\n", f->link, doctor_state_name(f->state), f->text,
		       f->mend);
	CU_ASSERT_TRUE(right);
}

void machine_trouble(struct machine *m, const char *link, const char *text, const char *mend)
{
	machine_run(m);
	machine_expect(m, link, DOCTOR_TROUBLE, text, mend);
	for (size_t i = 0; i < m->count; i++) {
		if (m->findings[i].state == DOCTOR_TROUBLE && strcmp(m->findings[i].link, link)) {
			printf("\n    also %s: %s\n", m->findings[i].link, m->findings[i].text);
			CU_FAIL("another link is in trouble");
		}
	}
	CU_ASSERT_EQUAL(m->troubles, 1);
}
