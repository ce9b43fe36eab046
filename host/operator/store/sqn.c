/* sqn: sequence numbers, the challenges they went with, and what a key has but its algorithm
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/bytes.h"
#include "lib/auth/sqn.h"
#include "host/operator/store/sqlite.h"

#define SHAPE_FORMAT 1

static void shape_label(char *label, size_t cap, int64_t id, int sub)
{
	snprintf(label, cap, "shape/%lld/%d", (long long)id, sub);
}

static bool is_default(const struct aka_shape *s)
{
	return !s->res_len && !s->iterations && !s->has_ind_bits;
}

static enum err shape_put(struct operator_store *s, int64_t id, int sub, const struct aka_shape *a)
{
	uint8_t plain[5], mem[64];
	struct wbuf w = wbuf_init(plain, sizeof(plain)), sealed = wbuf_init(mem, sizeof(mem));
	sqlite3_stmt *st = NULL;
	char label[40];
	enum err e;

	wbuf_u8(&w, SHAPE_FORMAT);
	wbuf_u8(&w, (uint8_t)a->res_len);
	wbuf_u8(&w, (uint8_t)a->iterations);
	wbuf_u8(&w, a->has_ind_bits);
	wbuf_u8(&w, (uint8_t)a->ind_bits);
	shape_label(label, sizeof(label), id, sub);
	e = sql_seal(s, label, wbuf_slice(&w), &sealed);
	if (!e)
		e = sql_prepare(s, "INSERT INTO shape (subscriber, sub, value) VALUES (?,?,?)",
				&st);
	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	sqlite3_bind_int(st, 2, sub);
	sql_bind_slice(st, 3, wbuf_slice(&sealed));
	return sql_run(s, st, NULL);
}

static enum err shape_take(struct operator_store *s, int64_t id, int sub, struct slice sealed,
			   struct aka_shape *out)
{
	struct aka_shape a = {0};
	struct secret *plain = NULL;
	char label[40];
	struct cursor c;
	enum err e;

	shape_label(label, sizeof(label), id, sub);
	e = sql_unseal(s, label, sealed, &plain);
	if (e)
		return e;
	c = cursor_of(secret_slice(plain));
	if (cursor_u8(&c) != SHAPE_FORMAT)
		cursor_fail(&c, ERR_CORRUPT);
	a.res_len = cursor_u8(&c);
	a.iterations = cursor_u8(&c);
	a.has_ind_bits = cursor_u8(&c) != 0;
	a.ind_bits = cursor_u8(&c);
	e = cursor_done(&c) || a.ind_bits > SQN_IND_BITS_MAX ? ERR_CORRUPT : ERR_OK;
	if (!e)
		*out = a;
	secret_free(&plain);
	return e;
}

enum err sql_shapes_load(struct operator_store *s, int64_t id, struct subscriber_keys *keys)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, "SELECT sub, value FROM shape WHERE subscriber = ?", &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	while (!e && (e = sql_row(s, st)) == ERR_OK) {
		int sub = sqlite3_column_int(st, 0);

		e = sub == 1 || sub == 2
			    ? shape_take(s, id, sub, sql_column(st, 1), &keys->shape[sub - 1])
			    : ERR_CORRUPT;
	}
	sqlite3_finalize(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err sqn_read(struct operator_store *s, const struct sqn_challenge *c, uint64_t *sqn)
{
	static const char *const select[] = {"SELECT sqn1 FROM subscriber WHERE id = ?",
					     "SELECT sqn2 FROM subscriber WHERE id = ?"};
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, select[c->sub - 1], &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, c->subscriber);
	e = sql_row(s, st);
	if (!e)
		*sqn = (uint64_t)sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return e;
}

static enum err sqn_write(struct operator_store *s, int64_t id, int sub, uint64_t sqn)
{
	static const char *const update[] = {"UPDATE subscriber SET sqn1 = ?2 WHERE id = ?1",
					     "UPDATE subscriber SET sqn2 = ?2 WHERE id = ?1"};
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, update[sub - 1], &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	sqlite3_bind_int64(st, 2, (sqlite3_int64)sqn);
	return sql_run(s, st, NULL);
}

enum err sql_shapes_put(struct operator_store *s, int64_t id, const struct subscriber_keys *keys)
{
	enum err e = ERR_OK;

	for (int sub = 1; !e && sub <= 2; sub++) {
		uint64_t sqn = keys->sqn[sub - 1];

		if (!is_default(&keys->shape[sub - 1]))
			e = shape_put(s, id, sub, &keys->shape[sub - 1]);
		if (!e && sqn)
			e = sqn <= SQN_MAX ? sqn_write(s, id, sub, sqn) : ERR_VALUE;
	}
	return e;
}

static enum err ind_bits(struct operator_store *s, const struct sqn_challenge *c, unsigned *bits)
{
	struct subscriber_keys keys = {0};
	enum err e =
		c->sub == 1 || c->sub == 2 ? sql_shapes_load(s, c->subscriber, &keys) : ERR_VALUE;

	if (!e)
		*bits = aka_ind_bits(&keys.shape[c->sub - 1]);
	return e;
}

/* A statement with the challenge's subscription, RAND, now and a number as ?1 to ?5, as far as it
 * has them. */
static enum err run(struct operator_store *s, const char *sql, const struct sqn_challenge *c,
		    int64_t number)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, sql, &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, c->subscriber);
	sqlite3_bind_int(st, 2, c->sub);
	sql_bind_slice(st, 3, SLICE_OF(c->rand));
	sqlite3_bind_int64(st, 4, c->now);
	sqlite3_bind_int64(st, 5, number);
	return sql_run(s, st, NULL);
}

static enum err issued_put(struct operator_store *s, const struct sqn_challenge *c, uint64_t sqn)
{
	enum err e = run(s,
			 "INSERT INTO issued (subscriber, sub, rand, at, sqn)"
			 " VALUES (?1, ?2, ?3, ?4, ?5)",
			 c, (int64_t)sqn);

	return e ? e
		 : run(s,
		       "DELETE FROM issued WHERE subscriber = ?1 AND sub = ?2 AND n <= (SELECT n "
		       "FROM"
		       " issued WHERE subscriber = ?1 AND sub = ?2 ORDER BY n DESC LIMIT 1 OFFSET "
		       "?5)",
		       c, SQN_CHALLENGES_KEPT);
}

/* The number that went with it. */
static enum err issued_find(struct operator_store *s, const struct sqn_challenge *c, uint64_t *sqn)
{
	sqlite3_stmt *st = NULL;
	int64_t at;
	enum err e = sql_prepare(s,
				 "SELECT sqn, at FROM issued WHERE subscriber = ? AND sub = ?"
				 " AND rand = ?",
				 &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, c->subscriber);
	sqlite3_bind_int(st, 2, c->sub);
	sql_bind_slice(st, 3, SLICE_OF(c->rand));
	e = sql_row(s, st);
	if (!e) {
		*sqn = (uint64_t)sqlite3_column_int64(st, 0);
		at = sqlite3_column_int64(st, 1);
		if (c->now < at || c->now - at > SQN_CHALLENGE_VALID_S)
			e = ERR_EXPIRED;
	}
	sqlite3_finalize(st);
	return e;
}

enum err subscriber_sqn_take(struct operator_store *s, const struct sqn_challenge *c, uint64_t *sqn)
{
	uint64_t last = 0, next = 0;
	struct subscriber row;
	unsigned bits = 0;
	enum err e = sql_begin(s);

	if (e)
		return e;
	e = subscriber_by_id(s, c->subscriber, &row);
	if (!e)
		e = ind_bits(s, c, &bits);
	if (!e)
		e = sqn_read(s, c, &last);
	if (!e)
		e = sqn_take(last, bits, &next);
	if (!e)
		e = sqn_write(s, c->subscriber, c->sub, next);
	if (!e)
		e = sql_subscriber_prove(s, row.id);
	if (!e)
		e = issued_put(s, c, next);
	e = sql_end(s, e);
	if (!e)
		*sqn = next;
	return e;
}

/*
 * The challenge is used up. When the counter goes down, those before it are of the counter as it
 * was: by none of them does it go down again (docs/adr/0014).
 */
static enum err count_on(struct operator_store *s, const struct sqn_challenge *c, uint64_t last,
			 bool lower)
{
	enum err e =
		run(s, "DELETE FROM issued WHERE subscriber = ?1 AND sub = ?2 AND rand = ?3", c, 0);

	if (!e && lower)
		e = run(s, "UPDATE issued SET sqn = ?5 WHERE subscriber = ?1 AND sub = ?2", c, 0);
	return e ? e : sqn_write(s, c->subscriber, c->sub, last);
}

enum err subscriber_sqn_resync(struct operator_store *s, const struct sqn_challenge *c,
			       uint64_t sqn_ms)
{
	struct sqn_refusal r = {.sqn_ms = sqn_ms};
	struct subscriber row;
	uint64_t last = 0;
	enum err e = sql_begin(s);

	if (e)
		return e;
	e = subscriber_by_id(s, c->subscriber, &row);
	if (!e)
		e = ind_bits(s, c, &r.ind_bits);
	if (!e)
		e = issued_find(s, c, &r.refused);
	if (!e)
		e = sqn_read(s, c, &r.last);
	if (!e)
		e = sqn_resync(&r, &last);
	if (!e)
		e = count_on(s, c, last, last < r.last);
	if (!e)
		e = sql_subscriber_prove(s, row.id);
	return sql_end(s, e);
}
