/*
 * store: what the network's side keeps of its subscribers on the database seam
 * (host/operator/db/db.h).
 *
 * One folder (mode 0700): "operator.db", "store.key" (0600: K with OPc, S and factor seeds are
 * sealed under it, AES-256-GCM, with the row's identity as additional data; itself sealed where the
 * operator wants it, host/operator/pki/store_keys.h), "pki/", "manager/"
 * (the subscription manager's own folder; it never opens operator.db). Every change is one
 * transaction; several processes may have the store open. What is not secret in a row is
 * authenticated, and belongs to the last entry of the log about it (docs/adr/0012): ERR_CORRUPT of
 * any function here is also a row that somebody else has written, and nothing is done with that.
 *
 * ONLY the AuC and the release authority include this header. The subscription manager has its own
 * (host/operator/smdp/store/store.h) and no way to a key.
 */
#ifndef TWINKEY_OPERATOR_STORE_H
#define TWINKEY_OPERATOR_STORE_H

#include "host/operator/policy/subscriber.h"
#include "host/operator/policy/wanted.h"
#include "lib/auth/sqn.h"
#include "lib/base/bytes.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"

struct aka_key;
struct cancel;
struct chain_stand; /* host/operator/audit/chain.h */
struct db_move;	    /* host/operator/db/copy.h */
struct operator_store;

/* A store.key that is there is taken; otherwise one is made, in the clear. */
enum err operator_store_create(const char *dir, struct cancel *cancel,
			       struct operator_store **out) MUST_CHECK;
enum err operator_store_open(const char *dir, struct cancel *cancel,
			     struct operator_store **out) MUST_CHECK;
/*
 * The next transaction does not wait for another process that writes: ERR_LOCKED, and nothing is
 * done. Those after it wait again, since something may have been done by then.
 */
void operator_store_hurry(struct operator_store *s);
/* Many requests wait for the disk once: db_gather(), db_settle() (host/operator/db/db.h). */
void operator_store_gather(struct operator_store *s);
enum err operator_store_settle(struct operator_store *s, enum err e) MUST_CHECK;
void operator_store_close(struct operator_store **s);
/* A number that is another one after another process has written: cheap to ask often. */
enum err operator_store_revision(struct operator_store *s, int64_t *number) MUST_CHECK;
/*
 * A move to another database (twinkey-operator migrate). operator_store_leave(): from here on
 * nobody else writes to it (ERR_LOCKED: somebody else has it open); then operator_store_copy() as
 * often as wanted, into a place that is empty (ERR_EXISTS), whole or not at all; off a server
 * operator_store_retire(), which is db_retire() of both stores; operator_store_end().
 */
enum err operator_store_leave(struct operator_store *s) MUST_CHECK;
enum err operator_store_copy(struct operator_store *s, const struct db_move *m) MUST_CHECK;
enum err operator_store_retire(struct operator_store *s, int64_t when) MUST_CHECK;
/* The database as it stands, in a new file (0600) that is on the disk then; others go on meanwhile.
 */
enum err operator_store_copy_to(struct operator_store *s, const char *path) MUST_CHECK;
enum err operator_store_head(struct operator_store *s, struct chain_stand *out) MUST_CHECK;
/* One transaction around what the functions below do: db_begin(), db_end() of
 * host/operator/db/db.h. */
enum err operator_store_begin(struct operator_store *s) MUST_CHECK;
enum err operator_store_end(struct operator_store *s, enum err e) MUST_CHECK;
/* The same as a statement, which is done again when another process was faster: DB_TRANSACTION of
 * host/operator/db/db.h. */
#define OPERATOR_TRANSACTION(s, e)                                                                 \
	for (bool more_ = true; more_ && !((e) = operator_store_begin(s));                         \
	     more_ = operator_store_end_or_again(s, &(e)))
bool operator_store_end_or_again(struct operator_store *s, enum err *e);
/* What was done so far. Tests count by it. */
struct operator_tally {
	unsigned long selects, transactions, unsealed;
};
struct operator_tally operator_store_tally(const struct operator_store *s);

enum err subscriber_by_id(struct operator_store *s, int64_t id, struct subscriber *out) MUST_CHECK;
/* By either IMSI; *sub: 1 or 2, which of them it was (may be NULL). */
enum err subscriber_by_imsi(struct operator_store *s, const char *imsi, struct subscriber *out,
			    int *sub) MUST_CHECK;
enum err subscriber_by_iccid(struct operator_store *s, const uint8_t iccid[static 10],
			     struct subscriber *out) MUST_CHECK;
enum err subscriber_each(struct operator_store *s,
			 bool (*each)(void *ctx, const struct subscriber *sub),
			 void *ctx) MUST_CHECK;

#define SEALING_KEY_LEN 32
struct subscriber_keys { /* secret */
	struct secret *k[2], *opc[2];
	struct secret *s; /* the sealing key */
	/* k[1] is NULL until a grant, where both sides derive it (struct subscriber_modes). */
	/* What goes with them, not secret: how they are used, and the last number that was used
	 * with them (not of a spare set). */
	struct aka_shape shape[2];
	uint64_t sqn[2];
};
/* Adds a subscriber in state PROVISIONED; fills id. ERR_EXISTS: an IMSI or the ICCID is taken;
 * ERR_KEY: a key that its algorithm does not have (256 bits are TUAK's alone);
 * ERR_UNSUPPORTED: both have one IMSI, and the first is to serve beside the second. */
enum err subscriber_add(struct operator_store *s, struct subscriber *sub,
			const struct subscriber_keys *keys) MUST_CHECK;
/*
 * Adds many, all or none, and writes to the log that they came. make() gives the one with number i
 * and its keys, which are freed; it may be asked for one again. As subscriber_add(); *at: the one
 * that it failed at.
 */
struct subscriber_batch {
	size_t count;
	enum err (*make)(void *ctx, size_t i, struct subscriber *sub, struct subscriber_keys *keys);
	void *ctx;
	const char *evidence; /* where they came from, in words */
	int64_t now;
};
enum err subscriber_add_all(struct operator_store *s, const struct subscriber_batch *b,
			    size_t *at) MUST_CHECK;
/* Writes to the log that subscribers were taken out, before they are. */
enum err subscriber_note_export(struct operator_store *s, const char *evidence,
				int64_t now) MUST_CHECK;
/* K and OPc as they are (profile preparation and export only), and S. */
enum err subscriber_keys_load(struct operator_store *s, int64_t id,
			      struct subscriber_keys *out) MUST_CHECK;
/* K2, OPc2 and S of the spare set alone. ERR_NOT_FOUND: there is none. */
enum err subscriber_spare_keys_load(struct operator_store *s, int64_t id,
				    struct subscriber_keys *out) MUST_CHECK;
void subscriber_keys_free(struct subscriber_keys *keys);

/*
 * A subscription as the AuC serves it, of one statement: its key, ready to compute with, and its
 * numbers. ERR_NOT_FOUND: nobody has this IMSI; ERR_WRONG_STATE: the subscriber's state lets the
 * AuC give no vector of it, and no key was unsealed.
 */
struct subscription {
	struct subscriber subscriber;
	int sub;	     /* 1 or 2: which of its IMSIs it was */
	struct aka_key *key; /* secret */
	unsigned ind_bits;
	uint64_t sqn;	/* the last number that was given out */
	uint64_t heard; /* which challenges an AUTS is no more taken for: the store's */
	/* the store's: what the row was when it was read */
	struct wbuf image;
	uint8_t mac[SHA256_LEN];
};
enum err subscription_open(struct operator_store *s, const char *imsi,
			   struct subscription *out) MUST_CHECK;
void subscription_close(struct subscription *sn);

/* A challenge of the AuC, as far as its number goes (docs/adr/0014). */
struct sqn_challenge {
	uint8_t rand[AKA_RAND_LEN];
	int64_t now;
	enum sqn_node node; /* whose indices its number has (lib/auth/sqn.h) */
	bool more;	    /* of the batch that the number before was of */
};
#define SQN_CHALLENGE_VALID_S 3600 /* how long the card may answer it by AUTS */
/* Makes a challenge: reserves the next SQN for it in one transaction, puts it into sn->sqn, and
 * makes the RAND that goes with it (docs/adr/0062). Until a card proves by
 * AUTS that it is elsewhere no number is given out twice (I6). Should somebody have written the row
 * since it was read, it is read again; ERR_WRONG_STATE as subscription_open(). */
enum err subscription_sqn_take(struct operator_store *s, struct subscription *sn,
			       struct sqn_challenge *c) MUST_CHECK;
/*
 * After a genuine AUTS: the next number is one that the card takes (TS 33.102 6.3.5). The challenge
 * serves once. ERR_NOT_FOUND: it was none of ours, or was answered by AUTS before; ERR_EXPIRED;
 * ERR_SYNC: the card has used up all numbers.
 */
enum err subscription_resync(struct operator_store *s, struct subscription *sn,
			     const struct sqn_challenge *c, uint64_t sqn_ms) MUST_CHECK;

/*
 * Takes an event, as policy decides (host/operator/policy/decide.h, whose errors it gives), and
 * writes it to the log, in one transaction. EVENT_GRANT uses the nonce up (ERR_REPLAY: it was used
 * before) and keeps the challenge until the card's result comes; the challenge of an earlier grant
 * for the same profile and eUICC is forgotten. after may be NULL.
 */
enum err subscriber_event(struct operator_store *s, int64_t id, const struct subscriber_event *e,
			  struct subscriber *after) MUST_CHECK;

/* The same for EVENT_GRANT in derived mode: k2 is what both sides have derived. NULL: none is. */
enum err subscriber_grant(struct operator_store *s, int64_t id, const struct subscriber_event *e,
			  const struct secret *k2) MUST_CHECK;

/*
 * The challenge of a grant that awaits its result, GRANT_RESULT_S at the longest; appended to
 * challenge. ERR_NOT_FOUND: none does (any more).
 */
struct granted {
	const uint8_t *eid, *nonce; /* 16 octets each */
};
enum err granted_challenge(struct operator_store *s, const struct granted *g, int64_t now,
			   struct wbuf *challenge) MUST_CHECK;
/* The card's result of the grant to ev->eid with ev->nonce ends the wait, once, and is taken as an
 * event. ERR_NOT_FOUND: no such grant awaits one; else as decide_result(). One transaction. */
enum err subscriber_result(struct operator_store *s, const uint8_t iccid[static 10],
			   const struct subscriber_event *ev, struct subscriber *after) MUST_CHECK;

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

/*
 * An eUICC was refused: an entry of the log, unless the last such entry says the same and is less
 * than FOREIGN_AGAIN_S old.
 */
#define FOREIGN_AGAIN_S 60
enum err subscriber_foreign(struct operator_store *s, int64_t id, const char *evidence,
			    int64_t now) MUST_CHECK;

/* What the operator allows; all off in a new store. Each change is an entry of the log. */
struct operator_policy {
	bool first_asks; /* where nobody has named the eUICC, the first that asks is the one */
	bool gsm_factor; /* an answer in the GSM context is a first factor of a release */
	bool sqn_clock;	 /* sequence numbers follow the clock (lib/auth/sqn.h) */
};
enum err operator_policy_get(struct operator_store *s, struct operator_policy *out) MUST_CHECK;
enum err operator_policy_set(struct operator_store *s, const struct operator_policy *policy,
			     const char *actor, int64_t now) MUST_CHECK;

/* Pending challenges of the AuC (auc vector -> auc verify): id, RAND, expected RES, sub, from when
 * till when they may be answered; sealed. */
struct auc_pending {
	int64_t subscriber;
	int sub;
	uint32_t key_id; /* in force when the challenge was made */
	bool gsm;
	uint8_t rand[16];
	size_t res_len;
	uint8_t res[16];
	int64_t made, expires;
};
enum err auc_pending_put(struct operator_store *s, const struct auc_pending *p,
			 char id[static 33]) MUST_CHECK;
/* Takes it out: it serves once. ERR_NOT_FOUND, ERR_EXPIRED. */
enum err auc_pending_take(struct operator_store *s, const char *id, int64_t now,
			  struct auc_pending *p) MUST_CHECK;
/*
 * Takes it out, judges the answer and counts it, in one transaction: the edge of RES 1 or RES 2.
 * ERR_REFUSED: it is wrong; ERR_TRIES: so were others before, and answers that can be guessed are
 * not judged for a while (the challenge stays), nor are wrong ones counted. *sub: of which
 * subscription it was.
 */
struct auc_answer {
	const char *id;
	struct slice res;
	int64_t now;
};
enum err auc_pending_judge(struct operator_store *s, const struct auc_answer *a, int *sub,
			   struct subscriber *after) MUST_CHECK;

/* Second factors: a TOTP seed per subscriber (sealed), the steps that were used (no code serves
 * twice), and wrong codes in a row: at FACTOR_TRIES_MAX it is locked until it is enrolled anew. */
#define FACTOR_TRIES_MAX 5
enum err factor_put_totp(struct operator_store *s, int64_t id,
			 const struct secret *seed) MUST_CHECK;
/* ERR_NOT_FOUND: none is enrolled. */
enum err factor_load_totp(struct operator_store *s, int64_t id, struct secret **seed) MUST_CHECK;
struct factor_status {
	bool enrolled;
	unsigned tries_left; /* 0: locked, or not enrolled */
};
enum err factor_status(struct operator_store *s, int64_t id, struct factor_status *out) MUST_CHECK;
/*
 * One attempt, judged and counted in one transaction, and then the edge. find() gives the step that
 * the code belongs to, or -1. window: how many steps before and after the present one it looks at.
 * ERR_FACTOR: wrong; ERR_REPLAY: that step, or a later one in reach, was used before; ERR_REFUSED:
 * locked; ERR_NOT_FOUND: not enrolled; ERR_WRONG_STATE. *tries_left is set by ERR_FACTOR.
 */
struct factor_attempt {
	int64_t (*find)(void *ctx, const struct secret *seed);
	void *ctx;
	int64_t window;
	struct subscriber_event event; /* EVENT_FACTOR */
};
enum err factor_attempt_totp(struct operator_store *s, int64_t id, const struct factor_attempt *a,
			     struct subscriber *after, unsigned *tries_left) MUST_CHECK;

/* When the subscriber's last grant was, by its log. ERR_NOT_FOUND: there was none. */
enum err subscriber_granted_at(struct operator_store *s, int64_t id, int64_t *at) MUST_CHECK;
/*
 * The other second factors, and what of them a release wants (host/operator/policy/wanted.h).
 *
 * One step of a subscriber's book in one transaction. take() judges and changes the book; what it
 * leaves in ev is taken: an event's kind, or 0 for nothing; EVENT_FACTOR is that of `kind`, and is
 * a part when more is wanted. Its own result is the step's once that is kept; *keep false: nothing
 * is. ERR_UNSUPPORTED: the kind is not wanted; ERR_REFUSED: locked; ERR_WRONG_STATE.
 */
struct book;
struct factor_wants;
struct factor_step {
	enum factor_kind kind;
	bool attempt; /* of a user: only where the state could take it, and the kind is wanted */
	int64_t now;
	enum err (*take)(void *ctx, const struct subscriber *row, struct book *b,
			 struct subscriber_event *ev);
	void *ctx;
};
enum err factor_step(struct operator_store *s, int64_t id, const struct factor_step *step,
		     struct subscriber *after) MUST_CHECK;
/* As it is; an empty one where there is none. */
enum err factor_book(struct operator_store *s, int64_t id, struct book *out) MUST_CHECK;
/* A factor was passed without a try (an agent's word). As factor_step(). */
enum err factor_pass(struct operator_store *s, int64_t id, enum factor_kind kind,
		     const struct subscriber_event *ev, struct subscriber *after) MUST_CHECK;
/* Wrong codes count from the beginning: of the code generator, too. */
enum err factor_unlock(struct operator_store *s, int64_t id,
		       const struct subscriber_event *ev) MUST_CHECK;
/* What a release wants: of subscribers in general, and of this one. */
enum err factor_wants_get(struct operator_store *s, struct factor_wants *out) MUST_CHECK;
enum err factor_wants_of(struct operator_store *s, int64_t id, struct factor_wants *out) MUST_CHECK;
/* A change is an entry of the log. */
enum err factor_wants_set(struct operator_store *s, const struct factor_wants *w, const char *actor,
			  int64_t now) MUST_CHECK;

/*
 * A provider's batch, once for each key of his: run() does it inside the transaction, and appends
 * what is answered; the same request once more is answered the same, and run() is not called.
 * ERR_EXISTS: the key was used for another request. Answers are kept BATCH_KEPT_S.
 */
#define BATCH_KEPT_S	 (7 * 86400)
#define BATCH_ANSWER_MAX 65536
struct factor_batch {
	const char *provider, *key; /* words */
	struct slice request;
	int64_t now;
	enum err (*run)(void *ctx, struct operator_store *s, struct wbuf *answer);
	void *ctx;
};
enum err factor_batch(struct operator_store *s, const struct factor_batch *b,
		      struct wbuf *answer) MUST_CHECK;

struct log_entry {
	int64_t seq, at, subscriber;
	char event[24], from[FACTOR_WANTS_CAP + 16], to[FACTOR_WANTS_CAP + 16], actor[65];
	char evidence[257];
};
enum err log_each(struct operator_store *s, int64_t subscriber /* 0: all */,
		  bool (*each)(void *ctx, const struct log_entry *e), void *ctx) MUST_CHECK;
/*
 * Whether the log is what was written (host/operator/audit/chain.h), and whether every
 * subscriber is what its log says. ERR_CORRUPT: `found` says what is not.
 */
struct log_check {
	int64_t good;	  /* entries that are as they were written, from the first one on */
	int64_t archived; /* of these, so many have gone to archives */
	enum log_finding {
		LOG_INTACT,
		LOG_CHANGED, /* after these one was changed, put in or taken out */
		LOG_ROW,     /* the subscriber's row was written by somebody else */
		LOG_FACTOR,  /* the row of its second factor was */
		LOG_PARTED,  /* its state is another than the log's last word of it */
		LOG_GONE,    /* the log speaks of it, and it is not there */
	} found;
	int64_t subscriber;	     /* that it was found at */
	int64_t entry;		     /* the last one about it; 0: none */
	char by_log[16], by_row[16]; /* its state */
};
enum err log_verify(struct operator_store *s, struct log_check *out) MUST_CHECK;

#endif
