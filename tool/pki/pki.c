#include "tool/pki/pki.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/base64.h"
#include "lib/crypto/cert.h"
#include "lib/rsp/issue.h"
#include "lib/crypto/symmetric.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/secret_file.h"

#define KEY_MAX	       1024
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
	const char *folder, *name; /* CERT_<name>_<curve>.der, SK_<name>_<curve>.pem */
	enum rsp_role role;
	int issuer; /* enum pki_part, -1: itself */
	const char *organization, *common_name;
	struct slice rid;
} parts[PKI_PARTS] = {
	[PKI_CI] = {"CI",
		    "CI_ECDSA",
		    RSP_ROLE_CI,
		    -1,
		    "Twinkey Test",
		    "Twinkey Test CI",
		    {rid_ci, sizeof(rid_ci)}},
	[PKI_EUM] = {"EUM",
		     "EUM_ECDSA",
		     RSP_ROLE_EUM,
		     PKI_CI,
		     "Twinkey Test EUM",
		     "EUM Test",
		     {rid_eum, sizeof(rid_eum)}},
	[PKI_EUICC] = {"eUICC",
		       "EUICC_ECDSA",
		       RSP_ROLE_EUICC,
		       PKI_EUM,
		       "Twinkey Test EUM",
		       "Test eUICC",
		       {NULL, 0}},
	[PKI_DP_AUTH] = {"DPauth",
			 "S_SM_DPauth_ECDSA",
			 RSP_ROLE_DP_AUTH,
			 PKI_CI,
			 "Twinkey Test",
			 "Test SM-DP+",
			 {rid_dp, sizeof(rid_dp)}},
	[PKI_DP_PB] = {"DPpb",
		       "S_SM_DPpb_ECDSA",
		       RSP_ROLE_DP_PB,
		       PKI_CI,
		       "Twinkey Test",
		       "Test SM-DP+",
		       {rid_dp, sizeof(rid_dp)}},
	[PKI_DP_TLS] = {"DPtls",
			"S_SM_DP_TLS",
			RSP_ROLE_DP_TLS,
			PKI_CI,
			"Twinkey Test",
			NULL,
			{rid_dp, sizeof(rid_dp)}},
};

static const char *curve_name(enum ec_curve curve)
{
	return curve == EC_P256 ? "NIST" : "BRP";
}

static enum err part_path(const char *dir, enum pki_part part, enum ec_curve curve, bool key,
			  char path[static PATH_CAP])
{
	const struct part_row *row = &parts[part];
	int n = snprintf(path, PATH_CAP, "%s/pki/%s/%s_%s_%s.%s", dir, row->folder,
			 key ? "SK" : "CERT", row->name, curve_name(curve), key ? "pem" : "der");

	return n > 0 && n < PATH_CAP ? ERR_OK : ERR_SPACE;
}

enum err pki_cert(const char *dir, enum pki_part part, enum ec_curve curve, struct wbuf *out)
{
	char path[PATH_CAP];
	enum err e = part_path(dir, part, curve, false, path);

	return e ? e : file_read(path, NULL, out);
}

enum err pki_key_read(const char *path, struct ec_key **out)
{
	struct wbuf w = wbuf_grow(KEY_MAX);
	enum err e = secret_file_read(path, NULL, &w);

	if (!e)
		e = ec_key_load(wbuf_slice(&w), out);
	wbuf_free(&w);
	return e;
}

enum err pki_key(const char *dir, enum pki_part part, enum ec_curve curve, struct ec_key **out)
{
	char path[PATH_CAP];
	enum err e = part_path(dir, part, curve, true, path);

	return e ? e : pki_key_read(path, out);
}

enum err pki_cert_pem(const char *dir, enum pki_part part, enum ec_curve curve, struct wbuf *out)
{
	struct wbuf der = wbuf_grow(PKI_CERT_MAX);
	enum err e = pki_cert(dir, part, curve, &der);

	if (!e)
		base64_put_pem(out, "CERTIFICATE", wbuf_slice(&der));
	wbuf_free(&der);
	return e ? e : wbuf_done(out);
}

enum err pki_key_pem(const char *dir, enum pki_part part, enum ec_curve curve, struct wbuf *out)
{
	char path[PATH_CAP];
	enum err e = part_path(dir, part, curve, true, path);

	return e ? e : secret_file_read(path, NULL, out);
}

enum err pki_key_write(const char *path, const struct ec_key *key)
{
	struct wbuf der = wbuf_grow(KEY_MAX), pem = wbuf_grow(KEY_MAX);
	enum err e = ec_key_save(key, &der);

	if (!e) {
		base64_put_pem(&pem, "PRIVATE KEY", wbuf_slice(&der));
		e = wbuf_done(&pem);
	}
	if (!e)
		e = file_write(path, wbuf_slice(&pem), 0600, NULL);
	wbuf_free(&der);
	wbuf_free(&pem);
	return e;
}

struct making {
	const char *dir, *smdp_address;
	enum ec_curve curve;
	char eid[33], prefix[EID_PREFIX_LEN + 1];
	struct wbuf certs[PKI_PARTS];
	struct ec_key *keys[PKI_PARTS];
};

/* SM-DP+ programs look for the CI in a folder of this name. */
static enum err put_ci_again(const struct making *m)
{
	char path[PATH_CAP];
	enum err e;
	int n = snprintf(path, sizeof(path), "%s/pki/CertificateIssuer", m->dir);

	if (n < 0 || n >= PATH_CAP)
		return ERR_SPACE;
	e = file_make_dir(path);
	n = snprintf(path, sizeof(path), "%s/pki/CertificateIssuer/CERT_CI_ECDSA_%s.der", m->dir,
		     curve_name(m->curve));
	if (n < 0 || n >= PATH_CAP)
		return ERR_SPACE;
	return e ? e : file_write(path, wbuf_slice(&m->certs[PKI_CI]), 0644, NULL);
}

static enum err make_part(struct making *m, enum pki_part part)
{
	const struct part_row *row = &parts[part];
	char path[PATH_CAP];
	struct issue_request r = {
		.role = row->role,
		.organization = row->organization,
		.common_name = row->common_name ? row->common_name : m->smdp_address,
		.serial_number = part == PKI_EUICC ? m->eid : NULL,
		.permitted_serial = part == PKI_EUM ? m->prefix : NULL,
		.dns_name = part == PKI_DP_TLS ? m->smdp_address : NULL,
		.registered_id = row->rid,
		.not_before = (int64_t)time(NULL) - DAY_S,
		.not_after = (int64_t)time(NULL) + (int64_t)VALID_DAYS * DAY_S,
		.curve = m->curve,
	};
	enum err e = ec_key_generate(m->curve, &m->keys[part]);

	if (e)
		return e;
	r.point = ec_key_point(m->keys[part]);
	r.issuer_key = m->keys[row->issuer < 0 ? (int)part : row->issuer];
	if (row->issuer >= 0)
		r.issuer_cert = wbuf_slice(&m->certs[row->issuer]);
	e = issue_certificate(&r, &m->certs[part]);
	if (!e) {
		snprintf(path, sizeof(path), "%s/pki/%s", m->dir, row->folder);
		e = file_make_dir(path);
	}
	if (!e)
		e = part_path(m->dir, part, m->curve, false, path);
	if (!e)
		e = file_write(path, wbuf_slice(&m->certs[part]), 0644, NULL);
	if (!e)
		e = part_path(m->dir, part, m->curve, true, path);
	return e ? e : pki_key_write(path, m->keys[part]);
}

static enum err making_start(struct making *m, const char *dir, enum ec_curve curve,
			     const char *smdp_address)
{
	char path[PATH_CAP];
	enum err e = path_join(dir, "pki", path, sizeof(path));

	*m = (struct making){.dir = dir, .smdp_address = smdp_address, .curve = curve};
	for (int i = 0; i < PKI_PARTS; i++)
		m->certs[i] = wbuf_grow(PKI_CERT_MAX);
	return e ? e : file_make_dir(path);
}

static void making_free(struct making *m)
{
	for (int i = 0; i < PKI_PARTS; i++) {
		wbuf_free(&m->certs[i]);
		ec_key_free(&m->keys[i]);
	}
}

enum err pki_create(const char *dir, enum ec_curve curve, const uint8_t eid[static 16],
		    const char *smdp_address)
{
	struct making m;
	enum err e = making_start(&m, dir, curve, smdp_address);

	if (!e)
		e = hex_encode(slice_make(eid, 16), m.eid, sizeof(m.eid));
	if (!e)
		snprintf(m.prefix, sizeof(m.prefix), "%.*s", EID_PREFIX_LEN, m.eid);
	for (int i = 0; !e && i < (smdp_address ? PKI_PARTS : PKI_DP_AUTH); i++)
		e = make_part(&m, (enum pki_part)i);
	if (!e)
		e = put_ci_again(&m);
	making_free(&m);
	return e;
}

/* Certificate and key of the CI; ERR_NOT_FOUND: one of them is not there. */
static enum err load_ci(struct making *m)
{
	struct cert ci;
	enum err e = pki_cert(m->dir, PKI_CI, m->curve, &m->certs[PKI_CI]);

	if (!e)
		e = pki_key(m->dir, PKI_CI, m->curve, &m->keys[PKI_CI]);
	if (!e)
		e = cert_parse(wbuf_slice(&m->certs[PKI_CI]), &ci);
	if (!e && !slice_equal(ec_key_point(m->keys[PKI_CI]), cert_point(&ci)))
		e = ERR_KEY;
	return e;
}

/* Whether the part is missing; when it has run out is told. */
static enum err load_or_miss(struct making *m, enum pki_part part, int64_t now, bool *missing,
			     int64_t *ended)
{
	struct cert c;
	enum err e = pki_cert(m->dir, part, m->curve, &m->certs[part]);

	*missing = e == ERR_NOT_FOUND;
	if (e)
		return *missing ? ERR_OK : e;
	if (!cert_parse(wbuf_slice(&m->certs[part]), &c) && now > c.not_after)
		*ended = c.not_after;
	return ERR_OK;
}

enum err pki_complete(const char *dir, enum ec_curve curve, const char *smdp_address, int64_t now,
		      struct pki_health *health)
{
	bool missing[PKI_PARTS] = {false}, any = false, lacks = false;
	struct pki_health h = {.ended = {0}};
	struct making m;
	enum err e = making_start(&m, dir, curve, smdp_address);

	for (int i = PKI_DP_AUTH; !e && i < PKI_PARTS; i++) {
		e = load_or_miss(&m, (enum pki_part)i, now, &missing[i], &h.ended[i]);
		lacks = lacks || missing[i];
		any = any || missing[i] || h.ended[i];
	}
	if (!e && any) {
		e = load_ci(&m);
		if (e && !lacks) { /* what has run out stays as it is */
			any = false;
			e = ERR_OK;
		}
	}
	for (int i = PKI_DP_AUTH; !e && any && i < PKI_PARTS; i++) {
		if (!missing[i] && !h.ended[i])
			continue;
		wbuf_cut(&m.certs[i], 0);
		e = make_part(&m, (enum pki_part)i);
		h.renewed[i] = !e && !missing[i];
	}
	making_free(&m);
	*health = h;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
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
