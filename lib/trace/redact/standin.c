#include "lib/trace/redact/standin.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/base/tlv.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/ec_curve.h"
#include "lib/crypto/symmetric.h"
#include "lib/uicc/luhn.h"

#define SECRET_OCTET 0xFF
#define NETWORK_LEN  5 /* MCC and two digits */
#define PRIVATE_MCC  "999"
#define MCC_LEN	     3
#define ISSUER_LEN   7 /* of an ICCID: 89, country, issuer */
#define INDUSTRY     "89"
#define EID_LEN	     32
#define EID_CHECK    97
#define PLMN_LEN     3
#define SCALAR_LEN   32
#define NO_DIGIT     0xF
#define TEMPLATE_MAX 64

/* A stream of octets that follow from the key and what is given. */
struct stream {
	struct slice key;
	uint8_t seed[SHA256_LEN], block[SHA256_LEN];
	uint32_t counter;
	size_t used;
	enum err err;
};

static struct stream stream_of(const struct standin_maker *m, enum standin_as as,
			       struct slice value, unsigned round)
{
	const uint8_t head[] = {(uint8_t)as, (uint8_t)round, (uint8_t)(value.len >> 8),
				(uint8_t)value.len};
	const struct slice parts[] = {SLICE_OF(head), value};
	struct stream s = {.key = m->key, .used = SHA256_LEN};

	s.err = hmac_sha256(m->key, parts, ARRAY_LEN(parts), s.seed);
	return s;
}

static uint8_t next_octet(struct stream *s)
{
	if (s->used == SHA256_LEN) {
		const uint8_t counter[] = {(uint8_t)(s->counter >> 8), (uint8_t)s->counter};
		const struct slice parts[] = {SLICE_OF(s->seed), SLICE_OF(counter)};
		enum err e = hmac_sha256(s->key, parts, ARRAY_LEN(parts), s->block);

		s->err = s->err ? s->err : e;
		s->counter++;
		s->used = 0;
	}
	return s->block[s->used++];
}

/* 0 to n - 1, each as often. */
static unsigned next_below(struct stream *s, unsigned n)
{
	unsigned octet;

	do {
		octet = next_octet(s);
	} while (octet >= 256 - 256 % n && !s->err);
	return octet % n;
}

static void put_digits(struct stream *s, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)('0' + next_below(s, 10));
}

static bool only_digits(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!isdigit(slice_at(s, i)))
			return false;
	}
	return s.len > 0;
}

/* A stand-in for a number with a check digit has one too. */
static void keep_check_digit(struct slice value, uint8_t *out)
{
	size_t n = value.len;

	if (n && slice_at(value, n - 1) == '0' + luhn_digit(value.ptr, n - 1))
		out[n - 1] = (uint8_t)('0' + luhn_digit(out, n - 1));
}

static unsigned mod_97(const uint8_t *digits, size_t n)
{
	unsigned rest = 0;

	for (size_t i = 0; i < n; i++)
		rest = (10 * rest + digits[i] - '0') % EID_CHECK;
	return rest;
}

/* 999 and two digits, of the first five of an IMSI or PLMN. */
static enum err put_network(const struct standin_maker *m, struct slice digits, uint8_t *out)
{
	struct stream s = stream_of(m, STANDIN_PLMN, slice_sub(digits, 0, NETWORK_LEN), 0);

	memcpy(out, PRIVATE_MCC, MCC_LEN);
	put_digits(&s, out + MCC_LEN, NETWORK_LEN - MCC_LEN);
	return s.err;
}

static enum err make_imsi(const struct standin_maker *m, struct slice value, struct stream *s,
			  uint8_t *out)
{
	if (value.len <= NETWORK_LEN)
		return ERR_LENGTH;
	memcpy(out, value.ptr, NETWORK_LEN);
	put_digits(s, out + NETWORK_LEN, value.len - NETWORK_LEN);
	return m->keeps_network ? ERR_OK : put_network(m, value, out);
}

static enum err make_iccid(const struct standin_maker *m, struct slice value, struct stream *s,
			   uint8_t *out)
{
	size_t kept = m->keeps_network ? ISSUER_LEN : strlen(INDUSTRY);

	if (value.len <= ISSUER_LEN)
		return ERR_LENGTH;
	memcpy(out, value.ptr, kept);
	put_digits(s, out + kept, value.len - kept);
	keep_check_digit(value, out);
	return ERR_OK;
}

static void make_imei(struct slice value, struct stream *s, uint8_t *out)
{
	put_digits(s, out, value.len);
	keep_check_digit(value, out);
}

static enum err make_eid(struct slice value, struct stream *s, uint8_t *out)
{
	unsigned check;

	if (value.len != EID_LEN)
		return ERR_LENGTH;
	memcpy(out, INDUSTRY, strlen(INDUSTRY));
	put_digits(s, out + strlen(INDUSTRY), value.len - strlen(INDUSTRY));
	if (mod_97(value.ptr, value.len) != 1)
		return ERR_OK;
	memcpy(out + EID_LEN - 2, "00", 2);
	check = EID_CHECK + 1 - mod_97(out, EID_LEN);
	out[EID_LEN - 2] = (uint8_t)('0' + check / 10);
	out[EID_LEN - 1] = (uint8_t)('0' + check % 10);
	return ERR_OK;
}

/* TS 24.008 10.5.1.3: MCC2 MCC1, MNC3 MCC3, MNC2 MNC1; MNC3 is F in an MNC of two digits. */
static enum err make_plmn(const struct standin_maker *m, struct slice value, uint8_t *out)
{
	uint8_t digits[2 * PLMN_LEN], network[NETWORK_LEN];
	struct stream s;
	enum err e;

	memcpy(out, value.ptr, PLMN_LEN);
	for (size_t i = 0; i < PLMN_LEN; i++) {
		digits[2 * i] = (uint8_t)('0' + (slice_at(value, i) & 0xF));
		digits[2 * i + 1] = (uint8_t)('0' + (slice_at(value, i) >> 4));
	}
	/* in the order in which an IMSI has them: the third digit of the MNC is the fourth here */
	memmove(digits + 3, digits + 4, 2);
	digits[5] = (uint8_t)('0' + (slice_at(value, 1) >> 4));
	if (m->keeps_network || !only_digits(slice_make(digits, NETWORK_LEN)))
		return ERR_OK;
	e = put_network(m, slice_make(digits, NETWORK_LEN), network);
	s = stream_of(m, STANDIN_DIGITS, slice_make(digits, sizeof(digits)), 0);
	out[0] = (uint8_t)((network[1] - '0') << 4 | (network[0] - '0'));
	out[1] = (uint8_t)((digits[5] == '0' + NO_DIGIT ? NO_DIGIT : next_below(&s, 10)) << 4 |
			   (network[2] - '0'));
	out[2] = (uint8_t)((network[4] - '0') << 4 | (network[3] - '0'));
	return e ? e : s.err;
}

static void make_octets(struct slice value, struct stream *s, uint8_t *out)
{
	for (size_t i = 0; i < value.len; i++)
		out[i] = next_octet(s);
}

static void make_bcd(struct slice value, struct stream *s, uint8_t *out)
{
	for (size_t i = 0; i < value.len; i++) {
		uint8_t high = slice_at(value, i) & 0xF0, low = slice_at(value, i) & 0xF;

		if (high <= 0x90)
			high = (uint8_t)(next_below(s, 10) << 4);
		if (low <= 9)
			low = (uint8_t)next_below(s, 10);
		out[i] = high | low;
	}
}

static void make_text(struct slice value, struct stream *s, uint8_t *out)
{
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = slice_at(value, i);

		if (isdigit(c))
			out[i] = (uint8_t)('0' + next_below(s, 10));
		else if (isupper(c))
			out[i] = (uint8_t)('A' + next_below(s, 26));
		else if (isalpha(c) || c >= 0x80)
			out[i] = (uint8_t)('a' + next_below(s, 26));
		else
			out[i] = c;
	}
}

/* SEC 1 C.4: a private key whose public one is the point. */
static enum err make_point(struct slice value, struct stream *s, uint8_t *out)
{
	enum ec_curve curve = ec_point_check(EC_P256, value) ? EC_BP256R1 : EC_P256;
	uint8_t der[TEMPLATE_MAX], scalar[SCALAR_LEN];
	struct wbuf w = wbuf_init(der, sizeof(der));
	struct ec_key *key = NULL;
	size_t mark = tlv_open(&w, ASN1_SEQUENCE), inner;
	struct slice oid = ec_curve_oid(curve);
	enum err e;

	make_octets(slice_make(scalar, sizeof(scalar)), s, scalar);
	scalar[0] &= 0x7F; /* below the order of either curve */
	tlv_put_uint(&w, ASN1_INTEGER, 1);
	tlv_put(&w, ASN1_OCTET_STRING, SLICE_OF(scalar));
	inner = tlv_open(&w, ASN1_CONTEXTC(0));
	tlv_put(&w, ASN1_OID, oid);
	tlv_close(&w, inner);
	tlv_close(&w, mark);
	e = ec_key_load(wbuf_slice(&w), &key);
	if (!e)
		e = slice_copy(ec_key_point(key), out, value.len);
	ec_key_free(&key);
	secret_wipe(der, sizeof(der));
	return e;
}

static enum err make_area(const struct standin_maker *m, struct slice value, struct stream *s,
			  uint8_t *out)
{
	if (value.len < PLMN_LEN)
		return ERR_LENGTH;
	make_octets(value, s, out);
	return make_plmn(m, slice_sub(value, 0, PLMN_LEN), out);
}

enum err standin_make(const struct standin_maker *m, enum standin_as as, struct slice value,
		      unsigned round, uint8_t out[static STANDIN_VALUE_MAX])
{
	struct stream s = stream_of(m, as, value, round);
	enum err e = ERR_OK;

	if (!value.len || value.len > STANDIN_VALUE_MAX)
		return ERR_LENGTH;
	switch (as) {
	case STANDIN_OCTETS: make_octets(value, &s, out); break;
	case STANDIN_INTEGER:
		make_octets(value, &s, out);
		out[0] = slice_at(value, 0);
		break;
	case STANDIN_POINT:
		if (value.len == EC_POINT_LEN)
			e = make_point(value, &s, out);
		else
			make_octets(value, &s, out);
		break;
	case STANDIN_SECRET: memset(out, SECRET_OCTET, value.len); break;
	case STANDIN_BCD: make_bcd(value, &s, out); break;
	case STANDIN_TEXT: make_text(value, &s, out); break;
	case STANDIN_DIGITS: put_digits(&s, out, value.len); break;
	case STANDIN_IMSI: e = make_imsi(m, value, &s, out); break;
	case STANDIN_ICCID: e = make_iccid(m, value, &s, out); break;
	case STANDIN_EID: e = make_eid(value, &s, out); break;
	case STANDIN_IMEI: make_imei(value, &s, out); break;
	case STANDIN_PLMN: e = value.len == PLMN_LEN ? make_plmn(m, value, out) : ERR_LENGTH; break;
	case STANDIN_AREA: e = make_area(m, value, &s, out); break;
	}
	e = e ? e : s.err;
	secret_wipe(&s, sizeof(s));
	return e;
}
