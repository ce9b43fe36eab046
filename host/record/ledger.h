/*
 * ledger: which reader each card handle of the programs is of, and when its card was reset: what
 * wire tells, as packets of a trace that has an interface for each reader.
 *
 * PC/SC does not say when a card is reset. It is where a program asks for it, where a program ends
 * that has not disconnected, and at the first connection after pcscd has taken the power away,
 * which it does when nobody has been connected for five seconds. What programs do to the card that
 * are not recorded is not known.
 */
#ifndef TWINKEY_HOST_RECORD_LEDGER_H
#define TWINKEY_HOST_RECORD_LEDGER_H

#include "host/record/wire.h"

struct ledger;
struct trace;

struct ledger_wish {
	struct trace *trace; /* without a reader; the caller's */
	/* The ATR of the card in a reader: none where it is not known. */
	void (*atr)(void *ctx, const char *reader, struct wbuf *out);
	void *ctx;
};

enum err ledger_open(const struct ledger_wish *wish, struct ledger **out) MUST_CHECK;
/* What happened on a connection, at a time in milliseconds. Failures are the trace's. */
void ledger_take(struct ledger *l, unsigned connection, const struct wire_event *e, int64_t now_ms);
/* A connection has ended, and with it the handles that are left. */
void ledger_end_connection(struct ledger *l, unsigned connection, int64_t now_ms);
/* How many commands have come to a card. */
uint64_t ledger_exchanges(const struct ledger *l);
/* ERR_MEMORY: some of it is not recorded; or the trace's. */
enum err ledger_close(struct ledger **l) MUST_CHECK;

#endif
