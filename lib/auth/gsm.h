/*
 * gsm: conversions between 3G and GSM authentication, TS 33.102 6.8.1.2, 6.8.2.3 and B.5.
 */
#ifndef TWINKEY_AUTH_GSM_H
#define TWINKEY_AUTH_GSM_H

#include "lib/base/bytes.h"

/* c2: SRES from RES (4 to 16 octets): the exclusive or of its 4-octet words, padded with zeros. */
void gsm_c2_sres(struct slice res, uint8_t sres[static 4]);
/* c3: Kc from CK and IK. */
void gsm_c3_kc(const uint8_t ck[static 16], const uint8_t ik[static 16], uint8_t kc[static 8]);
/* c4 and c5: CK and IK from Kc, for a GSM subscriber at a 3G network. */
void gsm_c4_ck(const uint8_t kc[static 8], uint8_t ck[static 16]);
void gsm_c5_ik(const uint8_t kc[static 8], uint8_t ik[static 16]);
/* B.5: Kc128 from CK and IK, for GSM algorithms of 128 bits. */
enum err gsm_kc128(const uint8_t ck[static 16], const uint8_t ik[static 16],
		   uint8_t kc128[static 16]) MUST_CHECK;

#endif
