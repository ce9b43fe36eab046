/*
 * load: LoadBoundProfilePackage, SGP.22 5.7.6.
 */
#ifndef TWINKEY_CARD_ISDR_LOAD_H
#define TWINKEY_CARD_ISDR_LOAD_H

#include "card-emu/apps/isdr/handler.h"

isdr_handler isdr_load_segment;

/* A package is being loaded, and what a later version adds to it may stand here. */
bool isdr_load_ignores(const struct isdr *s);

#endif
