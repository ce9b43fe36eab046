/*
 * session: the download sessions of the subscription manager.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_SESSION_H
#define TWINKEY_OPERATOR_SMDP_STORE_SESSION_H

#include "host/operator/smdp/limits.h"
#include "lib/base/bytes.h"
#include "lib/crypto/ec.h"

struct smdp_store;

enum smdp_session_state {
	SMDP_SESSION_INITIATED = 1,
	SMDP_SESSION_AUTHENTICATED,
	SMDP_SESSION_BOUND,
	SMDP_SESSION_ENDED,
};

struct smdp_session {
	uint8_t transaction_id[SMDP_TRANSACTION_LEN];
	enum smdp_session_state state;
	enum ec_curve curve;	   /* of the manager's keys */
	enum ec_curve euicc_curve; /* of the CI that the eUICC signs under */
	uint8_t server_challenge[16];
	int64_t created, profile;
	uint8_t eid[16], euicc_point[EC_POINT_LEN];
	uint8_t smdp_signature2[EC_SIGNATURE_LEN];
	uint8_t euicc_otpk[EC_POINT_LEN]; /* bound for; zeros before */
};
/*
 * Inserts or replaces, and forgets sessions that began before not_before (bound ones later, see
 * SMDP_BOUND_KEPT_S). A session that is merely initiated lives in memory only.
 */
enum err smdp_session_put(struct smdp_store *s, const struct smdp_session *session,
			  int64_t not_before) MUST_CHECK;
enum err smdp_session_get(struct smdp_store *s, struct slice transaction_id,
			  struct smdp_session *out) MUST_CHECK;

/* Whether no other session has the profile's package and owes its result. */
enum err smdp_session_alone(struct smdp_store *s, const struct smdp_session *session,
			    bool *alone) MUST_CHECK;
/*
 * Ends all sessions of a profile: the order that they were about is no more. One that has the
 * package can still tell that it was installed.
 */
enum err smdp_sessions_end(struct smdp_store *s, int64_t profile) MUST_CHECK;

/* For the store alone: authenticates the sessions that a version before wrote. */
enum err smdp_sessions_adopt(struct smdp_store *s) MUST_CHECK;
/* ERR_CORRUPT: the first that is not what was written is of *profile. */
enum err smdp_sessions_check(struct smdp_store *s, int64_t *profile) MUST_CHECK;

/* Takes those on the disk out that have run out by then; *gone: how many. */
enum err smdp_sessions_tidy(struct smdp_store *s, int64_t not_before, int64_t *gone) MUST_CHECK;

#endif
