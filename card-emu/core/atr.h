/*
 * atr: the card's answer to reset (ISO 7816-3 8, ETSI TS 102 221 6).
 */
#ifndef TWINKEY_CARD_CORE_ATR_H
#define TWINKEY_CARD_CORE_ATR_H

#include "card-emu/card.h"

/* ISO 7816-3 8.3, the ATR's TA for T=15: the clock may stop at any level; supply classes A to C */
#define CARD_CLOCK_AND_CLASS 0xC7

/* What a card that speaks like this says of itself: at most CARD_ATR_MAX octets. */
void atr_put(enum card_protocol protocol, struct wbuf *out);
/* It says that it takes extended Lc and Le. */
bool atr_says_extended(enum card_protocol protocol);

#endif
