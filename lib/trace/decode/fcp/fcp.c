#include "lib/trace/decode/fcp/fcp.h"

#include "lib/base/tlv.h"
#include "lib/trace/decode/fcp/access.h"
#include "lib/trace/decode/field/aid.h"
#include "lib/uicc/fcp.h"

WORDS(structures, {UICC_TRANSPARENT, "transparent EF"}, {UICC_LINEAR, "linear fixed EF"},
      {UICC_CYCLIC, "cyclic EF"}, {UICC_DF, "DF or ADF"}, {UICC_BER_TLV, "BER-TLV EF"},
      {0x09, "internal EF, transparent"}, {0x0A, "internal EF, linear fixed"});
BITS(descriptor_bits, {0, 6, "structure", "Structure", &structures},
     {6, 1, "shareable", "Shareable", NULL});
FIELDS(descriptor,
       {.key = "type", .name = "File type", .len = 1, .show = field_bits, .of = &descriptor_bits},
       {.key = "coding", .name = "Data coding", .len = 1},
       {.key = "record-length",
	.name = "Record length",
	.len = 2,
	.optional = true,
	.show = field_number,
	.of = "octets"},
       {.key = "records", .name = "Records", .len = 1, .optional = true, .show = field_number});

/* Table 11.7b */
static void show_lcsi(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	uint8_t state = slice_at(v, 0);

	if (v.len != 1)
		node.fault = "no single octet";
	if (state >= 0x10)
		tree_leaf(t, &node, "proprietary");
	else if ((state & 0x0C) == UICC_LCSI_TERMINATED)
		tree_leaf(t, &node, "terminated");
	else if ((state & ~UICC_LCSI_ANY) == UICC_LCSI_ACTIVATED)
		tree_leaf(t, &node, "operational, activated");
	else if ((state & ~UICC_LCSI_ANY) == UICC_LCSI_DEACTIVATED)
		tree_leaf(t, &node, "operational, deactivated");
	else if (state == UICC_LCSI_INITIALISATION)
		tree_leaf(t, &node, "initialisation");
	else if (state == UICC_LCSI_CREATION)
		tree_leaf(t, &node, "creation");
	else
		tree_leaf(t, &node, "no information");
}

/* 11.1.1.4.8: the five high bits; without any, the file has none */
static void show_sfi(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	unsigned sfi = slice_at(v, 0) >> 3;

	if (v.len > 1 || slice_at(v, 0) & 7 || (v.len && (!sfi || sfi > UICC_SFI_MAX)))
		node.fault = "none of 1 to 30 in the five high bits";
	if (v.len)
		tree_leaf(t, &node, "%02X", sfi);
	else
		tree_leaf(t, &node, "none");
}

FIELDS(arr_short, {.key = "file", .name = "EF.ARR", .len = 2},
       {.key = "record", .name = "Record", .len = 1, .show = field_number});
FIELDS(arr_pair,
       {.key = "environment", .name = "Security environment", .len = 1, .show = field_number},
       {.key = "record", .name = "Record", .len = 1, .show = field_number});
static const struct field arr_item = {
	.key = "rule", .name = "Rule", .len = 2, .show = field_fields, .of = &arr_pair};
FIELDS(arr_long, {.key = "file", .name = "EF.ARR", .len = 2},
       {.key = "rules", .name = "Rules", .show = field_list, .of = &arr_item});

/* 11.1.1.4.7.3: a record of the EF.ARR, or one for each security environment */
static void show_reference(const struct field *f, struct slice v, const struct tree *t)
{
	struct field inner = *f;

	inner.of = v.len == 3 ? &arr_short : &arr_long;
	field_fields(&inner, v, t);
}

BITS(characteristics, {0, 1, "clock-stop", "Clock stop allowed", NULL},
     {1, 1, "clock-high", "Clock stop preferred high", NULL},
     {2, 1, "clock-low", "Clock stop preferred low", NULL}, {4, 1, "class-a", "Class A, 5 V", NULL},
     {5, 1, "class-b", "Class B, 3 V", NULL}, {6, 1, "class-c", "Class C, 1.8 V", NULL},
     {7, 1, "class-d", "Class D", NULL});
BITS(details, {0, 1, "der", "DER coding only", NULL});
BITS(commands, {0, 1, "terminal-capability", "TERMINAL CAPABILITY supported", NULL});
BITS(special, {7, 1, "high-update", "High update activity", NULL},
     {6, 1, "readable-deactivated", "Readable and updatable when deactivated", NULL});
BITS(environment, {0, 1, "temperature-a", "Temperature class A", NULL},
     {1, 1, "temperature-b", "Temperature class B", NULL},
     {2, 1, "temperature-c", "Temperature class C", NULL},
     {3, 1, "humidity", "High humidity", NULL});
FIELDS(power, {.key = "voltage", .name = "Voltage classes", .len = 1},
       {.key = "consumption",
	.name = "Power consumption",
	.len = 1,
	.show = field_number,
	.of = "mA"},
       {.key = "frequency",
	.name = "Reference frequency",
	.len = 1,
	.show = field_number,
	.of = "MHz"});
FIELDS(proprietary,
       {.tag = UICC_FCP_CHARACTERISTICS,
	.key = "characteristics",
	.name = "UICC characteristics",
	.len = 1,
	.show = field_bits,
	.of = &characteristics},
       {.tag = 0x81,
	.key = "power",
	.name = "Application power consumption",
	.show = field_fields,
	.of = &power},
       {.tag = 0x82,
	.key = "clock",
	.name = "Minimum clock frequency",
	.len = 1,
	.show = field_number,
	.of = "x 100 kHz"},
       {.tag = 0x83,
	.key = "memory",
	.name = "Available memory",
	.show = field_number,
	.of = "octets"},
       {.tag = UICC_FCP_DETAILS,
	.key = "details",
	.name = "File details",
	.len = 1,
	.show = field_bits,
	.of = &details},
       {.tag = 0x85,
	.key = "reserved",
	.name = "Reserved file size",
	.show = field_number,
	.of = "octets"},
       {.tag = UICC_FCP_MAX_SIZE,
	.key = "maximum",
	.name = "Maximum file size",
	.show = field_number,
	.of = "octets"},
       {.tag = 0x87,
	.key = "commands",
	.name = "Supported system commands",
	.len = 1,
	.show = field_bits,
	.of = &commands},
       {.tag = 0x88,
	.key = "environment",
	.name = "Specific environmental conditions",
	.len = 1,
	.show = field_bits,
	.of = &environment},
       {.tag = UICC_FCP_SPECIAL,
	.key = "special",
	.name = "Special file information",
	.len = 1,
	.show = field_bits,
	.of = &special},
       {.tag = 0xC1, .key = "fill", .name = "Filling pattern"},
       {.tag = 0xC2, .key = "repeat", .name = "Repeat pattern"});

static void tell_pin(struct slice reference, struct slice bits, size_t i, const struct tree *t)
{
	const struct tree_node node = {.key = "pin", .name = "PIN", .raw = reference};
	bool enabled = slice_at(bits, i / 8) >> (7 - i % 8) & 1;

	tree_leaf(t, &node, "%s, %s", access_key_name(slice_at(reference, 0)),
		  i / 8 >= bits.len ? "not told whether enabled"
		  : enabled	    ? "enabled"
				    : "disabled");
}

/* 9.5.2: a bit for each key reference behind it; a usage qualifier may stand before one */
static void show_pins(const struct field *f, struct slice v, const struct tree *t)
{
	static const struct field usage = {.key = "usage", .name = "Usage qualifier"};
	static const struct field other = {.key = "octets", .name = "Octets"};
	struct cursor c = cursor_of(v);
	struct slice bits = SLICE_EMPTY;
	struct tlv one;
	size_t n = 0;

	tree_open(t, f->key, f->name, v);
	while (tlv_next(&c, &one)) {
		if (one.tag == UICC_PS_STATUS)
			bits = one.value;
		else if (one.tag == UICC_PS_KEY_REFERENCE && one.value.len == 1)
			tell_pin(one.value, bits, n++, t);
		else if (one.tag == UICC_PS_USAGE_QUALIFIER)
			field_octets(&usage, one.value, NULL, t);
		else
			field_octets(&other, one.raw, "no object of this template", t);
	}
	if (c.err)
		field_octets(&other, c.rest, "no BER-TLV object", t);
	tree_close(t);
}

static bool is_directory(struct slice body)
{
	struct slice d;

	return tlv_find(body, UICC_FCP_DESCRIPTOR, &d) &&
	       (slice_at(d, 0) & UICC_STRUCTURE_MASK) == UICC_DF;
}

static void show_expanded(const struct field *f, struct slice v, const struct tree *t)
{
	tree_open(t, f->key, f->name, v);
	access_tell(v, f->of ? ACCESS_OF_DF : ACCESS_OF_EF, t);
	tree_close(t);
}

static void show_compact(const struct field *f, struct slice v, const struct tree *t)
{
	tree_open(t, f->key, f->name, v);
	access_tell_compact(v, f->of ? ACCESS_OF_DF : ACCESS_OF_EF, t);
	tree_close(t);
}

#define DIRECTORY "directory" /* what such rules are of */
#define FCP_FIELDS(of_what)                                                                        \
	{.tag = UICC_FCP_SIZE,                                                                     \
	 .key = "size",                                                                            \
	 .name = "File size",                                                                      \
	 .show = field_number,                                                                     \
	 .of = "octets"},                                                                          \
		{.tag = 0x81,                                                                      \
		 .key = "total",                                                                   \
		 .name = "Total file size",                                                        \
		 .show = field_number,                                                             \
		 .of = "octets"},                                                                  \
		{.tag = UICC_FCP_DESCRIPTOR,                                                       \
		 .key = "descriptor",                                                              \
		 .name = "File descriptor",                                                        \
		 .show = field_fields,                                                             \
		 .of = &descriptor},                                                               \
		{.tag = UICC_FCP_FID, .key = "fid", .name = "File identifier", .len = 2},          \
		{.tag = UICC_FCP_DF_NAME,                                                          \
		 .key = "aid",                                                                     \
		 .name = "DF name (AID)",                                                          \
		 .show = field_aid},                                                               \
		{.tag = UICC_FCP_PROPRIETARY,                                                      \
		 .key = "proprietary",                                                             \
		 .name = "Proprietary information",                                                \
		 .show = field_objects,                                                            \
		 .of = &proprietary},                                                              \
		{.tag = UICC_FCP_SFI,                                                              \
		 .key = "sfi",                                                                     \
		 .name = "Short file identifier",                                                  \
		 .show = show_sfi},                                                                \
		{.tag = UICC_FCP_LCSI,                                                             \
		 .key = "lifecycle",                                                               \
		 .name = "Life cycle status",                                                      \
		 .show = show_lcsi},                                                               \
		{.tag = UICC_FCP_ARR_REFERENCE,                                                    \
		 .key = "access",                                                                  \
		 .name = "Security attributes, referenced",                                        \
		 .show = show_reference},                                                          \
		{.tag = UICC_FCP_COMPACT,                                                          \
		 .key = "access",                                                                  \
		 .name = "Security attributes, compact",                                           \
		 .show = show_compact,                                                             \
		 .of = of_what},                                                                   \
		{.tag = UICC_FCP_EXPANDED,                                                         \
		 .key = "access",                                                                  \
		 .name = "Security attributes, expanded",                                          \
		 .show = show_expanded,                                                            \
		 .of = of_what},                                                                   \
	{                                                                                          \
		.tag = UICC_FCP_PIN_STATUS, .key = "pins", .name = "PIN status template",          \
		.show = show_pins                                                                  \
	}
FIELDS(ef_fields, FCP_FIELDS(NULL));
FIELDS(df_fields, FCP_FIELDS(DIRECTORY));

FIELDS(fci_proprietary,
       {.tag = UICC_FCI_MAX_DATA,
	.key = "maximum",
	.name = "Maximum length of a command's data",
	.show = field_number,
	.of = "octets"},
       {.tag = UICC_FCI_PRODUCTION,
	.key = "production",
	.name = "Application production life cycle data"},
       {.tag = 0x73, .key = "management", .name = "Security domain management data"});
FIELDS(fci_fields, {.tag = UICC_FCP_DF_NAME, .key = "aid", .name = "AID", .show = field_aid},
       {.tag = UICC_FCI_PROPRIETARY,
	.key = "proprietary",
	.name = "Proprietary data",
	.show = field_objects,
	.of = &fci_proprietary},
       {.tag = UICC_FCI_ISDR, .key = "isdr", .name = "ISD-R proprietary application template"});

void fcp_show(struct slice answer, const struct tree *t)
{
	static const struct field other = {.key = "octets", .name = "Octets"};
	struct cursor c = cursor_of(answer);
	struct field f = {.show = field_objects};
	struct slice body;
	uint32_t tag = 0;
	size_t len = 0;

	if (!tlv_header(&c, &tag, &len) || (tag != UICC_FCP && tag != UICC_FCI)) {
		field_octets(&other, answer, "neither an FCP (62) nor an FCI (6F)", t);
		return;
	}
	body = slice_sub(c.rest, 0, len);
	f.key = tag == UICC_FCI ? "fci" : "fcp";
	f.name = tag == UICC_FCI ? "File control information" : "File control parameters";
	f.of = tag == UICC_FCI ? &fci_fields : is_directory(body) ? &df_fields : &ef_fields;
	field_tell(&f, body, t);
	if (len != c.rest.len)
		field_octets(&other, slice_sub(c.rest, len, c.rest.len),
			     len > c.rest.len ? "the template ends too early"
					      : "behind the template",
			     t);
}

/* TS 51.011 9.2.1, 9.3 */
WORDS(gsm_types, {1, "MF"}, {2, "DF"}, {4, "EF"});
WORDS(gsm_structures, {0, "transparent"}, {1, "linear fixed"}, {3, "cyclic"});
WORDS(gsm_conditions, {0, "always"}, {1, "CHV1"}, {2, "CHV2"}, {4, "ADM4"}, {5, "ADM5"},
      {6, "ADM6"}, {7, "ADM7"}, {8, "ADM8"}, {9, "ADM9"}, {10, "ADM10"}, {11, "ADM11"},
      {12, "ADM12"}, {13, "ADM13"}, {14, "ADM14"}, {15, "never"});
BITS(gsm_access, {20, 4, "read", "READ, SEEK", &gsm_conditions},
     {16, 4, "update", "UPDATE", &gsm_conditions}, {12, 4, "increase", "INCREASE", &gsm_conditions},
     {4, 4, "rehabilitate", "REHABILITATE", &gsm_conditions},
     {0, 4, "invalidate", "INVALIDATE", &gsm_conditions});
BITS(gsm_state, {0, 1, "valid", "Not invalidated", NULL},
     {2, 1, "usable", "Readable and updatable when invalidated", NULL});
BITS(gsm_chv, {0, 4, "tries", "False presentations left", NULL},
     {7, 1, "initialised", "Initialised", NULL});
WORDS(gsm_chv1, {0, "enabled"}, {1, "disabled"});
BITS(gsm_characteristics, {0, 1, "clock-stop", "Clock stop allowed", NULL},
     {1, 1, "frequency", "13/4 MHz needed", NULL},
     {2, 1, "clock-high", "Clock stop preferred high", NULL},
     {3, 1, "clock-low", "Clock stop preferred low", NULL},
     {4, 3, "supply", "Supply voltage indication", NULL}, {7, 1, "chv1", "CHV1", &gsm_chv1});
#define GSM_HEAD(size_key, size_name)                                                              \
	{.key = "rfu", .name = "RFU", .len = 2},                                                   \
		{.key = size_key,                                                                  \
		 .name = size_name,                                                                \
		 .len = 2,                                                                         \
		 .show = field_number,                                                             \
		 .of = "octets"},                                                                  \
		{.key = "fid", .name = "File identifier", .len = 2},                               \
	{                                                                                          \
		.key = "type", .name = "Type of file", .len = 1, .show = field_words,              \
		.of = &gsm_types                                                                   \
	}
FIELDS(gsm_ef, GSM_HEAD("size", "File size"), {.key = "increase", .name = "INCREASE", .len = 1},
       {.key = "access",
	.name = "Access conditions",
	.len = 3,
	.show = field_bits,
	.of = &gsm_access},
       {.key = "state", .name = "File status", .len = 1, .show = field_bits, .of = &gsm_state},
       {.key = "following", .name = "Length of what follows", .len = 1, .show = field_number},
       {.key = "structure",
	.name = "Structure",
	.len = 1,
	.optional = true,
	.show = field_words,
	.of = &gsm_structures},
       {.key = "record-length",
	.name = "Record length",
	.len = 1,
	.optional = true,
	.show = field_number,
	.of = "octets"});
FIELDS(gsm_df, GSM_HEAD("free", "Free memory"), {.key = "rfu", .name = "RFU", .len = 5},
       {.key = "following", .name = "Length of what follows", .len = 1, .show = field_number},
       {.key = "characteristics",
	.name = "File characteristics",
	.len = 1,
	.show = field_bits,
	.of = &gsm_characteristics},
       {.key = "dfs", .name = "DFs", .len = 1, .show = field_number},
       {.key = "efs", .name = "EFs", .len = 1, .show = field_number},
       {.key = "codes",
	.name = "CHVs, UNBLOCK CHVs, administrative codes",
	.len = 1,
	.show = field_number},
       {.key = "rfu", .name = "RFU", .len = 1},
       {.key = "chv1", .name = "CHV1", .len = 1, .show = field_bits, .of = &gsm_chv},
       {.key = "unblock-chv1",
	.name = "UNBLOCK CHV1",
	.len = 1,
	.show = field_bits,
	.of = &gsm_chv},
       {.key = "chv2", .name = "CHV2", .len = 1, .show = field_bits, .of = &gsm_chv},
       {.key = "unblock-chv2",
	.name = "UNBLOCK CHV2",
	.len = 1,
	.show = field_bits,
	.of = &gsm_chv},
       {.key = "administrative", .name = "For the administration", .optional = true});

#define GSM_TYPE_AT 6
#define GSM_TYPE_EF 4

void fcp_show_gsm(struct slice answer, const struct tree *t)
{
	const struct field f = {.key = "gsm-file",
				.name = "File, as a 2G SIM tells it",
				.of = slice_at(answer, GSM_TYPE_AT) == GSM_TYPE_EF ? &gsm_ef
										   : &gsm_df};

	field_fields(&f, answer, t);
}
