/*
 * toolkit: the commands of the toolkit, TS 102 221 11.2. The 2G view has the same (TS 51.011 9.2).
 */
#ifndef TWINKEY_CARD_TOOLKIT_H
#define TWINKEY_CARD_TOOLKIT_H

#include <stdint.h>

struct app_call;

uint16_t terminal_profile(struct app_call *call);
uint16_t envelope(struct app_call *call);
uint16_t fetch(struct app_call *call);
uint16_t terminal_response(struct app_call *call);

#endif
