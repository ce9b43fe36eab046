/*
 * atr: the answer to reset, ISO 7816-3 8.2, and what its historical octets say (ISO 7816-4 8.1.1).
 */
#ifndef TWINKEY_UICC_ATR_H
#define TWINKEY_UICC_ATR_H

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

/* It says that the card takes extended Lc and Le (card capabilities, third table). */
bool atr_takes_extended(struct slice raw);
/* It is of a contactless card behind a PC/SC reader (PC/SC part 3, 3.1.3.2.3.1). */
bool atr_is_contactless(struct slice raw);

/* What is wrong with it, for people; NULL: nothing. */
const char *atr_trouble(struct slice raw);

#endif
