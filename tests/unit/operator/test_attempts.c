/* Codes and answers that are wrong: how many are judged, by how many processes, and what is told.
 */
#include "lib/auth/aka.h"
#include "lib/base/bytes.h"
#include "lib/auth/sqn.h"
#include "tests/unit/test.h"

#include <liboath/oath.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/operator/auc/auc.h"
#include "host/operator/factor/factor.h"
#include "lib/crypto/symmetric.h"
#include "tests/support/aka_key_of.h"

#define IMSI1 "001010000000001"
#define NOW   1000000000
#define YEAR  (365 * 86400)

static const char *dir;
static int64_t id;

/* A subscriber whose first factor is there, with a code generator of this seed. */
static struct operator_store *open_one(struct secret **seed)
{
	struct subscriber sub = {.imsi = {IMSI1, "001010000000002"},
				 .key_id = 1,
				 .algorithm = {AKA_MILENAGE, AKA_MILENAGE}};
	struct subscriber_keys keys = {.s = random_secret(32)};
	struct operator_store *s = NULL;

	dir = test_dir();
	*seed = random_secret(FACTOR_SEED_LEN);
	for (int i = 0; i < 2; i++) {
		keys.k[i] = random_secret(16);
		keys.opc[i] = random_secret(16);
	}
	ASSERT_ERR(operator_store_create(dir, NULL, &s), ERR_OK);
	ASSERT_ERR(subscriber_add(s, &sub, &keys), ERR_OK);
	id = sub.id;
	ASSERT_ERR(factor_put_totp(s, id, *seed), ERR_OK);
	ASSERT_ERR(subscriber_event(
			   s, id, &(struct subscriber_event){.kind = EVENT_RES1, .now = NOW}, NULL),
		   ERR_OK);
	subscriber_keys_free(&keys);
	return s;
}

static void code_at(const struct secret *seed, int64_t at, char code[static FACTOR_DIGITS + 1])
{
	CU_ASSERT_EQUAL(oath_hotp_generate((const char *)seed->bytes, seed->len,
					   (uint64_t)(at / FACTOR_STEP_S), FACTOR_DIGITS, false,
					   OATH_HOTP_DYNAMIC_TRUNCATION, code),
			OATH_OK);
}

static enum err try_code(struct operator_store *s, const char *code, int64_t now)
{
	struct subscriber sub = {.id = id}, after;
	unsigned left;

	return factor_approve_totp(s, &sub, &(struct factor_code){code, now}, &after, &left);
}

/* One that is not right anywhere near. */
static void wrong_code(const struct secret *seed, char code[static FACTOR_DIGITS + 1])
{
	char right[FACTOR_DIGITS + 1];

	code_at(seed, NOW, code);
	for (int64_t d = -2; d <= 2; d++) {
		code_at(seed, NOW + d * FACTOR_STEP_S, right);
		if (strcmp(code, right) == 0) {
			code[0] = (char)('0' + (code[0] - '0' + 1) % 10);
			d = -3;
		}
	}
}

struct counts {
	unsigned wrong, lock;
	const char *kinds[2];
	char evidence[257];
};

static bool count(void *ctx, const struct log_entry *e)
{
	struct counts *c = ctx;

	c->wrong += strcmp(e->event, c->kinds[0]) == 0;
	c->lock += strcmp(e->event, c->kinds[1]) == 0;
	snprintf(c->evidence, sizeof(c->evidence), "%s", e->evidence);
	return true;
}

static struct counts told(struct operator_store *s, const char *wrong, const char *lock)
{
	struct counts c = {.kinds = {wrong, lock}};

	ASSERT_ERR(log_each(s, id, count, &c), ERR_OK);
	return c;
}

/* Five wrong codes lock it, in the log; an agent's word counts all the same. */
static void test_code_lock(void)
{
	struct secret *seed = NULL;
	struct operator_store *s = open_one(&seed);
	struct factor_status is;
	struct subscriber sub = {.id = id}, after;
	char code[FACTOR_DIGITS + 1], right[FACTOR_DIGITS + 1];
	struct counts c;

	wrong_code(seed, code);
	for (int i = 0; i < FACTOR_TRIES_MAX; i++)
		ASSERT_ERR(try_code(s, code, NOW), ERR_FACTOR);
	code_at(seed, NOW, right);
	ASSERT_ERR(try_code(s, right, NOW), ERR_REFUSED);
	c = told(s, "code-wrong", "code-lock");
	CU_ASSERT_EQUAL(c.wrong, FACTOR_TRIES_MAX - 1);
	CU_ASSERT_EQUAL(c.lock, 1);
	CU_ASSERT_PTR_NULL(strstr(c.evidence, code));
	ASSERT_ERR(factor_status(s, id, &is), ERR_OK);
	CU_ASSERT(is.enrolled && is.tries_left == 0);
	ASSERT_ERR(factor_approve_agent(
			   s, &sub, &(struct factor_word){"desk", "passport", NOW, false}, &after),
		   ERR_OK);
	CU_ASSERT_EQUAL(after.state, STATE_VERIFIED);
	ASSERT_ERR(factor_put_totp(s, id, seed), ERR_OK); /* enrolled anew */
	ASSERT_ERR(try_code(s, right, NOW), ERR_OK);
	operator_store_close(&s);
	secret_free(&seed);
}

/* RFC 6238 5.2: no code serves twice; a clock that was ahead locks nobody out. */
static void test_steps(void)
{
	static const struct {
		int64_t code, now; /* after NOW */
		enum err e;
	} rows[] = {
		{YEAR, YEAR, ERR_OK}, /* the clock is a year ahead */
		{YEAR, YEAR, ERR_REPLAY},
		{0, 0, ERR_OK}, /* it is right again */
		{0, 0, ERR_REPLAY},
		{0, FACTOR_STEP_S, ERR_REPLAY},	 /* within the skew */
		{0, -FACTOR_STEP_S, ERR_REPLAY}, /* it goes back */
		{-FACTOR_STEP_S, 0, ERR_REPLAY}, /* an earlier one, in reach at the same time */
		{FACTOR_STEP_S, 0, ERR_OK},
		{0, -86400, ERR_FACTOR},
		{-86400, -86400, ERR_OK}, /* a day back: a code that was never used */
		{0, 0, ERR_REPLAY},	  /* and forward: this one was */
		{YEAR, YEAR, ERR_REPLAY},
		{YEAR - FACTOR_STEP_S, YEAR, ERR_REPLAY},
		{YEAR + 9 * FACTOR_STEP_S, YEAR + 9 * FACTOR_STEP_S, ERR_OK},
	};
	struct secret *seed = NULL;
	struct operator_store *s = open_one(&seed);
	char code[FACTOR_DIGITS + 1];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		code_at(seed, NOW + rows[i].code, code);
		if (try_code(s, code, NOW + rows[i].now) != rows[i].e) {
			fprintf(stderr, "\nrow %zu\n", i);
			CU_FAIL("a step");
		}
	}
	operator_store_close(&s);
	secret_free(&seed);
}

enum { GUESSERS = 4, GUESSES = 12 };

/* Processes guess at once; how many of their guesses gave this error. */
static unsigned guess_at_once(enum err (*guess)(struct operator_store *s, const void *ctx),
			      const void *ctx, enum err counted)
{
	int gate[2], results[2], status;
	unsigned n = 0;
	uint8_t one;

	CU_ASSERT_FATAL(pipe(gate) == 0 && pipe(results) == 0);
	for (int i = 0; i < GUESSERS; i++) {
		if (fork() == 0) {
			struct operator_store *s = NULL;
			bool good = operator_store_open(dir, NULL, &s) == ERR_OK;
			char c;

			close(gate[1]);
			good = good && read(gate[0], &c, 1) == 0;
			for (int k = 0; good && k < GUESSES; k++) {
				one = (uint8_t)guess(s, ctx);
				good = write(results[1], &one, 1) == 1;
			}
			_exit(good ? 0 : 1);
		}
	}
	close(gate[0]);
	close(gate[1]);
	close(results[1]);
	while (read(results[0], &one, 1) == 1)
		n += one == (uint8_t)counted;
	close(results[0]);
	for (int i = 0; i < GUESSERS; i++)
		CU_ASSERT(wait(&status) > 0 && status == 0);
	return n;
}

static enum err guess_code(struct operator_store *s, const void *ctx)
{
	return try_code(s, ctx, NOW);
}

static void test_codes_at_once(void)
{
	struct secret *seed = NULL;
	struct operator_store *s = open_one(&seed);
	char code[FACTOR_DIGITS + 1];

	operator_store_close(&s);
	wrong_code(seed, code);
	CU_ASSERT_EQUAL(guess_at_once(guess_code, code, ERR_FACTOR), FACTOR_TRIES_MAX);
	/* and a right one serves once */
	ASSERT_ERR(operator_store_open(dir, NULL, &s), ERR_OK);
	ASSERT_ERR(factor_put_totp(s, id, seed), ERR_OK);
	operator_store_close(&s);
	code_at(seed, NOW, code);
	CU_ASSERT_EQUAL(guess_at_once(guess_code, code, ERR_OK), 1);
	secret_free(&seed);
}

static enum err answer(struct operator_store *s, bool gsm, bool right, int64_t now)
{
	uint8_t sres[GSM_SRES_LEN], kc[GSM_KC_LEN], res[AKA_RES_MAX] = {0};
	struct aka_vector v = {.expected = {.res_len = 0}};
	struct aka_key *key = NULL;
	struct auc_challenge c;
	struct auc_verdict verdict;
	struct slice said = slice_make(res, gsm ? 4 : 8);
	enum err e = auc_challenge(s, IMSI1, gsm, now, &c);

	(void)v;
	if (e)
		return e;
	ASSERT_ERR(aka_key_of(s, id, 1, &key), ERR_OK);
	if (right && gsm) {
		ASSERT_ERR(aka_gsm_authenticate(key, c.rand, sres, kc), ERR_OK);
		said = SLICE_OF(sres);
	} else if (right) {
		struct sqn_array sqn = {.delta = 0};
		struct aka_result r;
		uint8_t auts[AKA_AUTS_LEN];

		ASSERT_ERR(aka_usim_authenticate(key, &sqn, &(struct aka_challenge){c.rand, c.autn},
						 &r, auts),
			   ERR_OK);
		memcpy(res, r.res, r.res_len);
		said = slice_make(res, r.res_len);
	}
	aka_key_free(&key);
	return auc_verify(s, c.id, said, now, &verdict);
}

static enum err guess_sres(struct operator_store *s, const void *ctx)
{
	(void)ctx;
	return answer(s, true, false, NOW);
}

/* Guesses at an SRES: few are judged, slower and slower, then none for a time; RES is heard. */
static void test_answers(void)
{
	struct secret *seed = NULL;
	struct operator_store *s = open_one(&seed);
	int64_t now = NOW;
	unsigned judged = 0;
	struct counts c;

	for (; now < NOW + 900; now++)
		for (int k = 0; k < 5; k++)
			judged += answer(s, true, false, now) == ERR_REFUSED;
	CU_ASSERT_EQUAL(judged, ANSWERS_MAX);
	c = told(s, "res-wrong", "res-lock");
	CU_ASSERT_EQUAL(c.wrong, ANSWERS_MAX - 1);
	CU_ASSERT_EQUAL(c.lock, 1);
	operator_store_close(&s);
	ASSERT_ERR(operator_store_open(dir, NULL, &s), ERR_OK); /* a restart changes nothing */
	ASSERT_ERR(answer(s, true, true, now), ERR_TRIES);
	ASSERT_ERR(answer(s, false, false, now), ERR_TRIES);
	ASSERT_ERR(answer(s, false, true, now), ERR_OK); /* the good card's next challenge */
	ASSERT_ERR(answer(s, true, true, now), ERR_OK);	 /* and all is well */
	operator_store_close(&s);
	secret_free(&seed);
}

/* After the long wait one more is judged, and the wait begins anew; the clock ends it as well. */
static void test_long_wait(void)
{
	struct secret *seed = NULL;
	struct operator_store *s = open_one(&seed);
	struct attempts a = {.wrong = ANSWERS_MAX, .at = NOW};

	CU_ASSERT_EQUAL(attempts_wait_s(&a, NOW), ANSWERS_LOCK_S);
	CU_ASSERT_EQUAL(attempts_wait_s(&a, NOW + ANSWERS_LOCK_S - 1), 1);
	CU_ASSERT_EQUAL(attempts_wait_s(&a, NOW + ANSWERS_LOCK_S), 0);
	CU_ASSERT_EQUAL(attempts_wait_s(&a, NOW - YEAR), 0);
	CU_ASSERT_EQUAL(attempts_count(&a, NOW + ANSWERS_FORGET_S), 0);
	CU_ASSERT_FALSE(attempts_fail(&a, NOW + 1));
	CU_ASSERT_TRUE(attempts_fail(&a, NOW + ANSWERS_LOCK_S));
	CU_ASSERT_EQUAL(attempts_wait_s(&a, NOW + ANSWERS_LOCK_S), ANSWERS_LOCK_S);
	operator_store_close(&s);
	secret_free(&seed);
}

static void test_answers_at_once(void)
{
	struct secret *seed = NULL;
	struct operator_store *s = open_one(&seed);

	operator_store_close(&s);
	CU_ASSERT_EQUAL(guess_at_once(guess_sres, NULL, ERR_REFUSED), ANSWERS_FREE + 1);
	secret_free(&seed);
}

/* A GSM answer opens limited access, and is no first factor unless the policy says so. */
static void test_gsm_factor(void)
{
	struct operator_policy policy = {.gsm_factor = true};
	struct secret *seed = NULL;
	struct operator_store *s = open_one(&seed);
	struct subscriber sub;

	ASSERT_ERR(answer(s, true, true, NOW + 100), ERR_OK);
	ASSERT_ERR(subscriber_by_id(s, id, &sub), ERR_OK);
	CU_ASSERT_EQUAL(sub.first_factor_at, NOW); /* of the RES before */
	ASSERT_ERR(operator_policy_set(s, &policy, "operator", NOW), ERR_OK);
	ASSERT_ERR(answer(s, true, true, NOW + 101), ERR_OK);
	ASSERT_ERR(subscriber_by_id(s, id, &sub), ERR_OK);
	CU_ASSERT_EQUAL(sub.first_factor_at, NOW + 101);
	operator_store_close(&s);
	secret_free(&seed);
}

/* A challenge may be answered for a minute from when it was made, by whatever clock. */
static void test_challenge_time(void)
{
	static const struct {
		int64_t now;
		enum err e;
	} rows[] = {{-1, ERR_EXPIRED},
		    {-YEAR, ERR_EXPIRED},
		    {AUC_CHALLENGE_VALID_S - 1, ERR_REFUSED},
		    {AUC_CHALLENGE_VALID_S, ERR_EXPIRED},
		    {YEAR, ERR_EXPIRED}};
	struct secret *seed = NULL;
	struct operator_store *s = open_one(&seed);
	struct auc_challenge c;
	struct auc_verdict v;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ASSERT_ERR(auc_challenge(s, IMSI1, false, NOW, &c), ERR_OK);
		ASSERT_ERR(auc_verify(s, c.id, slice_str("12345678"), NOW + rows[i].now, &v),
			   rows[i].e);
		ASSERT_ERR(auc_verify(s, c.id, slice_str("12345678"), NOW, &v), ERR_NOT_FOUND);
	}
	operator_store_close(&s);
	secret_free(&seed);
}

TEST_SUITE(attempts, {"five wrong codes", test_code_lock}, {"steps of the clock", test_steps},
	   {"codes guessed by several processes", test_codes_at_once},
	   {"answers guessed without end", test_answers}, {"the long wait", test_long_wait},
	   {"answers guessed by several processes", test_answers_at_once},
	   {"a GSM answer is no first factor", test_gsm_factor},
	   {"when a challenge may be answered", test_challenge_time})
