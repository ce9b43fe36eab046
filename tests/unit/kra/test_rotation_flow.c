/* The rotation of the second key with terminal, operator and card: whole, broken off, lied to. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/terminal/relay.h"
#include "host/terminal/uicc.h"
#include "lib/base/base64.h"
#include "lib/release/kra.h"
#include "tests/unit/support/flow.h"
#include "tool/cli/json.h"

#define ATTEMPTS_MAX 8
#define BREAKS_MAX   120

static struct subscriber subscriber_now(struct flow *f)
{
	struct subscriber sub = {0};

	ASSERT_ERR(subscriber_by_id(f->store, f->sub.id, &sub), ERR_OK);
	return sub;
}

static void take(struct flow *f, enum subscriber_event_kind kind, uint32_t opened)
{
	const struct subscriber_event ev = {
		.kind = kind, .now = (int64_t)time(NULL), .key_id = opened, .opened = opened != 0};

	ASSERT_ERR(subscriber_event(f->store, f->sub.id, &ev, NULL), ERR_OK);
}

static void to_active(struct flow *f)
{
	flow_open(f);
	flow_install(f);
	ASSERT_ERR(flow_attach(f), ERR_OK);
	flow_approve(f);
	ASSERT_ERR(flow_release(f), ERR_OK);
	ASSERT_ERR(flow_attach(f), ERR_OK);
	CU_ASSERT_EQUAL_FATAL(subscriber_now(f).state, STATE_ACTIVE);
}

/* As twinkey run does it, the approval included. */
static enum err go(struct flow *f, struct relay *r)
{
	enum err e;

	*r = (struct relay){.result = 0};
	e = uicc_reset(f->u);
	if (!e)
		e = relay_reseal(f->u, f->op, r);
	if (!e && r->before.state == KRA_STATE_SEALED) {
		e = flow_attach(f);
		if (!e)
			flow_approve(f);
		if (!e)
			e = flow_release(f);
	}
	return e ? e : flow_attach(f);
}

/* Twice; what the card had does not come back, and no second rotation begins within one. */
static void test_twice(void)
{
	struct wbuf old = wbuf_grow(KRA_MESSAGE_MAX);
	enum kra_result result = KRA_RESULT_OK;
	struct kra kra;
	uint32_t key_id;
	struct relay r;
	struct flow f;

	to_active(&f);
	ASSERT_ERR(go(&f, &r), ERR_OK);
	CU_ASSERT_EQUAL(r.next_key, 0); /* there is no rotation */
	for (uint32_t id = 2; id <= 3; id++) {
		flow_rotate(&f);
		wbuf_reset(&old);
		ASSERT_ERR(release_reseal(f.authority, f.store, f.sub.iccid, &old, &key_id),
			   ERR_OK);
		ASSERT_ERR(flow_attach(&f), ERR_OK); /* the key so far goes on */
		ASSERT_ERR(relay_reseal(f.u, f.op, &r), ERR_OK);
		CU_ASSERT(r.next_key == id && r.resealed);
		ASSERT_ERR(flow_release(&f), ERR_FACTOR);
		CU_ASSERT_EQUAL(subscriber_now(&f).state, STATE_ROTATING);
		ASSERT_ERR(go(&f, &r), ERR_OK);
		CU_ASSERT(r.next_key == id && !r.resealed);
		CU_ASSERT_EQUAL(subscriber_now(&f).state, STATE_ACTIVE);
		CU_ASSERT_EQUAL(subscriber_now(&f).key_id, id);
		CU_ASSERT_EQUAL(subscriber_now(&f).spare_key_id, 0);
	}
	CU_ASSERT_FATAL(kra_open(f.u, &kra) == ERR_OK);
	ASSERT_ERR(kra_hand_reseal(&kra, wbuf_slice(&old), &result), ERR_OK);
	CU_ASSERT_EQUAL(result, KRA_RESULT_WRONG_KEY_ID);
	wbuf_free(&old);
	flow_close(&f);
}

/* The nth thing that comes back is lost, after it was done. */
static unsigned countdown;

static enum err lose_answer(struct flow *f, const char *function, json_t **answer)
{
	(void)f, (void)function, (void)answer;
	return countdown && --countdown == 0 ? ERR_IO : ERR_OK;
}

static void lose_response(struct flow *f, struct slice command, struct wbuf *response)
{
	(void)f, (void)command;
	if (countdown && --countdown == 0)
		wbuf_reset(response);
}

/* What the operator's people do when the terminal says so. */
static void mend(struct flow *f, const struct relay *r, enum err e)
{
	struct subscriber sub = subscriber_now(f);

	if (e == ERR_REPLAY) {
		take(f, EVENT_SUSPEND, 0);
		take(f, EVENT_RESUME, r->before.key_id);
	} else if (sub.state == STATE_RELEASED && r->before.state == KRA_STATE_SEALED) {
		take(f, EVENT_SUSPEND, 0);
		take(f, EVENT_RESUME, 0);
	}
}

/* One rotation, broken at the nth answer or response; whether there was an nth. */
static bool broken_at(struct flow *f, unsigned nth)
{
	uint32_t from = subscriber_now(f).key_id;
	struct subscriber sub;
	struct relay r;
	enum err e;
	bool broken;

	flow_rotate(f);
	countdown = nth;
	e = go(f, &r);
	broken = countdown == 0;
	countdown = 0;
	for (unsigned i = 0; e && i < ATTEMPTS_MAX; i++) {
		e = go(f, &r);
		if (e)
			mend(f, &r, e);
	}
	sub = subscriber_now(f);
	if (e || sub.state != STATE_ACTIVE)
		fprintf(stderr, "\nbroken at %u: %s, %s\n", nth, err_name(e),
			state_name(sub.state));
	ASSERT_ERR(e, ERR_OK);
	CU_ASSERT_EQUAL(sub.state, STATE_ACTIVE);
	CU_ASSERT(sub.key_id > from);
	return broken;
}

static void test_broken(void)
{
	struct flow f;
	unsigned nth;

	to_active(&f);
	f.lie = lose_answer;
	for (nth = 1; nth < BREAKS_MAX && broken_at(&f, nth);)
		nth++;
	CU_ASSERT_EQUAL(nth,
			12); /* reseal, 2 vector and verify, grant, result, 2 vector and verify */
	f.lie = NULL;
	f.card_lie = lose_response;
	for (nth = 1; nth < BREAKS_MAX && broken_at(&f, nth);)
		nth++;
	CU_ASSERT(nth > 20 && nth < BREAKS_MAX);
	f.card_lie = NULL;
	flow_close(&f);
}

static enum err flip_reseal(struct flow *f, const char *function, json_t **answer)
{
	struct wbuf w = wbuf_grow(KRA_MESSAGE_MAX);
	enum err e = ERR_OK;

	(void)f;
	if (strcmp(function, "reseal") == 0) {
		e = json_base64_field(*answer, "reseal", &w);
		w.ptr[w.len - 1] ^= 1;
		json_object_set_new(*answer, "reseal", json_base64(wbuf_slice(&w)));
	}
	wbuf_free(&w);
	return e;
}

static enum err no_key_id(struct flow *f, const char *function, json_t **answer)
{
	(void)f;
	if (strcmp(function, "reseal") == 0)
		json_object_set_new(*answer, "keyId", json_integer((json_int_t)1 << 33));
	return ERR_OK;
}

/* What is not the operator's word, or no word at all, changes nothing. */
static void test_lies(void)
{
	struct relay r = {.result = 0};
	struct flow f;

	to_active(&f);
	flow_rotate(&f);
	f.lie = flip_reseal;
	ASSERT_ERR(relay_reseal(f.u, f.op, &r), ERR_REFUSED);
	CU_ASSERT_EQUAL(r.result, KRA_RESULT_BAD_SIGNATURE);
	CU_ASSERT_FALSE(r.resealed);
	CU_ASSERT_EQUAL(r.before.key_id, 1);
	f.lie = no_key_id;
	r = (struct relay){.result = 0};
	ASSERT_ERR(relay_reseal(f.u, f.op, &r), ERR_PROTOCOL);
	f.lie = NULL;
	ASSERT_ERR(go(&f, &r), ERR_OK);
	CU_ASSERT_EQUAL(subscriber_now(&f).key_id, 2);
	flow_close(&f);
}

TEST_SUITE(rotation_flow, {"twice", test_twice}, {"broken off anywhere", test_broken},
	   {"a reseal that is none", test_lies})
