/*
 * smdp_store: what the subscription manager keeps: profile packages, download sessions.
 *
 * A folder of its own (mode 0700) with "manager.db" and "manager.key" (0600). Packages are sealed
 * under that key (AES-256-GCM). A package carries the second subscription only in its sealed form:
 * neither S nor K2 can be here, for no header that names them is included.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_H
#define TWINKEY_OPERATOR_SMDP_STORE_H

#include "lib/bytes.h"
#include "lib/crypto/ec.h"

#define SMDP_MATCHING_ID_MAX 64
#define SMDP_TRANSACTION_LEN 16
#define SMDP_UPP_MAX	     (256u * 1024)

struct smdp_store;

/* Opens the folder; makes it when it is not there. ERR_VERSION, ERR_CORRUPT, ERR_PERMISSION. */
enum err smdp_store_open(const char *dir, struct smdp_store **out) MUST_CHECK;
void smdp_store_close(struct smdp_store **s);

enum smdp_profile_state {
	SMDP_AVAILABLE = 1,
	SMDP_RELEASED, /* bound for an eUICC; the result is awaited */
	SMDP_INSTALLED,
	SMDP_ERROR, /* the eUICC could not install it; it may try again */
};
const char *smdp_state_name(enum smdp_profile_state s);

struct smdp_profile {
	int64_t id;
	uint8_t iccid[10];
	char matching_id[SMDP_MATCHING_ID_MAX + 1];
	enum smdp_profile_state state;
	uint8_t eid[16]; /* the eUICC that it was bound for; zeros: none */
};

/*
 * Takes a profile over: metadata is BF25, upp the concatenated profile elements.
 * ERR_EXISTS: the ICCID or the matching id is taken; ERR_LENGTH: one of them is empty or too long.
 */
enum err smdp_profile_add(struct smdp_store *s, const uint8_t iccid[static 10],
			  const char *matching_id, struct slice metadata,
			  struct slice upp) MUST_CHECK;
enum err smdp_profile_find(struct smdp_store *s, const char *matching_id,
			   struct smdp_profile *out) MUST_CHECK;
/* Appends BF25 and the elements; either may be NULL. The elements are secret (K1). */
enum err smdp_profile_load(struct smdp_store *s, int64_t id, struct wbuf *metadata,
			   struct wbuf *upp) MUST_CHECK;
enum err smdp_profile_set(struct smdp_store *s, int64_t id, enum smdp_profile_state state,
			  const uint8_t eid[static 16]) MUST_CHECK;

enum smdp_session_state {
	SMDP_SESSION_INITIATED = 1,
	SMDP_SESSION_AUTHENTICATED,
	SMDP_SESSION_BOUND,
	SMDP_SESSION_ENDED,
};

struct smdp_session {
	uint8_t transaction_id[SMDP_TRANSACTION_LEN];
	enum smdp_session_state state;
	enum ec_curve curve;
	uint8_t server_challenge[16];
	int64_t created, profile;
	uint8_t eid[16], euicc_point[EC_POINT_LEN];
	uint8_t smdp_signature2[EC_SIGNATURE_LEN];
};
/* Inserts or replaces, and forgets sessions that began before not_before. */
enum err smdp_session_put(struct smdp_store *s, const struct smdp_session *session,
			  int64_t not_before) MUST_CHECK;
enum err smdp_session_get(struct smdp_store *s, struct slice transaction_id,
			  struct smdp_session *out) MUST_CHECK;

#endif
