/*
 * suci: the concealed identity of 5G: protection schemes of 3GPP TS 33.501 Annex C.
 */
#ifndef TWINKEY_AUTH_SUCI_H
#define TWINKEY_AUTH_SUCI_H

#include "lib/base/bytes.h"

enum suci_scheme { SUCI_NULL = 0, SUCI_PROFILE_A = 1, SUCI_PROFILE_B = 2 };

#define SUCI_OUTPUT_MAX 256

/*
 * Appends the scheme output for this input (MSIN in BCD, or a user name). home_key: the home
 * network's public key: X25519 (32 octets) or a point of P-256 (33 or 65). ephemeral: empty, or the
 * private key of 32 octets that a test prescribes. ERR_UNSUPPORTED: no such scheme; ERR_POINT:
 * home_key is no key of the scheme.
 */
enum err suci_conceal(enum suci_scheme scheme, struct slice home_key, struct slice ephemeral,
		      struct slice input, struct wbuf *out) MUST_CHECK;

#endif
