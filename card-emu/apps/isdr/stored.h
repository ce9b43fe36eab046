/*
 * stored: what the ISD-R keeps in the card's store (keys: card-emu/store/keys.h). For
 * card-emu/apps/isdr alone.
 */
#ifndef TWINKEY_CARD_ISDR_STORED_H
#define TWINKEY_CARD_ISDR_STORED_H

#include "card-emu/core/app.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/limits.h"

/* The key of a format with one number in it. */
void isdr_key(char key[static STORE_KEY_MAX + 1], const char *format, unsigned n);
/* Borrowed until the next commit; empty when there is none. */
struct slice isdr_stored(struct card *card, const char *key);
struct slice isdr_stored_for(struct card *card, const char *format, unsigned n);
/* The CI certificates in out; how many. */
size_t isdr_ci_certs(struct card *card, struct slice out[static CARD_CI_MAX]);

#endif
