#include "lib/trace/decode/sms/coding.h"

#include <stdio.h>

#include "lib/trace/decode/field/texts.h"
#include "lib/trace/decode/sms/packet.h"

enum alphabet { GSM_7, DATA_8, UCS2, RESERVED };

static enum alphabet alphabet_of(uint8_t scheme)
{
	if (scheme >> 7 == 0) /* general data coding, or to be deleted */
		return scheme & 0x20 ? RESERVED : (enum alphabet)(scheme >> 2 & 3);
	if (scheme >= 0xF0)
		return scheme & 0x04 ? DATA_8 : GSM_7;
	if (scheme >= 0xE0)
		return UCS2;
	return scheme >= 0xC0 ? GSM_7 : RESERVED;
}

void coding_text(uint8_t scheme, char out[static CODING_TEXT])
{
	static const char *const names[] = {"GSM 7 bit", "8 bit data", "UCS2", "reserved"};
	static const char *const waiting[] = {"voicemail", "fax", "e-mail", "other"};
	bool general = scheme >> 7 == 0, message = scheme >= 0xC0 && scheme < 0xF0;
	bool with_class = (general && scheme & 0x10) || scheme >= 0xF0;
	size_t n = (size_t)snprintf(out, CODING_TEXT, "%s", names[alphabet_of(scheme)]);

	if (general && scheme & 0x20)
		n += (size_t)snprintf(out + n, CODING_TEXT - n, ", compressed");
	if (with_class)
		n += (size_t)snprintf(out + n, CODING_TEXT - n, ", class %u", scheme & 3u);
	if (general && scheme & 0x40)
		n += (size_t)snprintf(out + n, CODING_TEXT - n, ", to be deleted when read");
	if (message)
		snprintf(out + n, CODING_TEXT - n, ", %s %swaiting%s", waiting[scheme & 3],
			 scheme & 8 ? "" : "not ", scheme < 0xD0 ? ", to be discarded" : "");
}

size_t coding_octets(uint8_t scheme, uint8_t count)
{
	return alphabet_of(scheme) == GSM_7 ? (count * 7u + 7) / 8 : count;
}

FIELDS(concatenated, {.key = "reference", .name = "Reference", .len = 1, .show = field_number},
       {.key = "parts", .name = "Parts", .len = 1, .show = field_number},
       {.key = "part", .name = "Part", .len = 1, .show = field_number});
FIELDS(concatenated_16, {.key = "reference", .name = "Reference", .len = 2, .show = field_number},
       {.key = "parts", .name = "Parts", .len = 1, .show = field_number},
       {.key = "part", .name = "Part", .len = 1, .show = field_number});
FIELDS(ports_8, {.key = "destination", .name = "Destination port", .len = 1, .show = field_number},
       {.key = "originator", .name = "Originator port", .len = 1, .show = field_number});
FIELDS(ports_16, {.key = "destination", .name = "Destination port", .len = 2, .show = field_number},
       {.key = "originator", .name = "Originator port", .len = 2, .show = field_number});
/* TS 23.040 9.2.3.24; 70 to 7F: TS 31.115 4 */
FIELDS(elements,
       {.tag = 0x00,
	.key = "concatenated",
	.name = "Concatenated, 8 bit reference",
	.show = field_fields,
	.of = &concatenated},
       {.tag = 0x01, .key = "indication", .name = "Special SMS message indication"},
       {.tag = 0x04,
	.key = "ports",
	.name = "Application ports, 8 bit",
	.show = field_fields,
	.of = &ports_8},
       {.tag = 0x05,
	.key = "ports",
	.name = "Application ports, 16 bit",
	.show = field_fields,
	.of = &ports_16},
       {.tag = 0x06, .key = "smsc-control", .name = "SMSC control parameters"},
       {.tag = 0x07, .key = "source", .name = "User data header source indicator"},
       {.tag = 0x08,
	.key = "concatenated",
	.name = "Concatenated, 16 bit reference",
	.show = field_fields,
	.of = &concatenated_16},
       {.tag = 0x09, .key = "wireless-control", .name = "Wireless control message protocol"},
       {.tag = 0x0A, .key = "formatting", .name = "Text formatting"},
       {.tag = 0x22, .key = "reply-address", .name = "Reply address"},
       {.tag = 0x24, .key = "single-shift", .name = "National language single shift"},
       {.tag = 0x25, .key = "locking-shift", .name = "National language locking shift"},
       {.tag = 0x70, .key = "command-packet", .name = "(U)SIM toolkit security: command packet"},
       {.tag = 0x71, .key = "response-packet", .name = "(U)SIM toolkit security: response packet"});

static void tell_element(uint8_t id, struct slice v, const struct tree *t)
{
	static const struct field other = {.key = "element", .name = "Information element"};
	const struct field *f = &other;

	for (size_t i = 0; i < elements.count; i++) {
		if (elements.rows[i].tag == id)
			f = &elements.rows[i];
	}
	field_tell(f, v, t);
}

static void tell_header(struct slice header, const struct tree *t)
{
	struct cursor c = cursor_of(slice_sub(header, 1, header.len));

	tree_open(t, "header", "User data header (TP-UDH)", header);
	while (cursor_left(&c)) {
		struct slice rest = c.rest, v;
		uint8_t id = cursor_u8(&c);

		v = cursor_take(&c, cursor_u8(&c));
		if (c.err) {
			field_octets(&(struct field){.key = "octets", .name = "Octets"}, rest,
				     "no whole information element", t);
			break;
		}
		tell_element(id, v, t);
	}
	tree_close(t);
}

/* The header says that a secured packet is behind it. */
static bool packet_kind_of(struct slice octets, size_t header, enum packet_kind *kind)
{
	struct cursor c = cursor_of(slice_sub(octets, 1, header ? header - 1 : 0));

	while (cursor_left(&c)) {
		uint8_t id = cursor_u8(&c), n = cursor_u8(&c);

		if (id == PACKET_COMMAND || id == PACKET_RESPONSE) {
			*kind = (enum packet_kind)id;
			return true;
		}
		(void)cursor_take(&c, n);
	}
	return false;
}

void coding_tell(const struct coded *body, const struct tree *t)
{
	struct tree_node node = {.key = "text", .name = "Text (TP-UD)"};
	size_t header = body->header ? 1u + slice_at(body->octets, 0) : 0;
	size_t fill = (7 - header * 8 % 7) % 7, skipped = (header * 8 + 6) / 7;
	enum packet_kind kind;
	char text[TEXT_CAP];

	if (header)
		tell_header(slice_sub(body->octets, 0, header), t);
	node.raw = slice_sub(body->octets, header, body->octets.len);
	if (header > body->octets.len)
		node.fault = "the header is longer than the data";
	switch (alphabet_of(body->coding)) {
	case GSM_7:
		texts_packed(node.raw, (unsigned)fill,
			     body->count > skipped ? body->count - skipped : 0, text);
		tree_leaf(t, &node, "%s", text);
		break;
	case UCS2:
		texts_ucs2(node.raw, text);
		tree_leaf(t, &node, "%s", text);
		break;
	default:
		if (packet_kind_of(body->octets, header, &kind)) {
			packet_tell(kind, node.raw, t);
			break;
		}
		node.key = "data";
		node.name = "Data (TP-UD)";
		tree_leaf(t, &node, "%zu octets", node.raw.len);
	}
}
