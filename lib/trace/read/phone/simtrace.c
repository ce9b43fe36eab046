/*
 * simtrace: simtrace2-sniff: "TPDU: 00 a4 00 04 02 3f 00 61 2f", command and response in one;
 * "TPDU (incomplete): ", "TPDU (malformed): ", "ATR: ", "PPS: ", "Card state change: " (simtrace2,
 * host/src/simtrace2-sniff.c). Around it stands what a shell shows. There are no times.
 */
#include "lib/trace/read/split.h"
#include "lib/trace/read/phone/phone.h"
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"

#define PPS_MAX 6 /* PPSS, PPS0, PPS1 to PPS3, PCK (ISO 7816-3 9.2) */
#define STATE	"Card state change: "

struct simtrace {
	struct text_log log;
	uint8_t request[PPS_MAX];
	size_t request_len; /* 0: no PPS request waits for its response */
	struct trace_place place;
};

static bool is_our_line(struct slice line)
{
	struct slice s = line;
	bool tpdu = line_take(&line, "TPDU") &&
		    (line_take(&line, ": ") || line_take(&line, "(incomplete):") ||
		     line_take(&line, "(malformed):"));

	return (tpdu && line_is_hex(line, 1, APDU_EXTENDED_COMMAND_MAX)) || line_take(&s, STATE) ||
	       line_take(&s, "simtrace2-sniff - ");
}

static unsigned recognise_simtrace(struct slice head)
{
	return line_sure(head, is_our_line, 96);
}

static void give_pps(struct simtrace *p, struct trace_out *o, struct slice response)
{
	const struct trace_event e = {.kind = TRACE_PPS,
				      .place = p->place,
				      .command = slice_make(p->request, p->request_len),
				      .response = response};

	if (!p->request_len)
		return;
	p->request_len = 0;
	trace_out_event(o, &e);
}

static void take_pps(struct simtrace *p, struct trace_out *o, struct slice hex)
{
	struct slice octets;

	if (!text_log_hex(&p->log, o, hex, "a PPS that is not hex", &octets))
		return;
	if (p->request_len) {
		give_pps(p, o, octets);
	} else if (slice_copy(octets, p->request, octets.len <= PPS_MAX ? octets.len : 0)) {
		trace_out_fault(o, "a PPS of too many octets", octets);
	} else {
		p->request_len = octets.len;
		p->place = o->place;
	}
}

static void take_tpdu(struct simtrace *p, struct trace_out *o, struct slice hex)
{
	struct slice octets, command, response;
	const char *why;

	if (!text_log_hex(&p->log, o, hex, "a TPDU that is not hex", &octets))
		return;
	why = trace_split(octets, &command, &response);
	if (why) {
		trace_out_fault(o, why, octets);
		return;
	}
	text_log_sent(&p->log, o, command);
	if (response.len)
		text_log_received(&p->log, o, response);
	else
		text_log_flush(&p->log, o, NULL);
}

static void take_broken(struct simtrace *p, struct trace_out *o, struct slice s, const char *why)
{
	struct slice octets;

	s = slice_sub(s, line_before(s, ":").len + 1, s.len);
	if (text_log_hex(&p->log, o, s, why, &octets))
		trace_out_fault(o, why, octets);
}

static void take_card_state(struct simtrace *p, struct trace_out *o, struct slice s)
{
	if (line_take(&s, "reset asserted"))
		text_log_reset_begins(&p->log, o);
	else if (line_take(&s, "card removed") || line_take(&s, "VCC deactivated") ||
		 line_take(&s, "power lost"))
		text_log_power(&p->log, o, TRACE_REMOVED, SLICE_EMPTY);
}

static void take_simtrace_line(void *state, struct trace_out *o, struct slice line)
{
	struct simtrace *p = state;
	struct slice s = line_trim(line);

	if (line_take(&s, "PPS:")) {
		take_pps(p, o, s);
		return;
	}
	if (!is_our_line(line_trim(line)) && !line_take(&s, "ATR") && !line_take(&s, "TPDU")) {
		trace_out_words(o, s); /* a shell's */
		return;
	}
	s = line_trim(line);
	give_pps(p, o, SLICE_EMPTY);
	if (line_take(&s, "TPDU:"))
		take_tpdu(p, o, s);
	else if (line_take(&s, "TPDU (incomplete)"))
		take_broken(p, o, s, "incomplete, says the sniffer");
	else if (line_take(&s, "TPDU (malformed)"))
		take_broken(p, o, s, "malformed, says the sniffer");
	else if (line_take(&s, "ATR:"))
		text_log_atr(&p->log, o, s);
	else if (line_take(&s, "ATR ("))
		take_broken(p, o, s, "the ATR is incomplete, says the sniffer");
	else if (line_take(&s, STATE))
		take_card_state(p, o, s);
	else if (line_take(&s, "TPDU") || line_take(&s, "ATR"))
		trace_out_fault(o, "the line is cut", SLICE_EMPTY);
}

static void end_simtrace(void *state, struct trace_out *o)
{
	struct simtrace *p = state;

	give_pps(p, o, SLICE_EMPTY);
	text_log_end(&p->log, o);
}

const struct trace_format trace_format_simtrace = {.name = "simtrace",
						   .title = "simtrace2-sniff",
						   .recognise = recognise_simtrace,
						   .state_size = sizeof(struct simtrace),
						   .line = take_simtrace_line,
						   .end = end_simtrace};
