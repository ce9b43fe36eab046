/*
 * link: a packet as it was captured, taken apart down to UDP.
 *
 * IPv4 (RFC 791) and IPv6 (RFC 8200) over Ethernet with VLAN tags (IEEE 802.1Q), Linux's cooked
 * captures (SLL, SLL2), BSD's null and loop, or nothing. Checksums are not looked at: a capture has
 * packets whose checksum the network card was still to make.
 */
#ifndef TWINKEY_TRACE_READ_LINK_H
#define TWINKEY_TRACE_READ_LINK_H

#include "lib/base/bytes.h"

#define LINK_ADDRESS_MAX 16

struct datagram {
	bool is_v6;
	uint8_t from[LINK_ADDRESS_MAX], to[LINK_ADDRESS_MAX]; /* of IPv4 the first four */
	uint16_t from_port, to_port;
	uint32_t id; /* IPv4's identification, a fragment's; 0: none */
	struct slice payload;
	size_t missing; /* octets of the payload that were not captured */
};

enum link_found {
	LINK_OTHER,    /* something else, whole as far as it matters */
	LINK_UDP,      /* out is whole */
	LINK_FRAGMENT, /* of UDP, the first: out has ports and the id */
	LINK_REST,     /* of UDP, a further fragment: out has no ports */
	LINK_BROKEN    /* neither IP nor anything else that may be there */
};

bool link_is_known(uint32_t link);
enum link_found link_open(uint32_t link, struct slice packet, struct datagram *out);

#endif
