/*
 * observe: a transport whose exchanges somebody else is told of.
 */
#ifndef TWINKEY_HOST_TRANSPORT_OBSERVE_H
#define TWINKEY_HOST_TRANSPORT_OBSERVE_H

#include "host/transport/transport.h"

struct transport_observer {
	void (*on_reset)(void *ctx, struct slice atr);
	/* An empty response: the exchange failed. */
	void (*on_exchange)(void *ctx, struct slice command, struct slice response);
	void *ctx;
	/* A command or a reset is about to go to the card. May be NULL. */
	void (*on_start)(void *ctx);
};

/* Wraps inner so that each exchange and each reset is given to the observer. Owns inner on success.
 */
enum err transport_observe(struct transport *inner, const struct transport_observer *observer,
			   struct transport **out) MUST_CHECK;

#endif
