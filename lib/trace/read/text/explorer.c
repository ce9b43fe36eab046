/*
 * opensc-tool: what opensc-tool -s and opensc-explorer's "apdu" print: "Sending: 00 A4 ...", then
 * "Received (SW1=0x90, SW2=0x00):" with rows of 16 octets in hex and as characters behind it.
 *
 * No line says how many octets a row has, and characters may look like hex: a row has as many as
 * those behind it say again.
 */
#include <ctype.h>
#include <string.h>

#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"
#include "lib/trace/read/text/text.h"

#define ROW	16 /* octets */
#define SW_LEN	2
#define SENDING "Sending: "

struct explorer {
	struct text_log log;
	struct text_dump dump;
	uint8_t sw[SW_LEN];
};

static bool take_received(struct slice line, struct wbuf *sw, bool *has_data)
{
	bool found;
	struct slice s = line_behind(line, "Received (SW1=0x", &found), rest;

	if (!found)
		return false;
	(void)line_hex(line_before(s, ","), sw, &rest);
	s = slice_sub(s, line_before(s, ",").len, s.len);
	if (rest.len || !line_take(&s, ", SW2=0x"))
		wbuf_fail(sw, ERR_ENCODING);
	(void)line_hex(line_before(s, ")"), sw, &rest);
	s = slice_sub(s, line_before(s, ")").len, s.len);
	if (rest.len || !line_take(&s, ")") || sw->len != SW_LEN)
		wbuf_fail(sw, ERR_ENCODING);
	*has_data = slice_at(s, 0) == ':';
	return true;
}

static bool is_sending(struct slice line)
{
	bool found;
	struct slice hex = line_behind(line, SENDING, &found);

	return found && line_is_hex(hex, 4, APDU_EXTENDED_COMMAND_MAX);
}

static bool is_received(struct slice line)
{
	uint8_t octets[SW_LEN];
	struct wbuf sw = wbuf_init(octets, sizeof(octets));
	bool has_data;

	return take_received(line, &sw, &has_data) && !wbuf_done(&sw);
}

static unsigned recognise_explorer(struct slice head)
{
	unsigned sent = line_sure(head, is_sending, 92), got = line_sure(head, is_received, 92);

	return sent && got ? 93 : sent > got ? sent : got;
}

/* These octets, as characters, are what stands there. */
static bool says_the_same(const uint8_t *octets, size_t n, struct slice text)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t shown = octets[i] < 0x80 && isprint(octets[i]) ? octets[i] : '.';

		/* blanks at the end of a line get lost */
		if (slice_at(text, i) != shown && (i < text.len || shown != ' '))
			return false;
	}
	return text.len <= n;
}

/* How many octets there are in this row; 0: it is none */
static size_t row_octets(struct slice line, uint8_t octets[ROW])
{
	size_t n = 0;

	while (n < ROW) {
		struct wbuf w = wbuf_init(octets + n, 1);
		struct slice rest;

		if (line_hex(slice_sub(line, 3 * n, 2), &w, &rest).len != 1 ||
		    (slice_at(line, 3 * n + 2) && slice_at(line, 3 * n + 2) != ' '))
			break;
		n++;
	}
	for (; n; n--) {
		if (says_the_same(octets, n, slice_sub(line, 3 * n, line.len)) ||
		    says_the_same(octets, n, slice_sub(line, 3UL * ROW, line.len)))
			break;
	}
	return n;
}

static void finish_rows(struct explorer *p, struct trace_out *o)
{
	if (!p->dump.runs)
		return;
	p->dump.wanted = p->dump.len ? 0 : 1; /* data were promised */
	if (p->dump.len && !text_dump_add(&p->dump, SLICE_OF(p->sw)))
		p->dump.wanted = SIZE_MAX;
	text_dump_finish(&p->dump, &p->log, o);
}

static void begin_response(struct explorer *p, struct trace_out *o, const struct wbuf *sw,
			   bool has_data)
{
	if (wbuf_done(sw)) {
		text_log_flush(&p->log, o, NULL);
		trace_out_fault(o, "a response without a status word", SLICE_EMPTY);
	} else if (has_data) {
		text_dump_begin(&p->dump, o, false, 0);
	} else {
		text_log_received(&p->log, o, wbuf_slice(sw));
	}
}

static void take_explorer_line(void *state, struct trace_out *o, struct slice line)
{
	struct explorer *p = state;
	uint8_t octets[ROW];
	struct wbuf sw = wbuf_init(p->sw, sizeof(p->sw));
	bool sent, failed, has_data;
	struct slice tx = line_behind(line, SENDING, &sent);
	struct slice row = line_trim(line);
	size_t n = p->dump.runs ? row_octets(row, octets) : 0;

	if (p->dump.runs && !row.len)
		return; /* a web page may put an empty line behind each */
	if (n && text_dump_add(&p->dump, slice_make(octets, n)))
		return;
	finish_rows(p, o);
	(void)line_behind(line, "transmit failed", &failed);
	if (sent)
		text_log_command(&p->log, o, tx);
	else if (take_received(line, &sw, &has_data))
		begin_response(p, o, &sw, has_data);
	else if (failed)
		text_log_flush(&p->log, o, "the transmission failed");
	else
		trace_out_words(o, line);
}

static void end_explorer(void *state, struct trace_out *o)
{
	struct explorer *p = state;

	finish_rows(p, o);
	text_log_end(&p->log, o);
}

const struct trace_format trace_format_opensc_tool = {
	.name = "opensc-tool",
	.title = "opensc-tool -s, opensc-explorer's apdu",
	.recognise = recognise_explorer,
	.state_size = sizeof(struct explorer),
	.line = take_explorer_line,
	.end = end_explorer};
