/*
 * journey: what an observer hears of the whole way of a card: whole, with a card that fails at each
 * step, an operator or a manager that refuses, and a wish to stop at each event. Whatever happened,
 * the next journey arrives.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/terminal/journey.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/notify.h"
#include "host/terminal/second.h"
#include "host/terminal/usim.h"
#include "lib/rsp/activation.h"
#include "lib/uicc/command.h"
#include "tests/unit/support/flow.h"
#include "tool/sys/cancel.h"

#define HEARD_MAX  48
#define LINE_MAX   160
#define EVENTS_MAX 40
#define TRIES_MAX  4
#define NEVER	   1000

/* What the observer does besides hearing. */
struct ear {
	struct flow *flow;
	unsigned step;	    /* that has begun */
	unsigned break_at;  /* the card answers nothing but 6F00 in this step */
	unsigned cancel_at; /* this event brings a wish to stop; 0: none */
	bool deaf_approver; /* nobody approves */
	char heard[HEARD_MAX][LINE_MAX];
	unsigned count, failures, arrivals;
	struct failure failure;
};

static struct subscriber subscriber_now(struct flow *f)
{
	struct subscriber sub = {0};

	ASSERT_ERR(subscriber_by_id(f->store, f->sub.id, &sub), ERR_OK);
	return sub;
}

static void break_response(struct flow *f, struct slice command, struct wbuf *response)
{
	struct ear *ear = f->ctx;

	(void)command;
	if (ear->step != ear->break_at)
		return;
	wbuf_reset(response);
	wbuf_u16(response, SW_TECHNICAL);
}

/* One line an event: "1 look at the card", "card: no profile". */
static void write_line(const struct journey_event *ev, char line[static LINE_MAX])
{
	switch (ev->kind) {
	case JOURNEY_BEGINS:
		CU_ASSERT_EQUAL(ev->count, JOURNEY_STEPS);
		snprintf(line, LINE_MAX, "%u %s", ev->number, ev->text);
		break;
	case JOURNEY_LEARNS: snprintf(line, LINE_MAX, "%s: %s", ev->name, ev->text); break;
	case JOURNEY_GSM: snprintf(line, LINE_MAX, "gsm: %s", ev->text); break;
	case JOURNEY_WAITS: snprintf(line, LINE_MAX, "waits"); break;
	case JOURNEY_RETRIES: snprintf(line, LINE_MAX, "retries %u", ev->number); break;
	case JOURNEY_REPORTS:
		snprintf(line, LINE_MAX, "sent %u, kept %u", ev->report->sent, ev->report->kept);
		break;
	case JOURNEY_ARRIVES:
		snprintf(line, LINE_MAX, "arrives: %s, %s", ev->access, ev->state);
		break;
	case JOURNEY_FAILS: snprintf(line, LINE_MAX, "fails: %.140s", ev->failure->text); break;
	}
}

static void hear(void *ctx, const struct journey_event *ev)
{
	struct ear *ear = ctx;

	CU_ASSERT_FATAL(ear->count < HEARD_MAX);
	CU_ASSERT_EQUAL(ear->failures + ear->arrivals, 0); /* nothing comes after the end */
	write_line(ev, ear->heard[ear->count++]);
	if (ev->kind == JOURNEY_BEGINS)
		ear->step = ev->number;
	if (ev->kind == JOURNEY_WAITS && !ear->deaf_approver)
		flow_approve(ear->flow);
	ear->arrivals += ev->kind == JOURNEY_ARRIVES;
	ear->failures += ev->kind == JOURNEY_FAILS;
	if (ev->kind == JOURNEY_FAILS)
		ear->failure = *ev->failure;
	if (ear->count == ear->cancel_at)
		cancel_wish(&ear->flow->cancel);
}

static struct failure unlock(void *ctx, struct uicc *u)
{
	static const uint8_t pin[8] = {'1', '2', '3', '4', 0xFF, 0xFF, 0xFF, 0xFF};
	struct apdu a = command_apdu(COMMAND_VERIFY_PIN, 0);
	uint16_t sw = 0;
	enum err e;

	(void)ctx;
	a.p2 = USIM_PIN1;
	a.data = SLICE_OF(pin);
	e = uicc_send(u, &a, NULL, &sw);
	e = uicc_check(u, e, sw);
	return e ? failure_of_card(u, e, "VERIFY PIN") : (struct failure){.err = ERR_OK};
}

/* The event that ends a journey is the last, is one, and is what journey_run() gives. */
static enum err travel(struct ear *ear, bool no_wait)
{
	struct activation activation = flow_activation();
	struct flow *f = ear->flow;
	struct journey_plan plan = {.u = f->u,
				    .op = f->op,
				    .network = &f->network,
				    .activation = &activation,
				    .no_wait = no_wait,
				    .factor_wait_s = 5,
				    .user = {.unlock = unlock},
				    .observer = {.hear = hear, .ctx = ear}};
	struct failure failure;

	ear->count = ear->failures = ear->arrivals = ear->step = 0;
	f->ctx = ear;
	failure = journey_run(&plan);
	CU_ASSERT_EQUAL(ear->failures, failure.err ? 1 : 0);
	CU_ASSERT_EQUAL(ear->arrivals, failure.err ? 0 : 1);
	if (failure.err) {
		CU_ASSERT_EQUAL(ear->failure.err, failure.err);
		CU_ASSERT_EQUAL(ear->failure.party, failure.party);
		CU_ASSERT_STRING_EQUAL(ear->failure.text, failure.text);
		CU_ASSERT(*failure.text != 0);
	}
	return failure.err;
}

static void open_journey(struct flow *f, struct ear *ear)
{
	flow_open(f);
	lpa_close(&f->lpa); /* the journey opens its own */
	*ear = (struct ear){.flow = f};
}

/* After whatever happened: the next journeys bring the card to full access. */
static void must_arrive(struct ear *ear)
{
	struct flow *f = ear->flow;
	enum err e = ERR_SYNC;

	f->lie = NULL;
	f->card_lie = NULL;
	ear->cancel_at = ear->break_at = 0;
	ear->deaf_approver = false;
	for (unsigned i = 0; e && i < TRIES_MAX; i++) {
		cancel_take(&f->cancel);
		ASSERT_ERR(uicc_reset(f->u), ERR_OK);
		e = travel(ear, false);
		if (e == ERR_WRONG_STATE && subscriber_now(f).state == STATE_RELEASED) {
			const struct subscriber_event suspend = {.kind = EVENT_SUSPEND, .now = 1};
			const struct subscriber_event resume = {.kind = EVENT_RESUME, .now = 2};

			ASSERT_ERR(subscriber_event(f->store, f->sub.id, &suspend, NULL), ERR_OK);
			ASSERT_ERR(subscriber_event(f->store, f->sub.id, &resume, NULL), ERR_OK);
		}
	}
	if (e)
		fprintf(stderr, "\nno way on: %s\n", ear->failure.text);
	ASSERT_ERR(e, ERR_OK);
	CU_ASSERT_EQUAL(subscriber_now(f).state, STATE_ACTIVE);
	CU_ASSERT_STRING_EQUAL(ear->heard[ear->count - 1], "arrives: full, ACTIVE");
}

/* Lines that end with '*' are compared as far as that. */
static void must_hear(const struct ear *ear, const char *const *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = i < ear->count ? ear->heard[i] : "(nothing)";
		size_t len = strcspn(lines[i], "*");
		bool same = lines[i][len] ? strncmp(got, lines[i], len) == 0
					  : strcmp(got, lines[i]) == 0;

		if (!same)
			fprintf(stderr, "\nevent %zu is '%s', not '%s'\n", i, got, lines[i]);
		CU_ASSERT_TRUE(same);
	}
	CU_ASSERT_EQUAL(ear->count, n);
}

static void test_whole_way(void)
{
	static const char *const first[] = {
		"1 look at the card",
		"card: no profile",
		"2 load the encrypted profile",
		"load: installed, *",
		"3 enable it",
		"enable: enabled, the card was reset",
		"sent 2, kept 0",
		"card: sealed, key 1, subscription 1 in use",
		"4 attach with the first key",
		"attach-1: IMSI 001010000000001: RES matches, limited access (LIMITED)",
		"gsm: SRES matches",
		"5 second factor, then the release of the second key",
		"waits",
		"factor: the operator has approved it",
		"release: the card opened key 1 and was reset (RELEASED)",
		"6 attach with the second key",
		"attach-2: IMSI 001010000000002: RES matches, full access (ACTIVE)",
		"gsm: SRES matches",
		"arrives: full, ACTIVE",
	};
	static const char *const again[] = {
		"1 look at the card",
		"card: released, key 1, subscription 2 in use",
		"6 attach with the second key",
		"attach-2: IMSI 001010000000002: RES matches, full access (ACTIVE)",
		"gsm: SRES matches",
		"arrives: full, ACTIVE",
	};
	struct ear ear;
	struct flow f;

	open_journey(&f, &ear);
	ASSERT_ERR(travel(&ear, false), ERR_OK);
	must_hear(&ear, first, ARRAY_LEN(first));
	ASSERT_ERR(travel(&ear, false), ERR_OK); /* what is done is not done again */
	must_hear(&ear, again, ARRAY_LEN(again));
	flow_close(&f);
}

static void test_rotation(void)
{
	static const char *const lines[] = {
		"1 look at the card",
		"card: released, key 1, subscription 2 in use",
		"reseal: the operator rotates the key: the card took the sealed part of key 2",
		"4 attach with the key so far",
		"attach-before: IMSI 001010000000002: RES matches, *",
		"gsm: SRES matches",
		"5 second factor, then the release of the second key",
		"waits",
		"factor: the operator has approved it",
		"release: the card opened key 2 and was reset (RELEASED)",
		"6 attach with the second key",
		"attach-2: IMSI 001010000000002: RES matches, full access (ACTIVE)",
		"gsm: SRES matches",
		"arrives: full, ACTIVE",
	};
	struct ear ear;
	struct flow f;

	open_journey(&f, &ear);
	ASSERT_ERR(travel(&ear, false), ERR_OK);
	flow_rotate(&f);
	ASSERT_ERR(travel(&ear, false), ERR_OK);
	must_hear(&ear, lines, ARRAY_LEN(lines));
	flow_close(&f);
}

/* A reader that says that it resets the card, and does not. */
static void test_no_reset(void)
{
	static const char *const lines[] = {
		"1 look at the card",
		"card: no profile",
		"2 load the encrypted profile",
		"load: installed, *",
		"3 enable it",
		"enable: enabled",
		"sent 2, kept 0",
		"fails: the profile is enabled",
	};
	struct ear ear;
	struct flow f;

	open_journey(&f, &ear);
	f.reset_lost = true;
	ASSERT_ERR(travel(&ear, false), ERR_RESET_MISSED);
	must_hear(&ear, lines, ARRAY_LEN(lines));
	f.reset_lost = false; /* out, and in again */
	ASSERT_ERR(uicc_reset(f.u), ERR_OK);
	f.reset_lost = true;
	ASSERT_ERR(travel(&ear, false), ERR_OK);
	CU_ASSERT_STRING_EQUAL(ear.heard[ear.count - 5],
			       "release: the card opened key 1 (RELEASED)");
	f.reset_lost = false;
	flow_close(&f);
}

static void test_no_approval(void)
{
	struct ear ear;
	struct flow f;

	open_journey(&f, &ear);
	ear.deaf_approver = true;
	ASSERT_ERR(travel(&ear, true), ERR_FACTOR);
	CU_ASSERT_EQUAL(ear.failure.party, PARTY_OPERATOR);
	CU_ASSERT_EQUAL(ear.step, 5);
	CU_ASSERT_EQUAL(subscriber_now(&f).state, STATE_LIMITED);
	must_arrive(&ear);
	flow_close(&f);
}

/* The card says 6F00 to all, from the begin of each step on. */
static void test_card_fails(void)
{
	for (unsigned step = 1; step <= JOURNEY_STEPS; step++) {
		struct ear ear;
		struct flow f;

		open_journey(&f, &ear);
		ear.break_at = step;
		f.card_lie = break_response;
		ASSERT_ERR(travel(&ear, false), ERR_CARD);
		CU_ASSERT_EQUAL(ear.step, step);
		CU_ASSERT_EQUAL(ear.failure.party, PARTY_CARD);
		CU_ASSERT_PTR_NOT_NULL(strstr(ear.failure.text, "6F00"));
		must_arrive(&ear);
		flow_close(&f);
	}
}

static const char *refused;

static enum err refuse(struct flow *f, const char *function, json_t **answer)
{
	(void)f, (void)answer;
	return strcmp(function, refused) == 0 ? ERR_REFUSED : ERR_OK;
}

/* Operator or manager refuse a function, after they have done it. */
static void test_refusals(void)
{
	static const struct {
		const char *function;
		unsigned step;
		enum party party;
	} rows[] = {
		{"initiateAuthentication", 2, PARTY_MANAGER},
		{"authenticateClient", 2, PARTY_MANAGER},
		{"getBoundProfilePackage", 2, PARTY_MANAGER},
		{"status", 3, PARTY_OPERATOR},
		{"vector", 4, PARTY_OPERATOR},
		{"verify", 4, PARTY_OPERATOR},
		{"grant", 5, PARTY_OPERATOR},
		{"result", 5, PARTY_OPERATOR},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ear ear;
		struct flow f;

		open_journey(&f, &ear);
		refused = rows[i].function;
		f.lie = refuse;
		ASSERT_ERR(travel(&ear, false), ERR_REFUSED);
		CU_ASSERT_EQUAL(ear.step, rows[i].step);
		CU_ASSERT_EQUAL(ear.failure.party, rows[i].party);
		if (i > 2) /* the manager's profile is in another state now */
			must_arrive(&ear);
		flow_close(&f);
	}
}

/* A wish to stop at each event; the last event is the arrival, which it comes too late for. */
static void test_cancel(void)
{
	enum err e = ERR_CANCELLED;
	unsigned at = 0;

	while (e && ++at < EVENTS_MAX) {
		struct ear ear;
		struct flow f;

		open_journey(&f, &ear);
		ear.cancel_at = at;
		e = travel(&ear, false);
		if (e && e != ERR_CANCELLED)
			fprintf(stderr, "\ncancelled at event %u: %s\n", at, ear.failure.text);
		CU_ASSERT(e == ERR_OK || e == ERR_CANCELLED);
		CU_ASSERT(e == ERR_OK || ear.count <= at + 3); /* and it ends soon */
		must_arrive(&ear);
		flow_close(&f);
	}
	CU_ASSERT(at >= 18 && at < EVENTS_MAX);
}

TEST_SUITE(journey, {"the whole way", test_whole_way}, {"a rotation", test_rotation},
	   {"a reader that resets no card", test_no_reset}, {"no approval", test_no_approval},
	   {"a card that fails at each step", test_card_fails}, {"refusals", test_refusals},
	   {"a wish to stop at each event", test_cancel})
