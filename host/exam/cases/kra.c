/* kra: the key-release application. docs/protocol.md, section 2 */
#include "host/terminal/kra.h"

#include "host/exam/cases/cases.h"
#include "host/exam/probe.h"
#include "lib/crypto/ec.h"
#include "lib/rsp/cert.h"

static bool open_kra(struct exam *x, struct kra *k)
{
	enum err e = kra_open(x->u, k);

	x->dirty = true;
	if (!exam_took(x, e))
		exam_depart(x, "its SELECT fails");
	return !e;
}

static bool ask_status(struct exam *x, struct kra *k, struct kra_status *s)
{
	enum err e = kra_ask_status(k, s);

	if (!exam_took(x, e))
		exam_depart(x, e == ERR_PROTOCOL ? "its status is malformed"
						 : "it does not tell its status");
	return !e;
}

/* The status of a card that has something to release; false: said why not. */
static bool ask_sealed(struct exam *x, struct kra *k, struct kra_status *s)
{
	if (!open_kra(x, k) || !ask_status(x, k, s))
		return false;
	if (s->state == KRA_STATE_SEALED)
		return true;
	exam_skip(x, "the profile has nothing to release (%s)", kra_state_name(s->state));
	return false;
}

struct challenge { /* parsed out of its own memory */
	uint8_t memory[KRA_MESSAGE_MAX];
	struct kra_challenge parsed;
};

static bool ask_challenge(struct exam *x, struct kra *k, const struct kra_status *s,
			  struct challenge *c)
{
	struct wbuf w = wbuf_init(c->memory, sizeof(c->memory));
	enum kra_result refused = KRA_RESULT_OK;
	enum err e = kra_ask_challenge(k, s->iccid, &w);

	if (!exam_took(x, e)) {
		exam_depart(x, "it gives no challenge");
		return false;
	}
	e = kra_parse_challenge(wbuf_slice(&w), &c->parsed, &refused);
	exam_check(x, !e, "its challenge is %s%s", e == ERR_REFUSED ? "an error: " : "malformed",
		   e == ERR_REFUSED ? kra_result_text(refused) : "");
	return !e;
}

static void status_fits(struct exam *x)
{
	struct kra k;
	struct kra_status s;
	char eid[2 * KRA_EID_LEN + 1];

	if (!open_kra(x, &k) || !ask_status(x, &k, &s))
		return;
	hex_encode(SLICE_OF(s.eid), eid, sizeof(eid));
	exam_check(x, !*x->card->eid || slice_is(slice_str(eid), x->card->eid),
		   "it names the eUICC %s, the ISD-R %s", eid, x->card->eid);
	exam_check(x, (s.state == KRA_STATE_NO_PROFILE) == !s.has_iccid,
		   "its state is %s, and it names %s profile", kra_state_name(s.state),
		   s.has_iccid ? "a" : "no");
	exam_check(x, s.active <= 2, "it says that subscription %u is in use", s.active);
}

static void profile(struct exam *x)
{
	struct exam_answer a;
	struct kra k;
	struct kra_status s;

	if (!exam_under_mf(x, FID_ICCID, &a) || exam_read_binary(x, 0, KRA_ICCID_LEN, &a) != SW_OK)
		return;
	if (!open_kra(x, &k) || !ask_status(x, &k, &s) || !s.has_iccid)
		return;
	exam_check(x, slice_equal(exam_data(&a), SLICE_OF(s.iccid)),
		   "the ICCID of its status is not that of EF.ICCID");
}

static void key_id(struct exam *x)
{
	struct kra k;
	struct kra_status first, second;

	if (!open_kra(x, &k) || !ask_status(x, &k, &first) || !exam_reset(x, false) ||
	    !open_kra(x, &k) || !ask_status(x, &k, &second))
		return;
	exam_check(x, second.key_id == first.key_id, "keyId %u, and %u after a reset",
		   (unsigned)first.key_id, (unsigned)second.key_id);
	exam_check(x, second.state == first.state, "state %s, and %s after a reset",
		   kra_state_name(first.state), kra_state_name(second.state));
}

static void challenge_fits(struct exam *x)
{
	struct kra k;
	struct kra_status s;
	struct challenge c;
	const struct kra_binding *b = &c.parsed.binding;

	if (!ask_sealed(x, &k, &s) || !ask_challenge(x, &k, &s, &c))
		return;
	exam_check(x, slice_equal(SLICE_OF(b->eid), SLICE_OF(s.eid)),
		   "the challenge names another eUICC than the status");
	exam_check(x, slice_equal(SLICE_OF(b->iccid), SLICE_OF(s.iccid)),
		   "the challenge names another profile than the status");
	exam_check(x, b->key_id == s.key_id, "the challenge has keyId %u, the status %u",
		   (unsigned)b->key_id, (unsigned)s.key_id);
	exam_check(x, !ec_point_check(EC_P256, c.parsed.card_otpk),
		   "its one-time key is no point of the curve");
}

static void signature(struct exam *x)
{
	struct kra k;
	struct kra_status s;
	struct challenge c;
	struct cert euicc;
	struct slice point;

	if (!ask_sealed(x, &k, &s) || !ask_challenge(x, &k, &s, &c))
		return;
	if (!exam_check(x, !cert_parse(c.parsed.euicc_cert, &euicc),
			"the eUICC's certificate is none"))
		return;
	point = cert_point(&euicc);
	exam_check(x, !ec_verify(euicc.curve, point, &c.parsed.signed_part, 1, c.parsed.signature),
		   "its signature does not fit the eUICC's certificate");
}

/* Whether the EUM is one of a CI's is the operator's to know: here is no CI. */
static void chain(struct exam *x)
{
	struct kra k;
	struct kra_status s;
	struct challenge c;
	struct cert eum, euicc;
	uint8_t eid[KRA_EID_LEN];
	enum err e;

	if (!ask_sealed(x, &k, &s) || !ask_challenge(x, &k, &s, &c))
		return;
	if (!exam_check(x, !cert_parse(c.parsed.eum_cert, &eum), "the EUM's certificate is none") ||
	    !exam_check(x, !cert_parse(c.parsed.euicc_cert, &euicc),
			"the eUICC's certificate is none"))
		return;
	e = rsp_cert_check_under_eum(c.parsed.euicc_cert, &eum, euicc.not_before, &euicc);
	exam_check(x, !e, "the eUICC's certificate is not one of the EUM's: %s", err_text(e));
	e = e ? e : rsp_cert_eid(&euicc, eid);
	exam_check(x, e || slice_equal(SLICE_OF(eid), SLICE_OF(s.eid)),
		   "the eUICC's certificate is another eUICC's");
}

static void fresh(struct exam *x)
{
	struct kra k;
	struct kra_status s;
	struct challenge first, second;

	if (!ask_sealed(x, &k, &s) || !ask_challenge(x, &k, &s, &first) ||
	    !ask_challenge(x, &k, &s, &second))
		return;
	exam_check(x,
		   !slice_equal(SLICE_OF(first.parsed.binding.nonce),
				SLICE_OF(second.parsed.binding.nonce)),
		   "two challenges have one nonce");
	exam_check(x, !slice_equal(first.parsed.card_otpk, second.parsed.card_otpk),
		   "two challenges have one one-time key");
}

static void other_profile(struct exam *x)
{
	uint8_t memory[KRA_MESSAGE_MAX];
	struct wbuf w = wbuf_init(memory, sizeof(memory));
	struct kra_challenge none;
	enum kra_result refused = KRA_RESULT_OK;
	struct kra_status s;
	struct kra k;
	enum err e;

	if (!ask_sealed(x, &k, &s))
		return;
	s.iccid[KRA_ICCID_LEN - 1] ^= 0x10;
	e = kra_ask_challenge(&k, s.iccid, &w);
	if (!exam_took(x, e))
		return; /* a status word refuses it, too */
	e = kra_parse_challenge(wbuf_slice(&w), &none, &refused);
	exam_check(x, e == ERR_REFUSED && refused == KRA_RESULT_WRONG_PROFILE,
		   "a challenge for a profile that is not there is answered by %s",
		   e ? kra_result_text(refused) : "a challenge");
}

static void malformed(struct exam *x)
{
	static const uint8_t grant[] = {KRA_TAG_GRANT >> 8, KRA_TAG_GRANT & 0xFF, 0x00};
	uint8_t got[APDU_RESPONSE_MAX];
	struct wbuf answer = wbuf_init(got, sizeof(got));
	struct kra_status s;
	struct kra k;
	uint16_t sw = 0;

	if (!open_kra(x, &k) ||
	    !exam_took(x, uicc_store_data(x->u, k.channel, SLICE_OF(grant), &answer, &sw)))
		return;
	exam_sw(x, sw, "a grant without content", SW(SW_WRONG_DATA));
	ask_status(x, &k, &s); /* and the application goes on */
}

#define OWN(name, says)                                                                            \
	RULE("kra." name, FINDING_ERROR, "docs/protocol.md 2", says), .needs = EXAM_KRA

static const struct exam_case cases[] = {
	{OWN("status", "the status names this eUICC, and fits itself"), .run = status_fits},
	{OWN("profile", "the status names the profile that is enabled"), .run = profile},
	{OWN("key-id", "keyId and state stay what they are over a reset"), .run = key_id},
	{OWN("challenge", "the challenge is for the eUICC, profile and keyId of the status"),
	 .run = challenge_fits},
	{OWN("signature", "the eUICC's certificate has the key that signs the challenge"),
	 .run = signature},
	{OWN("chain", "the eUICC's certificate is one of the EUM's, and names its EID"),
	 .run = chain},
	{OWN("fresh", "each challenge has its own nonce and one-time key"), .run = fresh},
	{OWN("other-profile", "there is no challenge for a profile that is not enabled"),
	 .run = other_profile},
	{OWN("malformed", "a malformed grant is answered by 6A80"), .run = malformed},
};

EXAM_GROUP(kra, "Key-release application", cases)
