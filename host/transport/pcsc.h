/*
 * pcsc: readers of the platform's PC/SC service (pcsc-lite). For host/transport/open.c alone.
 */
#ifndef TWINKEY_HOST_TRANSPORT_PCSC_H
#define TWINKEY_HOST_TRANSPORT_PCSC_H

#include "host/transport/transport.h"

/* rest: how the name of the reader starts; "": the first reader that holds a card. */
enum err transport_pcsc_open(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			     struct transport **out) MUST_CHECK;
/* As transport_list(). */
enum err transport_pcsc_list(void (*each)(void *ctx, const char *name, bool card_present,
					  struct slice atr),
			     void *ctx, struct cancel *cancel) MUST_CHECK;

#endif
