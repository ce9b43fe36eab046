/*
 * packet: what a capture file has, frame by frame, made into events: link, IP, UDP, GSMTAP.
 *
 * A card is an interface by its name; a second sender on it (the other end of port 4729) is another
 * card, and so is each sender where the interface has no name. So both sides of an interposer are
 * two cards, though most of what they carry is the same. One datagram that was captured twice (two
 * interfaces, two files in one) is given once, and the second time a fault that names the first.
 */
#ifndef TWINKEY_TRACE_READ_PACKET_H
#define TWINKEY_TRACE_READ_PACKET_H

#include "lib/trace/read/format.h"
#include "lib/trace/read/packet/gsmtap.h"
#include "lib/trace/read/packet/link.h"
#include "lib/trace/read/packet/sender.h"
#include "lib/trace/read/packet/twice.h"

/* Borrows for the call. */
struct packet {
	uint32_t link;	       /* LINKTYPE of tcpdump.org */
	const char *interface; /* its name, or "" */
	bool has_time;
	int64_t time_ns;
	struct slice octets;
	const char *remark; /* its comments; "" none */
};

struct packets {
	struct senders senders;
	struct twice twice;
	struct gsmtap gsmtap;
	/* the last first fragment to or from the port: the others are told too */
	bool has_fragment;
	struct datagram fragment;
};

/* o's place is that of the frame. */
void packets_take(struct packets *p, struct trace_out *o, const struct packet *packet);
/* What was begun is given. */
void packets_end(struct packets *p, struct trace_out *o);

#endif
