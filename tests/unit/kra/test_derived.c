/* Derived mode with terminal, operator and card: K2 comes to be on both sides, and is in no
 * message. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/terminal/relay.h"
#include "lib/base/secret.h"
#include "lib/release/kra.h"
#include "tests/unit/support/flow.h"
#include "tests/unit/support/leak.h"

#define K2_MAX 3

static enum subscriber_state state_of(struct flow *f)
{
	struct subscriber sub = {0};

	ASSERT_ERR(subscriber_by_id(f->store, f->sub.id, &sub), ERR_OK);
	return sub.state;
}

/* Not as it is, nor in hex or base64; and the search finds what is there. */
static void absent(struct slice text, const struct secret *k2, const char *where)
{
	struct wbuf planted = wbuf_grow(2 * text.len + 4096);
	enum leak_form form;

	if (leak_found(text, secret_slice(k2), &form)) {
		fprintf(stderr, "\nK2 is in %s (%s)\n", where, leak_form_name(form));
		CU_FAIL("K2 is on the wire");
	}
	wbuf_put(&planted, text);
	wbuf_put(&planted, secret_slice(k2));
	CU_ASSERT_TRUE(leak_found(wbuf_slice(&planted), secret_slice(k2), NULL));
	wbuf_free(&planted);
}

/* From limited access to full. */
static void release(struct flow *f)
{
	struct relay r = {.result = 0};

	ASSERT_ERR(relay_reseal(f->u, f->op, &r), ERR_OK);
	ASSERT_ERR(flow_attach(f), ERR_OK);
	CU_ASSERT_NOT_EQUAL(flow_release(f), ERR_OK); /* without the second factor */
	flow_approve(f);
	ASSERT_ERR(flow_release(f), ERR_OK);
	CU_ASSERT_EQUAL(state_of(f), STATE_RELEASED);
	ASSERT_ERR(flow_attach(f), ERR_OK);
	CU_ASSERT_EQUAL(state_of(f), STATE_ACTIVE);
}

static void whole_way(unsigned octets)
{
	const struct subscriber_modes modes = {.derived = octets};
	struct secret *k2[K2_MAX] = {NULL};
	struct flow f;

	flow_open_as(&f, &modes);
	CU_ASSERT_PTR_NULL(flow_k2(&f)); /* there is none before the release */
	flow_install(&f);
	for (size_t i = 0; i < K2_MAX; i++) {
		if (i)
			flow_rotate(&f);
		release(&f);
		k2[i] = flow_k2(&f);
		CU_ASSERT_FATAL(k2[i] && k2[i]->len == octets);
		for (size_t k = 0; k < i; k++)
			CU_ASSERT_FALSE(secret_equal(secret_slice(k2[i]), secret_slice(k2[k])));
	}
	CU_ASSERT(f.apdus.len > 4096 && f.bodies.len > 4096);
	for (size_t i = 0; i < K2_MAX; i++) {
		absent(wbuf_slice(&f.apdus), k2[i], "an APDU");
		absent(wbuf_slice(&f.bodies), k2[i], "a message of the operator's");
		secret_free(&k2[i]);
	}
	flow_close(&f);
}

static void test_128(void)
{
	whole_way(16);
}

static void test_256(void)
{
	whole_way(32);
}

/* A grant that is lost: the operator resumes, and the next one is of another K2. */
static enum err lose_grant(struct flow *f, const char *function, json_t **answer)
{
	(void)f, (void)answer;
	return strcmp(function, "grant") == 0 ? ERR_IO : ERR_OK;
}

static void take(struct flow *f, enum subscriber_event_kind kind)
{
	const struct subscriber_event ev = {.kind = kind, .now = (int64_t)time(NULL)};

	ASSERT_ERR(subscriber_event(f->store, f->sub.id, &ev, NULL), ERR_OK);
}

static void test_lost_grant(void)
{
	const struct subscriber_modes modes = {.derived = 16};
	struct secret *lost, *k2;
	struct flow f;

	flow_open_as(&f, &modes);
	flow_install(&f);
	ASSERT_ERR(flow_attach(&f), ERR_OK);
	flow_approve(&f);
	f.lie = lose_grant;
	CU_ASSERT_NOT_EQUAL(flow_release(&f), ERR_OK);
	f.lie = NULL;
	CU_ASSERT_EQUAL(state_of(&f), STATE_RELEASED);
	lost = flow_k2(&f);
	take(&f, EVENT_SUSPEND);
	take(&f, EVENT_RESUME);
	release(&f);
	k2 = flow_k2(&f);
	CU_ASSERT_FALSE(secret_equal(secret_slice(lost), secret_slice(k2)));
	secret_free(&lost);
	secret_free(&k2);
	flow_close(&f);
}

/* In a rotation the K2 in force is whole until the card has shown the next one. */
static void test_lost_in_rotation(void)
{
	const struct subscriber_modes modes = {.derived = 32};
	struct secret *before, *now;
	struct relay r = {.result = 0};
	struct flow f;

	flow_open_as(&f, &modes);
	flow_install(&f);
	release(&f);
	before = flow_k2(&f);
	flow_rotate(&f);
	ASSERT_ERR(relay_reseal(f.u, f.op, &r), ERR_OK);
	ASSERT_ERR(flow_attach(&f), ERR_OK);
	flow_approve(&f);
	f.lie = lose_grant;
	CU_ASSERT_NOT_EQUAL(flow_release(&f), ERR_OK);
	f.lie = NULL;
	take(&f, EVENT_SUSPEND);
	take(&f, EVENT_RESUME);
	CU_ASSERT_EQUAL(state_of(&f), STATE_RECALLED);
	now = flow_k2(&f);
	CU_ASSERT_TRUE(secret_equal(secret_slice(before), secret_slice(now)));
	secret_free(&now);
	release(&f);
	now = flow_k2(&f);
	CU_ASSERT_FALSE(secret_equal(secret_slice(before), secret_slice(now)));
	secret_free(&before);
	secret_free(&now);
	flow_close(&f);
}

TEST_SUITE(derived, {"K2 of 128 bits, and two rotations", test_128},
	   {"K2 of 256 bits, and two rotations", test_256},
	   {"a grant that is lost", test_lost_grant},
	   {"a grant that is lost in a rotation", test_lost_in_rotation})
