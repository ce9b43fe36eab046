/* other: files made and resized (TS 102 222), data objects of BER-TLV files, what terminal and card
 * can do, identities (TS 102 221 11.1.18 to 11.1.23, 11.3) */
#include "lib/trace/decode/ef/ef.h"
#include "lib/trace/decode/fcp/ara.h"
#include "lib/trace/decode/fcp/fcp.h"
#include "lib/trace/decode/place.h"
#include "lib/trace/decode/show/rows.h"
#include "lib/uicc/gp.h"

static void tell_answer(const struct decode_item *item, const struct tree *t)
{
	if (item->answer.len)
		field_octets(&(struct field){.key = "answer", .name = "Answer"}, item->answer, NULL,
			     t);
}

/* TS 102 222 6.3, 6.10: an FCP */
static void tell_file_made(const struct decode_item *item, const struct tree *t)
{
	if (item->data.len)
		fcp_show(item->data, t);
	tell_answer(item, t);
}

const struct show show_make_file = {NULL, tell_file_made};

static void what_file_named(const struct decode_item *item, struct wbuf *words)
{
	show_say_hex(words, item->data);
}

const struct show show_delete_file = {what_file_named, NULL};

/* P2 of RETRIEVE DATA and SET DATA, table 11.29: its high bits */
WORDS(blocks, {0x80, "first block"}, {0x00, "next block"}, {0x60, "previous block"},
      {0x40, "current block"});

static void what_object(const struct decode_item *item, struct wbuf *words)
{
	const char *text = words_find(&blocks, item->exchange->apdu.p2 & 0xE0);

	show_say(words, "%s", text ? text : "unknown block");
	if (item->exchange->apdu.ins == INS_RETRIEVE_DATA && item->data.len) {
		show_say(words, ", tag ");
		show_say_hex(words, item->data);
	}
}

static void tell_object(const struct decode_item *item, const struct tree *t)
{
	bool sets = item->exchange->apdu.ins == INS_SET_DATA;
	struct slice content = sets ? item->data : item->answer;

	if (content.len)
		ef_show(item->view.ef, content, t);
}

const struct show show_object = {what_object, tell_object};

/* 11.1.19.2 */
BITS(interfaces, {0, 1, "uicc-clf", "UICC-CLF interface (SWP)", NULL});
BITS(euicc, {0, 1, "lui-d", "Local user interface in the device (LUId)", NULL},
     {1, 1, "lpd-d", "Local profile download in the device (LPDd)", NULL},
     {2, 1, "lds-d", "Local discovery service in the device (LDSd)", NULL},
     {3, 1, "lui-e", "LUIe based on SCWS", NULL},
     {4, 1, "metadata", "Metadata update alerting", NULL},
     {5, 1, "enterprise", "Enterprise capable device", NULL},
     {6, 1, "lui-e-e4e", "LUIe using E4E", NULL}, {7, 1, "lpr", "LPR", NULL});
FIELDS(power, {.key = "used", .name = "Supply voltage class", .len = 1},
       {.key = "maximum", .name = "Maximum power", .len = 1, .show = field_number, .of = "mA"},
       {.key = "clock", .name = "Clock frequency", .optional = true});
FIELDS(capabilities,
       {.tag = 0x80,
	.key = "power",
	.name = "Terminal power supply",
	.show = field_fields,
	.of = &power},
       {.tag = 0x81, .key = "channels", .name = "Extended logical channels"},
       {.tag = 0x82,
	.key = "interfaces",
	.name = "Additional interfaces",
	.show = field_bits,
	.of = &interfaces},
       {.tag = 0x83,
	.key = "euicc",
	.name = "eUICC related capabilities",
	.show = field_bits,
	.of = &euicc},
       {.tag = 0x84, .key = "device", .name = "Device specific capabilities"});
FIELDS(template, {.tag = 0xA9,
		  .key = "terminal-capability",
		  .name = "Terminal capability",
		  .show = field_objects,
		  .of = &capabilities});

static void tell_capability(const struct decode_item *item, const struct tree *t)
{
	objects_tell(&template, item->data, t);
}

const struct show show_terminal_capability = {NULL, tell_capability};

/* TS 31.102 7.5.2: P2 */
WORDS(identities, {0x01, "SUCI"}, {0x02, "SUCI for an SNPN"});

static void what_identity(const struct decode_item *item, struct wbuf *words)
{
	const char *text = words_find(&identities, item->exchange->apdu.p2);

	show_say(words, "%s", text ? text : "unknown context");
}

const struct show show_identity = {what_identity, tell_answer};

/* Data objects of GlobalPlatform H and 11.3, SEAC 4.1, ISO 7816-4: P1 and P2 are the tag */
WORDS(tags, {0x0042, "issuer identification number"}, {0x0045, "card image number"},
      {0x004F, "AID"}, {0x005A, "EID"}, {0x0066, "card data"},
      {0x0067, "card capability information"}, {0x00C1, "sequence counter"},
      {0x00C2, "confirmation counter"}, {0x00CF, "key diversification data"},
      {0x00D3, "current security level"}, {0x00E0, "key information template"},
      {0x2F00, "list of applications"}, {GP_TAG_CPLC, "card production life cycle data"},
      {0xBF21, "certificates"}, {0xBF30, "certificate"},
      {0xDF20, "refresh tag of the access rules"}, {0xFF21, "extended card resources"},
      {0xFF40, "all access rules"}, {0xFF50, "an access rule"}, {0xFF60, "further access rules"});

static uint32_t tag_asked(const struct decode_item *item)
{
	return (uint32_t)item->exchange->apdu.p1 << 8 | item->exchange->apdu.p2;
}

static void what_get_data(const struct decode_item *item, struct wbuf *words)
{
	const struct apdu *a = &item->exchange->apdu;
	const char *text = words_find(&tags, tag_asked(item));

	show_say(words, "tag %02X%02X%s%s", a->p1, a->p2, text ? ", " : "", text ? text : "");
}

static void tell_get_data(const struct decode_item *item, const struct tree *t)
{
	if (!item->answer.len || item->view.place->application.kind != APPLICATION_ARAM ||
	    !ara_show_answer(tag_asked(item), item->answer, t))
		tell_answer(item, t);
}

const struct show show_get_data = {what_get_data, tell_get_data};
