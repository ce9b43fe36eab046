/*
 * pps: how a terminal and a card agree on protocol and speed, ISO 7816-3 9.
 */
#ifndef TWINKEY_UICC_PPS_H
#define TWINKEY_UICC_PPS_H

#include "lib/base/bytes.h"

struct pps {
	unsigned protocol; /* T */
	bool has_speed;	   /* PPS1 is there */
	uint8_t speed;	   /* Fi and Di */
};

/* ERR_ENCODING: no PPS; ERR_TRUNCATED, ERR_TRAILING; ERR_MAC: the check octet PCK is wrong. */
enum err pps_parse(struct slice raw, struct pps *out) MUST_CHECK;
/* What is wrong with what came of a request, for people; NULL: they agree. */
const char *pps_trouble(struct slice request, struct slice response);

#endif
