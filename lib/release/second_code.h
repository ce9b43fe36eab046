/*
 * second_code: the sealed activation code of a second profile (docs/protocol.md section 4), as far
 * as everybody reads it who carries it: of which profile it is, and for which.
 *
 * The operator makes it and the operator opens it (sealed_code.h).
 */
#ifndef TWINKEY_RELEASE_SECOND_CODE_H
#define TWINKEY_RELEASE_SECOND_CODE_H

#include "lib/base/bytes.h"

#define SECOND_CODE_VERSION   1
#define SECOND_CODE_ICCID_LEN 10
#define SECOND_CODE_LEN_MAX   1024 /* of the DER */
#define SECOND_CODE_TEXT_MAX  512  /* of the activation code */
#define SECOND_CODE_NONCE_LEN 12   /* of AES-GCM, as the tag */
#define SECOND_CODE_TAG_LEN   16

struct second_code {				     /* slices borrow from what was parsed */
	uint32_t key_id;			     /* 1.. */
	uint8_t iccid[SECOND_CODE_ICCID_LEN];	     /* of the first profile */
	uint8_t second_iccid[SECOND_CODE_ICCID_LEN]; /* of the profile that the code is for */
	struct slice aad;			     /* the fields above, as they stand */
	uint8_t nonce[SECOND_CODE_NONCE_LEN];
	struct slice ciphertext; /* with its tag */
};

/* ERR_VERSION: a version that is not known; any other: malformed DER. */
enum err second_code_parse(struct slice der, struct second_code *out) MUST_CHECK;

#endif
