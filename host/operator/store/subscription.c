/* subscription: what the AuC serves: a key and its sequence numbers */
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
	out->heard = (uint64_t)db_int(st, out->sub == 1 ? COLUMN_HEARD1 : COLUMN_HEARD2);
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

/* The numbers of a subscription that change with its challenges. */
struct numbers {
	uint64_t sqn, heard;
};

/* `back`: from the image's end, in numbers. */
static void put_counter(struct subscription *sn, int back, uint64_t v)
{
	struct wbuf number = wbuf_init(
		sn->image.ptr + sn->image.len - (size_t)back * IMAGE_NUMBER_LEN, IMAGE_NUMBER_LEN);

	row_put_int(&number, (int64_t)v);
}

/* The HMAC of the row once its numbers are these. */
static enum err prove_with(struct operator_store *s, struct subscription *sn, struct numbers n,
			   uint8_t mac[static SHA256_LEN])
{
	put_counter(sn, COLUMN_MAC - COLUMN_HEARD1 - (sn->sub - 1), n.heard);
	put_counter(sn, COLUMN_MAC - COLUMN_SQN1 - (sn->sub - 1), n.sqn);
	return row_image_mac(keyring_rows(s->keyring), &sn->image, mac);
}

/*
 * Writes the numbers, provided that the row still is the one that was read (its HMAC is the same):
 * *kept. So nobody else has taken a number meanwhile (I6).
 */
static enum err keep_numbers(struct operator_store *s, struct subscription *sn, struct numbers n,
			     bool *kept)
{
	static const char *const update[] = {
		"UPDATE subscriber SET sqn1 = ?2, heard1 = ?3, mac = ?4 WHERE id = ?1 AND mac = ?5",
		"UPDATE subscriber SET sqn2 = ?2, heard2 = ?3, mac = ?4 WHERE id = ?1 AND mac = "
		"?5"};
	uint8_t mac[SHA256_LEN];
	struct db_statement *st = NULL;
	int64_t changed = 0;
	enum err e = prove_with(s, sn, n, mac);

	if (!e)
		e = db_prepare(s->db, update[sn->sub - 1], &st);
	if (e)
		return e;
	db_bind_int(st, 1, sn->subscriber.id);
	db_bind_int(st, 2, (int64_t)n.sqn);
	db_bind_int(st, 3, (int64_t)n.heard);
	db_bind_bytes(st, 4, SLICE_OF(mac));
	db_bind_bytes(st, 5, SLICE_OF(sn->mac));
	e = db_run_counted(st, &changed);
	*kept = changed == 1;
	if (!e && *kept) {
		sn->sqn = n.sqn;
		sn->heard = n.heard;
		memcpy(sn->mac, mac, sizeof(sn->mac));
	}
	return e;
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

static enum err take_next_number(struct operator_store *s, struct subscription *sn,
				 const struct sqn_challenge *c, bool *kept)
{
	struct numbers n = {.heard = sn->heard};
	enum err e = next_number(s, sn, c, &n.sqn);

	return e ? e : keep_numbers(s, sn, n, kept);
}

static enum err take_number(struct operator_store *s, struct subscription *sn,
			    struct sqn_challenge *c)
{
	bool kept = false;
	enum err e = take_next_number(s, sn, c, &kept);

	if (!e && !kept) {
		e = reopen(s, sn);
		if (!e)
			e = take_next_number(s, sn, c, &kept);
		if (!e && !kept)
			e = ERR_CORRUPT;
	}
	return e ? e : challenge_make(s, sn, c);
}

enum err subscription_sqn_take(struct operator_store *s, struct subscription *sn,
			       struct sqn_challenge *c)
{
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE_ONE, e)
		e = take_number(s, sn, c);
	return e;
}

static enum err resync(struct operator_store *s, struct subscription *sn,
		       const struct sqn_challenge *c, uint64_t sqn_ms)
{
	struct sqn_refusal r = {.sqn_ms = sqn_ms};
	struct numbers n = {.sqn = 0};
	struct operator_policy policy = {.sqn_clock = false};
	bool kept = false;
	enum err e = reopen(s, sn);

	if (!e)
		e = challenge_read(s, sn, c, &r.refused);
	if (!e)
		e = policy_lately(s, c->now, &policy);
	if (!e) {
		r.by_clock = policy.sqn_clock;
		r.ind_bits = sn->ind_bits;
		r.last = sn->sqn;
		e = sqn_resync(&r, &n.sqn);
	}
	if (e)
		return e;
	n.heard = challenge_heard(sn, r.refused, n.sqn);
	e = keep_numbers(s, sn, n, &kept);
	return !e && !kept ? ERR_CORRUPT : e;
}

enum err subscription_resync(struct operator_store *s, struct subscription *sn,
			     const struct sqn_challenge *c, uint64_t sqn_ms)
{
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e)
		e = resync(s, sn, c, sqn_ms);
	return e;
}
