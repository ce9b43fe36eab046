/*
 * broken-downloads: a download broken at every command to the card and at every message to the
 * subscription manager, then tried again.
 *
 * The card loses its power before or after it has handled a command; a message, its answer, or half
 * of the answer is lost. What broke is back at once, and the LPA goes on by itself; or it stays
 * away until a new LPA starts. After that: the profile is on the card exactly once, the manager
 * knows it, no notification is left, and the next download works. usage: broken-downloads
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/terminal/lpa/download.h"
#include "host/terminal/lpa/es9p.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/notify.h"
#include "host/terminal/uicc.h"
#include "host/transport/open.h"
#include "lib/profile/build.h"
#include "lib/rsp/activation.h"
#include "lib/rsp/es10c.h"
#include "tests/support/bad_line.h"
#include "tests/support/rsp_pair.h"

#define PACKAGE_LEN	6000 /* more than one segment */
#define TRIES		3
#define RETRIES		2

#define CHECK(ok, what) check((ok), (what), __LINE__)

enum power_cut { POWER_STAYS, POWER_LOST_BEFORE, POWER_LOST_AFTER, POWER_KINDS };

static struct rsp_pair pair;
static char front[96], card_spec[112];
static struct es9p_network network;
static struct {
	enum power_cut how;
	unsigned at, commands;
	bool dead, broken;
} power;
static char current[96]; /* the case, for a failure */
static unsigned cases, again, profiles;

static void check(bool ok, const char *what, int line)
{
	if (ok)
		return;
	fprintf(stderr, "broken-downloads: line %d: %s (%s)\n", line, what, current);
	exit(1);
}

/* The card in this process, whose power may fail. */
struct frail {
	struct transport base;
	struct transport *card;
};

static enum err frail_reset(struct transport *t, struct slice *atr)
{
	if (power.broken && power.dead)
		return ERR_DISCONNECTED;
	return transport_reset(((struct frail *)t)->card, atr);
}

static enum err frail_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	struct transport *card = ((struct frail *)t)->card;
	struct wbuf lost = wbuf_grow(APDU_RESPONSE_MAX);
	struct slice atr;

	if (power.broken && power.dead)
		return ERR_DISCONNECTED;
	power.commands++;
	if (!power.how || power.commands != power.at)
		return transport_transmit(card, command, response);
	power.broken = true;
	if (power.how == POWER_LOST_AFTER)
		CHECK(transport_transmit(card, command, &lost) == ERR_OK, "the card answers");
	CHECK(transport_reset(card, &atr) == ERR_OK, "the card starts again");
	wbuf_free(&lost);
	return ERR_DISCONNECTED;
}

static void frail_close(struct transport *t)
{
	transport_close(&((struct frail *)t)->card);
	free(t);
}

static const struct transport_ops frail_ops = {
	.kind = "frail",
	.reset = frail_reset,
	.transmit = frail_transmit,
	.close = frail_close,
};

struct terminal { /* one run of the LPA's program */
	struct uicc *u;
	struct lpa *lpa;
};

static enum err open_terminal(struct terminal *t)
{
	struct frail *f = calloc(1, sizeof(*f));

	*t = (struct terminal){0};
	CHECK(f && transport_open(card_spec, 0, NULL, &f->card) == ERR_OK, "the card's folder");
	f->base = *f->card;
	f->base.ops = &frail_ops;
	CHECK(uicc_open(&f->base, &t->u) == ERR_OK, "the card starts");
	return lpa_open(t->u, SLICE_EMPTY, &t->lpa);
}

static void close_terminal(struct terminal *t)
{
	lpa_close(&t->lpa);
	uicc_close(&t->u);
}

/*
 * As twinkey profile download does it: the profile, then what the card has to report. A profile
 * that is there already is ERR_EXISTS or, if the manager knows that, ERR_REFUSED.
 */
static enum err run_lpa(const char *matching_id, unsigned retries)
{
	struct activation a = {.address = RSP_PAIR_ADDRESS};
	struct lpa_download d = {.activation = &a, .network = &network, .retries = retries};
	struct lpa_loaded loaded;
	struct lpa_report report = {0};
	struct terminal t;
	enum err e = open_terminal(&t), reported;

	snprintf(a.matching_id, sizeof(a.matching_id), "%s", matching_id);
	if (!e)
		e = lpa_download(t.lpa, &d, &loaded);
	if (!e || e == ERR_EXISTS || e == ERR_REFUSED) {
		reported = lpa_send_notifications(t.lpa, &network, &report);
		e = reported ? reported : report.kept ? ERR_DISCONNECTED : e;
	}
	close_terminal(&t);
	return e;
}

static unsigned count_profiles(struct lpa *l, const uint8_t iccid[static 10])
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10c_profile_info info;
	struct slice items = SLICE_EMPTY;
	struct cursor c;
	unsigned n = 0;

	CHECK(lpa_profiles(l, &der, &items) == ERR_OK, "the list of profiles");
	c = cursor_of(items);
	while (es10c_next_profile(&c, &info))
		n += slice_equal(info.iccid, slice_make(iccid, 10));
	wbuf_free(&der);
	return n;
}

/* Exactly once, known to the manager, nothing left to report; then it goes again. */
static void verify(const char *iccid, const char *matching_id)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct slice items = SLICE_EMPTY;
	struct lpa_report report = {0};
	struct terminal t;
	uint8_t number[10];

	CHECK(open_terminal(&t) == ERR_OK, "the LPA starts");
	CHECK(profile_iccid(iccid, number) == ERR_OK, "an ICCID");
	CHECK(count_profiles(t.lpa, number) == 1, "the profile is there exactly once");
	CHECK(rsp_pair_state(&pair, matching_id) == SMDP_INSTALLED, "the manager knows it");
	CHECK(lpa_list_notifications(t.lpa, &der, &items) == ERR_OK && !items.len,
	      "no notification is left");
	CHECK(lpa_profile_command(t.lpa, SGP22_TAG_DELETE_PROFILE, SLICE_OF(number)) == ERR_OK,
	      "it can be deleted");
	CHECK(lpa_send_notifications(t.lpa, &network, &report) == ERR_OK && report.sent == 1,
	      "its end is reported");
	close_terminal(&t);
	wbuf_free(&der);
}

/* Commands and messages that the first run needed. */
struct extent {
	unsigned commands, messages;
};

static struct extent one_case(enum power_cut cut, enum bad_line_break lost, unsigned at, bool dead)
{
	char iccid[21], matching_id[32];
	struct extent extent;
	enum err e;

	snprintf(current, sizeof(current), "power %d, line %d, at %u%s", (int)cut, (int)lost, at,
		 dead ? ", until a new start" : "");
	snprintf(iccid, sizeof(iccid), "8988211%012u", ++profiles);
	snprintf(matching_id, sizeof(matching_id), "BROKEN-%u", profiles);
	rsp_pair_add(&pair, iccid, matching_id, PACKAGE_LEN);
	power.how = cut;
	power.at = at;
	power.commands = 0;
	power.dead = dead;
	power.broken = false;
	bad_line_arm(lost, at, dead);
	e = run_lpa(matching_id, dead ? 0 : RETRIES);
	extent = (struct extent){power.commands, bad_line_messages()};
	power.how = POWER_STAYS;
	power.broken = false;
	bad_line_arm(BAD_LINE_NONE, 0, false);
	for (unsigned i = 1; e && e != ERR_EXISTS && e != ERR_REFUSED && i < TRIES; i++) {
		again++;
		e = run_lpa(matching_id, 0);
	}
	CHECK(!e || e == ERR_EXISTS || e == ERR_REFUSED, err_text(e));
	verify(iccid, matching_id);
	cases++;
	return extent;
}

static void start(void)
{
	rsp_pair_open(&pair, EC_P256, NULL);
	rsp_pair_serve(&pair);
	snprintf(front, sizeof(front), "unix:%s/front", pair.dir);
	snprintf(card_spec, sizeof(card_spec), "card:%s", pair.card_dir);
	bad_line_start(front + strlen("unix:"), pair.socket);
	network.link = front;
}

int main(void)
{
	struct extent whole;

	start();
	whole = one_case(POWER_STAYS, BAD_LINE_NONE, 0, false);
	CHECK(again == 0, "an unbroken download needs no second try");
	for (int dead = 0; dead < 2; dead++) {
		for (unsigned at = 1; at <= whole.commands; at++) {
			one_case(POWER_LOST_BEFORE, BAD_LINE_NONE, at, dead);
			one_case(POWER_LOST_AFTER, BAD_LINE_NONE, at, dead);
		}
		for (unsigned at = 1; at <= whole.messages; at++) {
			for (int how = BAD_LINE_REQUEST_LOST; how < BAD_LINE_BREAKS; how++)
				one_case(POWER_STAYS, (enum bad_line_break)how, at, dead);
		}
	}
	printf("broken-downloads: %u commands, %u messages: %u cases, %u started again, all "
	       "installed "
	       "once\n",
	       whole.commands, whole.messages, cases, again);
	rsp_pair_close(&pair);
	return 0;
}
