/*
 * Memory that runs out at any allocation, ours or OpenSSL's, while the card handles what must be
 * done wholly or not at all. Whatever fails, the answer says so by a word of its own, the card's
 * memory is what it was, and the same works when memory is back.
 */
#include <stdio.h>
#include <string.h>

#include "lib/uicc/command.h"
#include "lib/base/tlv.h"
#include "lib/base/bytes.h"
#include "card-emu/core/app.h"
#include "lib/release/grant.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es8p.h"
#include "tests/support/euicc.h"
#include "tests/support/snapshot.h"
#include "tests/unit/support/fault.h"
#include "tests/unit/test.h"

#define ANSWER_MAX   65536
#define MESSAGES_MAX 16

struct bench {
	struct euicc u;
	struct snapshot *before;
	struct wbuf answer, messages;
	unsigned said;			 /* the status word, or the result of the message */
	size_t end[MESSAGES_MAX], count; /* each ends there; a chain of STORE DATA each */
};

enum outcome { DONE, REFUSED_MEMORY, REFUSED_WRONGLY };

struct scenario {
	const char *name;
	void (*prepare)(struct bench *b);
	enum outcome (*act)(struct bench *b);
	const char *prefix; /* of what must not change */
};

static void add_message(struct bench *b)
{
	CU_ASSERT_FATAL(b->count < MESSAGES_MAX && wbuf_done(&b->messages) == ERR_OK);
	b->end[b->count++] = b->messages.len;
}

static void clear(struct bench *b)
{
	wbuf_reset(&b->messages);
	wbuf_reset(&b->answer);
	b->count = 0;
	card_reset(b->u.card);
}

static bool is_memory_sw(uint16_t sw)
{
	return sw == SW_TECHNICAL || sw == SW_MEMORY_PROBLEM || sw == SW_NO_MEMORY;
}

static enum outcome send_messages(struct bench *b, uint16_t *sw)
{
	size_t at = 0;

	*sw = SW_OK;
	for (size_t i = 0; i < b->count && *sw == SW_OK && !b->answer.len; i++) {
		*sw = euicc_store_data(&b->u,
				       slice_sub(wbuf_slice(&b->messages), at, b->end[i] - at),
				       UINT8_MAX, &b->answer);
		at = b->end[i];
	}
	b->said = *sw;
	if (sw_is_good(*sw))
		return DONE;
	return is_memory_sw(*sw) ? REFUSED_MEMORY : REFUSED_WRONGLY;
}

static void prepare_authenticate(struct bench *b)
{
	static const uint8_t usim[] = {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02};
	static const uint8_t pin[] = {'1', '2', '3', '4', 0xFF, 0xFF, 0xFF, 0xFF};

	clear(b);
	CU_ASSERT_EQUAL(euicc_send(&b->u, 0, INS_SELECT, 0x0404, SLICE_OF(usim), NULL), SW_OK);
	CU_ASSERT_EQUAL(euicc_send(&b->u, 0, INS_VERIFY_PIN, 1, SLICE_OF(pin), NULL), SW_OK);
}

static enum outcome act_authenticate(struct bench *b)
{
	uint16_t sw = euicc_authenticate(&b->u, &b->u.first, &b->answer);

	b->said = sw;
	if (sw == SW_OK)
		return slice_at(wbuf_slice(&b->answer), 0) == 0xDB ? DONE : REFUSED_WRONGLY;
	return is_memory_sw(sw) && !b->answer.len ? REFUSED_MEMORY : REFUSED_WRONGLY;
}

static void prepare_grant(struct bench *b)
{
	struct kra_challenge c;
	enum kra_result error;

	clear(b);
	CU_ASSERT_EQUAL(euicc_select(&b->u, slice_make(kra_aid, sizeof(kra_aid))), SW_OK);
	kra_put_get_challenge(&b->messages, b->u.iccid);
	CU_ASSERT_EQUAL(euicc_store_data(&b->u, wbuf_slice(&b->messages), UINT8_MAX, &b->answer),
			SW_OK);
	ASSERT_ERR(kra_parse_challenge(wbuf_slice(&b->answer), &c, &error), ERR_OK);
	wbuf_reset(&b->messages);
	ASSERT_ERR(grant_build(&b->messages, &c.binding, c.card_otpk, b->u.s, b->u.release),
		   ERR_OK);
	add_message(b);
	wbuf_reset(&b->answer);
}

static enum outcome act_grant(struct bench *b)
{
	struct kra_outcome o;
	uint16_t sw;
	enum outcome r = send_messages(b, &sw);

	if (r != DONE)
		return r;
	if (kra_parse_outcome(wbuf_slice(&b->answer), &o))
		return REFUSED_WRONGLY;
	b->said = o.result;
	if (o.result == KRA_RESULT_OK)
		return sw >> 8 == SW_PROACTIVE >> 8 ? DONE : REFUSED_WRONGLY;
	return o.result == KRA_RESULT_MEMORY || o.result == KRA_RESULT_UNDEFINED ? REFUSED_MEMORY
										 : REFUSED_WRONGLY;
}

static void put_sequence(struct bench *b, struct bsp *peer, uint32_t tag, uint8_t inner,
			 struct slice plain)
{
	bool pieces = inner != ES8P_TAG_ENCRYPTED;
	struct wbuf w = wbuf_grow(ANSWER_MAX);
	struct cursor c;
	struct tlv t;

	ASSERT_ERR(bsp_protect_all(
			   peer,
			   &(struct bsp_cut){inner, inner != ES8P_TAG_METADATA, ES8P_SEGMENT_MAX},
			   plain, &w),
		   ERR_OK);
	tlv_put_header(&b->messages, tag, w.len);
	c = cursor_of(wbuf_slice(&w));
	if (!pieces)
		wbuf_put(&b->messages, wbuf_slice(&w));
	add_message(b);
	while (pieces && tlv_next(&c, &t)) {
		wbuf_put(&b->messages, t.raw);
		add_message(b);
	}
	wbuf_free(&w);
}

/* BF36 around all of it: its header goes in front of the first message. */
static void put_header(struct bench *b)
{
	uint8_t mem[8], *gap;
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	tlv_put_header(&w, SGP22_TAG_BOUND_PROFILE_PACKAGE, b->messages.len);
	gap = wbuf_insert(&b->messages, 0, w.len);
	CU_ASSERT_FATAL(gap != NULL);
	memcpy(gap, mem, w.len);
	for (size_t i = 0; i < b->count; i++)
		b->end[i] += w.len;
}

static void prepare_load(struct bench *b)
{
	struct wbuf plain = wbuf_grow(ANSWER_MAX);
	struct bsp *peer;

	clear(b);
	euicc_prepare_download(&b->u);
	peer = euicc_put_channel(&b->u, &b->messages);
	add_message(b);
	es8p_put_configure_isdp(&plain, SLICE_EMPTY);
	put_sequence(b, peer, ASN1_CONTEXTC(0), ES8P_TAG_ENCRYPTED, wbuf_slice(&plain));
	wbuf_reset(&plain);
	euicc_put_metadata(&plain);
	put_sequence(b, peer, ASN1_CONTEXTC(1), ES8P_TAG_METADATA, wbuf_slice(&plain));
	wbuf_reset(&plain);
	euicc_put_package(&plain);
	put_sequence(b, peer, ASN1_CONTEXTC(3), ES8P_TAG_PROFILE, wbuf_slice(&plain));
	put_header(b);
	bsp_free(&peer);
	wbuf_free(&plain);
}

static enum outcome act_load(struct bench *b)
{
	struct es10b_installation_result m;
	uint16_t sw;
	enum outcome r = send_messages(b, &sw);

	if (r != DONE)
		return r;
	if (es10b_parse_installation_result(wbuf_slice(&b->answer), &m))
		return REFUSED_WRONGLY;
	b->said = m.reason;
	if (m.success)
		return DONE;
	return m.reason == ES10B_BPP_INSUFFICIENT_MEMORY || m.reason == ES10B_BPP_UNKNOWN
		       ? REFUSED_MEMORY
		       : REFUSED_WRONGLY;
}

static const struct scenario authenticate = {"AUTHENTICATE", prepare_authenticate, act_authenticate,
					     ""};
static const struct scenario grant = {"a grant", prepare_grant, act_grant, ""};
static const struct scenario load = {"a bound profile package", prepare_load, act_load, "p/"};

static unsigned count_allocations(struct bench *b, const struct scenario *s)
{
	unsigned n;

	for (int i = 0; i < 2; i++) { /* the first run also fills what OpenSSL keeps */
		s->prepare(b);
		fault_arm(FAULT_MEMORY, UINT32_MAX, 0);
		CU_ASSERT_EQUAL(s->act(b), DONE);
		n = fault_calls();
		fault_disarm();
		snapshot_restore(b->before, card_store(b->u.card));
	}
	return n;
}

static void fail_at(struct bench *b, const struct scenario *s, enum fault_kind kind, unsigned n)
{
	struct snapshot *now;
	const char *difference = NULL;
	enum outcome r;

	s->prepare(b);
	now = snapshot_take(card_store(b->u.card), s->prefix);
	fault_arm(kind, n, 0);
	r = s->act(b);
	fault_disarm();
	if (r != DONE)
		difference = snapshot_difference(now, card_store(b->u.card));
	if (r == REFUSED_WRONGLY || difference)
		printf("\n%s, allocation %u: %s (%x), %s changed\n", s->name, n,
		       r == DONE	     ? "done"
		       : r == REFUSED_MEMORY ? "refused"
					     : "refused wrongly",
		       b->said, difference ? difference : "nothing");
	CU_ASSERT(r != REFUSED_WRONGLY);
	CU_ASSERT_PTR_NULL(difference);
	if (r != DONE) {
		s->prepare(b);
		CU_ASSERT_EQUAL(s->act(b), DONE);
	}
	snapshot_free(&now);
	snapshot_restore(b->before, card_store(b->u.card));
}

/* Each allocation by itself, and memory gone for good from some of them on. */
static void run(const struct scenario *s, unsigned stride)
{
	struct bench b = {.answer = wbuf_grow(ANSWER_MAX), .messages = wbuf_grow(4 * ANSWER_MAX)};
	unsigned n;

	euicc_open(&b.u, test_dir());
	b.before = snapshot_take(card_store(b.u.card), "");
	n = count_allocations(&b, s);
	CU_ASSERT(n > 0);
	for (unsigned i = 1; i <= n; i += stride)
		fail_at(&b, s, FAULT_MEMORY, i);
	for (unsigned i = 1; i <= n; i += 5 * stride)
		fail_at(&b, s, FAULT_NO_MEMORY, i);
	printf(" %u allocations ", n);
	snapshot_free(&b.before);
	wbuf_free(&b.answer);
	wbuf_free(&b.messages);
	euicc_close(&b.u);
}

static void test_authenticate(void)
{
	run(&authenticate, 1);
}

static void test_grant(void)
{
	run(&grant, 1);
}

static void test_load(void)
{
	run(&load, 1);
}

TEST_SUITE(memory, {"AUTHENTICATE", test_authenticate}, {"a grant", test_grant},
	   {"a bound profile package", test_load})
