/*
 * bertlv: the data objects of BER-TLV files, TS 102 221 11.3.
 */
#ifndef TWINKEY_CARD_BERTLV_H
#define TWINKEY_CARD_BERTLV_H

#include <stdint.h>

struct app_call;

uint16_t retrieve_data(struct app_call *call);
uint16_t set_data(struct app_call *call);

#endif
