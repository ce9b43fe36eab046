/*
 * select: SELECT and STATUS, TS 102 221 11.1.1 and 11.1.2.
 */
#ifndef TWINKEY_CARD_SELECT_H
#define TWINKEY_CARD_SELECT_H

#include <stdint.h>

struct app_call;

uint16_t select_command(struct app_call *call);
uint16_t status_command(struct app_call *call);

#endif
