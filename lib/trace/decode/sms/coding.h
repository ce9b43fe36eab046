/*
 * coding: what a data coding scheme says (TS 23.038 4), and the text or data in it with its header
 * (TS 23.040 9.2.3.24).
 */
#ifndef TWINKEY_TRACE_DECODE_CODING_H
#define TWINKEY_TRACE_DECODE_CODING_H

#include "lib/trace/decode/field/field.h"

#define CODING_TEXT 96

/* "GSM 7 bit, class 2" */
void coding_text(uint8_t scheme, char out[static CODING_TEXT]);
/* How many octets a length of user data means: packed characters of seven bits, or octets. */
size_t coding_octets(uint8_t scheme, uint8_t count);

struct coded {
	uint8_t coding;
	uint8_t count; /* TP-UDL */
	bool header;   /* TP-UDHI */
	struct slice octets;
};
/* The header's elements, if any, and a leaf with the text, or with data. */
void coding_tell(const struct coded *body, const struct tree *t);

#endif
