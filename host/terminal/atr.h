/*
 * atr: the answer to reset, ISO 7816-3 8.2.
 */
#ifndef TWINKEY_HOST_ATR_H
#define TWINKEY_HOST_ATR_H

#include "lib/base/bytes.h"

struct atr {
	bool inverse;		 /* TS is 3F */
	uint32_t protocols;	 /* bit n: T=n is offered; T=0 when nothing is said */
	bool has_ta1;		 /* speed: otherwise the default, 11 */
	uint8_t ta1;		 /* Fi and Di */
	struct slice historical; /* borrows from the ATR */
};

/* ERR_ENCODING: no ATR; ERR_TRUNCATED, ERR_TRAILING; ERR_MAC: the check octet TCK is wrong. */
enum err atr_parse(struct slice raw, struct atr *out) MUST_CHECK;

/* What is wrong with it, for people; NULL: nothing. */
const char *atr_trouble(struct slice raw);

#endif
