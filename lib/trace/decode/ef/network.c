/* network: which networks are preferred, forbidden, and how they are named */
#include <stdio.h>

#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"
#include "lib/uicc/fid.h"

#define SEARCH_UNIT 6 /* minutes, TS 31.102 4.2.6 */
#define ACT_CAP	    160

static const struct field plmn = {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn};
static const char wild[] = PLMN_WILD;

static void add_name(char text[static ACT_CAP], size_t *n, const char *name)
{
	*n += (size_t)snprintf(text + *n, ACT_CAP - *n, "%s%s", *n ? ", " : "", name);
}

/* TS 31.102 4.2.5, tables 4.2.5.1 and 4.2.5.2: of E-UTRAN and of GSM three bits belong together */
static void show_act(const struct field *f, struct slice v, const struct tree *t)
{
	static const struct {
		uint16_t bit;
		const char *name;
	} single[] = {{0x8000, "UTRAN"},
		      {0x0800, "NG-RAN"},
		      {0x0400, "satellite NG-RAN"},
		      {0x0200, "satellite E-UTRAN"},
		      {0x0040, "GSM COMPACT"},
		      {0x0020, "cdma2000 HRPD"},
		      {0x0010, "cdma2000 1xRTT"}};
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	unsigned bits = (unsigned)slice_uint(v, 2);
	char text[ACT_CAP] = "";
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(single); i++) {
		if (bits & single[i].bit)
			add_name(text, &n, single[i].name);
	}
	if (bits & 0x4000)
		add_name(text, &n,
			 (bits & 0x3000) == 0x2000   ? "E-UTRAN (WB-S1)"
			 : (bits & 0x3000) == 0x1000 ? "E-UTRAN (NB-S1)"
						     : "E-UTRAN (WB-S1 and NB-S1)");
	if (bits & 0x0080)
		add_name(text, &n,
			 (bits & 0x000C) == 0x0004   ? "GSM (without EC-GSM-IoT)"
			 : (bits & 0x000C) == 0x0008 ? "GSM (EC-GSM-IoT only)"
						     : "GSM (with EC-GSM-IoT)");
	if (bits & 0x0103)
		node.fault = "reserved bits are set";
	tree_leaf(t, &node, "%s", n ? text : "none");
}

FIELDS(plmn_act, {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn},
       {.key = "act", .name = "Access technologies", .len = 2, .show = show_act});
static const struct field plmn_act_item = {.key = "entry",
					   .name = "PLMN with access technologies",
					   .len = 5,
					   .show = field_fields,
					   .of = &plmn_act};

/* An entry of FFFFFF is free whatever its access technologies are. */
static void show_plmn_acts(const struct field *f, struct slice v, const struct tree *t)
{
	struct cursor c = cursor_of(v);

	tree_open(t, f->key, f->name, v);
	while (cursor_left(&c)) {
		struct slice one = cursor_take(&c, cursor_left(&c) < 5 ? cursor_left(&c) : 5);

		if (!field_is_blank(slice_sub(one, 0, 3)))
			field_tell(&plmn_act_item, one, t);
	}
	tree_close(t);
}

/* TS 31.102 4.2.6 */
static void show_period(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	unsigned n = slice_at(v, 0);

	if (v.len != 1 || n > 0x50)
		node.fault = "no single octet of 00 to 50";
	if (n)
		tree_leaf(t, &node, "%u minutes", n * SEARCH_UNIT);
	else
		tree_leaf(t, &node, "no search");
}

/* TS 24.008 10.5.3.5a: an octet of coding, then packed GSM or UCS2 */
static void show_name(const struct field *f, struct slice v, const struct tree *t)
{
	struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	uint8_t head = slice_at(v, 0);
	struct slice octets = slice_sub(v, 1, v.len);
	char text[TEXT_CAP] = "";

	if ((head >> 4 & 7) == 0)
		texts_packed(octets, 0, octets.len ? (8 * octets.len - (head & 7u)) / 7 : 0, text);
	else if ((head >> 4 & 7) == 1)
		texts_ucs2(octets, text);
	else
		node.fault = "a coding scheme that the standard does not have";
	tree_leaf(t, &node, "%s", text);
}

/* TS 31.102 4.2.58 */
FIELDS(pnn, {.tag = 0x43, .key = "full", .name = "Full name", .show = show_name},
       {.tag = 0x45, .key = "short", .name = "Short name", .show = show_name},
       {.tag = 0x80, .key = "additional", .name = "Additional information", .show = field_alpha});

/* 4.2.59 */
FIELDS(opl, {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn, .of = wild},
       {.key = "first", .name = "First LAC or TAC", .len = 2, .show = field_number},
       {.key = "last", .name = "Last LAC or TAC", .len = 2, .show = field_number},
       {.key = "record", .name = "Record of EF.PNN", .len = 1, .show = field_number});
/* 4.4.11.9 */
FIELDS(opl5g, {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn, .of = wild},
       {.key = "first", .name = "First TAC", .len = 3, .show = field_number},
       {.key = "last", .name = "Last TAC", .len = 3, .show = field_number},
       {.key = "record", .name = "Record of EF.PNN", .len = 1, .show = field_number});

/* 4.2.66 */
FIELDS(spdi_list, {.tag = 0x80,
		   .key = "plmns",
		   .name = "Service provider PLMN list",
		   .show = field_list,
		   .of = &plmn});
FIELDS(spdi, {.tag = 0xA3,
	      .key = "display",
	      .name = "Service provider display information",
	      .show = field_objects,
	      .of = &spdi_list});

/* 4.2.50 */
FIELDS(cooperative, {.key = "plmn", .name = "PLMN", .len = 3, .show = field_plmn},
       {.key = "subset", .name = "Network subset", .len = 1},
       {.key = "provider", .name = "Service provider", .len = 1},
       {.key = "corporate", .name = "Corporate", .len = 1});
static const struct field cooperative_item = {.key = "network",
					      .name = "Co-operative network",
					      .len = 6,
					      .show = field_fields,
					      .of = &cooperative};

/* 4.2.85, 4.2.86 */
WORDS(presentations, {0, "no preference"}, {1, "only the EHPLMN of the highest priority"},
      {2, "all available EHPLMNs"});
WORDS(last_rplmn, {0, "the last registered PLMN is tried first"},
      {1, "the HPLMN or EHPLMN is tried first, as at automatic selection"});

/* 4.2.57, annex C: frequencies in steps of 200 kHz */
static const struct field frequency = {
	.key = "frequency", .name = "Frequency", .len = 2, .show = field_number, .of = "x 200 kHz"};
FIELDS(gsm_cells,
       {.tag = 0x80,
	.key = "camped",
	.name = "Currently camped frequency",
	.show = field_number,
	.of = "x 200 kHz"},
       {.tag = 0x81,
	.key = "neighbours",
	.name = "Neighbour BCCH frequencies",
	.show = field_list,
	.of = &frequency});
static const struct field code = {
	.key = "code", .name = "Scrambling code", .len = 2, .show = field_number};
FIELDS(carrier,
       {.key = "frequency",
	.name = "Downlink carrier",
	.len = 2,
	.show = field_number,
	.of = "x 200 kHz"},
       {.key = "codes",
	.name = "Scrambling codes",
	.optional = true,
	.show = field_list,
	.of = &code});
FIELDS(umts_cells,
       {.tag = 0x80,
	.key = "intra",
	.name = "Intra frequency carrier",
	.show = field_fields,
	.of = &carrier},
       {.tag = 0x81,
	.key = "inter",
	.name = "Inter frequency carrier",
	.show = field_fields,
	.of = &carrier});
FIELDS(netpar,
       {.tag = 0xA0, .key = "gsm", .name = "GSM cells", .show = field_objects, .of = &gsm_cells},
       {.tag = 0xA1, .key = "fdd", .name = "FDD cells", .show = field_objects, .of = &umts_cells},
       {.tag = 0xA2, .key = "tdd", .name = "TDD cells", .show = field_objects, .of = &umts_cells});

/* TS 51.011 10.3.14: the bits of TS 44.018's neighbour cell description */
static const struct field channel = {
	.key = "channel", .name = "CPBCCH carrier", .len = 2, .show = field_number};
BITS(scan, {0, 1, "limited", "In limited service mode", NULL},
     {1, 1, "selected", "After successful PLMN selection", NULL});
/* TS 31.102 4.2.56 of release 99 */
static const struct field act = {
	.key = "act", .name = "Access technology", .len = 2, .show = show_act};

#define PLMN_ACT(where, id, sfi, name, title, clause)                                              \
	TR(where, id, sfi, name, title, clause, show_plmn_acts, NULL)
#define PLMNS(where, id, sfi, name, title, clause)                                                 \
	TR(where, id, sfi, name, title, clause, field_list, &plmn)

static const struct ef_kind rows[] = {
	PLMN_ACT(USIM, FID_PLMN_USER, 0x0A, "EF.PLMNwAcT", "User controlled PLMN selector",
		 "TS 31.102 4.2.5"),
	PLMN_ACT(USIM, FID_PLMN_OPERATOR, 0x11, "EF.OPLMNwAcT", "Operator controlled PLMN selector",
		 "TS 31.102 4.2.53"),
	PLMN_ACT(USIM, FID_PLMN_HOME, 0x13, "EF.HPLMNwAcT", "HPLMN selector", "TS 31.102 4.2.54"),
	PLMN_ACT(GSM, FID_PLMN_USER, 0, "EF.PLMNwAcT", "User controlled PLMN selector",
		 "TS 51.011 10.3.35"),
	PLMN_ACT(GSM, FID_PLMN_OPERATOR, 0, "EF.OPLMNwAcT", "Operator controlled PLMN selector",
		 "TS 51.011 10.3.36"),
	PLMN_ACT(GSM, FID_PLMN_HOME, 0, "EF.HPLMNwAcT", "HPLMN selector", "TS 51.011 10.3.37"),
	PLMNS(GSM, 0x6F30, 0, "EF.PLMNsel", "PLMN selector", "TS 51.011 10.3.4"),
	PLMNS(USIM, FID_FPLMN, 0x0D, "EF.FPLMN", "Forbidden PLMNs", "TS 31.102 4.2.16"),
	PLMNS(GSM, FID_FPLMN, 0, "EF.FPLMN", "Forbidden PLMNs", "TS 51.011 10.3.16"),
	PLMNS(USIM, FID_EHPLMN, 0x1D, "EF.EHPLMN", "Equivalent HPLMNs", "TS 31.102 4.2.84"),
	TR(USIM, FID_HPPLMN, 0x12, "EF.HPPLMN", "Higher priority PLMN search period",
	   "TS 31.102 4.2.6", show_period, NULL),
	TR(GSM, FID_HPPLMN, 0, "EF.HPPLMN", "HPLMN search period", "TS 51.011 10.3.5", show_period,
	   NULL),
	TR(USIM, 0x6FDB, 0, "EF.EHPLMNPI", "Equivalent HPLMN presentation indication",
	   "TS 31.102 4.2.85", field_words, &presentations),
	TR(USIM, 0x6FDC, 0, "EF.LRPLMNSI", "Last RPLMN selection indication", "TS 31.102 4.2.86",
	   field_words, &last_rplmn),
	LF(USIM, FID_PNN, 0x19, "EF.PNN", "PLMN network name", "TS 31.102 4.2.58", field_objects,
	   &pnn),
	LF(GSM, FID_PNN, 0, "EF.PNN", "PLMN network name", "TS 51.011 10.3.41", field_objects,
	   &pnn),
	LF(USIM, FID_OPL, 0x1A, "EF.OPL", "Operator PLMN list", "TS 31.102 4.2.59", field_fields,
	   &opl),
	LF(GSM, FID_OPL, 0, "EF.OPL", "Operator PLMN list", "TS 51.011 10.3.42", field_fields,
	   &opl),
	LF(5GS, 0x4F08, 0x08, "EF.OPL5G", "5GS operator PLMN list", "TS 31.102 4.4.11.9",
	   field_fields, &opl5g),
	TR(USIM, 0x6FCD, 0x1B, "EF.SPDI", "Service provider display information",
	   "TS 31.102 4.2.66", field_objects, &spdi),
	TR(GSM, 0x6FCD, 0, "EF.SPDI", "Service provider display information", "TS 51.011 10.3.50",
	   field_objects, &spdi),
	TR(USIM, 0x6F32, 0, "EF.CNL", "Co-operative network list", "TS 31.102 4.2.50", field_list,
	   &cooperative_item),
	TR(GSM, 0x6F32, 0, "EF.CNL", "Co-operative network list", "TS 51.011 10.3.30", field_list,
	   &cooperative_item),
	TR(USIM, FID_NETPAR, 0, "EF.NETPAR", "Network parameters", "TS 31.102 4.2.57",
	   field_objects, &netpar),
	TR(GSM, 0x6F74, 0, "EF.BCCH", "Broadcast control channels", "TS 51.011 10.3.14", NULL,
	   NULL),
	TR(GSM_ACCESS, 0x4F63, 0, "EF.CPBCCH", "CPBCCH information", "TS 31.102 4.4.3.3",
	   field_list, &channel),
	TR(GSM, 0x6F63, 0, "EF.CPBCCH", "CPBCCH information", "TS 51.011 10.3.38", field_list,
	   &channel),
	TR(GSM_ACCESS, 0x4F64, 0, "EF.InvScan", "Investigation scan", "TS 31.102 4.4.3.4",
	   field_bits, &scan),
	TR(GSM, 0x6F64, 0, "EF.InvScan", "Investigation scan", "TS 51.011 10.3.39", field_bits,
	   &scan),
	TR(USIM, 0x6F65, 0, "EF.RPLMNAcT", "Access technology of the last registered PLMN",
	   "TS 31.102 4.2.56", field_list, &act),
	CPHS(0x6F14, "EF.ONS", "Operator name string", "B.4.1", field_alpha, NULL),
	CPHS(0x6F18, "EF.ONSF", "Operator name short form", "B.4.1", field_alpha, NULL),
};

const struct ef_set efs_network = {rows, ARRAY_LEN(rows)};
