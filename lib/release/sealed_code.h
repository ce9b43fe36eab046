/*
 * sealed_code: the activation code of a second profile, sealed under S: the two-profile mode, for
 * eUICCs that have no key-release application (docs/protocol.md section 4).
 *
 * The operator makes it and the operator opens it; everybody else only carries it.
 */
#ifndef TWINKEY_RELEASE_SEALED_CODE_H
#define TWINKEY_RELEASE_SEALED_CODE_H

#include "lib/base/bytes.h"

struct secret;

#define SEALED_CODE_VERSION   1
#define SEALED_CODE_ICCID_LEN 10
#define SEALED_CODE_LEN_MAX   1024 /* of the DER */
#define SEALED_CODE_TEXT_MAX  512  /* of the activation code */
#define SEALED_CODE_NONCE_LEN 12

struct sealed_code {				     /* slices borrow from what was parsed */
	uint32_t key_id;			     /* 1.. */
	uint8_t iccid[SEALED_CODE_ICCID_LEN];	     /* of the first profile */
	uint8_t second_iccid[SEALED_CODE_ICCID_LEN]; /* of the profile that the code is for */
	struct slice aad;			     /* the fields above, as they stand */
	uint8_t nonce[SEALED_CODE_NONCE_LEN];
	struct slice ciphertext; /* with its tag */
};

/* ERR_VERSION: a version that is not known; any other: malformed DER. */
enum err sealed_code_parse(struct slice der, struct sealed_code *out) MUST_CHECK;
/* Seals the activation code under S (32 octets); of c only key_id and the ICCIDs are read. */
enum err sealed_code_seal(const struct sealed_code *c, struct slice s, struct slice code,
			  struct wbuf *out) MUST_CHECK;
/* The activation code, without a NUL. ERR_MAC: a wrong S, or something was changed. */
enum err sealed_code_open(const struct sealed_code *c, struct slice s,
			  struct secret **code) MUST_CHECK;

#endif
