/*
 * pin: the PIN commands, and the two of them that the 2G view shares.
 */
#ifndef TWINKEY_CARD_PIN_H
#define TWINKEY_CARD_PIN_H

#include "card-emu/uicc/app.h"

/* given: empty (asks for the tries left) or 8 octets. Status word of TS 102 221 11.1.9. */
uint16_t pin_verify(struct card *card, uint8_t ref, struct slice given);
/* data: empty, or PUK and new PIN, 8 octets each. */
uint16_t pin_unblock(struct card *card, uint8_t ref, struct slice data);

extern const struct app_command pin_commands[];
extern const size_t pin_command_count;

#endif
