#include "lib/trace/redact/certificate.h"

#include <ctype.h>

#include "lib/base/tlv.h"

#define DEPTH_MAX   12
#define NUMBER_MIN  4
#define OCTETS_MIN  16
#define EID_DIGITS  32
#define POINT_FIRST 0x04
#define POINT_LEN   65
#define CONSTRUCTED 0x20
#define DNS_NAME    ASN1_CONTEXT(2) /* RFC 5280 4.2.1.6 */

static void give_part(const struct certificate_sink *sink, enum certificate_is is, struct slice v)
{
	sink->take(sink->ctx, &(struct certificate_part){is, v});
}

static bool is_eid(struct slice v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (!isdigit(slice_at(v, i)))
			return false;
	}
	return v.len == EID_DIGITS;
}

static bool is_host(struct slice v)
{
	bool dot = false;

	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = slice_at(v, i);

		dot = dot || c == '.';
		if (!isalnum(c) && c != '.' && c != '-')
			return false;
	}
	return dot;
}

static bool is_der(struct slice s)
{
	struct cursor c = cursor_of(s);
	struct tlv t;

	while (tlv_next(&c, &t))
		;
	return s.len > 2 && !cursor_done(&c);
}

static void walk(struct slice der, unsigned depth, const struct certificate_sink *sink);

static void take_string(struct slice v, unsigned depth, const struct certificate_sink *sink)
{
	if (v.len == POINT_LEN && slice_at(v, 0) == POINT_FIRST)
		give_part(sink, CERTIFICATE_POINT, v);
	else if (is_der(v))
		walk(v, depth + 1, sink);
	else if (v.len >= OCTETS_MIN)
		give_part(sink, CERTIFICATE_OCTETS, v);
}

static void take_object(const struct tlv *t, unsigned depth, const struct certificate_sink *sink)
{
	switch (t->tag) {
	case ASN1_INTEGER:
		if (t->value.len >= NUMBER_MIN)
			give_part(sink, CERTIFICATE_NUMBER, t->value);
		break;
	case ASN1_BIT_STRING: take_string(slice_sub(t->value, 1, t->value.len), depth, sink); break;
	case ASN1_OCTET_STRING: take_string(t->value, depth, sink); break;
	case ASN1_UTF8_STRING:
	case ASN1_PRINTABLE_STRING:
		if (is_eid(t->value))
			give_part(sink, CERTIFICATE_EID, t->value);
		break;
	case DNS_NAME:
		if (is_host(t->value))
			give_part(sink, CERTIFICATE_HOST, t->value);
		break;
	default:
		if (t->tag <= UINT8_MAX && t->tag & CONSTRUCTED)
			walk(t->value, depth + 1, sink);
	}
}

static void walk(struct slice der, unsigned depth, const struct certificate_sink *sink)
{
	struct cursor c = cursor_of(der);
	struct tlv t;

	while (depth < DEPTH_MAX && tlv_next(&c, &t))
		take_object(&t, depth, sink);
}

void certificate_parts(struct slice der, const struct certificate_sink *sink)
{
	walk(der, 0, sink);
}
