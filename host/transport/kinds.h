/*
 * kinds: how each kind of transport is opened. Only for host/transport.
 *
 * rest: what stands behind the prefix of the specification ("" when nothing does).
 */
#ifndef TWINKEY_HOST_TRANSPORT_KINDS_H
#define TWINKEY_HOST_TRANSPORT_KINDS_H

#include "host/transport/transport.h"

/*
 * A wish to stop lets a command that the card works on end, so that its answer is known, but not
 * for longer than this.
 */
#define KINDS_GRACE_MS	   4000
#define KINDS_CARD_ANSWERS "the card's answer"

/* A PC/SC reader whose name starts so; "": the first that holds a card. */
enum err transport_pcsc_open(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			     struct transport **out) MUST_CHECK;
/* The state folder of a virtual eUICC. */
enum err transport_card_open(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			     struct transport **out) MUST_CHECK;
/* [HOST:]PORT to listen on; "": 127.0.0.1:35963. Waits for one card program. */
enum err transport_vpcd_open(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			     struct transport **out) MUST_CHECK;

#endif
