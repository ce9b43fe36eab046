/*
 * isdr: the ISD-R, SGP.22 5.7. It takes the functions of ES10a, ES10b and ES10c as chains of STORE
 * DATA and looks the handler up by the tag of the request.
 */
#ifndef TWINKEY_CARD_ISDR_H
#define TWINKEY_CARD_ISDR_H

#include "card-emu/core/app.h"

struct isdr;

extern const struct app app_isdr;

/* The applet's memory (card-emu/apps/isdr/state.h); NULL: there is none. */
struct isdr *isdr_memory(struct card *card);

#endif
