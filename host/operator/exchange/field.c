#include "host/operator/exchange/field.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/operator/release/prepare.h"
#include "lib/auth/sqn.h"
#include "lib/base/secret.h"
#include "lib/base/utf8.h"
#include "lib/profile/simfile.h"

#define IMSI_DIGITS_MIN 6
#define VALUE_CAP	80

static void fault(const struct field *f, const char *why)
{
	exchange_fault(f->list, f->number, f->name, why);
}

static bool parts_words(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct slice trimmed(struct slice v)
{
	while (v.len && parts_words(slice_at(v, 0)))
		v = slice_sub(v, 1, v.len);
	while (v.len && parts_words(slice_at(v, v.len - 1)))
		v = slice_sub(v, 0, v.len - 1);
	return v;
}

bool field_is_empty(const struct field *f)
{
	return trimmed(f->value).len == 0;
}

/* The value as a short text; why: what is said of one that is too long. False: it is empty, or was
 * too long. */
static bool text_of(const struct field *f, char out[static VALUE_CAP], const char *why)
{
	struct slice v = trimmed(f->value);

	if (slice_text(v, out, VALUE_CAP)) {
		fault(f, why);
		return false;
	}
	return v.len > 0;
}

void field_imsi(const struct field *f, char imsi[static IMSI_MAX + 1])
{
	static const char why[] = "must be 6 to 15 digits";
	char text[VALUE_CAP];

	if (!text_of(f, text, why))
		return;
	if (profile_digits(text, IMSI_DIGITS_MIN, IMSI_MAX))
		(void)!slice_text(slice_str(text), imsi, IMSI_MAX + 1);
	else
		fault(f, why);
}

void field_msisdn(const struct field *f, char msisdn[static PROFILE_NUMBER_MAX + 1])
{
	static const char why[] = "must be 1 to 20 digits, after a + where it is international",
			  scheme[] = "msisdn-";
	char text[VALUE_CAP];
	const char *number = text;

	if (!text_of(f, text, why))
		return;
	if (strncmp(number, scheme, strlen(scheme)) == 0)
		number += strlen(scheme);
	if (!*number)
		return;
	if (profile_is_number(number))
		(void)!slice_text(slice_str(number), msisdn, PROFILE_NUMBER_MAX + 1);
	else
		fault(f, why);
}

void field_iccid(const struct field *f, char iccid[static PROFILE_ICCID_TEXT])
{
	static const char why[] = "must be 18 to 20 digits";
	char text[VALUE_CAP];
	size_t n;

	if (!text_of(f, text, why))
		return;
	n = strlen(text);
	while (n && (text[n - 1] == 'F' || text[n - 1] == 'f')) /* the filler of EF.ICCID */
		text[--n] = 0;
	if (!profile_digits(text, 18, 20)) {
		fault(f, why);
		return;
	}
	if (n == 19 && text[18] != prepare_check_digit(text, 18))
		exchange_warn(f->list, f->number, f->name,
			      "the last of its 19 digits is not the check digit of the others");
	(void)!slice_text(slice_str(text), iccid, PROFILE_ICCID_TEXT);
}

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static struct slice without_0x(struct slice v)
{
	bool has = v.len > 1 && slice_at(v, 0) == '0' && (slice_at(v, 1) | 0x20) == 'x';

	return has ? slice_sub(v, 2, v.len) : v;
}

/* The digits of v but for what parts them; false: something is no digit, or there is no room. */
static bool hex_digits(struct slice v, uint8_t *out, size_t cap, size_t *digits)
{
	size_t n = 0;

	v = without_0x(trimmed(v));
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = slice_at(v, i);
		int d = digit_of(c);

		if (d < 0 && (parts_words(c) || c == ':' || c == '-'))
			continue;
		if (d < 0 || n == 2 * cap)
			return false;
		out[n / 2] = (uint8_t)(n % 2 ? out[n / 2] | d : d << 4);
		n++;
	}
	*digits = n;
	return true;
}

void field_key(const struct field *f, struct exchange_key *out)
{
	struct exchange_key k = {0};
	size_t digits = 0;

	if (!hex_digits(f->value, k.octets, sizeof(k.octets), &digits))
		fault(f, "must be hex: 32 digits, or 64 with TUAK");
	else if (digits && digits != 32 && digits != 64)
		fault(f, "must have 32 hex digits, or 64 with TUAK");
	else if (digits) {
		k.len = digits / 2;
		*out = k;
	}
	secret_wipe(&k, sizeof(k));
}

void field_amf(const struct field *f, struct exchange_half *out)
{
	uint8_t amf[AKA_AMF_LEN] = {0};
	size_t digits = 0;

	if (!hex_digits(f->value, amf, sizeof(amf), &digits) || (digits && digits != 4)) {
		fault(f, "must be 4 hex digits");
	} else if (digits) {
		memcpy(out->amf, amf, sizeof(amf));
		out->has_amf = true;
	}
}

static bool hex_number(struct slice v, uint64_t *out)
{
	uint64_t n = 0;

	if (!v.len || v.len > SQN_BITS / 4)
		return false;
	for (size_t i = 0; i < v.len; i++) {
		int d = digit_of(slice_at(v, i));

		if (d < 0)
			return false;
		n = n << 4 | (unsigned)d;
	}
	*out = n;
	return true;
}

static bool decimal_number(struct slice v, uint64_t *out)
{
	uint64_t n = 0;

	if (!v.len || v.len > 15)
		return false;
	for (size_t i = 0; i < v.len; i++) {
		int d = digit_of(slice_at(v, i));

		if (d < 0 || d > 9)
			return false;
		n = n * 10 + (unsigned)d;
	}
	*out = n;
	return n <= SQN_MAX;
}

void field_sqn(const struct field *f, enum field_base base, struct exchange_half *out)
{
	struct slice v = trimmed(f->value), plain = without_0x(v);
	bool hex = base == FIELD_HEX || plain.len != v.len ||
		   (base == FIELD_ANY && v.len == SQN_BITS / 4);
	uint64_t n = 0;

	if (!v.len)
		return;
	if (!(hex ? hex_number(plain, &n) : decimal_number(v, &n))) {
		fault(f, "must be a number of 48 bits: 12 hex digits, hex after 0x, or decimal");
		return;
	}
	out->sqn = n;
	out->has_sqn = true;
}

void field_algorithm(const struct field *f, enum aka_algorithm *out)
{
	static const enum aka_algorithm known[] = {AKA_MILENAGE, AKA_TUAK, AKA_XOR};
	static const char why[] = "must be milenage, tuak or xor";
	char text[VALUE_CAP];

	if (!text_of(f, text, why))
		return;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strcasecmp(text, simfile_algorithm(known[i])) == 0) {
			*out = known[i];
			return;
		}
	}
	if (strncasecmp(text, "comp128", strlen("comp128")) == 0)
		fault(f, "COMP128 has no sequence numbers, and Twinkey none of it: give the card a "
			 "key for MILENAGE or TUAK first");
	else
		fault(f, why);
}

void field_uint(const struct field *f, unsigned max, unsigned *out)
{
	struct slice v = trimmed(f->value);
	uint64_t n = 0;

	if (!v.len)
		return;
	if (!decimal_number(v, &n) || n > max)
		fault(f, "is out of its range (docs/moving-in.md)");
	else
		*out = (unsigned)n;
}

void field_bool(const struct field *f, bool *out)
{
	struct slice v = trimmed(f->value);

	if (slice_is(v, "yes") || slice_is(v, "true") || slice_is(v, "1"))
		*out = true;
	else if (slice_is(v, "no") || slice_is(v, "false") || slice_is(v, "0") || !v.len)
		*out = false;
	else
		fault(f, "must be yes or no");
}

void field_text(const struct field *f, char *out, size_t cap)
{
	size_t n = 0;

	if (f->value.len >= cap)
		fault(f, "is too long");
	else if (utf8_count(f->value, &n) || slice_text(f->value, out, cap))
		fault(f, "must be text in UTF-8");
}
