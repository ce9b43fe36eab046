/*
 * opener: opens what an auditor's keys fit: secure channels (SCP02, SCP03), secured packets
 * (SCP80), bound profile packages. It sees all exchanges of a trace, in their order.
 */
#ifndef TWINKEY_TRACE_OPEN_OPENER_H
#define TWINKEY_TRACE_OPEN_OPENER_H

#include "lib/trace/open/opened.h"

struct exchange;
struct opener;
struct trace_keys;

/* keys are borrowed, and outlive it. NULL: out of memory. */
struct opener *opener_open(const struct trace_keys *keys);
/* The card is as after a reset. */
void opener_reset(struct opener *o, unsigned card);
/* What is opened of the exchange; borrows until the next call. */
void opener_take(struct opener *o, const struct exchange *x, struct opened *out);
/* A packet that is in it; after opener_take(), in their order. */
void opener_take_packet(struct opener *o, const struct exchange *x, bool is_response,
			struct slice packet, struct opened *out);
void opener_close(struct opener **o);

#endif
