#include "lib/trace/decode/rsp/certificate.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/rsp/cert.h"

#define NAME_CAP   200
#define TIME_CAP   32
#define PART_MAX   64
#define VERSION	   ASN1_CONTEXTC(0)
#define EXTENSIONS ASN1_CONTEXTC(3)

/* X.520: the last arc of 2.5.4 */
static const struct attribute {
	uint8_t oid[3];
	const char *name;
} attributes[] = {
	{{0x55, 0x04, 0x03}, "CN"}, {{0x55, 0x04, 0x05}, "serialNumber"}, {{0x55, 0x04, 0x06}, "C"},
	{{0x55, 0x04, 0x07}, "L"},  {{0x55, 0x04, 0x08}, "ST"},		  {{0x55, 0x04, 0x0A}, "O"},
	{{0x55, 0x04, 0x0B}, "OU"},
};

static const char *const roles[RSP_ROLE_COUNT] = {
	[RSP_ROLE_CI] = "CI",
	[RSP_ROLE_EUICC] = "eUICC",
	[RSP_ROLE_EUM] = "EUM",
	[RSP_ROLE_DP_TLS] = "SM-DP+, TLS",
	[RSP_ROLE_DP_AUTH] = "SM-DP+, authentication",
	[RSP_ROLE_DP_PB] = "SM-DP+, profile binding",
	[RSP_ROLE_DS_TLS] = "SM-DS, TLS",
	[RSP_ROLE_DS_AUTH] = "SM-DS, authentication",
};

static const char *attribute_name(struct slice oid)
{
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
		if (slice_equal(oid, SLICE_OF(attributes[i].oid)))
			return attributes[i].name;
	}
	return "?";
}

/* RFC 5280 4.1.2.4: SEQUENCE OF SET OF { type, value }. */
static void write_name(struct slice name, char out[static NAME_CAP])
{
	struct cursor rdns = cursor_of(name);
	struct tlv set, pair, value;
	size_t n = 0;

	out[0] = 0;
	while (tlv_next(&rdns, &set)) {
		struct cursor in = cursor_of(set.value), inner;
		char part[PART_MAX + 1];
		struct slice oid;

		if (!tlv_next(&in, &pair))
			return;
		inner = cursor_of(pair.value);
		oid = tlv_expect(&inner, ASN1_OID);
		if (!tlv_next(&inner, &value) ||
		    slice_text(slice_sub(value.value, 0, PART_MAX), part, sizeof(part)))
			return;
		n += (size_t)snprintf(out + n, NAME_CAP - n, "%s%s=%s", n ? ", " : "",
				      attribute_name(oid), part);
		if (n >= NAME_CAP)
			return;
	}
}

/* "YYMMDDHHMMSSZ" or with four digits of the year, as people write it */
static void write_time(const struct tlv *time, char out[static TIME_CAP])
{
	size_t year = time->tag == ASN1_UTC_TIME ? 2 : 4;
	char d[TIME_CAP];

	if (slice_text(slice_sub(time->value, 0, TIME_CAP - 1), d, sizeof(d)) ||
	    strlen(d) != year + strlen("MMDDHHMMSSZ")) {
		snprintf(out, TIME_CAP, "?");
		return;
	}
	snprintf(out, TIME_CAP, "%s%.*s-%.2s-%.2s %.2s:%.2s:%.2s",
		 year == 4     ? ""
		 : d[0] >= '5' ? "19" /* RFC 5280 4.1.2.5.1 */
			       : "20",
		 (int)year, d, d + year, d + year + 2, d + year + 4, d + year + 6, d + year + 8);
}

static void tell_name(const struct tree *t, const char *key, const char *title, struct slice name)
{
	char text[NAME_CAP];

	if (t->wordless) {
		field_octets(&(struct field){.key = key, .name = title}, name, NULL, t);
		return;
	}
	write_name(name, text);
	tree_leaf(t, &(struct tree_node){.key = key, .name = title, .raw = name}, "%s", text);
}

static void tell_validity(const struct tree *t, struct slice validity)
{
	struct cursor c = cursor_of(validity);
	char from[TIME_CAP] = "", to[TIME_CAP] = "";
	struct tlv first, last;

	if (!tlv_next(&c, &first) || !tlv_next(&c, &last))
		return;
	if (!t->wordless) {
		write_time(&first, from);
		write_time(&last, to);
	}
	tree_leaf(t, &(struct tree_node){.key = "validity", .name = "Validity", .raw = validity},
		  "%s to %s", from, to);
}

/* What SGP.22 wants of the extensions. */
struct wanted {
	struct slice key_id, authority_id;
	bool roles[RSP_ROLE_COUNT];
};

/* RFC 5280 4.2.1.4: SEQUENCE OF SEQUENCE { OID, ... } */
static void take_policies(struct slice value, struct wanted *out)
{
	struct cursor c = cursor_of(value), policies = tlv_enter(&c, ASN1_SEQUENCE);
	struct tlv policy;

	while (tlv_next(&policies, &policy)) {
		struct cursor in = cursor_of(policy.value);
		struct slice oid = tlv_expect(&in, ASN1_OID);

		for (size_t i = 0; i < RSP_ROLE_COUNT; i++) {
			if (slice_equal(oid, rsp_role_oid((enum rsp_role)i)))
				out->roles[i] = true;
		}
	}
}

/* 4.2.1.1: SEQUENCE { [0] OCTET STRING OPTIONAL, ... }; 4.2.1.2: OCTET STRING */
static void take_extension(struct slice id, struct slice value, struct wanted *out)
{
	static const uint8_t subject_key[] = {0x55, 0x1D, 0x0E}, policies[] = {0x55, 0x1D, 0x20},
			     authority_key[] = {0x55, 0x1D, 0x23};
	struct cursor c = cursor_of(value), in;

	if (slice_equal(id, SLICE_OF(subject_key))) {
		out->key_id = tlv_expect(&c, ASN1_OCTET_STRING);
	} else if (slice_equal(id, SLICE_OF(policies))) {
		take_policies(value, out);
	} else if (slice_equal(id, SLICE_OF(authority_key))) {
		in = tlv_enter(&c, ASN1_SEQUENCE);
		(void)tlv_optional(&in, ASN1_CONTEXT(0), &out->authority_id);
	}
}

/* 4.1: behind the names stand the key and what is optional, the extensions at the end; false: none.
 * A parser that judges what it reads, as lib/crypto/cert.h is, takes longer than all else here. */
static bool take_extensions(struct cursor *tbs, struct wanted *out)
{
	struct cursor c, extensions;
	struct tlv one;

	*out = (struct wanted){.key_id = SLICE_EMPTY};
	do {
		if (!tlv_next(tbs, &one))
			return false;
	} while (one.tag != EXTENSIONS);
	c = cursor_of(one.value);
	extensions = tlv_enter(&c, ASN1_SEQUENCE);
	while (tlv_next(&extensions, &one)) {
		struct cursor in = cursor_of(one.value);
		struct slice id = tlv_expect(&in, ASN1_OID), critical;

		(void)tlv_optional(&in, ASN1_BOOLEAN, &critical);
		take_extension(id, tlv_expect(&in, ASN1_OCTET_STRING), out);
	}
	return true;
}

static void tell_extensions(const struct tree *t, struct cursor *tbs)
{
	struct wanted w;

	if (!take_extensions(tbs, &w))
		return;
	for (size_t i = 0; i < RSP_ROLE_COUNT; i++) {
		if (w.roles[i])
			tree_leaf(t, &(struct tree_node){.key = "role", .name = "Role"}, "%s",
				  roles[i]);
	}
	field_octets(&(struct field){.key = "key-id", .name = "Subject key identifier"}, w.key_id,
		     NULL, t);
	field_octets(&(struct field){.key = "authority-id", .name = "Authority key identifier"},
		     w.authority_id, NULL, t);
}

void field_certificate(const struct field *f, struct slice v, const struct tree *t)
{
	struct cursor c = cursor_of(v), tbs = tlv_enter(&c, ASN1_SEQUENCE);
	struct slice version, serial, issuer, validity, subject;

	(void)tlv_optional(&tbs, VERSION, &version);
	serial = tlv_expect(&tbs, ASN1_INTEGER);
	tlv_skip(&tbs);
	issuer = tlv_expect(&tbs, ASN1_SEQUENCE);
	validity = tlv_expect(&tbs, ASN1_SEQUENCE);
	subject = tlv_expect(&tbs, ASN1_SEQUENCE);
	if (tbs.err) {
		field_octets(f, v, "no certificate", t);
		return;
	}
	tree_open(t, f->key, f->name, v);
	field_octets(&(struct field){.key = "serial", .name = "Serial number"}, serial, NULL, t);
	tell_name(t, "issuer", "Issuer", issuer);
	tell_validity(t, validity);
	tell_name(t, "subject", "Subject", subject);
	tell_extensions(t, &tbs);
	tree_close(t);
}
