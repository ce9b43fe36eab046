/* the store's growth: what has run out leaves it in steps, and a restored store gives nothing out
 * again */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/store/growth/archive.h"
#include "host/operator/store/growth/figures.h"
#include "host/operator/store/growth/restored.h"
#include "host/operator/store/growth/tidy.h"
#include "host/operator/store/store.h"
#include "lib/auth/sqn.h"
#include "tests/unit/test.h"
#include "tool/sys/file.h"

#define NOW    INT64_C(1700000000)
#define PUT    1200
#define K_TEXT "00112233445566778899aabbccddeeff"

static int64_t add_with(struct operator_store *s, uint64_t sqn1, uint64_t sqn2)
{
	struct subscriber sub = {.name = "A",
				 .imsi = {"001010000000001", "001010000000002"},
				 .algorithm = {AKA_MILENAGE, AKA_MILENAGE},
				 .key_id = 1};
	struct subscriber_keys keys = {
		.k = {secret_copy(test_unhex(K_TEXT)), secret_copy(test_unhex(K_TEXT))},
		.opc = {secret_copy(test_unhex(K_TEXT)), secret_copy(test_unhex(K_TEXT))},
		.s = secret_copy(test_unhex(K_TEXT K_TEXT)),
		.sqn = {sqn1, sqn2}};

	memset(sub.iccid, 0x98, sizeof(sub.iccid));
	ASSERT_ERR(subscriber_add(s, &sub, &keys), ERR_OK);
	subscriber_keys_free(&keys);
	return sub.id;
}

static enum err answer_batch(void *ctx, struct operator_store *s, struct wbuf *answer)
{
	(void)ctx, (void)s;
	wbuf_u8(answer, 1);
	return ERR_OK;
}

static void test_tidy(void)
{
	struct operator_store *s = NULL;
	struct operator_figures f;
	struct tidied done = {.pending = 0};
	struct wbuf answer = wbuf_grow(16);
	struct auc_pending p = {.res_len = 8, .made = NOW - 100, .expires = NOW - 40}, taken;
	char id[33], fresh[33];

	ASSERT_ERR(operator_store_create(test_dir(), NULL, &s), ERR_OK);
	p.subscriber = add_with(s, 0, 0);
	p.sub = 1;
	ASSERT_ERR(operator_store_begin(s), ERR_OK);
	for (unsigned i = 0; i < PUT; i++)
		ASSERT_ERR(auc_pending_put(s, &p, id), ERR_OK);
	p.expires = NOW + 60;
	ASSERT_ERR(auc_pending_put(s, &p, fresh), ERR_OK);
	ASSERT_ERR(operator_store_end(s, ERR_OK), ERR_OK);
	ASSERT_ERR(factor_batch(s,
				&(struct factor_batch){.provider = "p",
						       .key = "k",
						       .now = NOW - BATCH_KEPT_S - 1,
						       .run = answer_batch},
				&answer),
		   ERR_OK);
	wbuf_free(&answer);
	ASSERT_ERR(operator_store_figures(s, &f), ERR_OK);
	CU_ASSERT(f.pending == PUT + 1 && f.batches == 1 && f.subscribers == 1 && f.log_seq == 0);
	for (int64_t step = 1; step <= 3; step++) {
		ASSERT_ERR(operator_store_tidy(s, NOW, &done), ERR_OK);
		CU_ASSERT_EQUAL(done.pending, step * TIDY_STEP < PUT ? step * TIDY_STEP : PUT);
		CU_ASSERT_EQUAL(done.more, step * TIDY_STEP <= PUT);
	}
	CU_ASSERT_EQUAL(done.batches, 1);
	/* with nothing to do it writes nothing */
	unsigned long before = operator_store_tally(s).transactions;
	ASSERT_ERR(operator_store_tidy(s, NOW, &done), ERR_OK);
	CU_ASSERT(!done.more);
	CU_ASSERT_EQUAL(operator_store_tally(s).transactions, before);
	ASSERT_ERR(auc_pending_take(s, fresh, NOW, &taken), ERR_OK);
	operator_store_close(&s);
}

static uint64_t number_of(struct operator_store *s, const char *imsi)
{
	struct subscription sn;
	uint64_t sqn;

	CU_ASSERT_FATAL(subscription_open(s, imsi, &sn) == ERR_OK);
	sqn = sn.sqn;
	subscription_close(&sn);
	return sqn;
}

static int64_t step_found;

static int64_t find_step(void *ctx, const struct secret *seed)
{
	(void)ctx, (void)seed;
	return step_found;
}

static void test_restored(void)
{
	/* the first number, ones of some IND, and those near the end */
	static const uint64_t numbers[] = {
		0,	     37,     SQN_MAX - SQN_RESTORE_JUMP, SQN_MAX - SQN_RESTORE_JUMP + 5,
		SQN_MAX - 3, SQN_MAX};
	const struct subscriber_event res1 = {.kind = EVENT_RES1, .now = NOW};
	struct factor_attempt attempt = {
		.find = find_step,
		.window = 1,
		.event = {.kind = EVENT_FACTOR, .now = NOW, .valid_s = 600, .evidence = "code"}};
	struct secret *seed = random_secret(20);

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		struct restored r = {.now = NOW, .totp_step = 1000, .evidence = "a test"};
		struct operator_store *s = NULL;
		struct log_check check;
		struct subscriber after;
		unsigned left;
		int64_t id;
		uint64_t sqn;

		ASSERT_ERR(operator_store_create(test_dir(), NULL, &s), ERR_OK);
		id = add_with(s, numbers[i], 1);
		ASSERT_ERR(factor_put_totp(s, id, seed), ERR_OK);
		ASSERT_ERR(subscriber_event(s, id, &res1, NULL), ERR_OK);
		ASSERT_ERR(operator_store_restored(s, &r), ERR_OK);
		CU_ASSERT_EQUAL(r.subscribers, 1);
		sqn = number_of(s, "001010000000001");
		CU_ASSERT(sqn >= numbers[i] && sqn <= SQN_MAX);
		CU_ASSERT_EQUAL(sqn_ind(sqn, SQN_IND_BITS_MAX),
				sqn_ind(numbers[i], SQN_IND_BITS_MAX));
		if (numbers[i] <= SQN_MAX - SQN_RESTORE_JUMP)
			CU_ASSERT_EQUAL(sqn, numbers[i] + SQN_RESTORE_JUMP);
		ASSERT_ERR(subscriber_by_id(s, id, &after), ERR_OK);
		CU_ASSERT_EQUAL(after.first_factor_at, 0);
		/* rows and log are what was written */
		ASSERT_ERR(log_verify(s, &check), ERR_OK);
		CU_ASSERT_EQUAL(check.good, 2);
		step_found = 1000;
		ASSERT_ERR(factor_attempt_totp(s, id, &attempt, &after, &left), ERR_REPLAY);
		step_found = 999;
		ASSERT_ERR(factor_attempt_totp(s, id, &attempt, &after, &left), ERR_REPLAY);
		step_found = 1001;
		ASSERT_ERR(factor_attempt_totp(s, id, &attempt, &after, &left), ERR_OK);
		operator_store_close(&s);
	}
	secret_free(&seed);
}

/* A jump is one that a card takes, whatever its bits of IND (TS 33.102 C.2.1). */
static void test_jump(void)
{
	for (unsigned bits = 0; bits <= SQN_IND_BITS_MAX; bits++) {
		struct sqn_array a = SQN_ARRAY_NEW;
		uint64_t last = (UINT64_C(77) << bits), next = 0;

		a.ind_bits = bits;
		sqn_accept(&a, last);
		ASSERT_ERR(sqn_next(last + SQN_RESTORE_JUMP, bits, &next), ERR_OK);
		CU_ASSERT(sqn_fresh(&a, next));
	}
}

/* An old AUTS sets no counter back, however often copies of copies are put back. */
static void test_restored_again(void)
{
	struct operator_store *s = NULL;
	struct sqn_challenge c = {.now = NOW, .node = SQN_NODE_CS};
	struct subscription sn;

	ASSERT_ERR(operator_store_create(test_dir(), NULL, &s), ERR_OK);
	add_with(s, 0, 0);
	CU_ASSERT_FATAL(subscription_open(s, "001010000000001", &sn) == ERR_OK);
	ASSERT_ERR(subscription_sqn_take(s, &sn, &c), ERR_OK);
	for (unsigned i = 0; i < 8; i++) {
		struct restored r = {.now = NOW, .totp_step = 1000, .evidence = "a test"};

		ASSERT_ERR(operator_store_restored(s, &r), ERR_OK);
		ASSERT_ERR(subscription_resync(s, &sn, &c, 0), ERR_NOT_FOUND);
	}
	subscription_close(&sn);
	operator_store_close(&s);
}

static void log_some(struct operator_store *s, int64_t id, unsigned n)
{
	/* a server's database takes nothing but UTF-8 */
	const char *evidence = getenv("TWINKEY_TEST_DATABASE") ? "\xc3\xbc" : "no \xff UTF-8";

	for (unsigned i = 0; i < n; i++)
		ASSERT_ERR(subscriber_event(s, id,
					    &(struct subscriber_event){.kind = EVENT_RES1,
								       .actor = "a",
								       .evidence = evidence,
								       .now = NOW + i},
					    NULL),
			   ERR_OK);
}

static void archive_and_check(struct operator_store *s, const char *path, int64_t from, int64_t to)
{
	struct archive_done done;
	struct log_check check;

	ASSERT_ERR(operator_store_archive(
			   s, &(struct archive_order){.path = path, .keep = 3, .now = NOW}, &done),
		   ERR_OK);
	CU_ASSERT_EQUAL(done.from, from);
	CU_ASSERT_EQUAL(done.to, to);
	ASSERT_ERR(log_verify(s, &check), ERR_OK);
	CU_ASSERT_EQUAL(check.archived, to);
	CU_ASSERT_EQUAL(check.good, to + 4); /* what stays, and the word of it */
	ASSERT_ERR(operator_store_archive(
			   s, &(struct archive_order){.path = path, .keep = 1, .now = NOW}, &done),
		   ERR_EXISTS);
}

static void test_archive(void)
{
	char paths[2][160];
	const char *names[] = {paths[1], paths[0]};
	const char *dir = test_dir();
	struct operator_store *s = NULL;
	struct wbuf text = wbuf_grow(1 << 16);
	struct subscriber row;
	struct log_check check;
	int64_t id, good;

	ASSERT_ERR(operator_store_create(dir, NULL, &s), ERR_OK);
	for (int i = 0; i < 2; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s.log.%d", dir, i);
	id = add_with(s, 0, 0);
	log_some(s, id, 20);
	archive_and_check(s, paths[0], 1, 17);
	log_some(s, id, 10);
	ASSERT_ERR(subscriber_by_id(s, id, &row), ERR_OK);
	archive_and_check(s, paths[1], 18, 28);
	ASSERT_ERR(operator_store_prove(s, names, 2, &good), ERR_OK);
	CU_ASSERT_EQUAL(good, 28);
	ASSERT_ERR(operator_store_prove(s, names, 1, &good), ERR_NOT_FOUND);
	ASSERT_ERR(operator_store_prove(s, names + 1, 1, &good), ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(good, 17);
	/* the last entry never leaves */
	ASSERT_ERR(log_verify(s, &check), ERR_OK);
	/* each bit of a file counts, but those of what no entry has */
	ASSERT_ERR(file_read(paths[1], NULL, &text), ERR_OK);
	for (size_t at = 3; at < text.len; at += 97) {
		enum err e;

		text.ptr[at] ^= 1;
		ASSERT_ERR(file_replace(paths[1], wbuf_slice(&text), 0600, NULL), ERR_OK);
		e = operator_store_prove(s, names, 2, &good);
		CU_ASSERT(e != ERR_OK);
		text.ptr[at] ^= 1;
	}
	wbuf_free(&text);
	for (int i = 0; i < 2; i++)
		CU_ASSERT(unlink(paths[i]) == 0);
	operator_store_close(&s);
}

TEST_SUITE(growth, {"what has run out leaves in steps", test_tidy},
	   {"a restored store", test_restored}, {"restored again", test_restored_again},
	   {"a card takes the jump", test_jump}, {"archives, and each bit of them", test_archive})
