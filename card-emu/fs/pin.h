/*
 * pin: the PIN commands. The 2G view has the same.
 */
#ifndef TWINKEY_CARD_PIN_H
#define TWINKEY_CARD_PIN_H

#include "card-emu/core/app.h"

extern const struct app_command pin_commands[];
extern const size_t pin_command_count;

#endif
