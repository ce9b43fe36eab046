/*
 * second_profile: the two-profile mode, for eUICCs that have no key-release application
 * (docs/protocol.md section 4, docs/adr/0003).
 *
 * The second subscription is a profile of its own. Until the release the subscription manager has
 * nothing of it; then it is built, ordered for the one eUICC that has the first profile, and its
 * activation code answered.
 */
#ifndef TWINKEY_OPERATOR_SECOND_PROFILE_H
#define TWINKEY_OPERATOR_SECOND_PROFILE_H

#include "host/operator/policy/subscriber.h"
#include "lib/release/sealed_code.h"

struct operator_store;
struct release_authority;
struct smdp_store;

/* Makes the code of a second profile at this address and seals it; DER appended to sealed.
 * ERR_UNSUPPORTED: the second key is of a mode that needs a card with key-release application. */
enum err second_profile_seal(struct operator_store *s, const struct subscriber *sub,
			     const char *smdp_address, struct wbuf *sealed) MUST_CHECK;

struct second_profile {
	char activation_code[SECOND_CODE_TEXT_MAX + 1];
	uint8_t iccid[10];
	struct subscriber after;
};
/*
 * Releases it. The factors are checked as for a grant; in RELEASED it is answered again to the same
 * eUICC. The code leaves only after the state was taken and the order was placed.
 *
 * ERR_REFUSED: a sealed code of another subscriber, or of a key that is no longer in force;
 * ERR_NOT_FOUND: the manager has no word that the first profile is installed; ERR_MAC: the sealed
 * code was changed; ERR_FACTOR, ERR_WRONG_STATE as decide().
 */
struct second_profile_desk { /* borrowed: who takes part, and when */
	const struct release_authority *authority;
	struct operator_store *store;
	struct smdp_store *manager;
	int64_t now;
};
enum err second_profile_release(const struct second_profile_desk *desk, const char *imsi,
				struct slice sealed, struct second_profile *out) MUST_CHECK;

#endif
