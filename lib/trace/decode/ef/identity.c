/* identity: who the subscriber is, and what the card is for */
#include <stdio.h>

#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"
#include "lib/uicc/fid.h"

#define IMSI_OCTETS_MAX 8
#define IMSI_TYPE	1 /* TS 24.008 10.5.1.4; bit 4: the number of digits is odd */
#define PARITY		8

/* TS 31.102 4.2.2 */
static void show_imsi(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	size_t len = slice_at(v, 0), n = 0;
	struct slice imsi = slice_sub(v, 1, len);
	unsigned head = slice_at(imsi, 0) & 0x0F;
	char text[DIGITS_CAP];

	node.fault = digits_text(imsi, 1, text);
	while (text[n])
		n++;
	if (!len || len > IMSI_OCTETS_MAX || imsi.len < len)
		node.fault = "no length of 1 to 8 octets that are there";
	else if (!node.fault && ((head & 7) != IMSI_TYPE || (head & PARITY ? 1 : 0) != n % 2))
		node.fault = "the first digit's neighbour is not what an IMSI of its length has";
	else if (!field_is_blank(slice_sub(v, 1 + len, v.len)))
		node.fault = "something stands behind it";
	tree_leaf(t, &node, "%s", text);
}

/* TS 31.102 4.2.15: class 10 is for emergency calls and shall be 0 */
static void show_acc(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	char text[64] = "";
	size_t n = 0;
	unsigned classes = (unsigned)slice_uint(v, 2);

	if (v.len != 2)
		node.fault = "no two octets";
	else if (classes & 1u << 10)
		node.fault = "bit 11 is set";
	for (unsigned i = 0; i < 16; i++) {
		if (classes >> i & 1)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u", n ? ", " : "", i);
	}
	tree_leaf(t, &node, n ? "class %s" : "none", text);
}

/* TS 31.102 4.2.18 */
WORDS(modes, {0x00, "normal operation"}, {0x80, "type approval operations"},
      {0x01, "normal operation and specific facilities"},
      {0x81, "type approval operations and specific facilities"}, {0x02, "maintenance (off line)"},
      {0x04, "cell test operation"});
BITS(facilities, {0, 1, "ciphering-indicator", "Ciphering indicator feature", NULL},
     {1, 1, "csg-display", "CSG display control", NULL},
     {2, 1, "prose", "ProSe services for public safety", NULL},
     {3, 1, "edrx", "Extended DRX cycle", NULL});
BITS(mnc_length, {0, 4, "digits", "Digits of the MNC", NULL});
FIELDS(ad,
       {.key = "mode", .name = "UE operation mode", .len = 1, .show = field_words, .of = &modes},
       {.key = "information",
	.name = "Additional information",
	.len = 2,
	.show = field_bits,
	.of = &facilities},
       {.key = "mnc",
	.name = "Length of the MNC in the IMSI",
	.len = 1,
	.optional = true,
	.show = field_bits,
	.of = &mnc_length},
       {.key = "rfu", .name = "RFU", .optional = true});

/* TS 31.102 4.2.12: bit 2 speaks of networks that are not in EF.SPDI */
WORDS(spn_home, {0, "not required"}, {1, "required"});
WORDS(spn_abroad, {0, "required"}, {1, "not required"});
BITS(spn_display,
     {0, 1, "home", "The registered network's name, in the HPLMN or a network of EF.SPDI",
      &spn_home},
     {1, 1, "abroad", "This name, in other networks", &spn_abroad});
FIELDS(spn,
       {.key = "display",
	.name = "Display condition",
	.len = 1,
	.show = field_bits,
	.of = &spn_display},
       {.key = "name", .name = "Service provider name", .show = field_alpha});

/* TS 51.011 10.3.1, TS 23.038 5 */
WORDS(languages, {0x00, "German"}, {0x01, "English"}, {0x02, "Italian"}, {0x03, "French"},
      {0x04, "Spanish"}, {0x05, "Dutch"}, {0x06, "Swedish"}, {0x07, "Danish"}, {0x08, "Portuguese"},
      {0x09, "Finnish"}, {0x0A, "Norwegian"}, {0x0B, "Greek"}, {0x0C, "Turkish"},
      {0x0D, "Hungarian"}, {0x0E, "Polish"}, {0x0F, "unspecified"}, {0x20, "Czech"},
      {0x21, "Hebrew"}, {0x22, "Arabic"}, {0x23, "Russian"}, {0x24, "Icelandic"});
static const struct field language = {
	.key = "language", .name = "Language", .len = 1, .show = field_words, .of = &languages};

/* TS 51.011 10.3.19 */
WORDS(phases, {0x00, "phase 1"}, {0x02, "phase 2"},
      {0x03, "phase 2 and PROFILE DOWNLOAD required"});

static const struct ef_kind rows[] = {
	TR(USIM, FID_IMSI, 0x07, "EF.IMSI", "IMSI", "TS 31.102 4.2.2", show_imsi, NULL),
	TR(GSM, FID_IMSI, 0, "EF.IMSI", "IMSI", "TS 51.011 10.3.2", show_imsi, NULL),
	TR(USIM, FID_LI, 0x02, "EF.LI", "Language indication", "TS 31.102 4.2.1", field_languages,
	   NULL),
	TR(GSM, 0x6F05, 0, "EF.LP", "Language preference", "TS 51.011 10.3.1", field_list,
	   &language),
	TR(USIM, FID_AD, 0x03, "EF.AD", "Administrative data", "TS 31.102 4.2.18", field_fields,
	   &ad),
	TR(ISIM, FID_AD, 0x03, "EF.AD", "Administrative data", "TS 31.103 4.2.5", field_fields,
	   &ad),
	TR(GSM, FID_AD, 0, "EF.AD", "Administrative data", "TS 51.011 10.3.18", field_fields, &ad),
	TR(USIM, FID_ACC, 0x06, "EF.ACC", "Access control class", "TS 31.102 4.2.15", show_acc,
	   NULL),
	TR(GSM, FID_ACC, 0, "EF.ACC", "Access control class", "TS 51.011 10.3.15", show_acc, NULL),
	TR(USIM, FID_GID1, 0, "EF.GID1", "Group identifier level 1", "TS 31.102 4.2.10", NULL,
	   NULL),
	TR(GSM, FID_GID1, 0, "EF.GID1", "Group identifier level 1", "TS 51.011 10.3.9", NULL, NULL),
	TR(USIM, FID_GID2, 0, "EF.GID2", "Group identifier level 2", "TS 31.102 4.2.11", NULL,
	   NULL),
	TR(GSM, FID_GID2, 0, "EF.GID2", "Group identifier level 2", "TS 51.011 10.3.10", NULL,
	   NULL),
	TR(USIM, FID_SPN, 0, "EF.SPN", "Service provider name", "TS 31.102 4.2.12", field_fields,
	   &spn),
	TR(GSM, FID_SPN, 0, "EF.SPN", "Service provider name", "TS 51.011 10.3.11", field_fields,
	   &spn),
	TR(GSM, FID_GSM_PHASE, 0, "EF.Phase", "Phase identification", "TS 51.011 10.3.19",
	   field_words, &phases),
};

const struct ef_set efs_identity = {rows, ARRAY_LEN(rows)};
