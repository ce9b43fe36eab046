/*
 * lpa: the local profile assistant: ES10 to the eUICC (SGP.22 3.2, 3.3, 3.5, 5.7); how it
 * downloads a profile is in download.h, what the eUICC reports in notify.h.
 */
#ifndef TWINKEY_HOST_LPA_H
#define TWINKEY_HOST_LPA_H

#include "lib/base/bytes.h"

struct es10a_configured_addresses;
struct es10b_euicc_info2;
struct failure;
struct lpa;
struct uicc;

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
