/* json: an object a line; docs/trace.md and docs/trace.schema.json say what is in it */
#include <string.h>

#include "host/trace/show/print.h"
#include "lib/trace/decode/decode.h"
#include "tool/cli/text.h"

static void put_digits(FILE *to, struct slice s)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < s.len; i++) {
		putc_unlocked(digits[s.ptr[i] >> 4], to);
		putc_unlocked(digits[s.ptr[i] & 15], to);
	}
}

static void put_string(FILE *to, const char *text)
{
	char line[TEXT_LINE_MAX];

	putc_unlocked('"', to);
	for (const char *c = text_line(slice_str(text), line); *c; c++) {
		if (*c == '"' || *c == '\\')
			putc_unlocked('\\', to);
		putc_unlocked(*c, to);
	}
	putc_unlocked('"', to);
}

static void put_member(FILE *to, const char *key, const char *text)
{
	fprintf(to, ",\"%s\":", key);
	put_string(to, text);
}

static void put_octets(FILE *to, const char *key, struct slice octets)
{
	fprintf(to, ",\"%s\":\"", key);
	put_digits(to, octets);
	putc_unlocked('"', to);
}

struct branch {
	FILE *to;
	unsigned depth;
	bool first;
};

static void open_node(void *ctx, const struct tree_node *n)
{
	struct branch *b = ctx;

	/* the node that this one is in has no "in" yet */
	if (b->first && b->depth)
		fputs(",\"in\":[", b->to);
	else if (!b->first)
		putc_unlocked(',', b->to);
	b->depth++;
	fputs("{\"key\":", b->to);
	put_string(b->to, n->key);
	put_member(b->to, "name", n->name);
	if (n->raw.len)
		put_octets(b->to, "raw", n->raw);
	if (n->value)
		put_member(b->to, "value", n->value);
	if (n->fault)
		put_member(b->to, "fault", n->fault);
	b->first = true;
}

static void close_node(void *ctx)
{
	struct branch *b = ctx;

	fputs(b->first ? "}" : "]}", b->to);
	b->depth--;
	b->first = false;
}

static void put_place(FILE *to, const struct trace_place *first, const struct trace_place *last)
{
	fprintf(to, ",\"number\":%llu,\"last\":%llu,\"offset\":%llu",
		(unsigned long long)first->number, (unsigned long long)last->number,
		(unsigned long long)first->offset);
}

static void put_time(const struct print *p, bool has_time, int64_t time_ns)
{
	if (has_time)
		fprintf(p->to, ",\"time_ns\":%lld,\"seconds\":%.9f", (long long)time_ns,
			p->seconds);
}

static void put_which_card(const struct print *p, unsigned card)
{
	fprintf(p->to, ",\"card\":%u", card);
	if (*p->reader)
		put_member(p->to, "reader", p->reader);
}

static void put_event(const struct print *p, const struct trace_event *e)
{
	static const char *const kinds[] = {[TRACE_EXCHANGE] = "exchange",
					    [TRACE_RESET] = "reset",
					    [TRACE_PPS] = "pps",
					    [TRACE_REMOVED] = "removed",
					    [TRACE_FAULT] = "fault"};

	fprintf(p->to, "{\"kind\":\"%s\"", kinds[e->kind]);
	put_place(p->to, &e->place, &e->place);
	put_time(p, e->has_time, e->time_ns);
	put_which_card(p, e->card);
	if (e->kind == TRACE_RESET)
		put_octets(p->to, "atr", e->response);
	if (e->kind == TRACE_PPS) {
		put_octets(p->to, "data", e->command);
		put_octets(p->to, "answer", e->response);
	}
	if (e->text)
		put_member(p->to, e->kind == TRACE_FAULT ? "fault" : "text", e->text);
	fputs("}\n", p->to);
}

static void put_status(FILE *to, const struct decode_item *item)
{
	static const char *const levels[] = {[STATUS_NONE] = "none",
					     [STATUS_GOOD] = "ok",
					     [STATUS_WARNING] = "warning",
					     [STATUS_ERROR] = "error"};

	if (item->exchange->has_sw)
		fprintf(to, ",\"sw\":\"%04x\"", item->exchange->sw);
	put_member(to, "status", levels[item->level]);
	put_member(to, "meaning", item->status);
}

static void put_remarks(FILE *to, const struct decode_item *item)
{
	const struct exchange *x = item->exchange;

	fputs(",\"remarks\":[", to);
	for (unsigned i = 0; i < x->remark_count; i++) {
		if (i)
			putc_unlocked(',', to);
		put_string(to, x->remarks[i]);
	}
	if (item->view.remark) {
		if (x->remark_count)
			putc_unlocked(',', to);
		put_string(to, item->view.remark);
	}
	putc_unlocked(']', to);
	if (x->text)
		put_member(to, "text", x->text);
}

static void put_exchange(const struct print *p, const struct decode_item *item)
{
	const struct exchange *x = item->exchange;
	const struct apdu *a = &x->apdu;

	fputs("{\"kind\":\"exchange\"", p->to);
	put_place(p->to, &x->first, &x->last);
	put_time(p, x->has_time, x->time_ns);
	put_which_card(p, x->card);
	fprintf(p->to, ",\"channel\":%u,\"pieces\":%u,\"blocks\":%u", x->channel, x->pieces,
		x->blocks);
	put_member(p->to, "command", item->name);
	fprintf(p->to, ",\"known\":%s,\"whole\":%s", item->command ? "true" : "false",
		x->malformed ? "false" : "true");
	put_member(p->to, "what", item->what);
	put_member(p->to, "path", item->view.path);
	fprintf(p->to, ",\"cla\":\"%02x\",\"ins\":\"%02x\",\"p1\":\"%02x\",\"p2\":\"%02x\"", a->cla,
		a->ins, a->p1, a->p2);
	put_octets(p->to, "data", item->data);
	put_octets(p->to, "answer", item->answer);
	put_status(p->to, item);
	put_remarks(p->to, item);
	if (p->tree) {
		struct branch b = {.to = p->to, .first = true};
		const struct tree t = {open_node, close_node, &b};

		fputs(",\"tree\":[", p->to);
		decode_tell(item, &t);
		putc_unlocked(']', p->to);
	}
	fputs("}\n", p->to);
}

void print_json(const struct print *p, const struct decode_item *item)
{
	if (item->event)
		put_event(p, item->event);
	else
		put_exchange(p, item);
}
