/*
 * open: the way to a card that a person names.
 *
 *   pcsc[:CHOICE]      a PC/SC reader: by host/transport/pcsc/choice.h
 *   card:DIR           a virtual eUICC of this folder, in this process
 *   vpcd[:[HOST:]PORT] a server to which a card program connects as to vsmartcard's vpcd
 *   nfc[:CONNSTRING]   a card without contacts, by a reader that libnfc drives
 *
 * A name with no known prefix is a PC/SC choice.
 */
#ifndef TWINKEY_HOST_TRANSPORT_OPEN_H
#define TWINKEY_HOST_TRANSPORT_OPEN_H

#include "tool/pcsc/reader.h"
#include "host/transport/wish.h"

/*
 * Opens the way to the card; transport_reset() powers it on. timeout_ms: how long to wait for a
 * card (vpcd, pcsc), or for the reader that another program has; 0: not at all. ERR_NO_SERVICE,
 * ERR_SERVICE_DEAD, ERR_POLKIT (the service refuses this user), ERR_NO_READER, ERR_NO_CARD,
 * ERR_NO_SUCH_CARD (by its number), ERR_READER_BUSY, ERR_MUTE (the card is), ERR_CARD_PROTOCOL,
 * ERR_AMBIGUOUS, ERR_USAGE (no such name), ERR_CANCELLED (a wish of cancel, which the transport
 * keeps and borrows).
 */
enum err transport_open_wish(struct transport_wish *wish, struct transport **out) MUST_CHECK;
/* For who has no more to say about it than that. */
enum err transport_open(const char *spec, unsigned timeout_ms, struct cancel *cancel,
			struct transport **out) MUST_CHECK;

/* Whether the PC/SC service is needed for that; NULL: it is, for any reader. */
bool transport_uses_pcsc(const char *spec);

/* The PC/SC readers that there are; reader_list_free() it. */
enum err transport_list(struct cancel *cancel, struct reader_list *out) MUST_CHECK;
/*
 * Tells of the service, readers and cards: first those that are there, then each change, until a
 * wish to stop (ERR_CANCELLED). The service may come and go.
 */
enum err transport_watch(const struct reader_watcher *watcher, struct cancel *cancel) MUST_CHECK;
/* What a PC/SC reader says of itself, with a card or without; zeros where it says nothing. */
enum err transport_reader_properties(const char *name, struct cancel *cancel,
				     struct transport_properties *out) MUST_CHECK;

#endif
