/*
 * t0: puts the pieces that cross the interface under T=0 (ISO 7816-3 10.3) together to exchanges:
 * header, procedure byte, data, and what the card answers, in which the procedure byte stands in
 * front of data.
 */
#ifndef TWINKEY_TRACE_READ_T0_H
#define TWINKEY_TRACE_READ_T0_H

#include "lib/trace/read/text/log.h"

/* Of one card. Zeros at the beginning. */
struct t0 {
	bool waits;   /* for more of this exchange */
	bool goes_on; /* the card has asked for the data */
	struct trace_place place;
	bool has_time;
	int64_t time_ns;
	size_t command_len, response_len;
	uint8_t command[APDU_COMMAND_MAX];
	uint8_t response[APDU_RESPONSE_MAX];
};

/* What the terminal sends: a header, with its data or without, or data; of l's card and time. */
void t0_sent(struct t0 *t, struct text_log *l, struct trace_out *o, struct slice octets);
/* What the card sends: procedure bytes, data, a status word; pure: no procedure byte is in it. */
void t0_received(struct t0 *t, struct text_log *l, struct trace_out *o, struct slice octets,
		 bool pure);
/* There is no more of this exchange. */
void t0_finish(struct t0 *t, struct text_log *l, struct trace_out *o);

#endif
