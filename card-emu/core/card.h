/*
 * card: the life of a card, from opening to closing. For card-emu/core and
 * card-emu/apps/registry.c, which puts a card together; everybody else opens one by
 * card-emu/card.h.
 */
#ifndef TWINKEY_CARD_CORE_CARD_H
#define TWINKEY_CARD_CORE_CARD_H

#include "card-emu/core/app.h"

/* card_open() with the applications that the card has; table lives as long as the card. */
enum err card_open_with(const struct card_options *o, const struct app_table *table,
			struct card **out) MUST_CHECK;

#endif
