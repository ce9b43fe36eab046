/*
 * vpcd: the card's end of vsmartcard's virtual reader.
 *
 * A client of vpcd, over TCP: frames of a two-octet length (big endian) and that many octets. One
 * octet is a control code (0 power off, 1 power on, 2 reset, 4 get ATR), anything longer a command
 * APDU, whose response is the answer.
 */
#ifndef TWINKEY_CARD_VPCD_H
#define TWINKEY_CARD_VPCD_H

#include "card-emu/link/link.h"

#define VPCD_PORT 35963

/*
 * As link_serve(). LINK_TAKEN: clients of the PC/SC service are told of the card, too.
 */
enum err vpcd_serve(struct card *card, const struct link *l) MUST_CHECK;
/* The same over a connected socket, until it closes: ERR_DISCONNECTED. */
enum err vpcd_serve_socket(struct card *card, int fd) MUST_CHECK;

#endif
