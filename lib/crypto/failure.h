/*
 * failure: why OpenSSL failed, as far as it says.
 *
 * OpenSSL reports a lack of memory as it reports a wrong input. The difference decides what a peer
 * is told, and whether it may try again.
 */
#ifndef TWINKEY_CRYPTO_FAILURE_H
#define TWINKEY_CRYPTO_FAILURE_H

#include <stdbool.h>

#include "lib/base/err.h"

/* ERR_MEMORY when an allocation failed since the last call, otherwise cause. Empties OpenSSL's
 * error queue. */
enum err crypto_failure(enum err cause);
/* The same after a point was read: ERR_POINT when it does not lie on the curve, ERR_MEMORY, else
 * ERR_CRYPTO. */
enum err crypto_point_failure(void);

/* Empties OpenSSL's error queue of this thread: what failed inside is nothing to a caller who uses
 * OpenSSL himself, and would take it for a failure of his own. */
void crypto_forget_failures(void);

#endif
