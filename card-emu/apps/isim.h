/*
 * isim: the ISIM, 3GPP TS 31.103 7.1: AUTHENTICATE. The IMS AKA context never gives Kc.
 */
#ifndef TWINKEY_CARD_ISIM_H
#define TWINKEY_CARD_ISIM_H

#include "card-emu/core/app.h"

extern const struct app app_isim;

#endif
