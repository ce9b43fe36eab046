#include "lib/crypto/cert.h"

#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/crypto/x509.h"

static enum err copy_octets(const ASN1_STRING *s, uint8_t *dst, size_t cap, size_t *len)
{
	int n = s ? ASN1_STRING_length(s) : 0;

	if (n < 0 || (size_t)n > cap)
		return ERR_UNSUPPORTED;
	if (n)
		memcpy(dst, ASN1_STRING_get0_data(s), (size_t)n);
	*len = (size_t)n;
	return ERR_OK;
}

static enum err copy_oid(const ASN1_OBJECT *o, struct cert_oid *out)
{
	size_t n = o ? OBJ_length(o) : 0;

	if (n == 0 || n > sizeof(out->bytes))
		return ERR_UNSUPPORTED;
	memcpy(out->bytes, OBJ_get0_data(o), n);
	out->len = n;
	return ERR_OK;
}

/* The one attribute of a name as text; "" when it is not there, ERR_DUPLICATE when twice. */
static enum err name_text(const X509_NAME *name, int nid, char *dst, size_t cap)
{
	int at = X509_NAME_get_index_by_NID(name, nid, -1);
	const ASN1_STRING *s;

	dst[0] = 0;
	if (at < 0)
		return ERR_OK;
	if (X509_NAME_get_index_by_NID(name, nid, at) >= 0)
		return ERR_DUPLICATE;
	s = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	return slice_text(slice_make(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)), dst,
			  cap);
}

/*
 * RFC 5280 4.1, the fields that are read. d2i_X509() would do, but it also sets up the public key
 * for OpenSSL, which costs more than all the rest and which nothing here needs.
 */
struct parts {
	struct slice number, spki;
	X509_NAME *issuer, *subject;
	int64_t not_before, not_after;
	STACK_OF(X509_EXTENSION) * extensions;
};

static void free_parts(struct parts *p)
{
	X509_NAME_free(p->issuer);
	X509_NAME_free(p->subject);
	sk_X509_EXTENSION_pop_free(p->extensions, X509_EXTENSION_free);
}

/* The next object with its tag and length, which OpenSSL reads. */
static struct slice take_raw(struct cursor *c)
{
	struct tlv item = {0};

	if (!tlv_next(c, &item))
		cursor_fail(c, ERR_ENCODING);
	return item.raw;
}

static X509_NAME *take_name(struct cursor *c)
{
	struct slice raw = take_raw(c);
	const unsigned char *der = raw.ptr;
	X509_NAME *name = raw.len ? d2i_X509_NAME(NULL, &der, (long)raw.len) : NULL;

	if (!name)
		cursor_fail(c, ERR_ENCODING);
	return name;
}

int64_t cert_take_time(struct cursor *c)
{
	struct slice raw = take_raw(c);
	const unsigned char *der = raw.ptr;
	ASN1_TIME *t = raw.len ? d2i_ASN1_TIME(NULL, &der, (long)raw.len) : NULL;
	struct tm tm;
	int64_t v = 0;

	if (t && ASN1_TIME_to_tm(t, &tm))
		v = timegm(&tm);
	else
		cursor_fail(c, ERR_ENCODING);
	ASN1_TIME_free(t);
	return v;
}

/* [3] EXPLICIT, the last field; the unique identifiers before it are not in use. */
static void take_extensions(struct cursor *tbs, struct parts *p)
{
	struct cursor in;
	struct slice raw;
	const unsigned char *der;

	if (cursor_left(tbs) == 0)
		return;
	in = tlv_enter(tbs, X509_TAG_EXTENSIONS);
	raw = tlv_expect_raw(&in, ASN1_SEQUENCE);
	tlv_leave(tbs, &in);
	if (tbs->err)
		return;
	der = raw.ptr;
	p->extensions = d2i_X509_EXTENSIONS(NULL, &der, (long)raw.len);
	if (!p->extensions)
		cursor_fail(tbs, ERR_ENCODING);
}

static void take_tbs(struct cursor *c, struct slice algorithm, struct parts *p)
{
	struct cursor tbs = tlv_enter(c, ASN1_SEQUENCE), validity;

	if (tlv_peek(&tbs) == X509_TAG_VERSION)
		tlv_expect(&tbs, X509_TAG_VERSION);
	p->number = tlv_expect(&tbs, ASN1_INTEGER);
	if (!slice_equal(tlv_expect_raw(&tbs, ASN1_SEQUENCE), algorithm))
		cursor_fail(&tbs, ERR_UNSUPPORTED);
	p->issuer = take_name(&tbs);
	validity = tlv_enter(&tbs, ASN1_SEQUENCE);
	p->not_before = cert_take_time(&validity);
	p->not_after = cert_take_time(&validity);
	tlv_leave(&tbs, &validity);
	p->subject = take_name(&tbs);
	p->spki = tlv_expect_raw(&tbs, ASN1_SEQUENCE);
	take_extensions(&tbs, p);
	tlv_leave(c, &tbs);
}

static enum err take_parts(struct slice der, struct parts *p)
{
	/* ecdsa-with-SHA256, RFC 5758 3.2 */
	static const uint8_t algorithm[] = {0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86,
					    0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
	struct cursor c = cursor_of(der), in = tlv_enter(&c, ASN1_SEQUENCE);
	enum err e;

	take_tbs(&in, SLICE_OF(algorithm), p);
	if (!slice_equal(tlv_expect_raw(&in, ASN1_SEQUENCE), SLICE_OF(algorithm)))
		cursor_fail(&in, ERR_UNSUPPORTED);
	tlv_expect(&in, ASN1_BIT_STRING);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	return e && e != ERR_UNSUPPORTED ? ERR_ENCODING : e;
}

/* The magnitude; a certificate's number is positive (RFC 5280 4.1.2.2). */
static enum err read_number(struct slice v, struct cert *c)
{
	while (v.len > 1 && slice_at(v, 0) == 0)
		v = slice_sub(v, 1, v.len);
	if (v.len > sizeof(c->number))
		return ERR_UNSUPPORTED;
	c->number_len = v.len;
	return slice_copy(v, c->number, v.len);
}

static enum err read_key(const struct parts *x, struct cert *c)
{
	struct slice point = SLICE_EMPTY;
	enum err e = ec_parse_spki(x->spki, &c->curve, &point);

	return e ? e : slice_copy(point, c->point, sizeof(c->point));
}

static enum err read_key_ids(const struct parts *x, struct cert *c)
{
	ASN1_STRING *own = X509V3_get_d2i(x->extensions, NID_subject_key_identifier, NULL, NULL);
	AUTHORITY_KEYID *issuer =
		X509V3_get_d2i(x->extensions, NID_authority_key_identifier, NULL, NULL);
	enum err e = copy_octets(own, c->key_id, sizeof(c->key_id), &c->key_id_len);

	if (!e)
		e = copy_octets(issuer ? issuer->keyid : NULL, c->authority_id,
				sizeof(c->authority_id), &c->authority_id_len);
	ASN1_STRING_free(own);
	AUTHORITY_KEYID_free(issuer);
	return e;
}

static enum err read_policies(const struct parts *x, struct cert *c)
{
	CERTIFICATEPOLICIES *p =
		X509V3_get_d2i(x->extensions, NID_certificate_policies, NULL, NULL);
	int n = sk_POLICYINFO_num(p);
	enum err e = ERR_OK;

	if (n > CERT_POLICIES_MAX)
		e = ERR_UNSUPPORTED;
	for (int i = 0; i < n && !e; i++)
		e = copy_oid(sk_POLICYINFO_value(p, i)->policyid, &c->policies[c->policy_count++]);
	CERTIFICATEPOLICIES_free(p);
	return e;
}

static enum err read_alt_name(const struct parts *x, struct cert *c)
{
	GENERAL_NAMES *names = X509V3_get_d2i(x->extensions, NID_subject_alt_name, NULL, NULL);
	enum err e = ERR_OK;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && !e; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);

		if (g->type == GEN_RID)
			e = copy_oid(g->d.registeredID, &c->rid);
	}
	GENERAL_NAMES_free(names);
	return e;
}

static enum err read_constraint(const struct parts *x, struct cert *c)
{
	int found = -1; /* stays when there is none */
	NAME_CONSTRAINTS *nc = X509V3_get_d2i(x->extensions, NID_name_constraints, &found, NULL);
	int n = nc ? sk_GENERAL_SUBTREE_num(nc->permittedSubtrees) : 0;
	enum err e = !nc && found != -1 ? ERR_ENCODING : ERR_OK;

	/* SGP.22 4.5.2.1.0.2 has permitted names only; excluded ones must not be ignored */
	if (nc && sk_GENERAL_SUBTREE_num(nc->excludedSubtrees) > 0)
		e = ERR_UNSUPPORTED;
	for (int i = 0; i < n && !e; i++) {
		const GENERAL_NAME *g = sk_GENERAL_SUBTREE_value(nc->permittedSubtrees, i)->base;

		if (g->type != GEN_DIRNAME || i > 0) {
			e = ERR_UNSUPPORTED;
			break;
		}
		e = name_text(g->d.directoryName, NID_serialNumber, c->permitted_serial,
			      sizeof(c->permitted_serial));
		if (!e)
			e = name_text(g->d.directoryName, NID_organizationName, c->permitted_org,
				      sizeof(c->permitted_org));
	}
	NAME_CONSTRAINTS_free(nc);
	return e;
}

/* Usage, basic constraints, and whether there is a critical extension that nothing here reads. */
static void read_flags(const struct parts *x, struct cert *c)
{
	static const int known[] = {
		NID_key_usage,	      NID_basic_constraints, NID_certificate_policies,
		NID_name_constraints, NID_ext_key_usage,     NID_subject_alt_name};
	ASN1_STRING *usage = X509V3_get_d2i(x->extensions, NID_key_usage, NULL, NULL);
	BASIC_CONSTRAINTS *basic = X509V3_get_d2i(x->extensions, NID_basic_constraints, NULL, NULL);

	c->has_usage = usage && usage->length > 0;
	if (c->has_usage)
		c->usage = usage->data[0];
	c->has_basic = basic != NULL;
	c->is_ca = basic && basic->ca;
	c->has_path_len = basic && basic->pathlen;
	if (c->has_path_len)
		c->path_len = (unsigned)ASN1_INTEGER_get(basic->pathlen);
	ASN1_STRING_free(usage);
	BASIC_CONSTRAINTS_free(basic);
	for (int i = 0; i < X509v3_get_ext_count(x->extensions); i++) {
		X509_EXTENSION *ext = X509v3_get_ext(x->extensions, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(ext));
		bool read = false;

		for (size_t k = 0; k < ARRAY_LEN(known); k++)
			read = read || nid == known[k];
		bool critical = X509_EXTENSION_get_critical(ext);

		if (nid == NID_key_usage)
			c->usage_critical = critical;
		if (nid == NID_certificate_policies)
			c->policies_critical = critical;
		if (nid == NID_basic_constraints)
			c->basic_critical = critical;
		if (critical && !read)
			c->has_unknown_critical = true;
	}
}

static enum err hash_name(const X509_NAME *name, uint8_t out[static SHA256_LEN])
{
	const unsigned char *der;
	size_t n;
	struct slice s;

	if (!X509_NAME_get0_der(name, &der, &n))
		return ERR_CRYPTO;
	s = slice_make(der, n);
	return sha256(&s, 1, out);
}

static enum err read_fields(const struct parts *x, struct cert *c)
{
	const X509_NAME *subject = x->subject, *issuer = x->issuer;
	enum err e = read_key(x, c);

	c->not_before = x->not_before;
	c->not_after = x->not_after;
	if (!e)
		e = read_number(x->number, c);
	if (!e)
		e = read_key_ids(x, c);
	if (!e)
		e = name_text(subject, NID_serialNumber, c->subject_serial,
			      sizeof(c->subject_serial));
	if (!e)
		e = name_text(subject, NID_organizationName, c->subject_org,
			      sizeof(c->subject_org));
	if (!e)
		e = read_policies(x, c);
	if (!e)
		e = read_alt_name(x, c);
	if (!e)
		e = read_constraint(x, c);
	if (!e)
		e = hash_name(subject, c->subject_hash);
	if (!e)
		e = hash_name(issuer, c->issuer_hash);
	read_flags(x, c);
	c->self_issued = slice_equal(SLICE_OF(c->subject_hash), SLICE_OF(c->issuer_hash));
	return e;
}

enum err cert_parse(struct slice der, struct cert *out)
{
	struct parts parts = {0};
	struct cert c = {.der = der};
	enum err e = take_parts(der, &parts);

	if (!e)
		e = read_fields(&parts, &c);
	free_parts(&parts);
	ERR_clear_error();
	if (!e)
		*out = c;
	return e;
}

/* Certificates carry signatures as DER SEQUENCE { r, s }; ec_verify() takes r || s. */
static enum err raw_signature(struct slice der, uint8_t out[static EC_SIGNATURE_LEN])
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, ASN1_SEQUENCE);
	enum err e;

	memset(out, 0, EC_SIGNATURE_LEN);
	for (size_t i = 0; i < 2; i++) {
		struct slice v = tlv_expect(&in, ASN1_INTEGER);

		if (v.len && slice_at(v, 0) == 0)
			v = slice_sub(v, 1, v.len);
		if (v.len > EC_SIGNATURE_LEN / 2)
			cursor_fail(&in, ERR_SIGNATURE);
		else if (v.len)
			memcpy(out + (i + 1) * EC_SIGNATURE_LEN / 2 - v.len, v.ptr, v.len);
	}
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	return e ? ERR_SIGNATURE : ERR_OK;
}

enum err cert_check_signed(struct slice der, const struct cert *issuer)
{
	uint8_t signature[EC_SIGNATURE_LEN];
	struct cursor c = cursor_of(der), in = tlv_enter(&c, ASN1_SEQUENCE);
	struct slice tbs = tlv_expect_raw(&in, ASN1_SEQUENCE), bits;
	enum err e;

	tlv_expect(&in, ASN1_SEQUENCE);
	bits = tlv_expect(&in, ASN1_BIT_STRING);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (e || slice_at(bits, 0) != 0)
		return ERR_SIGNATURE;
	e = raw_signature(slice_sub(bits, 1, bits.len), signature);
	if (!e)
		e = ec_verify(issuer->curve, cert_point(issuer), &tbs, 1, SLICE_OF(signature));
	return e;
}

enum err cert_check_signature(const struct cert *subject, const struct cert *issuer)
{
	if (!slice_equal(SLICE_OF(subject->issuer_hash), SLICE_OF(issuer->subject_hash)))
		return ERR_CERT_UNTRUSTED;
	return cert_check_signed(subject->der, issuer);
}

struct slice cert_point(const struct cert *c)
{
	return SLICE_OF(c->point);
}

struct slice cert_number(const struct cert *c)
{
	return slice_make(c->number, c->number_len);
}

struct slice cert_key_id(const struct cert *c)
{
	return slice_make(c->key_id, c->key_id_len);
}

struct slice cert_authority_id(const struct cert *c)
{
	return slice_make(c->authority_id, c->authority_id_len);
}

struct slice cert_rid(const struct cert *c)
{
	return slice_make(c->rid.bytes, c->rid.len);
}

bool cert_has_policy(const struct cert *c, struct slice oid)
{
	for (size_t i = 0; i < c->policy_count; i++) {
		if (slice_equal(slice_make(c->policies[i].bytes, c->policies[i].len), oid))
			return true;
	}
	return false;
}
