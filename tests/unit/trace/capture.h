/*
 * capture: capture files are made, of either order, as strangers would.
 */
#ifndef TWINKEY_TESTS_TRACE_CAPTURE_H
#define TWINKEY_TESTS_TRACE_CAPTURE_H

#include "lib/base/bytes.h"

struct capture {
	bool little;
	struct wbuf w; /* grows; free it */
};

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276,
	LINK_OTHERS = 189
};

void capture_u16(struct capture *c, uint16_t v);
void capture_u32(struct capture *c, uint32_t v);

/* pcapng */
void capture_section(struct capture *c);
/* name NULL: none; resolution 0: none */
void capture_interface(struct capture *c, uint16_t link, const char *name, uint8_t resolution,
		       int64_t offset_s);
/* An enhanced packet block. comment NULL: none */
void capture_packet(struct capture *c, uint32_t interface, uint64_t ticks, struct slice packet,
		    const char *comment);
void capture_old_packet(struct capture *c, uint16_t interface, uint64_t ticks, struct slice packet);
void capture_simple_packet(struct capture *c, struct slice packet);
void capture_block(struct capture *c, uint32_t type, struct slice body);

/* pcap */
void capture_header(struct capture *c, bool nano, uint32_t link);
void capture_record(struct capture *c, uint32_t seconds, uint32_t fraction, struct slice packet);

/* What a sniffer sends, over a link. */
struct capture_frame {
	uint16_t link;
	bool is_v6, has_vlan, has_options, is_answer, little_family;
	uint16_t from_port; /* 0: 4729 */
	uint16_t id;	    /* of IPv4 */
	uint8_t sub_type;
};
/* It lives until the next call. */
struct slice capture_sim(const struct capture_frame *f, struct slice body);
/* The same of any UDP payload. */
struct slice capture_udp(const struct capture_frame *f, struct slice payload);

#endif
