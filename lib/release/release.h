/*
 * release: the messages that release the second key to one card (docs/protocol.md, section 2).
 *
 * Parsed slices borrow from the message. Parsing checks form and lengths only; what must hold
 * between messages is the business of the card and of the release authority. "signed part": the TLV
 * B0 whole.
 */
#ifndef TWINKEY_RELEASE_H
#define TWINKEY_RELEASE_H

#include "lib/base/bytes.h"
#include "lib/crypto/ec.h"
#include "lib/base/secret.h"

#define RELEASE_TAG_STATUS    0xBF70u
#define RELEASE_TAG_CHALLENGE 0xBF71u
#define RELEASE_TAG_GRANT     0xBF72u
#define RELEASE_TAG_RESEAL    0xBF73u

#define RELEASE_EID_LEN	      16
#define RELEASE_ICCID_LEN     10
#define RELEASE_NONCE_LEN     16
#define RELEASE_S_LEN	      32 /* the sealing key */
#define RELEASE_WRAPPED_LEN   40
#define RELEASE_MESSAGE_MAX   8192

/* The proprietary AID of the key-release application. */
extern const uint8_t release_aid[9];

/* X(name, value, text) */
#define RELEASE_RESULT_TABLE(X)                                                                    \
	X(RELEASE_OK, 0, "released")                                                               \
	X(RELEASE_NO_SESSION, 1, "there is no challenge that this could answer")                   \
	X(RELEASE_WRONG_CARD, 2, "it is for another card")                                         \
	X(RELEASE_WRONG_PROFILE, 3, "it is for another profile")                                   \
	X(RELEASE_WRONG_KEY_ID, 4, "it is for another sealed part (keyId)")                        \
	X(RELEASE_WRONG_NONCE, 5, "it does not answer this challenge")                             \
	X(RELEASE_BAD_POINT, 6, "its one-time key is no point of the curve")                       \
	X(RELEASE_BAD_SIGNATURE, 7, "its signature is wrong")                                      \
	X(RELEASE_BAD_KEY, 8, "the wrapped key does not open")                                     \
	X(RELEASE_BAD_SEALED_PART, 9, "the sealed part does not open with this key")               \
	X(RELEASE_BAD_ELEMENTS, 10, "what was sealed is not a valid second subscription")          \
	X(RELEASE_NO_SEALED_PART, 11, "the profile has no sealed part")                            \
	X(RELEASE_MEMORY, 12, "the card has no memory for it")                                     \
	X(RELEASE_ALREADY, 13, "the second subscription is released already")                      \
	X(RELEASE_UNSUPPORTED, 14, "the card does not support this kind of sealed part")           \
	X(RELEASE_UNDEFINED, 127, "undefined error")

#define RELEASE_ENUM(name, value, text) name = (value),
enum release_result { RELEASE_RESULT_TABLE(RELEASE_ENUM) };
#undef RELEASE_ENUM
const char *release_result_text(enum release_result r);

enum release_state {
	RELEASE_STATE_NO_PROFILE = 0,
	RELEASE_STATE_NO_SEALED_PART = 1,
	RELEASE_STATE_SEALED = 2,
	RELEASE_STATE_RELEASED = 3,
};

/* What ties a message to one card, one profile, one sealed part and one challenge. */
struct release_binding {
	uint8_t eid[RELEASE_EID_LEN], iccid[RELEASE_ICCID_LEN], nonce[RELEASE_NONCE_LEN];
	uint32_t key_id;
};

struct release_status {
	uint8_t eid[RELEASE_EID_LEN], iccid[RELEASE_ICCID_LEN];
	bool has_iccid;
	uint32_t key_id;
	enum release_state state;
	uint8_t active; /* subscription in use: 0 (none), 1, 2 */
};
void release_put_status(struct wbuf *w, const struct release_status *s);
enum err release_parse_status(struct slice message, struct release_status *out) MUST_CHECK;

/* The terminal's requests. */
void release_put_get_status(struct wbuf *w);
void release_put_get_challenge(struct wbuf *w, const uint8_t iccid[static RELEASE_ICCID_LEN]);
enum err release_parse_get_challenge(struct slice message,
				     uint8_t iccid[static RELEASE_ICCID_LEN]) MUST_CHECK;

struct release_challenge {
	struct release_binding binding;
	struct slice card_otpk; /* EC_POINT_LEN */
	struct slice signed_part, signature, euicc_cert, eum_cert;
};
enum err release_put_challenge(struct wbuf *w, const struct release_binding *b,
			       struct slice card_otpk, const struct ec_key *sk_euicc,
			       struct slice euicc_cert, struct slice eum_cert) MUST_CHECK;
/* ERR_REFUSED with *error set when the card answered with an error instead. */
enum err release_parse_challenge(struct slice message, struct release_challenge *out,
				 enum release_result *error) MUST_CHECK;
void release_put_error(struct wbuf *w, uint32_t tag, enum release_result error);

struct release_grant {
	struct release_binding binding;
	struct slice operator_otpk, wrapped;
	struct slice shared_info; /* keyId .. operatorOtpk as they stand */
	struct slice signed_part, signature;
};
/* Makes the operator's one-time key, derives the KEK, wraps S, signs. */
enum err release_put_grant(struct wbuf *w, const struct release_binding *b, struct slice card_otpk,
			   const struct secret *s, const struct ec_key *release_key) MUST_CHECK;
enum err release_parse_grant(struct slice message, struct release_grant *out) MUST_CHECK;
/* The card's side: KEK from its one-time key, S unwrapped. ERR_POINT, ERR_MAC. */
enum err release_open_grant(const struct release_grant *g, const struct ec_key *card_ot,
			    struct secret **s) MUST_CHECK;

struct release_outcome {
	struct release_binding binding;
	enum release_result result;
	struct slice signed_part, signature;
};
enum err release_put_outcome(struct wbuf *w, const struct release_binding *b,
			     enum release_result result, const struct ec_key *sk_euicc) MUST_CHECK;
enum err release_parse_outcome(struct slice message, struct release_outcome *out) MUST_CHECK;

struct release_reseal {
	struct slice sealed; /* SealedElements, the TLV whole */
	struct slice signature;
};
enum err release_put_reseal(struct wbuf *w, struct slice sealed,
			    const struct ec_key *release_key) MUST_CHECK;
enum err release_parse_reseal(struct slice message, struct release_reseal *out) MUST_CHECK;
/* The answer to it: BF73 { result }. */
void release_put_reseal_result(struct wbuf *w, enum release_result result);
enum err release_parse_reseal_result(struct slice message, enum release_result *result) MUST_CHECK;

#endif
