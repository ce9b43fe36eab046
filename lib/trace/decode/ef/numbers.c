/* numbers: dialling numbers of all kinds, their extensions, emergency codes, mailboxes */
#include "lib/base/tlv.h"
#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"
#include "lib/uicc/fid.h"

#define NONE 0xFF

/* TS 31.102 4.2.24, 4.4.2.3: the length counts the octets behind it; 12 octets in all */
static void show_number(const struct field *f, struct slice v, const struct tree *t)
{
	size_t n = slice_at(v, 0);

	if (n == NONE || !n)
		tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "none");
	else if (n > v.len - 1)
		field_octets(f, v, "longer than its field", t);
	else
		field_number_called(f, slice_sub(v, 1, n), t);
}

/* A record of another file; FF: none */
static void show_record(const struct field *f, struct slice v, const struct tree *t)
{
	if (slice_at(v, 0) == NONE)
		tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "none");
	else
		field_number(f, v, t);
}

#define NUMBER                                                                                     \
	{.key = "name", .name = "Alpha identifier", .optional = true, .show = field_alpha},        \
		{.key = "number", .name = "Number", .len = 12, .show = show_number},               \
		{.key = "ccp",                                                                     \
		 .name = "Capability/configuration record",                                        \
		 .len = 1,                                                                         \
		 .show = show_record},                                                             \
	{                                                                                          \
		.key = "extension", .name = "Extension record", .len = 1, .show = show_record      \
	}
FIELDS(number, NUMBER);
/* 4.2.44 */
FIELDS(barred, NUMBER,
       {.key = "comparison", .name = "Comparison method record", .len = 1, .show = show_record});

/* 4.4.2.4 */
WORDS(extension_types, {0x00, "free"}, {0x01, "called party subaddress"},
      {0x02, "additional data"});
static void show_extension_data(const struct field *f, struct slice v, const struct tree *t)
{
	char digits[DIGITS_CAP];
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	size_t n = slice_at(v, 0);

	if (field_is_blank(v) || n > v.len - 1) {
		field_octets(f, v, NULL, t);
		return;
	}
	digits_dialled(slice_sub(v, 1, n), digits);
	tree_leaf(t, &node, "%s", digits);
}
FIELDS(extension,
       {.key = "type",
	.name = "Record type",
	.len = 1,
	.show = field_words,
	.of = &extension_types},
       {.key = "data", .name = "Extension data", .len = 11, .show = show_extension_data},
       {.key = "next", .name = "Next extension record", .len = 1, .show = show_record});

/* 4.2.38: the bearer capability of TS 24.008 10.5.4.5, its length in front */
FIELDS(ccp, {.key = "length", .name = "Length", .len = 1, .show = field_number},
       {.key = "bearer", .name = "Bearer capability"});

/* 4.2.21 */
BITS(categories, {0, 1, "police", "Police", NULL}, {1, 1, "ambulance", "Ambulance", NULL},
     {2, 1, "fire", "Fire brigade", NULL}, {3, 1, "marine", "Marine guard", NULL},
     {4, 1, "mountain", "Mountain rescue", NULL}, {5, 1, "manual-ecall", "eCall, manual", NULL},
     {6, 1, "automatic-ecall", "eCall, automatic", NULL});
FIELDS(ecc, {.key = "code", .name = "Emergency call code", .len = 3, .show = field_digits},
       {.key = "name", .name = "Alpha identifier", .optional = true, .show = field_alpha},
       {.key = "category",
	.name = "Emergency service category",
	.len = 1,
	.show = field_bits,
	.of = &categories});
/* TS 51.011 10.3.27 */
static const struct field code = {
	.key = "code", .name = "Emergency call code", .len = 3, .show = field_digits};

/* 4.2.62; 00: no mailbox */
FIELDS(mbi, {.key = "voicemail", .name = "Mailbox of voicemail", .len = 1, .show = field_number},
       {.key = "fax", .name = "Mailbox of fax", .len = 1, .show = field_number},
       {.key = "email", .name = "Mailbox of e-mail", .len = 1, .show = field_number},
       {.key = "other", .name = "Mailbox of others", .len = 1, .show = field_number},
       {.key = "video",
	.name = "Mailbox of videomail",
	.len = 1,
	.optional = true,
	.show = field_number});
/* 4.2.63 */
BITS(waiting, {0, 1, "voicemail", "Voicemail", NULL}, {1, 1, "fax", "Fax", NULL},
     {2, 1, "email", "E-mail", NULL}, {3, 1, "other", "Others", NULL},
     {4, 1, "video", "Videomail", NULL});
FIELDS(mwis,
       {.key = "waiting",
	.name = "Messages are waiting",
	.len = 1,
	.show = field_bits,
	.of = &waiting},
       {.key = "voicemail", .name = "Voicemails waiting", .len = 1, .show = field_number},
       {.key = "fax", .name = "Faxes waiting", .len = 1, .show = field_number},
       {.key = "email", .name = "E-mails waiting", .len = 1, .show = field_number},
       {.key = "other", .name = "Others waiting", .len = 1, .show = field_number},
       {.key = "video",
	.name = "Videomails waiting",
	.len = 1,
	.optional = true,
	.show = field_number});
/* 4.2.64 */
BITS(forwarded, {0, 1, "voice", "Voice", NULL}, {1, 1, "fax", "Fax", NULL},
     {2, 1, "data", "Data", NULL});
FIELDS(cfis, {.key = "profile", .name = "MSP number", .len = 1, .show = field_number},
       {.key = "forwarded",
	.name = "Forwarded unconditionally",
	.len = 1,
	.show = field_bits,
	.of = &forwarded},
       {.key = "number", .name = "Forwarded-to number", .len = 12, .show = show_number},
       {.key = "ccp", .name = "Capability/configuration record", .len = 1, .show = show_record},
       {.key = "extension", .name = "Extension record", .len = 1, .show = show_record});
/* 4.2.46 */
FIELDS(cmi, {.key = "name", .name = "Alpha identifier", .optional = true, .show = field_alpha},
       {.key = "method", .name = "Comparison method", .len = 1, .show = field_number});
/* 4.2.97 to 4.2.99: an object with the URI, then a name that is none */
FIELDS(uri, {.tag = 0x80, .key = "uri", .name = "URI", .show = field_utf8});

static void show_uri(const struct field *f, struct slice v, const struct tree *t)
{
	static const struct field name = {
		.key = "name", .name = "Alpha identifier", .show = field_alpha};
	struct cursor c = cursor_of(v);
	struct tlv object;
	bool whole = tlv_next(&c, &object);

	tree_open(t, f->key, f->name, v);
	objects_tell(&uri, whole ? object.raw : v, t);
	if (whole && !field_is_blank(c.rest))
		field_tell(&name, c.rest, t);
	tree_close(t);
}
/* 4.5.7: in case of emergency */
FIELDS(ice_ff, {.tag = 0x80, .key = "label", .name = "Label", .show = field_alpha},
       {.tag = 0x81, .key = "content", .name = "Content", .show = field_alpha});

/* CPHS 4.2 B.4.2, B.4.5: a nibble a line */
WORDS(flags, {0x5, "no"}, {0xA, "yes"}, {0xF, "not used"}, {0x0, "not used"});
BITS(two_lines, {0, 4, "line-1", "Line 1", &flags}, {4, 4, "line-2", "Line 2", &flags});
static const struct field lines = {
	.key = "lines", .name = "Lines", .len = 1, .show = field_bits, .of = &two_lines};

#define NUMBERS(where, id, name, title, clause)                                                    \
	LF(where, id, 0, name, title, clause, field_fields, &number)
#define EXT(where, id, name, title, clause)                                                        \
	LF(where, id, 0, name, title, clause, field_fields, &extension)
#define URIS(id, name, title, clause) LF(USIM, id, 0, name, title, clause, show_uri, NULL)

static const struct ef_kind rows[] = {
	NUMBERS(USIM, FID_FDN, "EF.FDN", "Fixed dialling numbers", "TS 31.102 4.2.24"),
	NUMBERS(USIM, FID_SDN, "EF.SDN", "Service dialling numbers", "TS 31.102 4.2.29"),
	NUMBERS(USIM, FID_MSISDN, "EF.MSISDN", "MSISDN", "TS 31.102 4.2.26"),
	NUMBERS(USIM, 0x6FC7, "EF.MBDN", "Mailbox dialling numbers", "TS 31.102 4.2.60"),
	LF(USIM, 0x6F4D, 0, "EF.BDN", "Barred dialling numbers", "TS 31.102 4.2.44", field_fields,
	   &barred),
	EXT(USIM, 0x6F4B, "EF.EXT2", "Extension 2 (FDN)", "TS 31.102 4.2.30"),
	EXT(USIM, 0x6F4C, "EF.EXT3", "Extension 3 (SDN)", "TS 31.102 4.2.31"),
	EXT(USIM, 0x6F4E, "EF.EXT5", "Extension 5 (ICI, OCI, MSISDN)", "TS 31.102 4.2.37"),
	EXT(USIM, 0x6F55, "EF.EXT4", "Extension 4 (BDN)", "TS 31.102 4.2.45"),
	EXT(USIM, 0x6FC8, "EF.EXT6", "Extension 6 (MBDN)", "TS 31.102 4.2.61"),
	EXT(USIM, 0x6FCC, "EF.EXT7", "Extension 7 (CFIS)", "TS 31.102 4.2.65"),
	EXT(USIM, 0x6FCF, "EF.EXT8", "Extension 8 (MMSN)", "TS 31.102 4.2.68"),
	LF(USIM, 0x6F4F, 0x16, "EF.CCP2", "Capability configuration parameters 2",
	   "TS 31.102 4.2.38", field_fields, &ccp),
	LF(USIM, FID_ECC, 0x01, "EF.ECC", "Emergency call codes", "TS 31.102 4.2.21", field_fields,
	   &ecc),
	LF(USIM, 0x6FC9, 0, "EF.MBI", "Mailbox identifier", "TS 31.102 4.2.62", field_fields, &mbi),
	LF(USIM, 0x6FCA, 0, "EF.MWIS", "Message waiting indication status", "TS 31.102 4.2.63",
	   field_fields, &mwis),
	LF(USIM, 0x6FCB, 0, "EF.CFIS", "Call forwarding indication status", "TS 31.102 4.2.64",
	   field_fields, &cfis),
	LF(USIM, 0x6F58, 0, "EF.CMI", "Comparison method information", "TS 31.102 4.2.46",
	   field_fields, &cmi),
	URIS(0x6FED, "EF.FDNURI", "Fixed dialling numbers, URIs", "TS 31.102 4.2.97"),
	URIS(0x6FEE, "EF.BDNURI", "Barred dialling numbers, URIs", "TS 31.102 4.2.98"),
	URIS(0x6FEF, "EF.SDNURI", "Service dialling numbers, URIs", "TS 31.102 4.2.99"),
	NUMBERS(TELECOM, 0x6F3A, "EF.ADN", "Abbreviated dialling numbers", "TS 51.011 10.5.1"),
	NUMBERS(TELECOM, FID_FDN, "EF.FDN", "Fixed dialling numbers", "TS 51.011 10.5.2"),
	NUMBERS(TELECOM, FID_MSISDN, "EF.MSISDN", "MSISDN", "TS 51.011 10.5.5"),
	NUMBERS(TELECOM, FID_SDN, "EF.SDN", "Service dialling numbers", "TS 51.011 10.5.10"),
	LF(TELECOM, 0x6F4D, 0, "EF.BDN", "Barred dialling numbers", "TS 51.011 10.5.14",
	   field_fields, &barred),
	CY(TELECOM, 0x6F44, 0, "EF.LND", "Last number dialled", "TS 51.011 10.5.9", field_fields,
	   &number),
	LF(TELECOM, 0x6F3D, 0, "EF.CCP", "Capability configuration parameters", "TS 51.011 10.5.4",
	   field_fields, &ccp),
	LF(TELECOM, 0x6F4F, 0, "EF.ECCP", "Extended capability configuration parameters",
	   "TS 51.011 10.5.4", field_fields, &ccp),
	EXT(TELECOM, 0x6F4A, "EF.EXT1", "Extension 1 (ADN)", "TS 51.011 10.5.11"),
	EXT(TELECOM, 0x6F4B, "EF.EXT2", "Extension 2 (FDN)", "TS 51.011 10.5.12"),
	EXT(TELECOM, 0x6F4C, "EF.EXT3", "Extension 3 (SDN)", "TS 51.011 10.5.13"),
	EXT(TELECOM, 0x6F4E, "EF.EXT4", "Extension 4 (BDN)", "TS 51.011 10.5.15"),
	LF(TELECOM, 0x6F58, 0, "EF.CMI", "Comparison method information", "TS 51.011 10.5.16",
	   field_fields, &cmi),
	LF(TELECOM, 0x6FE0, 0, "EF.ICE_DN", "In case of emergency: dialling numbers",
	   "TS 31.102 4.5.7", field_fields, &number),
	LF(TELECOM, 0x6FE1, 0, "EF.ICE_FF", "In case of emergency: free format", "TS 31.102 4.5.8",
	   field_objects, &ice_ff),
	NUMBERS(PHONEBOOK, 0, "EF.ADN", "Abbreviated dialling numbers", "TS 31.102 4.4.2.3"),
	EXT(PHONEBOOK, 0, "EF.EXT1", "Extension 1", "TS 31.102 4.4.2.4"),
	LF(PHONEBOOK, 0, 0, "EF.CCP1", "Capability configuration parameters 1",
	   "TS 31.102 4.4.2.11", field_fields, &ccp),
	TR(GSM, FID_ECC, 0, "EF.ECC", "Emergency call codes", "TS 51.011 10.3.27", field_list,
	   &code),
	NUMBERS(GSM, 0x6FC7, "EF.MBDN", "Mailbox dialling numbers", "TS 51.011 10.3.43"),
	LF(GSM, 0x6FC9, 0, "EF.MBI", "Mailbox identifier", "TS 51.011 10.3.44", field_fields, &mbi),
	LF(GSM, 0x6FCA, 0, "EF.MWIS", "Message waiting indication status", "TS 51.011 10.3.45",
	   field_fields, &mwis),
	LF(GSM, 0x6FCB, 0, "EF.CFIS", "Call forwarding indication status", "TS 51.011 10.3.46",
	   field_fields, &cfis),
	CPHS(0x6F11, "EF.VMWF", "Voice message waiting flag", "B.4.2", field_list, &lines),
	CPHS(0x6F13, "EF.CFF", "Call forwarding flags", "B.4.5", field_list, &lines),
	NUMBERS(GSM, 0x6F17, "EF.MBN", "Mailbox numbers", "CPHS 4.2 B.4.2"),
	NUMBERS(USIM, 0x6F17, "EF.MBN", "Mailbox numbers", "CPHS 4.2 B.4.2"),
	NUMBERS(GSM, 0x6F19, "EF.INFN", "Information numbers", "CPHS 4.2 B.4.6"),
	NUMBERS(USIM, 0x6F19, "EF.INFN", "Information numbers", "CPHS 4.2 B.4.6"),
	EXT(GSM, 0x6FC8, "EF.EXT6", "Extension 6 (MBDN)", "TS 51.011 10.3.48"),
	EXT(GSM, 0x6FCC, "EF.EXT7", "Extension 7 (CFIS)", "TS 51.011 10.3.49"),
	EXT(GSM, 0x6FCF, "EF.EXT8", "Extension 8 (MMSN)", "TS 51.011 10.3.52"),
};

const struct ef_set efs_numbers = {rows, ARRAY_LEN(rows)};
