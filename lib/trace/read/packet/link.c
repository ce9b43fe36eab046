#include "lib/trace/read/packet/link.h"

#include <string.h>

#define ETHERNET_TYPE_AT    12
#define SLL_TYPE_AT	    14
#define SLL2_LEN	    20
#define TYPE_LEN	    2
#define FAMILY_LEN	    4
#define VLAN_TAG_LEN	    4
#define VLAN_TAGS_MAX	    4

#define IPV4_HEADER_LEN	    20
#define IPV6_HEADER_LEN	    40
#define IPV6_ADDRESS_LEN    16
#define IPV4_ADDRESS_LEN    4
#define IPV6_EXTENSIONS_MAX 8
#define UDP_HEADER_LEN	    8

enum linktype {
	LINKTYPE_NULL = 0,
	LINKTYPE_ETHERNET = 1,
	LINKTYPE_RAW = 101,
	LINKTYPE_LOOP = 108,
	LINKTYPE_SLL = 113,
	LINKTYPE_IPV4 = 228,
	LINKTYPE_IPV6 = 229,
	LINKTYPE_SLL2 = 276,
};
enum ethertype {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_IPV6 = 0x86DD,
	ETHERTYPE_SERVICE_VLAN = 0x88A8,
};
enum protocol {
	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_UDP = 17,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_AUTHENTICATION = 51,
	PROTOCOL_DESTINATION = 60,
};
/* IPv4: flags and offset in units of 8 octets */
#define MORE_FRAGMENTS	 0x2000
#define FRAGMENT_OFFSET	 0x1FFF
#define IPV6_MORE	 0x0001
#define IPV6_OFFSET_MASK 0xFFF8

static uint16_t u16_at(struct slice s, size_t at)
{
	return (uint16_t)(slice_at(s, at) << 8 | slice_at(s, at + 1));
}

bool link_is_known(uint32_t link)
{
	switch (link) {
	case LINKTYPE_NULL:
	case LINKTYPE_ETHERNET:
	case LINKTYPE_RAW:
	case LINKTYPE_LOOP:
	case LINKTYPE_SLL:
	case LINKTYPE_IPV4:
	case LINKTYPE_IPV6:
	case LINKTYPE_SLL2: return true;
	default: return false;
	}
}

/* is: what of UDP is in the IP packet's payload of len octets, of which body was captured. */
static enum link_found open_udp(struct slice body, size_t len, struct datagram *out)
{
	size_t udp_len = u16_at(body, 4);

	if (body.len < UDP_HEADER_LEN)
		return len < UDP_HEADER_LEN ? LINK_BROKEN : LINK_OTHER;
	if (udp_len < UDP_HEADER_LEN || udp_len > len)
		return LINK_BROKEN;
	out->from_port = u16_at(body, 0);
	out->to_port = u16_at(body, 2);
	out->payload = slice_sub(body, UDP_HEADER_LEN, udp_len - UDP_HEADER_LEN);
	out->missing = udp_len - UDP_HEADER_LEN - out->payload.len;
	return LINK_UDP;
}

static enum link_found open_first_fragment(struct slice body, struct datagram *out)
{
	out->from_port = u16_at(body, 0);
	out->to_port = u16_at(body, 2);
	out->payload = slice_sub(body, UDP_HEADER_LEN, body.len);
	return LINK_FRAGMENT;
}

static enum link_found open_ipv4(struct slice packet, struct datagram *out)
{
	size_t header = 4 * (size_t)(slice_at(packet, 0) & 0x0F), total = u16_at(packet, 2);
	uint16_t fragment = u16_at(packet, 6);
	struct slice body;

	if (packet.len < IPV4_HEADER_LEN)
		return LINK_BROKEN;
	if (!total)
		total = packet.len; /* the network card was to part it */
	if (header < IPV4_HEADER_LEN || total < header)
		return LINK_BROKEN;
	if (slice_at(packet, 9) != PROTOCOL_UDP)
		return LINK_OTHER;
	memcpy(out->from, packet.ptr + 12, IPV4_ADDRESS_LEN);
	memcpy(out->to, packet.ptr + 16, IPV4_ADDRESS_LEN);
	out->id = u16_at(packet, 4);
	body = slice_sub(packet, header, total - header);
	if (fragment & FRAGMENT_OFFSET)
		return LINK_REST;
	if (fragment & MORE_FRAGMENTS)
		return open_first_fragment(body, out);
	return open_udp(body, total - header, out);
}

/* body: behind the fragment header, which is whole. */
static enum link_found open_ipv6_fragment(struct slice header, struct slice body,
					  struct datagram *out)
{
	uint16_t offset = u16_at(header, 2);

	if (slice_at(header, 0) != PROTOCOL_UDP)
		return LINK_OTHER;
	out->id = (uint32_t)slice_uint(slice_sub(header, 4, 4), 4);
	if (offset & IPV6_OFFSET_MASK)
		return LINK_REST;
	if (offset & IPV6_MORE)
		return open_first_fragment(body, out);
	return open_udp(body, body.len, out);
}

static enum link_found open_ipv6(struct slice packet, struct datagram *out)
{
	size_t left = u16_at(packet, 4);
	uint8_t next = slice_at(packet, 6);
	struct slice rest;

	if (packet.len < IPV6_HEADER_LEN)
		return LINK_BROKEN;
	out->is_v6 = true;
	memcpy(out->from, packet.ptr + 8, IPV6_ADDRESS_LEN);
	memcpy(out->to, packet.ptr + 24, IPV6_ADDRESS_LEN);
	rest = slice_sub(packet, IPV6_HEADER_LEN, left ? left : packet.len);
	if (!left)
		left = rest.len;
	for (unsigned i = 0; i < IPV6_EXTENSIONS_MAX; i++) {
		size_t len = 8 + 8 * (size_t)slice_at(rest, 1);

		switch (next) {
		case PROTOCOL_UDP: return open_udp(rest, left, out);
		case PROTOCOL_FRAGMENT:
			return open_ipv6_fragment(slice_sub(rest, 0, 8),
						  slice_sub(rest, 8, rest.len), out);
		case PROTOCOL_AUTHENTICATION: len = 8 + 4 * (size_t)slice_at(rest, 1); break;
		case PROTOCOL_HOP_BY_HOP:
		case PROTOCOL_ROUTING:
		case PROTOCOL_DESTINATION: break;
		default: return LINK_OTHER;
		}
		if (len > rest.len)
			return len > left ? LINK_BROKEN : LINK_OTHER;
		next = slice_at(rest, 0);
		rest = slice_sub(rest, len, rest.len);
		left -= len;
	}
	return LINK_OTHER;
}

static enum link_found open_ip(struct slice packet, struct datagram *out)
{
	switch (slice_at(packet, 0) >> 4) {
	case 4: return open_ipv4(packet, out);
	case 6: return open_ipv6(packet, out);
	default: return LINK_BROKEN;
	}
}

/* rest begins behind the type, with the tag if that is what the type says. */
static enum link_found open_type(uint16_t type, struct slice rest, struct datagram *out)
{
	for (unsigned i = 0; i < VLAN_TAGS_MAX; i++) {
		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_SERVICE_VLAN)
			break;
		type = u16_at(rest, VLAN_TAG_LEN - TYPE_LEN);
		rest = slice_sub(rest, VLAN_TAG_LEN, rest.len);
	}
	return type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6 ? open_ip(rest, out) : LINK_OTHER;
}

/* The address family has the value and the order of the system that captured. */
static enum link_found open_family(struct slice packet, struct datagram *out)
{
	static const uint8_t families[] = {2, 10, 24, 28, 30}; /* IPv4; IPv6 of five systems */
	uint32_t family = (uint32_t)slice_uint(slice_sub(packet, 0, FAMILY_LEN), FAMILY_LEN);

	if (family > UINT16_MAX)
		family = __builtin_bswap32(family);
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		if (family == families[i])
			return open_ip(slice_sub(packet, FAMILY_LEN, packet.len), out);
	}
	return packet.len < FAMILY_LEN ? LINK_BROKEN : LINK_OTHER;
}

enum link_found link_open(uint32_t link, struct slice packet, struct datagram *out)
{
	*out = (struct datagram){0};
	switch (link) {
	case LINKTYPE_NULL:
	case LINKTYPE_LOOP: return open_family(packet, out);
	case LINKTYPE_ETHERNET:
		return open_type(u16_at(packet, ETHERNET_TYPE_AT),
				 slice_sub(packet, ETHERNET_TYPE_AT + TYPE_LEN, packet.len), out);
	case LINKTYPE_SLL:
		return open_type(u16_at(packet, SLL_TYPE_AT),
				 slice_sub(packet, SLL_TYPE_AT + TYPE_LEN, packet.len), out);
	case LINKTYPE_SLL2:
		return open_type(u16_at(packet, 0), slice_sub(packet, SLL2_LEN, packet.len), out);
	case LINKTYPE_RAW:
	case LINKTYPE_IPV4:
	case LINKTYPE_IPV6: return open_ip(packet, out);
	default: return LINK_OTHER;
	}
}
