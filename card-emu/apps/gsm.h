/*
 * gsm: the 2G view of the card, class A0, 3GPP TS 51.011 9. DF.GSM is the USIM's ADF in a profile
 * that has none; what DF.GSM or DF.TELECOM lacks is the USIM's file of that identifier.
 */
#ifndef TWINKEY_CARD_GSM_H
#define TWINKEY_CARD_GSM_H

#include "card-emu/core/app.h"

extern const struct app app_gsm;

#endif
