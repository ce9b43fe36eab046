#include "lib/crypto/crl.h"

#include "lib/crypto/cert.h"
#include "lib/crypto/x509.h"

#define VERSION_2 1

enum known { AUTHORITY_KEY_ID, CRL_NUMBER, DISTRIBUTION_POINT, PARTS, PART };

/* The extensions of SGP.22 4.6.2; the last two are id-rspExt 2 and 3 (2.23.146.1.2.0.n) */
static const struct extension {
	enum known id;
	uint8_t oid[8];
	size_t len;
} known[] = {
	{AUTHORITY_KEY_ID, {0x55, 0x1D, 0x23}, 3},
	{CRL_NUMBER, {0x55, 0x1D, 0x14}, 3},
	{DISTRIBUTION_POINT, {0x55, 0x1D, 0x1C}, 3},
	{PARTS, {0x67, 0x81, 0x12, 0x01, 0x02, 0x00, 0x02}, 7},
	{PART, {0x67, 0x81, 0x12, 0x01, 0x02, 0x00, 0x03}, 7},
};

static const struct extension *find_extension(struct slice oid)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (slice_equal(oid, slice_make(known[i].oid, known[i].len)))
			return &known[i];
	}
	return NULL;
}

static uint64_t read_number(struct slice value, struct cursor *c)
{
	struct cursor in = cursor_of(value);
	uint64_t v = tlv_expect_uint(&in, ASN1_INTEGER);

	if (cursor_done(&in))
		cursor_fail(c, ERR_VALUE);
	return v;
}

static uint32_t read_part(struct slice value, struct cursor *c)
{
	uint64_t v = read_number(value, c);

	if (v == 0 || v > UINT32_MAX)
		cursor_fail(c, ERR_VALUE);
	return (uint32_t)v;
}

static void read_key_id(struct slice value, struct cursor *c, struct crl *m)
{
	struct cursor in = cursor_of(value), id = tlv_enter(&in, ASN1_SEQUENCE);

	m->authority_id = tlv_expect(&id, X509_TAG_KEY_IDENTIFIER);
	if (id.err || !m->authority_id.len)
		cursor_fail(c, ERR_VALUE);
}

/* One Extension { oid, critical DEFAULT FALSE, OCTET STRING }; seen: a bit for each known one */
static void read_extension(struct cursor *list, struct crl *m, unsigned *seen)
{
	struct cursor in = tlv_enter(list, ASN1_SEQUENCE);
	const struct extension *x = find_extension(tlv_expect(&in, ASN1_OID));
	bool critical = tlv_peek(&in) == ASN1_BOOLEAN && tlv_expect_bool(&in, ASN1_BOOLEAN);
	struct slice value = tlv_expect(&in, ASN1_OCTET_STRING);

	tlv_leave(list, &in);
	if (list->err)
		return;
	if (!x) {
		if (critical)
			cursor_fail(list, ERR_UNSUPPORTED);
		return;
	}
	if (*seen & 1u << x->id)
		cursor_fail(list, ERR_DUPLICATE);
	*seen |= 1u << x->id;
	switch (x->id) {
	case AUTHORITY_KEY_ID: read_key_id(value, list, m); break;
	case CRL_NUMBER: m->number = read_number(value, list); break;
	case PARTS: m->parts = read_part(value, list); break;
	case PART: m->part = read_part(value, list); break;
	case DISTRIBUTION_POINT: break;
	}
}

static void read_extensions(struct cursor *tbs, struct crl *m)
{
	struct cursor outer = tlv_enter(tbs, X509_TAG_CRL_EXTENSIONS);
	struct cursor list = tlv_enter(&outer, ASN1_SEQUENCE);
	unsigned seen = 0;

	while (!list.err && cursor_left(&list))
		read_extension(&list, m, &seen);
	tlv_leave(&outer, &list);
	tlv_leave(tbs, &outer);
	if (!(seen & 1u << AUTHORITY_KEY_ID) || !(seen & 1u << CRL_NUMBER))
		cursor_fail(tbs, ERR_TAG);
	if (m->part > m->parts)
		cursor_fail(tbs, ERR_VALUE);
}

bool crl_next(struct cursor *entries, struct slice *number)
{
	struct cursor in;
	struct slice v;

	if (entries->err || !cursor_left(entries))
		return false;
	in = tlv_enter(entries, ASN1_SEQUENCE);
	v = tlv_expect(&in, ASN1_INTEGER);
	cert_take_time(&in);
	tlv_optional(&in, ASN1_SEQUENCE, &(struct slice){0});
	tlv_leave(entries, &in);
	while (v.len > 1 && slice_at(v, 0) == 0)
		v = slice_sub(v, 1, v.len);
	if (!v.len || v.len > CERT_NUMBER_MAX)
		cursor_fail(entries, ERR_VALUE);
	*number = v;
	return entries->err == ERR_OK;
}

enum err crl_parse(struct slice der, struct crl *out)
{
	struct cursor c = cursor_of(der), whole = tlv_enter(&c, ASN1_SEQUENCE);
	struct cursor tbs = tlv_enter(&whole, ASN1_SEQUENCE), entries;
	struct crl m = {.der = der, .parts = 1, .part = 1};
	struct slice number;
	enum err e;

	if (tlv_expect_uint(&tbs, ASN1_INTEGER) != VERSION_2)
		cursor_fail(&tbs, ERR_VALUE);
	tlv_expect(&tbs, ASN1_SEQUENCE); /* algorithm */
	m.issuer = tlv_expect_raw(&tbs, ASN1_SEQUENCE);
	m.this_update = cert_take_time(&tbs);
	if (tlv_peek(&tbs) == ASN1_UTC_TIME || tlv_peek(&tbs) == ASN1_GENERALIZED_TIME)
		m.next_update = cert_take_time(&tbs);
	tlv_optional(&tbs, ASN1_SEQUENCE, &m.entries);
	read_extensions(&tbs, &m);
	tlv_leave(&whole, &tbs);
	tlv_expect(&whole, ASN1_SEQUENCE);
	tlv_expect(&whole, ASN1_BIT_STRING);
	tlv_leave(&c, &whole);
	e = cursor_done(&c);
	entries = cursor_of(m.entries);
	while (!e && crl_next(&entries, &number))
		;
	if (!e)
		e = entries.err;
	if (!e)
		*out = m;
	return e;
}
