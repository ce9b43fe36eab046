/*
 * hex: commands and responses in hex, a line each by turns, '#' before a remark. With apdu4j's
 * header ("# ATR: ", "# PROTOCOL: ") it is certain. Scripts of a command and the status word that
 * is expected (seader) have the same form: then it is not what a card said.
 */
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"
#include "lib/trace/read/text/text.h"

struct hex {
	struct text_log log;
	bool responds; /* the next line is a response */
};

static bool is_hex_command(struct slice line)
{
	uint8_t octets[APDU_COMMAND_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct slice command;
	struct apdu a;

	return line_all_hex(line, &w, &command) && !apdu_parse(command, &a);
}

/* It ends with a status word: 6X or 9X (ISO 7816-3 12.2.1) */
static bool is_hex_response(struct slice line)
{
	struct slice digits = slice_sub(line, line.len < 2 ? 0 : line.len - 2, 2);
	uint8_t sw1 = 0;

	for (size_t n = 0, i = line.len; i > 0 && n < 4; i--) {
		if (slice_at(line, i - 1) == ' ')
			continue;
		sw1 = slice_at(line, i - 1);
		n++;
	}
	return digits.len == 2 && line_is_hex(line, 2, APDU_EXTENDED_RESPONSE_MAX) &&
	       (sw1 == '6' || sw1 == '9');
}

static bool is_header(struct slice line)
{
	return line_take(&line, "# ATR: ") || line_take(&line, "# PROTOCOL: ");
}

static bool is_any(struct slice line)
{
	return slice_at(line, 0) == '#' || is_hex_command(line) || is_hex_response(line);
}

static bool is_status(struct slice line)
{
	return line_is_hex(line, 2, 2) && is_hex_response(line);
}

static unsigned recognise_hex(struct slice head)
{
	struct line_count any = line_count(head, is_any);
	unsigned commands = line_count(head, is_hex_command).like;
	unsigned responses = line_count(head, is_hex_response).like;

	if (any.like < any.all || !commands || !responses)
		return 0;
	if (line_sure(head, is_header, 1))
		return 96;
	/* a status word alone is no command: this is no script of commands */
	return line_sure(head, is_status, 1) ? 50 : 40;
}

/* A command where the response of the one that waits is due: that line is missing. A command may
 * end like a status word (SELECT of 6F07): where none but a status word can come it is still one.
 */
static bool is_next_command(struct hex *p, struct slice line)
{
	struct slice waits;
	struct apdu a;

	return is_hex_command(line) &&
	       (!is_hex_response(line) ||
		(text_log_waits(&p->log, &waits) && apdu_parse(waits, &a) == ERR_OK && !a.has_le));
}

static void take_hex_octets(struct hex *p, struct trace_out *o, struct slice s)
{
	if (p->responds && is_next_command(p, s)) {
		text_log_flush(&p->log, o, "the line with its response is missing");
		p->responds = false;
	}
	if (p->responds || (is_hex_response(s) && !is_hex_command(s))) {
		text_log_response(&p->log, o, s);
		p->responds = false;
		return;
	}
	text_log_command(&p->log, o, s);
	p->responds = text_log_waits(&p->log, &s);
}

static void take_hex_line(void *state, struct trace_out *o, struct slice line)
{
	struct hex *p = state;
	struct slice s = line_trim(line);

	if (line_take(&s, "# ATR:")) {
		text_log_atr(&p->log, o, s);
		p->responds = false;
	} else if (line_take(&s, "#")) {
		/* "# 42ms WHY": there was no response */
		if (p->responds && line_has(s, "ms ")) {
			text_log_flush(&p->log, o, "the transmission failed");
			p->responds = false;
		}
	} else if (s.len) {
		take_hex_octets(p, o, s);
	}
}

const struct trace_format trace_format_hex = {
	.name = "hex",
	.title = "command and response by turns (apdu4j's dump)",
	.recognise = recognise_hex,
	.state_size = sizeof(struct hex),
	.line = take_hex_line,
	.end = text_log_end};
