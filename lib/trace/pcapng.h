/*
 * pcapng: the numbers of draft-ietf-opsawg-pcapng that a writer and a reader of it share.
 */
#ifndef TWINKEY_TRACE_PCAPNG_H
#define TWINKEY_TRACE_PCAPNG_H

#define PCAPNG_MAGIC	 0x1A2B3C4D /* in the order of the section */
#define PCAPNG_ALIGNMENT 4	    /* of blocks and of options */

enum pcapng_block {
	BLOCK_INTERFACE = 1,
	BLOCK_OLD_PACKET = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_NAMES = 4,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BLOCK_SECRETS = 10,
	BLOCK_CUSTOM = 0x00000BAD,
	BLOCK_CUSTOM_ONCE = 0x40000BAD, /* not to be copied */
	BLOCK_SECTION = 0x0A0D0D0A,	/* the same in both orders */
};

/* Of any block; of a section; of an interface */
enum pcapng_option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_APPLICATION = 4,
	OPTION_NAME = 2,
	OPTION_RESOLUTION = 9,
	OPTION_OFFSET = 14,
};

#endif
