/*
 * info: what the card says of itself, SGP.22 5.7.3, 5.7.8, 5.7.20.
 */
#ifndef TWINKEY_CARD_ISDR_INFO_H
#define TWINKEY_CARD_ISDR_INFO_H

#include "card-emu/apps/isdr/handler.h"

#define ISDR_NVM_OCTETS (4u << 20) /* what the card says it has, and no profile goes beyond */

isdr_handler isdr_get_info1, isdr_get_info2, isdr_get_eid, isdr_get_addresses;

/* The version of SGP.22 that the card announces. */
struct slice isdr_svn(struct card *card);
void isdr_put_info2(struct card *card, struct wbuf *w);
/* What of ISDR_NVM_OCTETS is left. */
size_t isdr_free_octets(struct card *card);

#endif
