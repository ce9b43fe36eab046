/*
 * gsmtap: what a sniffer of a SIM sends (libosmocore, gsmtap.h: version 2, type SIM), as events.
 *
 * A whole exchange is in one datagram (sub-type APDU), or is put together from header, data and
 * status word (TPDU_HDR, _CMD, _RSP, _SW) of one card.
 */
#ifndef TWINKEY_TRACE_READ_GSMTAP_H
#define TWINKEY_TRACE_READ_GSMTAP_H

#include "lib/trace/gsmtap.h"
#include "lib/trace/read/format.h"
#include "lib/uicc/apdu.h"

struct gsmtap_frame {
	uint8_t sub_type; /* enum gsmtap_sim, or another */
	struct slice body;
	size_t missing; /* octets of the body that were not captured */
	unsigned card;
	bool has_time;
	int64_t time_ns;
	const char *remark; /* "": none */
};

/* What waits for more, by card. */
struct gsmtap {
	struct gsmtap_open {
		enum { GSMTAP_NOTHING, GSMTAP_TPDU, GSMTAP_PPS } waits;
		struct trace_place place; /* of its first frame, as the time */
		bool has_time;
		int64_t time_ns;
		size_t command_len, response_len;
		uint8_t command[APDU_COMMAND_MAX], response[APDU_RESPONSE_MAX];
	} open[TRACE_CARDS_MAX];
};

enum gsmtap_kind { GSMTAP_OF_SIM, GSMTAP_OF_OTHERS, GSMTAP_BROKEN };

/*
 * Takes a datagram apart; it sets sub_type and body. missing: its octets that were not captured.
 * why, when it is broken: for people.
 */
enum gsmtap_kind gsmtap_open(struct slice datagram, struct gsmtap_frame *out, const char **why);
void gsmtap_take(struct gsmtap *g, struct trace_out *o, const struct gsmtap_frame *frame);
void gsmtap_end(struct gsmtap *g, struct trace_out *o);

#endif
