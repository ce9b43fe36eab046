/* smdp_store_log: the subscription manager's log: entries tied to one another */
#include <string.h>

#include "host/operator/smdp_store_sql.h"

#define COLUMNS "seq, at, iccid, event, from_state, to_state, actor, evidence"

static const struct chain_kind profile_log = {
	.label = "manager log",
	.select = "SELECT " COLUMNS ", link FROM log ORDER BY seq",
	.insert = "INSERT INTO log (" COLUMNS ", link) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	.texts = 6,
};

static enum err prepare(void *store, const char *sql, sqlite3_stmt **out)
{
	return manager_prepare(store, sql, out);
}

enum err manager_log_begin(struct smdp_store *s)
{
	s->head_key = chain_head_key(secret_slice(s->key));
	s->log = (struct chain){.kind = &profile_log,
				.key = secret_slice(s->key),
				.head_key = secret_slice(s->head_key),
				.store = s,
				.prepare = prepare,
				.done = manager_done};
	return s->head_key ? ERR_OK : ERR_MEMORY;
}

enum err smdp_log_put(struct smdp_store *s, const struct smdp_log_entry *entry)
{
	struct chain_entry r = {.at = entry->at,
				.text = {entry->iccid, entry->event, entry->from, entry->to,
					 entry->actor, entry->evidence}};
	enum err e = smdp_store_begin(s);

	return e ? e : smdp_store_end(s, chain_append(&s->log, &r));
}

static void read_entry(sqlite3_stmt *st, struct smdp_log_entry *r)
{
	memset(r, 0, sizeof(*r));
	r->seq = sqlite3_column_int64(st, 0);
	r->at = sqlite3_column_int64(st, 1);
	sql_text(st, 2, r->iccid, sizeof(r->iccid));
	sql_text(st, 3, r->event, sizeof(r->event));
	sql_text(st, 4, r->from, sizeof(r->from));
	sql_text(st, 5, r->to, sizeof(r->to));
	sql_text(st, 6, r->actor, sizeof(r->actor));
	sql_text(st, 7, r->evidence, sizeof(r->evidence));
}

enum err smdp_log_each(struct smdp_store *s,
		       bool (*each)(void *ctx, const struct smdp_log_entry *e), void *ctx)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "SELECT " COLUMNS " FROM log ORDER BY seq", &st);
	struct smdp_log_entry r;

	if (e)
		return e;
	while ((e = manager_row(st)) == ERR_OK) {
		read_entry(st, &r);
		if (!each(ctx, &r))
			break;
	}
	manager_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err smdp_log_verify(struct smdp_store *s, int64_t *good)
{
	enum err e = smdp_store_begin(s);

	*good = 0;
	return e ? e : smdp_store_end(s, chain_verify(&s->log, good));
}
