/*
 * card: a card in a reader of the PC/SC service, as a transport.
 *
 * Alone with it, it is reset at the start and at the end. Shared, the first reset of the transport
 * leaves the card as it is, the end too, and each command that is not between transport_begin() and
 * transport_end() is a transaction of its own.
 */
#ifndef TWINKEY_HOST_TRANSPORT_PCSC_CARD_H
#define TWINKEY_HOST_TRANSPORT_PCSC_CARD_H

#include "host/transport/transport.h"

/*
 * reader: its whole name. ERR_NO_SERVICE and what else the service has; ERR_NO_READER, ERR_NO_CARD,
 * ERR_MUTE, ERR_READER_BUSY, ERR_CARD_PROTOCOL. Borrows cancel.
 */
enum err pcsc_card_open(const char *reader, bool shared, struct cancel *cancel,
			struct transport **out) MUST_CHECK;
/* What a reader says of itself, with a card or without; it is disturbed in nothing. */
enum err pcsc_card_properties(const char *reader, struct cancel *cancel,
			      struct transport_properties *out) MUST_CHECK;

#endif
