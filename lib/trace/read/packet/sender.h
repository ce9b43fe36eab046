/*
 * sender: which card a datagram is of, by its interface and by who sent it.
 */
#ifndef TWINKEY_TRACE_READ_SENDER_H
#define TWINKEY_TRACE_READ_SENDER_H

#include "lib/trace/gsmtap.h"
#include "lib/trace/read/format.h"
#include "lib/trace/read/packet/link.h"

/* The end that isn't the port: who sent, or asked. */
struct endpoint {
	uint8_t address[LINK_ADDRESS_MAX];
	uint16_t port;
	bool is_v6;
};

struct senders {
	struct sender {
		bool has_base;
		unsigned base; /* the card of the interface */
		struct endpoint from;
		unsigned card;
	} list[TRACE_CARDS_MAX];
	unsigned count;
};

/* interface: its name, or "". */
unsigned senders_card(struct senders *s, struct trace_out *o, const char *interface,
		      const struct datagram *d);

#endif
