/* pending: challenges of the AuC, between the question and the answer */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/policy/moment.h"
#include "host/operator/store/own.h"

#define PENDING_ID_LEN 16
#define LABEL_MAX      192

/* Ties the expected answer to all that its challenge is about. */
static void pending_label(char label[static LABEL_MAX], const char *id, const struct auc_pending *p)
{
	char rand[2 * sizeof(p->rand) + 1] = "";

	hex_encode(SLICE_OF(p->rand), rand, sizeof(rand));
	snprintf(label, LABEL_MAX,
		 "pending/%s/%" PRId64 "/%d/%" PRIu32 "/%d/%s/%" PRId64 "/%" PRId64, id,
		 p->subscriber, p->sub, p->key_id, p->gsm, rand, p->made, p->expires);
}

enum err auc_pending_put(struct operator_store *s, const struct auc_pending *p, char id[static 33])
{
	struct db_statement *st = NULL;
	uint8_t raw[PENDING_ID_LEN], mem[64];
	struct wbuf sealed = wbuf_init(mem, sizeof(mem));
	char name[33], label[LABEL_MAX];
	enum err e = random_bytes(raw, sizeof(raw));

	if (!e)
		e = hex_encode(SLICE_OF(raw), name, sizeof(name));
	if (e)
		return e;
	pending_label(label, name, p);
	e = keyring_seal(s->keyring, slice_str(label), slice_make(p->res, p->res_len), &sealed);
	if (!e)
		e = db_prepare(s->db,
			       "INSERT INTO pending (id, subscriber, sub, gsm, rand, res, expires,"
			       " key_id, made) VALUES (?,?,?,?,?,?,?,?,?)",
			       &st);
	if (e)
		return e;
	db_bind_text(st, 1, name);
	db_bind_int(st, 2, p->subscriber);
	db_bind_int(st, 3, p->sub);
	db_bind_int(st, 4, p->gsm);
	db_bind_bytes(st, 5, SLICE_OF(p->rand));
	db_bind_bytes(st, 6, wbuf_slice(&sealed));
	db_bind_int(st, 7, p->expires);
	db_bind_int(st, 8, p->key_id);
	db_bind_int(st, 9, p->made);
	e = db_run(st);
	if (!e)
		memcpy(id, name, sizeof(name));
	return e;
}

static enum err pending_read(struct operator_store *s, const char *id, struct auc_pending *p)
{
	struct db_statement *st = NULL;
	struct secret *res = NULL;
	char label[LABEL_MAX];
	enum err e = db_prepare(s->db,
				"SELECT subscriber, sub, gsm, rand, res, expires, key_id, made"
				" FROM pending WHERE id = ?",
				&st);

	if (e)
		return e;
	db_bind_text(st, 1, id);
	e = db_row(st);
	if (!e) {
		p->subscriber = db_int(st, 0);
		p->sub = (int)db_int(st, 1);
		p->gsm = db_int(st, 2) != 0;
		p->expires = db_int(st, 5);
		p->key_id = (uint32_t)db_int(st, 6);
		p->made = db_int(st, 7);
		if (slice_copy(db_bytes(st, 3), p->rand, sizeof(p->rand)))
			e = ERR_CORRUPT;
	}
	if (!e) {
		pending_label(label, id, p);
		e = keyring_unseal_secret(s->keyring, slice_str(label), db_bytes(st, 4), &res);
	}
	if (!e && res->len > sizeof(p->res))
		e = ERR_CORRUPT;
	if (!e) {
		p->res_len = res->len;
		memcpy(p->res, res->bytes, res->len);
	}
	secret_free(&res);
	db_done(st);
	return e;
}

/* It serves once; those whose time is over go with it. */
static enum err pending_remove(struct operator_store *s, const char *id, int64_t now)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(
		s->db, "DELETE FROM pending WHERE id = ?1 OR expires <= ?2 OR made > ?2", &st);

	if (e)
		return e;
	db_bind_text(st, 1, id);
	db_bind_int(st, 2, now);
	return db_run(st);
}

static enum err pending_time(const struct auc_pending *p, int64_t now)
{
	return moment_within(now, p->made, p->expires) ? ERR_OK : ERR_EXPIRED;
}

enum err auc_pending_take(struct operator_store *s, const char *id, int64_t now,
			  struct auc_pending *p)
{
	struct auc_pending got = {0};
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		e = pending_read(s, id, &got);
		if (!e)
			e = pending_remove(s, id, now);
	}
	if (!e)
		e = pending_time(&got, now);
	if (!e)
		*p = got;
	secret_wipe(&got, sizeof(got));
	return e;
}

/* Of these nothing but the count is kept; what came in a wait is not even counted. */
static enum err wrong_answer(struct operator_store *s, struct subscriber *row,
			     const struct auc_pending *p, int64_t now)
{
	bool counted = attempts_fail(&row->answers, now);
	bool locked = row->answers.wrong >= ANSWERS_MAX;
	char evidence[96];
	struct subscriber_event ev = {.kind = locked ? EVENT_RES_LOCK : EVENT_RES_WRONG,
				      .actor = "auc",
				      .evidence = evidence,
				      .now = now};

	if (!counted)
		return ERR_TRIES;
	snprintf(evidence, sizeof(evidence), "wrong %s, %u in a row, next judged in %lld s",
		 p->gsm ? "SRES" : "RES", row->answers.wrong,
		 (long long)attempts_wait_s(&row->answers, now));
	return event_take(s, row, &ev);
}

static enum err right_answer(struct operator_store *s, struct subscriber *row,
			     const struct auc_pending *p, int64_t now)
{
	struct operator_policy policy;
	struct subscriber_event ev = {
		.kind = p->sub == 1 ? EVENT_RES1 : EVENT_RES2,
		.actor = "auc",
		.evidence = p->gsm ? "SRES matched" : "RES matched",
		.now = now,
		/* a RES of the key before proves no new one */
		.key_id = p->sub == 2 ? p->key_id : 0,
	};
	enum err e = policy_read(s, &policy);

	if (e)
		return e;
	ev.no_factor = p->gsm && !policy.gsm_factor;
	row->answers = (struct attempts){.wrong = 0};
	return event_take(s, row, &ev);
}

/* *verdict: of the answer; the result: whether what came of it can be kept. */
static enum err judge(struct operator_store *s, struct subscriber *row, const struct auc_pending *p,
		      const struct auc_answer *a, enum err *verdict)
{
	bool right = secret_equal(a->res, slice_make(p->res, p->res_len));
	enum err e;

	if (attempts_is_weak(p->res_len) && attempts_wait_s(&row->answers, a->now))
		return ERR_TRIES; /* the caller learns nothing of the answer, and the challenge
				     stays */
	if (right)
		return right_answer(s, row, p, a->now);
	e = wrong_answer(s, row, p, a->now);
	*verdict = e == ERR_TRIES ? e : ERR_REFUSED;
	return e == ERR_TRIES ? ERR_OK : e;
}

/* An answer that could not be taken has used its challenge up all the same; one that nobody judged
 * has not. */
static enum err use_up(struct operator_store *s, const struct auc_answer *a, enum err e)
{
	enum err removed;

	DB_TRANSACTION (s->db, DB_WRITE, removed)
		removed = pending_remove(s, a->id, a->now);
	return removed ? removed : e;
}

enum err auc_pending_judge(struct operator_store *s, const struct auc_answer *a, int *sub,
			   struct subscriber *after)
{
	struct auc_pending got = {0};
	struct subscriber row;
	enum err verdict = ERR_OK, e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		verdict = ERR_OK;
		e = pending_read(s, a->id, &got);
		if (!e)
			e = pending_time(&got, a->now);
		if (!e)
			e = subscriber_by_id(s, got.subscriber, &row);
		if (!e)
			e = judge(s, &row, &got, a, &verdict);
		if (!e)
			e = pending_remove(s, a->id, a->now);
	}
	if (e && e != ERR_TRIES && e != ERR_NOT_FOUND && !db_is_busy(e))
		e = use_up(s, a, e);
	secret_wipe(got.res, sizeof(got.res));
	if (e || verdict)
		return e ? e : verdict;
	*sub = got.sub;
	*after = row;
	return ERR_OK;
}
