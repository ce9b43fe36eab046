#include "lib/trace/decode/cat/cat.h"

#include <stdio.h>

#include "lib/base/tlv.h"
#include "lib/trace/decode/cat/names.h"
#include "lib/trace/decode/field/aid.h"
#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"
#include "lib/trace/decode/sms/coding.h"
#include "lib/trace/decode/sms/tpdu.h"

#define COMPREHENSION 0x80 /* of a tag: the terminal must understand it, TS 101 220 7.1.1 */
#define TAG_FIRST_SMS 0xD1 /* an SMS-PP download goes to the card, all else comes from it */
#define LONG_LENGTH   0x81
#define LONGER_LENGTH 0x82

WORDS(units, {0, "minutes"}, {1, "seconds"}, {2, "tenths of a second"});

/* 8.6: the number, the type, and a qualifier that depends on it */
static void show_details(const struct field *f, struct slice v, const struct tree *t)
{
	const char *type = words_find(&cat_commands, slice_at(v, 1));
	const char *how =
		slice_at(v, 1) == CAT_REFRESH ? words_find(&cat_refreshes, slice_at(v, 2)) : NULL;

	if (v.len != 3)
		field_octets(f, v, "not of three octets", t);
	else
		tree_leaf(t,
			  &(struct tree_node){.key = f->key,
					      .name = f->name,
					      .raw = v,
					      .fault = type ? NULL : "no type of the standard"},
			  "number %u, %s, qualifier %02X%s%s", slice_at(v, 0),
			  type ? type : "unknown type", slice_at(v, 2), how ? ": " : "",
			  how ? how : "");
}

static void show_devices(const struct field *f, struct slice v, const struct tree *t)
{
	const char *from = words_find(&cat_devices, slice_at(v, 0)),
		   *to = words_find(&cat_devices, slice_at(v, 1));

	if (v.len != 2)
		field_octets(f, v, "not of two octets", t);
	else
		tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v},
			  "%s to %s", from ? from : "unknown", to ? to : "unknown");
}

static void show_result(const struct field *f, struct slice v, const struct tree *t)
{
	const char *text = words_find(&cat_results, slice_at(v, 0));

	tree_leaf(t,
		  &(struct tree_node){.key = f->key,
				      .name = f->name,
				      .raw = v,
				      .fault = text ? NULL : "no result of the standard"},
		  v.len > 1 ? "%s, additional information %02X" : "%s", text ? text : "unknown",
		  slice_at(v, 1));
}

static void show_duration(const struct field *f, struct slice v, const struct tree *t)
{
	const char *unit = words_find(&units, slice_at(v, 0));

	tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "%u %s",
		  slice_at(v, 1), unit ? unit : "of an unknown unit");
}

/* 8.25 */
static void show_events(const struct field *f, struct slice v, const struct tree *t)
{
	static const struct field event = {
		.key = "event", .name = "Event", .len = 1, .show = field_words, .of = &cat_events};

	field_list(&(struct field){.key = f->key, .name = f->name, .of = &event}, v, t);
}

/* 8.15: the coding, then the text */
static void show_text(const struct field *f, struct slice v, const struct tree *t)
{
	struct coded body = {.coding = slice_at(v, 0), .octets = slice_sub(v, 1, v.len)};
	size_t packed = body.octets.len * 8 / 7;

	if (coding_octets(body.coding, 8) == 7) /* eight characters in seven octets */
		body.count = (uint8_t)(packed < UINT8_MAX ? packed : UINT8_MAX);
	else
		body.count = (uint8_t)body.octets.len;
	tree_open(t, f->key, f->name, v);
	if (v.len)
		coding_tell(&body, t);
	tree_close(t);
}

/* 8.9: the item's identifier, then its text */
static void show_item(const struct field *f, struct slice v, const struct tree *t)
{
	char text[TEXT_CAP];

	texts_alpha(slice_sub(v, 1, v.len), text);
	tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "%u: %s",
		  slice_at(v, 0), text);
}

static void show_tpdu(const struct field *f, struct slice v, const struct tree *t)
{
	/* in a command: what the terminal is to send */
	tpdu_show(v, f->of ? TPDU_TO_MOBILE : TPDU_FROM_MOBILE, t);
}

#define ROW(number, id, title, how, what)                                                          \
	{                                                                                          \
		.tag = (number), .key = (id), .name = (title), .show = (how), .of = (what)         \
	}
/* TS 102 223 9.3, TS 31.111 9.3 */
static const struct field objects[] = {
	ROW(CAT_TAG_DETAILS, "command-details", "Command details", show_details, NULL),
	ROW(0x02, "devices", "Device identities", show_devices, NULL),
	ROW(CAT_TAG_RESULT, "result", "Result", show_result, NULL),
	ROW(0x04, "duration", "Duration", show_duration, NULL),
	ROW(0x05, "alpha", "Alpha identifier", field_alpha, NULL),
	ROW(0x06, "address", "Address", field_number_called, NULL),
	ROW(0x07, "capability", "Capability configuration parameters", NULL, NULL),
	ROW(0x08, "subaddress", "Subaddress", NULL, NULL),
	ROW(0x09, "ss", "SS string", NULL, NULL),
	ROW(0x0A, "ussd", "USSD string", show_text, NULL),
	ROW(0x0B, "tpdu", "SMS TPDU", show_tpdu, NULL),
	ROW(0x0C, "page", "Cell broadcast page", NULL, NULL),
	ROW(0x0D, "text", "Text string", show_text, NULL),
	ROW(0x0E, "tone", "Tone", NULL, NULL),
	ROW(0x0F, "item", "Item", show_item, NULL),
	ROW(0x10, "item-id", "Item identifier", field_number, NULL),
	ROW(0x11, "response-length", "Response length", NULL, NULL),
	ROW(0x12, "files", "File list", NULL, NULL),
	ROW(0x13, "location", "Location information", NULL, NULL),
	ROW(0x14, "imei", "IMEI", field_digits, NULL),
	ROW(0x15, "help", "Help request", NULL, NULL),
	ROW(0x16, "measurements", "Network measurement results", NULL, NULL),
	ROW(0x17, "default-text", "Default text", show_text, NULL),
	ROW(0x18, "next-actions", "Items next action indicator", NULL, NULL),
	ROW(CAT_TAG_EVENTS, "events", "Event list", show_events, NULL),
	ROW(0x1A, "cause", "Cause", NULL, NULL),
	ROW(0x1B, "location-status", "Location status", NULL, NULL),
	ROW(0x1C, "transaction", "Transaction identifier", NULL, NULL),
	ROW(0x1D, "bcch", "BCCH channel list", NULL, NULL),
	ROW(0x1E, "icon", "Icon identifier", NULL, NULL),
	ROW(0x1F, "item-icons", "Item icon identifier list", NULL, NULL),
	ROW(0x20, "reader-status", "Card reader status", NULL, NULL),
	ROW(0x21, "atr", "Card ATR", NULL, NULL),
	ROW(0x22, "c-apdu", "C-APDU", NULL, NULL),
	ROW(0x23, "r-apdu", "R-APDU", NULL, NULL),
	ROW(0x24, "timer", "Timer identifier", field_number, NULL),
	ROW(0x25, "timer-value", "Timer value", NULL, NULL),
	ROW(0x26, "time", "Date, time and time zone", field_time, NULL),
	ROW(0x27, "action", "Call control requested action", NULL, NULL),
	ROW(0x28, "at", "AT command", field_utf8, NULL),
	ROW(0x29, "at-response", "AT response", field_utf8, NULL),
	ROW(0x2A, "repeat", "BC repeat indicator", NULL, NULL),
	ROW(0x2B, "immediate", "Immediate response", NULL, NULL),
	ROW(0x2C, "dtmf", "DTMF string", NULL, NULL),
	ROW(0x2D, "language", "Language", field_utf8, NULL),
	ROW(0x2E, "timing-advance", "Timing advance", NULL, NULL),
	ROW(0x2F, "aid", "AID", field_aid, NULL),
	ROW(0x30, "browser", "Browser identity", NULL, NULL),
	ROW(0x31, "url", "URL", field_utf8, NULL),
	ROW(0x32, "bearer", "Bearer", NULL, NULL),
	ROW(0x33, "provisioning", "Provisioning reference file", NULL, NULL),
	ROW(0x34, "browser-cause", "Browser termination cause", NULL, NULL),
	ROW(0x35, "bearer-description", "Bearer description", NULL, NULL),
	ROW(0x36, "channel-data", "Channel data", NULL, NULL),
	ROW(0x37, "channel-data-length", "Channel data length", field_number, NULL),
	ROW(0x38, "channel-status", "Channel status", NULL, NULL),
	ROW(0x39, "buffer", "Buffer size", field_number, NULL),
	ROW(0x3A, "reader", "Card reader identifier", NULL, NULL),
	ROW(0x3B, "file-update", "File update information", NULL, NULL),
	ROW(0x3C, "transport", "UICC/terminal interface transport level", NULL, NULL),
	ROW(0x3E, "destination", "Other address", NULL, NULL),
	ROW(0x3F, "access-technology", "Access technology", NULL, NULL),
	ROW(0x40, "display", "Display parameters", NULL, NULL),
	ROW(0x47, "network", "Network access name", field_labels, NULL),
	ROW(0x50, "text-attribute", "Text attribute", NULL, NULL),
	ROW(0x51, "item-attributes", "Item text attribute list", NULL, NULL),
	ROW(0x52, "pdp", "PDP context activation parameters", NULL, NULL),
	ROW(0x62, "imeisv", "IMEISV", field_digits, NULL),
	ROW(0x63, "battery", "Battery state", NULL, NULL),
	ROW(0x65, "search-mode", "Network search mode", NULL, NULL),
	ROW(0x69, "qualifier", "Measurement qualifier", NULL, NULL),
	ROW(0x72, "plmns", "PLMNwAcT list", NULL, NULL),
	ROW(0x73, "routing-area", "Routing area identification", NULL, NULL),
	ROW(0x74, "attach-type", "Update/attach type", NULL, NULL),
	ROW(0x75, "rejection-cause", "Rejection cause code", NULL, NULL),
	ROW(0x7C, "eps-pdn", "EPS PDN connection activation parameters", NULL, NULL),
	ROW(0x7D, "tracking-area", "Tracking area identification", NULL, NULL),
};

struct object {
	uint8_t tag; /* without the bit of comprehension */
	struct slice value;
};

/* TS 101 220 7.1: a tag of one octet, a length of one to three. False at the end, or where it is
 * none. */
static bool next_object(struct cursor *c, struct object *out)
{
	uint8_t tag = cursor_u8(c);
	size_t n = cursor_u8(c);

	if (n == LONG_LENGTH)
		n = cursor_u8(c);
	else if (n == LONGER_LENGTH)
		n = cursor_u16(c);
	out->tag = tag & (uint8_t)~COMPREHENSION;
	out->value = cursor_take(c, n);
	return !c->err;
}

bool cat_find(struct slice objects_of, enum cat_tag tag, struct slice *value)
{
	struct cursor c = cursor_of(objects_of);
	struct object o;

	while (next_object(&c, &o)) {
		if (o.tag == (unsigned)tag) {
			*value = o.value;
			return true;
		}
	}
	return false;
}

uint8_t cat_open(struct slice whole, struct slice *inner)
{
	struct cursor c = cursor_of(whole);
	uint32_t tag = 0;
	size_t len = 0;

	if (!tlv_header(&c, &tag, &len) || tag > UINT8_MAX)
		return 0;
	*inner = slice_sub(c.rest, 0, len);
	return (uint8_t)tag;
}

bool cat_take_details(struct slice list, struct cat_details *out)
{
	struct slice v;

	if (!cat_find(list, CAT_TAG_DETAILS, &v) || v.len != 3)
		return false;
	*out = (struct cat_details){slice_at(v, 0), slice_at(v, 1), slice_at(v, 2)};
	return true;
}

const char *cat_type_name(uint8_t type)
{
	return words_find(&cat_commands, type);
}

const char *cat_refresh_name(uint8_t qualifier)
{
	return words_find(&cat_refreshes, qualifier);
}

static const char *command_name(struct slice details)
{
	const char *name = words_find(&cat_commands, slice_at(details, 1));

	return name ? name : "unknown command";
}

void cat_proactive_title(struct slice command, char out[static CAT_TITLE_MAX])
{
	struct slice inner = SLICE_EMPTY, details;

	(void)cat_open(command, &inner);
	snprintf(out, CAT_TITLE_MAX, "%s",
		 cat_find(inner, CAT_TAG_DETAILS, &details) ? command_name(details) : "");
}

void cat_response_title(struct slice response, char out[static CAT_TITLE_MAX])
{
	struct slice details, result;
	const char *name =
		cat_find(response, CAT_TAG_DETAILS, &details) ? command_name(details) : "";
	const char *text = cat_find(response, CAT_TAG_RESULT, &result)
				   ? words_find(&cat_results, slice_at(result, 0))
				   : "no result";

	snprintf(out, CAT_TITLE_MAX, "%s: %s", name, text ? text : "unknown result");
}

void cat_envelope_title(struct slice envelope, char out[static CAT_TITLE_MAX])
{
	struct slice inner = SLICE_EMPTY, events;
	uint8_t tag = cat_open(envelope, &inner);
	const char *name = words_find(&cat_templates, tag), *event = NULL;

	if (cat_find(inner, CAT_TAG_EVENTS, &events))
		event = words_find(&cat_events, slice_at(events, 0));
	snprintf(out, CAT_TITLE_MAX, "%s%s%s", name ? name : "unknown envelope", event ? ": " : "",
		 event ? event : "");
}

static void tell_one(const struct object *o, bool to_card, const struct tree *t)
{
	struct field f = {.key = "unknown", .name = "Object"};
	char name[24];

	for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
		if (objects[i].tag == o->tag)
			f = objects[i];
	}
	if (!f.tag) {
		snprintf(name, sizeof(name), "Object with tag %02X", o->tag);
		f.name = name;
	}
	if (f.show == show_tpdu && to_card)
		f.of = &objects; /* any: see show_tpdu() */
	field_tell(&f, o->value, t);
}

static void tell_all(struct slice list, bool to_card, const struct tree *t)
{
	struct cursor c = cursor_of(list);
	struct slice rest = list;
	struct object o;

	while (cursor_left(&c) && next_object(&c, &o)) {
		tell_one(&o, to_card, t);
		rest = c.rest;
	}
	if (c.err)
		field_octets(&(struct field){.key = "octets", .name = "Octets"}, rest,
			     "no COMPREHENSION-TLV object, or one that is cut", t);
}

void cat_tell_objects(struct slice list, const struct tree *t)
{
	tell_all(list, false, t);
}

void cat_tell(struct slice object, const struct tree *t)
{
	struct slice inner = SLICE_EMPTY;
	uint8_t tag = cat_open(object, &inner);
	const char *name = words_find(&cat_templates, tag);

	if (!name) {
		field_octets(&(struct field){.key = "octets", .name = "Octets"}, object,
			     "neither a proactive command nor an envelope", t);
		return;
	}
	tree_open(t, tag == CAT_PROACTIVE ? "proactive-command" : "envelope", name, inner);
	tell_all(inner, tag == TAG_FIRST_SMS, t);
	tree_close(t);
}
