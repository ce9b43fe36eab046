/* text: a line an item, and the tree below it */
#include <string.h>

#include "host/trace/show/print.h"
#include "host/trace/show/put.h"
#include "lib/trace/decode/decode.h"

#define LANES	     4
#define NUMBERS_MAX  9 /* columns */
#define TIME_COLUMNS 4 /* of whole seconds */
#define TIME_DIGITS  6
#define NAME_COLUMNS 20
#define WHERE_COLUMN 44
#define INDENT	     8 /* of the tree, in blanks */
#define STEP	     2

/* At the right of its columns. */
static void put_right(struct wbuf *w, const char *text, size_t columns)
{
	size_t n = strlen(text);

	if (n < columns)
		wbuf_fill(w, ' ', columns - n);
	put_words(w, text);
}

/* "0...", ".1..": the channels as lanes; those beyond by their number */
static void put_lane(struct wbuf *w, unsigned channel)
{
	char mem[PUT_NUMBER_MAX];

	if (channel >= LANES) {
		put_right(w, put_digits(channel, mem), LANES);
		return;
	}
	for (unsigned i = 0; i < LANES; i++)
		wbuf_u8(w, i == channel ? (uint8_t)('0' + i) : '.');
}

static void put_numbers(struct wbuf *w, const struct trace_place *first,
			const struct trace_place *last)
{
	char one[PUT_NUMBER_MAX], two[PUT_NUMBER_MAX];
	const char *from = put_digits(first->number, one), *to = put_digits(last->number, two);

	if (first->number == last->number) {
		put_right(w, from, NUMBERS_MAX);
		return;
	}
	if (strlen(from) + strlen(to) + 1 < NUMBERS_MAX)
		wbuf_fill(w, ' ', NUMBERS_MAX - strlen(from) - strlen(to) - 1);
	put_words(w, from);
	wbuf_u8(w, '-');
	put_words(w, to);
}

static void begin_line(const struct print *p, const struct trace_place *first,
		       const struct trace_place *last, unsigned card)
{
	char mem[PUT_NUMBER_MAX];

	put_numbers(p->to, first, last);
	wbuf_u8(p->to, ' ');
	if (p->has_time) {
		size_t n = strlen(put_digits((uint64_t)(p->since_ns / 1000000000), mem));

		wbuf_fill(p->to, ' ', n < TIME_COLUMNS ? TIME_COLUMNS - n : 0);
		put_seconds(p->to, p->since_ns, TIME_DIGITS);
		wbuf_u8(p->to, ' ');
	}
	if (p->many_cards) {
		put_right(p->to, put_digits(card, mem), 2);
		wbuf_u8(p->to, ':');
	}
}

static void print_event(const struct print *p, const struct trace_event *e, const char *name)
{
	begin_line(p, &e->place, &e->place, e->card);
	put_words(p->to, "---- ");
	if (e->kind == TRACE_FAULT) {
		put_words(p->to, "FAULT at octet ");
		put_number(p->to, e->place.offset);
		put_words(p->to, ": ");
	} else {
		put_words(p->to, name);
		wbuf_u8(p->to, ' ');
		put_octets_hex(p->to, e->response);
	}
	if (e->text)
		put_foreign(p->to, e->text);
	if (e->kind == TRACE_RESET && *p->reader) {
		put_words(p->to, " (");
		put_foreign(p->to, p->reader);
		wbuf_u8(p->to, ')');
	}
	wbuf_u8(p->to, '\n');
}

/* The tree below the line. */
struct branch {
	struct wbuf *to;
	size_t depth;
};

static void open_node(void *ctx, const struct tree_node *n)
{
	struct branch *b = ctx;

	wbuf_fill(b->to, ' ', INDENT + STEP * b->depth++);
	put_words(b->to, n->name);
	if (n->value || n->raw.len)
		put_words(b->to, ": ");
	if (n->value)
		put_foreign(b->to, n->value);
	else
		put_octets_hex(b->to, n->raw);
	if (n->fault) {
		put_words(b->to, "  ! ");
		put_words(b->to, n->fault);
	}
	wbuf_u8(b->to, '\n');
}

static void close_node(void *ctx)
{
	struct branch *b = ctx;

	b->depth--;
}

static void put_remark(struct wbuf *w, const char *text)
{
	put_words(w, "  ! ");
	put_words(w, text);
}

static void print_exchange(const struct print *p, const struct decode_item *item)
{
	const struct exchange *x = item->exchange;
	size_t at;

	begin_line(p, &x->first, &x->last, x->card);
	put_lane(p->to, x->channel);
	wbuf_u8(p->to, ' ');
	put_column(p->to, item->name, NAME_COLUMNS);
	wbuf_u8(p->to, ' ');
	at = p->to->len;
	put_words(p->to, item->view.path);
	if (*item->what) {
		wbuf_u8(p->to, ' ');
		put_words(p->to, item->what);
	}
	if (p->to->len - at < WHERE_COLUMN)
		wbuf_fill(p->to, ' ', WHERE_COLUMN - (p->to->len - at));
	wbuf_u8(p->to, ' ');
	if (x->has_sw)
		put_octets_hex(p->to,
			       SLICE_OF(((uint8_t[]){(uint8_t)(x->sw >> 8), (uint8_t)x->sw})));
	else
		put_words(p->to, "----");
	wbuf_u8(p->to, ' ');
	put_words(p->to, item->status);
	for (unsigned i = 0; i < x->remark_count; i++)
		put_remark(p->to, x->remarks[i]);
	if (item->view.remark)
		put_remark(p->to, item->view.remark);
	if (x->text) {
		put_words(p->to, "  (");
		put_foreign(p->to, x->text);
		wbuf_u8(p->to, ')');
	}
	wbuf_u8(p->to, '\n');
}

void print_text(const struct print *p, const struct decode_item *item)
{
	struct branch b = {.to = p->to};
	const struct tree t = {.open = open_node, .close = close_node, .ctx = &b};

	if (item->event) {
		print_event(p, item->event, item->name);
		return;
	}
	print_exchange(p, item);
	if (p->tree)
		decode_tell(item, &t);
}
