#include "host/operator/store/growth/tidy.h"

#include "host/operator/policy/decide.h"
#include "host/operator/store/own.h"

/* ?1: the moment, ?2: how many. */
static enum err drop_some(struct operator_store *s, const char *sql, int64_t moment, int64_t *n)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, sql, &st);

	if (e)
		return e;
	db_bind_int(st, 1, moment);
	db_bind_int(st, 2, TIDY_STEP);
	return db_run_counted(st, n);
}

static enum err tidy_step(struct operator_store *s, int64_t now, struct tidied *step)
{
	enum err e = drop_some(s,
			       "DELETE FROM pending WHERE id IN (SELECT id FROM pending WHERE"
			       " expires <= ?1 OR made > ?1 LIMIT ?2)",
			       now, &step->pending);

	if (!e)
		e = drop_some(s,
			      "DELETE FROM awaited WHERE (eid, nonce) IN (SELECT eid, nonce FROM"
			      " awaited WHERE at < ?1 LIMIT ?2)",
			      now - GRANT_RESULT_S, &step->awaited);
	if (!e)
		e = drop_some(s,
			      "DELETE FROM batch WHERE (provider, name) IN (SELECT provider, name"
			      " FROM batch WHERE at < ?1 LIMIT ?2)",
			      now - BATCH_KEPT_S, &step->batches);
	return e;
}

/* Whether there is something to do is asked first: nobody's write is held up for nothing. */
static enum err has_old(struct operator_store *s, int64_t now, bool *any)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db,
				"SELECT EXISTS (SELECT 1 FROM pending WHERE expires <= ?1 OR made >"
				" ?1) OR EXISTS (SELECT 1 FROM awaited WHERE at < ?2) OR EXISTS"
				" (SELECT 1 FROM batch WHERE at < ?3)",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, now);
	db_bind_int(st, 2, now - GRANT_RESULT_S);
	db_bind_int(st, 3, now - BATCH_KEPT_S);
	e = db_row(st);
	if (!e)
		*any = db_int(st, 0) != 0;
	db_done(st);
	return e;
}

enum err operator_store_tidy(struct operator_store *s, int64_t now, struct tidied *out)
{
	struct tidied step = {.pending = 0};
	bool any = false;
	enum err e = has_old(s, now, &any);

	out->more = false;
	if (e || !any)
		return e;
	DB_TRANSACTION (s->db, DB_WRITE, e) {
		e = tidy_step(s, now, &step);
	}
	if (e)
		return e;
	out->pending += step.pending;
	out->awaited += step.awaited;
	out->batches += step.batches;
	out->more =
		step.pending == TIDY_STEP || step.awaited == TIDY_STEP || step.batches == TIDY_STEP;
	return ERR_OK;
}
