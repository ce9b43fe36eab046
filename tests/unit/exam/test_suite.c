/* suite: a card examined, sound and with something bent in it; vanishing, stopping, patterns */
#include "host/exam/suite.h"

#include <stdlib.h>
#include <string.h>

#include "host/exam/text.h"
#include "host/terminal/uicc.h"
#include "host/terminal/usim.h"
#include "host/transport/card.h"
#include "lib/uicc/command.h"
#include "tests/unit/support/card_fixture.h"
#include "tests/unit/test.h"
#include "tool/sys/cancel.h"

/* A card in this process whose answer to one command is another, or that goes away. */
struct bent {
	struct transport base;
	struct transport *inner;
	const char *command;	    /* the beginning, in hex; NULL: nothing is bent */
	const char *answer;	    /* in hex */
	unsigned lives;		    /* exchanges after which it is gone; 0: for ever */
	unsigned wrong_pins;	    /* VERIFY commands with another PIN than 1234 */
	struct cancel *wish_at_end; /* a wish to stop, when the lives are used up */
	bool t1;		    /* a card of T=1: the answer comes with its command */
	bool only_gsm;		    /* a SIM of 2G */
};

static enum err bent_reset(struct transport *t, struct slice *atr)
{
	struct bent *b = (struct bent *)t;

	if (b->lives == 1 && !b->wish_at_end)
		return ERR_NO_CARD;
	return transport_reset(b->inner, atr);
}

static void count_pin(struct bent *b, struct slice command)
{
	static const char right[] = {'1', '2', '3', '4'};

	if (command.len == 13 && slice_at(command, 1) == INS_VERIFY_PIN &&
	    !slice_starts(slice_sub(command, 5, 8), SLICE_OF(right)))
		b->wrong_pins++;
}

/* What 61xx announces, fetched: as under T=1. */
static enum err collect_answer(struct bent *b, uint8_t cla, struct wbuf *response)
{
	for (;;) {
		struct slice sw = slice_sub(wbuf_slice(response), response->len - 2, 2);
		uint8_t next[] = {cla, INS_GET_RESPONSE, 0, 0, slice_at(sw, 1)};
		enum err e;

		if (slice_at(sw, 0) != SW_RESPONSE >> 8)
			return ERR_OK;
		wbuf_cut(response, response->len - 2);
		e = transport_transmit(b->inner, SLICE_OF(next), response);
		if (e)
			return e;
	}
}

static enum err bent_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	struct bent *b = (struct bent *)t;
	struct wbuf unheard = wbuf_grow(APDU_RESPONSE_MAX);
	uint8_t octets[APDU_COMMAND_MAX];
	struct wbuf bent = wbuf_init(octets, sizeof(octets));
	enum err e;

	if (b->lives == 1 && !b->wish_at_end)
		return ERR_DISCONNECTED;
	if (b->lives == 1)
		cancel_wish(b->wish_at_end);
	if (b->lives > 1)
		b->lives--;
	count_pin(b, command);
	if (b->only_gsm && slice_at(command, 0) != CLA_GSM)
		return hex_decode("6e00", response);
	if (b->t1) {
		e = transport_transmit(b->inner, command, response);
		return e ? e : collect_answer(b, slice_at(command, 0), response);
	}
	if (b->command)
		ASSERT_ERR(hex_decode(b->command, &bent), ERR_OK);
	if (!b->command || !slice_starts(command, wbuf_slice(&bent)))
		return transport_transmit(b->inner, command, response);
	e = transport_transmit(b->inner, command, &unheard); /* its state goes on */
	wbuf_free(&unheard);
	return e ? e : hex_decode(b->answer, response);
}

static void bent_close(struct transport *t)
{
	struct bent *b = (struct bent *)t;

	transport_close(&b->inner);
}

static const struct transport_ops bent_ops = {
	.kind = "bent", .reset = bent_reset, .transmit = bent_transmit, .close = bent_close};

static struct failure give_right_pin(void *ctx, struct uicc *u)
{
	static const uint8_t block[] = {'1', '2', '3', '4', 0xFF, 0xFF, 0xFF, 0xFF};
	struct apdu a = command_apdu(COMMAND_VERIFY_PIN, 0);
	uint16_t sw;
	enum err e;

	(void)ctx;
	a.p2 = USIM_PIN1;
	a.data = SLICE_OF(block);
	e = uicc_send(u, &a, NULL, &sw);
	if (!e && sw != SW_OK)
		e = ERR_REFUSED;
	return e ? failure_said(PARTY_CARD, e, "the PIN is refused")
		 : (struct failure){.err = ERR_OK};
}

static const char *card_folder(void)
{
	const char *dir;
	struct card *card = fixture_card(FIXTURE_SIM, &dir);

	card_power_off(card);
	card_close(&card);
	return dir;
}

/* Examines b's card; the report lives until session_end(). */
static struct exam_session *session_of(struct bent *b, struct exam_plan *plan)
{
	struct exam_session *s = NULL;

	ASSERT_ERR(transport_card_open(card_folder(), 0, b->wish_at_end, &b->inner), ERR_OK);
	b->base = *b->inner;
	b->base.ops = &bent_ops;
	b->base.protocol = b->t1 ? TRANSPORT_T1 : TRANSPORT_T0;
	b->base.apdu_level = b->t1;
	ASSERT_ERR(uicc_open(&b->base, &plan->u), ERR_OK);
	plan->started = "2026-11-29T04:00:00Z";
	plan->way = "card";
	plan->now = 1795910400; /* 2026-11-29 */
	plan->user.unlock = give_right_pin;
	ASSERT_ERR(exam_run(plan, &s), ERR_OK);
	return s;
}

static void session_end(struct exam_session **s, struct exam_plan *plan)
{
	uicc_close(&plan->u);
	exam_session_free(s);
}

static const struct exam_result *result_of(const struct exam_report *r, const char *id)
{
	for (size_t i = 0; i < r->result_count; i++) {
		if (strcmp(r->results[i].rule_case->rule.id, id) == 0)
			return &r->results[i];
	}
	return NULL;
}

static void test_sound_card(void)
{
	struct bent b = {.command = NULL};
	/* this card has no certificates, and so no CI's key */
	static const char *const skip[] = {"isdr.info1"};
	struct exam_plan plan = {.allow_changes = true, .skip = {skip, 1}};
	struct exam_session *s = session_of(&b, &plan);
	const struct exam_report *r = exam_session_report(s);
	struct wbuf text = wbuf_grow(1u << 20);

	for (size_t i = 0; i < r->result_count; i++) {
		if (r->results[i].outcome == EXAM_FAILED || r->results[i].outcome == EXAM_NOTED)
			fprintf(stderr, "\n%s: %s\n", r->results[i].rule_case->rule.id,
				r->results[i].detail);
	}
	CU_ASSERT_EQUAL(r->counts[EXAM_FAILED] + r->counts[EXAM_NOTED], 0);
	CU_ASSERT(r->counts[EXAM_PASSED] > 130);
	CU_ASSERT_EQUAL(r->end, EXAM_COMPLETE);
	CU_ASSERT(r->spent.authentications > 0);
	CU_ASSERT(r->spent.authentications <= r->planned.authentications);
	CU_ASSERT(r->spent.pin_tries <= r->planned.pin_tries);
	CU_ASSERT_EQUAL(r->spent.pin_tries, 1);
	CU_ASSERT_EQUAL(r->spent.pin_tries, b.wrong_pins);
	CU_ASSERT(r->timing_count > 10);
	exam_text_put(r, &text);
	ASSERT_ERR(wbuf_done(&text), ERR_OK);
	CU_ASSERT(text.len > 2000);
	wbuf_free(&text);
	session_end(&s, &plan);
}

/* Each row bends one answer, and one case at least must say so. */
static void test_bent_answers(void)
{
	static const struct {
		const char *command, *answer, *id;
	} rows[] = {
		{"00fe", "9000", "apdu.instruction-unknown"},
		{"30a4", "6d00", "apdu.class-unknown"},
		{"00a40004026f99", "9404", "select.unknown"},
		{"00b0000a01", "9000", "fs.binary-end"},
		{"00b0000000", "6c09", "t0.le-exact"},
		{"00c0000010", "9000", "t0.response-none"},
		{"0020000100", "63cf", "pin.counter"},
		{"0020001f", "9000", "pin.key-reference"},
		{"00b0000009", "08091010101032547698 9000", "pin.guards-imsi"},
		{"0070800000", "9000", "channel.basic"},
		{"0070000001", "029000", "channel.all"},
		{"a0a40000026f99", "6a82", "gsm.unknown"},
		{"8010", "6f00", "cat.terminal-profile"},
		{"81e2910006bf3e035c015a", "6a88", "isdr.eid"},
		{"81e2910003bf2000", "6a88", "isdr.info1"},
		{"00880080", "6985", "auth.gsm-context"},
		{"0088008122105a", "6f00", "auth.foreign"},
		{"00d60000", "9000", "pin.iccid-update"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bent b = {.command = rows[i].command, .answer = rows[i].answer};
		struct exam_plan plan = {.u = NULL};
		struct exam_session *s = session_of(&b, &plan);
		const struct exam_result *r = result_of(exam_session_report(s), rows[i].id);
		bool named = r && r->outcome == EXAM_FAILED;

		if (!named)
			fprintf(stderr, "\n%s to %s: %s does not fail (%s)\n", rows[i].answer,
				rows[i].command, rows[i].id,
				r ? exam_outcome_name(r->outcome) : "-");
		CU_ASSERT(named);
		CU_ASSERT(named && r->evidence_count > 0 && r->detail[0]);
		session_end(&s, &plan);
	}
}

static void test_vanishing_card(void)
{
	for (unsigned lives = 100; lives < 1000; lives += 150) {
		struct bent b = {.lives = lives};
		struct exam_plan plan = {.u = NULL};
		struct exam_session *s = session_of(&b, &plan);
		const struct exam_report *r = exam_session_report(s);

		CU_ASSERT_EQUAL(r->end, EXAM_CARD_LOST);
		CU_ASSERT(r->end_text[0]);
		CU_ASSERT_EQUAL(r->counts[EXAM_FAILED], 0);
		CU_ASSERT(r->counts[EXAM_NOT_RUN] > 0);
		session_end(&s, &plan);
	}
}

static void test_stopping(void)
{
	struct cancel cancel = {.wishes = 0};
	struct bent b = {.lives = 300, .wish_at_end = &cancel};
	struct exam_plan plan = {.u = NULL};
	struct exam_session *s = session_of(&b, &plan);
	const struct exam_report *r = exam_session_report(s);

	CU_ASSERT_EQUAL(r->end, EXAM_CANCELLED);
	CU_ASSERT_EQUAL(r->counts[EXAM_FAILED], 0);
	CU_ASSERT(r->counts[EXAM_PASSED] > 0 && r->counts[EXAM_NOT_RUN] > 0);
	CU_ASSERT(cancel_is_wished(&cancel)); /* for the program that ends now */
	session_end(&s, &plan);
}

/* With one try left PIN1 is not given, and no wrong one is. */
static void test_last_try(void)
{
	struct bent b = {.command = "0020000100", .answer = "63c1"};
	struct exam_plan plan = {.allow_changes = true};
	struct exam_session *s = session_of(&b, &plan);
	const struct exam_report *r = exam_session_report(s);
	const struct exam_result *imsi = result_of(r, "usim.imsi");

	CU_ASSERT_EQUAL(b.wrong_pins, 0);
	CU_ASSERT_EQUAL(r->spent.pin_tries, 0);
	CU_ASSERT(imsi && imsi->outcome == EXAM_SKIPPED && strstr(imsi->detail, "only one try"));
	session_end(&s, &plan);
}

static void test_gsm_card(void)
{
	struct bent b = {.only_gsm = true};
	struct exam_plan plan = {.u = NULL};
	struct exam_session *s = session_of(&b, &plan);
	const struct exam_report *r = exam_session_report(s);
	const struct exam_result *files = result_of(r, "gsm.files");

	CU_ASSERT_STRING_EQUAL(r->card.kind, "SIM of 2G");
	CU_ASSERT_EQUAL(r->counts[EXAM_FAILED], 0);
	CU_ASSERT(files && files->outcome == EXAM_PASSED);
	session_end(&s, &plan);
}

static void test_t1_card(void)
{
	static const char *const skip[] = {"isdr.info1"};
	struct bent b = {.t1 = true};
	struct exam_plan plan = {.allow_changes = true, .skip = {skip, 1}};
	struct exam_session *s = session_of(&b, &plan);
	const struct exam_report *r = exam_session_report(s);
	const struct exam_result *direct = result_of(r, "apdu.t1-direct");
	const struct exam_result *exact = result_of(r, "t0.le-exact");

	for (size_t i = 0; i < r->result_count; i++) {
		if (r->results[i].outcome == EXAM_FAILED || r->results[i].outcome == EXAM_NOTED)
			fprintf(stderr, "\n%s: %s\n", r->results[i].rule_case->rule.id,
				r->results[i].detail);
	}
	CU_ASSERT_EQUAL(r->counts[EXAM_FAILED] + r->counts[EXAM_NOTED], 0);
	CU_ASSERT(direct && direct->outcome == EXAM_PASSED);
	CU_ASSERT(exact && exact->outcome == EXAM_SKIPPED);
	session_end(&s, &plan);
}

static void test_patterns(void)
{
	static const char *const only[] = {"atr", "*.eid"}, *const skip[] = {"atr.t*"};
	struct bent b = {.command = NULL};
	struct exam_plan plan = {.only = {only, 2}, .skip = {skip, 1}};
	struct exam_session *s = session_of(&b, &plan);
	const struct exam_report *r = exam_session_report(s);

	CU_ASSERT(result_of(r, "atr.form") && result_of(r, "isdr.eid"));
	CU_ASSERT(!result_of(r, "atr.tck") && !result_of(r, "fs.iccid"));
	session_end(&s, &plan);
}

static void check_case(const struct exam_group *g, const struct exam_case *c)
{
	size_t n = strlen(g->name);

	CU_ASSERT(strncmp(c->rule.id, g->name, n) == 0 && c->rule.id[n] == '.');
	CU_ASSERT(c->rule.clause[0] && c->rule.says[0] && c->run);
	for (const char *p = c->rule.id; *p; p++)
		CU_ASSERT((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '.' ||
			  *p == '-');
	/* what spends PIN tries changes the card, and needs the PIN that gives them back */
	CU_ASSERT(!c->pin_tries ||
		  (c->needs & (EXAM_CHANGES | EXAM_PIN)) == (EXAM_CHANGES | EXAM_PIN));
}

static void test_table(void)
{
	size_t total = 0;

	for (size_t g = 0; g < exam_group_count; g++) {
		for (size_t i = 0; i < exam_groups[g]->count; i++, total++) {
			const char *id = exam_groups[g]->cases[i].rule.id;

			check_case(exam_groups[g], &exam_groups[g]->cases[i]);
			for (size_t j = 0; j < i; j++)
				CU_ASSERT(strcmp(id, exam_groups[g]->cases[j].rule.id) != 0);
		}
	}
	CU_ASSERT(total >= 170);
}

TEST_SUITE(exam_suite, {"a sound card has no departure", test_sound_card},
	   {"each bent answer is named", test_bent_answers},
	   {"a card that vanishes", test_vanishing_card}, {"a wish to stop", test_stopping},
	   {"the last PIN try is never spent", test_last_try}, {"a SIM of 2G", test_gsm_card},
	   {"a card of T=1", test_t1_card}, {"only and skip", test_patterns},
	   {"ids and clauses of all cases", test_table})
