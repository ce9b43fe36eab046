/* json: an object a line; docs/trace.md and docs/trace.schema.json say what is in it */
#include <string.h>

#include "host/trace/show/print.h"
#include "host/trace/show/put.h"
#include "lib/trace/decode/decode.h"

#define NS_DIGITS 9

static void put_string(struct wbuf *w, const char *text)
{
	size_t n;

	wbuf_u8(w, '"');
	n = w->len;
	put_foreign(w, text);
	for (; n < w->len; n++) {
		if (w->ptr[n] == '"' || w->ptr[n] == '\\') {
			uint8_t *gap = wbuf_insert(w, n, 1);

			if (gap)
				*gap = '\\';
			n++;
		}
	}
	wbuf_u8(w, '"');
}

/* key: with all that stands in front of the value, such as ,"path": */
static void put_member(struct wbuf *w, const char *key, const char *text)
{
	put_words(w, key);
	put_string(w, text);
}

static void put_count(struct wbuf *w, const char *key, uint64_t number)
{
	put_words(w, key);
	put_number(w, number);
}

static void put_octets(struct wbuf *w, const char *key, struct slice octets)
{
	put_words(w, key);
	wbuf_u8(w, '"');
	put_octets_hex(w, octets);
	wbuf_u8(w, '"');
}

struct branch {
	struct wbuf *to;
	unsigned depth;
	bool first; /* the node that is open has none in it yet */
};

static void open_node(void *ctx, const struct tree_node *n)
{
	struct branch *b = ctx;

	if (b->first && b->depth)
		put_words(b->to, ",\"in\":[");
	else if (!b->first)
		wbuf_u8(b->to, ',');
	b->depth++;
	put_member(b->to, "{\"key\":", n->key);
	put_member(b->to, ",\"name\":", n->name);
	if (n->raw.len)
		put_octets(b->to, ",\"raw\":", n->raw);
	if (n->value)
		put_member(b->to, ",\"value\":", n->value);
	if (n->fault)
		put_member(b->to, ",\"fault\":", n->fault);
	b->first = true;
}

static void close_node(void *ctx)
{
	struct branch *b = ctx;

	put_words(b->to, b->first ? "}" : "]}");
	b->depth--;
	b->first = false;
}

static void put_place(struct wbuf *w, const struct trace_place *first,
		      const struct trace_place *last)
{
	put_count(w, ",\"number\":", first->number);
	put_count(w, ",\"last\":", last->number);
	put_count(w, ",\"offset\":", first->offset);
}

static void put_time(const struct print *p, int64_t time_ns)
{
	if (!p->has_time)
		return;
	put_words(p->to, time_ns < 0 ? ",\"time_ns\":-" : ",\"time_ns\":");
	put_number(p->to, time_ns < 0 ? 0 - (uint64_t)time_ns : (uint64_t)time_ns);
	put_words(p->to, ",\"seconds\":");
	put_seconds(p->to, p->since_ns, NS_DIGITS);
}

static void put_which_card(const struct print *p, unsigned card)
{
	put_count(p->to, ",\"card\":", card);
	if (*p->reader)
		put_member(p->to, ",\"reader\":", p->reader);
}

static void put_event(const struct print *p, const struct trace_event *e)
{
	static const char *const kinds[] = {[TRACE_EXCHANGE] = "exchange",
					    [TRACE_RESET] = "reset",
					    [TRACE_PPS] = "pps",
					    [TRACE_REMOVED] = "removed",
					    [TRACE_FAULT] = "fault"};

	put_member(p->to, "{\"kind\":", kinds[e->kind]);
	put_place(p->to, &e->place, &e->place);
	put_time(p, e->time_ns);
	put_which_card(p, e->card);
	if (e->kind == TRACE_RESET)
		put_octets(p->to, ",\"atr\":", e->response);
	if (e->kind == TRACE_PPS) {
		put_octets(p->to, ",\"data\":", e->command);
		put_octets(p->to, ",\"answer\":", e->response);
	}
	if (e->text)
		put_member(p->to, e->kind == TRACE_FAULT ? ",\"fault\":" : ",\"text\":", e->text);
	put_words(p->to, "}\n");
}

static void put_status(struct wbuf *w, const struct decode_item *item)
{
	static const char *const levels[] = {[STATUS_NONE] = "none",
					     [STATUS_GOOD] = "ok",
					     [STATUS_WARNING] = "warning",
					     [STATUS_ERROR] = "error"};
	const uint8_t sw[] = {(uint8_t)(item->exchange->sw >> 8), (uint8_t)item->exchange->sw};

	if (item->exchange->has_sw)
		put_octets(w, ",\"sw\":", SLICE_OF(sw));
	put_member(w, ",\"status\":", levels[item->level]);
	put_member(w, ",\"meaning\":", item->status);
}

static void put_remarks(struct wbuf *w, const struct decode_item *item)
{
	const struct exchange *x = item->exchange;

	put_words(w, ",\"remarks\":[");
	for (unsigned i = 0; i < x->remark_count; i++)
		put_member(w, i ? "," : "", x->remarks[i]);
	if (item->view.remark)
		put_member(w, x->remark_count ? "," : "", item->view.remark);
	wbuf_u8(w, ']');
	if (x->text)
		put_member(w, ",\"text\":", x->text);
}

static void put_four(struct wbuf *w, const struct apdu *a)
{
	put_octets(w, ",\"cla\":", slice_make(&a->cla, 1));
	put_octets(w, ",\"ins\":", slice_make(&a->ins, 1));
	put_octets(w, ",\"p1\":", slice_make(&a->p1, 1));
	put_octets(w, ",\"p2\":", slice_make(&a->p2, 1));
}

static void put_exchange(const struct print *p, const struct decode_item *item)
{
	const struct exchange *x = item->exchange;
	struct branch b = {.to = p->to, .first = true};
	const struct tree t = {.open = open_node, .close = close_node, .ctx = &b};

	put_words(p->to, "{\"kind\":\"exchange\"");
	put_place(p->to, &x->first, &x->last);
	put_time(p, x->time_ns);
	put_which_card(p, x->card);
	put_count(p->to, ",\"channel\":", x->channel);
	put_count(p->to, ",\"pieces\":", x->pieces);
	put_count(p->to, ",\"blocks\":", x->blocks);
	put_member(p->to, ",\"command\":", item->name);
	put_words(p->to, item->command ? ",\"known\":true" : ",\"known\":false");
	put_words(p->to, x->malformed ? ",\"whole\":false" : ",\"whole\":true");
	put_member(p->to, ",\"what\":", item->what);
	put_member(p->to, ",\"path\":", item->view.path);
	put_four(p->to, &x->apdu);
	put_octets(p->to, ",\"data\":", item->data);
	put_octets(p->to, ",\"answer\":", item->answer);
	put_status(p->to, item);
	put_remarks(p->to, item);
	if (p->tree) {
		put_words(p->to, ",\"tree\":[");
		decode_tell(item, &t);
		wbuf_u8(p->to, ']');
	}
	put_words(p->to, "}\n");
}

void print_json(const struct print *p, const struct decode_item *item)
{
	if (item->event)
		put_event(p, item->event);
	else
		put_exchange(p, item);
}
