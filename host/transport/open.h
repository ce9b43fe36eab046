/*
 * open: the way to a card that a person names.
 *
 *   pcsc               the first PC/SC reader that holds a card (so does "" or NULL)
 *   pcsc:NAME          the reader whose name starts so
 *   card:DIR           a virtual eUICC of this folder, in this process
 *   vpcd[:[HOST:]PORT] a server to which a card program connects as to vsmartcard's vpcd
 *   nfc[:CONNSTRING]   a card without contacts, by a reader that libnfc drives
 *
 * A name with no known prefix is a PC/SC reader's.
 */
#ifndef TWINKEY_HOST_TRANSPORT_OPEN_H
#define TWINKEY_HOST_TRANSPORT_OPEN_H

#include "host/transport/transport.h"

/*
 * Opens the way to the card; transport_reset() powers it on. timeout_ms: how long to wait for a
 * card (vpcd, pcsc), 0: not at all. ERR_NO_SERVICE, ERR_NO_READER, ERR_NO_CARD, ERR_LOCKED (another
 * program has the reader), ERR_POLKIT (the service refuses this user), ERR_MUTE (the card is),
 * ERR_USAGE (no such name), ERR_CANCELLED (a wish of cancel, which the transport keeps and
 * borrows).
 */
enum err transport_open(const char *spec, unsigned timeout_ms, struct cancel *cancel,
			struct transport **out) MUST_CHECK;

/* Lists what transport_open() could open through PC/SC: calls each() per reader. */
enum err transport_list(void (*each)(void *ctx, const char *name, bool card_present,
				     struct slice atr),
			void *ctx, struct cancel *cancel) MUST_CHECK;

#endif
