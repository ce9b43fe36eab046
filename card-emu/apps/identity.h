/*
 * identity: GET IDENTITY, TS 102 221 11.1.20, TS 31.102 7.5: the SUCI that the USIM computes.
 */
#ifndef TWINKEY_CARD_IDENTITY_H
#define TWINKEY_CARD_IDENTITY_H

#include <stdint.h>

struct app_call;

uint16_t identity_get(struct app_call *call);

#endif
