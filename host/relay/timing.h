/*
 * timing: where the time of a relayed command goes, and what of it there was on the whole.
 */
#ifndef TWINKEY_HOST_RELAY_TIMING_H
#define TWINKEY_HOST_RELAY_TIMING_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

#define TIMING_SAMPLES_MAX (1u << 20) /* what is beyond counts, and is no sample */

/* Microseconds. */
enum timing_part {
	TIMING_CARD,   /* from the command's way to the card to its answer */
	TIMING_RELAY,  /* ours: the rest of what the reader waits, but for the air */
	TIMING_TOTAL,  /* the two together: what must stay under the frame waiting time */
	TIMING_READER, /* from our answer to its next command: the air both ways, and its thinking
			*/
	TIMING_PARTS
};
/* "card", "relay", "total", "reader" */
const char *timing_name(enum timing_part part);

struct timing_figures {
	uint32_t min, median, p90, max;
};

struct timing;

/* fwi: the frame waiting time integer that the chip announces, 0 to 14. */
enum err timing_open(unsigned fwi, struct timing **out) MUST_CHECK;
void timing_close(struct timing **t);
/*
 * ISO 14443-4 7.2: a reader waits so long for the next block; a card that needs more must ask for
 * it (S(WTX)), and whether a chip does by itself is the chip's affair.
 */
uint32_t timing_fwt_us(const struct timing *t);

/* In this order for each command; a reader's part of the first one after a pause is left out. */
void timing_received(struct timing *t);
void timing_sent(struct timing *t); /* to the card */
void timing_heard(struct timing *t);
void timing_answered(struct timing *t);
void timing_paused(struct timing *t);

/* Of the last command; 0 of a reader's part that is left out. */
uint32_t timing_last(const struct timing *t, enum timing_part part);
uint64_t timing_count(const struct timing *t);
uint64_t timing_late(const struct timing *t); /* commands over the frame waiting time */
/* Zeros where there is no sample. */
struct timing_figures timing_figures(struct timing *t, enum timing_part part);

#endif
