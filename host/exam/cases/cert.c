/* cert: the certificates of the eUICC, which its key-release application shows. SGP.22 4.5.2 */
#include "lib/rsp/cert.h"

#include "host/exam/cases/cases.h"
#include "host/exam/challenge.h"
#include "host/exam/probe.h"
#include "lib/base/tlv.h"
#include "lib/rsp/es10b.h"
#include "lib/uicc/aid.h"

/* The two certificates of the card's challenge, taken apart. */
static bool take_certificates(struct exam *x, struct challenge *c, struct cert *euicc,
			      struct cert *eum)
{
	return challenge_take(x, c) &&
	       exam_check(x, !cert_parse(c->message.euicc_cert, euicc),
			  "the eUICC's certificate is no X.509 certificate of SGP.22") &&
	       exam_check(x, !cert_parse(c->message.eum_cert, eum),
			  "the EUM's certificate is no X.509 certificate of SGP.22");
}

static void dates(struct exam *x)
{
	struct challenge c;
	struct cert euicc, eum;

	if (take_certificates(x, &c, &euicc, &eum)) {
		exam_check(x, euicc.not_before <= x->plan->now && x->plan->now <= euicc.not_after,
			   "the eUICC's certificate is not valid today");
		exam_check(x, eum.not_before <= x->plan->now && x->plan->now <= eum.not_after,
			   "the EUM's certificate is not valid today");
	}
	challenge_free(&c);
}

static void manufacturer(struct exam *x)
{
	struct challenge c;
	struct cert euicc, eum;

	if (take_certificates(x, &c, &euicc, &eum)) {
		exam_check(x, eum.is_ca && cert_has_policy(&eum, rsp_role_oid(RSP_ROLE_EUM)),
			   "the EUM's certificate is not one of an EUM");
		exam_check(x,
			   eum.permitted_serial[0] && slice_starts(slice_str(x->card->eid),
								   slice_str(eum.permitted_serial)),
			   "the EID is not within %s, which the EUM may give away",
			   eum.permitted_serial[0] ? eum.permitted_serial : "anything");
	}
	challenge_free(&c);
}

static void issuer(struct exam *x)
{
	uint8_t octets[8];
	struct wbuf request = wbuf_init(octets, sizeof(octets)), answer;
	struct es10b_euicc_info1 info;
	struct challenge c;
	struct cert euicc, eum;
	uint16_t sw = 0;
	unsigned channel;
	enum err e;

	answer = wbuf_grow(UICC_RESPONSE_MAX);
	tlv_put(&request, SGP22_TAG_EUICC_INFO1, SLICE_EMPTY);
	if (take_certificates(x, &c, &euicc, &eum)) {
		e = uicc_channel_open(x->u, aid_of(AID_ISDR), &channel, NULL, &sw);
		if (!e)
			e = uicc_store_data(x->u, channel, wbuf_slice(&request), &answer, &sw);
		exam_took(x, e);
		if (!e && !es10b_parse_euicc_info1(wbuf_slice(&answer), &info))
			exam_check(x, rsp_key_ids_have(info.ci_sign, cert_authority_id(&eum)),
				   "the CI above the EUM is none of those in EUICCInfo1");
	}
	wbuf_free(&answer);
	challenge_free(&c);
}

#define NEEDS .needs = EXAM_KRA | EXAM_ISDR | EXAM_ENABLED_PROFILE

static const struct exam_case cases[] = {
	{RULE("cert.dates", FINDING_ERROR, "SGP.22 4.5.2, RFC 5280 4.1.2.5",
	      "the certificates of eUICC and EUM are valid today"),
	 NEEDS, .run = dates},
	{RULE("cert.manufacturer", FINDING_ERROR, "SGP.22 4.5.2.1.0.3",
	      "the EUM's certificate is one of an EUM, and the EID within its range"),
	 NEEDS, .run = manufacturer},
	{RULE("cert.issuer", FINDING_ERROR, "SGP.22 5.7.8, 4.5.2",
	      "the CI above the EUM is one that EUICCInfo1 names for signing"),
	 NEEDS, .run = issuer},
};

EXAM_GROUP(cert, "Certificates of the eUICC", cases)
