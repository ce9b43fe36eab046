#include "lib/trace/read/packet/block.h"

#include <string.h>

#include "lib/trace/read/format.h"
#include "lib/trace/read/packet/order.h"

#define LENGTH_AT   4
#define MAGIC_AT    8
#define SECTION_MIN 28

bool block_is_packet(uint32_t type)
{
	return type == BLOCK_PACKET || type == BLOCK_OLD_PACKET || type == BLOCK_SIMPLE_PACKET;
}

bool block_is_frame(uint32_t type)
{
	return block_is_packet(type) || type == BLOCK_CUSTOM || type == BLOCK_CUSTOM_ONCE;
}

static bool is_standard(uint32_t type)
{
	switch (type) {
	case BLOCK_INTERFACE:
	case BLOCK_OLD_PACKET:
	case BLOCK_SIMPLE_PACKET:
	case BLOCK_NAMES:
	case BLOCK_STATISTICS:
	case BLOCK_PACKET:
	case BLOCK_SECRETS:
	case BLOCK_CUSTOM:
	case BLOCK_CUSTOM_ONCE:
	case BLOCK_SECTION: return true;
	default: return false;
	}
}

static size_t least_of(uint32_t type)
{
	switch (type) {
	case BLOCK_SECTION: return SECTION_MIN;
	case BLOCK_INTERFACE: return BLOCK_OPTIONS_AT + BLOCK_END_LEN;
	case BLOCK_PACKET:
	case BLOCK_OLD_PACKET: return BLOCK_PACKET_AT + BLOCK_END_LEN;
	case BLOCK_SIMPLE_PACKET: return BLOCK_SIMPLE_AT + BLOCK_END_LEN;
	default: return BLOCK_MIN;
	}
}

enum block_found block_read(struct slice there, bool little, struct block *out)
{
	size_t len;

	if (there.len < BLOCK_MIN)
		return BLOCK_UNFINISHED;
	out->type = order_u32(little, there, 0);
	if (out->type == BLOCK_SECTION) { /* the same in both orders */
		little = order_u32(true, there, MAGIC_AT) == PCAPNG_MAGIC;
		if (!little && order_u32(false, there, MAGIC_AT) != PCAPNG_MAGIC)
			return BLOCK_BROKEN;
	}
	out->little = little;
	len = order_u32(little, there, LENGTH_AT);
	if (len % PCAPNG_ALIGNMENT || len < least_of(out->type) || len > TRACE_FRAME_MAX)
		return BLOCK_BROKEN;
	if ((out->type == BLOCK_PACKET || out->type == BLOCK_OLD_PACKET) &&
	    there.len >= BLOCK_PACKET_AT &&
	    order_u32(little, there, BLOCK_CAPTURED_AT) > len - BLOCK_PACKET_AT - BLOCK_END_LEN)
		return BLOCK_BROKEN;
	if (there.len < len)
		return BLOCK_UNFINISHED;
	if (order_u32(little, there, len - BLOCK_END_LEN) != len)
		return BLOCK_BROKEN;
	out->all = slice_sub(there, 0, len);
	return BLOCK_WHOLE;
}

size_t block_search(struct slice there, bool little, bool no_more)
{
	size_t at = 0;

	for (; there.len - at >= BLOCK_MIN; at++) {
		struct slice rest = slice_sub(there, at, there.len);
		struct block b;
		enum block_found found;

		if (!is_standard(order_u32(little, rest, 0)))
			continue;
		found = block_read(rest, little, &b);
		if (found == BLOCK_WHOLE || (found == BLOCK_UNFINISHED && !no_more))
			return at;
	}
	return no_more ? there.len : at;
}
