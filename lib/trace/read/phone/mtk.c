/*
 * mtk: MediaTek's ELT: "..., MOD_SIM, , ..., APDU_tx 0: 00 A4 00 04 02 3F 00", "APDU_tx 1: " with
 * what did not fit, "APDU_rx:len=30", "APDU_rx 0: ..."; the module is the card. A response with
 * data may have no status word: then the modem has taken it off.
 */
#include "lib/trace/read/phone/phone.h"
#include "lib/trace/read/text/clock.h"
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"

#define SENT	 "APDU_tx "
#define RECEIVED "APDU_rx "

struct mtk {
	struct text_log log;
	struct clock clock;
	struct text_dump dump;
	uint64_t next; /* number of the line that goes on with the dump */
};

/* "APDU_tx 0: HEX" */
static bool take_mtk_apart(struct slice line, bool *sent, uint64_t *number, struct slice *hex)
{
	bool found;

	*hex = line_behind(line, SENT, sent);
	found = *sent;
	if (!found)
		*hex = line_behind(line, RECEIVED, &found);
	return found && line_number(hex, number) && line_take(hex, ":");
}

static bool is_mtk_line(struct slice line)
{
	uint64_t number;
	struct slice hex;
	bool sent;

	return take_mtk_apart(line, &sent, &number, &hex) && line_is_hex(hex, 1, APDU_COMMAND_MAX);
}

static unsigned recognise_mtk(struct slice head)
{
	return line_sure(head, is_mtk_line, 96);
}

/* The field between commas that begins so */
static struct slice module_of(struct slice line)
{
	bool found;
	struct slice s = line_behind(line, ", MOD_", &found);

	return found ? line_before(s, ",") : SLICE_EMPTY;
}

static void take_mtk_line(void *state, struct trace_out *o, struct slice line)
{
	struct mtk *p = state;
	struct slice hex, octets;
	uint64_t number;
	bool sent, received;

	if (!take_mtk_apart(line, &sent, &number, &hex)) {
		(void)line_behind(line, RECEIVED, &received);
		if (sent || received)
			trace_out_fault(o, "the line is cut", SLICE_EMPTY);
		return;
	}
	if (!number || !p->dump.runs || number != p->next || sent != p->dump.is_command) {
		text_dump_finish(&p->dump, &p->log, o);
		p->log.card = trace_out_card(o, module_of(line));
		p->log.has_time = clock_of_line(&p->clock, line, &p->log.time_ns);
		if (number) {
			text_log_flush(&p->log, o, NULL);
			trace_out_fault(o, "what is in front of this line is missing", SLICE_EMPTY);
			return;
		}
		text_dump_begin(&p->dump, o, sent, 0);
	}
	p->next = number + 1;
	if (text_log_hex(&p->log, o, hex, "octets that are not hex", &octets) &&
	    text_dump_add(&p->dump, octets))
		return;
	p->dump.runs = false;
	text_log_flush(&p->log, o, NULL);
}

static void end_mtk(void *state, struct trace_out *o)
{
	struct mtk *p = state;

	text_dump_finish(&p->dump, &p->log, o);
	text_log_end(&p->log, o);
}

const struct trace_format trace_format_mtk = {.name = "mtk",
					      .title = "MediaTek's ELT",
					      .recognise = recognise_mtk,
					      .state_size = sizeof(struct mtk),
					      .line = take_mtk_line,
					      .end = end_mtk};
