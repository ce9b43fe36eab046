/*
 * lpa: the local profile assistant: ES10 to the eUICC (SGP.22 3.2, 3.3, 3.5, 5.7); how it
 * downloads a profile is in download.h.
 */
#ifndef TWINKEY_HOST_LPA_H
#define TWINKEY_HOST_LPA_H

#include "host/terminal/lpa/es9p.h"
#include "host/terminal/uicc.h"
#include "lib/rsp/es10a.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"

struct lpa;
struct failure;

/*
 * Opens a logical channel to the ISD-R. Borrows u and isdr_aid (empty: AID_ISDR). ERR_CARD: the
 * card is no eUICC.
 */
enum err lpa_open(struct uicc *u, struct slice isdr_aid, struct lpa **out) MUST_CHECK;
void lpa_close(struct lpa **l);
/* What the last failure was and what to do; "" if the enum err says it all. */
const char *lpa_message(const struct lpa *l);
/* The same as a failure; what: what was tried. */
struct failure lpa_failure(const struct lpa *l, enum err e, const char *what);

/* BF2D: the answer is appended to der; the items of it go to *items. */
enum err lpa_profiles(struct lpa *l, struct wbuf *der, struct slice *items) MUST_CHECK;
/* tag: SGP22_TAG_ENABLE_PROFILE, _DISABLE_PROFILE, _DELETE_PROFILE. The card refreshes itself. */
enum err lpa_profile_command(struct lpa *l, uint32_t tag, struct slice iccid) MUST_CHECK;
/* The same with the AID of its ISD-P. */
enum err lpa_profile_command_aid(struct lpa *l, uint32_t tag, struct slice isdp_aid) MUST_CHECK;
enum err lpa_set_nickname(struct lpa *l, struct slice iccid, const char *nickname) MUST_CHECK;
enum err lpa_eid(struct lpa *l, uint8_t eid[static 16]) MUST_CHECK;

/* The notifications that wait in the eUICC, lowest number first: the metadata (BF2F) of each. */
enum err lpa_list_notifications(struct lpa *l, struct wbuf *der, struct slice *items) MUST_CHECK;
struct lpa_report {
	bool untold;		    /* nothing was sent: no way to the managers is known */
	enum err err;		    /* why not all of them were tried */
	unsigned sent, kept;	    /* kept: its receiver did not take it; it stays in the eUICC */
	char message[ES9P_MESSAGE]; /* why the first was kept */
};
/*
 * Sends what the eUICC has to report, each to the address that it names, in the order of the
 * numbers (SGP.22 3.5), and takes it off the list when it was taken. One that is not taken does not
 * hold the others up, but where nobody is found at its address, later ones to the same stay as
 * well.
 */
enum err lpa_send_notifications(struct lpa *l, const struct es9p_network *net,
				struct lpa_report *report) MUST_CHECK;
/* The one of this number (0 is one). ERR_NOT_FOUND: there is none. */
enum err lpa_send_notification(struct lpa *l, const struct es9p_network *net, uint32_t seq,
			       struct lpa_report *report) MUST_CHECK;
struct lpa_delivery {
	struct slice isdr_aid; /* empty: lpa_isdr_aid */
	const struct es9p_network *network;
	void (*report)(void *ctx, const struct lpa_report *report); /* what became of it; or NULL */
	void *ctx;
};
/* Sends all where a way to the managers is known, and reports. */
void lpa_deliver(struct lpa *l, const struct lpa_delivery *d);
/* Takes one off the list unsent: its receiver never hears of it. ERR_NOT_FOUND. */
enum err lpa_remove_notification(struct lpa *l, uint32_t seq) MUST_CHECK;

/* ES10a.GetEuiccConfiguredAddresses and SetDefaultDpAddress. */
enum err lpa_addresses(struct lpa *l, struct wbuf *der,
		       struct es10a_configured_addresses *out) MUST_CHECK;
enum err lpa_set_default_dp(struct lpa *l, const char *address) MUST_CHECK;
/* BF22 and BF43, whole, appended to der. */
enum err lpa_info2(struct lpa *l, struct wbuf *der, struct es10b_euicc_info2 *out) MUST_CHECK;
enum err lpa_rat(struct lpa *l, struct wbuf *der, struct slice *rules) MUST_CHECK;
/* ES10c.eUICCMemoryReset; options: ES10C_RESET_*. ERR_NOT_FOUND: there was nothing to delete. */
enum err lpa_memory_reset(struct lpa *l, uint32_t options) MUST_CHECK;

#endif
