/*
 * join: events to exchanges. A response that is announced (61xx, 9Fxx) is joined with the GET
 * RESPONSEs that fetch it, a command that got 6Cxx with its repetition, the blocks of STORE DATA
 * (GlobalPlatform 11.11: P1 says which is the last, P2 counts) to one message.
 *
 * Each card and each of its channels is joined for itself. What does not come as it should is told
 * with a remark; every event is in an exchange, or is passed on as it is.
 */
#ifndef TWINKEY_TRACE_DECODE_JOIN_H
#define TWINKEY_TRACE_DECODE_JOIN_H

#include "lib/trace/decode/exchange.h"

/* An exchange is joined up to here; what is beyond is left out, which is remarked. */
#define JOIN_MESSAGE_MAX (1u << 16)
/* All exchanges together that are not whole yet. */
#define JOIN_HELD_MAX (8u << 20)

struct join_sink {
	void (*exchange)(void *ctx, const struct exchange *x);
	/* All but TRACE_EXCHANGE, after what it breaks off. */
	void (*event)(void *ctx, const struct trace_event *e);
	void *ctx;
};

struct join;

/* NULL: out of memory. */
struct join *join_open(const struct join_sink *sink);
void join_event(struct join *j, const struct trace_event *e);
/* Tells what was begun. */
void join_end(struct join *j);
void join_close(struct join **j);

#endif
