/*
 * kra: a terminal's conversation with the key-release application of a card (docs/protocol.md 2).
 *
 * The terminal relays: challenge, grant and results are signed by card and operator and pass
 * through here as they are.
 */
#ifndef TWINKEY_HOST_KRA_H
#define TWINKEY_HOST_KRA_H

#include "host/terminal/uicc.h"

#define KRA_EID_LEN   16
#define KRA_ICCID_LEN 10

enum kra_state { KRA_NO_PROFILE, KRA_NO_SEALED_PART, KRA_SEALED, KRA_RELEASED };

struct kra_status {
	uint8_t eid[KRA_EID_LEN];
	bool has_iccid;
	uint8_t iccid[KRA_ICCID_LEN]; /* as EF.ICCID holds it */
	uint32_t key_id;	      /* 0: no sealed part */
	enum kra_state state;
	unsigned active; /* the subscription in use: 0 none, 1, 2 */
};

/* Opens a channel to the application. ERR_NOT_FOUND: the card has none. */
enum err kra_open(struct uicc *u, unsigned *channel) MUST_CHECK;
enum err kra_status(struct uicc *u, unsigned channel, struct kra_status *out) MUST_CHECK;
/* The challenge (BF71 whole) for this profile is appended to challenge; it may hold an error. */
enum err kra_challenge(struct uicc *u, unsigned channel, const uint8_t iccid[static KRA_ICCID_LEN],
		       struct wbuf *challenge) MUST_CHECK;
/*
 * Hands a grant (BF72 whole) to the card; the signed result (BF72 whole) is appended. *sw is 91xx
 * when the card then wants a REFRESH: give it to uicc_proactive().
 */
enum err kra_grant(struct uicc *u, unsigned channel, struct slice grant, struct wbuf *result,
		   uint16_t *sw) MUST_CHECK;
/*
 * Hands a new sealed part (BF73 whole) to the card; *result is the card's answer, 0: taken (the
 * values of enum release_result).
 */
enum err kra_reseal(struct uicc *u, unsigned channel, struct slice message,
		    unsigned *result) MUST_CHECK;
/* "sealed", "released" ...: a word for people and JSON. */
const char *kra_state_name(enum kra_state state);

#endif
