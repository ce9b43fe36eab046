/*
 * qxdm: Qualcomm's log packet 0x19B7, UIM APDU, as QXDM shows it, a line each:
 *	[0x19B7]  04:14:55.132631  UIM APDU  2  SLOT_2 Type = TX Data = { 00 A4 08 04 04  }
 * and as QCAT does, a block each: "Slot Id = SLOT_1", "Message Type = TX", "TX Data = { ... }".
 * Braces may span lines; octets of one line may stand without them. Of QCAT's search results only
 * the lines are left, "Line 10: TX Data = { ... }". What is sent comes in the pieces of T=0.
 */
#include <string.h>

#include "lib/trace/read/phone/phone.h"
#include "lib/trace/read/phone/t0.h"
#include "lib/trace/read/text/clock.h"
#include "lib/trace/read/text/line.h"

#define SLOTS	8
#define PPS_MAX 6
#define PACKET	"0x19B7"

enum what { WHAT_NONE, WHAT_TX, WHAT_RX, WHAT_ATR, WHAT_PPS_TX, WHAT_PPS_RX };

/* The first that stands in a line counts. */
static const struct {
	const char *words;
	enum what what;
} what_words[] = {
	{"ATR RX DATA =", WHAT_ATR}, {"PPS TX DATA =", WHAT_PPS_TX}, {"PPS RX DATA =", WHAT_PPS_RX},
	{"TX Data =", WHAT_TX},	     {"RX Data =", WHAT_RX},	     {"TX DATA =", WHAT_TX},
	{"RX DATA =", WHAT_RX},
};

struct qxdm {
	struct text_log log;
	struct clock clock;
	unsigned slot;
	struct t0 slots[SLOTS];
	enum what open; /* what braces are open of */
	struct text_dump dump;
	bool is_broken; /* what stands in them */
	uint8_t pps[PPS_MAX];
	size_t pps_len;
};

static bool is_qxdm_line(struct slice line)
{
	return line_take(&line, "[" PACKET "]");
}

static bool is_qcat_line(struct slice line)
{
	return line_has(line, PACKET) && line_has(line, "UIM APDU") && !is_qxdm_line(line);
}

static bool is_type_line(struct slice line)
{
	return line_take(&line, "Message Type =");
}

static bool is_data_line(struct slice line)
{
	return line_has(line, "TX Data = {") || line_has(line, "RX Data = {");
}

static unsigned recognise_qxdm(struct slice head)
{
	return line_sure(head, is_qxdm_line, 98);
}

static unsigned recognise_qcat(struct slice head)
{
	unsigned sure = line_sure(head, is_qcat_line, 97);

	if (sure && line_sure(head, is_qxdm_line, 1))
		return 50;
	if (!sure)
		sure = line_sure(head, is_type_line, 60);
	return sure ? sure : line_sure(head, is_data_line, 55);
}

static void take_pps(struct qxdm *p, struct trace_out *o, struct slice octets)
{
	bool is_request = p->open == WHAT_PPS_TX;
	struct trace_event e = {.kind = TRACE_PPS,
				.card = p->log.card,
				.has_time = p->log.has_time,
				.time_ns = p->log.time_ns};

	if (is_request && octets.len &&
	    !slice_copy(octets, p->pps, octets.len <= PPS_MAX ? octets.len : 0)) {
		p->pps_len = octets.len;
		return;
	}
	e.command = slice_make(p->pps, p->pps_len);
	e.response = octets;
	p->pps_len = 0;
	trace_out_event(o, &e);
}

/* The octets of one line or of braces are all there */
static void take_qxdm_octets(struct qxdm *p, struct trace_out *o)
{
	struct slice octets = slice_make(p->dump.octets, p->dump.len);
	struct trace_place here = o->place;
	struct t0 *t = &p->slots[p->slot];

	o->place = p->dump.place;
	if (!octets.len || p->is_broken) {
		t0_finish(t, &p->log, o);
		trace_out_fault(o, "no hex between the braces, or no end of them", octets);
	} else if (p->open == WHAT_TX) {
		t0_sent(t, &p->log, o, octets);
	} else if (p->open == WHAT_RX) {
		t0_received(t, &p->log, o, octets, false);
	} else if (p->open == WHAT_ATR) {
		t0_finish(t, &p->log, o);
		text_log_power(&p->log, o, TRACE_RESET, octets);
	} else {
		t0_finish(t, &p->log, o);
		take_pps(p, o, octets);
	}
	o->place = here;
	p->open = WHAT_NONE;
	p->dump.runs = false;
}

/* Up to a brace that closes */
static void take_brace_hex(struct qxdm *p, struct trace_out *o, struct slice s)
{
	struct slice hex = line_trim(line_before(s, "}")), octets = SLICE_EMPTY;
	struct wbuf w = wbuf_init(p->log.octets, sizeof(p->log.octets));

	if (hex.len && (!line_all_hex(hex, &w, &octets) || !text_dump_add(&p->dump, octets)))
		p->is_broken = true;
	if (line_has(s, "}"))
		take_qxdm_octets(p, o);
}

static void take_data(struct qxdm *p, struct trace_out *o, enum what what, struct slice s)
{
	p->open = what;
	p->is_broken = false;
	text_dump_begin(&p->dump, o, what == WHAT_TX, 0);
	if (line_take(&s, "{")) {
		take_brace_hex(p, o, s);
		return;
	}
	/* without braces: what may stand behind an octet is none */
	if (!line_is_hex(s, 1, APDU_EXTENDED_COMMAND_MAX))
		s = slice_sub(s, 0, 2);
	take_brace_hex(p, o, s);
	take_qxdm_octets(p, o);
}

/* "SLOT_2" */
static void find_slot(struct qxdm *p, struct trace_out *o, struct slice line)
{
	bool found;
	struct slice s = line_behind(line, "SLOT_", &found), rest = s;
	uint64_t number = 0;
	char name[] = "SLOT_?";

	if (!found || !line_number(&rest, &number) || number > SLOTS)
		return;
	name[5] = (char)slice_at(s, 0);
	p->slot = number ? (unsigned)number - 1 : 0;
	p->log.card = trace_out_card(o, slice_str(name));
}

static void take_packet_line(struct qxdm *p, struct trace_out *o, struct slice line)
{
	struct slice words = line;
	bool found = line_take(&words, "Search \""); /* what was looked for */

	if (line_has(line, PACKET))
		p->log.has_time = clock_of_line(&p->clock, line, &p->log.time_ns);
	find_slot(p, o, line);
	if (line_has(line, "COLD_RESET") || line_has(line, "WARM_RESET")) {
		t0_finish(&p->slots[p->slot], &p->log, o);
		text_log_reset_begins(&p->log, o);
	}
	for (size_t i = 0; !found && i < ARRAY_LEN(what_words); i++) {
		struct slice s = line_behind(line, what_words[i].words, &found);

		if (found)
			take_data(p, o, what_words[i].what, s);
	}
	if (!found && (line_has(line, "X Data") || line_has(line, "X DATA")))
		trace_out_fault(o, "the line is cut", SLICE_EMPTY);
}

static void take_qxdm_line(void *state, struct trace_out *o, struct slice line)
{
	struct qxdm *p = state;
	bool begins = line_has(line, PACKET);

	line = line_trim(line);
	if (p->open != WHAT_NONE && !begins && line.len) {
		take_brace_hex(p, o, line);
		return;
	}
	if (p->open != WHAT_NONE && begins) {
		p->is_broken = true;
		take_qxdm_octets(p, o);
	}
	take_packet_line(p, o, line);
}

static void end_qxdm(void *state, struct trace_out *o)
{
	struct qxdm *p = state;

	if (p->open != WHAT_NONE) {
		p->is_broken = true;
		take_qxdm_octets(p, o);
	}
	for (p->slot = 0; p->slot < SLOTS; p->slot++) {
		char name[] = "SLOT_?";

		name[5] = (char)('1' + p->slot);
		if (p->slots[p->slot].waits) {
			p->log.card = trace_out_card(o, slice_str(name));
			t0_finish(&p->slots[p->slot], &p->log, o);
		}
	}
	text_log_end(&p->log, o);
}

const struct trace_format trace_format_qxdm = {.name = "qxdm",
					       .title = "QXDM, 0x19B7 UIM APDU",
					       .recognise = recognise_qxdm,
					       .state_size = sizeof(struct qxdm),
					       .line = take_qxdm_line,
					       .end = end_qxdm};
const struct trace_format trace_format_qcat = {.name = "qcat",
					       .title = "QCAT, 0x19B7 UIM APDU",
					       .recognise = recognise_qcat,
					       .state_size = sizeof(struct qxdm),
					       .line = take_qxdm_line,
					       .end = end_qxdm};
