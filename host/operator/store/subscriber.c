/* subscriber: the rows of the subscribers */
#include <string.h>

#include "host/operator/policy/decide.h"
#include "host/operator/store/own.h"
#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "lib/base/secret.h"

static enum err check_row(struct operator_store *s, const struct db_statement *st,
			  const struct subscriber *r, struct wbuf *image)
{
	const char *state = db_string(st, COLUMN_MAC + 2);
	uint8_t mac[SHA256_LEN];
	enum err e;

	if (db_int(st, COLUMN_MAC + 1) != r->log_seq ||
	    strcmp(state_name(r->state), state ? state : state_name(STATE_PROVISIONED)) != 0)
		return ERR_CORRUPT;
	row_image(SUBSCRIBER_LABEL, st, COLUMN_MAC, image);
	e = row_image_mac(keyring_rows(s->keyring), image, mac);
	if (!e && !secret_equal(db_bytes(st, COLUMN_MAC), SLICE_OF(mac)))
		e = ERR_CORRUPT;
	return e;
}

static void read_columns(const struct db_statement *st, struct subscriber *out)
{
	struct slice eid = db_bytes(st, 7);

	*out = (struct subscriber){.id = db_int(st, 0)};
	db_text(st, 1, out->name, sizeof(out->name));
	if (slice_copy(db_bytes(st, 2), out->iccid, sizeof(out->iccid)))
		memset(out->iccid, 0, sizeof(out->iccid));
	db_text(st, 3, out->imsi[0], sizeof(out->imsi[0]));
	db_text(st, 4, out->imsi[1], sizeof(out->imsi[1]));
	out->algorithm[0] = (enum aka_algorithm)db_int(st, 5);
	out->algorithm[1] = (enum aka_algorithm)db_int(st, 6);
	out->has_eid = slice_copy(eid, out->eid, sizeof(out->eid)) == ERR_OK;
	out->key_id = (uint32_t)db_int(st, 8);
	out->state = (enum subscriber_state)db_int(st, 9);
	out->first_factor_at = db_int(st, 10);
	out->second_factor_until = db_int(st, 11);
	out->spare_key_id = (uint32_t)db_int(st, 12);
	out->granted_key_id = (uint32_t)db_int(st, 13);
	out->second = (enum subscriber_second)db_int(st, 14);
	out->second_factor_from = db_int(st, 15);
	out->bound_by = (enum subscriber_bound)db_int(st, 16);
	out->answers.wrong = (unsigned)db_int(st, 17);
	out->answers.at = db_int(st, 18);
	out->totp_revision = (uint32_t)db_int(st, 19);
	out->log_seq = db_int(st, 20);
	out->modes.derived = (unsigned)db_int(st, COLUMN_DERIVED);
	out->modes.in_memory = db_int(st, COLUMN_IN_MEMORY) != 0;
	out->modes.keep_first = db_int(st, COLUMN_KEEP_FIRST) != 0;
	for (int i = 0; i < 2; i++) {
		db_text(st, COLUMN_MSISDN1 + i, out->msisdn[i], sizeof(out->msisdn[i]));
		if (networks_load(db_bytes(st, COLUMN_NETWORKS1 + i), &out->networks[i]))
			out->networks[i] = (struct networks){.preferred_count = 0};
	}
	out->book_revision = (uint32_t)db_int(st, COLUMN_BOOK);
}

enum err subscriber_take(struct operator_store *s, const struct db_statement *st,
			 struct wbuf *image, struct subscriber *out)
{
	struct wbuf own = wbuf_grow(ROW_MAX);
	enum err e;

	read_columns(st, out);
	e = check_row(s, st, out, image ? image : &own);
	wbuf_free(&own);
	return e;
}

/* Runs a prepared query for one subscriber; ends its use. */
static enum err one(struct operator_store *s, struct db_statement *st, struct subscriber *out)
{
	enum err e = db_row(st);

	if (!e)
		e = subscriber_take(s, st, NULL, out);
	db_done(st);
	return e;
}

enum err subscriber_by_id(struct operator_store *s, int64_t id, struct subscriber *out)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, "SELECT " SUBSCRIBER_COLUMNS " FROM subscriber WHERE id = ?",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	return one(s, st, out);
}

enum err subscriber_by_imsi(struct operator_store *s, const char *imsi, struct subscriber *out,
			    int *sub)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, SUBSCRIBER_BY_IMSI, &st);

	if (e)
		return e;
	db_bind_text(st, 1, imsi);
	e = one(s, st, out);
	if (!e && sub)
		*sub = subscriber_sub_of(out, imsi);
	return e;
}

enum err subscriber_by_iccid(struct operator_store *s, const uint8_t iccid[static 10],
			     struct subscriber *out)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(
		s->db, "SELECT " SUBSCRIBER_COLUMNS " FROM subscriber WHERE iccid = ?", &st);

	if (e)
		return e;
	db_bind_bytes(st, 1, slice_make(iccid, 10));
	return one(s, st, out);
}

enum err subscriber_each(struct operator_store *s,
			 bool (*each)(void *ctx, const struct subscriber *sub), void *ctx)
{
	struct db_walk w = {.db = s->db,
			    .after = INT64_MIN,
			    .sql = "SELECT " SUBSCRIBER_COLUMNS
				   " FROM subscriber WHERE id > ?1 ORDER BY id LIMIT ?2"};
	struct subscriber sub;
	enum err e;

	while ((e = db_walk_row(&w)) == ERR_OK) {
		sub.broken = subscriber_take(s, w.row, NULL, &sub) != ERR_OK;
		if (!each(ctx, &sub))
			break;
	}
	db_walk_end(&w);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err subscriber_prove(struct operator_store *s, int64_t id)
{
	uint8_t mac[SHA256_LEN];
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, "SELECT " SUBSCRIBER_COLUMNS " FROM subscriber WHERE id = ?",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	e = db_row(st);
	if (!e)
		e = row_mac(keyring_rows(s->keyring), SUBSCRIBER_LABEL, st, COLUMN_MAC, mac);
	db_done(st);
	st = NULL;
	if (!e)
		e = db_prepare(s->db, "UPDATE subscriber SET mac = ?2 WHERE id = ?1", &st);
	if (e)
		return e;
	db_bind_int(st, 1, id);
	db_bind_bytes(st, 2, SLICE_OF(mac));
	return db_run(st);
}

enum err subscriber_write(struct operator_store *s, const struct subscriber *row)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db,
				"UPDATE subscriber SET state = ?2, first_at = ?3, second_from = ?4,"
				" second_until = ?5, eid = ?6, bound_by = ?7, key_id = ?8,"
				" spare_key_id = ?9, granted_key_id = ?10, second = ?11, wrong ="
				" ?12, wrong_at = ?13, totp_revision = ?14, log_seq = ?15, "
				"book_revision = ?16 WHERE"
				" id = ?1",
				&st);
	if (e)
		return e;
	db_bind_int(st, 1, row->id);
	db_bind_int(st, 2, (int)row->state);
	db_bind_int(st, 3, row->first_factor_at);
	db_bind_int(st, 4, row->second_factor_from);
	db_bind_int(st, 5, row->second_factor_until);
	if (row->has_eid)
		db_bind_bytes(st, 6, SLICE_OF(row->eid));
	db_bind_int(st, 7, (int)row->bound_by);
	db_bind_int(st, 8, row->key_id);
	db_bind_int(st, 9, row->spare_key_id);
	db_bind_int(st, 10, row->granted_key_id);
	db_bind_int(st, 11, (int)row->second);
	db_bind_int(st, 12, row->answers.wrong);
	db_bind_int(st, 13, row->answers.at);
	db_bind_int(st, 14, row->totp_revision);
	db_bind_int(st, 15, row->log_seq);
	db_bind_int(st, 16, row->book_revision);
	e = db_run(st);
	return e ? e : subscriber_prove(s, row->id);
}

/* ERR_KEY: a key that its algorithm does not have, such as one of 256 bits with MILENAGE. */
static enum err check_lengths_of(const struct subscriber *sub, const struct subscriber_keys *keys)
{
	static const uint8_t any[32];
	unsigned derived = sub->modes.derived;
	enum err e = derived && (keys->k[1] || derived > sizeof(any)) ? ERR_KEY : ERR_OK;

	for (int i = 0; !e && i < 2; i++) {
		struct slice k =
			i == 1 && derived ? slice_make(any, derived) : secret_slice(keys->k[i]);
		const struct aka_parameters p = aka_parameters_of(
			sub->algorithm[i], k, secret_slice(keys->opc[i]), &keys->shape[i]);
		struct aka_key *key = NULL;

		e = aka_key_make(&p, &key);
		aka_key_free(&key);
	}
	return e;
}

/* The numbers that were used with the keys before go on. Ids have no gaps: one that is missing was
 * taken out (verify.c). */
static enum err insert(struct operator_store *s, struct subscriber *sub,
		       const struct subscriber_keys *keys)
{
	const struct key_place from = {sub->imsi[0], KEY_FIRST, sub->key_id};
	struct sealed_keys sealed;
	struct db_statement *st = NULL;
	enum err e = keys->sqn[0] <= SQN_MAX && keys->sqn[1] <= SQN_MAX ? ERR_OK : ERR_VALUE;

	if (!e)
		e = check_lengths_of(sub, keys);
	if (!e)
		e = keys_seal(s, &from, keys, &sealed);
	if (!e)
		e = db_prepare(s->db,
			       "INSERT INTO subscriber (id, name, iccid, imsi1, imsi2, alg1,"
			       " alg2, key_id, state, key1, key2, s, sqn1, sqn2, derived,"
			       " in_memory, keep_first, msisdn1, msisdn2, networks1, networks2)"
			       " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM subscriber),"
			       " ?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING id",
			       &st);
	if (e)
		return e;
	db_bind_text(st, 1, sub->name);
	db_bind_bytes(st, 2, SLICE_OF(sub->iccid));
	db_bind_text(st, 3, sub->imsi[0]);
	db_bind_text(st, 4, sub->imsi[1]);
	db_bind_int(st, 5, sub->algorithm[0]);
	db_bind_int(st, 6, sub->algorithm[1]);
	db_bind_int(st, 7, sub->key_id);
	db_bind_int(st, 8, STATE_PROVISIONED);
	for (int i = 0; i < KEY_PARTS; i++)
		db_bind_bytes(st, 9 + i, wbuf_slice(&sealed.part[i]));
	db_bind_int(st, 12, (int64_t)keys->sqn[0]);
	db_bind_int(st, 13, (int64_t)keys->sqn[1]);
	db_bind_int(st, 14, sub->modes.derived);
	db_bind_int(st, 15, sub->modes.in_memory);
	db_bind_int(st, 16, sub->modes.keep_first);
	for (int i = 0; i < 2; i++) {
		uint8_t mem[2 + sizeof(struct networks)];
		struct wbuf networks = wbuf_init(mem, sizeof(mem));

		networks_save(&networks, &sub->networks[i]);
		db_bind_text(st, 17 + i, sub->msisdn[i]);
		db_bind_bytes(st, 19 + i, wbuf_slice(&networks));
	}
	e = db_row(st);
	if (!e)
		sub->id = db_int(st, 0);
	db_done(st);
	return e;
}

/* An IMSI names one subscriber: ERR_EXISTS. Of one, both subscriptions may have the same, unless
 * the AuC has to tell by it which key a card has: ERR_UNSUPPORTED. */
static enum err check_identity(struct operator_store *s, const struct subscriber *sub)
{
	struct db_statement *st = NULL;
	enum err e = strcmp(sub->imsi[0], sub->imsi[1]) == 0 &&
				     (sub->modes.in_memory || sub->modes.keep_first)
			     ? ERR_UNSUPPORTED
			     : db_prepare(s->db,
					  "SELECT id FROM subscriber WHERE imsi1 IN (?1, ?2)"
					  " OR imsi2 IN (?1, ?2)",
					  &st);

	if (e)
		return e;
	db_bind_text(st, 1, sub->imsi[0]);
	db_bind_text(st, 2, sub->imsi[1]);
	e = db_row(st);
	db_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e ? e : ERR_EXISTS;
}

/* Who has added one counts them afterwards. */
static enum err add_row(struct operator_store *s, struct subscriber *sub,
			const struct subscriber_keys *keys)
{
	enum err e = check_identity(s, sub);

	sub->state = STATE_PROVISIONED;
	if (!e)
		e = insert(s, sub, keys);
	return e ? e : subscriber_write(s, sub);
}

enum err subscriber_add(struct operator_store *s, struct subscriber *sub,
			const struct subscriber_keys *keys)
{
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		e = add_row(s, sub, keys);
		if (!e)
			e = members_add(s);
	}
	return e;
}

static enum err add_made(struct operator_store *s, const struct subscriber_batch *b, size_t i)
{
	struct subscriber sub;
	struct subscriber_keys keys = {0};
	enum err e = b->make(b->ctx, i, &sub, &keys);

	if (!e)
		e = add_row(s, &sub, &keys);
	subscriber_keys_free(&keys);
	return e;
}

enum err subscriber_add_all(struct operator_store *s, const struct subscriber_batch *b, size_t *at)
{
	const struct subscriber_event ev = {
		.kind = EVENT_IMPORT, .actor = "operator", .evidence = b->evidence, .now = b->now};
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		for (*at = 0; !e && *at < b->count; ++*at) {
			e = add_made(s, b, *at);
			if (e)
				break;
		}
		if (!e)
			e = members_count(s);
		if (!e)
			e = log_note(s, &ev);
	}
	return e;
}
