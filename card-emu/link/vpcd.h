/*
 * vpcd: the card's end of vsmartcard's virtual reader.
 *
 * A client of vpcd: lib/uicc/vpcd.h has the protocol.
 */
#ifndef TWINKEY_CARD_VPCD_H
#define TWINKEY_CARD_VPCD_H

#include "card-emu/link/link.h"
#include "lib/uicc/vpcd.h"

/*
 * As link_serve(). LINK_TAKEN: clients of the PC/SC service are told of the card, too.
 */
enum err vpcd_serve(struct card *card, const struct link *l) MUST_CHECK;
/* The same over a connected socket, until it closes: ERR_DISCONNECTED. */
enum err vpcd_serve_socket(struct card *card, int fd) MUST_CHECK;

#endif
