/*
 * at: a modem's AT+CSIM, AT+CGLA and what it answers (3GPP TS 27.007 8.17, 8.43), as lpac prints it
 * ("AT_DEBUG: AT+CGLA=1,16,"..."", later "AT_DEBUG_TX(SECONDS.NANOSECONDS): ..."), or as it is
 * typed: in capitals or not, with blanks. By lpac the nanoseconds are not filled up with zeros.
 */
#include <ctype.h>
#include <string.h>

#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"
#include "lib/trace/read/text/text.h"

#define SECOND	    1000000000ULL
#define SECONDS_MAX 9000000000ULL

/* What carries an APDU */
static const char *const commands[] = {"at+csim", "at+cgla"};
static const char *const answers[] = {"+csim", "+cgla"};

static bool is_word_at(struct slice line, size_t at, const char *word)
{
	for (size_t i = 0; word[i]; i++) {
		if (tolower(slice_at(line, at + i)) != word[i])
			return false;
	}
	return true;
}

/* What stands behind one of these words and the sign; blanks may stand between. */
static struct slice behind_one(struct slice line, const char *const words[2], const char *sign,
			       bool *found)
{
	for (size_t at = 0; at < line.len; at++) {
		for (size_t i = 0; i < 2; i++) {
			struct slice s = slice_sub(line, at + strlen(words[i]), line.len);

			*found = is_word_at(line, at, words[i]);
			s = *found ? line_trim(s) : s;
			if (*found && line_take(&s, sign))
				return s;
		}
	}
	*found = false;
	return SLICE_EMPTY;
}

/* [SESSION,]LENGTH,"HEX", the quotes not always; the length counts digits */
static bool take_at_apart(struct slice s, struct slice *hex)
{
	uint64_t number = 0, last;
	bool counted = false;

	for (unsigned i = 0; i < 3; i++) {
		struct slice field = line_trim(line_before(s, ","));
		struct slice rest = field;

		s = slice_sub(s, line_before(s, ",").len + 1, s.len);
		if (s.len && line_number(&rest, &last) && !rest.len) {
			number = last;
			counted = true;
			continue;
		}
		(void)line_take(&field, "\"");
		*hex = line_before(field, "\"");
		return counted && hex->len == number;
	}
	return false;
}

static bool is_at_command(struct slice line)
{
	bool found;
	struct slice s = behind_one(line, commands, "=", &found), hex = SLICE_EMPTY;

	return found && (line_has(s, ",\"") ||
			 (take_at_apart(s, &hex) && line_is_hex(hex, 4, APDU_COMMAND_MAX)));
}

static unsigned recognise_at(struct slice head)
{
	return line_sure(head, is_at_command, 96);
}

static void take_debug_time(struct text_log *l, struct slice line)
{
	uint64_t s, ns;
	bool found;
	struct slice at = line_behind(line, "AT_DEBUG_TX(", &found);

	l->has_time = found && line_number(&at, &s) && line_take(&at, ".") &&
		      line_number(&at, &ns) && s <= SECONDS_MAX && ns < SECOND;
	if (l->has_time)
		l->time_ns = (int64_t)(s * SECOND + ns);
}

static void take_at_line(void *state, struct trace_out *o, struct slice line)
{
	struct text_log *l = state;
	bool sent, received;
	struct slice tx = behind_one(line, commands, "=", &sent), hex = SLICE_EMPTY;
	struct slice rx = behind_one(line, answers, ":", &received);

	if (sent && slice_at(tx, 0) == '?')
		return; /* whether it has it */
	if (sent) {
		take_debug_time(l, line);
		if (take_at_apart(tx, &hex)) {
			text_log_command(l, o, hex);
			return;
		}
		text_log_flush(l, o, NULL);
		trace_out_fault(o, "a command whose length is missing or wrong", SLICE_EMPTY);
	} else if (received && take_at_apart(rx, &hex)) {
		text_log_response(l, o, hex);
	} else if (received && slice_at(rx, 0) != '(') {
		text_log_flush(l, o, NULL);
		trace_out_fault(o, "an answer whose length is missing or wrong", SLICE_EMPTY);
	} else if (line_has(line, "ERROR") || is_word_at(line_trim(line), 0, "error") ||
		   line_has(line, "+cme error")) {
		text_log_flush(l, o, "the modem answers ERROR");
	} else {
		trace_out_words(o, line);
	}
}

const struct trace_format trace_format_at = {.name = "at",
					     .title = "AT+CSIM and AT+CGLA (lpac's AT_DEBUG)",
					     .recognise = recognise_at,
					     .state_size = sizeof(struct text_log),
					     .line = take_at_line,
					     .end = text_log_end};
