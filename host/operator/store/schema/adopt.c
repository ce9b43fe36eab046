#include "host/operator/store/schema/adopt.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/operator/store/own.h"
#include "lib/base/secret.h"
#include "lib/release/kra.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"

/* A subscriber's row as version 6 had it. */
#define COLUMNS_6                                                                                  \
	"id, name, iccid, imsi1, imsi2, alg1, alg2, eid, key_id, state, first_at, second_until,"   \
	" spare_key_id, granted_key_id, second, second_from, bound_by, wrong, wrong_at,"           \
	" totp_revision, log_seq, k1, opc1, k2, opc2, s, k2_spare, opc2_spare, s_spare, reseal,"   \
	" sqn1, sqn2, (SELECT group_concat(sub || ':' || hex(value)) FROM (SELECT sub, value FROM" \
	" shape WHERE shape.subscriber = subscriber.id ORDER BY sub)), mac"
#define COLUMN_MAC_6 33
#define LABEL_6	     "subscriber"

/* As version 7 had it. */
#define COLUMNS_7                                                                                  \
	"id, name, iccid, imsi1, imsi2, alg1, alg2, eid, key_id, state, first_at, second_until,"   \
	" spare_key_id, granted_key_id, second, second_from, bound_by, wrong, wrong_at,"           \
	" totp_revision, log_seq, key1, key2, s, key2_spare, s_spare, reseal, sqn1, sqn2, mac"
#define COLUMN_MAC_7 29
#define LABEL_7	     "subscriber 7"

/* As versions 8 (but for the modes) and 9 had it. */
#define COLUMNS_9                                                                                  \
	"id, name, iccid, imsi1, imsi2, alg1, alg2, eid, key_id, state, first_at, second_until,"   \
	" spare_key_id, granted_key_id, second, second_from, bound_by, wrong, wrong_at,"           \
	" totp_revision, log_seq, key1, key2, s, key2_spare, s_spare, reseal, derived,"            \
	" in_memory, keep_first, msisdn1, msisdn2, networks1, networks2, book_revision, sqn1, "    \
	"sqn2, mac"
#define COLUMN_MAC_9 37
#define LABEL_9	     "subscriber 9"

enum { IMSI1_6 = 3, KEY_ID_6 = 8, SPARE_KEY_ID_6 = 12, K1_6 = 21, SEALED_6 = 8 };

static enum err adopt_factor(struct operator_store *s, const struct db_statement *st)
{
	const struct totp_old old = {.subscriber = db_int(st, 0),
				     .seed = db_bytes(st, 1),
				     .failures = (unsigned)db_int(st, 2),
				     .last_step = db_int(st, 3)};
	struct db_statement *up = NULL;
	uint32_t revision = 0;
	enum err e = totp_adopt(s, &old, &revision);

	if (!e)
		e = db_prepare(s->db, "UPDATE subscriber SET totp_revision = ?2 WHERE id = ?1",
			       &up);
	if (e)
		return e;
	db_bind_int(up, 1, old.subscriber);
	db_bind_int(up, 2, revision);
	return db_run(up);
}

/* Calls act for each row of a query. */
static enum err for_each(struct operator_store *s, const char *sql,
			 enum err (*act)(struct operator_store *s, const struct db_statement *st))
{
	struct db_statement *st;
	enum err e = db_prepare(s->db, sql, &st);

	while (!e && (e = db_row(st)) == ERR_OK) {
		e = act(s, st);
		if (e == ERR_NOT_FOUND) /* that would look like the end of the rows */
			e = ERR_CORRUPT;
	}
	db_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err adopt_factors(struct operator_store *s)
{
	return for_each(s,
			"SELECT subscriber, seed, failures, last_step FROM old_totp"
			" ORDER BY subscriber",
			adopt_factor);
}

static enum err write_mac(struct operator_store *s, int64_t id,
			  const uint8_t mac[static SHA256_LEN])
{
	struct db_statement *up = NULL;
	enum err e = db_prepare(s->db, "UPDATE subscriber SET mac = ?2 WHERE id = ?1", &up);

	if (e)
		return e;
	db_bind_int(up, 1, id);
	db_bind_bytes(up, 2, slice_make(mac, SHA256_LEN));
	return db_run(up);
}

static enum err adopt_row(struct operator_store *s, const struct db_statement *st)
{
	uint8_t mac[SHA256_LEN];
	enum err e = row_mac(keyring_row_key(s->keyring), LABEL_6, st, COLUMN_MAC_6, mac);

	return e ? e : write_mac(s, db_int(st, 0), mac);
}

enum err adopt_rows(struct operator_store *s)
{
	enum err e = for_each(s, "SELECT " COLUMNS_6 " FROM subscriber ORDER BY id", adopt_row);

	if (!e)
		e = members_count(s);
	return e == ERR_CORRUPT ? ERR_OK : e; /* a log that was cut before stays one */
}

static enum err unseal_6(struct operator_store *s, const char *imsi1, const char *column,
			 struct slice sealed, struct secret **out)
{
	char label[64];

	snprintf(label, sizeof(label), "subscriber/%s/%s", imsi1, column);
	return keyring_unseal_secret(s->keyring, slice_str(label), sealed, out);
}

/* Format 1, then length of RES, iterations, whether the bits of IND are told, and these. */
static enum err load_shape_6(struct operator_store *s, int64_t id, int sub, struct aka_shape *out)
{
	struct db_statement *st;
	struct secret *plain = NULL;
	char label[40];
	struct cursor c;
	enum err e =
		db_prepare(s->db, "SELECT value FROM shape WHERE subscriber = ? AND sub = ?", &st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	db_bind_int(st, 2, sub);
	snprintf(label, sizeof(label), "shape/%lld/%d", (long long)id, sub);
	e = db_row(st);
	if (!e)
		e = keyring_unseal_secret(s->keyring, slice_str(label), db_bytes(st, 0), &plain);
	db_done(st);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	c = cursor_of(secret_slice(plain));
	if (cursor_u8(&c) != 1)
		cursor_fail(&c, ERR_CORRUPT);
	out->res_len = cursor_u8(&c);
	out->iterations = cursor_u8(&c);
	out->has_ind_bits = cursor_u8(&c) != 0;
	out->ind_bits = cursor_u8(&c);
	e = cursor_done(&c) ? ERR_CORRUPT : ERR_OK;
	secret_free(&plain);
	return e;
}

struct sets_6 {
	struct subscriber_keys now, spare;
	bool has_spare;
};

static enum err load_6(struct operator_store *s, const struct db_statement *st, const char *imsi1,
		       struct sets_6 *k)
{
	const struct {
		const char *column;
		struct secret **key;
	} rows[SEALED_6] = {
		{"k1", &k->now.k[0]},
		{"opc1", &k->now.opc[0]},
		{"k2", &k->now.k[1]},
		{"opc2", &k->now.opc[1]},
		{"s", &k->now.s},
		{"k2_spare", &k->spare.k[1]},
		{"opc2_spare", &k->spare.opc[1]},
		{"s_spare", &k->spare.s},
	};
	enum err e = ERR_OK;

	k->has_spare = db_int(st, SPARE_KEY_ID_6) > 0;
	for (int i = 0; !e && i < (k->has_spare ? SEALED_6 : SEALED_6 - 3); i++)
		e = unseal_6(s, imsi1, rows[i].column, db_bytes(st, K1_6 + i), rows[i].key);
	for (int sub = 1; !e && sub <= 2; sub++)
		e = load_shape_6(s, db_int(st, 0), sub, &k->now.shape[sub - 1]);
	k->spare.shape[1] = k->now.shape[1];
	return e;
}

static void bind_set(struct db_statement *up, int at, const struct sealed_keys *sealed,
		     enum key_part from)
{
	for (; from < KEY_PARTS; from++)
		db_bind_bytes(up, at++, wbuf_slice(&sealed->part[from]));
}

/* The row as it stands, in the form of a version. */
struct form {
	const char *select, *label;
	int mac;
};
static const struct form form_7 = {"SELECT " COLUMNS_7 " FROM subscriber WHERE id = ?", LABEL_7,
				   COLUMN_MAC_7},
			 form_9 = {"SELECT " COLUMNS_9 " FROM subscriber WHERE id = ?", LABEL_9,
				   COLUMN_MAC_9};

static enum err prove(struct operator_store *s, const struct form *f, int64_t id)
{
	uint8_t mac[SHA256_LEN];
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, f->select, &st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	e = db_row(st);
	if (!e)
		e = row_mac(keyring_row_key(s->keyring), f->label, st, f->mac, mac);
	db_done(st);
	return e ? e : write_mac(s, id, mac);
}

static enum err keep_7(struct operator_store *s, const struct db_statement *st, const char *imsi1,
		       const struct sets_6 *k)
{
	const struct key_place now = {imsi1, KEY_FIRST, (uint32_t)db_int(st, KEY_ID_6)},
			       spare = {imsi1, KEY_SECOND, (uint32_t)db_int(st, SPARE_KEY_ID_6)};
	struct sealed_keys sealed;
	struct db_statement *up = NULL;
	enum err e = keys_seal(s, &now, &k->now, &sealed);

	if (!e)
		e = db_prepare(
			s->db,
			"UPDATE subscriber SET key1 = ?2, key2 = ?3, s = ?4, key2_spare = ?5,"
			" s_spare = ?6 WHERE id = ?1",
			&up);
	if (e)
		return e;
	db_bind_int(up, 1, db_int(st, 0));
	bind_set(up, 2, &sealed, KEY_FIRST);
	if (k->has_spare) {
		e = keys_seal(s, &spare, &k->spare, &sealed);
		bind_set(up, 5, &sealed, KEY_SECOND);
	}
	if (e) {
		db_done(up);
		return e;
	}
	e = db_run(up);
	return e ? e : prove(s, &form_7, db_int(st, 0));
}

static enum err adopt_key(struct operator_store *s, const struct db_statement *st)
{
	struct sets_6 k = {.has_spare = false};
	char imsi1[IMSI_MAX + 1];
	enum err e = row_check(keyring_row_key(s->keyring), LABEL_6, st, COLUMN_MAC_6);

	if (e == ERR_CORRUPT)
		return ERR_OK; /* somebody else has written it: it stays a bad one */
	db_text(st, IMSI1_6, imsi1, sizeof(imsi1));
	if (!e)
		e = load_6(s, st, imsi1, &k);
	if (!e)
		e = keep_7(s, st, imsi1, &k);
	subscriber_keys_free(&k.now);
	subscriber_keys_free(&k.spare);
	return e;
}

enum err adopt_keys(struct operator_store *s)
{
	return for_each(s, "SELECT " COLUMNS_6 " FROM subscriber ORDER BY id", adopt_key);
}

static enum err adopt_mode(struct operator_store *s, const struct db_statement *st)
{
	enum err e = row_check(keyring_row_key(s->keyring), LABEL_7, st, COLUMN_MAC_7);

	if (e == ERR_CORRUPT)
		return ERR_OK; /* it stays a bad one */
	return e ? e : prove(s, &form_9, db_int(st, 0));
}

enum err adopt_modes(struct operator_store *s)
{
	return for_each(s, "SELECT " COLUMNS_7 " FROM subscriber ORDER BY id", adopt_mode);
}

static enum err adopt_heard_of(struct operator_store *s, const struct db_statement *st)
{
	enum err e = row_check(keyring_row_key(s->keyring), LABEL_9, st, COLUMN_MAC_9);

	if (e == ERR_CORRUPT)
		return ERR_OK; /* it stays a bad one */
	return e ? e : subscriber_prove(s, db_int(st, 0));
}

enum err adopt_heard(struct operator_store *s)
{
	return for_each(s, "SELECT " COLUMNS_9 " FROM subscriber ORDER BY id", adopt_heard_of);
}

static enum err adopt_file(void *ctx, const char *path)
{
	struct operator_store *s = ctx;
	struct wbuf w = wbuf_grow(KRA_MESSAGE_MAX);
	struct kra_challenge c;
	enum kra_result refused;
	struct stat st;
	enum err e = ERR_OK;

	/* a file that holds no challenge was of no use */
	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && !file_read(path, NULL, &w) &&
	    !kra_parse_challenge(wbuf_slice(&w), &c, &refused))
		e = awaited_put(s, &(struct awaited){.eid = c.binding.eid,
						     .nonce = c.binding.nonce,
						     .iccid = c.binding.iccid,
						     .challenge = wbuf_slice(&w),
						     .at = st.st_mtime});
	wbuf_free(&w);
	return e;
}

static enum err each_file(const struct operator_store *s,
			  enum err (*act)(void *ctx, const char *path), void *ctx)
{
	char path[PATH_CAP];
	enum err e = path_join(s->dir, "release", path, sizeof(path));

	if (!e)
		e = file_each(path, "", ".der", act, ctx);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err adopt_awaited(struct operator_store *s)
{
	return each_file(s, adopt_file, s);
}

static enum err remove_file(void *ctx, const char *path)
{
	(void)ctx;
	unlink(path);
	return ERR_OK;
}

void adopt_remove_files(const struct operator_store *s)
{
	char path[PATH_CAP];

	if (path_join(s->dir, "release", path, sizeof(path)) || access(path, F_OK))
		return;
	(void)!each_file(s, remove_file, NULL); /* a file that stays is ignored */
	rmdir(path);
}
