#include "lib/rsp/pki.h"

#include <stdio.h>
#include <string.h>

#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/rsp/issue.h"

#define DAY_S	       86400
#define VALID_DAYS     (30 * 365)
#define EID_PREFIX_LEN 8 /* digits that an EUM's EIDs share */
#define EID_DIGITS     32
#define EID_TEST_EUM   "89049032" /* that of PKI_EID_TEST */

/* 2.999.5 and 2.999.10: example arcs, as SGP.26 uses them */
static const uint8_t rid_ci[] = {0x88, 0x37, 0x01};
static const uint8_t rid_eum[] = {0x88, 0x37, 0x05};
static const uint8_t rid_dp[] = {0x88, 0x37, 0x0A};

static const struct part_row {
	enum rsp_role role;
	int issuer; /* enum pki_part, -1: itself */
	const char *organization, *common_name;
	struct slice rid;
} parts[PKI_PARTS] = {
	[PKI_CI] = {RSP_ROLE_CI, -1, "Twinkey Test", "Twinkey Test CI", {rid_ci, sizeof(rid_ci)}},
	[PKI_EUM] =
		{RSP_ROLE_EUM, PKI_CI, "Twinkey Test EUM", "EUM Test", {rid_eum, sizeof(rid_eum)}},
	[PKI_EUICC] = {RSP_ROLE_EUICC, PKI_EUM, "Twinkey Test EUM", "Test eUICC", {NULL, 0}},
	[PKI_DP_AUTH] =
		{RSP_ROLE_DP_AUTH, PKI_CI, "Twinkey Test", "Test SM-DP+", {rid_dp, sizeof(rid_dp)}},
	[PKI_DP_PB] =
		{RSP_ROLE_DP_PB, PKI_CI, "Twinkey Test", "Test SM-DP+", {rid_dp, sizeof(rid_dp)}},
	[PKI_DP_TLS] = {RSP_ROLE_DP_TLS, PKI_CI, "Twinkey Test", NULL, {rid_dp, sizeof(rid_dp)}},
};

void pki_init(struct pki *p, enum ec_curve curve)
{
	*p = (struct pki){.curve = curve};
	for (int i = 0; i < PKI_PARTS; i++)
		p->certs[i] = wbuf_grow(PKI_CERT_MAX);
}

enum err pki_issue(struct pki *p, enum pki_part part, const struct pki_names *names)
{
	const struct part_row *row = &parts[part];
	char prefix[EID_PREFIX_LEN + 1] = "";
	struct issue_request r = {
		.role = row->role,
		.organization = row->organization,
		.common_name = row->common_name ? row->common_name : names->smdp_address,
		.serial_number = part == PKI_EUICC ? names->eid : NULL,
		.permitted_serial = part == PKI_EUM ? prefix : NULL,
		.dns_name = part == PKI_DP_TLS ? names->smdp_address : NULL,
		.registered_id = row->rid,
		.not_before = names->now - DAY_S,
		.not_after = names->now + (int64_t)VALID_DAYS * DAY_S,
		.curve = p->curve,
	};
	enum err e = ec_key_generate(p->curve, &p->keys[part]);

	if (e)
		return e;
	if (part == PKI_EUM)
		snprintf(prefix, sizeof(prefix), "%.*s", EID_PREFIX_LEN, names->eid);
	r.point = ec_key_point(p->keys[part]);
	r.issuer_key = p->keys[row->issuer < 0 ? (int)part : row->issuer];
	if (row->issuer >= 0)
		r.issuer_cert = wbuf_slice(&p->certs[row->issuer]);
	return issue_certificate(&r, &p->certs[part]);
}

void pki_free(struct pki *p)
{
	for (int i = 0; i < PKI_PARTS; i++) {
		wbuf_free(&p->certs[i]);
		ec_key_free(&p->keys[i]);
	}
}

enum err pki_parse_eid(const char *digits, uint8_t eid[static 16])
{
	if (strlen(digits) != EID_DIGITS || strspn(digits, "0123456789") != EID_DIGITS)
		return ERR_ENCODING;
	return hex_decode_exact(digits, eid, 16);
}

/* What a number of so many digits leaves when it is divided by 97 (ISO/IEC 7064 MOD 97-10) */
static unsigned modulo_97(const char *digits)
{
	unsigned rest = 0;

	for (; *digits; digits++)
		rest = (rest * 10 + (unsigned)(*digits - '0')) % 97;
	return rest;
}

/* SGP.29: the last two digits make the whole number leave 1. */
enum err pki_random_eid(uint8_t eid[static 16])
{
	uint8_t raw[EID_DIGITS];
	char digits[EID_DIGITS + 1] = EID_TEST_EUM;
	enum err e = random_bytes(raw, sizeof(raw));

	if (e)
		return e;
	for (size_t i = strlen(EID_TEST_EUM); i < EID_DIGITS - 2; i++)
		digits[i] = (char)('0' + raw[i] % 10);
	memcpy(digits + EID_DIGITS - 2, "00", 3);
	snprintf(digits + EID_DIGITS - 2, 3, "%02u", (98 - modulo_97(digits)) % 100);
	return pki_parse_eid(digits, eid);
}
