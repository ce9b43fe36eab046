/* certs: CRT, the certificates that servers and cards show (SGP.22 v2.5 4.5.2, SGP.14) */
#include <string.h>

#include "lib/base/print.h"
#include "lib/base/tlv.h"
#include "lib/release/kra.h"
#include "lib/rsp/cert.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/known_issuer.h"
#include "lib/trace/audit/card.h"
#include "lib/trace/audit/proof.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"

#define NUMBERS	    16 /* of certificates, that are remembered */
#define SECOND_NS   1000000000
#define ABSOLUTE    946684800 /* 2000-01-01: a time before that is a producer's own */
#define YEAR	    31557600  /* of 365.25 days, in seconds */
#define SERVER_MAX  (10 * YEAR)
#define ISSUERS_MAX 256 /* octets of the list of issuers of a card */

enum {
	CRT_UNREADABLE,
	CRT_TIME,
	CRT_ROLE,
	CRT_MIXED_CURVES,
	CRT_UNKNOWN_ISSUER,
	CRT_OTHER_ISSUER,
	CRT_FORGED,
	CRT_EID,
	CRT_EUM_RANGE,
	CRT_OWNER,
	CRT_TEST,
	CRT_NUMBER_AGAIN,
	CRT_LONG,
	CRT_USAGE,
	CRT_OTHER_CARD_KEY,
	CRT_OTHER_CHAIN
};

static const struct finding_rule rules[] = {
	[CRT_UNREADABLE] = RULE(
		"CRT-01", WARNING, "SGP.22 v2.5 4.5.2.1, 2.6.7",
		"certificates are X.509, with a key of NIST P-256 or brainpoolP256r1",
		"What stands in the certificate's place cannot be read, or has a key of another "
		"curve or algorithm: no eUICC of SGP.22 v2 verifies it.",
		"Issue it as SGP.22 4.5.2.1 has it."),
	[CRT_TIME] =
		RULE("CRT-02", WARNING, "SGP.22 v2.5 4.5.2.2, RFC 5280 4.1.2.5",
		     "certificates are valid at the time of the trace",
		     "A certificate had expired, or was not valid yet. An eUICC has no clock: the "
		     "other side has to notice.",
		     "Renew it; see why the other side accepted it."),
	[CRT_ROLE] = RULE(
		"CRT-03", ERROR, "SGP.22 v2.5 4.5.2.1.1",
		"a certificate has the role that it is used in",
		"Its policy names another role, or none: a certificate for something else (TLS, "
		"another server, a card) was used to authenticate or to bind a profile.",
		"Find out who has its key; the role is in the certificate policies."),
	[CRT_MIXED_CURVES] =
		RULE("CRT-04", WARNING, "SGP.22 v2.5 2.6.7, 4.5.2",
		     "certificates of one chain or server have one curve",
		     "Two certificates that belong together have keys of different curves: not "
		     "every eUICC verifies across curves.",
		     "Use a chain of one curve, under a CI that the eUICC named."),
	[CRT_UNKNOWN_ISSUER] = RULE(
		"CRT-05", WARNING, "SGP.22 v2.5 4.5.2.2, 5.7.13",
		"a server's certificate is under an issuer (CI) that the eUICC named",
		"The issuer of the server's certificate is none that the eUICC verifies under: it "
		"refuses it, or ought to.",
		"Compare its authority key identifier with EUICCInfo1."),
	[CRT_OTHER_ISSUER] =
		RULE("CRT-06", ERROR, "SGP.22 v2.5 4.5.2.1, RFC 5280 6.1",
		     "the eUICC's certificate is by the EUM whose certificate comes with it",
		     "Name or key identifier of the issuer are not those of the EUM: the two "
		     "certificates do not belong together.",
		     "Do not trust the card; see where the certificates come from."),
	[CRT_FORGED] =
		RULE("CRT-07", ERROR, "SGP.22 v2.5 4.5.2.2, RFC 5280 6.1",
		     "the eUICC's certificate has a signature of its EUM",
		     "The signature does not fit the EUM's key: the certificate was changed, or "
		     "made by somebody else.",
		     "Do not trust the card; it may be a clone with a key of its own."),
	[CRT_EID] =
		RULE("CRT-08", ERROR, "SGP.22 v2.5 4.5.2.1.0.2",
		     "the eUICC's certificate names the EID that the card told",
		     "The card answers with the certificate of another eUICC: what was relayed or "
		     "changed is the EID or the certificate.",
		     "Find out what stands between card and reader."),
	[CRT_EUM_RANGE] = RULE("CRT-09", ERROR, "SGP.22 v2.5 4.5.2.1.0.3",
			       "an EUM issues certificates for its own EIDs",
			       "The EID is outside of the range that the EUM's certificate allows.",
			       "Do not trust the card; the EUM may not give away this EID."),
	[CRT_OWNER] = RULE(
		"CRT-10", ERROR, "SGP.22 v2.5 4.5.2.1.0.4, 5.7.5",
		"who authenticates and who binds the profile is the same SM-DP+",
		"The two certificates of the session name different owners (OID): somebody else "
		"took over between authentication and package.",
		"The eUICC has to refuse this; find out who the second one is."),
	[CRT_TEST] = RULE(
		"CRT-11", ERROR, "SGP.26 2.3",
		"no certificate is under a test issuer in what claims to be production",
		"The private keys of SGP.26's test certificates are public: anybody can be this "
		"server or card.",
		"Use certificates under the GSMA's CI; take the test issuer out of the eUICC."),
	[CRT_NUMBER_AGAIN] =
		RULE("CRT-12", WARNING, "RFC 5280 4.1.2.2",
		     "an issuer gives each certificate a serial number of its own",
		     "Two different certificates have one issuer and one serial number: revoking "
		     "one revokes both, or one was made by somebody else.",
		     "Ask the issuer which of the two is genuine."),
	[CRT_LONG] =
		RULE("CRT-13", INFO, "SGP.14 (certificate policy)",
		     "a server's certificate is good for a few years",
		     "It is valid for more than ten years: a key that leaks can be used as long.",
		     "Issue it for three years at most."),
	[CRT_USAGE] =
		RULE("CRT-14", WARNING, "SGP.22 v2.5 4.5.2.1, RFC 5280 4.2.1.3, 4.2.1.9",
		     "a certificate's key may do what it is used for",
		     "Key usage or basic constraints do not fit the role: a leaf that may issue "
		     "certificates, or an EUM that may not.",
		     "Issue it as SGP.22 4.5.2.1 has it."),
	[CRT_OTHER_CARD_KEY] = RULE(
		"CRT-15", WARNING, "SGP.22 v2.5 2.4.2", "an eUICC keeps its key",
		"A card of the same EID showed another key of the same curve than before: it is "
		"another card, or answers were changed.",
		"Compare the two certificates."),
	[CRT_OTHER_CHAIN] = RULE(
		"CRT-16", WARNING, "SGP.22 v2.5 5.7.13",
		"the eUICC answers under the issuer (CI) that the server chose",
		"The EUM's certificate is by another issuer than euiccCiPKIdToBeUsed names: the "
		"server cannot verify it.",
		"See how the eUICC chooses; the server may not have a chain to this issuer."),
};

struct crt_number { /* of a certificate: its issuer's key and its number, and which one it is */
	bool is_there;
	uint64_t name, whole;
	struct audit_spot at;
};

struct crt_card_key {
	bool is_there;
	uint8_t eid[RSP_EID_LEN], point[EC_POINT_LEN];
	struct audit_spot at;
};

struct crt {
	struct proofs proofs;
	/* EUICCInfo: identifiers of the issuers that the eUICC verifies under */
	uint8_t issuers[ISSUERS_MAX];
	size_t issuers_len;
	/* The server that was authenticated: its owner and curve */
	bool has_server;
	struct cert_oid owner;
	enum ec_curve curve;
	struct audit_spot server_at;
	struct crt_number numbers[NUMBERS];
	unsigned next;
	struct crt_card_key keys[2]; /* by curve */
};

/* The exchange at hand. */
struct crt_case {
	struct audit_run *run;
	struct crt *st;
	const struct audit_step *s;
};

static void crt_find(const struct crt_case *k, unsigned rule, const char *name, const char *text)
{
	audit_find(k->run, &rules[rule], &k->s->spot, "%s: %s", name, text);
}

static void crt_judge_time(const struct crt_case *k, const struct cert *c, const char *name)
{
	int64_t now = k->s->spot.time_ns / SECOND_NS;

	if (!k->s->spot.has_time || now < ABSOLUTE)
		return;
	if (now > c->not_after)
		crt_find(k, CRT_TIME, name, "it had expired");
	else if (now < c->not_before)
		crt_find(k, CRT_TIME, name, "it was not valid yet");
}

static void crt_judge_role(const struct crt_case *k, const struct cert *c, enum rsp_role role,
			   const char *name)
{
	bool issues = role == RSP_ROLE_EUM;
	/* an SM-DS is authenticated in the same way */
	bool fits =
		cert_has_policy(c, rsp_role_oid(role)) ||
		(role == RSP_ROLE_DP_AUTH && cert_has_policy(c, rsp_role_oid(RSP_ROLE_DS_AUTH)));

	if (!fits)
		crt_find(k, CRT_ROLE, name, c->policy_count ? "of another role" : "of no role");
	else if (c->is_ca != issues ||
		 !(c->usage & (issues ? CERT_USAGE_CERT_SIGN : CERT_USAGE_SIGN)))
		crt_find(k, CRT_USAGE, name, issues ? "it may not issue" : "not that of a leaf");
}

static void crt_judge_number(const struct crt_case *k, const struct cert *c, const char *called)
{
	uint64_t name = print_octets(print_octets(0, cert_authority_id(c)), cert_number(c));
	uint64_t whole = print_octets(0, c->der);
	struct crt_number *n;

	if (!c->authority_id_len)
		return;
	for (unsigned i = 0; i < NUMBERS; i++) {
		n = &k->st->numbers[i];
		if (!n->is_there || n->name != name)
			continue;
		if (n->whole != whole)
			audit_find_pair(k->run, &rules[CRT_NUMBER_AGAIN],
					(struct audit_spot[2]){n->at, k->s->spot},
					"%s: the number of another one", called);
		return;
	}
	k->st->numbers[k->st->next++ % NUMBERS] =
		(struct crt_number){true, name, whole, k->s->spot};
}

static void crt_judge_test(const struct crt_case *k, const struct cert *c, const char *name)
{
	const struct known_issuer *issuer = known_issuer_of(cert_authority_id(c));

	if (issuer && issuer->is_test && audit_claims_production(k->run, k->s->card))
		crt_find(k, CRT_TEST, name, issuer->name);
}

/* What holds of each; NULL: it cannot be read. */
static const struct cert *crt_take(const struct crt_case *k, struct slice der, enum rsp_role role,
				   const char *name)
{
	const struct cert *c;

	if (proof_cert(&k->st->proofs, der, &c)) {
		crt_find(k, CRT_UNREADABLE, name, "no X.509, or of another curve");
		return NULL;
	}
	crt_judge_time(k, c, name);
	crt_judge_role(k, c, role, name);
	crt_judge_number(k, c, name);
	crt_judge_test(k, c, name);
	return c;
}

/* Of a server */

static void crt_judge_issuer(const struct crt_case *k, const struct cert *c, const char *name)
{
	struct slice list = slice_make(k->st->issuers, k->st->issuers_len);

	if (list.len && !rsp_key_ids_have(list, cert_authority_id(c)))
		crt_find(k, CRT_UNKNOWN_ISSUER, name, "its issuer is none that the card named");
	if (c->not_after - c->not_before > SERVER_MAX)
		crt_find(k, CRT_LONG, name, "longer than ten years");
}

static void crt_take_server(const struct crt_case *k)
{
	struct es10b_authenticate_server_request m;
	const struct cert *c;

	k->st->has_server = false;
	if (es10b_parse_authenticate_server_request(k->s->x->apdu.data, &m))
		return;
	c = crt_take(k, m.certificate, RSP_ROLE_DP_AUTH, "serverCertificate");
	if (!c)
		return;
	crt_judge_issuer(k, c, "serverCertificate");
	k->st->has_server = true;
	k->st->owner = c->rid;
	k->st->curve = c->curve;
	k->st->server_at = k->s->spot;
}

static void crt_take_binder(const struct crt_case *k)
{
	const struct audit_spot pair[2] = {k->st->server_at, k->s->spot};
	struct es10b_prepare_download_request m;
	const struct cert *c;

	if (es10b_parse_prepare_download_request(k->s->x->apdu.data, &m))
		return;
	c = crt_take(k, m.certificate, RSP_ROLE_DP_PB, "smdpCertificate");
	if (!c)
		return;
	crt_judge_issuer(k, c, "smdpCertificate");
	if (!k->st->has_server)
		return;
	if (!slice_equal(slice_make(k->st->owner.bytes, k->st->owner.len), cert_rid(c)))
		audit_find_pair(k->run, &rules[CRT_OWNER], pair,
				"smdpCertificate: of another owner than serverCertificate");
	if (k->st->curve != c->curve)
		audit_find_pair(k->run, &rules[CRT_MIXED_CURVES], pair,
				"smdpCertificate: of another curve than serverCertificate");
}

/* Of a card */

static void crt_judge_card_key(const struct crt_case *k, const struct cert *c, const uint8_t *eid)
{
	struct crt_card_key *key = &k->st->keys[c->curve == EC_P256];

	if (key->is_there && memcmp(key->eid, eid, sizeof(key->eid)) == 0 &&
	    memcmp(key->point, c->point, sizeof(key->point)) != 0)
		audit_find_pair(k->run, &rules[CRT_OTHER_CARD_KEY],
				(struct audit_spot[2]){key->at, k->s->spot},
				"euiccCertificate: another key of the same EID");
	key->is_there = true;
	key->at = k->s->spot;
	memcpy(key->eid, eid, sizeof(key->eid));
	memcpy(key->point, c->point, sizeof(key->point));
}

static void crt_judge_chain(const struct crt_case *k, const struct cert *euicc,
			    const struct cert *eum)
{
	bool named =
		memcmp(euicc->issuer_hash, eum->subject_hash, sizeof(eum->subject_hash)) == 0 &&
		slice_equal(cert_authority_id(euicc), cert_key_id(eum));

	if (!named)
		crt_find(k, CRT_OTHER_ISSUER, "euiccCertificate", "its issuer is not this EUM");
	else if (!proof_is_issued(&k->st->proofs, euicc, eum))
		crt_find(k, CRT_FORGED, "euiccCertificate", "its signature is not by this EUM");
	if (euicc->curve != eum->curve)
		crt_find(k, CRT_MIXED_CURVES, "euiccCertificate",
			 "its curve is not that of the EUM");
	if (eum->permitted_serial[0] && strncmp(euicc->subject_serial, eum->permitted_serial,
						strlen(eum->permitted_serial)) != 0)
		crt_find(k, CRT_EUM_RANGE, "euiccCertificate", "its EID is outside of the range");
}

static void crt_take_card(const struct crt_case *k, struct slice euicc_der, struct slice eum_der)
{
	const struct audit_card *card = k->s->card;
	const struct cert *euicc = crt_take(k, euicc_der, RSP_ROLE_EUICC, "euiccCertificate"), *eum;
	uint8_t eid[RSP_EID_LEN];

	if (euicc && !rsp_cert_eid(euicc, eid)) {
		if (card->has_eid && memcmp(eid, card->eid, sizeof(eid)) != 0)
			crt_find(k, CRT_EID, "euiccCertificate", "it names another EID");
		crt_judge_card_key(k, euicc, eid);
	}
	eum = crt_take(k, eum_der, RSP_ROLE_EUM, "eumCertificate");
	if (euicc && eum)
		crt_judge_chain(k, euicc, eum);
}

static void crt_take_authentication(const struct crt_case *k)
{
	struct es10b_authenticate_server_request request;
	struct es10b_authenticate_server_response m;
	const struct cert *eum;

	crt_take_server(k);
	if (!k->s->good || es10b_parse_authenticate_server_response(k->s->x->answer, &m) || !m.ok)
		return;
	crt_take_card(k, m.euicc_certificate, m.eum_certificate);
	if (es10b_parse_authenticate_server_request(k->s->x->apdu.data, &request) ||
	    !request.ci_key_id.len || proof_cert(&k->st->proofs, m.eum_certificate, &eum))
		return;
	if (!slice_equal(request.ci_key_id, cert_authority_id(eum)))
		crt_find(k, CRT_OTHER_CHAIN, "eumCertificate",
			 "its issuer is not the one that was chosen");
}

static void crt_take_notifications(const struct crt_case *k)
{
	struct es10b_other_notification n;
	struct es10b_notifications m;
	struct cursor c;
	struct tlv item;

	if (!k->s->good || es10b_parse_notifications(k->s->x->answer, k->s->tag, &m) || !m.ok)
		return;
	c = cursor_of(m.items);
	while (tlv_next(&c, &item)) {
		if (item.tag == ASN1_SEQUENCE && !es10b_parse_other_notification(item.raw, &n))
			crt_take_card(k, n.euicc_certificate, n.eum_certificate);
	}
}

static void crt_take_info(const struct crt_case *k)
{
	struct es10b_euicc_info1 one;
	struct es10b_euicc_info2 two;
	struct slice list = SLICE_EMPTY;

	if (k->s->tag == SGP22_TAG_EUICC_INFO1 && !es10b_parse_euicc_info1(k->s->x->answer, &one))
		list = one.ci_verify;
	if (k->s->tag == SGP22_TAG_EUICC_INFO2 && !es10b_parse_euicc_info2(k->s->x->answer, &two))
		list = two.ci_verify;
	if (!k->s->good || !list.len || list.len > sizeof(k->st->issuers))
		return;
	memcpy(k->st->issuers, list.ptr, list.len);
	k->st->issuers_len = list.len;
}

static void crt_take_challenge(const struct crt_case *k)
{
	struct kra_challenge challenge;
	enum kra_result error;

	if (k->s->good && !kra_parse_challenge(k->s->x->answer, &challenge, &error))
		crt_take_card(k, challenge.euicc_cert, challenge.eum_cert);
}

static void crt_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	const struct crt_case k = {r, state, s};

	switch (s->tag) {
	case SGP22_TAG_EUICC_INFO1:
	case SGP22_TAG_EUICC_INFO2: crt_take_info(&k); break;
	case SGP22_TAG_AUTHENTICATE_SERVER: crt_take_authentication(&k); break;
	case SGP22_TAG_PREPARE_DOWNLOAD: crt_take_binder(&k); break;
	case SGP22_TAG_RETRIEVE_NOTIFICATIONS: crt_take_notifications(&k); break;
	case KRA_TAG_CHALLENGE: crt_take_challenge(&k); break;
	default: break;
	}
}

static void crt_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct crt *st = state;

	(void)r;
	if (e->kind == TRACE_RESET || e->kind == TRACE_REMOVED) {
		st->issuers_len = 0;
		st->has_server = false;
	}
}

static const enum command_id crt_takes[] = {COMMAND_STORE_DATA};

const struct audit_family audit_certs = {
	.about = "Certificates of servers and cards",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct crt),
	.takes = crt_takes,
	.take_count = ARRAY_LEN(crt_takes),
	.step = crt_step,
	.event = crt_event,
};
