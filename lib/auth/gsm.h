/*
 * gsm: conversions between 3G and GSM authentication, TS 33.102 6.8.1.2 and 6.8.2.3.
 */
#ifndef TWINKEY_AUTH_GSM_H
#define TWINKEY_AUTH_GSM_H

#include "lib/base/bytes.h"

/* c2: SRES from RES (4 to 16 octets): the exclusive or of its 4-octet words, padded with zeros. */
void gsm_c2_sres(struct slice res, uint8_t sres[static 4]);
/* c3: Kc from CK and IK. */
void gsm_c3_kc(const uint8_t ck[static 16], const uint8_t ik[static 16], uint8_t kc[static 8]);

#endif
