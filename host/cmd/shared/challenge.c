#include "host/cmd/shared/challenge.h"

#include <string.h>

#include "host/cmd/shared/keyfile.h"
#include "host/terminal/usim.h"
#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"
#include "tool/cli/program.h"

struct cmd_challenger { /* in the secure heap */
	struct keyfile k;
	const char *path;
	bool gsm;
	uint64_t sent; /* the SQN of the last challenge */
	struct aka_vector v;
};

/* The vector for a number. A RAND of its own each time. */
static enum err make_vector(struct cmd_challenger *c, uint64_t sqn)
{
	uint8_t rand[AKA_RAND_LEN];
	enum err e = random_bytes(rand, sizeof(rand));

	c->gsm = false;
	c->sent = sqn;
	return e ? e : aka_auc_vector(c->k.key, rand, sqn, c->k.amf, &c->v);
}

/* The number is kept before it is used. */
static enum err fresh(struct cmd_challenger *c)
{
	enum err e = sqn_take(c->k.sqn, c->k.ind_bits, &c->k.sqn);

	if (!e)
		e = keyfile_keep_sqn(c->path, &c->k);
	return e ? e : make_vector(c, c->k.sqn);
}

static enum err wrong_mac(struct cmd_challenger *c)
{
	uint64_t next;
	enum err e = sqn_take(c->k.sqn, c->k.ind_bits, &next);

	if (!e)
		e = make_vector(c, next);
	c->v.autn[AKA_AUTN_LEN - 1] ^= 1; /* MAC is the last of AUTN (TS 33.102 6.3.2) */
	return e;
}

static enum err for_gsm(struct cmd_challenger *c)
{
	enum err e = random_bytes(c->v.rand, sizeof(c->v.rand));

	c->gsm = true;
	c->v.expected.res_len = GSM_SRES_LEN;
	return e ? e
		 : aka_gsm_authenticate(c->k.key, c->v.rand, c->v.expected.res, c->v.expected.kc);
}

static enum err challenge(void *ctx, enum exam_challenge kind, uint8_t rand[static 16],
			  uint8_t autn[static 16])
{
	struct cmd_challenger *c = ctx;
	enum err e = ERR_OK;

	switch (kind) {
	case EXAM_FRESH: e = fresh(c); break;
	case EXAM_WRONG_MAC: e = wrong_mac(c); break;
	case EXAM_FOR_GSM: e = for_gsm(c); break;
	case EXAM_REPLAYED: break;
	}
	if (e)
		return e;
	memcpy(rand, c->v.rand, AKA_RAND_LEN);
	memcpy(autn, c->v.autn, AKA_AUTN_LEN);
	return ERR_OK;
}

static bool same(const uint8_t *a, const uint8_t *b, size_t len)
{
	return secret_equal(slice_make(a, len), slice_make(b, len));
}

static const char *judge_answer(void *ctx, const struct usim_answer *a)
{
	const struct cmd_challenger *c = ctx;
	const struct aka_result *r = &c->v.expected;

	if (a->res_len != r->res_len || !same(a->res, r->res, r->res_len))
		return c->gsm ? "SRES" : "RES";
	if (!c->gsm && (!a->has_ck_ik || !same(a->ck, r->ck, sizeof(r->ck))))
		return "CK";
	if (!c->gsm && !same(a->ik, r->ik, sizeof(r->ik)))
		return "IK";
	if ((c->gsm || a->has_kc) && !same(a->kc, r->kc, sizeof(r->kc)))
		return "Kc";
	return NULL;
}

static enum err resynchronise(void *ctx, const uint8_t auts[static 14])
{
	struct cmd_challenger *c = ctx;
	struct sqn_refusal r = {.last = c->k.sqn, .refused = c->sent, .ind_bits = c->k.ind_bits};
	enum err e = aka_auc_resync(c->k.key, c->v.rand, auts, &r.sqn_ms);
	bool old = !e && sqn_seq(r.sqn_ms, r.ind_bits) < sqn_seq(c->sent, r.ind_bits);

	if (!e)
		e = sqn_resync(&r, &c->k.sqn);
	if (!e)
		e = keyfile_keep_sqn(c->path, &c->k);
	return !e && old ? ERR_VALUE : e;
}

int cmd_challenger_open(const char *path, struct cmd_challenger **out)
{
	struct cmd_challenger *c = secret_object_new(sizeof(*c));
	struct simfile_error why = {0};
	char text[SIMFILE_SENTENCE];
	enum err e = c ? keyfile_open(path, tool_cancel(), &c->k, &why) : ERR_MEMORY;

	if (!e) {
		c->path = path;
		*out = c;
		return TOOL_OK;
	}
	secret_object_free(c, sizeof(*c));
	if (!why.why)
		return tool_fail(e, "%s", path);
	simfile_error_text(&why, text);
	return tool_fail_said(e, "%s%s%s", path, why.line ? ", " : ": ", text);
}

struct exam_keys cmd_challenger_keys(struct cmd_challenger *c)
{
	return (struct exam_keys){.challenge = challenge,
				  .judge = judge_answer,
				  .resynchronise = resynchronise,
				  .ctx = c};
}

void cmd_challenger_close(struct cmd_challenger **c)
{
	if (!*c)
		return;
	keyfile_close(&(*c)->k);
	secret_object_free(*c, sizeof(**c));
	*c = NULL;
}
