#include "lib/trace/read/phone/t0.h"

#include <string.h>

#define HEADER	       5
#define SW_LEN	       2
#define PROCEDURE_NULL 0x60 /* the card asks for more time */

/* The data that P3 announces, while none of the response is there */
static size_t data_missing(const struct t0 *t)
{
	size_t p3 = t->command_len >= HEADER ? t->command[HEADER - 1] : 0;

	return t->response_len || t->command_len > HEADER + p3 ? 0 : HEADER + p3 - t->command_len;
}

void t0_finish(struct t0 *t, struct text_log *l, struct trace_out *o)
{
	struct trace_place here = o->place;
	bool has_time = l->has_time;
	int64_t time_ns = l->time_ns;

	if (!t->waits)
		return;
	t->waits = false;
	o->place = t->place;
	l->has_time = t->has_time;
	l->time_ns = t->time_ns;
	text_log_sent(l, o, slice_make(t->command, t->command_len));
	if (t->response_len)
		text_log_received(l, o, slice_make(t->response, t->response_len));
	else
		text_log_flush(l, o, NULL);
	o->place = here;
	l->has_time = has_time;
	l->time_ns = time_ns;
}

void t0_sent(struct t0 *t, struct text_log *l, struct trace_out *o, struct slice octets)
{
	if (t->waits && t->goes_on && octets.len && octets.len <= data_missing(t)) {
		memcpy(t->command + t->command_len, octets.ptr, octets.len);
		t->command_len += octets.len;
		return;
	}
	t0_finish(t, l, o);
	if (octets.len < HEADER - 1 || octets.len > sizeof(t->command)) {
		trace_out_fault(o, "neither a command nor the data that one announces", octets);
		return;
	}
	memcpy(t->command, octets.ptr, octets.len);
	t->command_len = octets.len;
	t->response_len = 0;
	t->waits = true;
	t->goes_on = false;
	t->place = o->place;
	t->has_time = l->has_time;
	t->time_ns = l->time_ns;
}

static bool is_status(struct slice octets)
{
	uint8_t sw1 = slice_at(octets, octets.len - SW_LEN);

	return octets.len >= SW_LEN && sw1 != PROCEDURE_NULL &&
	       ((sw1 & 0xF0) == 0x60 || (sw1 & 0xF0) == 0x90);
}

/* A status word alone, or as many data as were asked for and one: nothing follows. */
static bool is_whole(const struct t0 *t)
{
	struct slice response = slice_make(t->response, t->response_len);
	size_t le = t->command_len == HEADER ? t->command[HEADER - 1] : 0;

	return is_status(response) &&
	       (response.len == SW_LEN || response.len == (le ? le : APDU_LE_MAX) + SW_LEN);
}

void t0_received(struct t0 *t, struct text_log *l, struct trace_out *o, struct slice octets,
		 bool pure)
{
	uint8_t ins = t->command[1];

	if (!t->waits) {
		trace_out_fault(o, "a response to no command", octets);
		return;
	}
	while (!pure && octets.len && !t->response_len &&
	       (slice_at(octets, 0) == PROCEDURE_NULL || slice_at(octets, 0) == ins)) {
		bool more_time = slice_at(octets, 0) == PROCEDURE_NULL;

		octets = slice_sub(octets, 1, octets.len);
		t->goes_on = t->goes_on || !more_time;
		if (!more_time)
			break;
	}
	if (octets.len > sizeof(t->response) - t->response_len) {
		t0_finish(t, l, o);
		trace_out_fault(o, "more than a card can answer", octets);
		return;
	}
	if (octets.len)
		memcpy(t->response + t->response_len, octets.ptr, octets.len);
	t->response_len += octets.len;
	if (is_whole(t))
		t0_finish(t, l, o);
}
