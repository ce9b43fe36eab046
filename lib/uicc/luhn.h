/*
 * luhn: the check digit of ICCIDs (ITU-T E.118) and IMEIs (3GPP TS 23.003 annex B): ISO/IEC 7812-1
 * annex B.
 */
#ifndef TWINKEY_UICC_LUHN_H
#define TWINKEY_UICC_LUHN_H

#include <stddef.h>
#include <stdint.h>

/* The digit, 0 to 9, that belongs behind these; each is 0 to 9, or its ASCII. */
uint8_t luhn_digit(const void *digits, size_t n);

#endif
