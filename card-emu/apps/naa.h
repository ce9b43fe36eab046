/*
 * naa: network access applications: what USIM, ISIM and the 2G view share. The keys, the
 * application PIN, the services.
 */
#ifndef TWINKEY_CARD_NAA_H
#define TWINKEY_CARD_NAA_H

#include "card-emu/core/app.h"
#include "lib/auth/aka.h"

/* 9000: the PIN that the application in this ADF names (PS_DO of its FCP) is verified or disabled;
 * 6982: it is not. */
uint16_t naa_check_pin(const struct fs_session *fs, const char *adf);
bool naa_is_usim(const struct fs_session *fs, const char *adf);
/* The service of this number (TS 31.102 4.2.8) is available in the USIM's EF.UST. */
bool naa_service(const struct fs_session *fs, const char *adf, unsigned service);
/* The 3G security context (TS 31.102 7.1.2.1) of the application in the channel's ADF. */
uint16_t naa_authenticate_3g(struct app_call *call, bool with_kc);
/* SRES and Kc of the subscription of the USIM in this ADF for this RAND. Status word. */
uint16_t naa_gsm_algorithm(struct app_call *call, const char *adf, struct slice rand,
			   uint8_t sres[static GSM_SRES_LEN], uint8_t kc[static GSM_KC_LEN]);
/* One field of an answer: its length in one octet, then the value. */
void naa_put_field(struct wbuf *out, struct slice value);

#endif
