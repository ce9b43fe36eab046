/*
 * keccak: the permutation Keccak-f[1600] of FIPS 202 3.3, as TS 35.231 uses it.
 */
#ifndef TWINKEY_AUTH_KECCAK_H
#define TWINKEY_AUTH_KECCAK_H

#include "lib/base/bytes.h"

#define KECCAK_LEN 200

/* In place; what is left on the stack is wiped. */
void keccak_f1600(uint8_t state[static KECCAK_LEN]);

#endif
