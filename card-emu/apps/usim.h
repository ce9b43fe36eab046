/*
 * usim: what the USIM application shares with the 2G view.
 */
#ifndef TWINKEY_CARD_USIM_H
#define TWINKEY_CARD_USIM_H

#include "card-emu/uicc/app.h"
#include "lib/auth/aka.h"

/* 9000: the PIN that the application in this ADF names (PS_DO of its FCP) is verified or disabled;
 * 6982: it is not. */
uint16_t usim_check_pin(struct card *card, const char *adf);
/* SRES and Kc of the active subscription for this RAND. Status word. */
uint16_t usim_gsm_algorithm(struct card *card, struct slice rand, uint8_t sres[static GSM_SRES_LEN],
			    uint8_t kc[static GSM_KC_LEN]);

#endif
