/* messages: short messages, their parameters and reports, and what is listened to of broadcasts */
#include "lib/trace/decode/ef/rows.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"
#include "lib/trace/decode/sms/tpdu.h"
#include "lib/uicc/fid.h"

#define STATUS_FREE	  0
#define STATUS_FROM_PHONE 0x04 /* to be sent, or sent */

/* TS 31.102 4.2.25 */
WORDS(states, {0x00, "free space"}, {0x01, "received, read"}, {0x03, "received, to be read"},
      {0x07, "to be sent"}, {0x05, "sent"}, {0x0D, "sent, status report not received"},
      {0x15, "sent, status report received, not stored"},
      {0x1D, "sent, status report received, stored in EF.SMSR"});

/* Service centre (TS 24.011 8.2.5.1: octets), then the message */
static void show_sms(const struct field *f, struct slice v, const struct tree *t)
{
	static const struct field status = {
		.key = "status", .name = "Status", .show = field_words, .of = &states};
	static const struct field centre = {.key = "service-centre",
					    .name = "Service centre address",
					    .show = field_number_called};
	struct cursor c = cursor_of(v);
	struct slice state = cursor_take(&c, 1), address;
	uint8_t way = slice_at(state, 0);

	tree_open(t, f->key, f->name, v);
	field_tell(&status, state, t);
	if (way & 1 && !field_is_blank(c.rest)) {
		struct slice rest = c.rest;

		address = cursor_take(&c, cursor_u8(&c));
		if (c.err)
			field_octets(&centre, rest, "longer than the record", t);
		else
			field_tell(&centre, address, t);
		if (!c.err && cursor_left(&c))
			tpdu_show(c.rest,
				  way & STATUS_FROM_PHONE ? TPDU_FROM_MOBILE : TPDU_TO_MOBILE, t);
	}
	tree_close(t);
}

/* 4.2.32: of the report there is no first octet in front of its own */
static void show_report(const struct field *f, struct slice v, const struct tree *t)
{
	static const struct field record = {
		.key = "record", .name = "Record of EF.SMS", .show = field_number};

	tree_open(t, f->key, f->name, v);
	field_tell(&record, slice_sub(v, 0, 1), t);
	if (slice_at(v, 0) && v.len > 1)
		tpdu_show(slice_sub(v, 1, v.len), TPDU_TO_MOBILE, t);
	tree_close(t);
}

/* 4.2.27: a bit of the indicators that is 0 says that the field is there */
WORDS(presence, {0, "present"}, {1, "absent"});
BITS(indicators, {0, 1, "destination", "TP-DA", &presence},
     {1, 1, "service-centre", "TS-service centre address", &presence},
     {2, 1, "pid", "TP-PID", &presence}, {3, 1, "dcs", "TP-DCS", &presence},
     {4, 1, "validity", "TP-VP", &presence}, {5, 3, "rfu", "RFU", NULL});
FIELDS(smsp, {.key = "name", .name = "Alpha identifier", .optional = true, .show = field_alpha},
       {.key = "indicators",
	.name = "Parameter indicators",
	.len = 1,
	.show = field_bits,
	.of = &indicators},
       {.key = "destination",
	.name = "TP-destination address",
	.len = 12,
	.show = tpdu_field_address},
       {.key = "service-centre",
	.name = "TS-service centre address",
	.len = 12,
	.show = tpdu_field_service_centre},
       {.key = "pid", .name = "TP-protocol identifier", .len = 1, .show = tpdu_field_protocol},
       {.key = "dcs", .name = "TP-data coding scheme", .len = 1, .show = tpdu_field_coding},
       {.key = "validity", .name = "TP-validity period", .len = 1, .show = tpdu_field_validity});

/* 4.2.28: a bit that is 0 says that the memory was exceeded */
WORDS(memory, {0, "exceeded"}, {1, "available"});
BITS(capacity, {0, 1, "memory", "Memory capacity", &memory}, {1, 7, "rfu", "RFU", NULL});
FIELDS(smss, {.key = "reference", .name = "Last used TP-MR", .len = 1, .show = field_number},
       {.key = "memory",
	.name = "SMS memory capacity exceeded",
	.len = 1,
	.show = field_bits,
	.of = &capacity},
       {.key = "rfu", .name = "RFU", .optional = true});

/* 4.2.14, 4.2.22 */
static const struct field identifier = {
	.key = "identifier", .name = "Message identifier", .len = 2, .show = field_number};
FIELDS(range, {.key = "first", .name = "First message identifier", .len = 2, .show = field_number},
       {.key = "last", .name = "Last message identifier", .len = 2, .show = field_number});
static const struct field range_item = {
	.key = "range", .name = "Range", .len = 4, .show = field_fields, .of = &range};

/* TS 31.102 4.5.9 */
FIELDS(psismsc, {.tag = 0x80,
		 .key = "uri",
		 .name = "Public service identity of the SM-SC",
		 .show = field_utf8});

static const struct ef_kind rows[] = {
	LF(USIM, FID_SMS, 0, "EF.SMS", "Short messages", "TS 31.102 4.2.25", show_sms, NULL),
	LF(ISIM, FID_SMS, 0, "EF.SMS", "Short messages", "TS 31.103 4.2.12", show_sms, NULL),
	LF(TELECOM, FID_SMS, 0, "EF.SMS", "Short messages", "TS 51.011 10.5.3", show_sms, NULL),
	LF(USIM, FID_SMSP, 0, "EF.SMSP", "Short message service parameters", "TS 31.102 4.2.27",
	   field_fields, &smsp),
	LF(ISIM, FID_SMSP, 0, "EF.SMSP", "Short message service parameters", "TS 31.103 4.2.15",
	   field_fields, &smsp),
	LF(TELECOM, FID_SMSP, 0, "EF.SMSP", "Short message service parameters", "TS 51.011 10.5.6",
	   field_fields, &smsp),
	TR(USIM, 0x6F43, 0, "EF.SMSS", "SMS status", "TS 31.102 4.2.28", field_fields, &smss),
	TR(ISIM, 0x6F43, 0, "EF.SMSS", "SMS status", "TS 31.103 4.2.13", field_fields, &smss),
	TR(TELECOM, 0x6F43, 0, "EF.SMSS", "SMS status", "TS 51.011 10.5.7", field_fields, &smss),
	LF(USIM, 0x6F47, 0, "EF.SMSR", "Short message status reports", "TS 31.102 4.2.32",
	   show_report, NULL),
	LF(ISIM, 0x6F47, 0, "EF.SMSR", "Short message status reports", "TS 31.103 4.2.14",
	   show_report, NULL),
	LF(TELECOM, 0x6F47, 0, "EF.SMSR", "Short message status reports", "TS 51.011 10.5.8",
	   show_report, NULL),
	TR(USIM, 0x6F45, 0, "EF.CBMI", "Cell broadcast message identifier selection",
	   "TS 31.102 4.2.14", field_list, &identifier),
	TR(GSM, 0x6F45, 0, "EF.CBMI", "Cell broadcast message identifier selection",
	   "TS 51.011 10.3.13", field_list, &identifier),
	TR(USIM, 0x6F48, 0x0E, "EF.CBMID", "Cell broadcast message identifier for data download",
	   "TS 31.102 4.2.20", field_list, &identifier),
	TR(GSM, 0x6F48, 0, "EF.CBMID", "Cell broadcast message identifier for data download",
	   "TS 51.011 10.3.26", field_list, &identifier),
	TR(USIM, 0x6F50, 0, "EF.CBMIR", "Cell broadcast message identifier range selection",
	   "TS 31.102 4.2.22", field_list, &range_item),
	TR(GSM, 0x6F50, 0, "EF.CBMIR", "Cell broadcast message identifier range selection",
	   "TS 51.011 10.3.28", field_list, &range_item),
	LF(TELECOM, 0x6FE5, 0, "EF.PSISMSC", "Public service identity of the SM-SC",
	   "TS 31.102 4.5.9", field_objects, &psismsc),
};

const struct ef_set efs_messages = {rows, ARRAY_LEN(rows)};
