/* text: a line an item, and the tree below it */
#include <string.h>

#include "host/trace/show/print.h"
#include "lib/trace/decode/decode.h"
#include "tool/cli/text.h"

#define LANES	  4
#define NUMBER	  24
#define WHERE_MAX 400
#define INDENT	  8 /* of the tree, in blanks */
#define STEP	  2

/* "0...", ".1..": the channels as lanes; those beyond by their number */
static void write_lane(unsigned channel, char out[static NUMBER])
{
	if (channel < LANES) {
		memset(out, '.', LANES);
		out[channel] = (char)('0' + channel);
		out[LANES] = 0;
	} else {
		snprintf(out, NUMBER, "%*u", LANES, channel);
	}
}

static void write_numbers(const struct trace_place *first, const struct trace_place *last,
			  char out[static 2 * NUMBER])
{
	if (last->number == first->number)
		snprintf(out, (size_t)2 * NUMBER, "%llu", (unsigned long long)first->number);
	else
		snprintf(out, (size_t)2 * NUMBER, "%llu-%llu", (unsigned long long)first->number,
			 (unsigned long long)last->number);
}

static void begin_line(const struct print *p, const char *numbers, unsigned card)
{
	fprintf(p->to, "%9s ", numbers);
	if (p->seconds >= 0)
		fprintf(p->to, "%11.6f ", p->seconds);
	if (p->many_cards)
		fprintf(p->to, "%2u:", card);
}

static void print_event(const struct print *p, const struct trace_event *e, const char *name)
{
	char numbers[2 * NUMBER], hex[2 * 64 + 1] = "", text[TEXT_LINE_MAX] = "";

	write_numbers(&e->place, &e->place, numbers);
	begin_line(p, numbers, e->card);
	if (e->kind != TRACE_FAULT)
		hex_encode(slice_sub(e->response, 0, 64), hex, sizeof(hex));
	if (e->text)
		text_line(slice_str(e->text), text);
	if (e->kind == TRACE_FAULT)
		fprintf(p->to, "---- FAULT at octet %llu: %s\n",
			(unsigned long long)e->place.offset, text);
	else if (e->kind == TRACE_RESET && *p->reader)
		fprintf(p->to, "---- %s %s (%s)\n", name, hex, p->reader);
	else
		fprintf(p->to, "---- %s %s%s%s\n", name, hex, *hex && *text ? " " : "", text);
}

/* The tree below the line. */
struct branch {
	FILE *to;
	int depth;
};

static void print_hex(FILE *to, struct slice s)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < s.len; i++) {
		putc_unlocked(digits[s.ptr[i] >> 4], to);
		putc_unlocked(digits[s.ptr[i] & 15], to);
	}
}

static void open_node(void *ctx, const struct tree_node *n)
{
	struct branch *b = ctx;
	char line[TEXT_LINE_MAX];

	fprintf(b->to, "%*s%s", INDENT + STEP * b->depth++, "", n->name);
	if (n->value) {
		fputs(": ", b->to);
		fputs(text_line(slice_str(n->value), line), b->to);
	} else if (n->raw.len) {
		fputs(": ", b->to);
		print_hex(b->to, n->raw);
	}
	if (n->fault)
		fprintf(b->to, "  ! %s", n->fault);
	putc('\n', b->to);
}

static void close_node(void *ctx)
{
	struct branch *b = ctx;

	b->depth--;
}

static void print_remarks(FILE *to, const struct decode_item *item)
{
	const struct exchange *x = item->exchange;
	char text[TEXT_LINE_MAX];

	for (unsigned i = 0; i < x->remark_count; i++)
		fprintf(to, "  ! %s", x->remarks[i]);
	if (item->view.remark)
		fprintf(to, "  ! %s", item->view.remark);
	if (x->text)
		fprintf(to, "  (%s)", text_line(slice_str(x->text), text));
}

static void print_exchange(const struct print *p, const struct decode_item *item)
{
	const struct exchange *x = item->exchange;
	char numbers[2 * NUMBER], lane[NUMBER], where[WHERE_MAX], sw[8] = "----";

	write_numbers(&x->first, &x->last, numbers);
	write_lane(x->channel, lane);
	snprintf(where, sizeof(where), "%s%s%s", item->view.path, *item->what ? " " : "",
		 item->what);
	if (x->has_sw)
		snprintf(sw, sizeof(sw), "%04x", x->sw);
	begin_line(p, numbers, x->card);
	fprintf(p->to, "%s %-20s %-44s %s %s", lane, item->name, where, sw, item->status);
	print_remarks(p->to, item);
	putc('\n', p->to);
}

void print_text(const struct print *p, const struct decode_item *item)
{
	struct branch b = {.to = p->to};
	const struct tree t = {open_node, close_node, &b};

	if (item->event) {
		print_event(p, item->event, item->name);
		return;
	}
	print_exchange(p, item);
	if (p->tree)
		decode_tell(item, &t);
}
