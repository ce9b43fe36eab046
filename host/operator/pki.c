#include "host/operator/pki.h"

#include <stdio.h>
#include <time.h>

#include "lib/crypto/issue.h"
#include "tool/file.h"

#define PATH_CAP       4096
#define CERT_MAX       8192
#define KEY_MAX	       1024
#define DAY_S	       86400
#define VALID_DAYS     (30 * 365)
#define EID_PREFIX_LEN 8 /* digits that an EUM's EIDs share */

/* 2.999.5 and 2.999.10: example arcs, as SGP.26 uses them */
static const uint8_t rid_ci[] = {0x88, 0x37, 0x01};
static const uint8_t rid_eum[] = {0x88, 0x37, 0x05};
static const uint8_t rid_dp[] = {0x88, 0x37, 0x0A};

static const struct part_row {
	const char *folder, *name; /* CERT_<name>_<curve>.der, SK_<name>_<curve>.pem */
	enum issue_role role;
	int issuer; /* enum pki_part, -1: itself */
	const char *organization, *common_name;
	struct slice rid;
} parts[PKI_PARTS] = {
	[PKI_CI] = {"CI",
		    "CI_ECDSA",
		    ISSUE_CI,
		    -1,
		    "Twinkey Test",
		    "Twinkey Test CI",
		    {rid_ci, sizeof(rid_ci)}},
	[PKI_EUM] = {"EUM",
		     "EUM_ECDSA",
		     ISSUE_EUM,
		     PKI_CI,
		     "Twinkey Test EUM",
		     "EUM Test",
		     {rid_eum, sizeof(rid_eum)}},
	[PKI_EUICC] = {"eUICC",
		       "EUICC_ECDSA",
		       ISSUE_EUICC,
		       PKI_EUM,
		       "Twinkey Test EUM",
		       "Test eUICC",
		       {NULL, 0}},
	[PKI_DP_AUTH] = {"DPauth",
			 "S_SM_DPauth_ECDSA",
			 ISSUE_DP_AUTH,
			 PKI_CI,
			 "Twinkey Test",
			 "Test SM-DP+",
			 {rid_dp, sizeof(rid_dp)}},
	[PKI_DP_PB] = {"DPpb",
		       "S_SM_DPpb_ECDSA",
		       ISSUE_DP_PB,
		       PKI_CI,
		       "Twinkey Test",
		       "Test SM-DP+",
		       {rid_dp, sizeof(rid_dp)}},
	[PKI_DP_TLS] = {"DPtls",
			"S_SM_DP_TLS",
			ISSUE_DP_TLS,
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

	return e ? e : file_read(path, out);
}

static enum err load_key(const char *path, struct ec_key **out)
{
	struct wbuf w = wbuf_grow(KEY_MAX);
	enum err e = file_read(path, &w);

	if (!e)
		e = ec_key_load(wbuf_slice(&w), out);
	wbuf_free(&w);
	return e;
}

enum err pki_key(const char *dir, enum pki_part part, enum ec_curve curve, struct ec_key **out)
{
	char path[PATH_CAP];
	enum err e = part_path(dir, part, curve, true, path);

	return e ? e : load_key(path, out);
}

/* RFC 7468: base64 in lines of 64 characters */
static void put_pem(struct wbuf *w, struct slice der)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t column = 0;

	wbuf_put(w, slice_str("-----BEGIN PRIVATE KEY-----\n"));
	for (size_t i = 0; i < der.len; i += 3) {
		unsigned v = (unsigned)slice_at(der, i) << 16 |
			     (unsigned)slice_at(der, i + 1) << 8 | slice_at(der, i + 2);

		wbuf_u8(w, (uint8_t)alphabet[v >> 18 & 63]);
		wbuf_u8(w, (uint8_t)alphabet[v >> 12 & 63]);
		wbuf_u8(w, (uint8_t)(i + 1 < der.len ? alphabet[v >> 6 & 63] : '='));
		wbuf_u8(w, (uint8_t)(i + 2 < der.len ? alphabet[v & 63] : '='));
		column += 4;
		if (column == 64 || i + 3 >= der.len) {
			wbuf_u8(w, '\n');
			column = 0;
		}
	}
	wbuf_put(w, slice_str("-----END PRIVATE KEY-----\n"));
}

static enum err save_key(const char *path, const struct ec_key *key)
{
	struct wbuf der = wbuf_grow(KEY_MAX), pem = wbuf_grow(KEY_MAX);
	enum err e = ec_key_save(key, &der);

	if (!e) {
		put_pem(&pem, wbuf_slice(&der));
		e = wbuf_done(&pem);
	}
	if (!e)
		e = file_write(path, wbuf_slice(&pem), 0600);
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
	return e ? e : file_write(path, wbuf_slice(&m->certs[PKI_CI]), 0644);
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
		e = file_write(path, wbuf_slice(&m->certs[part]), 0644);
	if (!e)
		e = part_path(m->dir, part, m->curve, true, path);
	return e ? e : save_key(path, m->keys[part]);
}

enum err pki_create(const char *dir, enum ec_curve curve, const uint8_t eid[static 16],
		    const char *smdp_address)
{
	struct making m = {.dir = dir, .smdp_address = smdp_address, .curve = curve};
	char path[PATH_CAP];
	enum err e = hex_encode(slice_make(eid, 16), m.eid, sizeof(m.eid));

	snprintf(m.prefix, sizeof(m.prefix), "%.*s", EID_PREFIX_LEN, m.eid);
	for (int i = 0; i < PKI_PARTS; i++)
		m.certs[i] = wbuf_grow(CERT_MAX);
	if (!e)
		e = file_join(dir, "pki", path, sizeof(path));
	if (!e)
		e = file_make_dir(path);
	for (int i = 0; !e && i < PKI_PARTS; i++)
		e = make_part(&m, (enum pki_part)i);
	if (!e)
		e = put_ci_again(&m);
	for (int i = 0; i < PKI_PARTS; i++) {
		wbuf_free(&m.certs[i]);
		ec_key_free(&m.keys[i]);
	}
	return e;
}

enum err release_key_create(const char *dir)
{
	char path[PATH_CAP];
	struct wbuf spki = wbuf_grow(KEY_MAX);
	struct ec_key *key = NULL;
	enum err e = file_join(dir, "release.key", path, sizeof(path));

	if (!e)
		e = ec_key_generate(EC_P256, &key);
	if (!e)
		e = save_key(path, key);
	if (!e)
		e = file_join(dir, "release.pub", path, sizeof(path));
	if (!e) {
		ec_put_spki(&spki, EC_P256, ec_key_point(key));
		e = wbuf_done(&spki);
	}
	if (!e)
		e = file_write(path, wbuf_slice(&spki), 0644);
	wbuf_free(&spki);
	ec_key_free(&key);
	return e;
}

enum err release_key_load(const char *dir, struct ec_key **out)
{
	char path[PATH_CAP];
	enum err e = file_join(dir, "release.key", path, sizeof(path));

	return e ? e : load_key(path, out);
}
