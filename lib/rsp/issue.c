#include "lib/rsp/issue.h"

#include <string.h>
#include <time.h>

#include "lib/crypto/ec.h"
#include "lib/crypto/cert.h"
#include "lib/crypto/symmetric.h"
#include "lib/crypto/x509.h"

#define KEY_ID_LEN 20
#define SERIAL_LEN 8
#define TBS_MAX	   8192

static const uint8_t oid_ecdsa_sha256[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
static const uint8_t oid_country[] = {0x55, 0x04, 0x06};
static const uint8_t oid_organization[] = {0x55, 0x04, 0x0A};
static const uint8_t oid_common_name[] = {0x55, 0x04, 0x03};
static const uint8_t oid_serial_number[] = {0x55, 0x04, 0x05};
static const uint8_t oid_subject_key_id[] = {0x55, 0x1D, 0x0E};
static const uint8_t oid_key_usage[] = {0x55, 0x1D, 0x0F};
static const uint8_t oid_alt_name[] = {0x55, 0x1D, 0x11};
static const uint8_t oid_basic[] = {0x55, 0x1D, 0x13};
static const uint8_t oid_name_constraints[] = {0x55, 0x1D, 0x1E};
static const uint8_t oid_policies[] = {0x55, 0x1D, 0x20};
static const uint8_t oid_authority_key_id[] = {0x55, 0x1D, 0x23};
static const uint8_t oid_extended_usage[] = {0x55, 0x1D, 0x25};
static const uint8_t oid_server_auth[] = {0x2B, 6, 1, 5, 5, 7, 3, 1};
static const uint8_t oid_client_auth[] = {0x2B, 6, 1, 5, 5, 7, 3, 2};

/* SGP.22 4.5.2.1: what belongs to each role */
static const struct role_row {
	unsigned usage; /* CERT_USAGE_* */
	bool ca, has_path_len;
	unsigned path_len;
} roles[RSP_ROLE_COUNT] = {
	[RSP_ROLE_CI] = {.usage = CERT_USAGE_CERT_SIGN | CERT_USAGE_CRL_SIGN, .ca = true},
	[RSP_ROLE_EUICC] = {.usage = CERT_USAGE_SIGN},
	[RSP_ROLE_EUM] = {.usage = CERT_USAGE_CERT_SIGN, .ca = true, .has_path_len = true},
	[RSP_ROLE_DP_TLS] = {.usage = CERT_USAGE_SIGN},
	[RSP_ROLE_DP_AUTH] = {.usage = CERT_USAGE_SIGN},
	[RSP_ROLE_DP_PB] = {.usage = CERT_USAGE_SIGN},
	[RSP_ROLE_DS_TLS] = {.usage = CERT_USAGE_SIGN},
	[RSP_ROLE_DS_AUTH] = {.usage = CERT_USAGE_SIGN},
};

static void put_attribute(struct wbuf *w, struct slice oid, uint32_t tag, const char *text)
{
	size_t set = tlv_open(w, ASN1_SET), pair = tlv_open(w, ASN1_SEQUENCE);

	tlv_put(w, ASN1_OID, oid);
	tlv_put_str(w, tag, text);
	tlv_close(w, pair);
	tlv_close(w, set);
}

static void put_subject(struct wbuf *w, const struct issue_request *r)
{
	size_t name = tlv_open(w, ASN1_SEQUENCE);

	put_attribute(w, SLICE_OF(oid_country), ASN1_PRINTABLE_STRING, "ES");
	put_attribute(w, SLICE_OF(oid_organization), ASN1_UTF8_STRING, r->organization);
	if (r->serial_number)
		put_attribute(w, SLICE_OF(oid_serial_number), ASN1_PRINTABLE_STRING,
			      r->serial_number);
	put_attribute(w, SLICE_OF(oid_common_name), ASN1_UTF8_STRING, r->common_name);
	tlv_close(w, name);
}

/* RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime after */
static void put_time(struct wbuf *w, int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;
	char text[32];

	if (!gmtime_r(&t, &tm)) {
		wbuf_fail(w, ERR_VALUE);
		return;
	}
	strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
	if (tm.tm_year >= 50 && tm.tm_year < 150)
		tlv_put_str(w, ASN1_UTC_TIME, text + 2); /* without the century */
	else
		tlv_put_str(w, ASN1_GENERALIZED_TIME, text);
}

/* Extension { oid, critical, OCTET STRING of value } */
static void put_extension(struct wbuf *w, struct slice oid, bool critical, struct slice value)
{
	size_t ext = tlv_open(w, ASN1_SEQUENCE);

	tlv_put(w, ASN1_OID, oid);
	if (critical)
		tlv_put_bool(w, ASN1_BOOLEAN, true);
	tlv_put(w, ASN1_OCTET_STRING, value);
	tlv_close(w, ext);
}

static enum err key_id_of(struct slice point, uint8_t id[static KEY_ID_LEN])
{
	uint8_t digest[SHA256_LEN];
	enum err e = sha256(&point, 1, digest);

	if (!e)
		memcpy(id, digest, KEY_ID_LEN); /* RFC 7093 2: the leftmost 160 bits of SHA-256 */
	return e;
}

static void put_key_ids(struct wbuf *w, const struct cert *issuer,
			const uint8_t id[static KEY_ID_LEN])
{
	uint8_t mem[64];
	struct wbuf v = wbuf_init(mem, sizeof(mem));
	size_t mark;

	if (issuer) {
		mark = tlv_open(&v, ASN1_SEQUENCE);
		tlv_put(&v, X509_TAG_KEY_IDENTIFIER, cert_key_id(issuer));
		tlv_close(&v, mark);
		put_extension(w, SLICE_OF(oid_authority_key_id), false, wbuf_slice(&v));
		wbuf_reset(&v);
	}
	tlv_put(&v, ASN1_OCTET_STRING, slice_make(id, KEY_ID_LEN));
	put_extension(w, SLICE_OF(oid_subject_key_id), false, wbuf_slice(&v));
}

static void put_policy_and_usage(struct wbuf *w, enum rsp_role role)
{
	const struct role_row *row = &roles[role];
	uint8_t mem[64];
	struct wbuf v = wbuf_init(mem, sizeof(mem));
	size_t list = tlv_open(&v, ASN1_SEQUENCE), info = tlv_open(&v, ASN1_SEQUENCE);

	tlv_put(&v, ASN1_OID, rsp_role_oid(role));
	tlv_close(&v, info);
	tlv_close(&v, list);
	put_extension(w, SLICE_OF(oid_policies), true, wbuf_slice(&v));
	wbuf_reset(&v);
	tlv_put_bits(&v, ASN1_BIT_STRING, (uint32_t)row->usage << 24); /* its first octet */
	put_extension(w, SLICE_OF(oid_key_usage), true, wbuf_slice(&v));
	if (!row->ca)
		return;
	wbuf_reset(&v);
	list = tlv_open(&v, ASN1_SEQUENCE);
	tlv_put_bool(&v, ASN1_BOOLEAN, true);
	if (row->has_path_len)
		tlv_put_uint(&v, ASN1_INTEGER, row->path_len);
	tlv_close(&v, list);
	put_extension(w, SLICE_OF(oid_basic), true, wbuf_slice(&v));
}

static void put_names(struct wbuf *w, const struct issue_request *r)
{
	uint8_t mem[256];
	struct wbuf v = wbuf_init(mem, sizeof(mem));
	size_t marks[5];

	if (r->registered_id.len || r->dns_name) {
		marks[0] = tlv_open(&v, ASN1_SEQUENCE);
		if (r->dns_name)
			tlv_put_str(&v, X509_TAG_DNS_NAME, r->dns_name);
		if (r->registered_id.len)
			tlv_put(&v, X509_TAG_REGISTERED_ID, r->registered_id);
		tlv_close(&v, marks[0]);
		put_extension(w, SLICE_OF(oid_alt_name), false, wbuf_slice(&v));
		wbuf_reset(&v);
	}
	if (r->permitted_serial) { /* NameConstraints { permitted { base directoryName } } */
		marks[0] = tlv_open(&v, ASN1_SEQUENCE);
		marks[1] = tlv_open(&v, X509_TAG_PERMITTED_SUBTREES);
		marks[2] = tlv_open(&v, ASN1_SEQUENCE);
		marks[3] = tlv_open(&v, X509_TAG_DIRECTORY_NAME);
		marks[4] = tlv_open(&v, ASN1_SEQUENCE);
		put_attribute(&v, SLICE_OF(oid_organization), ASN1_UTF8_STRING, r->organization);
		put_attribute(&v, SLICE_OF(oid_serial_number), ASN1_PRINTABLE_STRING,
			      r->permitted_serial);
		for (size_t i = ARRAY_LEN(marks); i-- > 0;)
			tlv_close(&v, marks[i]);
		put_extension(w, SLICE_OF(oid_name_constraints), true, wbuf_slice(&v));
		wbuf_reset(&v);
	}
	if (r->role == RSP_ROLE_DP_TLS) {
		marks[0] = tlv_open(&v, ASN1_SEQUENCE);
		tlv_put(&v, ASN1_OID, SLICE_OF(oid_server_auth));
		tlv_put(&v, ASN1_OID, SLICE_OF(oid_client_auth));
		tlv_close(&v, marks[0]);
		put_extension(w, SLICE_OF(oid_extended_usage), true, wbuf_slice(&v));
	}
	if (v.err)
		wbuf_fail(w, v.err);
}

static void put_algorithm(struct wbuf *w)
{
	size_t mark = tlv_open(w, ASN1_SEQUENCE);

	tlv_put(w, ASN1_OID, SLICE_OF(oid_ecdsa_sha256));
	tlv_close(w, mark);
}

/* The subject's name out of a certificate. */
static struct slice subject_of(struct slice der)
{
	struct cursor c = cursor_of(der), whole = tlv_enter(&c, ASN1_SEQUENCE);
	struct cursor tbs = tlv_enter(&whole, ASN1_SEQUENCE);

	tlv_expect(&tbs, X509_TAG_VERSION);
	tlv_expect(&tbs, ASN1_INTEGER);
	tlv_expect(&tbs, ASN1_SEQUENCE);
	tlv_expect(&tbs, ASN1_SEQUENCE);
	tlv_expect(&tbs, ASN1_SEQUENCE);
	return tlv_expect_raw(&tbs, ASN1_SEQUENCE);
}

static enum err put_tbs(struct wbuf *w, const struct issue_request *r, const struct cert *issuer)
{
	uint8_t serial[SERIAL_LEN], id[KEY_ID_LEN];
	enum err e = random_bytes(serial, sizeof(serial));
	size_t tbs = tlv_open(w, ASN1_SEQUENCE), mark, list;

	if (!e)
		e = key_id_of(r->point, id);
	if (e)
		return e;
	serial[0] = (uint8_t)((serial[0] & 0x7F) | 0x40); /* positive and of full length */
	mark = tlv_open(w, X509_TAG_VERSION);
	tlv_put_uint(w, ASN1_INTEGER, 2); /* version 3 */
	tlv_close(w, mark);
	tlv_put(w, ASN1_INTEGER, SLICE_OF(serial));
	put_algorithm(w);
	if (issuer)
		wbuf_put(w, subject_of(r->issuer_cert));
	else
		put_subject(w, r);
	mark = tlv_open(w, ASN1_SEQUENCE);
	put_time(w, r->not_before);
	put_time(w, r->not_after);
	tlv_close(w, mark);
	put_subject(w, r);
	ec_put_spki(w, r->curve, r->point);
	mark = tlv_open(w, X509_TAG_EXTENSIONS);
	list = tlv_open(w, ASN1_SEQUENCE);
	put_key_ids(w, issuer, id);
	put_policy_and_usage(w, r->role);
	put_names(w, r);
	tlv_close(w, list);
	tlv_close(w, mark);
	tlv_close(w, tbs);
	return wbuf_done(w);
}

/* An INTEGER out of one half of a raw signature */
static void put_half(struct wbuf *w, struct slice half)
{
	size_t skip = 0, mark;

	while (skip + 1 < half.len && slice_at(half, skip) == 0)
		skip++;
	mark = tlv_open(w, ASN1_INTEGER);
	if (slice_at(half, skip) & 0x80)
		wbuf_u8(w, 0);
	wbuf_put(w, slice_sub(half, skip, half.len));
	tlv_close(w, mark);
}

static void put_signature(struct wbuf *w, struct slice raw)
{
	size_t bits = tlv_open(w, ASN1_BIT_STRING), pair;

	wbuf_u8(w, 0);
	pair = tlv_open(w, ASN1_SEQUENCE);
	put_half(w, slice_sub(raw, 0, EC_SIGNATURE_LEN / 2));
	put_half(w, slice_sub(raw, EC_SIGNATURE_LEN / 2, EC_SIGNATURE_LEN / 2));
	tlv_close(w, pair);
	tlv_close(w, bits);
}

enum err issue_signed(struct slice tbs, const struct ec_key *key, struct wbuf *out)
{
	uint8_t signature[EC_SIGNATURE_LEN];
	size_t whole = tlv_open(out, ASN1_SEQUENCE);
	enum err e = ec_sign(key, &tbs, 1, signature);

	if (e)
		return e;
	wbuf_put(out, tbs);
	put_algorithm(out);
	put_signature(out, SLICE_OF(signature));
	tlv_close(out, whole);
	return wbuf_done(out);
}

enum err issue_certificate(const struct issue_request *r, struct wbuf *out)
{
	struct wbuf tbs = wbuf_grow(TBS_MAX);
	struct cert issuer;
	enum err e = ERR_OK;

	if (r->issuer_cert.len)
		e = cert_parse(r->issuer_cert, &issuer);
	if (!e)
		e = put_tbs(&tbs, r, r->issuer_cert.len ? &issuer : NULL);
	if (!e)
		e = issue_signed(wbuf_slice(&tbs), r->issuer_key, out);
	wbuf_free(&tbs);
	return e;
}
