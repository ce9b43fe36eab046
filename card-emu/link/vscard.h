/*
 * vscard: the card's end of QEMU's USB smart card reader (-device ccid-card-passthru).
 *
 * A client of the protocol of libcacard's vscard_common.h, over a unix socket or TCP: messages of
 * three 32-bit numbers (type, reader, length; big endian) and that many octets. The card says
 * Init and ReaderAdd, then its ATR; the machine's commands come as APDU and are answered so.
 * The reader is T=0 at TPDU level. Its power and its reset never reach the card: what the machine
 * resets goes on here with the channels and rights that it had (ADR 43).
 */
#ifndef TWINKEY_CARD_VSCARD_H
#define TWINKEY_CARD_VSCARD_H

#include "card-emu/link/link.h"

/*
 * As link_serve(). LINK_TAKEN: the machine's reader has acknowledged the ATR. A wish of l->cancel
 * takes the card out first, so that the machine sees it go.
 */
enum err vscard_serve(struct card *card, const struct link *l) MUST_CHECK;
/*
 * The same over one connected socket, until it closes (ERR_DISCONNECTED), the machine refuses the
 * card (ERR_REFUSED) or says what is not of the protocol (ERR_PROTOCOL).
 */
enum err vscard_serve_socket(struct card *card, struct link_session *s) MUST_CHECK;

#endif
