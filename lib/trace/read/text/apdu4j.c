/*
 * apdu4j: "A>> T=0 (4+0002) 00A40004 02 3F00" and "A<< (0031+2) (7ms) 62... 9000", and as later
 * versions print it: "A>> (4+2) ..." and "A<< (31+2) 62... 9000 (7ms)" (core/.../LoggingBIBO). The
 * letters in front are of who prints. Also GlobalPlatformPro's, whose later versions put "# " in
 * front of all that is no APDU.
 */
#include <ctype.h>

#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"
#include "lib/trace/read/text/text.h"

#define PREFIX_MAX 16 /* in front of ">>" */
#define SW_OCTETS  2

/* ">> " or "<< " with at most a word in front, and what it counts: "(4+0005)" */
static bool take_count(struct slice *line, const char *mark, uint64_t *octets)
{
	struct slice s = line_before(*line, "<>");
	uint64_t a, b;

	if (s.len > PREFIX_MAX || line_has(s, " "))
		return false;
	*line = slice_sub(*line, s.len, line->len);
	if (!line_take(line, mark))
		return false;
	if (line_take(line, "T="))
		*line = slice_sub(*line, line_before(*line, "(").len, line->len);
	s = *line;
	if (!line_take(&s, "(") || !line_number(&s, &a) || !line_take(&s, "+") ||
	    !line_number(&s, &b) || !line_take(&s, ")") || a > APDU_EXTENDED_COMMAND_MAX ||
	    b > APDU_EXTENDED_COMMAND_MAX)
		return false;
	*octets = a + b;
	*line = s;
	return true;
}

static bool is_apdu4j_line(struct slice line)
{
	struct slice s = line;
	uint64_t n;

	return take_count(&s, ">> ", &n) || take_count(&line, "<< ", &n);
}

static unsigned recognise_apdu4j(struct slice head)
{
	return line_sure(head, is_apdu4j_line, 97);
}

/* People write remarks behind an APDU whose log they show to others. */
static struct slice without_remark(struct text_log *l, struct slice s, uint64_t count)
{
	struct wbuf w = wbuf_init(l->octets, sizeof(l->octets));
	struct slice rest, octets = line_hex(s, &w, &rest);

	if (!rest.len || octets.len < count || isalnum(slice_at(rest, 0)))
		return s;
	return slice_sub(s, 0, s.len - rest.len);
}

static void take_apdu4j_command(struct text_log *l, struct trace_out *o, struct slice s,
				uint64_t count)
{
	struct slice octets;

	s = without_remark(l, s, count);
	if (!text_log_hex(l, o, s, "a command that is not hex", &octets))
		return;
	/* beside header and data an Lc and an Le, which are not counted */
	if (octets.len < count) {
		text_log_flush(l, o, NULL);
		trace_out_fault(o, "fewer octets than it says", octets);
		return;
	}
	text_log_sent(l, o, octets);
}

static void take_apdu4j_response(struct text_log *l, struct trace_out *o, struct slice s,
				 uint64_t count)
{
	struct slice octets;

	if (line_take(&s, "(")) /* how long it took */
		s = slice_sub(s, line_before(s, ")").len + 1, s.len);
	s = without_remark(l, line_before(s, "("), count);
	if (!text_log_hex(l, o, s, "a response that is not hex", &octets))
		return;
	if (octets.len == count) {
		text_log_received(l, o, octets);
		return;
	}
	text_log_flush(l, o, NULL);
	trace_out_fault(o, "not as many octets as it says", octets);
}

static bool ends_with(struct slice s, const char *words)
{
	struct slice w = slice_str(words);

	return s.len >= w.len && slice_equal(slice_sub(s, s.len - w.len, w.len), w);
}

static void take_apdu4j_line(void *state, struct trace_out *o, struct slice line)
{
	struct text_log *l = state;
	struct slice tx = line_trim(line), rx = tx, word = line_before(tx, " ");
	struct slice event = tx;
	bool connects;
	struct slice atr = line_behind(line, ") -> T=", &connects);
	uint64_t count;

	(void)line_take(&event, "#");
	if (take_count(&tx, ">> ", &count)) {
		take_apdu4j_command(l, o, tx, count);
	} else if (take_count(&rx, "<< ", &count)) {
		take_apdu4j_response(l, o, rx, count);
	} else if (connects && line_take(&event, "SCardConnect(")) {
		atr = slice_sub(atr, line_before(atr, ",").len + 1, atr.len);
		text_log_atr(l, o, atr);
	} else if (line_has(rx, "[error]")) {
		text_log_flush(l, o, "the transmission failed");
	} else if (word.len <= PREFIX_MAX && (ends_with(word, ">>") || ends_with(word, "<<"))) {
		text_log_flush(l, o, NULL);
		trace_out_fault(o, "how many octets it has is missing", SLICE_EMPTY);
	} else {
		trace_out_words(o, line);
	}
}

const struct trace_format trace_format_apdu4j = {.name = "apdu4j",
						 .title = "apdu4j, GlobalPlatformPro --debug",
						 .recognise = recognise_apdu4j,
						 .state_size = sizeof(struct text_log),
						 .line = take_apdu4j_line,
						 .end = text_log_end};
