/* The lab interface: what is told of a refusal says what happened, and what to do. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/factor/factor.h"
#include "host/operator/api/lab.h"
#include "host/operator/http/route.h"
#include "lib/crypto/symmetric.h"
#include "tests/unit/support/authority.h"

/* The request is taken over. */
static void refused(const struct authority *l, enum lab_function f, json_t *request, enum err want,
		    const char *says)
{
	const struct lab lab = {l->store, l->authority, NULL};
	struct http_answer answer = {.body = NULL};
	bool said;

	ASSERT_ERR(lab_answer(&lab, f, request, l->now, &answer), want);
	said = strstr(answer.message, says) != NULL;
	if (!said)
		fprintf(stderr, "\n'%s', not '%s'\n", answer.message, says);
	CU_ASSERT(said);
	CU_ASSERT_PTR_NULL(answer.body);
	json_decref(request);
}

static json_t *code_request(const struct authority *l)
{
	return json_pack("{s:s, s:s}", "imsi", l->sub.imsi[0], "code", "wrong!");
}

static void test_codes(void)
{
	struct secret *seed = random_secret(FACTOR_SEED_LEN);
	struct authority l;

	authority_open(&l);
	authority_take(&l, EVENT_RES1, l.now);
	refused(&l, LAB_FACTOR_TOTP, code_request(&l), ERR_NOT_FOUND, "no code generator");
	ASSERT_ERR(factor_put_totp(l.store, l.sub.id, seed), ERR_OK);
	for (int i = 0; i < FACTOR_TRIES_MAX; i++)
		refused(&l, LAB_FACTOR_TOTP, code_request(&l), ERR_FACTOR, "the code is wrong");
	refused(&l, LAB_FACTOR_TOTP, code_request(&l), ERR_REFUSED, "locked after 5 wrong codes");
	secret_free(&seed);
	authority_close(&l);
}

static json_t *answer_request(const struct authority *l, const char *res)
{
	const struct lab lab = {l->store, l->authority, NULL};
	json_t *request = json_pack("{s:s, s:s}", "imsi", l->sub.imsi[0], "context", "3g");
	struct http_answer answer = {.body = NULL};
	json_t *out;

	ASSERT_ERR(lab_answer(&lab, LAB_AUC_VECTOR, request, l->now, &answer), ERR_OK);
	out = json_pack("{s:O, s:s}", "vectorId", json_object_get(answer.body, "vectorId"), "res",
			res);
	json_decref(request);
	json_decref(answer.body);
	return out;
}

static void test_answers(void)
{
	static const char res[] = "00112233445566778899aabbccddeeff00";
	struct authority l;

	authority_open(&l);
	refused(&l, LAB_AUC_VERIFY, answer_request(&l, res), ERR_SPACE, "at most 16 octets");
	for (int i = 0; i < ANSWERS_FREE + 1; i++)
		refused(&l, LAB_AUC_VERIFY, answer_request(&l, "00112233"), ERR_REFUSED,
			"not the expected one");
	refused(&l, LAB_AUC_VERIFY, answer_request(&l, "00112233"), ERR_TRIES, "wait");
	authority_close(&l);
}

TEST_SUITE(lab, {"one-time codes refused", test_codes}, {"answers refused", test_answers})
