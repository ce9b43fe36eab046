/*
 * shannon: Samsung's modem (Shannon DM): "... USIM_MAIN ... [USIM_0] [UICC APDU CMD] Hex Dump -> :
 * 00 A4 ..." and "[UICC APDU RSP]", each in one line or several; "Length of Response Data 0x1D" and
 * "SW1: 0x90 SW2: 0x00" in lines of their own. With the length told, the dump has data alone.
 */
#include <string.h>

#include "lib/trace/read/phone/phone.h"
#include "lib/trace/read/phone/t0.h"
#include "lib/trace/read/text/clock.h"
#include "lib/trace/read/text/line.h"

#define SLOTS 4
#define DUMP  "Hex Dump"

struct shannon {
	struct text_log log;
	struct clock clock;
	struct slot {
		struct t0 t0;
		size_t announced; /* data of the response; 0: not told */
	} slots[SLOTS];
	unsigned slot;
};

static bool is_dump_line(struct slice line)
{
	return line_has(line, "[UICC APDU CMD]") || line_has(line, "[UICC APDU RSP]");
}

static unsigned recognise_shannon(struct slice head)
{
	return line_sure(head, is_dump_line, 98);
}

/* "[USIM_0]"; false: a line of others */
static bool find_slot(struct shannon *p, struct trace_out *o, struct slice line)
{
	bool found;
	struct slice s = line_behind(line, "[USIM_", &found), rest = s;
	uint64_t number;
	char name[] = "USIM_?";

	if (!found || !line_number(&rest, &number) || number >= SLOTS)
		return false;
	name[5] = (char)slice_at(s, 0);
	p->slot = (unsigned)number;
	p->log.card = trace_out_card(o, slice_str(name));
	return true;
}

static void take_dump(struct shannon *p, struct trace_out *o, struct slice line)
{
	struct slot *slot = &p->slots[p->slot];
	bool found, is_command = line_has(line, "[UICC APDU CMD]");
	struct slice s = line_behind(line, DUMP, &found), octets;

	if (!found)
		return;
	s = slice_sub(s, line_before(s, ":").len + 1, s.len);
	if (!text_log_hex(&p->log, o, s, "a dump that is not hex", &octets)) {
		t0_finish(&slot->t0, &p->log, o);
		return;
	}
	if (is_command) {
		/* the data follow in a dump of their own, whatever the card said */
		slot->t0.goes_on = slot->t0.waits && !slot->t0.response_len;
		t0_sent(&slot->t0, &p->log, o, octets);
		return;
	}
	t0_received(&slot->t0, &p->log, o, octets, slot->announced >= octets.len);
	slot->announced -= slot->announced >= octets.len ? octets.len : slot->announced;
}

/* "SW1: 0x90 SW2: 0x00" */
static bool take_status(struct shannon *p, struct trace_out *o, struct slice line)
{
	struct t0 *t = &p->slots[p->slot].t0;
	uint8_t sw[2];
	struct wbuf w = wbuf_init(sw, sizeof(sw));
	bool found, more;
	struct slice s = line_behind(line, "SW1: 0x", &found), rest;
	struct slice second = line_behind(line, "SW2: 0x", &more);

	if (!found || !more)
		return false;
	(void)line_hex(slice_sub(s, 0, 2), &w, &rest);
	(void)line_hex(slice_sub(second, 0, 2), &w, &rest);
	if (wbuf_slice(&w).len != sizeof(sw))
		trace_out_fault(o, "a status word that is not hex", SLICE_EMPTY);
	else if (t->waits)
		t0_received(t, &p->log, o, SLICE_OF(sw), true);
	t0_finish(t, &p->log, o);
	p->slots[p->slot].announced = 0;
	return true;
}

static void take_shannon_line(void *state, struct trace_out *o, struct slice line)
{
	struct shannon *p = state;
	bool told;
	struct slice length = line_behind(line, "Length of Response Data", &told), rest;
	uint8_t octet = 0;
	struct wbuf w = wbuf_init(&octet, 1);

	if (!find_slot(p, o, line))
		return;
	p->log.has_time = clock_of_line(&p->clock, line, &p->log.time_ns);
	if (is_dump_line(line)) {
		take_dump(p, o, line);
	} else if (told) {
		length = line_behind(length, "0x", &told);
		(void)line_hex(slice_sub(length, 0, 2), &w, &rest);
		p->slots[p->slot].announced = octet;
	} else {
		(void)take_status(p, o, line);
	}
}

static void end_shannon(void *state, struct trace_out *o)
{
	struct shannon *p = state;

	for (unsigned i = 0; i < SLOTS; i++) {
		char name[] = "USIM_?";

		name[5] = (char)('0' + i);
		if (p->slots[i].t0.waits) {
			p->log.card = trace_out_card(o, slice_str(name));
			t0_finish(&p->slots[i].t0, &p->log, o);
		}
	}
	text_log_end(&p->log, o);
}

const struct trace_format trace_format_shannon = {.name = "shannon",
						  .title = "Samsung's Shannon DM",
						  .recognise = recognise_shannon,
						  .state_size = sizeof(struct shannon),
						  .line = take_shannon_line,
						  .end = end_shannon};
