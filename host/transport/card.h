/*
 * card: a virtual eUICC in this process. For host/transport/open.c alone.
 */
#ifndef TWINKEY_HOST_TRANSPORT_CARD_H
#define TWINKEY_HOST_TRANSPORT_CARD_H

#include "host/transport/transport.h"

/* rest: the state folder of the card. */
enum err transport_card_open(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			     struct transport **out) MUST_CHECK;

#endif
