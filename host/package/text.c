#include "host/package/text.h"

#include <string.h>

#include "lib/uicc/aid.h"
#include "lib/base/bytes.h"
#include "host/package/json.h"
#include "lib/base/oid.h"
#include "lib/base/tlv.h"
#include "lib/profile/pe.h"
#include "lib/profile/sealed.h"
#include "lib/base/secret.h"
#include "lib/base/simtext.h"
#include "lib/profile/template/table.h"
#include "lib/uicc/fcp.h"
#include "tool/cli/text.h"

#define INDENT	     2
#define NAME_WIDTH   34
#define SHOWN	     32 /* octets of a value */
#define TEXT_MAX     (2 * SHOWN + 64)
#define SPN_UTF8_MAX 128

struct meaning {
	const char *field;
	void (*say)(struct slice v, char *text, size_t cap);
};

static unsigned number(struct slice v)
{
	return (unsigned)slice_uint(v, 4);
}

/* The digits of swapped or plain nibbles; filler and beyond are left out */
static void digits(struct slice v, bool swapped, char *text, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < 2 * v.len && n + 1 < cap; i++) {
		unsigned b = slice_at(v, i / 2), d = (i % 2 == 0) == swapped ? b & 15 : b >> 4;

		if (d < 10)
			text[n++] = (char)('0' + d);
	}
	text[n < cap ? n : cap - 1] = 0;
}

static void say_iccid(struct slice v, char *text, size_t cap)
{
	digits(v, false, text, cap);
}

static void say_size(struct slice v, char *text, size_t cap)
{
	if (v.len && v.len <= 4)
		snprintf(text, cap, "%u octets", number(v));
}

static void say_descriptor(struct slice v, char *text, size_t cap)
{
	static const struct {
		uint8_t bits;
		const char *name;
	} kinds[] = {{UICC_TRANSPARENT, "transparent"},
		     {UICC_LINEAR, "linear fixed"},
		     {UICC_CYCLIC, "cyclic"},
		     {UICC_DF, "DF"},
		     {UICC_BER_TLV, "BER-TLV"}};
	uint8_t d = slice_at(v, 0);

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if ((d & UICC_STRUCTURE_MASK) != kinds[i].bits)
			continue;
		if (v.len == 4)
			snprintf(text, cap, "%s, records of %u octets%s", kinds[i].name,
				 number(slice_sub(v, 2, 2)),
				 d & UICC_SHAREABLE ? ", shareable" : "");
		else
			snprintf(text, cap, "%s%s", kinds[i].name,
				 d & UICC_SHAREABLE ? ", shareable" : "");
	}
}

static void say_sfi(struct slice v, char *text, size_t cap)
{
	if (v.len)
		snprintf(text, cap, "short identifier %u", (unsigned)slice_at(v, 0) >> 3);
	else
		snprintf(text, cap, "no short identifier");
}

static void say_security(struct slice v, char *text, size_t cap)
{
	if (v.len == 3)
		snprintf(text, cap, "EF.ARR %04X, record %u", number(slice_sub(v, 0, 2)),
			 slice_at(v, 2));
	else if (v.len == 1)
		snprintf(text, cap, "EF.ARR of its place, record %u", slice_at(v, 0));
}

static void say_lcsi(struct slice v, char *text, size_t cap)
{
	uint8_t s = slice_at(v, 0);

	snprintf(text, cap, "%s",
		 (s & ~UICC_LCSI_ANY) == UICC_LCSI_ACTIVATED	 ? "activated"
		 : (s & ~UICC_LCSI_ANY) == UICC_LCSI_DEACTIVATED ? "deactivated"
		 : (s & ~3u) == UICC_LCSI_TERMINATED		 ? "terminated"
		 : s == UICC_LCSI_CREATION			 ? "creation"
		 : s == UICC_LCSI_INITIALISATION		 ? "initialisation"
								 : "");
}

static void say_special(struct slice v, char *text, size_t cap)
{
	uint8_t s = slice_at(v, 0);

	snprintf(text, cap, "%s update activity%s", s & UICC_SPECIAL_HIGH_UPDATE ? "high" : "low",
		 s & UICC_SPECIAL_READABLE ? ", readable when deactivated" : "");
}

static void say_attributes(struct slice v, char *text, size_t cap)
{
	uint8_t a = slice_at(v, v.len - 1);

	snprintf(text, cap, "%s, %schangeable, can%s be disabled", a & 1 ? "enabled" : "disabled",
		 a & 2 ? "" : "not ", a & 4 ? "" : "not");
}

static void say_tries(struct slice v, char *text, size_t cap)
{
	unsigned t = slice_at(v, v.len - 1);

	snprintf(text, cap, "%u of %u tries left", t & 15, t >> 4);
}

static void say_template(struct slice v, char *text, size_t cap)
{
	static const uint8_t arc[] = {TEMPLATE_ARC};
	static const char *const names[] = {NULL,
					    "MF",
					    "DF.CD",
					    "DF.TELECOM",
					    "ADF.USIM",
					    "ADF.USIM, optional files",
					    "DF.PHONEBOOK",
					    "DF.GSM-ACCESS",
					    "ADF.ISIM",
					    "ADF.ISIM, optional files",
					    "ADF.CSIM",
					    "ADF.CSIM, optional files",
					    "DF.EAP",
					    "DF.5GS",
					    "DF.SAIP",
					    "DF.SNPN",
					    "DF.5G_ProSe",
					    "IoT",
					    "IoT, optional files"};
	uint8_t which = slice_at(v, sizeof(arc));

	if (slice_starts(v, SLICE_OF(arc)) && which < ARRAY_LEN(names) && names[which])
		snprintf(text, cap, "template of %s, version %u", names[which],
			 v.len > sizeof(arc) + 1 ? slice_at(v, sizeof(arc) + 1) : 1u);
}

static void say_aid(struct slice v, char *text, size_t cap)
{
	static const struct {
		enum aid prefix;
		const char *name;
	} known[] = {{AID_USIM, "USIM"},
		     {AID_ISIM, "ISIM"},
		     {AID_CSIM, "CSIM"},
		     {AID_CARD_MANAGER, "GlobalPlatform security domain"},
		     {AID_EUICC, "GSMA eUICC"}};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (slice_starts(v, aid_of(known[i].prefix)))
			snprintf(text, cap, "%s", known[i].name);
	}
}

static void say_sealed(struct slice v, char *text, size_t cap)
{
	struct sealed s;

	if (sealed_parse(v, &s) == ERR_OK)
		snprintf(text, cap, "sealed second subscription, key %u%s%s",
			 (unsigned)s.fields.key_id,
			 s.mode == SEALED_DERIVED ? ", which is derived" : "",
			 s.fields.in_memory_only ? ", in volatile memory only" : "");
}

static void say_ef_iccid(struct slice v, char *text, size_t cap)
{
	digits(v, true, text, cap);
}

/* Behind the length, the first nibble is type and parity (TS 31.102 4.2.2). */
static void say_imsi(struct slice v, char *text, size_t cap)
{
	char swapped[20];

	digits(slice_sub(v, 1, slice_at(v, 0)), true, swapped, sizeof(swapped));
	snprintf(text, cap, "IMSI %s", *swapped ? swapped + 1 : "");
}

static void say_spn(struct slice v, char *text, size_t cap)
{
	struct slice name = slice_sub(v, 1, v.len);
	uint8_t mem[SPN_UTF8_MAX];
	struct wbuf utf8 = wbuf_init(mem, sizeof(mem));
	char line[TEXT_LINE_MAX];

	if (!name.len)
		return;
	simtext_decode(name, &utf8);
	if (!wbuf_done(&utf8))
		snprintf(text, cap, "\"%s\"", text_line(wbuf_slice(&utf8), line));
}

static void say_acc(struct slice v, char *text, size_t cap)
{
	unsigned acc = number(slice_sub(v, 0, 2));
	size_t n = (size_t)snprintf(text, cap, "access classes");

	for (unsigned i = 0; i < 16 && n < cap; i++) {
		if (acc >> i & 1)
			n += (size_t)snprintf(text + n, cap - n, " %u", i);
	}
}

static bool has_service(struct slice v, size_t service)
{
	return slice_at(v, (service - 1) / 8) >> (service - 1) % 8 & 1;
}

/* TS 31.102 4.2.8: a bit a service; "services 2-5 8" */
static void say_ust(struct slice v, char *text, size_t cap)
{
	size_t n = (size_t)snprintf(text, cap, "services"), last;

	for (size_t first = 1; first <= 8 * v.len && n < cap; first = last + 1) {
		last = first;
		if (!has_service(v, first))
			continue;
		while (last < 8 * v.len && has_service(v, last + 1))
			last++;
		n += (size_t)snprintf(text + n, cap - n, last > first ? " %zu-%zu" : " %zu", first,
				      last);
	}
}

static void say_ad(struct slice v, char *text, size_t cap)
{
	if (v.len >= 4)
		snprintf(text, cap, "MNC of %u digits", slice_at(v, 3) & 15u);
}

/* docs/adr/0004, 0015 */
static void say_sqn_options(struct slice v, char *text, size_t cap)
{
	uint8_t options = slice_at(v, 0);
	unsigned ind = PE_SQN_IND(options);

	snprintf(text, cap, "%s, %s, IND of %u bits",
		 options & PE_SQN_DELTA ? "delta is checked" : "no delta",
		 options & PE_SQN_AGE ? "age limit is checked" : "no age limit", ind ? ind - 1 : 5);
}

/* By the file that the content is of */
static const struct meaning contents[] = {
	{"ef-iccid", say_ef_iccid}, {"ef-imsi", say_imsi}, {"ef-spn", say_spn},
	{"ef-acc", say_acc},	    {"ef-ad", say_ad},	   {"ef-ust", say_ust},
};

static const struct meaning meanings[] = {
	{"content", say_sealed},
	{"iccid", say_iccid},
	{"sqnOptions", say_sqn_options},
	{"efFileSize", say_size},
	{"maximumFileSize", say_size},
	{"fileDescriptor", say_descriptor},
	{"shortEFID", say_sfi},
	{"securityAttributesReferenced", say_security},
	{"lcsi", say_lcsi},
	{"specialFileInformation", say_special},
	{"pinAttributes", say_attributes},
	{"maxNumOfAttemps-retryNumLeft", say_tries},
	{"templateID", say_template},
	{"dfName", say_aid},
	{"instanceAID", say_aid},
	{"adfAID", say_aid},
	{"classAID", say_aid},
	{"mappingSource", say_aid},
};

void package_meaning(const struct schema_node *n, const char *file, char *text, size_t cap)
{
	*text = 0;
	for (size_t i = 0; n->field && n->field->content && i < ARRAY_LEN(contents); i++) {
		if (strcmp(file, contents[i].field) == 0)
			contents[i].say(n->value, text, cap);
	}
	if (!n->field && n->type && n->type->kind == SCHEMA_OID)
		say_template(n->value, text, cap);
	for (size_t i = 0; n->field && i < ARRAY_LEN(meanings); i++) {
		if (n->type->kind >= SCHEMA_OCTETS &&
		    strcmp(n->field->name, meanings[i].field) == 0)
			meanings[i].say(n->value, text, cap);
	}
}

static void octets_text(struct slice v, char *text, size_t cap)
{
	char hex[2 * SHOWN + 1];
	struct slice first = slice_sub(v, 0, SHOWN);

	hex_encode(first, hex, sizeof(hex));
	if (v.len > SHOWN)
		snprintf(text, cap, "%s... (%zu octets)", hex, v.len);
	else
		snprintf(text, cap, "%s", v.len ? hex : "(empty)");
	secret_wipe(hex, sizeof(hex));
}

void package_value(const struct schema_node *n, bool secrets, char *text, size_t cap)
{
	char line[TEXT_LINE_MAX];
	const char *name;
	uint64_t v;

	if (!secrets && (!n->type || schema_fits(n) || package_masked(n))) {
		snprintf(text, cap, "(%zu octets, masked)", n->value.len);
		return;
	}
	if (!n->type || schema_fits(n)) {
		octets_text(n->value, text, cap);
		return;
	}
	switch (n->type->kind) {
	case SCHEMA_NULL: snprintf(text, cap, "yes"); break;
	case SCHEMA_UTF8: snprintf(text, cap, "\"%s\"", text_line(n->value, line)); break;
	case SCHEMA_OID:
		if (oid_text(n->value, text, cap))
			octets_text(n->value, text, cap);
		break;
	case SCHEMA_INTEGER:
		if (tlv_uint(n->value, &v))
			break;
		name = schema_value_name(n->type, v);
		snprintf(text, cap, "%llu%s%s%s", (unsigned long long)v, name ? " (" : "",
			 name ? name : "", name ? ")" : "");
		break;
	default: octets_text(n->value, text, cap);
	}
}

struct printing {
	FILE *to;
	bool secrets;
	const char *file; /* that the node stands in, "" */
};

static void line(const struct printing *p, unsigned depth, const char *name, const char *value,
		 const char *meaning)
{
	unsigned indent = depth * INDENT;

	if (!value)
		fprintf(p->to, "%*s%s%s%s\n", (int)indent, "", name, *meaning ? "  " : "", meaning);
	else
		fprintf(p->to, "%*s%-*s %s%s%s\n", (int)indent, "",
			indent < NAME_WIDTH ? (int)(NAME_WIDTH - indent) : 0, name, value,
			*meaning ? "   " : "", meaning);
}

static void print_node(struct printing *p, const struct schema_node *n, const char *name,
		       unsigned depth)
{
	char value[TEXT_MAX + OID_TEXT_MAX], meaning[TEXT_MAX];
	struct schema_iter it = schema_children(n);
	struct schema_node child;
	size_t index = 0;

	if (!n->type || n->type->kind > SCHEMA_LIST || schema_fits(n)) {
		package_value(n, p->secrets, value, sizeof(value));
		*meaning = 0;
		if (n->type && !schema_fits(n))
			package_meaning(n, p->file, meaning, sizeof(meaning));
		line(p, depth, name, value, meaning);
		secret_wipe(value, sizeof(value));
		return;
	}
	line(p, depth, name, NULL, "");
	while (schema_next(&it, &child)) {
		char item[24];

		snprintf(item, sizeof(item), child.type ? "- %zu" : "? %zu", index++);
		if (depth == 0)
			p->file = child.field ? child.field->name : "";
		print_node(p, &child, child.field ? child.field->name : item, depth + 1);
	}
}

void package_print(struct slice package, bool secrets, FILE *to)
{
	struct printing p = {.to = to, .secrets = secrets, .file = ""};
	struct schema_node top = schema_package(package), element;
	struct schema_iter it = schema_children(&top);
	size_t index = 0;

	while (schema_next(&it, &element)) {
		char name[96];

		snprintf(name, sizeof(name), "[%zu] %s", index++,
			 element.field ? element.field->name : "unknown element");
		print_node(&p, &element, name, 0);
	}
}
