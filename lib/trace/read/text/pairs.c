/*
 * pairs: "> 00A4..." and "< 9000", as euicc-lpa's recorder, pyscard's observer ("<  [] 90 00") and
 * many others write; '#' before a remark. tcaloader: "Command 80E2..." and "Response 9000".
 *
 * A person who writes such a trace says more in remarks: "# reset 3B9F96", "# removed", "# card
 * NAME" (whose the lines from here on are), "# pps FF10967F FF10967F" (request and response),
 * "# 2026-04-17 12:00:00.5" (when).
 */
#include "lib/trace/read/text/clock.h"
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"
#include "lib/trace/read/text/text.h"

#define PPS_MAX 6 /* ISO 7816-3 9.2 */

struct words {
	const char *sent, *received;
};
static const struct words arrows = {">", "<"}, names = {"Command ", "Response "};

/* The hex of a pair's line behind its word; *sent tells which */
static bool take_word(const struct words *w, struct slice *line, bool *sent)
{
	*sent = line_take(line, w->sent);
	if (!*sent && !line_take(line, w->received))
		return false;
	if (!*sent)
		(void)line_take(line, "[]"); /* pyscard's empty data */
	return true;
}

static bool is_pair(const struct words *w, struct slice line)
{
	bool sent;

	return take_word(w, &line, &sent) &&
	       line_is_hex(line, sent ? 4 : 2, APDU_EXTENDED_COMMAND_MAX);
}

static bool is_arrow(struct slice line)
{
	return is_pair(&arrows, line);
}

static bool is_pyscard_word(struct slice line)
{
	return line_take(&line, "connecting to ") || line_take(&line, "disconnecting from ");
}

static bool is_remark_or_arrow(struct slice line)
{
	return slice_at(line, 0) == '#' || is_pyscard_word(line) || is_arrow(line);
}

static unsigned recognise_arrows(struct slice head)
{
	struct line_count pairs = line_count(head, is_arrow);
	struct line_count known = line_count(head, is_remark_or_arrow);

	return pairs.like && 4 * known.like >= 3 * known.all ? 60 : 0;
}

static bool is_name_line(struct slice line)
{
	return is_pair(&names, line);
}

static unsigned recognise_names(struct slice head)
{
	return line_sure(head, is_name_line, 91);
}

static void take_pair(struct text_log *l, struct trace_out *o, struct slice hex, bool sent)
{
	if (sent)
		text_log_command(l, o, hex);
	else
		text_log_response(l, o, hex);
}

struct pairs {
	struct text_log log;
	struct clock clock;
};

static bool is_date(struct slice s)
{
	return s.len >= 10 && slice_at(s, 4) == '-' && slice_at(s, 7) == '-' &&
	       slice_at(s, 0) >= '1' && slice_at(s, 0) <= '9';
}

/* Request and response; without one the card has not answered. */
static void pairs_pps(struct pairs *p, struct trace_out *o, struct slice s)
{
	struct slice word = line_before(s, " "), octets;
	uint8_t request[PPS_MAX];
	struct trace_event e = {.kind = TRACE_PPS,
				.card = p->log.card,
				.has_time = p->log.has_time,
				.time_ns = p->log.time_ns};

	if (!text_log_hex(&p->log, o, word, "a PPS that is not hex", &octets) ||
	    slice_copy(octets, request, octets.len <= PPS_MAX ? octets.len : 0))
		return;
	e.command = slice_make(request, octets.len);
	s = line_trim(slice_sub(s, word.len, s.len));
	if (s.len && !text_log_hex(&p->log, o, s, "a PPS that is not hex", &e.response))
		return;
	trace_out_event(o, &e);
}

static void take_remark(struct pairs *p, struct trace_out *o, struct slice s)
{
	s = line_trim(s);
	if (is_date(s)) {
		p->log.has_time = clock_of_line(&p->clock, s, &p->log.time_ns);
	} else if (line_take(&s, "card ")) {
		p->log.card = trace_out_card(o, line_trim(s));
	} else if (line_take(&s, "pps ") && line_is_hex(s, 1, 2 * PPS_MAX)) {
		pairs_pps(p, o, s);
	} else if (slice_is(s, "removed")) {
		text_log_power(&p->log, o, TRACE_REMOVED, SLICE_EMPTY);
	} else if (slice_is(s, "reset")) {
		text_log_power(&p->log, o, TRACE_RESET, SLICE_EMPTY);
	} else if (line_take(&s, "reset ") && line_is_hex(s, 2, APDU_RESPONSE_MAX)) {
		text_log_atr(&p->log, o, s);
	} else {
		trace_out_words(o, s);
	}
}

static void take_arrow(void *state, struct trace_out *o, struct slice line)
{
	bool sent;

	line = line_trim(line);
	if (!line.len || is_pyscard_word(line))
		return;
	if (line_take(&line, "#"))
		take_remark(state, o, line);
	else if (take_word(&arrows, &line, &sent))
		take_pair(state, o, line, sent);
	else
		trace_out_fault(o, "neither '> COMMAND' nor '< RESPONSE'", SLICE_EMPTY);
}

static void take_named(void *state, struct trace_out *o, struct slice line)
{
	bool sent;

	line = line_trim(line);
	if (take_word(&names, &line, &sent))
		take_pair(state, o, line, sent);
	else
		trace_out_words(o, line);
}

const struct trace_format trace_format_pairs = {.name = "pairs",
						.title = "lines as '> COMMAND' and '< RESPONSE'",
						.recognise = recognise_arrows,
						.state_size = sizeof(struct pairs),
						.line = take_arrow,
						.end = text_log_end};
const struct trace_format trace_format_tcaloader = {.name = "tcaloader",
						    .title = "TCALoader",
						    .recognise = recognise_names,
						    .state_size = sizeof(struct text_log),
						    .line = take_named,
						    .end = text_log_end};
