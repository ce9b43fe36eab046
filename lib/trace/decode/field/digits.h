/*
 * digits: fields that are digits: BCD with swapped nibbles (the low one first), F as filler.
 */
#ifndef TWINKEY_TRACE_DECODE_DIGITS_H
#define TWINKEY_TRACE_DECODE_DIGITS_H

#include "lib/trace/decode/field/field.h"

#define DIGITS_CAP 64
#define PLMN_CAP   40

/* Digits to the first F; others than digits, and what stands behind the filler, are a fault. */
field_show field_digits;
/* The same where letters may be: ICCIDs have some. */
field_show field_hex_digits;
/* of: NULL, or PLMN_WILD where D stands for any digit (TS 31.102 4.2.59). TS 24.008 10.5.1.3: three
 * octets. FFFFFF: none */
#define PLMN_WILD "wild"
field_show field_plmn;
/* TS 24.008 10.5.4.7: type of number and numbering plan, then the digits with * and # */
field_show field_number_called;
/* TS 23.040 9.2.3.11: seven octets, a time with its zone */
field_show field_time;
/* The first octet of a number */
field_show field_ton_npi;

/* "262011234567890"; NULL, or what is wrong. first: of the nibble that begins. */
const char *digits_text(struct slice v, size_t first, char out[static DIGITS_CAP]);
/* "MCC 262, MNC 01"; NULL, or what is wrong. */
const char *plmn_text(struct slice v, bool wild, char out[static PLMN_CAP]);
/* With *, #, and a to c of a dialled number. */
void digits_dialled(struct slice v, char out[static DIGITS_CAP]);

#endif
