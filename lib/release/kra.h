/*
 * kra: the public messages to and from a card's key-release application (docs/protocol.md, section
 * 2), for card, terminal and operator. A grant is opaque here but for what everybody sees who
 * carries it: grant.h has what is in it.
 *
 * Parsed slices borrow from the message. Parsing checks form and lengths only; what must hold
 * between messages is the business of the card and of the release authority. "signed part": the TLV
 * B0 whole.
 */
#ifndef TWINKEY_RELEASE_KRA_H
#define TWINKEY_RELEASE_KRA_H

#include "lib/base/bytes.h"

struct ec_key;

#define KRA_TAG_STATUS	  0xBF70u
#define KRA_TAG_CHALLENGE 0xBF71u
#define KRA_TAG_GRANT	  0xBF72u
#define KRA_TAG_RESEAL	  0xBF73u

#define KRA_EID_LEN	  16
#define KRA_ICCID_LEN	  10
#define KRA_NONCE_LEN	  16
#define KRA_MESSAGE_MAX	  8192

/* The proprietary AID of the key-release application. */
extern const uint8_t kra_aid[9];

/* X(name, value, text) */
#define KRA_RESULT_TABLE(X)                                                                        \
	X(KRA_RESULT_OK, 0, "released")                                                            \
	X(KRA_RESULT_NO_SESSION, 1, "there is no challenge that this could answer")                \
	X(KRA_RESULT_WRONG_CARD, 2, "it is for another card")                                      \
	X(KRA_RESULT_WRONG_PROFILE, 3, "it is for another profile")                                \
	X(KRA_RESULT_WRONG_KEY_ID, 4, "it is for another sealed part (keyId)")                     \
	X(KRA_RESULT_WRONG_NONCE, 5, "it does not answer this challenge")                          \
	X(KRA_RESULT_BAD_POINT, 6, "its one-time key is no point of the curve")                    \
	X(KRA_RESULT_BAD_SIGNATURE, 7, "its signature is wrong")                                   \
	X(KRA_RESULT_BAD_KEY, 8, "the wrapped key does not open")                                  \
	X(KRA_RESULT_BAD_SEALED_PART, 9, "the sealed part does not open with this key")            \
	X(KRA_RESULT_BAD_ELEMENTS, 10, "what was sealed is not a valid second subscription")       \
	X(KRA_RESULT_NO_SEALED_PART, 11, "the profile has no sealed part")                         \
	X(KRA_RESULT_MEMORY, 12, "the card has no memory for it")                                  \
	X(KRA_RESULT_ALREADY, 13, "the second subscription is released already")                   \
	X(KRA_RESULT_UNSUPPORTED, 14, "the card does not support this kind of sealed part")        \
	X(KRA_RESULT_UNDEFINED, 127, "undefined error")

#define KRA_ENUM(name, value, text) name = (value),
enum kra_result { KRA_RESULT_TABLE(KRA_ENUM) };
#undef KRA_ENUM
const char *kra_result_text(enum kra_result r);

enum kra_state {
	KRA_STATE_NO_PROFILE = 0,
	KRA_STATE_NO_SEALED_PART = 1,
	KRA_STATE_SEALED = 2,
	KRA_STATE_RELEASED = 3,
};
/* "sealed", "released" ...: a word for people and JSON. */
const char *kra_state_name(enum kra_state state);

/* What ties a message to one card, one profile, one sealed part and one challenge. */
struct kra_binding {
	uint8_t eid[KRA_EID_LEN], iccid[KRA_ICCID_LEN], nonce[KRA_NONCE_LEN];
	uint32_t key_id;
};

struct kra_status {
	uint8_t eid[KRA_EID_LEN], iccid[KRA_ICCID_LEN]; /* ICCID as EF.ICCID holds it */
	bool has_iccid;
	uint32_t key_id; /* 0: no sealed part */
	enum kra_state state;
	uint8_t active; /* subscription in use: 0 (none), 1, 2 */
	bool in_memory; /* the second one is in volatile memory only: gone at power off */
};
void kra_put_status(struct wbuf *w, const struct kra_status *s);
enum err kra_parse_status(struct slice message, struct kra_status *out) MUST_CHECK;

/* The terminal's requests. */
void kra_put_get_status(struct wbuf *w);
void kra_put_get_challenge(struct wbuf *w, const uint8_t iccid[static KRA_ICCID_LEN]);
enum err kra_parse_get_challenge(struct slice message,
				 uint8_t iccid[static KRA_ICCID_LEN]) MUST_CHECK;

struct kra_challenge {
	struct kra_binding binding;
	struct slice card_otpk; /* EC_POINT_LEN octets */
	struct slice signed_part, signature, euicc_cert, eum_cert;
};
/* Of c: binding, card_otpk and the certificates; the rest is made here. */
enum err kra_put_challenge(struct wbuf *w, const struct kra_challenge *c,
			   const struct ec_key *sk_euicc) MUST_CHECK;
/* ERR_REFUSED with *error set when the card answered with an error instead. */
enum err kra_parse_challenge(struct slice message, struct kra_challenge *out,
			     enum kra_result *error) MUST_CHECK;
/* The answer instead of a challenge or a result: { error }. */
void kra_put_error(struct wbuf *w, uint32_t tag, enum kra_result error);

/* A grant as who carries it sees it: values as they stand, empty where they are missing. */
struct kra_grant_view {
	struct slice key_id, iccid, eid, nonce, operator_otpk;
	struct slice signed_part, signature;
};
void kra_view_grant(struct slice message, struct kra_grant_view *out);

/* What became of a grant. */
struct kra_outcome {
	struct kra_binding binding;
	enum kra_result result;
	struct slice signed_part, signature;
};
enum err kra_put_outcome(struct wbuf *w, const struct kra_binding *b, enum kra_result result,
			 const struct ec_key *sk_euicc) MUST_CHECK;
enum err kra_parse_outcome(struct slice message, struct kra_outcome *out) MUST_CHECK;

struct kra_reseal {
	struct slice sealed; /* SealedElements, the TLV whole */
	struct slice signature;
};
enum err kra_put_reseal(struct wbuf *w, struct slice sealed,
			const struct ec_key *release_key) MUST_CHECK;
enum err kra_parse_reseal(struct slice message, struct kra_reseal *out) MUST_CHECK;
/* The answer to it: BF73 { result }. */
void kra_put_reseal_result(struct wbuf *w, enum kra_result result);
enum err kra_parse_reseal_result(struct slice message, enum kra_result *result) MUST_CHECK;

#endif
