/*
 * change: how the order of a profile changes, along the edges of one table
 * (host/operator/smdp/state.h).
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_CHANGE_H
#define TWINKEY_OPERATOR_SMDP_STORE_CHANGE_H

#include "host/operator/smdp/state.h"
#include "lib/base/bytes.h"
#include "lib/crypto/symmetric.h"

struct smdp_log_entry;
struct smdp_profile;
struct smdp_store;

/* SLICE_EMPTY: the secret is as it was. */
struct smdp_change {
	enum smdp_event event;
	int64_t now;
	const char *actor, *evidence; /* for the log; never a secret */
	struct slice code_hash;	      /* SHA-256 of the confirmation code */
	struct slice binding;	      /* one-time keys: host/operator/smdp/bind.h */
};
/*
 * Moves the profile along an edge of the table and writes order and counters as p has them, with
 * one entry of the log; taking an order back ends its sessions. The one-time keys are forgotten
 * when the profile is no longer Downloaded, the code when the order is over. ERR_WRONG_STATE: no
 * such edge; ERR_LOCKED: somebody else changed it since p was read; ERR_EXISTS: the matching id is
 * taken. p is brought up to date on success.
 */
enum err smdp_profile_change(struct smdp_store *s, struct smdp_profile *p,
			     const struct smdp_change *c) MUST_CHECK;
/*
 * An entry of the log about a profile that stays as it is, or about none (an empty ICCID).
 * ERR_CORRUPT: the profile of that ICCID is not what was written.
 */
enum err smdp_profile_log(struct smdp_store *s, const struct smdp_log_entry *e) MUST_CHECK;
/* ERR_NOT_FOUND: there is none. binding is appended to out (secret). */
enum err smdp_profile_code_hash(struct smdp_store *s, int64_t id,
				uint8_t hash[static SHA256_LEN]) MUST_CHECK;
enum err smdp_profile_binding(struct smdp_store *s, int64_t id, struct wbuf *out) MUST_CHECK;

#endif
