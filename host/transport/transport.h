/*
 * transport: a way to a card, as a table of functions that each kind has (tests may bring their
 * own). How one is opened by its name is in host/transport/open.h.
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
 * A wish to stop lets a command that the card works on end, so that its answer is known, but not
 * for longer than this.
 */
#define TRANSPORT_GRACE_MS     4000
#define TRANSPORT_CARD_ANSWERS "the card's answer" /* what is waited for then */

/* ERR_MUTE: no ATR. */
enum err transport_reset(struct transport *t, struct slice *atr) MUST_CHECK;
/* ERR_DISCONNECTED: the card is gone (an empty answer too). ERR_PROTOCOL: no status word. */
enum err transport_transmit(struct transport *t, struct slice command,
			    struct wbuf *response) MUST_CHECK;
void transport_close(struct transport **t);

#endif
