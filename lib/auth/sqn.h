/*
 * sqn: sequence numbers, TS 33.102 Annex C.
 *
 * SQN = SEQ (43 bits) || IND (5 bits), 48 bits in all, here as a uint64_t.
 */
#ifndef TWINKEY_AUTH_SQN_H
#define TWINKEY_AUTH_SQN_H

#include "lib/bytes.h"

#define SQN_IND_BITS 5u
#define SQN_SLOTS    (1u << SQN_IND_BITS)
#define SQN_MAX	     ((UINT64_C(1) << 48) - 1)
#define SQN_DELTA    (UINT64_C(1) << 28) /* C.2.1: largest jump of SEQ */

/* The card's array: the highest SEQ accepted per IND. */
struct sqn_array {
	uint64_t seq[SQN_SLOTS];
	uint64_t highest; /* SQN_MS: of the highest SEQ accepted, the SQN that was accepted last */
	uint64_t delta;	  /* 0: SQN_DELTA */
	uint64_t age;	  /* C.2.2 age limit L, 0: none */
};

/* True when sqn would be accepted (C.2.2); the array is not changed. */
bool sqn_fresh(const struct sqn_array *a, uint64_t sqn);
/* Takes sqn over; the caller has asked sqn_fresh(). */
void sqn_accept(struct sqn_array *a, uint64_t sqn);
/* SQN_MS: the highest accepted, with its IND. */
uint64_t sqn_highest(const struct sqn_array *a);
/* Stored form: 32 x 6 octets, SEQ big endian, then SQN_MS, delta and age as 6 octets each. */
#define SQN_STORED_LEN (SQN_SLOTS * 6 + 18)
void sqn_save(const struct sqn_array *a, uint8_t out[static SQN_STORED_LEN]);
enum err sqn_load(struct slice stored, struct sqn_array *a) MUST_CHECK;

/* The AuC: the number to use after last (C.1.1.1: SEQ + 1, the next IND). ERR_VALUE at the end. */
enum err sqn_next(uint64_t last, uint64_t *next) MUST_CHECK;

#endif
