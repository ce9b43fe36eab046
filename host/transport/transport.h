/*
 * transport: a way to a card, as a table of functions that each kind has (tests may bring their
 * own). How one is opened by its name is in host/transport/open.h.
 */
#ifndef TWINKEY_HOST_TRANSPORT_H
#define TWINKEY_HOST_TRANSPORT_H

#include "lib/base/bytes.h"

struct cancel; /* tool/sys/cancel.h */
struct transport;

/* ISO 7816-3 10 (T=0) and 11 (T=1), ISO/IEC 14443-4 (T=CL) */
enum transport_protocol { TRANSPORT_T0, TRANSPORT_T1, TRANSPORT_TCL };

/* A VERIFY whose PIN is typed at the reader (PC/SC part 10, FEATURE_VERIFY_PIN_DIRECT). */
struct transport_pin {
	struct slice command; /* the VERIFY as it is sent, FF for each octet of the PIN block */
	uint8_t digits_min, digits_max;
	unsigned timeout_s; /* for the person at the keys; 0: the reader's own */
};

/* What a reader says of itself (PC/SC part 10 2.6.14); zeros and "" where it does not. */
struct transport_properties {
	bool has_usb_id;
	uint16_t usb_vendor, usb_product;
	uint32_t apdu_data_max;	  /* octets of command data; 0: short APDUs alone */
	uint8_t pin_min, pin_max; /* digits that its keys take; 0: it does not say */
	bool pin_pad;		  /* a PIN can be typed at it */
	char firmware[32];
};

struct transport_ops {
	const char *kind; /* "pcsc", "card", "vpcd", "nfc" */
	/* Power on or warm reset; ATR into *atr (borrowed until the next call). */
	enum err (*reset)(struct transport *t, struct slice *atr);
	/* One command TPDU or APDU; appends data and status word. At least two octets come back, or
	 * an error. */
	enum err (*transmit)(struct transport *t, struct slice command, struct wbuf *response);
	void (*close)(struct transport *t);

	/* What follows is NULL where the way has no such thing. */
	/* Cold reset: the power is off in between. */
	enum err (*power_cycle)(struct transport *t, struct slice *atr);
	/* Between the two no other program's command comes to the card. */
	enum err (*begin)(struct transport *t);
	enum err (*end)(struct transport *t);
	/* As transmit; ERR_KEYS_...: the person at the keys. Only where pin_pad. */
	enum err (*verify_pin)(struct transport *t, const struct transport_pin *pin,
			       struct wbuf *response);
	enum err (*properties)(struct transport *t, struct transport_properties *out);
};

struct transport { /* first member of each kind's own struct */
	const struct transport_ops *ops;
	struct cancel *cancel; /* ends its waits, and what loops over its card; may be NULL */
	enum transport_protocol protocol; /* of the card, after a reset */
	bool apdu_level; /* T=1: a command with data carries its Le; T=0 knows no such command */
	bool extended;	 /* way and card take extended APDUs; after a reset */
	bool pin_pad;	 /* verify_pin works */
	char name[128];	 /* for people: the reader's name, the folder ... */
};

/*
 * A wish to stop lets a command that the card works on end, so that its answer is known, but not
 * for longer than this.
 */
#define TRANSPORT_GRACE_MS     4000
#define TRANSPORT_CARD_ANSWERS "the card's answer" /* what is waited for then */

/* What was done with the card is cut off: way, reader or card is lost, or the card was reset. */
bool transport_is_lost(enum err e);

/* ERR_MUTE: no ATR. */
enum err transport_reset(struct transport *t, struct slice *atr) MUST_CHECK;
/* The same by way of the power; a reset where the way cannot do that. */
enum err transport_power_cycle(struct transport *t, struct slice *atr) MUST_CHECK;
/* ERR_DISCONNECTED: the card is gone (an empty answer too). ERR_PROTOCOL: no status word. */
enum err transport_transmit(struct transport *t, struct slice command,
			    struct wbuf *response) MUST_CHECK;
/* ERR_UNSUPPORTED: the way has no keys. */
enum err transport_verify_pin(struct transport *t, const struct transport_pin *pin,
			      struct wbuf *response) MUST_CHECK;
/* A transaction; nothing where the card is not shared with anybody. */
enum err transport_begin(struct transport *t) MUST_CHECK;
enum err transport_end(struct transport *t) MUST_CHECK;
/* All zeros where the way says nothing. */
enum err transport_properties(struct transport *t, struct transport_properties *out) MUST_CHECK;
void transport_close(struct transport **t);

#endif
