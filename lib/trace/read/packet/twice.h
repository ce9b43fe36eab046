/*
 * twice: one datagram that was captured two times, as on two interfaces that it passed.
 */
#ifndef TWINKEY_TRACE_READ_TWICE_H
#define TWINKEY_TRACE_READ_TWICE_H

#include "lib/trace/read/packet/link.h"

#define TWICE_FRAMES_MAX 16  /* that lie between the two */
#define TWICE_OCTETS_MAX 600 /* of a payload; T=0 needs no more */
#define TWICE_NS_MAX	 1000000000

struct twice {
	struct {
		uint64_t number; /* of its frame; 0: none */
		bool has_time;
		int64_t time_ns;
		struct datagram datagram; /* without its payload */
		size_t len;
		uint8_t payload[TWICE_OCTETS_MAX];
	} seen[TWICE_FRAMES_MAX];
	unsigned next;
};

struct twice_frame {
	uint64_t number;
	bool has_time;
	int64_t time_ns;
};

/*
 * The number of the frame before that has the same datagram: addresses, ports, identification,
 * payload, within a second; else 0, and it is remembered. One without an identification is never
 * known again: who polls sends the same again and again.
 */
uint64_t twice_before(struct twice *t, const struct datagram *d, const struct twice_frame *frame);

#endif
