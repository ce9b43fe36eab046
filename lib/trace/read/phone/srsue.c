/*
 * srsue: srsRAN 4G's UE: "[USIM] [D] SCARD: scard_transmit: send" and "SCARD: SCardTransmit: recv",
 * the octets in rows behind it: "0000: 00 a4 00 04 02 3f 00" (srsue/src/stack/upper/pcsc_usim.cc).
 */
#include "lib/trace/read/phone/phone.h"
#include "lib/trace/read/text/clock.h"
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"

#define SENT	 "SCARD: scard_transmit: send"
#define RECEIVED "SCARD: SCardTransmit: recv"
#define OFFSET	 4 /* digits */

struct srsue {
	struct text_log log;
	struct clock clock;
	struct text_dump dump;
};

static bool is_srsue_line(struct slice line)
{
	return (line_has(line, SENT) || line_has(line, RECEIVED)) && !line_has(line, "hexdump(");
}

static unsigned recognise_srsue(struct slice head)
{
	return line_sure(head, is_srsue_line, 97);
}

/* "0010: 47 47 ...": the row at this offset; false: no row */
static bool take_offset_row(struct slice line, size_t *offset, struct slice *hex)
{
	uint8_t octets[OFFSET / 2];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct slice rest;

	if (line_before(line, ":").len != OFFSET ||
	    line_hex(slice_sub(line, 0, OFFSET), &w, &rest).len != OFFSET / 2)
		return false;
	*offset = (size_t)octets[0] << 8 | octets[1];
	*hex = slice_sub(line, OFFSET + 1, line.len);
	return true;
}

static void take_srsue_octets(struct srsue *p, struct trace_out *o, size_t offset, struct slice hex)
{
	struct slice octets;

	if (!text_log_hex(&p->log, o, hex, "a row that is not hex", &octets)) {
		p->dump.runs = false;
		text_log_flush(&p->log, o, NULL);
		return;
	}
	if (offset == p->dump.len && text_dump_add(&p->dump, octets))
		return;
	p->dump.runs = false;
	text_log_flush(&p->log, o, NULL);
	trace_out_fault(o, "a row is missing in front of this one", octets);
}

static void take_srsue_line(void *state, struct trace_out *o, struct slice line)
{
	struct srsue *p = state;
	struct slice hex;
	size_t offset;

	if (p->dump.runs && take_offset_row(line_trim(line), &offset, &hex)) {
		take_srsue_octets(p, o, offset, hex);
		return;
	}
	text_dump_finish(&p->dump, &p->log, o);
	if (is_srsue_line(line)) {
		p->log.has_time = clock_of_line(&p->clock, line, &p->log.time_ns);
		text_dump_begin(&p->dump, o, line_has(line, SENT), 0);
	} else if (line_has(line, "SCARD: SCardTransmit failed")) {
		text_log_flush(&p->log, o, "SCardTransmit failed");
	} else {
		trace_out_words(o, line);
	}
}

static void end_srsue(void *state, struct trace_out *o)
{
	struct srsue *p = state;

	text_dump_finish(&p->dump, &p->log, o);
	text_log_end(&p->log, o);
}

const struct trace_format trace_format_srsue = {.name = "srsue",
						.title = "srsUE, USIM log at debug",
						.recognise = recognise_srsue,
						.state_size = sizeof(struct srsue),
						.line = take_srsue_line,
						.end = end_srsue};
