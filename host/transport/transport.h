/*
 * transport: a way to a card. One table of functions per kind; tests may bring their own.
 *
 * A transport is named by a specification string:
 *
 *   pcsc               the first PC/SC reader that holds a card (so does "" or NULL)
 *   pcsc:NAME          the reader whose name starts so
 *   card:DIR           a virtual eUICC of this folder, in this process
 *   vpcd[:[HOST:]PORT] a server to which a card program connects as to vsmartcard's vpcd
 *
 * A string with no known prefix is a PC/SC reader's name.
 */
#ifndef TWINKEY_HOST_TRANSPORT_H
#define TWINKEY_HOST_TRANSPORT_H

#include "lib/base/bytes.h"

struct cancel; /* tool/sys/cancel.h */
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
	struct cancel *cancel; /* ends its waits, and what loops over its card; may be NULL */
	bool apdu_level; /* T=1: a command with data carries its Le; T=0 knows no such command */
	char name[128];	 /* for people: the reader's name, the folder ... */
};

/*
 * Opens the way to the card; transport_reset() powers it on. timeout_ms: how long to wait for a
 * card (vpcd, pcsc), 0: not at all. ERR_NO_SERVICE, ERR_NO_READER, ERR_NO_CARD, ERR_LOCKED (another
 * program has the reader), ERR_POLKIT (the service refuses this user), ERR_MUTE (the card is),
 * ERR_USAGE (a wrong specification), ERR_CANCELLED (a wish
 * of cancel, which the transport keeps and borrows).
 */
enum err transport_open(const char *spec, unsigned timeout_ms, struct cancel *cancel,
			struct transport **out) MUST_CHECK;
/* ERR_MUTE: no ATR. */
enum err transport_reset(struct transport *t, struct slice *atr) MUST_CHECK;
/* ERR_DISCONNECTED: the card is gone (an empty answer too). ERR_PROTOCOL: no status word. */
enum err transport_transmit(struct transport *t, struct slice command,
			    struct wbuf *response) MUST_CHECK;
void transport_close(struct transport **t);

/* Lists what transport_open() could open through PC/SC: calls each() per reader. */
enum err transport_list(void (*each)(void *ctx, const char *name, bool card_present,
				     struct slice atr),
			void *ctx, struct cancel *cancel) MUST_CHECK;

/*
 * Wraps a transport so that each exchange (and reset) is also given to the observer. Owns inner (on
 * success). A response is empty when the exchange failed.
 */
struct transport_observer {
	void (*on_reset)(void *ctx, struct slice atr);
	void (*on_exchange)(void *ctx, struct slice command, struct slice response);
	void *ctx;
};
enum err transport_observe(struct transport *inner, const struct transport_observer *o,
			   struct transport **out) MUST_CHECK;

#endif
