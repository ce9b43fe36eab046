/*
 * dispatch: a command to its handler: the channel, the row of a table, the case (TS 102 221 10, ISO
 * 7816-3 12.1). For card-emu/core alone.
 */
#ifndef TWINKEY_CARD_DISPATCH_H
#define TWINKEY_CARD_DISPATCH_H

#include "lib/base/bytes.h"

struct card;

/* One command of any content; data and status word are appended to out. */
void dispatch(struct card *card, struct slice command, struct wbuf *out);

#endif
