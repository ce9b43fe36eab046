/*
 * seen: values that may come once, of which a trace may have any number: as fingerprints, in memory
 * while there is room, in runs outside it then, which are compared at the end. For
 * lib/trace/audit alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_SEEN_H
#define TWINKEY_TRACE_AUDIT_SEEN_H

#include "lib/trace/audit/told.h"

/* Fingerprints in memory, of 16 octets each: where there is no place outside it, and where there is
 */
#define AUDIT_SEEN_MAX	   (1u << 19)
#define AUDIT_SEEN_SPILLED (1u << 16)

struct seen;

/* A value has come again: the exchange, and the number of the earlier one. */
struct seen_again {
	uint16_t rule;
	unsigned card;
	uint64_t number, before;
};
struct seen_sink {
	void (*again)(void *ctx, const struct seen_again *a);
	void *ctx;
};

/* spill and sink stay with the caller until seen_close(). NULL: out of memory. */
struct seen *seen_open(const struct audit_spill *spill, const struct seen_sink *sink);
/* rule: below AUDIT_RULES_MAX; of the place, card and number (up to 2^48 - 1) are kept. */
void seen_take(struct seen *s, uint16_t rule, struct slice value, const struct audit_spot *at);
/* Compares what is outside memory. ERR_IO; ERR_SPACE: there was no room, and not all were compared.
 */
enum err seen_end(struct seen *s) MUST_CHECK;
void seen_close(struct seen **s);

#endif
