/* pairs: "> 00A4..." and "< 9000" as euicc-lpa's recorder and many others write; '#' before a
 * remark. */
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/text.h"

struct pairs {
	struct text_pair pair;
	uint8_t octets[APDU_EXTENDED_RESPONSE_MAX];
};

/* '>' or '<' and nothing but hex behind it */
static bool is_pair_line(struct slice line)
{
	uint8_t octets[APDU_COMMAND_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct slice rest;

	if (slice_at(line, 0) != '>' && slice_at(line, 0) != '<')
		return false;
	return line_hex(slice_sub(line, 1, line.len), &w, &rest).len && (!rest.len || w.err);
}

static bool is_remark_or_pair(struct slice line)
{
	return slice_at(line, 0) == '#' || is_pair_line(line);
}

static unsigned recognise(struct slice head)
{
	struct line_count pairs = line_count(head, is_pair_line);
	struct line_count known = line_count(head, is_remark_or_pair);

	return pairs.like && 4 * known.like >= 3 * known.all ? 60 : 0;
}

static void take_pair(void *state, struct trace_out *o, struct slice line)
{
	struct pairs *p = state;
	struct wbuf w = wbuf_init(p->octets, sizeof(p->octets));
	struct slice rest, octets;

	line = line_trim(line);
	if (!line.len || slice_at(line, 0) == '#')
		return;
	octets = line_hex(slice_sub(line, 1, line.len), &w, &rest);
	if (!is_pair_line(line))
		trace_out_fault(o, "neither '> COMMAND' nor '< RESPONSE'", SLICE_EMPTY);
	else if (slice_at(line, 0) == '>')
		text_pair_command(&p->pair, o, octets);
	else
		text_pair_response(&p->pair, o, octets);
}

static void end_pairs(void *state, struct trace_out *o)
{
	struct pairs *p = state;

	text_pair_flush(&p->pair, o);
}

const struct trace_format trace_format_pairs = {.name = "pairs",
						.title = "lines as '> COMMAND' and '< RESPONSE'",
						.recognise = recognise,
						.state_size = sizeof(struct pairs),
						.line = take_pair,
						.end = end_pairs};
