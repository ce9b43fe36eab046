#include "lib/trace/decode/sms/tpdu.h"

#include "lib/trace/decode/field/digits.h"
#include "lib/trace/decode/field/texts.h"
#include "lib/trace/decode/sms/coding.h"

#define ALPHANUMERIC 0x50
#define TYPE_MASK    0x70
#define UDHI	     0x40
#define TIME_LEN     7

static const struct field rest_of_it = {.key = "octets", .name = "Octets"};

/* An address of so many octets: type, then digits or packed characters (9.1.2.5) */
static void tell_address(const struct field *f, struct slice v, size_t digits, const struct tree *t)
{
	char text[TEXT_CAP];
	struct field number = *f;

	if ((slice_at(v, 0) & TYPE_MASK) != ALPHANUMERIC || !v.len) {
		field_number_called(&number, v, t);
		return;
	}
	texts_packed(slice_sub(v, 1, v.len), 0, digits * 4 / 7, text);
	tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v},
		  "alphanumeric: %s", text);
}

void tpdu_field_address(const struct field *f, struct slice v, const struct tree *t)
{
	size_t digits = slice_at(v, 0);

	if (field_is_blank(v))
		field_octets(f, v, NULL, t);
	else if (1 + (digits + 1) / 2 > v.len - 1)
		field_octets(f, v, "longer than the field", t);
	else
		tell_address(f, slice_sub(v, 1, 1 + (digits + 1) / 2), digits, t);
}

void tpdu_field_service_centre(const struct field *f, struct slice v, const struct tree *t)
{
	size_t octets = slice_at(v, 0);

	if (field_is_blank(v))
		field_octets(f, v, NULL, t);
	else if (octets > v.len - 1)
		field_octets(f, v, "longer than the field", t);
	else
		tell_address(f, slice_sub(v, 1, octets), 2 * octets, t);
}

/* Takes an address with its length in digits in front. */
static void take_address(struct cursor *c, const char *key, const char *name, const struct tree *t)
{
	const struct field f = {.key = key, .name = name};
	size_t digits = cursor_u8(c);
	struct slice v = cursor_take(c, 1 + (digits + 1) / 2);

	if (!c->err)
		tell_address(&f, v, digits, t);
}

static void take_field(struct cursor *c, const struct field *f, size_t n, const struct tree *t)
{
	struct slice v = cursor_take(c, n);

	if (!c->err)
		field_tell(f, v, t);
}

/* TS 23.040 9.2.3.9: of protocols all but these are reserved or rare */
WORDS(protocols, {0x00, "short message, none"}, {0x20, "telematic, implicit"}, {0x21, "telex"},
      {0x22, "group 3 telefax"}, {0x32, "Internet electronic mail"}, {0x40, "short message type 0"},
      {0x41, "replace type 1"}, {0x42, "replace type 2"}, {0x43, "replace type 3"},
      {0x44, "replace type 4"}, {0x45, "replace type 5"}, {0x46, "replace type 6"},
      {0x47, "replace type 7"}, {0x5E, "enhanced message service"}, {0x5F, "return call message"},
      {0x7C, "ANSI-136 R-DATA"}, {0x7D, "ME data download"}, {0x7E, "ME de-personalization"},
      {0x7F, "(U)SIM data download"});

void tpdu_field_protocol(const struct field *f, struct slice v, const struct tree *t)
{
	const char *text = words_find(&protocols, slice_at(v, 0));

	tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "%s",
		  text ? text : "other");
}

void tpdu_field_coding(const struct field *f, struct slice v, const struct tree *t)
{
	char text[CODING_TEXT];

	coding_text(slice_at(v, 0), text);
	tree_leaf(t, &(struct tree_node){.key = f->key, .name = f->name, .raw = v}, "%s", text);
}

/* 9.2.3.12.1 */
void tpdu_field_validity(const struct field *f, struct slice v, const struct tree *t)
{
	const struct tree_node node = {.key = f->key, .name = f->name, .raw = v};
	unsigned n = slice_at(v, 0);

	if (v.len == TIME_LEN)
		field_time(f, v, t);
	else if (n < 144)
		tree_leaf(t, &node, "%u minutes", (n + 1) * 5);
	else if (n < 168)
		tree_leaf(t, &node, "%u minutes", 12 * 60 + (n - 143) * 30);
	else if (n < 197)
		tree_leaf(t, &node, "%u days", n - 166);
	else
		tree_leaf(t, &node, "%u weeks", n - 192);
}

static const struct field protocol = {
	.key = "pid", .name = "Protocol identifier (TP-PID)", .show = tpdu_field_protocol};
static const struct field reference = {
	.key = "mr", .name = "Message reference (TP-MR)", .show = field_number};
static const struct field scts = {
	.key = "scts", .name = "Service centre time stamp (TP-SCTS)", .show = field_time};
static const struct field discharge = {
	.key = "dt", .name = "Discharge time (TP-DT)", .show = field_time};
static const struct field validity = {
	.key = "vp", .name = "Validity period (TP-VP)", .show = tpdu_field_validity};

/* Coding, what stands between (a time, or nothing), length, header and text: 9.2.3.10, 9.2.3.16,
 * 9.2.3.24 */
static void take_body(struct cursor *c, bool header, const struct field *between, size_t n,
		      const struct tree *t)
{
	static const struct field dcs = {
		.key = "dcs", .name = "Data coding scheme (TP-DCS)", .show = tpdu_field_coding};
	struct coded body = {.header = header};
	struct slice coding = cursor_take(c, 1);

	if (c->err)
		return;
	field_tell(&dcs, coding, t);
	if (n)
		take_field(c, between, n, t);
	body.coding = slice_at(coding, 0);
	body.count = cursor_u8(c);
	body.octets = cursor_take(c, coding_octets(body.coding, body.count));
	if (!c->err)
		coding_tell(&body, t);
}

static void take_deliver(struct cursor *c, uint8_t head, const struct tree *t)
{
	take_address(c, "oa", "Originating address (TP-OA)", t);
	take_field(c, &protocol, 1, t);
	take_body(c, head & UDHI, &scts, TIME_LEN, t);
}

static void take_submit(struct cursor *c, uint8_t head, const struct tree *t)
{
	static const uint8_t lengths[] = {0, TIME_LEN, 1, TIME_LEN}; /* by TP-VPF */

	take_field(c, &reference, 1, t);
	take_address(c, "da", "Destination address (TP-DA)", t);
	take_field(c, &protocol, 1, t);
	take_body(c, head & UDHI, &validity, lengths[head >> 3 & 3], t);
}

/* 9.2.3.27: which of the three follow */
BITS(indicator_bits, {0, 1, "pid", "TP-PID follows", NULL}, {1, 1, "dcs", "TP-DCS follows", NULL},
     {2, 1, "udl", "TP-UDL follows", NULL});
static const struct field indicator = {.key = "pi",
				       .name = "Parameter indicator (TP-PI)",
				       .show = field_bits,
				       .of = &indicator_bits};

static void take_optional(struct cursor *c, uint8_t head, const struct tree *t)
{
	uint8_t bits;

	if (!cursor_left(c) || field_is_blank(c->rest))
		return;
	bits = slice_at(c->rest, 0);
	take_field(c, &indicator, 1, t);
	if (bits & 1)
		take_field(c, &protocol, 1, t);
	if ((bits & 6) == 6)
		take_body(c, head & UDHI, NULL, 0, t);
}

/* 9.2.3.15 */
WORDS(states, {0x00, "received by the SME"}, {0x01, "forwarded, delivery not confirmed"},
      {0x02, "replaced by the SC"}, {0x20, "congestion, still trying"},
      {0x21, "SME busy, still trying"}, {0x22, "no response from SME, still trying"},
      {0x23, "service rejected, still trying"}, {0x24, "no quality of service, still trying"},
      {0x25, "error in SME, still trying"}, {0x40, "remote procedure error"},
      {0x41, "incompatible destination"}, {0x42, "connection rejected by SME"},
      {0x43, "not obtainable"}, {0x44, "no quality of service"},
      {0x45, "no interworking available"}, {0x46, "validity period expired"},
      {0x47, "deleted by originating SME"}, {0x48, "deleted by SC administration"},
      {0x49, "does not exist"}, {0x60, "congestion"}, {0x61, "SME busy"},
      {0x62, "no response from SME"}, {0x63, "service rejected"}, {0x64, "no quality of service"},
      {0x65, "error in SME"});
static const struct field status = {
	.key = "st", .name = "Status (TP-ST)", .show = field_words, .of = &states};

static void take_status_report(struct cursor *c, uint8_t head, const struct tree *t)
{
	take_field(c, &reference, 1, t);
	take_address(c, "ra", "Recipient address (TP-RA)", t);
	take_field(c, &scts, TIME_LEN, t);
	take_field(c, &discharge, TIME_LEN, t);
	take_field(c, &status, 1, t);
	take_optional(c, head, t);
}

static void take_command(struct cursor *c, uint8_t head, const struct tree *t)
{
	static const struct field type = {
		.key = "ct", .name = "Command type (TP-CT)", .show = field_number};
	static const struct field number = {
		.key = "mn", .name = "Message number (TP-MN)", .show = field_number};
	static const struct field data = {.key = "cd", .name = "Command data (TP-CD)"};

	(void)head;
	take_field(c, &reference, 1, t);
	take_field(c, &protocol, 1, t);
	take_field(c, &type, 1, t);
	take_field(c, &number, 1, t);
	take_address(c, "da", "Destination address (TP-DA)", t);
	take_field(c, &data, cursor_u8(c), t);
}

/* A failure cause (80 to FF) stands in front where the message was refused. */
static void take_report(struct cursor *c, uint8_t head, const struct tree *t)
{
	static const struct field cause = {.key = "fcs", .name = "Failure cause (TP-FCS)"};

	if (slice_at(c->rest, 0) & 0x80)
		take_field(c, &cause, 1, t);
	take_optional(c, head, t);
}

static void take_submit_report(struct cursor *c, uint8_t head, const struct tree *t)
{
	static const struct field cause = {.key = "fcs", .name = "Failure cause (TP-FCS)"};
	bool refused = slice_at(c->rest, 0) & 0x80;

	if (refused)
		take_field(c, &cause, 1, t);
	take_field(c, &indicator, 1, t);
	take_field(c, &scts, TIME_LEN, t);
	(void)head;
}

/* 9.2.3.1 to 9.2.3.26: what the first octet says, by the type of the message */
BITS(deliver_bits, {2, 1, "no-more", "No more messages waiting (TP-MMS)", NULL},
     {3, 1, "loop", "Loop prevention (TP-LP)", NULL},
     {5, 1, "report", "Status report wanted (TP-SRI)", NULL},
     {6, 1, "header", "User data header (TP-UDHI)", NULL},
     {7, 1, "reply-path", "Reply path (TP-RP)", NULL}, {0, 2, "type", "Type (TP-MTI)", NULL},
     {4, 1, "spare", "Spare", NULL});
WORDS(periods, {0, "not there"}, {1, "enhanced"}, {2, "relative"}, {3, "absolute"});
BITS(submit_bits, {0, 2, "type", "Type (TP-MTI)", NULL},
     {2, 1, "reject", "Reject duplicates (TP-RD)", NULL},
     {3, 2, "period", "Validity period (TP-VPF)", &periods},
     {5, 1, "report", "Status report wanted (TP-SRR)", NULL},
     {6, 1, "header", "User data header (TP-UDHI)", NULL},
     {7, 1, "reply-path", "Reply path (TP-RP)", NULL});
BITS(other_bits, {0, 2, "type", "Type (TP-MTI)", NULL},
     {2, 4, "flags", "TP-MMS, TP-LP, TP-SRQ or TP-SRR", NULL},
     {6, 1, "header", "User data header (TP-UDHI)", NULL}, {7, 1, "spare", "Spare", NULL});

static const struct message {
	const char *key, *name;
	const struct bits *bits;
	void (*take)(struct cursor *c, uint8_t head, const struct tree *t);
} messages[][4] = {
	[TPDU_TO_MOBILE] = {{"deliver", "SMS-DELIVER", &deliver_bits, take_deliver},
			    {"submit-report", "SMS-SUBMIT-REPORT", &other_bits, take_submit_report},
			    {"status-report", "SMS-STATUS-REPORT", &other_bits, take_status_report},
			    {"reserved", "SMS of a reserved type", &deliver_bits, take_deliver}},
	[TPDU_FROM_MOBILE] = {{"deliver-report", "SMS-DELIVER-REPORT", &other_bits, take_report},
			      {"submit", "SMS-SUBMIT", &submit_bits, take_submit},
			      {"command", "SMS-COMMAND", &other_bits, take_command},
			      {"reserved", "SMS of a reserved type", &submit_bits, take_submit}},
};

void tpdu_show(struct slice tpdu, enum tpdu_way way, const struct tree *t)
{
	struct cursor c = cursor_of(tpdu);
	uint8_t head = slice_at(tpdu, 0);
	const struct message *m = &messages[way][head & 3];
	const struct field first = {
		.key = "first", .name = "First octet", .show = field_bits, .of = m->bits};

	tree_open(t, m->key, m->name, tpdu);
	take_field(&c, &first, 1, t);
	m->take(&c, head, t);
	if (c.err)
		field_octets(&rest_of_it, c.rest, "the message ends too early", t);
	else if (!field_is_blank(c.rest))
		field_octets(&rest_of_it, c.rest, "behind the message", t);
	tree_close(t);
}
