/*
 * release: the release authority (docs/architecture.md, I2 and I3).
 *
 * Its folder is the operator's: "release.key" (PKCS#8 PEM, 0600), and "pki/CI/" with the
 * certificates that eUICCs are trusted by (CERT_CI_*.der). The challenge of each grant (public
 * data) waits in the store for the card's signed result, GRANT_RESULT_S at the longest.
 */
#ifndef TWINKEY_OPERATOR_RELEASE_H
#define TWINKEY_OPERATOR_RELEASE_H

#include "host/operator/store/store.h"

#define RELEASE_CI_MAX 8

struct release_authority;

/* ERR_NOT_FOUND: no release key or no CI; ERR_CORRUPT: a list of revoked certificates is not good
 * (host/operator/pki/revoked.h). */
enum err release_authority_open(const char *dir, struct release_authority **out) MUST_CHECK;
void release_authority_close(struct release_authority **r);
/* The subscription manager knows where profiles are installed (host/operator/release/binding.h).
 * Borrowed, read only; what is committed of it counts. */
struct smdp_store;
void release_authority_manager(struct release_authority *r, struct smdp_store *manager);
/* How long a matched RES 1 counts; FIRST_FACTOR_S at first. */
void release_first_factor_valid(struct release_authority *r, int64_t seconds);
/* The public point of the release key, for the sealed part; borrowed. */
struct slice release_authority_point(const struct release_authority *r);

/* As it was set. */
int64_t release_first_factor_s(const struct release_authority *r);
/*
 * Answers a challenge (BF71) of a card: the grant (BF72) is appended to out. In this order: the
 * eUICC's certificates (ERR_CERT_REVOKED: its EUM's was taken back), its signature, its EID; the
 * subscriber of the ICCID and the eUICC that its profile is on (ERR_UNBOUND: nobody has said which;
 * written to the log, as every other one that asks); the keyId (in a rotation the next one); state
 * and factors unexpired (ERR_FACTOR; ERR_WRONG_STATE); the nonce, once (ERR_REPLAY). Nothing is
 * appended on failure. ERR_REFUSED: the challenge is the card's error, or another card or keyId
 * than the subscriber's. ERR_NOT_FOUND: no subscriber.
 */
enum err release_grant_issue(struct release_authority *r, struct operator_store *s,
			     struct slice challenge, int64_t now, struct wbuf *out) MUST_CHECK;
/*
 * The message (BF73) that brings the next sealed part to the card of a subscriber in a rotation,
 * and its keyId. It is public, made once, and the same whenever it is asked for. ERR_NOT_FOUND: no
 * subscriber has this ICCID; ERR_WRONG_STATE: there is no rotation, or its key is granted already.
 */
enum err release_reseal(const struct release_authority *r, struct operator_store *s,
			const uint8_t iccid[static 10], struct wbuf *out,
			uint32_t *key_id) MUST_CHECK;
/*
 * Takes the card's result (BF72), once: ERR_NOT_FOUND when no grant with its EID and nonce awaits
 * one (any more); ERR_SIGNATURE; ERR_REFUSED: the operator has named another eUICC since. It is
 * EVENT_RESULT_OK, where that is news still, or EVENT_RESULT_FAILED.
 */
struct release_told {
	unsigned result;	 /* what the card said */
	struct subscriber after; /* the subscriber then */
};
enum err release_result_take(struct operator_store *s, struct slice message, int64_t now,
			     struct release_told *out) MUST_CHECK;

#endif
