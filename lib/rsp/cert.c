#include "lib/rsp/cert.h"

#include <string.h>

#include "lib/crypto/ec.h"

/* 2.23.146.1.2.1.n: id-rspRole n */
#define ROLE_OID(n)                                                                                \
	{                                                                                          \
		0x67, 0x81, 0x12, 0x01, 0x02, 0x01, (n)                                            \
	}

static const struct {
	uint8_t oid[7];
	unsigned usage;
	bool ca;
} roles[RSP_ROLE_COUNT] = {
	[RSP_ROLE_CI] = {ROLE_OID(0), CERT_USAGE_CERT_SIGN, true},
	[RSP_ROLE_EUICC] = {ROLE_OID(1), CERT_USAGE_SIGN, false},
	[RSP_ROLE_EUM] = {ROLE_OID(2), CERT_USAGE_CERT_SIGN, true},
	[RSP_ROLE_DP_TLS] = {ROLE_OID(3), CERT_USAGE_SIGN, false},
	[RSP_ROLE_DP_AUTH] = {ROLE_OID(4), CERT_USAGE_SIGN, false},
	[RSP_ROLE_DP_PB] = {ROLE_OID(5), CERT_USAGE_SIGN, false},
	[RSP_ROLE_DS_TLS] = {ROLE_OID(6), CERT_USAGE_SIGN, false},
	[RSP_ROLE_DS_AUTH] = {ROLE_OID(7), CERT_USAGE_SIGN, false},
};

struct slice rsp_role_oid(enum rsp_role role)
{
	return SLICE_OF(roles[role].oid);
}

/* RFC 5280 4.2.1.9: a CA is marked as one, an EUM as one above end entities only; a leaf is not. */
static bool basic_fits(const struct cert *c, enum rsp_role role)
{
	if (!roles[role].ca)
		return !c->is_ca && !(c->usage & CERT_USAGE_CERT_SIGN);
	return c->is_ca && c->basic_critical &&
	       (role != RSP_ROLE_EUM || (c->has_path_len && c->path_len == 0));
}

/*
 * The contents of the certificate fit the role (SGP.22 4.5.2.1). Expiry is looked at first: nothing
 * else of an expired certificate counts.
 */
static enum err check_role(const struct cert *c, enum rsp_role role, int64_t now)
{
	if (now < c->not_before || now > c->not_after)
		return ERR_CERT_EXPIRED;
	if (!cert_has_policy(c, rsp_role_oid(role)) || c->policy_count != 1 ||
	    !c->policies_critical)
		return ERR_CERT;
	if (!c->has_usage || !c->usage_critical || !(c->usage & roles[role].usage) ||
	    !basic_fits(c, role) || c->has_unknown_critical || c->key_id_len == 0)
		return ERR_CERT;
	return ERR_OK;
}

static enum err check_issued(const struct cert *c, const struct cert *issuer)
{
	if (!c->authority_id_len || !slice_equal(cert_authority_id(c), cert_key_id(issuer)))
		return ERR_CERT_UNTRUSTED;
	return cert_check_signature(c, issuer);
}

enum err rsp_cert_check_ci(struct slice ci, int64_t now, struct cert *out)
{
	struct cert c;
	enum err e = cert_parse(ci, &c);

	if (!e)
		e = check_role(&c, RSP_ROLE_CI, now);
	if (!e)
		e = cert_check_signature(&c, &c);
	if (!e)
		*out = c;
	return e;
}

enum err rsp_cert_check_dp(struct slice der, enum rsp_role role, const struct cert *ci, int64_t now,
			   struct cert *out)
{
	struct cert c;
	enum err e = cert_parse(der, &c);

	if (!e)
		e = check_issued(&c, ci);
	if (!e)
		e = check_role(&c, role, now);
	if (!e && c.rid.len == 0) /* SGP.22 4.5.2.1.0.4: the SM-DP+'s OID */
		e = ERR_NOT_FOUND;
	if (!e)
		*out = c;
	return e;
}

/* The CI that the certificate's authorityKeyIdentifier names; ERR_CERT: it has none (4.5.2.1). */
static enum err find_ci(const struct cert *c, const struct rsp_trust *trust, struct cert *ci,
			size_t *index)
{
	if (c->authority_id_len == 0)
		return ERR_CERT;
	for (size_t i = 0; i < trust->count; i++) {
		struct cert candidate;

		if (!trust->cis[i].len || cert_parse(trust->cis[i], &candidate))
			continue;
		if (!slice_equal(cert_key_id(&candidate), cert_authority_id(c)))
			continue;
		*index = i;
		return rsp_cert_check_ci(trust->cis[i], trust->now, ci);
	}
	return ERR_CERT_UNTRUSTED;
}

/*
 * SGP.22 4.5.2.1.0.3: the EUM's name constraint permits one serialNumber, the beginning of every
 * EID that the EUM may give away, and one organisation.
 */
static enum err check_constraint(const struct cert *euicc, const struct cert *eum)
{
	uint8_t eid[16];
	enum err e = rsp_cert_eid(euicc, eid);

	if (e)
		return e;
	if (!eum->permitted_serial[0] ||
	    !slice_starts(slice_str(euicc->subject_serial), slice_str(eum->permitted_serial)))
		return ERR_CERT;
	if (eum->permitted_org[0] && strcmp(eum->permitted_org, euicc->subject_org) != 0)
		return ERR_CERT;
	return ERR_OK;
}

enum err rsp_cert_check_eum(struct slice eum, const struct rsp_trust *trust, struct cert *out,
			    size_t *ci_index)
{
	struct cert issuer, ci;
	size_t index = 0;
	enum err e = cert_parse(eum, &issuer);

	if (!e)
		e = find_ci(&issuer, trust, &ci, &index);
	if (!e)
		e = check_issued(&issuer, &ci);
	if (!e)
		e = check_role(&issuer, RSP_ROLE_EUM, trust->now);
	if (e)
		return e;
	*out = issuer;
	if (ci_index)
		*ci_index = index;
	return ERR_OK;
}

enum err rsp_cert_check_under_eum(struct slice euicc, const struct cert *eum, int64_t now,
				  struct cert *out)
{
	struct cert leaf = {0};
	enum err e = cert_parse(euicc, &leaf);

	if (!e)
		e = check_issued(&leaf, eum);
	if (!e)
		e = check_role(&leaf, RSP_ROLE_EUICC, now);
	if (!e)
		e = check_constraint(&leaf, eum);
	if (!e)
		*out = leaf;
	return e;
}

enum err rsp_cert_check_chain(struct slice euicc, struct slice eum, const struct rsp_trust *trust,
			      struct cert *out_euicc, size_t *ci_index)
{
	struct cert leaf = {0}, issuer;
	enum err e = rsp_cert_check_eum(eum, trust, &issuer, ci_index);

	if (!e)
		e = rsp_cert_check_under_eum(euicc, &issuer, trust->now, &leaf);
	if (!e && out_euicc)
		*out_euicc = leaf;
	return e;
}

enum err rsp_cert_check_identity(const struct rsp_euicc_identity *id, const struct rsp_trust *trust,
				 size_t *ci_index)
{
	struct ec_key *sk = NULL;
	struct cert c;
	uint8_t named[16];
	size_t index = 0;
	enum err e = rsp_cert_check_chain(id->euicc_cert, id->eum_cert, trust, &c, &index);

	if (!e)
		e = rsp_cert_eid(&c, named);
	if (!e && !slice_equal(SLICE_OF(named), id->eid))
		e = ERR_CERT;
	if (!e)
		e = ec_key_load(id->key, &sk);
	if (!e && (ec_key_curve(sk) != c.curve || !slice_equal(ec_key_point(sk), cert_point(&c))))
		e = ERR_KEY;
	ec_key_free(&sk);
	if (!e && ci_index)
		*ci_index = index;
	return e;
}

enum err rsp_cert_eid(const struct cert *euicc, uint8_t eid[static 16])
{
	return hex_decode_exact(euicc->subject_serial, eid, 16) ? ERR_CERT : ERR_OK;
}
