/*
 * lpac: "[DEBUG] [APDU] [TX] CLA: 81, INS: E2, ..." and "[RX] SW1: 90, SW2: 00, Data: ..."
 * (LPAC_APDU_DEBUG=1, before that LIBEUICC_DEBUG_APDU=1; euicc/logger.c). Lc is the fifth octet:
 * where no data follows it is an Le. "Data: " goes where people strip blanks, or copy by hand.
 */
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/text/log.h"
#include "lib/trace/read/text/text.h"

#define TX "[DEBUG] [APDU] [TX] "
#define RX "[DEBUG] [APDU] [RX] "

struct lpac {
	struct text_log log;
	bool may_wrap; /* the line before had an APDU */
	uint8_t octets[APDU_EXTENDED_RESPONSE_MAX];
};

static bool is_lpac_line(struct slice line)
{
	return line_has(line, TX "CLA: ") || line_has(line, RX "SW1: ");
}

static unsigned recognise_lpac(struct slice head)
{
	return line_sure(head, is_lpac_line, 98);
}

/* "NAME: XX" and a comma behind it, if there is one */
static void take_octet(struct slice *s, const char *name, struct wbuf *out)
{
	struct slice rest = SLICE_EMPTY, octet = SLICE_EMPTY;

	if (line_take(s, name) && line_take(s, ": "))
		octet = line_hex(line_before(*s, ","), out, &rest);
	if (octet.len != 1 || rest.len)
		wbuf_fail(out, ERR_ENCODING);
	*s = slice_sub(*s, line_before(*s, ",").len, s->len);
	(void)line_take(s, ",");
	*s = line_trim(*s);
}

static void take_data(struct slice s, struct wbuf *out)
{
	struct slice rest = SLICE_EMPTY;

	if (line_take(&s, "Data:"))
		(void)line_hex(s, out, &rest);
	else if (s.len)
		wbuf_fail(out, ERR_ENCODING);
	if (rest.len)
		wbuf_fail(out, ERR_ENCODING);
}

static void take_lpac_command(struct lpac *p, struct trace_out *o, struct slice s)
{
	struct wbuf w = wbuf_init(p->octets, sizeof(p->octets));

	take_octet(&s, "CLA", &w);
	take_octet(&s, "INS", &w);
	take_octet(&s, "P1", &w);
	take_octet(&s, "P2", &w);
	take_octet(&s, slice_starts(s, slice_str("Le")) ? "Le" : "Lc", &w);
	take_data(s, &w);
	text_log_flush(&p->log, o, NULL);
	if (wbuf_done(&w))
		trace_out_fault(o, "a command of which a part is missing or no hex", SLICE_EMPTY);
	else
		text_log_sent(&p->log, o, wbuf_slice(&w));
}

static void take_lpac_response(struct lpac *p, struct trace_out *o, struct slice s)
{
	uint8_t sw[2];
	struct wbuf w = wbuf_init(p->octets, sizeof(p->octets)), sw_out = wbuf_init(sw, sizeof(sw));

	take_octet(&s, "SW1", &sw_out);
	take_octet(&s, "SW2", &sw_out);
	take_data(s, &w);
	wbuf_put(&w, wbuf_slice(&sw_out));
	if (!wbuf_done(&sw_out) && !wbuf_done(&w)) {
		text_log_received(&p->log, o, wbuf_slice(&w));
		return;
	}
	text_log_flush(&p->log, o, NULL);
	trace_out_fault(o, "a response of which a part is missing or no hex", SLICE_EMPTY);
}

/* Hex below an APDU: a terminal or an editor has broken that line, whose data are cut by it */
static bool is_wrapped(const struct lpac *p, struct slice line)
{
	return p->may_wrap && line_is_hex(line_trim(line), 1, APDU_EXTENDED_RESPONSE_MAX);
}

static void take_lpac_line(void *state, struct trace_out *o, struct slice line)
{
	struct lpac *p = state;
	bool sent, received;
	struct slice tx = line_behind(line, TX, &sent), rx = line_behind(line, RX, &received);
	struct slice octets;

	if (sent)
		take_lpac_command(p, o, tx);
	else if (received)
		take_lpac_response(p, o, rx);
	else if (!is_wrapped(p, line))
		trace_out_words(o, line);
	else if (text_log_hex(&p->log, o, line, "more data that are not hex", &octets))
		trace_out_fault(o, "the line of an APDU was broken: its data go on here", octets);
	p->may_wrap = sent || received || is_wrapped(p, line);
}

const struct trace_format trace_format_lpac = {.name = "lpac",
					       .title = "lpac, LPAC_APDU_DEBUG=1",
					       .recognise = recognise_lpac,
					       .state_size = sizeof(struct lpac),
					       .line = take_lpac_line,
					       .end = text_log_end};
