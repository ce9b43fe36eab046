#include "lib/trace/read/packet/gsmtap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/trace/read/split.h"
#include "lib/trace/remark.h"

#define GSMTAP_LATER 3
#define TPDU_LEN     5 /* CLA INS P1 P2 P3 */
#define SW_LEN	     2
#define WHY_MAX	     80

enum gsmtap_kind gsmtap_open(struct slice datagram, struct gsmtap_frame *out, const char **why)
{
	size_t header = GSMTAP_WORD * (size_t)slice_at(datagram, GSMTAP_WORDS_AT);

	if (slice_at(datagram, 0) != GSMTAP_VERSION || datagram.len < GSMTAP_HEADER_LEN ||
	    header < GSMTAP_HEADER_LEN || header > datagram.len) {
		*why = slice_at(datagram, 0) == GSMTAP_LATER
			       ? "GSMTAP of version 3 is not known"
			       : "there is no GSMTAP header of version 2";
		return GSMTAP_BROKEN;
	}
	if (slice_at(datagram, GSMTAP_TYPE_AT) != GSMTAP_TYPE_SIM)
		return GSMTAP_OF_OTHERS;
	out->sub_type = slice_at(datagram, GSMTAP_SUB_TYPE_AT);
	out->body = slice_sub(datagram, header, datagram.len);
	return GSMTAP_OF_SIM;
}

static struct trace_event event_of(const struct gsmtap_frame *f, enum trace_kind kind)
{
	return (struct trace_event){.kind = kind,
				    .card = f->card,
				    .has_time = f->has_time,
				    .time_ns = f->time_ns,
				    .text = *f->remark ? f->remark : NULL};
}

static void fault(struct trace_out *o, const struct gsmtap_frame *f, const char *why)
{
	struct trace_event e = event_of(f, TRACE_FAULT);

	e.command = f->body;
	e.text = why;
	trace_out_event(o, &e);
}

/* What waits is given as far as it came. */
static void flush(struct gsmtap_open *w, struct trace_out *o, unsigned card)
{
	struct trace_event e = {.kind = w->waits == GSMTAP_PPS ? TRACE_PPS : TRACE_EXCHANGE,
				.card = card,
				.place = w->place,
				.has_time = w->has_time,
				.time_ns = w->time_ns,
				.command = slice_make(w->command, w->command_len),
				.response = slice_make(w->response, w->response_len)};

	if (!w->waits)
		return;
	w->waits = GSMTAP_NOTHING;
	trace_out_event(o, &e);
}

/* The same without its status word: data alone is no response. */
static void flush_unfinished(struct gsmtap_open *w, struct trace_out *o, unsigned card)
{
	struct trace_event e;
	bool has_data = w->waits == GSMTAP_TPDU && w->response_len;

	if (!w->waits)
		return;
	e = (struct trace_event){.kind = TRACE_FAULT,
				 .card = card,
				 .place = w->place,
				 .has_time = w->has_time,
				 .time_ns = w->time_ns,
				 .command = slice_make(w->response, w->response_len),
				 .text = "data of a response without a status word"};
	if (has_data)
		w->response_len = 0;
	flush(w, o, card);
	if (has_data)
		trace_out_event(o, &e);
}

static void begin_parts(struct gsmtap_open *w, struct trace_out *o, const struct gsmtap_frame *f)
{
	bool is_pps = f->sub_type == GSMTAP_SIM_PPS_REQUEST;

	if ((!is_pps && f->body.len != TPDU_LEN) || f->body.len > sizeof(w->command)) {
		fault(o, f, is_pps ? "this is no PPS" : "a TPDU's header has five octets");
		return;
	}
	w->waits = is_pps ? GSMTAP_PPS : GSMTAP_TPDU;
	w->place = o->place;
	w->has_time = f->has_time;
	w->time_ns = f->time_ns;
	w->response_len = 0;
	w->command_len = f->body.len;
	if (f->body.len)
		memcpy(w->command, f->body.ptr, f->body.len);
}

static void add_part(uint8_t *to, size_t *len, struct slice body)
{
	if (body.len)
		memcpy(to + *len, body.ptr, body.len);
	*len += body.len;
}

/* Data or status word of the TPDU that waits. */
static void go_on(struct gsmtap_open *w, struct trace_out *o, const struct gsmtap_frame *f)
{
	bool is_sw = f->sub_type == GSMTAP_SIM_SW;

	if (w->waits != GSMTAP_TPDU) {
		fault(o, f, "a part of a TPDU whose header is not there");
	} else if (f->sub_type == GSMTAP_SIM_COMMAND) {
		if (w->response_len || f->body.len > sizeof(w->command) - w->command_len)
			fault(o, f, "more data than the TPDU can have");
		else
			add_part(w->command, &w->command_len, f->body);
	} else if (is_sw && f->body.len != SW_LEN) {
		fault(o, f, "a status word has two octets");
	} else if (f->body.len > sizeof(w->response) - w->response_len - (is_sw ? 0 : SW_LEN)) {
		fault(o, f, "more data than the TPDU can have");
	} else {
		add_part(w->response, &w->response_len, f->body);
		if (is_sw)
			flush(w, o, f->card);
	}
}

static void take_pps_response(struct gsmtap_open *w, struct trace_out *o,
			      const struct gsmtap_frame *f)
{
	if (w->waits == GSMTAP_PPS && f->body.len <= sizeof(w->response)) {
		add_part(w->response, &w->response_len, f->body);
		flush(w, o, f->card);
	} else {
		flush_unfinished(w, o, f->card);
		fault(o, f, "a PPS response to no request");
	}
}

/* The number of this remark, if it stands there. */
static bool has_remark(const struct gsmtap_frame *f, const char *form, size_t *number)
{
	size_t words = strcspn(form, "%"); /* in front of the number */

	for (const char *at = f->remark; at && *at; at = strchr(at, ';')) {
		at += strspn(at, "; ");
		if (strncmp(at, form, words) == 0) {
			*number = strtoul(at + words, NULL, 10);
			return true;
		}
	}
	return false;
}

/* Where the response begins, if our own recorder says so. */
static bool split_by_remark(const struct gsmtap_frame *f, struct trace_event *e)
{
	size_t n = 0;

	if (!*f->remark)
		return false;
	if (has_remark(f, TRACE_REMARK_BORDER, &n) && n <= f->body.len) {
		e->command = slice_sub(f->body, 0, n);
		e->response = slice_sub(f->body, n, f->body.len);
		return true;
	}
	e->command = f->body;
	return has_remark(f, TRACE_REMARK_SILENT, &n);
}

static void take_apdu(struct trace_out *o, const struct gsmtap_frame *f)
{
	struct trace_event e = event_of(f, TRACE_EXCHANGE);
	const char *why = NULL;
	size_t n = 0;

	if (*f->remark && has_remark(f, TRACE_REMARK_CUT, &n)) {
		fault(o, f, f->remark);
		return;
	}
	if (!split_by_remark(f, &e))
		why = trace_split(f->body, &e.command, &e.response);
	if (why)
		fault(o, f, why);
	else
		trace_out_event(o, &e);
}

static void take_atr(struct trace_out *o, const struct gsmtap_frame *f)
{
	size_t n;
	bool is_off = !f->body.len && has_remark(f, TRACE_REMARK_OFF, &n);
	struct trace_event e = event_of(f, is_off ? TRACE_REMOVED : TRACE_RESET);

	e.response = f->body;
	trace_out_event(o, &e);
}

static void fault_of_sub_type(struct trace_out *o, const struct gsmtap_frame *f)
{
	char why[WHY_MAX];

	snprintf(why, sizeof(why), "sub-type %u of GSMTAP SIM is not known", f->sub_type);
	fault(o, f, why);
}

static void fault_of_missing(struct trace_out *o, const struct gsmtap_frame *f)
{
	char why[WHY_MAX];

	snprintf(why, sizeof(why), "cut when it was captured: %zu octets are missing", f->missing);
	fault(o, f, why);
}

static void take_whole(struct gsmtap *g, struct trace_out *o, const struct gsmtap_frame *f)
{
	struct gsmtap_open *w = &g->open[f->card];

	switch (f->sub_type) {
	case GSMTAP_SIM_COMMAND:
	case GSMTAP_SIM_RESPONSE:
	case GSMTAP_SIM_SW: go_on(w, o, f); return;
	case GSMTAP_SIM_PPS_RESPONSE: take_pps_response(w, o, f); return;
	default: flush_unfinished(w, o, f->card);
	}
	switch (f->sub_type) {
	case GSMTAP_SIM_APDU: take_apdu(o, f); break;
	case GSMTAP_SIM_ATR: take_atr(o, f); break;
	case GSMTAP_SIM_PPS_REQUEST:
	case GSMTAP_SIM_HEADER: begin_parts(w, o, f); break;
	default: fault_of_sub_type(o, f);
	}
}

void gsmtap_take(struct gsmtap *g, struct trace_out *o, const struct gsmtap_frame *frame)
{
	if (!frame->missing) {
		take_whole(g, o, frame);
		return;
	}
	flush_unfinished(&g->open[frame->card], o, frame->card);
	fault_of_missing(o, frame);
}

void gsmtap_end(struct gsmtap *g, struct trace_out *o)
{
	for (unsigned i = 0; i < ARRAY_LEN(g->open); i++)
		flush_unfinished(&g->open[i], o, i);
}
