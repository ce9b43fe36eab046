/*
 * store: what the subscription manager keeps: profile packages, download sessions, its log.
 *
 * A folder of its own (mode 0700) with "manager.db" and "manager.key" (0600). Packages,
 * confirmation codes (hashed) and one-time keys are sealed under that key (AES-256-GCM). A package
 * carries the second subscription only in its sealed form: neither S nor K2 can be here, for no
 * header that names them is included. What is not sealed in a row is authenticated, and a profile's
 * row belongs to the last entry of the log about it (docs/adr/0026): ERR_CORRUPT of any function
 * here is also a row that somebody else has written, and nothing is done with that.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_H
#define TWINKEY_OPERATOR_SMDP_STORE_H

#include "host/operator/smdp/state.h"
#include "lib/base/bytes.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/base/secret.h"

#define SMDP_MATCHING_ID_MAX 64
#define SMDP_TYPE_MAX	     100 /* octets of a profile type */
#define SMDP_TRANSACTION_LEN 16
#define SMDP_UPP_MAX	     (256u * 1024)
#define SMDP_SESSIONS_MAX    4096	  /* unfinished ones; the oldest gives way */
#define SMDP_BOUND_KEPT_S    (90 * 86400) /* a bound session waits so long for its result */
#define SMDP_ORDER_S	     (30 * 86400) /* an order lives so long unless it says otherwise */
#define SMDP_DOWNLOADS_MAX   10		  /* packages bound for one order, the same */
#define SMDP_CODE_TRIES_MAX  3		  /* wrong confirmation codes, the same */

struct cancel;
struct smdp_store;

/*
 * Opens the folder; makes it when it is not there. A store of the version before is brought up to
 * this one. Several processes may do so at once. cancel, borrowed, ends
 * waits for them. ERR_VERSION, ERR_CORRUPT, ERR_PERMISSION,
 * ERR_LOCKED.
 */
enum err smdp_store_open(const char *dir, struct cancel *cancel,
			 struct smdp_store **out) MUST_CHECK;
void smdp_store_close(struct smdp_store **s);
/*
 * What happens between them happens wholly or not at all; they nest. smdp_store_end() gives e, or
 * why what was done could not be kept.
 */
enum err smdp_store_begin(struct smdp_store *s) MUST_CHECK;
enum err smdp_store_end(struct smdp_store *s, enum err e) MUST_CHECK;
/*
 * From here on what is done gathers in one transaction until smdp_store_settle(), so that many
 * requests wait for the disk once. None of them may be answered before: when that fails, nothing of
 * them has happened. Nobody else can write to the store meanwhile. What finds another process
 * writing does not wait: ERR_LOCKED, and nothing is done.
 */
void smdp_store_gather(struct smdp_store *s);
enum err smdp_store_settle(struct smdp_store *s) MUST_CHECK;

struct smdp_profile {
	int64_t id;
	uint8_t iccid[10]; /* as in EF.ICCID */
	char type[SMDP_TYPE_MAX + 1];
	enum smdp_profile_state state;
	/* of the order: */
	char matching_id[SMDP_MATCHING_ID_MAX + 1]; /* "": none yet, or the EID alone tells */
	uint8_t eid[16];			    /* the eUICC it is for; zeros: none */
	bool linked;				    /* that eUICC was ordered */
	bool has_code;				    /* a confirmation code is asked */
	unsigned code_tries, code_tries_max;	    /* wrong codes */
	unsigned downloads, downloads_max;	    /* packages bound */
	int64_t ordered, expires;		    /* seconds since 1970; expires 0: never */
	int64_t revision;			    /* grows with each change */
	int64_t log_seq;			    /* of the last entry of the log about it */
	bool broken; /* smdp_profile_each() alone: the row is not what was written */
};
bool smdp_profile_has_eid(const struct smdp_profile *p);

/*
 * Takes a profile into the inventory: metadata is BF25, upp the concatenated profile elements.
 * type: "" for none. ERR_EXISTS: the ICCID is taken; ERR_LENGTH.
 */
enum err smdp_profile_put(struct smdp_store *s, const uint8_t iccid[static 10], const char *type,
			  struct slice metadata, struct slice upp, int64_t now) MUST_CHECK;
/*
 * Takes a profile into the inventory and through all of it at once, for whoever has the matching
 * id. ERR_EXISTS: the ICCID or the matching id is taken; ERR_LENGTH: one is empty or too long.
 */
enum err smdp_profile_add(struct smdp_store *s, const uint8_t iccid[static 10],
			  const char *matching_id, struct slice metadata,
			  struct slice upp) MUST_CHECK;
/* ERR_NOT_FOUND. An empty matching id finds nothing. */
enum err smdp_profile_find(struct smdp_store *s, const char *matching_id,
			   struct smdp_profile *out) MUST_CHECK;
enum err smdp_profile_by_iccid(struct smdp_store *s, const uint8_t iccid[static 10],
			       struct smdp_profile *out) MUST_CHECK;
enum err smdp_profile_get(struct smdp_store *s, int64_t id, struct smdp_profile *out) MUST_CHECK;
/* The first of a type that may be ordered. ERR_NOT_FOUND: there is none; ERR_WRONG_STATE: not now.
 */
enum err smdp_profile_available(struct smdp_store *s, const char *type,
				struct smdp_profile *out) MUST_CHECK;
/* The oldest order without matching id that waits for this eUICC. */
enum err smdp_profile_waiting(struct smdp_store *s, const uint8_t eid[static 16],
			      struct smdp_profile *out) MUST_CHECK;
/* In the order of their ICCIDs, until each() gives false. */
enum err smdp_profile_each(struct smdp_store *s,
			   bool (*each)(void *ctx, const struct smdp_profile *p),
			   void *ctx) MUST_CHECK;
/* Appends BF25 and the elements; either may be NULL. The elements are secret (K1). */
enum err smdp_profile_load(struct smdp_store *s, int64_t id, struct wbuf *metadata,
			   struct wbuf *upp) MUST_CHECK;

/* What a package demands of the eUICC. */
struct smdp_needs {
	uint32_t octets;   /* of the elements */
	uint32_t services; /* smdp_mandatory_services(); 0 for one that a version before took */
};
enum err smdp_profile_needs(struct smdp_store *s, int64_t id, struct smdp_needs *out) MUST_CHECK;

/* A change; SLICE_EMPTY: the secret is as it was. */
struct smdp_change {
	enum smdp_event event;
	int64_t now;
	const char *actor, *evidence; /* for the log; never a secret */
	struct slice code_hash;	      /* SHA-256 of the confirmation code */
	struct slice binding;	      /* one-time keys: host/operator/smdp/identity.h */
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
/* ERR_NOT_FOUND: there is none. binding is appended to out (secret). */
enum err smdp_profile_code_hash(struct smdp_store *s, int64_t id,
				uint8_t hash[static SHA256_LEN]) MUST_CHECK;
enum err smdp_profile_binding(struct smdp_store *s, int64_t id, struct wbuf *out) MUST_CHECK;

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

/* The log: entries are never changed, each is tied to the one before under the store's key. */
struct smdp_log_entry {
	int64_t seq, at;
	char iccid[21]; /* hex, as in EF.ICCID; "" when no profile is concerned */
	char event[32], from[16], to[16], actor[64], evidence[256];
};
/* An entry beside a change of state. ERR_CORRUPT: the profile of that ICCID is not what was
 * written.
 */
enum err smdp_log_put(struct smdp_store *s, const struct smdp_log_entry *e) MUST_CHECK;
enum err smdp_log_each(struct smdp_store *s,
		       bool (*each)(void *ctx, const struct smdp_log_entry *e),
		       void *ctx) MUST_CHECK;
/* ERR_CORRUPT: an entry was changed, put in or taken out; *good counts those before it. */
enum err smdp_log_verify(struct smdp_store *s, int64_t *good) MUST_CHECK;
/* The same, and whether each profile is what its log says. ERR_CORRUPT tells by `found` what is
 * not. */
struct smdp_check {
	int64_t good; /* entries that are as they were written, from the first one on */
	enum smdp_finding {
		SMDP_LOG_INTACT,
		SMDP_LOG_CHANGED,     /* after these one was changed, put in or taken out */
		SMDP_ROW_CHANGED,     /* a profile's row, or its order's secrets, were written by
				       * somebody else */
		SMDP_PACKAGE_CHANGED, /* its package was */
		SMDP_SESSION_CHANGED, /* a session was */
		SMDP_PARTED,	      /* its state is another than the log's last word of it */
		SMDP_GONE,	      /* the log speaks of it, and it is not there */
	} found;
	char iccid[21];		     /* that it was found at, hex, as in EF.ICCID */
	int64_t entry;		     /* the last one about it; 0: none */
	char by_log[16], by_row[16]; /* its state */
};
enum err smdp_store_verify(struct smdp_store *s, struct smdp_check *out) MUST_CHECK;

#endif
