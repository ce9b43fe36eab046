/*
 * history: what an ATR says in its interface octets and its historical bytes. ISO 7816-3 8.2, ISO
 * 7816-4 12.1.1, ETSI TS 102 221 6.
 */
#ifndef TWINKEY_HOST_EXAM_HISTORY_H
#define TWINKEY_HOST_EXAM_HISTORY_H

#include "lib/base/bytes.h"

#define ATR_ROUNDS 8

struct atr_round { /* TAi TBi TCi TDi */
	bool has_a, has_b, has_c, has_d;
	uint8_t a, b, c, d;
};
struct atr_walk {
	struct atr_round rounds[ATR_ROUNDS];
	size_t count;
	uint8_t order[ATR_ROUNDS]; /* the protocols as TD1, TD2 ... name them */
	size_t protocols;
	bool has_class; /* the first TA behind T=15: clock stop and supply classes */
	uint8_t class_clock;
	struct slice historical;
	bool needs_tck, has_tck;
};
/* Takes what can be taken of any octets; ERR_TRUNCATED, ERR_TRAILING, ERR_ENCODING. */
enum err atr_walk(struct slice raw, struct atr_walk *out) MUST_CHECK;

struct card_capabilities { /* ISO 7816-4 12.1.1.9: the three software function tables */
	uint8_t selection, coding, third;
	size_t tables;	       /* how many of them there are */
	unsigned channels;     /* 1 to 8; 8: or more */
	bool assigned_by_card; /* MANAGE CHANNEL may leave the number to the card */
	bool extended_lengths, chaining;
};
/* selection */
#define CAPABILITY_FULL_NAME	0x80u
#define CAPABILITY_PARTIAL_NAME 0x40u
#define CAPABILITY_PATH		0x20u
#define CAPABILITY_FID		0x10u
#define CAPABILITY_SFI		0x04u

/* The historical bytes' category octet is 80 and their compact TLVs are whole. */
bool historical_is_whole(struct slice historical);
/* False: they have no card capabilities. */
bool card_capabilities(struct slice historical, struct card_capabilities *out);

#endif
