/* access: PINs, AUTHENTICATE, channels */
#include "lib/trace/decode/field/field.h"
#include "lib/trace/decode/open.h"
#include "lib/trace/decode/show/rows.h"

#define CODE_LEN    8 /* of a PIN or PUK, filled up with FF */
#define FIRST_ADM   0x0A
#define LAST_ADM    0x0E
#define LOCAL	    0x80 /* the bit of key references of an application of its own */
#define UNIVERSAL   0x11
#define UNBLOCK_LEN (2 * CODE_LEN)

/* TS 102 221 table 9.3; TS 51.011 9.2.9 numbers the CHVs 1 and 2 */
static void say_reference(struct wbuf *words, const struct apdu *a)
{
	uint8_t number = a->p2 & (uint8_t)~LOCAL;

	if (a->cla == CLA_GSM)
		show_say(words, "CHV%u", a->p2 ? a->p2 : 1);
	else if (a->p2 == UNIVERSAL)
		show_say(words, "universal PIN");
	else if (number >= FIRST_ADM && number <= LAST_ADM)
		show_say(words, "ADM%u", number - FIRST_ADM + (a->p2 & LOCAL ? 6 : 1));
	else if (number && number <= 8)
		show_say(words, a->p2 & LOCAL ? "local PIN, reference %02X" : "PIN %u",
			 a->p2 & LOCAL ? a->p2 : number);
	else
		show_say(words, "key reference %02X", a->p2);
}

/* How many digits a code has, and whether they are in clear; never the digits. */
static void say_code(struct wbuf *words, struct slice code)
{
	size_t n = code.len;

	while (n && slice_at(code, n - 1) == 0xFF)
		n--;
	if (open_is_masked(code))
		show_say(words, "masked");
	else
		show_say(words, "%zu digits, in clear", n);
}

static void what_pin(const struct decode_item *item, struct wbuf *words)
{
	/* the octets as they were sent, of which nothing but their number is told */
	struct slice sent = item->exchange->apdu.data;

	say_reference(words, &item->exchange->apdu);
	if (!sent.len) {
		show_say(words, ", asks for its state");
		return;
	}
	show_say(words, ", ");
	say_code(words, slice_sub(sent, 0, CODE_LEN));
	if (sent.len > CODE_LEN) {
		show_say(words, "; new: ");
		say_code(words, slice_sub(sent, CODE_LEN, CODE_LEN));
	}
}

static void tell_pin(const struct decode_item *item, const struct tree *t)
{
	uint8_t mem[DECODE_WHAT_MAX];
	struct wbuf words = wbuf_init(mem, sizeof(mem) - 1);

	if (!t->wordless)
		what_pin(item, &words);
	mem[words.len] = 0;
	tree_leaf(t, &(struct tree_node){.key = "code", .name = "Code"}, "%s", (const char *)mem);
	if (item->view.pin && item->view.pin->has_tries)
		tree_leaf(
			t,
			&(struct tree_node){.key = "tries", .name = "Attempts left, as last seen"},
			"%u", item->view.pin->tries);
	if (item->view.pin)
		tree_leaf(t,
			  &(struct tree_node){.key = "verified", .name = "Verified in this trace"},
			  "%s", item->view.pin->is_verified ? "yes" : "no");
}

const struct show show_pin = {what_pin, tell_pin};

static const char *context_of(const struct decode_item *item)
{
	bool isim = item->view.path &&
		    slice_starts(slice_str(item->view.path), slice_str("MF/ADF.ISIM"));

	switch (item->exchange->apdu.p2 & AUTHENTICATE_CONTEXT_MASK) {
	case AUTHENTICATE_GSM &AUTHENTICATE_CONTEXT_MASK: return "GSM";
	case AUTHENTICATE_3G &AUTHENTICATE_CONTEXT_MASK: return isim ? "IMS AKA" : "3G";
	case AUTHENTICATE_VGCS &AUTHENTICATE_CONTEXT_MASK: return isim ? "HTTP digest" : "VGCS/VBS";
	case AUTHENTICATE_GBA &AUTHENTICATE_CONTEXT_MASK: return "GBA";
	default: return "unknown context";
	}
}

static void what_authenticate(const struct decode_item *item, struct wbuf *words)
{
	show_say(words, "%s", context_of(item));
	if (slice_at(item->answer, 0) == AUTHENTICATE_SUCCESS)
		show_say(words, ", success");
	else if (slice_at(item->answer, 0) == AUTHENTICATE_SYNC_FAILURE)
		show_say(words, ", synchronisation failure");
}

/* TS 33.102 6.3.2, 6.3.3 */
FIELDS(autn, {.key = "sqn-ak", .name = "SQN xor AK", .len = 6},
       {.key = "amf", .name = "AMF", .len = 2}, {.key = "mac", .name = "MAC", .len = 8});
FIELDS(auts, {.key = "sqn-ms-ak", .name = "SQN_MS xor AK", .len = 6},
       {.key = "mac-s", .name = "MAC-S", .len = 8});

/* The next of the parts that have their lengths in front; empty when it is cut. */
static struct slice next_part(struct cursor *c)
{
	size_t n = cursor_u8(c);

	return cursor_take(c, n <= cursor_left(c) ? n : cursor_left(c));
}

static void tell_part(struct cursor *c, const struct field *f, const struct tree *t)
{
	if (cursor_left(c))
		field_tell(f, next_part(c), t);
}

/* Of a key nothing is told but its length, and whether it was to be seen. */
static void tell_key(const struct tree *t, const char *key, const char *name, struct slice value)
{
	if (value.len)
		tree_leaf(t, &(struct tree_node){.key = key, .name = name},
			  open_is_masked(value) ? "%zu octets, masked"
						: "%zu octets, in clear, not shown",
			  value.len);
}

/* TS 31.102 7.1.2.1: RES or SRES, and the keys */
static void tell_vector(struct slice answer, bool has_tag, const struct tree *t)
{
	static const struct field res = {.key = "res", .name = "RES"},
				  sres = {.key = "sres", .name = "SRES"};
	struct cursor c = cursor_of(answer);

	if (has_tag)
		(void)cursor_u8(&c);
	tell_part(&c, has_tag ? &res : &sres, t);
	if (has_tag) {
		tell_key(t, "ck", "CK", next_part(&c));
		tell_key(t, "ik", "IK", next_part(&c));
	}
	tell_key(t, "kc", "Kc", next_part(&c));
}

static void tell_challenge(const struct decode_item *item, const struct tree *t)
{
	static const struct field rand = {.key = "rand", .name = "RAND"},
				  token = {.key = "autn",
					   .name = "AUTN",
					   .show = field_fields,
					   .of = &autn};
	struct cursor c = cursor_of(item->data);

	if ((item->exchange->apdu.p2 & AUTHENTICATE_CONTEXT_MASK) ==
	    (AUTHENTICATE_GBA & AUTHENTICATE_CONTEXT_MASK))
		(void)cursor_u8(&c); /* DD or DE: which of the two steps it is */
	tell_part(&c, &rand, t);
	tell_part(&c, &token, t);
}

static void tell_authenticate(const struct decode_item *item, const struct tree *t)
{
	static const struct field failure = {
		.key = "auts", .name = "AUTS", .show = field_fields, .of = &auts};
	struct slice answer = item->exchange->answer;
	unsigned context = item->exchange->apdu.p2 & AUTHENTICATE_CONTEXT_MASK;
	struct cursor c = cursor_of(slice_sub(answer, 1, answer.len));

	tell_challenge(item, t);
	if (slice_at(answer, 0) == AUTHENTICATE_SYNC_FAILURE)
		tell_part(&c, &failure, t);
	else if (context == (AUTHENTICATE_3G & AUTHENTICATE_CONTEXT_MASK) && answer.len)
		tell_vector(answer, true, t);
	else if (context == (AUTHENTICATE_GSM & AUTHENTICATE_CONTEXT_MASK) && answer.len)
		tell_vector(answer, false, t);
	else
		tell_key(t, "answer", "Answer", answer);
}

const struct show show_authenticate = {what_authenticate, tell_authenticate};

/* TS 51.011 9.2.16: without lengths */
static void tell_run_algorithm(const struct decode_item *item, const struct tree *t)
{
	static const struct field rand = {.key = "rand", .name = "RAND"},
				  sres = {.key = "sres", .name = "SRES"};
	struct slice answer = item->exchange->answer;

	field_tell(&rand, item->data, t);
	if (!answer.len)
		return;
	field_tell(&sres, slice_sub(answer, 0, 4), t);
	tell_key(t, "kc", "Kc", slice_sub(answer, 4, answer.len));
}

const struct show show_run_algorithm = {NULL, tell_run_algorithm};

static void what_channel(const struct decode_item *item, struct wbuf *words)
{
	const struct apdu *a = &item->exchange->apdu;

	if (a->p1 == CHANNEL_CLOSE)
		show_say(words, "close channel %u", a->p2 ? a->p2 : item->exchange->channel);
	else if (a->p1 == CHANNEL_OPEN && a->p2)
		show_say(words, "open channel %u", a->p2);
	else if (a->p1 == CHANNEL_OPEN && item->answer.len == 1)
		show_say(words, "open: channel %u", slice_at(item->answer, 0));
	else if (a->p1 == CHANNEL_OPEN)
		show_say(words, "open");
	else
		show_say(words, "P1 %02X", a->p1);
}

const struct show show_channel = {what_channel, NULL};
