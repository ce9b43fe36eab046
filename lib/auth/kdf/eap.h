/*
 * eap: the keys of EAP-SIM (RFC 4186 7), EAP-AKA (RFC 4187 7) and EAP-AKA' (RFC 9048 3.3).
 *
 * All of them are secret: the caller wipes them. identity: the last one that the peer has told, as
 * octets. With EAP-SIM and EAP-AKA K_aut has 16 octets and there is no K_re; their
 * re-authentication goes on from MK.
 */
#ifndef TWINKEY_AUTH_EAP_H
#define TWINKEY_AUTH_EAP_H

#include "lib/auth/kdf/kdf.h"

#define EAP_MK_LEN	 20 /* of EAP-SIM and EAP-AKA */
#define EAP_MSK_LEN	 64
#define EAP_NONCE_LEN	 16
#define EAP_K_RE_LEN	 32
#define EAP_TRIPLETS_MIN 2 /* RFC 4186 4.2 */
#define EAP_TRIPLETS_MAX 3

struct eap_session { /* what lower layers get */
	uint8_t msk[EAP_MSK_LEN], emsk[EAP_MSK_LEN];
};
struct eap_keys {
	uint8_t mk[EAP_MK_LEN]; /* EAP-SIM, EAP-AKA */
	uint8_t k_encr[16], k_aut[32];
	size_t k_aut_len;
	uint8_t k_re[EAP_K_RE_LEN]; /* EAP-AKA' */
	struct eap_session session;
};

/* What EAP-SIM's keys are made of. */
struct eap_sim {
	struct slice identity;
	struct slice kc;       /* of 2 or 3 triplets, 8 octets each */
	struct slice nonce_mt; /* 16 octets */
	struct slice versions; /* AT_VERSION_LIST: 2 octets each */
	uint16_t selected;     /* AT_SELECTED_VERSION */
};
/* ERR_LENGTH: a part has another length. */
enum err eap_sim_keys(const struct eap_sim *in, struct eap_keys *out) MUST_CHECK;
enum err eap_aka_keys(struct slice identity, const struct kdf_pair *key,
		      struct eap_keys *out) MUST_CHECK;
/* prime: CK' and IK' (kdf_prime()). */
enum err eap_aka_prime_keys(struct slice identity, const struct kdf_pair *prime,
			    struct eap_keys *out) MUST_CHECK;

/* Fast re-authentication: identity is the re-authentication identity; counter of AT_COUNTER. */
struct eap_again {
	struct slice identity;
	uint16_t counter;
	struct slice nonce_s; /* 16 octets */
};
/* EAP-SIM and EAP-AKA. xkey (may be NULL): XKEY', for who wants to compare it. */
enum err eap_again_keys(const struct eap_again *in, const uint8_t mk[static EAP_MK_LEN],
			uint8_t *xkey, struct eap_session *out) MUST_CHECK;
enum err eap_aka_prime_again_keys(const struct eap_again *in,
				  const uint8_t k_re[static EAP_K_RE_LEN],
				  struct eap_session *out) MUST_CHECK;

#endif
