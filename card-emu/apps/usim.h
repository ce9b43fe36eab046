/*
 * usim: the USIM, 3GPP TS 31.102 7: AUTHENTICATE and GET IDENTITY.
 */
#ifndef TWINKEY_CARD_USIM_H
#define TWINKEY_CARD_USIM_H

#include "card-emu/core/app.h"

extern const struct app app_usim;

#endif
