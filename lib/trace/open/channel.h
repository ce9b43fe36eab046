/*
 * channel: secure channels of GlobalPlatform, followed from INITIALIZE UPDATE on, on each logical
 * channel of a card.
 */
#ifndef TWINKEY_TRACE_OPEN_CHANNEL_H
#define TWINKEY_TRACE_OPEN_CHANNEL_H

#include "lib/trace/keys/keys.h"
#include "lib/trace/open/opened.h"

struct exchange;
struct channel;

/* NULL: out of memory. */
struct channel *channel_open(const struct trace_keys *keys);
/* Takes an exchange of this channel, and says what the keys open of it; what that borrows is
 * valid until the next one. */
void channel_take(struct channel *c, const struct exchange *x, struct opened *out);
void channel_close(struct channel **c);

#endif
