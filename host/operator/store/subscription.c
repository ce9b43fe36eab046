/* subscription: what the AuC serves: a key, its sequence numbers, and the challenges they went with
 */
#include <string.h>

#include "host/operator/policy/decide.h"
#include "host/operator/store/own.h"
#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"

/* A number in the image of a row: its type, and 8 octets. */
#define IMAGE_NUMBER_LEN 9

/* The row that st stands on, and the key of the subscription that has this IMSI. */
static enum err take_served(struct operator_store *s, const struct db_statement *st,
			    const char *imsi, struct subscription *out)
{
	struct subscriber *row = &out->subscriber;
	struct key_place p = {.imsi1 = row->imsi[0], .part = KEY_FIRST};
	enum err e = subscriber_take(s, st, &out->image, row);

	if (e)
		return e;
	out->sub = subscriber_sub_of(row, imsi);
	if (!subscriber_allows_sub(row, out->sub))
		return ERR_WRONG_STATE;
	if (out->sub == 2) {
		p.part = KEY_SECOND;
		p.key_id = row->key_id;
	}
	out->sqn = (uint64_t)db_int(st, out->sub == 1 ? COLUMN_SQN1 : COLUMN_SQN2);
	e = db_copy(st, COLUMN_MAC, out->mac, sizeof(out->mac));
	return e ? e
		 : keys_open_aka(s, &p, db_bytes(st, out->sub == 1 ? COLUMN_KEY1 : COLUMN_KEY2),
				 row->algorithm[out->sub - 1], out);
}

enum err subscription_open(struct operator_store *s, const char *imsi, struct subscription *out)
{
	struct subscription sn = {.image = wbuf_grow(ROW_MAX)};
	struct db_statement *st;
	enum err e = db_prepare(s->db, SUBSCRIBER_BY_IMSI, &st);

	if (e)
		return e;
	db_bind_text(st, 1, imsi);
	e = db_row(st);
	if (!e)
		e = take_served(s, st, imsi, &sn);
	db_done(st);
	if (e)
		subscription_close(&sn);
	else
		*out = sn;
	return e;
}

void subscription_close(struct subscription *sn)
{
	aka_key_free(&sn->key);
	wbuf_free(&sn->image);
}

/* Another process may have written the row since; it is read again, inside the transaction. */
static enum err reopen(struct operator_store *s, struct subscription *sn)
{
	struct subscription now;
	enum err e = subscription_open(s, sn->subscriber.imsi[sn->sub - 1], &now);

	if (e)
		return e;
	subscription_close(sn);
	*sn = now;
	return ERR_OK;
}

/* The HMAC of the row once its number is this one. */
static enum err prove_with(struct operator_store *s, const struct subscription *sn, uint64_t sqn,
			   uint8_t mac[static SHA256_LEN])
{
	struct wbuf number =
		wbuf_init(sn->image.ptr + sn->image.len - (size_t)(3 - sn->sub) * IMAGE_NUMBER_LEN,
			  IMAGE_NUMBER_LEN);

	row_put_int(&number, (int64_t)sqn);
	return row_image_mac(keyring_row_key(s->keyring), &sn->image, mac);
}

/*
 * Writes the number, provided that the row still is the one that was read (its HMAC is the same):
 * *kept. So nobody else has taken a number meanwhile (I6).
 */
static enum err keep_number(struct operator_store *s, struct subscription *sn, uint64_t sqn,
			    bool *kept)
{
	static const char *const update[] = {
		"UPDATE subscriber SET sqn1 = ?2, mac = ?3 WHERE id = ?1 AND mac = ?4",
		"UPDATE subscriber SET sqn2 = ?2, mac = ?3 WHERE id = ?1 AND mac = ?4"};
	uint8_t mac[SHA256_LEN];
	struct db_statement *st = NULL;
	int64_t changed = 0;
	enum err e = prove_with(s, sn, sqn, mac);

	if (!e)
		e = db_prepare(s->db, update[sn->sub - 1], &st);
	if (e)
		return e;
	db_bind_int(st, 1, sn->subscriber.id);
	db_bind_int(st, 2, (int64_t)sqn);
	db_bind_bytes(st, 3, SLICE_OF(mac));
	db_bind_bytes(st, 4, SLICE_OF(sn->mac));
	e = db_run_counted(st, &changed);
	*kept = changed == 1;
	if (!e && *kept) {
		sn->sqn = sqn;
		memcpy(sn->mac, mac, sizeof(sn->mac));
	}
	return e;
}

/* A statement about the subscription, ?1 and ?2; what is bound beside them follows. */
static enum err prepare_for(struct operator_store *s, const char *sql,
			    const struct subscription *sn, struct db_statement **st)
{
	enum err e = db_prepare(s->db, sql, st);

	if (e)
		return e;
	db_bind_int(*st, 1, sn->subscriber.id);
	db_bind_int(*st, 2, sn->sub);
	return ERR_OK;
}

/* Of the challenges of a subscription the latest are kept. */
static enum err issued_put(struct operator_store *s, const struct subscription *sn,
			   const struct sqn_challenge *c)
{
	struct db_statement *st;
	enum err e = prepare_for(s,
				 "INSERT INTO issued (subscriber, sub, rand, at, sqn)"
				 " VALUES (?1, ?2, ?3, ?4, ?5)",
				 sn, &st);

	if (e)
		return e;
	db_bind_bytes(st, 3, SLICE_OF(c->rand));
	db_bind_int(st, 4, c->now);
	db_bind_int(st, 5, (int64_t)sn->sqn);
	e = db_run(st);
	if (!e)
		e = prepare_for(s,
				"DELETE FROM issued WHERE subscriber = ?1 AND sub = ?2 AND n <="
				" (SELECT n FROM issued WHERE subscriber = ?1 AND sub = ?2"
				" ORDER BY n DESC LIMIT 1 OFFSET ?3)",
				sn, &st);
	if (e)
		return e;
	db_bind_int(st, 3, SQN_CHALLENGES_KEPT);
	return db_run(st);
}

/* Which number is next: by the operator's settings, for the node that asks. */
static enum err next_number(struct operator_store *s, const struct subscription *sn,
			    const struct sqn_challenge *c, uint64_t *next)
{
	struct operator_policy policy = {.sqn_clock = false};
	enum err e = policy_lately(s, c->now, &policy);
	const struct sqn_wish wish = {.ind_bits = sn->ind_bits,
				      .node = c->node,
				      .more = c->more,
				      .by_clock = policy.sqn_clock,
				      .now = c->now};

	return e ? e : sqn_take_for(sn->sqn, &wish, next);
}

static enum err take_number(struct operator_store *s, struct subscription *sn,
			    const struct sqn_challenge *c)
{
	uint64_t next = 0;
	bool kept = false;
	enum err e = next_number(s, sn, c, &next);

	if (!e)
		e = keep_number(s, sn, next, &kept);
	if (!e && !kept) {
		e = reopen(s, sn);
		if (!e)
			e = next_number(s, sn, c, &next);
		if (!e)
			e = keep_number(s, sn, next, &kept);
		if (!e && !kept)
			e = ERR_CORRUPT;
	}
	return e ? e : issued_put(s, sn, c);
}

enum err subscription_sqn_take(struct operator_store *s, struct subscription *sn,
			       const struct sqn_challenge *c)
{
	enum err e = db_begin(s->db, DB_WRITE);

	return e ? e : db_end(s->db, take_number(s, sn, c));
}

/* The number that went with it. */
static enum err issued_find(struct operator_store *s, const struct subscription *sn,
			    const struct sqn_challenge *c, uint64_t *sqn)
{
	struct db_statement *st;
	int64_t at;
	enum err e = prepare_for(s,
				 "SELECT sqn, at FROM issued WHERE subscriber = ?1 AND sub = ?2"
				 " AND rand = ?3",
				 sn, &st);

	if (e)
		return e;
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

/*
 * The challenge is used up. When the counter goes down, those before it are of the counter as it
 * was: by none of them does it go down again (docs/adr/0014).
 */
static enum err count_on(struct operator_store *s, const struct subscription *sn,
			 const struct sqn_challenge *c, bool lower)
{
	struct db_statement *st;
	enum err e = prepare_for(
		s, "DELETE FROM issued WHERE subscriber = ?1 AND sub = ?2 AND rand = ?3", sn, &st);

	if (e)
		return e;
	db_bind_bytes(st, 3, SLICE_OF(c->rand));
	e = db_run(st);
	if (e || !lower)
		return e;
	e = prepare_for(s, "UPDATE issued SET sqn = 0 WHERE subscriber = ?1 AND sub = ?2", sn, &st);
	return e ? e : db_run(st);
}

static enum err resync(struct operator_store *s, struct subscription *sn,
		       const struct sqn_challenge *c, uint64_t sqn_ms)
{
	struct sqn_refusal r = {.sqn_ms = sqn_ms};
	struct operator_policy policy = {.sqn_clock = false};
	uint64_t last = 0;
	bool kept = false;
	enum err e = reopen(s, sn);

	if (!e)
		e = issued_find(s, sn, c, &r.refused);
	if (!e)
		e = policy_lately(s, c->now, &policy);
	if (!e) {
		r.by_clock = policy.sqn_clock;
		r.ind_bits = sn->ind_bits;
		r.last = sn->sqn;
		e = sqn_resync(&r, &last);
	}
	if (!e)
		e = count_on(s, sn, c, last < r.last);
	if (!e)
		e = keep_number(s, sn, last, &kept);
	return !e && !kept ? ERR_CORRUPT : e;
}

enum err subscription_resync(struct operator_store *s, struct subscription *sn,
			     const struct sqn_challenge *c, uint64_t sqn_ms)
{
	enum err e = db_begin(s->db, DB_WRITE);

	return e ? e : db_end(s->db, resync(s, sn, c, sqn_ms));
}
