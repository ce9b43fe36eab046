#include "lib/crypto/ec_private.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/base/secret.h"
#include "lib/base/tlv.h"

#define KEY_MAX 65536
#define PKCS8	"PRIVATE KEY"
#define SEC1	"EC PRIVATE KEY"

static void take_number(struct cursor *key, struct ec_private *out)
{
	struct slice n = tlv_expect(key, ASN1_OCTET_STRING);
	struct wbuf number;

	/* some leave out the zeros at its front, or put one more there (RFC 5915 3: 32 octets) */
	while (n.len > EC_NUMBER_LEN && slice_at(n, 0) == 0)
		n = slice_sub(n, 1, n.len - 1);
	if (!n.len || n.len > EC_NUMBER_LEN) {
		cursor_fail(key, ERR_KEY);
		return;
	}
	number = wbuf_init(out->number, EC_NUMBER_LEN);
	wbuf_fill(&number, 0, EC_NUMBER_LEN - n.len);
	wbuf_put(&number, n);
}

/* A compressed point is ignored: the point can be computed. */
static void take_point(struct cursor *key, struct ec_private *out)
{
	struct cursor part = tlv_enter(key, EC_TAG_PUBLIC_KEY);
	struct slice bits = tlv_expect(&part, ASN1_BIT_STRING);

	tlv_leave(key, &part);
	if (bits.len != 1 + EC_POINT_LEN || slice_at(bits, 0))
		return;
	out->has_point = true;
	(void)!slice_copy(slice_sub(bits, 1, EC_POINT_LEN), out->point, EC_POINT_LEN);
}

/* RFC 5915. known: the curve stands outside already. */
static enum err parse_sec1(struct slice der, bool known, struct ec_private *out)
{
	struct cursor c = cursor_of(der), key = tlv_enter(&c, ASN1_SEQUENCE);
	enum ec_curve curve;

	if (tlv_expect_uint(&key, ASN1_INTEGER) != 1)
		return ERR_KEY;
	take_number(&key, out);
	if (tlv_peek(&key) == EC_TAG_PARAMETERS) {
		struct cursor part = tlv_enter(&key, EC_TAG_PARAMETERS);

		if (!ec_curve_from_oid(tlv_expect(&part, ASN1_OID), &curve) ||
		    (known && curve != out->curve))
			return ERR_KEY;
		tlv_leave(&key, &part);
		out->curve = curve;
		known = true;
	}
	if (tlv_peek(&key) == EC_TAG_PUBLIC_KEY)
		take_point(&key, out);
	tlv_leave(&c, &key);
	return cursor_done(&c) || !known ? ERR_KEY : ERR_OK;
}

/* RFC 5958: what stands behind the key (attributes, a public key) is not needed. */
static enum err parse_pkcs8(struct slice der, struct ec_private *out)
{
	struct cursor c = cursor_of(der), whole = tlv_enter(&c, ASN1_SEQUENCE), algorithm;
	uint64_t version = tlv_expect_uint(&whole, ASN1_INTEGER);
	struct slice type, group, key;

	algorithm = tlv_enter(&whole, ASN1_SEQUENCE);
	type = tlv_expect(&algorithm, ASN1_OID);
	group = tlv_expect(&algorithm, ASN1_OID);
	tlv_leave(&whole, &algorithm);
	key = tlv_expect(&whole, ASN1_OCTET_STRING);
	if (whole.err || version > 1 || !slice_equal(type, ec_public_key_oid()) ||
	    !ec_curve_from_oid(group, &out->curve))
		return ERR_KEY;
	cursor_take_rest(&whole);
	tlv_leave(&c, &whole);
	return cursor_done(&c) ? ERR_KEY : parse_sec1(key, true, out);
}

/* Both forms begin with a version; the tag behind it tells which one it is. */
static enum err parse_der(struct slice der, struct ec_private *out)
{
	struct cursor c = cursor_of(der), whole = tlv_enter(&c, ASN1_SEQUENCE);

	(void)tlv_expect_uint(&whole, ASN1_INTEGER);
	return tlv_peek(&whole) == ASN1_OCTET_STRING ? parse_sec1(der, false, out)
						     : parse_pkcs8(der, out);
}

/* Where text contains what; the length of text: nowhere. */
static size_t find_text(struct slice text, const char *what)
{
	size_t at = 0;

	while (at < text.len && !slice_starts(slice_sub(text, at, text.len), slice_str(what)))
		at++;
	return at;
}

/* The text between the lines that begin and end a block of this label. */
static struct slice block(struct slice pem, const char *label)
{
	char begin[64], end[64];
	size_t from, to;

	snprintf(begin, sizeof(begin), "-----BEGIN %s-----", label);
	snprintf(end, sizeof(end), "-----END %s-----", label);
	from = find_text(pem, begin);
	if (from == pem.len)
		return SLICE_EMPTY;
	pem = slice_sub(pem, from + strlen(begin), pem.len);
	to = find_text(pem, end);
	return to == pem.len ? SLICE_EMPTY : slice_sub(pem, 0, to);
}

static enum err parse_pem(struct slice pem, struct ec_private *out)
{
	static const char *const labels[] = {PKCS8, SEC1};
	struct wbuf der = wbuf_grow(KEY_MAX);
	struct slice text = SLICE_EMPTY;
	enum err e;

	for (size_t i = 0; !text.len && i < ARRAY_LEN(labels); i++)
		text = block(pem, labels[i]);
	e = text.len ? base64_decode(text, &der) : ERR_KEY;
	if (!e)
		e = parse_der(wbuf_slice(&der), out);
	wbuf_free(&der);
	return e ? ERR_KEY : ERR_OK;
}

enum err ec_private_parse(struct slice encoded, struct ec_private *out)
{
	struct ec_private k = {.has_point = false};
	enum err e = slice_at(encoded, 0) == ASN1_SEQUENCE ? parse_der(encoded, &k)
							   : parse_pem(encoded, &k);

	if (!e)
		*out = k;
	secret_wipe(&k, sizeof(k));
	return e;
}
