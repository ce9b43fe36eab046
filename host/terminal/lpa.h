/*
 * lpa: the local profile assistant: ES10 to the eUICC, ES9+ to the subscription manager
 * (SGP.22 3.1.3, 3.2, 5.7).
 */
#ifndef TWINKEY_HOST_LPA_H
#define TWINKEY_HOST_LPA_H

#include "host/terminal/operator.h"
#include "host/terminal/uicc.h"
#include "lib/rsp/es10c.h"

#define LPA_MATCHING_ID_MAX 64
#define LPA_ADDRESS_MAX	    255

struct lpa;

/* Opens a logical channel to the ISD-R. Borrows u. ERR_CARD: the card is no eUICC. */
enum err lpa_open(struct uicc *u, struct lpa **out) MUST_CHECK;
void lpa_close(struct lpa **l);
/* What the last failure was and what to do; "" if the enum err says it all. */
const char *lpa_message(const struct lpa *l);

/* BF2D: the answer is appended to der; the items of it go to *items. */
enum err lpa_profiles(struct lpa *l, struct wbuf *der, struct slice *items) MUST_CHECK;
/* tag: SGP22_TAG_ENABLE_PROFILE, _DISABLE_PROFILE, _DELETE_PROFILE. The card refreshes itself. */
enum err lpa_profile_command(struct lpa *l, uint32_t tag, struct slice iccid) MUST_CHECK;
enum err lpa_set_nickname(struct lpa *l, struct slice iccid, const char *nickname) MUST_CHECK;
enum err lpa_eid(struct lpa *l, uint8_t eid[static 16]) MUST_CHECK;

struct lpa_activation {
	char address[LPA_ADDRESS_MAX + 1], matching_id[LPA_MATCHING_ID_MAX + 1];
};
/* LPA:1$ADDRESS$MATCHINGID (SGP.22 4.1). ERR_ENCODING; ERR_UNSUPPORTED: wants a confirmation code.
 */
enum err lpa_parse_activation(const char *code, struct lpa_activation *out) MUST_CHECK;

struct lpa_progress {
	void (*step)(void *ctx, unsigned step, unsigned steps, const char *what);
	void (*segment)(void *ctx, unsigned segments, size_t bytes, size_t total);
	void *ctx;
};
struct lpa_loaded {
	uint8_t iccid[10];
	unsigned segments;
	size_t bytes;
};
/*
 * Downloads and installs a profile. On failure the session is cancelled on both sides. ERR_REFUSED:
 * card or subscription manager refused; lpa_message() says why.
 */
enum err lpa_download(struct lpa *l, struct operator_link *op, const struct lpa_activation *a,
		      const struct lpa_progress *progress, struct lpa_loaded *out) MUST_CHECK;
/* Sends what the eUICC has to report and takes it off its list. *sent may be NULL. */
enum err lpa_send_notifications(struct lpa *l, struct operator_link *op, unsigned *sent) MUST_CHECK;

#endif
