/*
 * told: what eUICCs have told of their profiles.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_TOLD_H
#define TWINKEY_OPERATOR_SMDP_STORE_TOLD_H

#include "lib/base/bytes.h"

struct smdp_store;

/*
 * Remembers a notification: an eUICC numbers them, and a new card with an old EID begins again, so
 * its octets count too. ERR_EXISTS: this one was here before.
 */
enum err smdp_notification_put(struct smdp_store *s, const uint8_t eid[static 16], uint32_t seq,
			       struct slice der, int64_t now) MUST_CHECK;

/*
 * The number of the eUICC's last notification that counted for a profile's state: such messages
 * come out of order. ERR_NOT_FOUND: there was none.
 */
enum err smdp_told_put(struct smdp_store *s, int64_t profile, const uint8_t eid[static 16],
		       uint32_t seq) MUST_CHECK;
enum err smdp_told_get(struct smdp_store *s, int64_t profile, const uint8_t eid[static 16],
		       uint32_t *seq) MUST_CHECK;

/*
 * Forgets notifications of before a moment, of eUICCs that have no profile of this manager any
 * more: what they say of one is not taken in any case. *gone: how many; SMDP_TOLD_STEP at most.
 */
#define SMDP_TOLD_STEP 500
enum err smdp_notifications_tidy(struct smdp_store *s, int64_t before, int64_t *gone) MUST_CHECK;

#endif
