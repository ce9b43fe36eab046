/*
 * sealed: SealedElements, the second subscription that travels sealed inside a profile.
 * docs/protocol.md section 1.
 *
 * The content of a PE-NonStandard whose issuerID is SEALED_ISSUER. The plaintext is a sequence of
 * profile elements (a patch), encrypted by AES-256-GCM under S; the DER of every field before the
 * mode is authenticated with it.
 */
#ifndef TWINKEY_PROFILE_SEALED_H
#define TWINKEY_PROFILE_SEALED_H

#include "lib/base/bytes.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/base/secret.h"

#define SEALED_VERSION	 1
#define SEALED_ICCID_LEN 10
#define SEALED_KEY_LEN	 32 /* S */
#define SEALED_LEN_MAX	 16384

/* Value of the OID 2.25.68414871320221358600753975754179039751. */
struct slice sealed_issuer(void);
/*
 * How K2 is derived (docs/protocol.md section 2): X9.63 with SHA-256, and how many octets it has,
 * 16 or 32. Value of the OID; empty: there is none of that length. And back: 0, it is not known.
 */
struct slice sealed_kdf(size_t octets);
size_t sealed_kdf_octets(struct slice kdf);

struct sealed_fields {
	uint32_t key_id; /* 1.. */
	uint8_t iccid[SEALED_ICCID_LEN];
	struct slice release_point; /* P-256, EC_POINT_LEN octets */
	bool in_memory_only;
};

enum sealed_mode { SEALED_WITH_KEY = 1, SEALED_DERIVED };

struct sealed {		    /* slices borrow from what was parsed */
	struct slice whole; /* the TLV */
	struct sealed_fields fields;
	enum sealed_mode mode;
	struct slice aad; /* the fields before the mode, as they stand */
	uint8_t nonce[GCM_NONCE_LEN];
	struct slice ciphertext; /* with its tag */
	struct slice kdf;	 /* SEALED_DERIVED: value of the OID */
};

/*
 * ERR_VERSION: a version that is not known; ERR_POINT: no point of P-256; any other: malformed DER.
 * In derived mode sealed_open() refuses: nothing is in it.
 */
enum err sealed_parse(struct slice der, struct sealed *out) MUST_CHECK;
/* Its mode is one that is implemented here: with S, or derived by a function that is known. */
bool sealed_is_known(const struct sealed *sealed);
/*
 * Seals elements under S (32 octets) with a fresh nonce; the SealedElements are appended to out.
 * The caller keeps the elements in wiped memory.
 */
enum err sealed_seal(const struct sealed_fields *fields, struct slice s, struct slice elements,
		     struct wbuf *out) MUST_CHECK;
/* Derived mode: what the card needs to know, and no elements; always the same octets. octets: of
 * K2. */
enum err sealed_put_derived(const struct sealed_fields *fields, size_t octets,
			    struct wbuf *out) MUST_CHECK;
/*
 * The elements, in the secure heap. ERR_MAC: a wrong S, or something was changed; ERR_UNSUPPORTED:
 * derived mode.
 */
enum err sealed_open(const struct sealed *sealed, struct slice s,
		     struct secret **elements) MUST_CHECK;

#endif
