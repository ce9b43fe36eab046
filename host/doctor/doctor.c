#include "host/doctor/doctor.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "host/doctor/link.h"
#include "host/terminal/lpa/es9p.h"
#include "host/terminal/uicc.h"
#include "host/terminal/identity.h"
#include "host/transport/open.h"
#include "tool/sys/cancel.h"

enum link_id {
	LINK_USB,
	LINK_KERNEL,
	LINK_RULES,
	LINK_NODE,
	LINK_PCSCD,
	LINK_POLKIT,
	LINK_DRIVER,
	LINK_READER_CONF,
	LINK_READER,
	LINK_CARD,
	LINK_ATR,
	LINK_T0,
	LINK_KIND,
	LINK_ISSUER,
	LINK_CLOCK,
	LINK_SERVER,
	LINK_COUNT
};
#define AFTER(id) (1u << (id))

static const struct {
	const char *name;
	unsigned after; /* links that must not be broken */
	void (*look)(struct doctor *d, struct doctor_finding *f);
} links[LINK_COUNT] = {
	[LINK_USB] = {"usb", 0, link_usb},
	[LINK_KERNEL] = {"kernel", AFTER(LINK_USB), link_kernel},
	[LINK_RULES] = {"udev", AFTER(LINK_USB), link_rules},
	[LINK_NODE] = {"node", AFTER(LINK_USB), link_node},
	[LINK_PCSCD] = {"pcscd", 0, link_pcscd},
	[LINK_POLKIT] = {"polkit", AFTER(LINK_PCSCD), link_polkit},
	[LINK_DRIVER] = {"driver", 0, link_driver},
	[LINK_READER_CONF] = {"reader.conf", 0, link_reader_conf},
	[LINK_READER] = {"reader", AFTER(LINK_PCSCD) | AFTER(LINK_POLKIT), link_reader},
	[LINK_CARD] = {"card", AFTER(LINK_READER), link_card},
	[LINK_ATR] = {"atr", AFTER(LINK_CARD), link_atr},
	[LINK_T0] = {"t0", AFTER(LINK_CARD), link_t0},
	[LINK_KIND] = {"kind", AFTER(LINK_CARD), link_kind},
	[LINK_ISSUER] = {"issuer", AFTER(LINK_KIND), link_issuer},
	[LINK_CLOCK] = {"clock", 0, link_clock},
	[LINK_SERVER] = {"server", 0, link_server},
};

/* The access list that udev's uaccess sets counts, and the rights in force. */
static bool may_open(const char *path)
{
	return faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0;
}

static enum err list_readers(void (*each)(void *ctx, const char *name, bool card_present,
					  struct slice atr),
			     void *ctx, struct cancel *cancel)
{
	struct reader_list l = {0};
	enum err e = transport_list(cancel, &l);

	for (size_t i = 0; !e && i < l.count; i++) {
		const struct reader *r = &l.items[i];

		each(ctx, r->name, r->state == READER_CARD || r->state == READER_MUTE,
		     reader_atr(r));
	}
	reader_list_free(&l);
	return e;
}

static enum err open_reader(const char *spec, unsigned timeout_ms, struct cancel *cancel,
			    struct transport **out)
{
	struct transport_wish wish = {.spec = spec,
				      .timeout_ms = timeout_ms,
				      .cancel = cancel,
				      .identify = identity_read};

	return transport_open_wish(&wish, out);
}

const struct doctor_ways doctor_real_ways = {
	.list = list_readers, .open = open_reader, .may_open = may_open};

static void take_reader(void *ctx, const char *name, bool card_present, struct slice atr)
{
	struct doctor *d = ctx;
	struct link_reader *r = &d->readers[d->reader_count];

	(void)atr;
	if (d->reader_count == LINK_READERS_MAX)
		return;
	if (slice_text(slice_str(name), r->name, sizeof(r->name)))
		return; /* longer than PC/SC allows */
	r->has_card = card_present;
	d->reader_count++;
}

/* The first link that this one hangs on and that is broken; LINK_COUNT: none. */
static enum link_id broken_before(enum link_id id, const enum doctor_state *states)
{
	for (enum link_id i = 0; i < id; i++) {
		if (links[id].after & AFTER(i) &&
		    (states[i] == DOCTOR_TROUBLE || states[i] == DOCTOR_SKIPPED))
			return i;
	}
	return LINK_COUNT;
}

static enum err look_at_all(struct doctor *d)
{
	enum doctor_state states[LINK_COUNT];

	for (enum link_id i = 0; i < LINK_COUNT; i++) {
		struct doctor_finding f = {.link = links[i].name};
		enum link_id broken = broken_before(i, states);

		if (broken < LINK_COUNT)
			finding_skipped(&f, "not looked at: it hangs on %s", links[broken].name);
		else
			links[i].look(d, &f);
		if (cancel_check(d->cancel))
			return ERR_CANCELLED; /* what was found may be the wish's doing */
		states[i] = f.state;
		d->troubles += f.state == DOCTOR_TROUBLE;
		d->plan->each(d->plan->ctx, &f);
	}
	return ERR_OK;
}

enum err doctor_run(const struct doctor_plan *p, unsigned *troubles)
{
	struct doctor d = {.plan = p,
			   .cancel = p->network->cancel,
			   .uses_pcsc = transport_uses_pcsc(p->reader)};
	enum err e;

	usb_scan(p->root, &d.usb);
	if (d.uses_pcsc)
		d.listed = p->ways.list(take_reader, &d, d.cancel);
	e = d.listed == ERR_MEMORY ? ERR_MEMORY : look_at_all(&d);
	uicc_close(&d.u);
	*troubles = d.troubles;
	return e;
}
