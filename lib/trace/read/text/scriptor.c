/*
 * scriptor: what it prints: "> 00 A4 ..." and "< 61 1F : 0x1F bytes ...", "> RESET" and "< OK:
 * ATR", and each line of its script again. script: what it and opensc-explorer are given: commands
 * alone.
 */
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"
#include "lib/trace/read/text/text.h"

#define RESET "> RESET"

static bool is_reset(struct slice line)
{
	return line_take(&line, RESET) || line_take(&line, "< OK: 3");
}

/* "< HEX : WORDS" */
static bool is_scriptor_response(struct slice line)
{
	struct slice hex = line_before(line, ":");

	return line_take(&hex, "< ") && hex.len < line.len - 2 &&
	       line_is_hex(hex, 2, APDU_EXTENDED_RESPONSE_MAX);
}

static unsigned recognise_scriptor(struct slice head)
{
	return line_sure(head, is_scriptor_response, 1) ? 95 : line_sure(head, is_reset, 92);
}

static void take_scriptor_line(void *state, struct trace_out *o, struct slice line)
{
	struct text_log *l = state;
	struct slice s = line_trim(line);

	if (line_take(&s, RESET))
		text_log_flush(l, o, NULL);
	else if (line_take(&s, "< OK:"))
		text_log_atr(l, o, s);
	else if (line_take(&s, "< KO:"))
		text_log_power(l, o, TRACE_REMOVED, SLICE_EMPTY);
	else if (line_take(&s, ">"))
		text_log_command(l, o, s);
	else if (line_take(&s, "<"))
		text_log_response(l, o, line_before(s, ":"));
	else
		trace_out_words(o, s);
}

const struct trace_format trace_format_scriptor = {.name = "scriptor",
						   .title = "what scriptor prints",
						   .recognise = recognise_scriptor,
						   .state_size = sizeof(struct text_log),
						   .line = take_scriptor_line,
						   .end = text_log_end};

static bool is_script_command(struct slice line)
{
	uint8_t octets[APDU_COMMAND_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct slice command;
	struct apdu a;

	(void)line_take(&line, "apdu ");
	return line_all_hex(line, &w, &command) && !apdu_parse(command, &a);
}

static bool is_script_line(struct slice line)
{
	return slice_at(line, 0) == '#' || slice_is(line, "reset") || slice_is(line, "quit") ||
	       is_script_command(line);
}

static unsigned recognise_script(struct slice head)
{
	struct line_count lines = line_count(head, is_script_line);

	return line_count(head, is_script_command).like && lines.like == lines.all ? 45 : 0;
}

static void take_script_line(void *state, struct trace_out *o, struct slice line)
{
	struct text_log *l = state;
	struct slice s = line_trim(line);

	if (!s.len || slice_is(s, "quit"))
		return;
	if (slice_at(s, 0) == '#') {
		trace_out_words(o, s);
	} else if (slice_is(s, "reset")) {
		text_log_power(l, o, TRACE_RESET, SLICE_EMPTY);
	} else {
		(void)line_take(&s, "apdu ");
		text_log_command(l, o, s);
	}
}

const struct trace_format trace_format_script = {
	.name = "script",
	.title = "commands alone, for scriptor or opensc-explorer",
	.recognise = recognise_script,
	.state_size = sizeof(struct text_log),
	.line = take_script_line,
	.end = text_log_end};
