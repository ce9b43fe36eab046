/* keys: a subscriber's keys, sealed at rest, and the second set of a rotation */
#include <stdio.h>

#include "host/operator/store/own.h"
#include "lib/auth/aka.h"

/* The names of the sealed columns, also what ties a value to its place. */
static const char *const columns[] = {
	[KEY_K1] = "k1",
	[KEY_OPC1] = "opc1",
	[KEY_K2] = "k2",
	[KEY_OPC2] = "opc2",
	[KEY_S] = "s",
	[KEY_K2_SPARE] = "k2_spare",
	[KEY_OPC2_SPARE] = "opc2_spare",
	[KEY_S_SPARE] = "s_spare",
};

/* The IMSI 1 never changes: it names the row before it has an id. */
static void label_of(char *label, size_t cap, const char *imsi1, enum key_column column)
{
	snprintf(label, cap, "subscriber/%s/%s", imsi1, columns[column]);
}

enum err key_bind(struct operator_store *s, struct db_statement *st, int at, const char *imsi1,
		  enum key_column column, const struct secret *key)
{
	uint8_t mem[256];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	char label[64];
	enum err e = key ? ERR_OK : ERR_KEY;

	label_of(label, sizeof(label), imsi1, column);
	if (!e)
		e = keyring_seal(s->keyring, slice_str(label), secret_slice(key), &w);
	if (!e)
		db_bind_bytes(st, at, wbuf_slice(&w));
	return e;
}

static enum err take_key(struct operator_store *s, struct db_statement *st, int at,
			 const char *imsi1, enum key_column column, struct secret **out)
{
	char label[64];

	label_of(label, sizeof(label), imsi1, column);
	return keyring_unseal_secret(s->keyring, slice_str(label), db_bytes(st, at), out);
}

/* Out of the row of a query: the IMSI 1, then n keys, those from first on. */
static enum err load(struct operator_store *s, const char *sql, int64_t id, enum key_column first,
		     struct subscriber_keys *out)
{
	struct db_statement *st = NULL;
	struct subscriber_keys k = {0};
	struct secret **places[] = {
		[KEY_K1] = &k.k[0],	      [KEY_OPC1] = &k.opc[0], [KEY_K2] = &k.k[1],
		[KEY_OPC2] = &k.opc[1],	      [KEY_S] = &k.s,	      [KEY_K2_SPARE] = &k.k[1],
		[KEY_OPC2_SPARE] = &k.opc[1], [KEY_S_SPARE] = &k.s};
	char imsi1[IMSI_MAX + 1];
	enum err e = db_prepare(s->db, sql, &st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	e = db_row(st);
	if (!e)
		db_text(st, 0, imsi1, sizeof(imsi1));
	for (int i = 1; !e && i < db_columns(st); i++) {
		enum key_column column = (enum key_column)((int)first + i - 1);

		e = take_key(s, st, i, imsi1, column, places[column]);
	}
	db_done(st);
	if (!e)
		e = shapes_load(s, id, &k);
	if (e)
		subscriber_keys_free(&k);
	else
		*out = k;
	return e;
}

enum err subscriber_keys_load(struct operator_store *s, int64_t id, struct subscriber_keys *out)
{
	return load(s, "SELECT imsi1, k1, opc1, k2, opc2, s FROM subscriber WHERE id = ?", id,
		    KEY_K1, out);
}

enum err subscriber_spare_keys_load(struct operator_store *s, int64_t id,
				    struct subscriber_keys *out)
{
	return load(s,
		    "SELECT imsi1, k2_spare, opc2_spare, s_spare FROM subscriber"
		    " WHERE id = ? AND spare_key_id > 0",
		    id, KEY_K2_SPARE, out);
}

void subscriber_keys_free(struct subscriber_keys *keys)
{
	for (int i = 0; i < 2; i++) {
		secret_free(&keys->k[i]);
		secret_free(&keys->opc[i]);
	}
	secret_free(&keys->s);
}

enum err subscriber_aka_key(struct operator_store *s, int64_t id, int sub, struct aka_key **out)
{
	struct subscriber_keys keys;
	struct aka_parameters p;
	struct subscriber row;
	enum err e = sub == 1 || sub == 2 ? subscriber_by_id(s, id, &row) : ERR_VALUE;

	if (!e)
		e = subscriber_keys_load(s, id, &keys);
	if (e)
		return e;
	p = aka_parameters_of(row.algorithm[sub - 1], secret_slice(keys.k[sub - 1]),
			      secret_slice(keys.opc[sub - 1]), &keys.shape[sub - 1]);
	e = aka_key_make(&p, out);
	subscriber_keys_free(&keys);
	return e;
}

/* K2, OPc2 and S into the columns of the set in force, or of the spare one. */
static enum err keep(struct operator_store *s, const struct subscriber *row,
		     const struct subscriber_keys *keys, bool spare)
{
	static const char *const update[] = {
		"UPDATE subscriber SET k2 = ?2, opc2 = ?3, s = ?4 WHERE id = ?1",
		"UPDATE subscriber SET k2_spare = ?2, opc2_spare = ?3, s_spare = ?4 WHERE id = ?1"};
	const struct secret *all[] = {keys->k[1], keys->opc[1], keys->s};
	enum key_column first = spare ? KEY_K2_SPARE : KEY_K2;
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, update[spare], &st);

	if (e)
		return e;
	db_bind_int(st, 1, row->id);
	for (int i = 0; !e && i < (int)ARRAY_LEN(all); i++)
		e = key_bind(s, st, 2 + i, row->imsi[0], (enum key_column)(first + (unsigned)i),
			     all[i]);
	if (e) {
		db_done(st);
		return e;
	}
	return db_run(st);
}

static enum err run_for(struct operator_store *s, const struct subscriber *row, const char *sql)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, sql, &st);

	if (e)
		return e;
	db_bind_int(st, 1, row->id);
	return db_run(st);
}

enum err keys_make_next(struct operator_store *s, const struct subscriber *row)
{
	struct subscriber_keys now = {0}, next = {0};
	enum err e = subscriber_keys_load(s, row->id, &now);

	if (!e) {
		next.k[1] = random_secret(now.k[1]->len);
		next.opc[1] = random_secret(now.opc[1]->len);
		next.s = random_secret(now.s->len);
		e = next.k[1] && next.opc[1] && next.s ? ERR_OK : ERR_MEMORY;
	}
	if (!e)
		e = keep(s, row, &next, true);
	if (!e) /* it was of another set */
		e = run_for(s, row, "UPDATE subscriber SET reseal = NULL WHERE id = ?");
	subscriber_keys_free(&now);
	subscriber_keys_free(&next);
	return e;
}

enum err keys_swap(struct operator_store *s, const struct subscriber *row)
{
	struct subscriber_keys now = {0}, spare = {0};
	enum err e = subscriber_keys_load(s, row->id, &now);

	if (!e)
		e = subscriber_spare_keys_load(s, row->id, &spare);
	if (!e)
		e = keep(s, row, &spare, false);
	if (!e)
		e = keep(s, row, &now, true);
	subscriber_keys_free(&now);
	subscriber_keys_free(&spare);
	return e;
}

enum err keys_drop_spare(struct operator_store *s, const struct subscriber *row)
{
	return run_for(s, row,
		       "UPDATE subscriber SET k2_spare = NULL, opc2_spare = NULL, s_spare = NULL,"
		       " reseal = NULL WHERE id = ?");
}

enum err subscriber_reseal_get(struct operator_store *s, int64_t id, uint32_t key_id,
			       struct wbuf *out)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db,
				"SELECT reseal FROM subscriber WHERE id = ? AND spare_key_id = ?"
				" AND reseal IS NOT NULL",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	db_bind_int(st, 2, key_id);
	e = db_row(st);
	if (!e) {
		wbuf_put(out, db_bytes(st, 0));
		e = wbuf_done(out);
	}
	db_done(st);
	return e;
}

static enum err reseal_keep(struct operator_store *s, int64_t id, uint32_t key_id,
			    struct slice message)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db,
				"UPDATE subscriber SET reseal = ?3 WHERE id = ?1"
				" AND spare_key_id = ?2 AND reseal IS NULL",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	db_bind_int(st, 2, key_id);
	db_bind_bytes(st, 3, message);
	return db_run(st);
}

enum err subscriber_reseal_keep(struct operator_store *s, int64_t id, uint32_t key_id,
				struct slice message)
{
	struct subscriber row;
	enum err e = db_begin(s->db, DB_WRITE);

	if (e)
		return e;
	e = subscriber_by_id(s, id, &row);
	if (!e)
		e = reseal_keep(s, id, key_id, message);
	if (!e)
		e = subscriber_prove(s, id);
	return db_end(s->db, e);
}
