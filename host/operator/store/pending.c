/* pending: what is remembered between two steps: challenges, and nonces that were used */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/policy/moment.h"
#include "host/operator/store/sqlite.h"

#define PENDING_ID_LEN 16
#define LABEL_MAX      192

enum err sql_nonce_use(struct operator_store *s, const uint8_t eid[static 16],
		       const uint8_t nonce[static 16], int64_t now)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, "INSERT INTO nonce (eid, nonce, at) VALUES (?,?,?)", &st);

	if (e)
		return e;
	sql_bind_slice(st, 1, slice_make(eid, 16));
	sql_bind_slice(st, 2, slice_make(nonce, 16));
	sqlite3_bind_int64(st, 3, now);
	e = sql_run(s, st, NULL);
	return e == ERR_EXISTS ? ERR_REPLAY : e;
}

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
	sqlite3_stmt *st = NULL;
	uint8_t raw[PENDING_ID_LEN], mem[64];
	struct wbuf sealed = wbuf_init(mem, sizeof(mem));
	char name[33], label[LABEL_MAX];
	enum err e = random_bytes(raw, sizeof(raw));

	if (!e)
		e = hex_encode(SLICE_OF(raw), name, sizeof(name));
	if (e)
		return e;
	pending_label(label, name, p);
	e = sql_seal(s, label, slice_make(p->res, p->res_len), &sealed);
	if (!e)
		e = sql_prepare(s,
				"INSERT INTO pending (id, subscriber, sub, gsm, rand, res, expires,"
				" key_id, made) VALUES (?,?,?,?,?,?,?,?,?)",
				&st);
	if (e)
		return e;
	sqlite3_bind_text(st, 1, name, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(st, 2, p->subscriber);
	sqlite3_bind_int(st, 3, p->sub);
	sqlite3_bind_int(st, 4, p->gsm);
	sql_bind_slice(st, 5, SLICE_OF(p->rand));
	sql_bind_slice(st, 6, wbuf_slice(&sealed));
	sqlite3_bind_int64(st, 7, p->expires);
	sqlite3_bind_int64(st, 8, p->key_id);
	sqlite3_bind_int64(st, 9, p->made);
	e = sql_run(s, st, NULL);
	if (!e)
		memcpy(id, name, sizeof(name));
	return e;
}

static enum err pending_read(struct operator_store *s, const char *id, struct auc_pending *p)
{
	sqlite3_stmt *st = NULL;
	struct secret *res = NULL;
	char label[LABEL_MAX];
	enum err e = sql_prepare(s,
				 "SELECT subscriber, sub, gsm, rand, res, expires, key_id, made"
				 " FROM pending WHERE id = ?",
				 &st);

	if (e)
		return e;
	sqlite3_bind_text(st, 1, id, -1, SQLITE_TRANSIENT);
	e = sql_row(s, st);
	if (!e) {
		p->subscriber = sqlite3_column_int64(st, 0);
		p->sub = sqlite3_column_int(st, 1);
		p->gsm = sqlite3_column_int(st, 2) != 0;
		p->expires = sqlite3_column_int64(st, 5);
		p->key_id = (uint32_t)sqlite3_column_int64(st, 6);
		p->made = sqlite3_column_int64(st, 7);
		if (slice_copy(sql_column(st, 3), p->rand, sizeof(p->rand)))
			e = ERR_CORRUPT;
	}
	if (!e) {
		pending_label(label, id, p);
		e = sql_unseal(s, label, sql_column(st, 4), &res);
	}
	if (!e && res->len > sizeof(p->res))
		e = ERR_CORRUPT;
	if (!e) {
		p->res_len = res->len;
		memcpy(p->res, res->bytes, res->len);
	}
	secret_free(&res);
	sqlite3_finalize(st);
	return e;
}

/* It serves once; those whose time is over go with it. */
static enum err pending_remove(struct operator_store *s, const char *id, int64_t now)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(
		s, "DELETE FROM pending WHERE id = ?1 OR expires <= ?2 OR made > ?2", &st);

	if (e)
		return e;
	sqlite3_bind_text(st, 1, id, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(st, 2, now);
	return sql_run(s, st, NULL);
}

static enum err pending_time(const struct auc_pending *p, int64_t now)
{
	return moment_within(now, p->made, p->expires) ? ERR_OK : ERR_EXPIRED;
}

enum err auc_pending_take(struct operator_store *s, const char *id, int64_t now,
			  struct auc_pending *p)
{
	struct auc_pending got = {0};
	enum err e = sql_begin(s);

	if (e)
		return e;
	e = pending_read(s, id, &got);
	if (!e)
		e = pending_remove(s, id, now);
	e = sql_end(s, e);
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
	return sql_event_take(s, row, &ev);
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
	enum err e = sql_policy(s, &policy);

	if (e)
		return e;
	ev.no_factor = p->gsm && !policy.gsm_factor;
	row->answers = (struct attempts){.wrong = 0};
	return sql_event_take(s, row, &ev);
}

/* *verdict: of the answer; the result: whether what came of it can be kept. */
static enum err judge(struct operator_store *s, struct subscriber *row, const struct auc_pending *p,
		      struct slice res, enum err *verdict, int64_t now)
{
	bool right = secret_equal(res, slice_make(p->res, p->res_len));
	enum err e;

	if (attempts_is_weak(p->res_len) && attempts_wait_s(&row->answers, now))
		return ERR_TRIES; /* nothing is told of it, and the challenge stays */
	if (right)
		return right_answer(s, row, p, now);
	e = wrong_answer(s, row, p, now);
	*verdict = e == ERR_TRIES ? e : ERR_REFUSED;
	return e == ERR_TRIES ? ERR_OK : e;
}

/* An answer that could not be taken has used its challenge up all the same. */
static enum err use_up(struct operator_store *s, const char *id, int64_t now, enum err e)
{
	enum err removed = sql_begin(s);

	if (!removed)
		removed = sql_end(s, pending_remove(s, id, now));
	return removed ? removed : e;
}

enum err auc_pending_judge(struct operator_store *s, const char *id, struct slice res, int64_t now,
			   struct auc_pending *p, struct subscriber *after)
{
	struct auc_pending got = {0};
	struct subscriber row;
	enum err verdict = ERR_OK, e = sql_begin(s);

	if (e)
		return e;
	e = pending_read(s, id, &got);
	if (!e)
		e = pending_time(&got, now);
	if (!e)
		e = subscriber_by_id(s, got.subscriber, &row);
	if (!e)
		e = judge(s, &row, &got, res, &verdict, now);
	if (!e)
		e = pending_remove(s, id, now);
	e = sql_end(s, e);
	if (e && e != ERR_TRIES && e != ERR_NOT_FOUND)
		e = use_up(s, id, now, e);
	secret_wipe(got.res, sizeof(got.res));
	if (e || verdict)
		return e ? e : verdict;
	*p = got;
	*after = row;
	return ERR_OK;
}
