#include "host/exam/history.h"

#define T15		   15
#define Y_TA		   0x10
#define Y_TB		   0x20
#define Y_TC		   0x40
#define Y_TD		   0x80
#define CATEGORY_COMPACT   0x80 /* ISO 7816-4 12.1.1.2 */
#define COMPACT_CAPABILITY 7	/* 12.1.1.9 */
#define THIRD_CHAINING	   0x80u
#define THIRD_EXTENDED	   0x40u
#define THIRD_BY_CARD	   0x10u
#define THIRD_CHANNELS	   0x07u

static void take_round(struct cursor *c, uint8_t y, struct atr_round *r)
{
	*r = (struct atr_round){
		.has_a = y & Y_TA, .has_b = y & Y_TB, .has_c = y & Y_TC, .has_d = y & Y_TD};
	r->a = r->has_a ? cursor_u8(c) : 0;
	r->b = r->has_b ? cursor_u8(c) : 0;
	r->c = r->has_c ? cursor_u8(c) : 0;
	r->d = r->has_d ? cursor_u8(c) : 0;
}

enum err atr_walk(struct slice raw, struct atr_walk *out)
{
	struct cursor c = cursor_of(raw);
	uint8_t protocol = 0;

	*out = (struct atr_walk){.count = 0};
	cursor_u8(&c);
	out->historical.len = 0;
	for (uint8_t y = cursor_u8(&c), k = y & 0x0F;; y = out->rounds[out->count - 1].d) {
		struct atr_round *r = &out->rounds[out->count++];

		take_round(&c, y, r);
		if (protocol == T15 && r->has_a && !out->has_class) {
			out->has_class = true;
			out->class_clock = r->a;
		}
		if (!r->has_d || c.err) {
			out->historical = cursor_take(&c, k);
			break;
		}
		protocol = r->d & 0x0F;
		out->order[out->protocols++] = protocol;
		out->needs_tck = out->needs_tck || protocol;
		if (out->count == ATR_ROUNDS)
			return ERR_ENCODING;
	}
	out->has_tck = !c.err && cursor_left(&c);
	if (out->has_tck)
		cursor_u8(&c);
	return cursor_done(&c);
}

/* The next compact object; false at the end of them (what is left then is a status, or broken). */
static bool next_compact(struct cursor *c, uint8_t *tag, struct slice *value)
{
	uint8_t head;

	if (c->err || !cursor_left(c))
		return false;
	head = cursor_u8(c);
	*tag = head >> 4;
	*value = cursor_take(c, head & 0x0F);
	return !c->err;
}

bool historical_is_whole(struct slice historical)
{
	struct cursor c = cursor_of(historical);
	struct slice value;
	uint8_t tag;

	if (cursor_u8(&c) != CATEGORY_COMPACT || c.err)
		return false;
	while (next_compact(&c, &tag, &value))
		;
	return !cursor_done(&c);
}

bool card_capabilities(struct slice historical, struct card_capabilities *out)
{
	struct cursor c = cursor_of(historical);
	struct slice value;
	uint8_t tag, category = cursor_u8(&c);

	*out = (struct card_capabilities){.channels = 1};
	/* category 00 has the same objects before a status of three octets */
	if (category != CATEGORY_COMPACT && category != 0)
		return false;
	while (next_compact(&c, &tag, &value)) {
		if (tag != COMPACT_CAPABILITY || !value.len || value.len > 3)
			continue;
		out->tables = value.len;
		out->selection = slice_at(value, 0);
		out->coding = slice_at(value, 1);
		out->third = slice_at(value, 2);
		out->channels = (out->third & THIRD_CHANNELS) + 1;
		out->assigned_by_card = out->third & THIRD_BY_CARD;
		out->extended_lengths = out->third & THIRD_EXTENDED;
		out->chaining = out->third & THIRD_CHAINING;
		return true;
	}
	return false;
}
