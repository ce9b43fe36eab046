/*
 * kra: a terminal's conversation with the key-release application of a card (docs/protocol.md 2).
 *
 * The terminal relays: challenge, grant and results are signed by card and operator and pass
 * through here as they are.
 */
#ifndef TWINKEY_HOST_KRA_H
#define TWINKEY_HOST_KRA_H

#include "host/terminal/uicc.h"
#include "lib/release/kra.h"

struct kra { /* a channel to the application */
	struct uicc *u;
	unsigned channel;
	uint16_t sw; /* the last answer's */
};

/* Opens a channel to the application; borrows u. ERR_NOT_FOUND: the card has none. */
enum err kra_open(struct uicc *u, struct kra *out) MUST_CHECK;
enum err kra_close(const struct kra *k) MUST_CHECK;

enum err kra_ask_status(struct kra *k, struct kra_status *out) MUST_CHECK;
/* The challenge (BF71 whole) for this profile is appended to challenge; it may hold an error. */
enum err kra_ask_challenge(struct kra *k, const uint8_t iccid[static KRA_ICCID_LEN],
			   struct wbuf *challenge) MUST_CHECK;
/*
 * Hands a grant (BF72 whole) to the card; the signed result (BF72 whole) is appended. k->sw is 91xx
 * when the card then wants a REFRESH: give it to uicc_proactive().
 */
enum err kra_hand_grant(struct kra *k, struct slice grant, struct wbuf *result) MUST_CHECK;
/* Hands a new sealed part (BF73 whole) to the card. */
enum err kra_hand_reseal(struct kra *k, struct slice message, enum kra_result *result) MUST_CHECK;

#endif
