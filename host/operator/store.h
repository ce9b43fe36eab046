/*
 * store: what the network's side keeps of its subscribers (SQLite: store_sqlite.c).
 *
 * One folder (mode 0700): "operator.db", "store.key" (0600: K, OPc, S and factor seeds are sealed
 * under it, AES-256-GCM, with the row's identity as additional data), "pki/", "manager/" (the
 * subscription manager's own folder; it never opens operator.db). Every change is one transaction;
 * several processes may have the store open.
 *
 * ONLY the AuC and the release authority include this header. The subscription manager has its own
 * (host/operator/smdp_store.h) and no way to a key.
 */
#ifndef TWINKEY_OPERATOR_STORE_H
#define TWINKEY_OPERATOR_STORE_H

#include "host/operator/state.h"
#include "lib/auth/aka.h"
#include "lib/bytes.h"
#include "lib/secret.h"

#define IMSI_MAX 15

struct operator_store;

enum err operator_store_create(const char *dir, struct operator_store **out) MUST_CHECK;
enum err operator_store_open(const char *dir, struct operator_store **out) MUST_CHECK;
void operator_store_close(struct operator_store **s);

enum subscriber_second { /* where the second subscription is known to be */
			 SECOND_SEALED = 0,
			 SECOND_IN_CARD,    /* the card has opened it, and has left the first */
			 SECOND_AS_PROFILE, /* in a profile of its own (two-profile mode) */
};

struct subscriber { /* no secret in it */
	int64_t id;
	char name[65];
	uint8_t iccid[10];
	char imsi[2][IMSI_MAX + 1]; /* of subscription 1 and 2 */
	enum aka_algorithm algorithm[2];
	uint8_t eid[16];
	bool has_eid;	 /* bound to a card by the first release, or given */
	uint32_t key_id; /* of the keys in force: K2, OPc2, S */
	/* Of the second set of a rotation: higher, the next one; lower, the one before the grant,
	 * kept until the card has shown the new one; 0: none. */
	uint32_t spare_key_id;
	uint32_t granted_key_id; /* that the last grant was for; 0: there was none */
	enum subscriber_second second;
	enum subscriber_state state;
	/* When RES 1 last matched (in a rotation RES 2); 0: never, or used up by a grant. */
	int64_t first_factor_at;
	int64_t second_factor_until; /* approval valid until; 0: none */
};

enum err subscriber_by_id(struct operator_store *s, int64_t id, struct subscriber *out) MUST_CHECK;
/* By either IMSI; *sub: 1 or 2, which of them it was (may be NULL). */
enum err subscriber_by_imsi(struct operator_store *s, const char *imsi, struct subscriber *out,
			    int *sub) MUST_CHECK;
enum err subscriber_by_iccid(struct operator_store *s, const uint8_t iccid[static 10],
			     struct subscriber *out) MUST_CHECK;
enum err subscriber_each(struct operator_store *s,
			 bool (*each)(void *ctx, const struct subscriber *sub),
			 void *ctx) MUST_CHECK;

struct subscriber_keys { /* secret */
	struct secret *k[2], *opc[2];
	struct secret *s; /* the sealing key, 32 octets */
};
/* Adds a subscriber in state PROVISIONED; fills id. ERR_EXISTS: an IMSI or the ICCID is taken. */
enum err subscriber_add(struct operator_store *s, struct subscriber *sub,
			const struct subscriber_keys *keys) MUST_CHECK;
/* The key of subscription 1 or 2 with OPc, ready to compute with. */
enum err subscriber_aka_key(struct operator_store *s, int64_t id, int sub,
			    struct aka_key **out) MUST_CHECK;
/* K and OPc as they are (profile preparation only), and S. */
enum err subscriber_keys_load(struct operator_store *s, int64_t id,
			      struct subscriber_keys *out) MUST_CHECK;
/* K2, OPc2 and S of the spare set alone. ERR_NOT_FOUND: there is none. */
enum err subscriber_spare_keys_load(struct operator_store *s, int64_t id,
				    struct subscriber_keys *out) MUST_CHECK;
void subscriber_keys_free(struct subscriber_keys *keys);

/* Reserves the next SQN of subscription sub in one transaction: no number is ever given out twice.
 */
enum err subscriber_sqn_take(struct operator_store *s, int64_t id, int sub,
			     uint64_t *sqn) MUST_CHECK;
/* After a genuine AUTS: the next number is above sqn_ms (TS 33.102 C.3.4). Never goes back. */
enum err subscriber_sqn_raise(struct operator_store *s, int64_t id, int sub,
			      uint64_t sqn_ms) MUST_CHECK;

/*
 * Takes an edge of the state machine (state.h) and writes it to the log, in one transaction.
 * evidence: text that names no secret. ERR_WRONG_STATE: there is no such edge from the present
 * state; ERR_REFUSED: the event is of another key than the edge; ERR_FACTOR: EVENT_GRANT, and a
 * factor is missing; ERR_UNSUPPORTED: EVENT_ROTATE in two-profile mode. now: seconds. Side effects
 * that belong to edges: EVENT_RES1 sets first_factor_at, in a rotation EVENT_RES2; EVENT_FACTOR
 * sets second_factor_until = now + valid_s; EVENT_GRANT clears both and binds eid.
 *
 * A rotation (docs/protocol.md section 5): in ROTATING and RECALLED there is a spare set of K2,
 * OPc2 and S, the next one. EVENT_GRANT puts it in force and keeps the one before, until
 * EVENT_RESULT_OK or EVENT_RES2 show that the card has opened the new one. EVENT_RESUME and
 * EVENT_RESULT_FAILED of a card that is on its second key are EVENT_RECALL; it puts the one before
 * in force again.
 */
struct subscriber_event {
	enum subscriber_event_kind kind;
	const char *actor, *evidence;
	int64_t now, valid_s;
	const uint8_t *eid; /* EVENT_GRANT */
	uint32_t key_id;    /* GRANT, RESULT_OK, RESULT_FAILED, RES2: of which key; 0: not asked */
	bool as_profile;    /* EVENT_GRANT: by the code of a second profile */
	bool opened; /* EVENT_RESUME: the card is known to have opened key_id, the last one granted
		      */
};
enum err subscriber_event(struct operator_store *s, int64_t id, const struct subscriber_event *e,
			  struct subscriber *after) MUST_CHECK;

/* The keyId that a grant is for now: in a rotation of the next key (0: there is none yet). */
uint32_t subscriber_release_key_id(const struct subscriber *sub);
/* Makes the next keys, should a rotation have none (begun by an older version): ERR_WRONG_STATE
 * outside one. */
enum err subscriber_next_key(struct operator_store *s, int64_t id,
			     struct subscriber *after) MUST_CHECK;
/*
 * The message that brings the next sealed part to the card (BF73, public), made once for a keyId:
 * whoever comes second with another one changes nothing. get: ERR_NOT_FOUND, not made yet.
 */
enum err subscriber_reseal_get(struct operator_store *s, int64_t id, uint32_t key_id,
			       struct wbuf *out) MUST_CHECK;
enum err subscriber_reseal_keep(struct operator_store *s, int64_t id, uint32_t key_id,
				struct slice message) MUST_CHECK;

/* Grant nonces: true-once. ERR_REPLAY when this nonce of this card was used before. */
enum err grant_nonce_use(struct operator_store *s, const uint8_t eid[static 16],
			 const uint8_t nonce[static 16], int64_t now) MUST_CHECK;

/* Pending challenges of the AuC (auc vector -> auc verify): id, RAND, expected RES, sub, expiry;
 * sealed. */
struct auc_pending {
	int64_t subscriber;
	int sub;
	uint32_t key_id; /* in force when the challenge was made */
	bool gsm;
	uint8_t rand[16];
	size_t res_len;
	uint8_t res[16];
	int64_t expires;
};
enum err auc_pending_put(struct operator_store *s, const struct auc_pending *p,
			 char id[static 33]) MUST_CHECK;
/* Takes it out: it serves once. ERR_NOT_FOUND, ERR_EXPIRED. */
enum err auc_pending_take(struct operator_store *s, const char *id, int64_t now,
			  struct auc_pending *p) MUST_CHECK;

/* Second factors: a TOTP seed per subscriber (sealed), with the last step used (no code serves
 * twice). */
enum err factor_put_totp(struct operator_store *s, int64_t id,
			 const struct secret *seed) MUST_CHECK;
/* Gives the seed; last_step is the highest step accepted so far (0: none). ERR_NOT_FOUND. */
enum err factor_get_totp(struct operator_store *s, int64_t id, struct secret **seed,
			 int64_t *last_step) MUST_CHECK;
/* Marks a step as used; ERR_REPLAY when it, or a later one, was used before. */
enum err factor_use_totp(struct operator_store *s, int64_t id, int64_t step) MUST_CHECK;
/* Wrong codes in a row; at FACTOR_TRIES_MAX the factor is locked (ERR_REFUSED) until it is enrolled
 * anew. */
#define FACTOR_TRIES_MAX 5
enum err factor_failed(struct operator_store *s, int64_t id, unsigned *tries_left) MUST_CHECK;

struct log_entry {
	int64_t seq, at, subscriber;
	char event[24], from[16], to[16], actor[65], evidence[257];
};
enum err log_each(struct operator_store *s, int64_t subscriber /* 0: all */,
		  bool (*each)(void *ctx, const struct log_entry *e), void *ctx) MUST_CHECK;
/*
 * Every entry carries an HMAC under store.key over itself and the one before. *good: how many
 * entries are as they were written; ERR_CORRUPT when one was changed, put in or taken out after
 * these. Who has store.key, or puts an older copy of the whole database back, is not found out.
 */
enum err log_verify(struct operator_store *s, int64_t *good) MUST_CHECK;

#endif
