/*
 * usim: what the USIM application shares with the ISIM and the 2G view.
 */
#ifndef TWINKEY_CARD_USIM_H
#define TWINKEY_CARD_USIM_H

#include "card-emu/core/app.h"
#include "lib/auth/aka.h"

/* 9000: the PIN that the application in this ADF names (PS_DO of its FCP) is verified or disabled;
 * 6982: it is not. */
uint16_t usim_check_pin(struct card *card, const char *adf);
/* The service of this number (TS 31.102 4.2.8) is available in the USIM's EF.UST. */
bool usim_service(struct card *card, const char *adf, unsigned service);
/* GET IDENTITY (identity.c) */
uint16_t usim_get_identity(struct app_call *call);
/* The 3G security context (TS 31.102 7.1.2.1) of the application in the channel's ADF. */
uint16_t usim_authenticate_3g(struct app_call *call, bool with_kc);
/* SRES and Kc of the subscription of the USIM in this ADF for this RAND. Status word. */
uint16_t usim_gsm_algorithm(struct card *card, const char *adf, struct slice rand,
			    uint8_t sres[static GSM_SRES_LEN], uint8_t kc[static GSM_KC_LEN]);

#endif
