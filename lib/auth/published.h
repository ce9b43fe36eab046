/*
 * published: the keys that are printed in standards for tests: 3GPP TS 35.208 4.3 (MILENAGE), TS
 * 35.233 6 (TUAK), TS 34.108 8.2 (the test algorithm; GSMA TS.48 has it too). Who has the standard
 * has the key: no subscription may have one.
 */
#ifndef TWINKEY_AUTH_PUBLISHED_H
#define TWINKEY_AUTH_PUBLISHED_H

#include "lib/auth/parameters.h"

size_t aka_published_count(void);
/* Its name ("TS 35.208 test set 1"), and its algorithm and keys, with the default lengths. */
const char *aka_published(size_t i, struct aka_parameters *out);

#endif
