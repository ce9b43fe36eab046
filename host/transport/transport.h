/*
 * transport: a way to a card. One table of functions per kind; tests may bring their own.
 *
 * A transport is named by a specification string:
 *   pcsc            the first PC/SC reader that holds a card      pcsc:NAME   the reader whose name
 * starts so card:DIR        a virtual eUICC of this folder, in this process vpcd[:[HOST:]PORT]   a
 * server to which a card program connects as to vsmartcard's vpcd A string with no known prefix is
 * a PC/SC reader's name.
 */
#ifndef TWINKEY_HOST_TRANSPORT_H
#define TWINKEY_HOST_TRANSPORT_H

#include "lib/bytes.h"

struct transport;

struct transport_ops {
	const char *kind; /* "pcsc", "card", "vpcd" */
	/* Power on or reset; ATR into *atr (borrowed until the next call). */
	enum err (*reset)(struct transport *t, struct slice *atr);
	/* One command TPDU; appends data and status word. At least two octets come back, or an
	 * error. */
	enum err (*transmit)(struct transport *t, struct slice command, struct wbuf *response);
	void (*close)(struct transport *t);
};

struct transport { /* first member of each kind's own struct */
	const struct transport_ops *ops;
	char name[128]; /* for people: the reader's name, the folder ... */
};

/* Opens and powers the card on. timeout_ms: how long to wait for a card (vpcd, pcsc), 0: not at
 * all. */
enum err transport_open(const char *spec, unsigned timeout_ms, struct transport **out) MUST_CHECK;
enum err transport_reset(struct transport *t, struct slice *atr) MUST_CHECK;
enum err transport_transmit(struct transport *t, struct slice command,
			    struct wbuf *response) MUST_CHECK;
void transport_close(struct transport **t);

/* Lists what transport_open() could open through PC/SC: calls each() per reader. */
enum err transport_list(void (*each)(void *ctx, const char *name, bool card_present,
				     struct slice atr),
			void *ctx) MUST_CHECK;

/* Wraps a transport so that each exchange (and reset) is also given to the observer. Owns inner. */
struct transport_observer {
	void (*on_reset)(void *ctx, struct slice atr);
	void (*on_exchange)(void *ctx, struct slice command, struct slice response);
	void *ctx;
};
enum err transport_observe(struct transport *inner, const struct transport_observer *o,
			   struct transport **out) MUST_CHECK;

#endif
