/*
 * lpac-json: lpac's APDU driver "stdio":
 * {"type":"apdu","payload":{"func":"transmit","param":"..."}} and the answers
 * {"type":"apdu","payload":{"ecode":0,"data":"..."}}. Each line is an object; of these few keys a
 * search finds the values, for none of them holds a quote.
 */
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"
#include "lib/trace/read/text/text.h"

struct json {
	struct text_log log;
	bool waits; /* for what the card says to a transmit */
};

static bool is_json_line(struct slice line)
{
	return slice_at(line, 0) == '{' && line_has(line, "\"type\":\"apdu\"") &&
	       line_has(line, "\"payload\":{");
}

static unsigned recognise_json(struct slice head)
{
	return line_sure(head, is_json_line, 98);
}

/* The string of this key, or nothing */
static struct slice value_of(struct slice line, const char *key, bool *found)
{
	struct slice s = line_behind(line, key, found);

	*found = *found && line_take(&s, ":") && line_take(&s, "\"");
	return *found ? line_before(s, "\"") : SLICE_EMPTY;
}

static void take_call(struct json *p, struct trace_out *o, struct slice func, struct slice line)
{
	bool found;

	text_log_flush(&p->log, o, NULL);
	p->waits = slice_is(func, "transmit");
	if (slice_is(func, "connect"))
		text_log_power(&p->log, o, TRACE_RESET, SLICE_EMPTY);
	else if (p->waits)
		text_log_command(&p->log, o, value_of(line, "\"param\"", &found));
}

static void take_json_line(void *state, struct trace_out *o, struct slice line)
{
	struct json *p = state;
	bool is_call, is_answer, has_data;
	struct slice func = value_of(line, "\"func\"", &is_call);
	struct slice data = value_of(line, "\"data\"", &has_data);

	line = line_trim(line);
	if (!is_json_line(line)) {
		trace_out_words(o, line); /* progress, and lpac's result */
		return;
	}
	(void)line_behind(line, "\"ecode\":", &is_answer);
	if (slice_at(line, line.len - 1) != '}') {
		text_log_flush(&p->log, o, NULL);
		trace_out_fault(o, "the object is cut", SLICE_EMPTY);
	} else if (is_call) {
		take_call(p, o, func, line);
	} else if (is_answer && has_data && p->waits) {
		text_log_response(&p->log, o, data);
	} else if (is_answer) {
		text_log_flush(&p->log, o, "the answer has no data");
	} else {
		trace_out_fault(o, "neither a call nor an answer", SLICE_EMPTY);
	}
}

const struct trace_format trace_format_lpac_json = {.name = "lpac-json",
						    .title = "lpac's APDU driver 'stdio'",
						    .recognise = recognise_json,
						    .state_size = sizeof(struct json),
						    .line = take_json_line,
						    .end = text_log_end};
