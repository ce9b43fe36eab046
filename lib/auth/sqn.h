/*
 * sqn: sequence numbers, TS 33.102 Annex C and 6.3.5.
 *
 * SQN = SEQ || IND, 48 bits in all, here as a uint64_t. How many of them are IND belongs to the
 * subscription: 5 unless it says otherwise (C.3 has 5 in all its profiles), 0 to 8 here.
 */
#ifndef TWINKEY_AUTH_SQN_H
#define TWINKEY_AUTH_SQN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

struct slice;
struct wbuf;

#define SQN_BITS	 48u
#define SQN_IND_BITS	 5u
#define SQN_IND_BITS_MAX 8u
#define SQN_SLOTS	 (1u << SQN_IND_BITS)
#define SQN_SLOTS_MAX	 (1u << SQN_IND_BITS_MAX)
#define SQN_MAX		 ((UINT64_C(1) << SQN_BITS) - 1)
#define SQN_DELTA	 (UINT64_C(1) << 28) /* C.2.1: largest jump of SEQ */

/* The card's array: the highest SEQ accepted per IND. */
struct sqn_array {
	unsigned ind_bits; /* 0 to SQN_IND_BITS_MAX */
	uint64_t seq[SQN_SLOTS_MAX];
	uint64_t highest;	 /* SQN_MS: the last SQN accepted that has the highest SEQ */
	bool has_delta, has_age; /* which of the limits are checked */
	uint64_t delta;		 /* C.2.1: the largest SEQ - SEQ_MS; 0: no SEQ above SEQ_MS */
	uint64_t age; /* C.2.2: L, which SEQ_MS - SEQ must be below; 0: only SEQ above SEQ_MS */
};
/* Nothing accepted yet, the delta of C.3, no age limit. */
#define SQN_ARRAY_NEW                                                                              \
	((struct sqn_array){.ind_bits = SQN_IND_BITS, .has_delta = true, .delta = SQN_DELTA})

/* SEQ and IND of a number; ind_bits to SQN_IND_BITS_MAX. */
uint64_t sqn_seq(uint64_t sqn, unsigned ind_bits);
unsigned sqn_ind(uint64_t sqn, unsigned ind_bits);

/* True when sqn would be accepted (C.2.2); the array is not changed. */
bool sqn_fresh(const struct sqn_array *a, uint64_t sqn);
/* Takes sqn over; the caller has asked sqn_fresh(). */
void sqn_accept(struct sqn_array *a, uint64_t sqn);
/* The number counts as used in every index: no SEQ up to its own is fresh any more. */
void sqn_accept_all(struct sqn_array *a, uint64_t last);
/* SQN_MS: the highest accepted, with its IND. */
uint64_t sqn_highest(const struct sqn_array *a);

/*
 * Stored form: format (2), ind_bits, which limits are checked, the SEQ of each IND big endian in 6
 * octets, then SQN_MS, delta and age in as many. The first cards wrote 32 SEQ, SQN_MS, delta (0:
 * SQN_DELTA) and age (0: none) alone; that is read too.
 */
#define SQN_STORED_MAX (3 + (SQN_SLOTS_MAX + 3) * 6)
void sqn_save(const struct sqn_array *a, struct wbuf *out);
enum err sqn_load(struct slice stored, struct sqn_array *a) MUST_CHECK;

/* The AuC: the number to use after last (C.1.1.1: SEQ + 1, the next IND). ERR_VALUE at the end. */
enum err sqn_next(uint64_t last, unsigned ind_bits, uint64_t *next) MUST_CHECK;
/*
 * The same for a challenge. At the end the last number is given again, without a wrap: a card that
 * has taken it refuses it, and its AUTS tells where the card is. ERR_VALUE: last is no number.
 */
enum err sqn_take(uint64_t last, unsigned ind_bits, uint64_t *next) MUST_CHECK;

/*
 * The kinds of node that fetch vectors (C.3.4). Each has an eighth of the indices, in this order,
 * so that what one of them has fetched and not yet used stays fresh whatever another one uses: of
 * 32 the terminal has 0 to 3, cs 4 to 7, and so on. The last eighth is nobody's: after AUTS the AuC
 * keeps the card's SEQ under it. With less than 8 indices neighbours share one.
 */
enum sqn_node {
	SQN_NODE_TERMINAL, /* who asks is not told: the terminal of a lab */
	SQN_NODE_CS,
	SQN_NODE_PS,
	SQN_NODE_EPS,
	SQN_NODE_5G,
	SQN_NODE_IMS,
	SQN_NODE_WLAN,
	SQN_NODE_COUNT
};
/* "terminal", "cs", "ps", "eps", "5g", "ims", "wlan". ERR_VALUE: it is none of these. */
const char *sqn_node_name(enum sqn_node node);
enum err sqn_node_of(const char *name, enum sqn_node *node) MUST_CHECK;
/* The first of its indices, and how many it has. */
struct sqn_range {
	unsigned first, count;
};
struct sqn_range sqn_node_range(enum sqn_node node, unsigned ind_bits);

/*
 * The number for a vector of the AuC. SEQ grows by each vector, whoever it is for. By the clock
 * (C.1.1.1 and the figures of C.3.1) it is SEQ1 || SEQ2, where SEQ2 are 24 bits that follow the
 * seconds since 1970: a step is never larger than 2^24, far below the delta of C.3, and the clock
 * may go back as it likes. After an AUTS the next one is the card's SEQ and 1. IND is the next of
 * the node's; vectors of one batch have one IND, and are used in their order (C.3.4).
 */
struct sqn_wish {
	unsigned ind_bits;
	enum sqn_node node;
	bool more;     /* of the batch that last was of */
	bool by_clock; /* false: SEQ and 1 (C.1.1.2, C.3.2) */
	int64_t now;   /* seconds since 1970 */
};
/* At the end, and of a wrong last, as sqn_take(). */
enum err sqn_take_for(uint64_t last, const struct sqn_wish *w, uint64_t *next) MUST_CHECK;
/*
 * The AuC after a genuine AUTS (6.3.5; docs/adr/0014): the number to count on from. last: the last
 * one it gave out; refused: the one of the challenge that the card answered by AUTS; sqn_ms: what
 * the card has. ERR_SYNC: the card is at the end, it accepts no number any more.
 */
struct sqn_refusal {
	uint64_t last, refused, sqn_ms;
	unsigned ind_bits;
	bool by_clock; /* the next one counts on from the card's all the same */
};
enum err sqn_resync(const struct sqn_refusal *r, uint64_t *last) MUST_CHECK;

#endif
