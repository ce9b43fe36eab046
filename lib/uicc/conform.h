/*
 * conform: what the standards have of instructions, parameters and status words, and what they keep
 * for later (RFU) or have no use for: ETSI TS 102 221 10 and 11, 3GPP TS 51.011 9, ISO 7816-4 5,
 * GlobalPlatform 11.1.
 */
#ifndef TWINKEY_UICC_CONFORM_H
#define TWINKEY_UICC_CONFORM_H

#include "lib/uicc/apdu.h"
#include "lib/uicc/command.h"

/* No class of any standard: RFU or invalid, ISO 7816-4 5.4.1. */
bool conform_is_class(uint8_t cla);
/* A standard has the instruction, in this class or, of a proprietary class, in any. */
bool conform_is_instruction(uint8_t cla, uint8_t ins);
/* What is reserved in P1 or P2 of a command, for people; NULL: nothing. */
const char *conform_reserved(enum command_id id, const struct apdu *a);
/* Some standard has the status word. */
bool conform_is_status(uint16_t sw);
/* Why the command cannot be answered with it; NULL: it can. */
const char *conform_status_trouble(enum command_id id, const struct apdu *a, uint16_t sw);

#endif
