/*
 * otkey: one-time keys (SGP.22 5.7.5), kept in the store until a package that was bound for them is
 * installed or refused for good, so that it can come again after an interruption. They belong to
 * one SM-DP+, by its OID; the oldest goes when there are too many.
 */
#ifndef TWINKEY_CARD_ISDR_OTKEY_H
#define TWINKEY_CARD_ISDR_OTKEY_H

#include "card-emu/apps/isdr/handler.h"

struct store_txn;

/* s->otsk and s->otslot: the kept key with this point, or else a new one, kept from now on. */
enum err isdr_otkey_take(struct card *card, struct isdr *s, struct slice point) MUST_CHECK;
void isdr_otkey_drop(struct store_txn *t, const struct isdr *s);

#endif
