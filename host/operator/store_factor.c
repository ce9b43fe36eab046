/* store_factor: what is remembered between two steps: challenges, nonces, second factors */
#include <stdio.h>
#include <string.h>

#include "host/operator/store_sqlite.h"

#define PENDING_ID_LEN 16

enum err grant_nonce_use(struct operator_store *s, const uint8_t eid[static 16],
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

enum err auc_pending_put(struct operator_store *s, const struct auc_pending *p, char id[static 33])
{
	sqlite3_stmt *st = NULL;
	uint8_t raw[PENDING_ID_LEN], mem[64];
	struct wbuf sealed = wbuf_init(mem, sizeof(mem));
	char name[33];
	enum err e = random_bytes(raw, sizeof(raw));

	if (!e)
		e = hex_encode(SLICE_OF(raw), name, sizeof(name));
	if (!e)
		e = sql_seal(s, name, slice_make(p->res, p->res_len), &sealed);
	if (!e)
		e = sql_prepare(s,
				"INSERT INTO pending (id, subscriber, sub, gsm, rand, res, expires,"
				" key_id) VALUES (?,?,?,?,?,?,?,?)",
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
	e = sql_run(s, st, NULL);
	if (!e)
		memcpy(id, name, sizeof(name));
	return e;
}

static enum err pending_read(struct operator_store *s, const char *id, struct auc_pending *p)
{
	sqlite3_stmt *st = NULL;
	struct secret *res = NULL;
	enum err e = sql_prepare(s,
				 "SELECT subscriber, sub, gsm, rand, res, expires, key_id"
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
		if (slice_copy(sql_column(st, 3), p->rand, sizeof(p->rand)))
			e = ERR_CORRUPT;
	}
	if (!e)
		e = sql_unseal(s, id, sql_column(st, 4), &res);
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

enum err auc_pending_take(struct operator_store *s, const char *id, int64_t now,
			  struct auc_pending *p)
{
	struct auc_pending got = {0};
	sqlite3_stmt *st = NULL;
	enum err e = sql_begin(s);

	if (e)
		return e;
	e = pending_read(s, id, &got);
	if (!e)
		e = sql_prepare(s, "DELETE FROM pending WHERE id = ?1 OR expires < ?2", &st);
	if (!e) {
		sqlite3_bind_text(st, 1, id, -1, SQLITE_TRANSIENT);
		sqlite3_bind_int64(st, 2, now);
		e = sql_run(s, st, NULL);
	}
	e = sql_end(s, e);
	if (!e && got.expires < now)
		e = ERR_EXPIRED;
	if (!e)
		*p = got;
	secret_wipe(&got, sizeof(got));
	return e;
}

static void totp_label(char *label, size_t cap, int64_t id)
{
	snprintf(label, cap, "totp/%lld", (long long)id);
}

enum err factor_put_totp(struct operator_store *s, int64_t id, const struct secret *seed)
{
	sqlite3_stmt *st = NULL;
	uint8_t mem[256];
	struct wbuf sealed = wbuf_init(mem, sizeof(mem));
	char label[40];
	enum err e;

	totp_label(label, sizeof(label), id);
	e = sql_seal(s, label, secret_slice(seed), &sealed);
	if (!e)
		e = sql_prepare(s,
				"INSERT INTO totp (subscriber, seed) VALUES (?1, ?2) ON CONFLICT"
				" (subscriber) DO UPDATE SET seed = ?2, failures = 0",
				&st);
	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	sql_bind_slice(st, 2, wbuf_slice(&sealed));
	return sql_run(s, st, NULL);
}

enum err factor_get_totp(struct operator_store *s, int64_t id, struct secret **seed,
			 int64_t *last_step)
{
	sqlite3_stmt *st = NULL;
	char label[40];
	enum err e = sql_prepare(
		s, "SELECT seed, last_step, failures FROM totp WHERE subscriber = ?", &st);

	if (e)
		return e;
	totp_label(label, sizeof(label), id);
	sqlite3_bind_int64(st, 1, id);
	e = sql_row(s, st);
	if (!e && sqlite3_column_int(st, 2) >= FACTOR_TRIES_MAX)
		e = ERR_REFUSED;
	if (!e)
		e = sql_unseal(s, label, sql_column(st, 0), seed);
	if (!e)
		*last_step = sqlite3_column_int64(st, 1);
	sqlite3_finalize(st);
	return e;
}

enum err factor_use_totp(struct operator_store *s, int64_t id, int64_t step)
{
	sqlite3_stmt *st = NULL;
	int changes = 0;
	enum err e =
		sql_prepare(s,
			    "UPDATE totp SET last_step = ?2, failures = 0 WHERE subscriber = ?1"
			    " AND last_step < ?2",
			    &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	sqlite3_bind_int64(st, 2, step);
	e = sql_run(s, st, &changes);
	return e ? e : changes ? ERR_OK : ERR_REPLAY;
}

enum err factor_failed(struct operator_store *s, int64_t id, unsigned *tries_left)
{
	sqlite3_stmt *st = NULL;
	int failures = FACTOR_TRIES_MAX;
	enum err e = sql_prepare(
		s,
		"UPDATE totp SET failures = failures + 1 WHERE subscriber = ?1 RETURNING failures",
		&st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	e = sql_row(s, st);
	if (!e)
		failures = sqlite3_column_int(st, 0);
	while (sqlite3_step(st) ==
	       SQLITE_ROW) /* the change is made when it is stepped to the end */
		;
	sqlite3_finalize(st);
	if (!e)
		*tries_left =
			failures < FACTOR_TRIES_MAX ? (unsigned)(FACTOR_TRIES_MAX - failures) : 0;
	return e;
}
