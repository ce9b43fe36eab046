/*
 * onomondo: onomondo-ipa: "SCARD DEBUG PCSC reader #0 TX:" and "... RX:", the octets in lines of 64
 * behind it, "SCARD INFO  00a4..." (src/ipa, scard.c); "card reset", "ATR:3b..". The reader's
 * number is the card.
 */
#include "lib/trace/read/phone/phone.h"
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"

struct onomondo {
	struct text_log log;
	struct text_dump dump;
};

/* "PCSC reader #0 ": its number, and what is said of it */
static bool take_onomondo_apart(struct slice line, struct slice *reader, struct slice *text)
{
	bool found;
	uint64_t number;
	struct slice s = line_behind(line, "PCSC reader #", &found), rest = s;

	if (!found || !line_number(&rest, &number))
		return false;
	*reader = slice_sub(s, 0, s.len - rest.len);
	*text = line_trim(rest);
	return true;
}

static bool is_onomondo_line(struct slice line)
{
	struct slice reader, s;

	return take_onomondo_apart(line, &reader, &s) &&
	       (line_take(&s, "TX:") || line_take(&s, "RX:"));
}

static unsigned recognise_onomondo(struct slice head)
{
	return line_sure(head, is_onomondo_line, 97);
}

/* "SCARD INFO  HEX" */
static bool take_info_row(struct slice line, struct slice *hex)
{
	bool found;

	*hex = line_behind(line, "SCARD", &found);
	if (!found)
		return false;
	*hex = line_behind(*hex, "INFO", &found);
	return found && line_is_hex(*hex, 1, APDU_EXTENDED_COMMAND_MAX);
}

static void take_reader_line(struct onomondo *p, struct trace_out *o, struct slice s)
{
	if (line_take(&s, "TX:"))
		text_dump_begin(&p->dump, o, true, 0);
	else if (line_take(&s, "RX:") && !s.len)
		text_dump_begin(&p->dump, o, false, 0);
	else if (line_take(&s, "(no data)") || line_take(&s, "transceive failed"))
		text_log_flush(&p->log, o, "there was no response");
	else if (line_take(&s, "card reset"))
		text_log_reset_begins(&p->log, o);
	else if (line_take(&s, "ATR:"))
		text_log_atr(&p->log, o, s);
	else if (line_take(&s, "freed"))
		text_log_power(&p->log, o, TRACE_REMOVED, SLICE_EMPTY);
}

static void take_onomondo_line(void *state, struct trace_out *o, struct slice line)
{
	struct onomondo *p = state;
	struct slice reader, s, octets;
	struct wbuf w = wbuf_init(p->log.octets, sizeof(p->log.octets));

	line = line_trim(line);
	if (p->dump.runs && take_info_row(line, &s) && line_all_hex(s, &w, &octets) &&
	    text_dump_add(&p->dump, octets))
		return;
	text_dump_finish(&p->dump, &p->log, o);
	if (!take_onomondo_apart(line, &reader, &s)) {
		trace_out_words(o, line);
		return;
	}
	p->log.card = trace_out_card(o, reader);
	take_reader_line(p, o, s);
}

static void end_onomondo(void *state, struct trace_out *o)
{
	struct onomondo *p = state;

	text_dump_finish(&p->dump, &p->log, o);
	text_log_end(&p->log, o);
}

const struct trace_format trace_format_onomondo = {.name = "onomondo",
						   .title = "onomondo-ipa",
						   .recognise = recognise_onomondo,
						   .state_size = sizeof(struct onomondo),
						   .line = take_onomondo_line,
						   .end = end_onomondo};
