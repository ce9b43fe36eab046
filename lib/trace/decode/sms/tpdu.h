/*
 * tpdu: short messages, 3GPP TS 23.040 9.2: addresses, coding, times, header, text.
 */
#ifndef TWINKEY_TRACE_DECODE_TPDU_H
#define TWINKEY_TRACE_DECODE_TPDU_H

#include "lib/trace/decode/field/field.h"

enum tpdu_way {
	TPDU_TO_MOBILE,	  /* DELIVER, STATUS-REPORT, SUBMIT-REPORT */
	TPDU_FROM_MOBILE, /* SUBMIT, COMMAND, DELIVER-REPORT */
};

/* One node. FF behind the message is nothing. */
void tpdu_show(struct slice tpdu, enum tpdu_way way, const struct tree *t);

/* Fields of such messages that stand elsewhere too: */
/* an address of 12 octets in EF.SMSP: its length is in digits (TP-DA), or in octets (SC) */
field_show tpdu_field_address, tpdu_field_service_centre;
field_show tpdu_field_protocol, tpdu_field_coding, tpdu_field_validity;

#endif
