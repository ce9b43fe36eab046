/* store_subscriber: subscribers and their sequence numbers */
#include <string.h>

#include "host/operator/store_sqlite.h"

#define COLUMNS                                                                                    \
	"id, name, iccid, imsi1, imsi2, alg1, alg2, eid, key_id, state, first_at, second_until,"   \
	" spare_key_id, granted_key_id, second"

static void take_row(sqlite3_stmt *st, struct subscriber *out)
{
	struct slice eid = sql_column(st, 7);

	*out = (struct subscriber){.id = sqlite3_column_int64(st, 0)};
	sql_text(st, 1, out->name, sizeof(out->name));
	if (slice_copy(sql_column(st, 2), out->iccid, sizeof(out->iccid)))
		memset(out->iccid, 0, sizeof(out->iccid));
	sql_text(st, 3, out->imsi[0], sizeof(out->imsi[0]));
	sql_text(st, 4, out->imsi[1], sizeof(out->imsi[1]));
	out->algorithm[0] = (enum aka_algorithm)sqlite3_column_int(st, 5);
	out->algorithm[1] = (enum aka_algorithm)sqlite3_column_int(st, 6);
	out->has_eid = slice_copy(eid, out->eid, sizeof(out->eid)) == ERR_OK;
	out->key_id = (uint32_t)sqlite3_column_int64(st, 8);
	out->state = (enum subscriber_state)sqlite3_column_int(st, 9);
	out->first_factor_at = sqlite3_column_int64(st, 10);
	out->second_factor_until = sqlite3_column_int64(st, 11);
	out->spare_key_id = (uint32_t)sqlite3_column_int64(st, 12);
	out->granted_key_id = (uint32_t)sqlite3_column_int64(st, 13);
	out->second = (enum subscriber_second)sqlite3_column_int(st, 14);
}

/* Runs a prepared query for one subscriber; takes the statement over. */
static enum err one(struct operator_store *s, sqlite3_stmt *st, struct subscriber *out)
{
	enum err e = sql_row(s, st);

	if (!e)
		take_row(st, out);
	sqlite3_finalize(st);
	return e;
}

enum err subscriber_by_id(struct operator_store *s, int64_t id, struct subscriber *out)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, "SELECT " COLUMNS " FROM subscriber WHERE id = ?", &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	return one(s, st, out);
}

enum err subscriber_by_imsi(struct operator_store *s, const char *imsi, struct subscriber *out,
			    int *sub)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(
		s, "SELECT " COLUMNS " FROM subscriber WHERE imsi1 = ?1 OR imsi2 = ?1", &st);

	if (e)
		return e;
	sqlite3_bind_text(st, 1, imsi, -1, SQLITE_TRANSIENT);
	e = one(s, st, out);
	if (!e && sub)
		*sub = strcmp(out->imsi[0], imsi) == 0 ? 1 : 2;
	return e;
}

enum err subscriber_by_iccid(struct operator_store *s, const uint8_t iccid[static 10],
			     struct subscriber *out)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, "SELECT " COLUMNS " FROM subscriber WHERE iccid = ?", &st);

	if (e)
		return e;
	sql_bind_slice(st, 1, slice_make(iccid, 10));
	return one(s, st, out);
}

enum err subscriber_each(struct operator_store *s,
			 bool (*each)(void *ctx, const struct subscriber *sub), void *ctx)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, "SELECT " COLUMNS " FROM subscriber ORDER BY id", &st);
	struct subscriber sub;

	while (!e && (e = sql_row(s, st)) == ERR_OK) {
		take_row(st, &sub);
		if (!each(ctx, &sub))
			break;
	}
	sqlite3_finalize(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err subscriber_add(struct operator_store *s, struct subscriber *sub,
			const struct subscriber_keys *keys)
{
	const struct secret *all[SQL_KEYS] = {keys->k[0], keys->opc[0], keys->k[1], keys->opc[1],
					      keys->s};
	sqlite3_stmt *st = NULL;
	enum err e =
		sql_prepare(s,
			    "INSERT INTO subscriber (name, iccid, imsi1, imsi2, alg1, alg2, eid,"
			    " key_id, state, k1, opc1, k2, opc2, s)"
			    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
			    &st);

	if (e)
		return e;
	sqlite3_bind_text(st, 1, sub->name, -1, SQLITE_TRANSIENT);
	sql_bind_slice(st, 2, SLICE_OF(sub->iccid));
	sqlite3_bind_text(st, 3, sub->imsi[0], -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(st, 4, sub->imsi[1], -1, SQLITE_TRANSIENT);
	sqlite3_bind_int(st, 5, (int)sub->algorithm[0]);
	sqlite3_bind_int(st, 6, (int)sub->algorithm[1]);
	if (sub->has_eid)
		sql_bind_slice(st, 7, SLICE_OF(sub->eid));
	sqlite3_bind_int64(st, 8, sub->key_id);
	sqlite3_bind_int(st, 9, STATE_PROVISIONED);
	for (int i = 0; !e && i < SQL_KEYS; i++)
		e = sql_key_bind(s, st, 10 + i, sub->imsi[0], (enum sql_key)i, all[i]);
	if (e) {
		sqlite3_finalize(st);
		return e;
	}
	e = sql_run(s, st, NULL);
	if (!e) {
		sub->id = sqlite3_last_insert_rowid(s->db);
		sub->state = STATE_PROVISIONED;
	}
	return e;
}

static const char *const sqn_select[] = {"SELECT sqn1 FROM subscriber WHERE id = ?",
					 "SELECT sqn2 FROM subscriber WHERE id = ?"};
static const char *const sqn_update[] = {
	"UPDATE subscriber SET sqn1 = ?2 WHERE id = ?1 AND sqn1 < ?2",
	"UPDATE subscriber SET sqn2 = ?2 WHERE id = ?1 AND sqn2 < ?2"};

static enum err sqn_read(struct operator_store *s, int64_t id, int sub, uint64_t *sqn)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, sqn_select[sub - 1], &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	e = sql_row(s, st);
	if (!e)
		*sqn = (uint64_t)sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return e;
}

/* The number only grows: a smaller one changes nothing. */
static enum err sqn_write(struct operator_store *s, int64_t id, int sub, uint64_t sqn)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, sqn_update[sub - 1], &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	sqlite3_bind_int64(st, 2, (sqlite3_int64)sqn);
	return sql_run(s, st, NULL);
}

enum err subscriber_sqn_take(struct operator_store *s, int64_t id, int sub, uint64_t *sqn)
{
	uint64_t last = 0, next = 0;
	enum err e = sub == 1 || sub == 2 ? sql_begin(s) : ERR_VALUE;

	if (e)
		return e;
	e = sqn_read(s, id, sub, &last);
	if (!e)
		e = sqn_next(last, &next);
	if (!e)
		e = sqn_write(s, id, sub, next);
	e = sql_end(s, e);
	if (!e)
		*sqn = next;
	return e;
}

enum err subscriber_sqn_raise(struct operator_store *s, int64_t id, int sub, uint64_t sqn_ms)
{
	enum err e = (sub == 1 || sub == 2) && sqn_ms <= SQN_MAX ? sql_begin(s) : ERR_VALUE;

	if (e)
		return e;
	return sql_end(s, sqn_write(s, id, sub, sqn_ms));
}
