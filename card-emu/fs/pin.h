/*
 * pin: VERIFY, CHANGE, DISABLE, ENABLE, UNBLOCK PIN (TS 102 221 11.1.9 to 11.1.13), for the
 * dispatcher and the 2G view.
 */
#ifndef TWINKEY_CARD_PIN_H
#define TWINKEY_CARD_PIN_H

#include "card-emu/core/app.h"

extern const struct app app_pins;

#endif
