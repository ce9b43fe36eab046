/*
 * identity: which card this is, asked for on a channel of one's own, so that nobody who has the
 * card too is disturbed.
 */
#ifndef TWINKEY_HOST_IDENTITY_H
#define TWINKEY_HOST_IDENTITY_H

#include "host/transport/wish.h"

/*
 * For transport_wish: the ICCID or the EID in digits of the card behind t, which it owns.
 * ERR_NOT_FOUND: the card has no such number; ERR_READER_BUSY: it gives no channel, and somebody
 * else uses it.
 */
enum err identity_read(struct transport *t, const struct transport_question *q,
		       char number[static TRANSPORT_NUMBER_MAX]) MUST_CHECK;

#endif
