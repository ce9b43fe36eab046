/*
 * import: how a profile comes into the inventory.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_IMPORT_H
#define TWINKEY_OPERATOR_SMDP_STORE_IMPORT_H

#include "lib/base/bytes.h"

struct smdp_store;

struct smdp_import {
	const uint8_t *iccid;	    /* 10 octets, as in EF.ICCID */
	const char *type;	    /* NULL or "": none */
	struct slice metadata, upp; /* BF25; the profile elements, one after the other */
};
/* Takes the profile, with an entry of the log. ERR_EXISTS: the ICCID is taken; ERR_LENGTH. */
enum err smdp_import(struct smdp_store *s, const struct smdp_import *in, int64_t now) MUST_CHECK;

#endif
