/* calls: charging, call records, priorities, group calls */
#include <stdio.h>

#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"

/* TS 31.102 4.2.13: a currency, then the price as a number of 12 bits with an exponent */
static void show_price(const struct field *f, struct slice v, const struct tree *t)
{
	unsigned high = slice_at(v, 0), low = slice_at(v, 1);
	unsigned price = high << 4 | (low & 0x0F);

	tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "%u x 10^%s%u",
		  price, low & 0x10 ? "-" : "", low >> 5);
}
FIELDS(puct, {.key = "currency", .name = "Currency", .len = 3, .show = field_alpha},
       {.key = "price", .name = "Price per unit", .len = 2, .show = show_price});

/* 4.2.33, 4.2.34 */
static void show_call_number(const struct field *f, struct slice v, const struct tree *t)
{
	size_t n = slice_at(v, 0);

	if (!n || n > v.len - 1)
		tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "none");
	else
		field_number_called(f, slice_sub(v, 1, n), t);
}
BITS(answered, {0, 1, "unanswered", "Not answered", NULL}, {1, 7, "rfu", "RFU", NULL});
#define CALL                                                                                       \
	{.key = "name", .name = "Alpha identifier", .optional = true, .show = field_alpha},        \
		{.key = "number", .name = "Number", .len = 12, .show = show_call_number},          \
		{.key = "ccp", .name = "Capability/configuration record", .len = 1},               \
		{.key = "extension", .name = "Extension record", .len = 1},                        \
		{.key = "time", .name = "Date and time", .len = 7, .show = field_time},            \
	{                                                                                          \
		.key = "duration", .name = "Duration", .len = 3, .show = field_number, .of = "s"   \
	}
#define LINK                                                                                       \
	{                                                                                          \
		.key = "link", .name = "Link to the phone book entry", .len = 3                    \
	}
FIELDS(incoming, CALL,
       {.key = "status", .name = "Status", .len = 1, .show = field_bits, .of = &answered}, LINK);
FIELDS(outgoing, CALL, LINK);

/* 4.2.39: levels of priority; TS 22.067 */
BITS(levels, {0, 1, "a", "Level A", NULL}, {1, 1, "b", "Level B", NULL},
     {2, 1, "0", "Level 0", NULL}, {3, 1, "1", "Level 1", NULL}, {4, 1, "2", "Level 2", NULL},
     {5, 1, "3", "Level 3", NULL}, {6, 1, "4", "Level 4", NULL});
FIELDS(emlpp,
       {.key = "levels", .name = "Priority levels", .len = 1, .show = field_bits, .of = &levels},
       {.key = "fast",
	.name = "Levels with fast call set-up",
	.len = 1,
	.show = field_bits,
	.of = &levels});

/* 4.2.73, TS 51.011 10.3.20 */
static const struct field group = {
	.key = "group", .name = "Group identifier", .len = 4, .show = field_digits};

/* 4.2.74: one bit for each group of the list */
static void show_active(const struct field *f, struct slice v, const struct tree *t)
{
	char text[192] = "";
	size_t n = 0;

	for (unsigned i = 0; i < 50 && i < 8 * v.len; i++) {
		if (slice_at(v, i / 8) >> i % 8 & 1)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u", n ? ", " : "",
					      i + 1);
	}
	tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v},
		  n ? "active: group %s" : "no group is active", text);
}

/* 4.2.77: which algorithm each group uses with each of its two keys; 0: none */
FIELDS(algorithms, {.key = "key-1", .name = "Algorithm of V_Ki 1", .len = 1, .show = field_number},
       {.key = "key-2", .name = "Algorithm of V_Ki 2", .len = 1, .show = field_number});
static const struct field group_algorithms = {.key = "group",
					      .name = "Ciphering algorithms of a group",
					      .len = 2,
					      .show = field_fields,
					      .of = &algorithms};

/* 4.2.72 */
FIELDS(alerting, {.key = "category", .name = "Alerting category", .len = 1, .show = field_number},
       {.key = "text", .name = "Informative text", .optional = true, .show = field_alpha});

#define UNITS "units"

static const struct ef_kind rows[] = {
	TR(USIM, 0x6F37, 0, "EF.ACMmax", "Maximum of the accumulated call meter", "TS 31.102 4.2.7",
	   field_number, UNITS),
	TR(GSM, 0x6F37, 0, "EF.ACMmax", "Maximum of the accumulated call meter", "TS 51.011 10.3.6",
	   field_number, UNITS),
	CY(USIM, 0x6F39, 0, "EF.ACM", "Accumulated call meter", "TS 31.102 4.2.9", field_number,
	   UNITS),
	CY(GSM, 0x6F39, 0, "EF.ACM", "Accumulated call meter", "TS 51.011 10.3.8", field_number,
	   UNITS),
	TR(USIM, 0x6F41, 0, "EF.PUCT", "Price per unit and currency table", "TS 31.102 4.2.13",
	   field_fields, &puct),
	TR(GSM, 0x6F41, 0, "EF.PUCT", "Price per unit and currency table", "TS 51.011 10.3.12",
	   field_fields, &puct),
	CY(USIM, 0x6F80, 0x14, "EF.ICI", "Incoming call information", "TS 31.102 4.2.33",
	   field_fields, &incoming),
	CY(USIM, 0x6F81, 0x15, "EF.OCI", "Outgoing call information", "TS 31.102 4.2.34",
	   field_fields, &outgoing),
	CY(USIM, 0x6F82, 0, "EF.ICT", "Incoming call timer", "TS 31.102 4.2.35", field_number, "s"),
	CY(USIM, 0x6F83, 0, "EF.OCT", "Outgoing call timer", "TS 31.102 4.2.36", field_number, "s"),
	TR(USIM, 0x6FB5, 0, "EF.eMLPP", "Enhanced multi-level precedence and pre-emption",
	   "TS 31.102 4.2.39", field_fields, &emlpp),
	TR(GSM, 0x6FB5, 0, "EF.eMLPP", "Enhanced multi-level precedence and pre-emption",
	   "TS 51.011 10.3.24", field_fields, &emlpp),
	TR(USIM, 0x6FB6, 0, "EF.AAeM", "Automatic answer for eMLPP", "TS 31.102 4.2.40", field_bits,
	   &levels),
	TR(GSM, 0x6FB6, 0, "EF.AAeM", "Automatic answer for eMLPP", "TS 51.011 10.3.25", field_bits,
	   &levels),
	TR(USIM, 0x6FB1, 0, "EF.VGCS", "Voice group call service", "TS 31.102 4.2.73", field_list,
	   &group),
	TR(GSM, 0x6FB1, 0, "EF.VGCS", "Voice group call service", "TS 51.011 10.3.20", field_list,
	   &group),
	TR(USIM, 0x6FB2, 0, "EF.VGCSS", "Voice group call service status", "TS 31.102 4.2.74",
	   show_active, NULL),
	TR(GSM, 0x6FB2, 0, "EF.VGCSS", "Voice group call service status", "TS 51.011 10.3.21",
	   show_active, NULL),
	TR(USIM, 0x6FB3, 0, "EF.VBS", "Voice broadcast service", "TS 31.102 4.2.75", field_list,
	   &group),
	TR(GSM, 0x6FB3, 0, "EF.VBS", "Voice broadcast service", "TS 51.011 10.3.22", field_list,
	   &group),
	TR(USIM, 0x6FB4, 0, "EF.VBSS", "Voice broadcast service status", "TS 31.102 4.2.76",
	   show_active, NULL),
	TR(GSM, 0x6FB4, 0, "EF.VBSS", "Voice broadcast service status", "TS 51.011 10.3.23",
	   show_active, NULL),
	TR(USIM, 0x6FD4, 0, "EF.VGCSCA", "Voice group call service ciphering algorithm",
	   "TS 31.102 4.2.77", field_list, &group_algorithms),
	TR(USIM, 0x6FD5, 0, "EF.VBSCA", "Voice broadcast service ciphering algorithm",
	   "TS 31.102 4.2.78", field_list, &group_algorithms),
	LF(USIM, 0x6FD3, 0, "EF.NIA", "Network's indication of alerting", "TS 31.102 4.2.72",
	   field_fields, &alerting),
	LF(GSM, 0x6F51, 0, "EF.NIA", "Network's indication of alerting", "TS 51.011 10.3.31",
	   field_fields, &alerting),
};

const struct ef_set efs_calls = {rows, ARRAY_LEN(rows)};
