/*
 * wish: which card a person wants, and how; what is to be said of the choice.
 */
#ifndef TWINKEY_HOST_TRANSPORT_WISH_H
#define TWINKEY_HOST_TRANSPORT_WISH_H

#include "host/transport/transport.h"

#define TRANSPORT_NUMBER_MAX 40 /* an ICCID or EID in digits */
#define TRANSPORT_SAID_MAX   2048

/* Which number of a card is asked for. */
struct transport_question {
	bool eid;   /* otherwise the ICCID */
	bool alone; /* nobody else uses the card */
	struct slice isdr;
};

struct transport_wish {
	const char *spec;    /* as host/transport/open.h has it */
	unsigned timeout_ms; /* how long to wait for a card, 0: not at all */
	bool shared;	     /* other programs may have the card too */
	struct cancel *cancel;
	/*
	 * For a choice by ICCID or EID: reads that number of the card behind t, disturbing nobody.
	 * Owns t. ERR_NOT_FOUND: it has none. NULL: there is no such choice.
	 */
	enum err (*identify)(struct transport *t, const struct transport_question *q,
			     char number[static TRANSPORT_NUMBER_MAX]);
	struct slice isdr; /* for the EID: the AID of the ISD-R; empty: SGP.22's */
	/* For people: on success what was chosen among several, on failure what there is; or "". */
	char said[TRANSPORT_SAID_MAX];
};

#endif
