/*
 * pysim: "-> 00a4000402 3f00" and "<- 612f: DATA" (pySim --apdu-trace; in its shell: set apdu_trace
 * true), "-- RESET", and whatever the shell prints in between. Newer versions print the command
 * when it is sent and again when it is answered.
 */
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"
#include "lib/trace/read/text/text.h"

#define HEADER_DIGITS 10
#define SW_DIGITS     4

struct pysim {
	struct text_log log;
	uint8_t octets[APDU_EXTENDED_RESPONSE_MAX];
};

static bool is_pysim_command(struct slice line)
{
	struct slice header;

	if (!line_take(&line, "-> "))
		return false;
	header = line_before(line, " ");
	return (header.len == HEADER_DIGITS || (header.len == line.len && header.len >= 8)) &&
	       line_is_hex(line, 4, APDU_EXTENDED_COMMAND_MAX);
}

static bool is_pysim_response(struct slice line)
{
	return line_take(&line, "<- ") && line_before(line, ":").len == SW_DIGITS &&
	       line.len > SW_DIGITS && line_is_hex(slice_sub(line, 0, SW_DIGITS), 2, 2);
}

static unsigned recognise_pysim(struct slice head)
{
	unsigned sent = line_count(head, is_pysim_command).like;
	unsigned received = line_count(head, is_pysim_response).like;

	return sent && received ? 95 : sent || received ? 70 : 0;
}

static void take_pysim_response(struct pysim *p, struct trace_out *o, struct slice line)
{
	struct wbuf w = wbuf_init(p->octets, sizeof(p->octets));
	struct slice sw = slice_sub(line, 0, SW_DIGITS), rest;

	(void)line_hex(line_trim(slice_sub(line, SW_DIGITS + 1, line.len)), &w, &rest);
	if (!rest.len)
		(void)line_hex(sw, &w, &rest);
	if (!rest.len && !wbuf_done(&w)) {
		text_log_received(&p->log, o, wbuf_slice(&w));
		return;
	}
	text_log_flush(&p->log, o, NULL);
	trace_out_fault(o, "a response that is not hex", SLICE_EMPTY);
}

static void take_pysim_line(void *state, struct trace_out *o, struct slice line)
{
	struct pysim *p = state;
	struct slice s = line_trim(line);

	if (is_pysim_command(s)) {
		(void)line_take(&s, "-> ");
		text_log_command(&p->log, o, s);
	} else if (line_take(&s, "<- ")) {
		if (is_pysim_response(line_trim(line)))
			take_pysim_response(p, o, s);
		else
			trace_out_fault(o, "a response without a status word", SLICE_EMPTY);
	} else if (line_take(&s, "-> ")) {
		trace_out_fault(o, "a command that is not hex", SLICE_EMPTY);
	} else if (line_take(&s, "-- RESET")) {
		text_log_power(&p->log, o, TRACE_RESET, SLICE_EMPTY);
	} else if (line_take(&s, "Card ATR: ")) {
		text_log_atr(&p->log, o, s);
	} else {
		trace_out_words(o, s);
	}
}

const struct trace_format trace_format_pysim = {.name = "pysim",
						.title = "pySim, --apdu-trace",
						.recognise = recognise_pysim,
						.state_size = sizeof(struct pysim),
						.line = take_pysim_line,
						.end = text_log_end};
