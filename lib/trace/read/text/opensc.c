/*
 * opensc: OPENSC_DEBUG=9, -vvvvvv: "Outgoing APDU (7 bytes):" and "Incoming APDU (2 bytes):", each
 * with rows of 16 octets in hex and as characters behind it (libopensc/reader-pcsc.c, log.c). The
 * time stands in the line before: of the day, on Windows with a date. Versions before 0.12 wrote
 * "Outgoing APDU data [    7 bytes] =====". It reconnects to a card that it has reset, or another
 * program has.
 */
#include "lib/trace/read/text/clock.h"
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"
#include "lib/trace/read/text/text.h"

#define ROW	  16 /* octets */
#define COUNT_MAX APDU_EXTENDED_COMMAND_MAX

struct opensc {
	struct text_log log;
	struct clock clock;
	bool has_time;
	int64_t time_ns; /* of the last line that had one */
	struct text_dump dump;
};

/* "Outgoing APDU (7 bytes):"; *count 0: a broken one */
static bool take_dump_header(struct slice line, bool *is_command, uint64_t *count)
{
	bool out, in;
	struct slice sent = line_behind(line, "Outgoing APDU ", &out);
	struct slice received = line_behind(line, "Incoming APDU ", &in), s;

	if (!out && !in)
		return false;
	s = out ? sent : received;
	*is_command = out;
	(void)line_take(&s, "data ");
	if ((!line_take(&s, "(") && !line_take(&s, "[")) || !line_number(&s, count) ||
	    *count > COUNT_MAX || !line_take(&s, " ") || !line_take(&s, "bytes"))
		*count = 0;
	return true;
}

static bool is_header(struct slice line)
{
	bool is_command;
	uint64_t count = 0;

	return take_dump_header(line, &is_command, &count) && count;
}

/* "P:123; T:0x456 12:00:00.001 [app] file.c:1:function: ..." */
static bool is_debug_line(struct slice line)
{
	uint64_t pid;

	return line_take(&line, "P:") && line_number(&line, &pid) && line_take(&line, "; T:");
}

static unsigned recognise_opensc(struct slice head)
{
	unsigned sure = line_sure(head, is_header, 98);

	return sure ? sure : line_sure(head, is_debug_line, 94);
}

/* As many octets as the dump still wants, a row at most; behind them may stand anything. */
static void take_dump_row(struct opensc *p, struct trace_out *o, struct slice line)
{
	uint8_t octets[ROW];
	size_t left = p->dump.wanted - p->dump.len;
	struct wbuf w = wbuf_init(octets, left < ROW ? left : ROW);
	struct slice rest, got = line_hex(slice_sub(line, 0, w.cap * 3 - 1), &w, &rest);

	if (got.len == w.cap && !wbuf_done(&w) && text_dump_add(&p->dump, got)) {
		if (p->dump.len == p->dump.wanted)
			text_dump_finish(&p->dump, &p->log, o);
		return;
	}
	(void)text_dump_add(&p->dump, wbuf_slice(&w));
	text_dump_finish(&p->dump, &p->log, o);
}

static void take_dump_header_line(struct opensc *p, struct trace_out *o, bool is_command,
				  uint64_t count)
{
	p->log.has_time = p->has_time;
	p->log.time_ns = p->time_ns;
	if (count) {
		text_dump_begin(&p->dump, o, is_command, count);
		return;
	}
	text_log_flush(&p->log, o, NULL);
	trace_out_fault(o, "how many octets follow is missing, or too many", SLICE_EMPTY);
}

static void take_opensc_line(void *state, struct trace_out *o, struct slice line)
{
	struct opensc *p = state;
	uint64_t count = 0;
	bool is_command, reset;

	line = line_trim(line);
	if (p->dump.runs && !is_debug_line(line) && !is_header(line)) {
		if (line.len) /* a web page may put an empty line behind each */
			take_dump_row(p, o, line);
		return;
	}
	text_dump_finish(&p->dump, &p->log, o); /* it is cut */
	if (is_debug_line(line) && clock_of_line(&p->clock, line, &p->time_ns))
		p->has_time = true;
	(void)line_behind(line, "SCardReconnect returned: 0x00000000", &reset);
	if (take_dump_header(line, &is_command, &count))
		take_dump_header_line(p, o, is_command, count);
	else if (reset)
		text_log_power(&p->log, o, TRACE_RESET, SLICE_EMPTY);
}

static void end_opensc(void *state, struct trace_out *o)
{
	struct opensc *p = state;

	text_dump_finish(&p->dump, &p->log, o);
	text_log_end(&p->log, o);
}

const struct trace_format trace_format_opensc = {.name = "opensc",
						 .title = "OpenSC, OPENSC_DEBUG=9",
						 .recognise = recognise_opensc,
						 .state_size = sizeof(struct opensc),
						 .line = take_opensc_line,
						 .end = end_opensc};
