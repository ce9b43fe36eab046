/*
 * omapi: Android's OMAPI service in logcat: "SecureElement-Terminal-SIM1: Sent : 00a4..." and
 * "Received : ...9000" (SecureElement, Terminal.java); the terminal is the card. logcat's date has
 * no year: the time is of the day.
 */
#include "lib/trace/read/phone/phone.h"
#include "lib/trace/read/text/clock.h"
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"

#define TERMINAL "SecureElement-Terminal-"

struct omapi {
	struct text_log log;
	struct clock clock;
};

/* The terminal, and what it says */
static bool take_omapi_apart(struct slice line, struct slice *terminal, struct slice *text)
{
	bool found;
	struct slice s = line_behind(line, TERMINAL, &found);

	*terminal = line_trim(line_before(s, ": "));
	*text = slice_sub(s, line_before(s, ":").len, s.len);
	return found && line_take(text, ":");
}

static bool is_omapi_line(struct slice line)
{
	struct slice terminal, s;

	return take_omapi_apart(line, &terminal, &s) &&
	       (line_take(&s, "Sent : ") || line_take(&s, "Received : "));
}

static unsigned recognise_omapi(struct slice head)
{
	return line_sure(head, is_omapi_line, 97);
}

static void take_omapi_line(void *state, struct trace_out *o, struct slice line)
{
	struct omapi *p = state;
	struct slice terminal, s;

	if (!take_omapi_apart(line, &terminal, &s)) {
		trace_out_words(o, line); /* of another program */
		return;
	}
	p->log.card = trace_out_card(o, terminal);
	p->log.has_time = clock_of_line(&p->clock, line, &p->log.time_ns);
	if (line_take(&s, "Sent :"))
		text_log_command(&p->log, o, s);
	else if (line_take(&s, "Received :"))
		text_log_response(&p->log, o, s);
	else if (line_take(&s, "OnStateChange:false"))
		text_log_power(&p->log, o, TRACE_REMOVED, SLICE_EMPTY);
}

const struct trace_format trace_format_omapi = {.name = "omapi",
						.title = "Android's OMAPI in logcat",
						.recognise = recognise_omapi,
						.state_size = sizeof(struct omapi),
						.line = take_omapi_line,
						.end = text_log_end};
