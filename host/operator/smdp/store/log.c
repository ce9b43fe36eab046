/* log: the subscription manager's log: entries tied to one another */
#include <string.h>

#include "host/operator/smdp/store/sql.h"

#define COLUMNS "seq, at, iccid, event, from_state, to_state, actor, evidence"

static const struct old_chain_kind profile_log = {
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
	s->head_key = old_chain_head_key(secret_slice(s->own.key));
	s->log = (struct old_chain){.kind = &profile_log,
				    .key = secret_slice(s->own.key),
				    .head_key = secret_slice(s->head_key),
				    .store = s,
				    .prepare = prepare,
				    .done = manager_done};
	return s->head_key ? ERR_OK : ERR_MEMORY;
}

enum err manager_log_append(struct smdp_store *s, const struct smdp_log_entry *entry,
			    int64_t profile)
{
	struct old_chain_entry r = {.at = entry->at,
				    .text = {entry->iccid, entry->event, entry->from, entry->to,
					     entry->actor, entry->evidence}};
	enum err e = old_chain_append(&s->log, &r);

	return e || !profile ? e : manager_profile_prove(s, profile, r.seq);
}

enum err smdp_profile_log(struct smdp_store *s, const struct smdp_log_entry *entry)
{
	struct smdp_profile p = {.id = 0};
	uint8_t iccid[10];
	enum err e = smdp_store_begin(s);

	if (e)
		return e;
	if (*entry->iccid)
		e = hex_decode_exact(entry->iccid, iccid, sizeof(iccid));
	if (!e && *entry->iccid)
		e = smdp_profile_by_iccid(s, iccid, &p);
	if (e == ERR_NOT_FOUND)
		e = ERR_OK;
	return smdp_store_end(s, e ? e : manager_log_append(s, entry, p.id));
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

/* The log tells of a profile that somebody took out. */
static enum err look_for_gone(struct smdp_store *s, struct smdp_check *out)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s,
				     "SELECT iccid, max(seq), to_state FROM log WHERE iccid <> ''"
				     " AND iccid NOT IN (SELECT lower(hex(iccid)) FROM profile)"
				     " GROUP BY iccid ORDER BY iccid LIMIT 1",
				     &st);

	if (e)
		return e;
	e = manager_row(st);
	if (!e) {
		out->found = SMDP_GONE;
		sql_text(st, 0, out->iccid, sizeof(out->iccid));
		out->entry = sqlite3_column_int64(st, 1);
		sql_text(st, 2, out->by_log, sizeof(out->by_log));
	}
	manager_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e ? e : ERR_CORRUPT;
}

static enum err look_at_sessions(struct smdp_store *s, struct smdp_check *out)
{
	struct smdp_profile p;
	int64_t profile = 0;
	enum err e = manager_sessions_check(s, &profile);

	if (e != ERR_CORRUPT)
		return e;
	out->found = SMDP_SESSION_CHANGED;
	if (smdp_profile_get(s, profile, &p) == ERR_OK)
		hex_encode(SLICE_OF(p.iccid), out->iccid, sizeof(out->iccid));
	return e;
}

static enum err verify(struct smdp_store *s, struct smdp_check *out)
{
	enum err e = old_chain_verify(&s->log, &out->good);

	if (e == ERR_CORRUPT)
		out->found = SMDP_LOG_CHANGED;
	if (!e)
		e = manager_profiles_check(s, out);
	if (!e)
		e = look_for_gone(s, out);
	return e ? e : look_at_sessions(s, out);
}

/* All of it is as of one moment, and nobody waits for it. */
enum err smdp_store_verify(struct smdp_store *s, struct smdp_check *out)
{
	enum err e = manager_execute(s, "BEGIN"), ended;

	*out = (struct smdp_check){.good = 0};
	if (e)
		return e;
	e = verify(s, out);
	ended = manager_execute(s, "COMMIT");
	return e ? e : ended;
}

enum err smdp_log_verify(struct smdp_store *s, int64_t *good)
{
	struct smdp_check c;
	enum err e = smdp_store_verify(s, &c);

	*good = c.good;
	return e;
}
