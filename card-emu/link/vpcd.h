/*
 * vpcd: the card's end of vsmartcard's virtual reader.
 *
 * A client of vpcd, over TCP: frames of a two-octet length (big endian) and that many octets. One
 * octet is a control code (0 power off, 1 power on, 2 reset, 4 get ATR), anything longer a command
 * APDU, whose response is the answer.
 */
#ifndef TWINKEY_CARD_VPCD_H
#define TWINKEY_CARD_VPCD_H

#include "card-emu/card.h"

#define VPCD_PORT 35963

enum vpcd_event {
	VPCD_TAKEN,  /* the reader has the card, and clients of the PC/SC service are told so */
	VPCD_LOST,   /* after VPCD_TAKEN: the reader is gone */
	VPCD_ABSENT, /* nobody has listened at the port for a second */
	VPCD_BUSY    /* connected for a second, and not taken: the reader has another card */
};

struct vpcd_options {
	const char *host;
	unsigned port;
	struct cancel *cancel; /* ends the service; from cancel_open(), or NULL */
	void (*event)(void *ctx, enum vpcd_event event); /* may be NULL */
	void *ctx;
};

/*
 * Serves the card until o->cancel has a wish: ERR_CANCELLED. While there
 * is no reader it tries again, from ten times a second to every two seconds. Any other error is one
 * that trying again does not cure (the host is unknown).
 */
enum err vpcd_serve(struct card *card, const struct vpcd_options *o) MUST_CHECK;
/* The same over a connected socket, until it closes: ERR_DISCONNECTED. */
enum err vpcd_serve_socket(struct card *card, int fd) MUST_CHECK;

#endif
