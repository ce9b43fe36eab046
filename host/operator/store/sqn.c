/* sqn: sequence numbers, the challenges they went with, and what a key has but its algorithm
 */
#include <stdio.h>
#include <string.h>

#include "host/operator/store/own.h"
#include "lib/base/bytes.h"
#include "lib/auth/sqn.h"

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
	struct db_statement *st = NULL;
	char label[40];
	enum err e;

	wbuf_u8(&w, SHAPE_FORMAT);
	wbuf_u8(&w, (uint8_t)a->res_len);
	wbuf_u8(&w, (uint8_t)a->iterations);
	wbuf_u8(&w, a->has_ind_bits);
	wbuf_u8(&w, (uint8_t)a->ind_bits);
	shape_label(label, sizeof(label), id, sub);
	e = keyring_seal(s->keyring, slice_str(label), wbuf_slice(&w), &sealed);
	if (!e)
		e = db_prepare(s->db, "INSERT INTO shape (subscriber, sub, value) VALUES (?,?,?)",
			       &st);
	if (e)
		return e;
	db_bind_int(st, 1, id);
	db_bind_int(st, 2, sub);
	db_bind_bytes(st, 3, wbuf_slice(&sealed));
	return db_run(st);
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
	e = keyring_unseal_secret(s->keyring, slice_str(label), sealed, &plain);
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

enum err shapes_load(struct operator_store *s, int64_t id, struct subscriber_keys *keys)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, "SELECT sub, value FROM shape WHERE subscriber = ?", &st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	while (!e && (e = db_row(st)) == ERR_OK) {
		int sub = (int)db_int(st, 0);

		e = sub == 1 || sub == 2
			    ? shape_take(s, id, sub, db_bytes(st, 1), &keys->shape[sub - 1])
			    : ERR_CORRUPT;
	}
	db_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err sqn_read(struct operator_store *s, const struct sqn_challenge *c, uint64_t *sqn)
{
	static const char *const select[] = {"SELECT sqn1 FROM subscriber WHERE id = ?",
					     "SELECT sqn2 FROM subscriber WHERE id = ?"};
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, select[c->sub - 1], &st);

	if (e)
		return e;
	db_bind_int(st, 1, c->subscriber);
	e = db_row(st);
	if (!e)
		*sqn = (uint64_t)db_int(st, 0);
	db_done(st);
	return e;
}

static enum err sqn_write(struct operator_store *s, int64_t id, int sub, uint64_t sqn)
{
	static const char *const update[] = {"UPDATE subscriber SET sqn1 = ?2 WHERE id = ?1",
					     "UPDATE subscriber SET sqn2 = ?2 WHERE id = ?1"};
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, update[sub - 1], &st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	db_bind_int(st, 2, (int64_t)sqn);
	return db_run(st);
}

enum err shapes_put(struct operator_store *s, int64_t id, const struct subscriber_keys *keys)
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
	enum err e = c->sub == 1 || c->sub == 2 ? shapes_load(s, c->subscriber, &keys) : ERR_VALUE;

	if (!e)
		*bits = aka_ind_bits(&keys.shape[c->sub - 1]);
	return e;
}

/* A statement about the challenge's subscription, ?1 and ?2; what is bound beside them follows. */
static enum err prepare_for(struct operator_store *s, const char *sql,
			    const struct sqn_challenge *c, struct db_statement **st)
{
	enum err e = db_prepare(s->db, sql, st);

	if (e)
		return e;
	db_bind_int(*st, 1, c->subscriber);
	db_bind_int(*st, 2, c->sub);
	return ERR_OK;
}

/* Of the challenges of a subscription the latest are kept. */
static enum err issued_put(struct operator_store *s, const struct sqn_challenge *c, uint64_t sqn)
{
	struct db_statement *st;
	enum err e = prepare_for(s,
				 "INSERT INTO issued (subscriber, sub, rand, at, sqn)"
				 " VALUES (?1, ?2, ?3, ?4, ?5)",
				 c, &st);

	if (e)
		return e;
	db_bind_bytes(st, 3, SLICE_OF(c->rand));
	db_bind_int(st, 4, c->now);
	db_bind_int(st, 5, (int64_t)sqn);
	e = db_run(st);
	if (!e)
		e = prepare_for(s,
				"DELETE FROM issued WHERE subscriber = ?1 AND sub = ?2 AND n <="
				" (SELECT n FROM issued WHERE subscriber = ?1 AND sub = ?2"
				" ORDER BY n DESC LIMIT 1 OFFSET ?3)",
				c, &st);
	if (e)
		return e;
	db_bind_int(st, 3, SQN_CHALLENGES_KEPT);
	return db_run(st);
}

/* The number that went with it. */
static enum err issued_find(struct operator_store *s, const struct sqn_challenge *c, uint64_t *sqn)
{
	struct db_statement *st = NULL;
	int64_t at;
	enum err e = db_prepare(s->db,
				"SELECT sqn, at FROM issued WHERE subscriber = ? AND sub = ?"
				" AND rand = ?",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, c->subscriber);
	db_bind_int(st, 2, c->sub);
	db_bind_bytes(st, 3, SLICE_OF(c->rand));
	e = db_row(st);
	if (!e) {
		*sqn = (uint64_t)db_int(st, 0);
		at = db_int(st, 1);
		if (c->now < at || c->now - at > SQN_CHALLENGE_VALID_S)
			e = ERR_EXPIRED;
	}
	db_done(st);
	return e;
}

enum err subscriber_sqn_take(struct operator_store *s, const struct sqn_challenge *c, uint64_t *sqn)
{
	uint64_t last = 0, next = 0;
	struct subscriber row;
	unsigned bits = 0;
	enum err e = db_begin(s->db, DB_WRITE);

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
		e = subscriber_prove(s, row.id);
	if (!e)
		e = issued_put(s, c, next);
	e = db_end(s->db, e);
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
	struct db_statement *st;
	enum err e = prepare_for(
		s, "DELETE FROM issued WHERE subscriber = ?1 AND sub = ?2 AND rand = ?3", c, &st);

	if (e)
		return e;
	db_bind_bytes(st, 3, SLICE_OF(c->rand));
	e = db_run(st);
	if (!e && lower) {
		e = prepare_for(s, "UPDATE issued SET sqn = 0 WHERE subscriber = ?1 AND sub = ?2",
				c, &st);
		if (!e)
			e = db_run(st);
	}
	return e ? e : sqn_write(s, c->subscriber, c->sub, last);
}

enum err subscriber_sqn_resync(struct operator_store *s, const struct sqn_challenge *c,
			       uint64_t sqn_ms)
{
	struct sqn_refusal r = {.sqn_ms = sqn_ms};
	struct subscriber row;
	uint64_t last = 0;
	enum err e = db_begin(s->db, DB_WRITE);

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
		e = subscriber_prove(s, row.id);
	return db_end(s->db, e);
}
