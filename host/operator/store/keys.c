/* keys: a subscriber's keys, sealed at rest, and the second set of a rotation */
#include <stdio.h>

#include "host/operator/store/own.h"
#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"

#define KEY_FORMAT 1
#define PLAIN_MAX  80
#define LABEL_MAX  64

static struct slice label_of(const struct key_place *p, char label[static LABEL_MAX])
{
	if (p->part == KEY_FIRST)
		snprintf(label, LABEL_MAX, "subscriber/%s/key1", p->imsi1);
	else
		snprintf(label, LABEL_MAX, "subscriber/%s/%s/%u", p->imsi1,
			 p->part == KEY_SECOND ? "key2" : "s", (unsigned)p->key_id);
	return slice_str(label);
}

static void put_secret(struct wbuf *w, const struct secret *s)
{
	wbuf_u8(w, (uint8_t)secret_slice(s).len);
	wbuf_put(w, secret_slice(s));
}

/* format, K (of subscription 2 none, as long as it is to be derived), OPc, shape */
static enum err seal_aka(struct operator_store *s, const struct key_place *p,
			 const struct subscriber_keys *keys, struct wbuf *out)
{
	int i = p->part == KEY_FIRST ? 0 : 1;
	const struct aka_shape *shape = &keys->shape[i];
	struct secret *plain;
	char label[LABEL_MAX];
	struct wbuf w;
	enum err e;

	if ((i == 0 && !keys->k[i]) || !keys->opc[i])
		return ERR_KEY;
	plain = secret_new(PLAIN_MAX);
	if (!plain)
		return ERR_MEMORY;
	w = wbuf_init(plain->bytes, plain->len);
	wbuf_u8(&w, KEY_FORMAT);
	put_secret(&w, keys->k[i]);
	put_secret(&w, keys->opc[i]);
	wbuf_u8(&w, (uint8_t)shape->res_len);
	wbuf_u8(&w, (uint8_t)shape->iterations);
	wbuf_u8(&w, shape->has_ind_bits);
	wbuf_u8(&w, (uint8_t)shape->ind_bits);
	e = wbuf_done(&w);
	if (!e)
		e = keyring_seal(s->keyring, label_of(p, label), wbuf_slice(&w), out);
	secret_free(&plain);
	return e ? e : wbuf_done(out);
}

enum err keys_seal(struct operator_store *s, const struct key_place *from,
		   const struct subscriber_keys *keys, struct sealed_keys *out)
{
	struct key_place p = *from;
	char label[LABEL_MAX];
	enum err e = keys->s ? ERR_OK : ERR_KEY;

	for (unsigned i = 0; i < KEY_PARTS; i++)
		out->part[i] = wbuf_init(out->mem[i], sizeof(out->mem[i]));
	for (; !e && p.part < KEY_SEALING; p.part++)
		e = seal_aka(s, &p, keys, &out->part[p.part]);
	if (!e)
		e = keyring_seal(s->keyring, label_of(&p, label), secret_slice(keys->s),
				 &out->part[KEY_SEALING]);
	return e ? e : wbuf_done(&out->part[KEY_SEALING]);
}

struct opened { /* borrows plain */
	struct secret *plain;
	struct slice k, opc;
	struct aka_shape shape;
};

static enum err open_aka(struct operator_store *s, const struct key_place *p, struct slice sealed,
			 struct opened *out)
{
	struct opened o = {0};
	char label[LABEL_MAX];
	struct cursor c;
	enum err e = keyring_unseal_secret(s->keyring, label_of(p, label), sealed, &o.plain);

	if (e)
		return e;
	c = cursor_of(secret_slice(o.plain));
	if (cursor_u8(&c) != KEY_FORMAT)
		cursor_fail(&c, ERR_CORRUPT);
	o.k = cursor_take(&c, cursor_u8(&c));
	o.opc = cursor_take(&c, cursor_u8(&c));
	o.shape.res_len = cursor_u8(&c);
	o.shape.iterations = cursor_u8(&c);
	o.shape.has_ind_bits = cursor_u8(&c) != 0;
	o.shape.ind_bits = cursor_u8(&c);
	if (cursor_done(&c) || o.shape.ind_bits > SQN_IND_BITS_MAX) {
		secret_free(&o.plain);
		return ERR_CORRUPT;
	}
	*out = o;
	return ERR_OK;
}

enum err keys_open_aka(struct operator_store *s, const struct key_place *p, struct slice sealed,
		       enum aka_algorithm algorithm, struct subscription *out)
{
	struct aka_parameters parameters;
	struct opened o = {0};
	enum err e = open_aka(s, p, sealed, &o);

	if (e)
		return e;
	parameters = aka_parameters_of(algorithm, o.k, o.opc, &o.shape);
	e = aka_key_make(&parameters, &out->key);
	out->ind_bits = aka_ind_bits(&o.shape);
	secret_free(&o.plain);
	return e;
}

/* Into its place of keys. */
static enum err load_part(struct operator_store *s, const struct key_place *p, struct slice sealed,
			  struct subscriber_keys *keys)
{
	int i = p->part == KEY_FIRST ? 0 : 1;
	char label[LABEL_MAX];
	struct opened o = {0};
	enum err e;

	if (p->part == KEY_SEALING)
		return keyring_unseal_secret(s->keyring, label_of(p, label), sealed, &keys->s);
	e = open_aka(s, p, sealed, &o);
	if (e)
		return e;
	keys->k[i] = o.k.len ? secret_copy(o.k) : NULL;
	keys->opc[i] = secret_copy(o.opc);
	keys->shape[i] = o.shape;
	e = (keys->k[i] || !o.k.len) && keys->opc[i] ? ERR_OK : ERR_MEMORY;
	secret_free(&o.plain);
	return e;
}

/* Out of the row of a query: the IMSI 1, the keyId, then the parts from `from` on, then (of all
 * parts) the numbers. */
static enum err load_parts(struct operator_store *s, const char *sql, int64_t id,
			   enum key_part from, struct subscriber_keys *out)
{
	struct subscriber_keys k = {0};
	struct db_statement *st;
	char imsi1[IMSI_MAX + 1];
	struct key_place p = {.imsi1 = imsi1, .part = from};
	enum err e = db_prepare(s->db, sql, &st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	e = db_row(st);
	if (!e) {
		db_text(st, 0, imsi1, sizeof(imsi1));
		p.key_id = (uint32_t)db_int(st, 1);
	}
	for (int at = 2; !e && p.part < KEY_PARTS; at++, p.part++)
		e = load_part(s, &p, db_bytes(st, at), &k);
	for (int i = 0; !e && from == KEY_FIRST && i < 2; i++)
		k.sqn[i] = (uint64_t)db_int(st, 2 + KEY_PARTS + i);
	db_done(st);
	if (e)
		subscriber_keys_free(&k);
	else
		*out = k;
	return e;
}

enum err subscriber_keys_load(struct operator_store *s, int64_t id, struct subscriber_keys *out)
{
	return load_parts(s,
			  "SELECT imsi1, key_id, key1, key2, s, sqn1, sqn2 FROM subscriber"
			  " WHERE id = ?",
			  id, KEY_FIRST, out);
}

enum err subscriber_spare_keys_load(struct operator_store *s, int64_t id,
				    struct subscriber_keys *out)
{
	return load_parts(s,
			  "SELECT imsi1, spare_key_id, key2_spare, s_spare FROM subscriber"
			  " WHERE id = ? AND spare_key_id > 0",
			  id, KEY_SECOND, out);
}

void subscriber_keys_free(struct subscriber_keys *keys)
{
	for (int i = 0; i < 2; i++) {
		secret_free(&keys->k[i]);
		secret_free(&keys->opc[i]);
	}
	secret_free(&keys->s);
}

/* A message that brings a sealed part is of one set of keys: it goes with that. */
static enum err keep_next(struct operator_store *s, const struct subscriber *row,
			  const struct subscriber_keys *next)
{
	const struct key_place p = {row->imsi[0], KEY_SECOND, row->spare_key_id};
	struct sealed_keys sealed;
	struct db_statement *st = NULL;
	enum err e = keys_seal(s, &p, next, &sealed);

	if (!e)
		e = db_prepare(s->db,
			       "UPDATE subscriber SET key2_spare = ?2, s_spare = ?3, reseal = NULL"
			       " WHERE id = ?1",
			       &st);
	if (e)
		return e;
	db_bind_int(st, 1, row->id);
	db_bind_bytes(st, 2, wbuf_slice(&sealed.part[KEY_SECOND]));
	db_bind_bytes(st, 3, wbuf_slice(&sealed.part[KEY_SEALING]));
	return db_run(st);
}

/* The key in force, which the next one is like. */
static enum err load_second(struct operator_store *s, const struct subscriber *row,
			    struct subscriber_keys *out)
{
	const struct key_place p = {row->imsi[0], KEY_SECOND, row->key_id};
	struct db_statement *st;
	enum err e = db_prepare(s->db, "SELECT key2 FROM subscriber WHERE id = ?", &st);

	if (e)
		return e;
	db_bind_int(st, 1, row->id);
	e = db_row(st);
	if (!e)
		e = load_part(s, &p, db_bytes(st, 0), out);
	db_done(st);
	return e;
}

enum err keys_make_next(struct operator_store *s, const struct subscriber *row)
{
	struct subscriber_keys now = {0}, next = {0};
	enum err e = load_second(s, row, &now);

	if (!e) {
		if (!row->modes.derived)
			next.k[1] = random_secret(now.k[1]->len);
		next.opc[1] = random_secret(now.opc[1]->len);
		next.s = random_secret(SEALING_KEY_LEN);
		next.shape[1] = now.shape[1];
		e = (next.k[1] || row->modes.derived) && next.opc[1] && next.s ? ERR_OK
									       : ERR_MEMORY;
	}
	if (!e)
		e = keep_next(s, row, &next);
	subscriber_keys_free(&now);
	subscriber_keys_free(&next);
	return e;
}

/* Challenges of the K2 before. */
static enum err forget_pending(struct operator_store *s, const struct subscriber *row)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db, "DELETE FROM pending WHERE subscriber = ? AND sub = 2", &st);

	if (e)
		return e;
	db_bind_int(st, 1, row->id);
	return db_run(st);
}

enum err keys_put_derived(struct operator_store *s, const struct subscriber *row,
			  const struct secret *k2)
{
	static const char *const update[] = {"UPDATE subscriber SET key2 = ?2 WHERE id = ?1",
					     "UPDATE subscriber SET key2_spare = ?2 WHERE id = ?1"};
	bool spare = state_is_rotation(row->state);
	const struct key_place p = {row->imsi[0], KEY_SECOND,
				    spare ? row->spare_key_id : row->key_id};
	struct subscriber_keys set = {0};
	struct sealed_keys sealed = {0};
	struct db_statement *st;
	enum err e = k2->len == row->modes.derived ? ERR_OK : ERR_KEY;

	if (!e)
		e = spare ? subscriber_spare_keys_load(s, row->id, &set)
			  : subscriber_keys_load(s, row->id, &set);
	secret_free(&set.k[1]);
	if (!e) {
		set.k[1] = secret_copy(secret_slice(k2));
		e = set.k[1] ? ERR_OK : ERR_MEMORY;
	}
	if (!e)
		e = keys_seal(s, &p, &set, &sealed);
	subscriber_keys_free(&set);
	if (!e)
		e = db_prepare(s->db, update[spare], &st);
	if (e)
		return e;
	db_bind_int(st, 1, row->id);
	db_bind_bytes(st, 2, wbuf_slice(&sealed.part[KEY_SECOND]));
	e = db_run(st);
	return e ? e : forget_pending(s, row);
}

static enum err run_for(struct operator_store *s, const struct subscriber *row, const char *sql)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db, sql, &st);

	if (e)
		return e;
	db_bind_int(st, 1, row->id);
	return db_run(st);
}

enum err keys_swap(struct operator_store *s, const struct subscriber *row)
{
	return run_for(s, row,
		       "UPDATE subscriber SET key2 = key2_spare, s = s_spare, key2_spare = key2,"
		       " s_spare = s WHERE id = ?");
}

enum err keys_drop_spare(struct operator_store *s, const struct subscriber *row)
{
	return run_for(s, row,
		       "UPDATE subscriber SET key2_spare = NULL, s_spare = NULL, reseal = NULL"
		       " WHERE id = ?");
}
