/*
 * block: the blocks of a pcapng file (draft-ietf-opsawg-pcapng 3.1), also where a length lies.
 *
 * A block has its length at both ends, and a packet's length is in it a third time: a block is
 * believed when all agree. After one that is not, the next that looks like a block of a known type
 * and is believed goes on.
 */
#ifndef TWINKEY_TRACE_READ_BLOCK_H
#define TWINKEY_TRACE_READ_BLOCK_H

#include "lib/base/bytes.h"
#include "lib/trace/pcapng.h"

/* Where the fixed fields of a packet's block are, from the block's beginning */
#define BLOCK_INTERFACE_AT	 8
#define BLOCK_TIME_AT		 12
#define BLOCK_CAPTURED_AT	 20
#define BLOCK_PACKET_AT		 28
#define BLOCK_SIMPLE_AT		 12
#define BLOCK_END_LEN		 4
#define BLOCK_LINK_AT		 8
#define BLOCK_SNAPLEN_AT	 12
#define BLOCK_OPTIONS_AT	 16 /* of an interface */
#define BLOCK_SECTION_OPTIONS_AT 24
#define BLOCK_MIN		 12 /* also: what is looked at of a broken one */

struct block {
	uint32_t type; /* enum pcapng_block, or another */
	bool little;   /* the order of its section */
	struct slice all;
};

enum block_found { BLOCK_WHOLE, BLOCK_UNFINISHED, BLOCK_BROKEN };

/*
 * The block that begins there; little: the order of the section, unless it begins one. What is
 * BROKEN does not get whole by more; its type is told.
 */
enum block_found block_read(struct slice there, bool little, struct block *out);
/*
 * How many octets are no beginning of a block: behind them is one that is whole, or, unless
 * no_more, that may get whole.
 */
size_t block_search(struct slice there, bool little, bool no_more);
/* A packet's block, of whatever kind. */
bool block_is_packet(uint32_t type);
/* A packet's, or a custom block: what Wireshark counts. */
bool block_is_frame(uint32_t type);

#endif
