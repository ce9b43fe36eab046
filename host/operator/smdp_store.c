#include "host/operator/smdp_store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/crypto/symmetric.h"
#include "lib/secret.h"
#include "tool/file.h"

#define SCHEMA_VERSION	1
#define BUSY_TIMEOUT_MS 10000
#define KEY_LEN		32
#define PATH_CAP	4096

struct smdp_store {
	sqlite3 *db;
	struct gcm *seal;
};

static const char schema[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE profile (id INTEGER PRIMARY KEY AUTOINCREMENT, iccid BLOB NOT NULL UNIQUE,"
	" matching_id TEXT NOT NULL UNIQUE, state INTEGER NOT NULL, eid BLOB NOT NULL,"
	" metadata BLOB NOT NULL, upp BLOB NOT NULL);"
	"CREATE TABLE session (id BLOB PRIMARY KEY, state INTEGER NOT NULL, curve INTEGER NOT NULL,"
	" challenge BLOB NOT NULL, created INTEGER NOT NULL, profile INTEGER NOT NULL,"
	" eid BLOB NOT NULL, point BLOB NOT NULL, signature BLOB NOT NULL);"
	"PRAGMA user_version = 1; COMMIT;";

static enum err result(int code)
{
	switch (code & 0xFF) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE: return ERR_OK;
	case SQLITE_FULL: return ERR_FULL;
	case SQLITE_NOMEM: return ERR_MEMORY;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return ERR_LOCKED;
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN: return ERR_PERMISSION;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return ERR_CORRUPT;
	case SQLITE_CONSTRAINT: return ERR_EXISTS;
	default: return ERR_IO;
	}
}

static enum err execute(struct smdp_store *s, const char *sql)
{
	return result(sqlite3_exec(s->db, sql, NULL, NULL, NULL));
}

static enum err prepare(struct smdp_store *s, const char *sql, sqlite3_stmt **out)
{
	return result(sqlite3_prepare_v2(s->db, sql, -1, out, NULL));
}

static enum err run(sqlite3_stmt *st)
{
	int code = sqlite3_step(st);

	sqlite3_finalize(st);
	return result(code);
}

static enum err row(sqlite3_stmt *st)
{
	int code = sqlite3_step(st);

	return code == SQLITE_ROW ? ERR_OK : code == SQLITE_DONE ? ERR_NOT_FOUND : result(code);
}

static void bind(sqlite3_stmt *st, int at, struct slice v)
{
	sqlite3_bind_blob(st, at, v.len ? (const void *)v.ptr : "", (int)v.len, SQLITE_TRANSIENT);
}

static struct slice column(sqlite3_stmt *st, int at)
{
	const void *p = sqlite3_column_blob(st, at);

	return slice_make(p, p ? (size_t)sqlite3_column_bytes(st, at) : 0);
}

static enum err copy_column(sqlite3_stmt *st, int at, uint8_t *dst, size_t n)
{
	return slice_copy(column(st, at), dst, n) ? ERR_CORRUPT : ERR_OK;
}

static enum err load_key(struct smdp_store *s, const char *path, bool create)
{
	struct secret *key = NULL;
	struct wbuf w = wbuf_grow(KEY_LEN);
	enum err e;

	if (create) {
		key = random_secret(KEY_LEN);
		e = key ? file_write(path, secret_slice(key), 0600) : ERR_MEMORY;
	} else {
		e = file_read(path, &w);
		if (e == ERR_NOT_FOUND || (!e && w.len != KEY_LEN))
			e = ERR_CORRUPT;
		if (!e) {
			key = secret_copy(wbuf_slice(&w));
			e = key ? ERR_OK : ERR_MEMORY;
		}
	}
	if (!e) {
		s->seal = gcm_new(secret_slice(key));
		e = s->seal ? ERR_OK : ERR_MEMORY;
	}
	secret_free(&key);
	wbuf_free(&w);
	return e;
}

static enum err check_version(struct smdp_store *s)
{
	sqlite3_stmt *st = NULL;
	enum err e = prepare(s, "PRAGMA user_version", &st);
	int version = 0;

	if (!e)
		e = row(st);
	if (!e)
		version = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	if (!e && version == 0) /* new, or its making was cut short */
		return execute(s, schema);
	return e ? e : version == SCHEMA_VERSION ? ERR_OK : ERR_VERSION;
}

enum err smdp_store_open(const char *dir, struct smdp_store **out)
{
	struct smdp_store *s = calloc(1, sizeof(*s));
	char db[PATH_CAP], key[PATH_CAP];
	enum err e = s ? file_join(dir, "manager.db", db, sizeof(db)) : ERR_MEMORY;

	if (!e)
		e = file_join(dir, "manager.key", key, sizeof(key));
	if (!e)
		e = file_make_dir(dir);
	if (!e)
		e = load_key(s, key, access(db, F_OK) != 0 && access(key, F_OK) != 0);
	if (!e)
		e = result(sqlite3_open_v2(db, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
					   NULL));
	if (!e) {
		sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
		e = execute(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			       "PRAGMA secure_delete = ON;");
	}
	if (!e)
		e = check_version(s);
	if (e)
		smdp_store_close(&s);
	else
		*out = s;
	return e;
}

void smdp_store_close(struct smdp_store **s)
{
	if (!*s)
		return;
	gcm_free(&(*s)->seal);
	sqlite3_close((*s)->db);
	free(*s);
	*s = NULL;
}

const char *smdp_state_name(enum smdp_profile_state s)
{
	static const char *const names[] = {
		[SMDP_AVAILABLE] = "available",
		[SMDP_RELEASED] = "released",
		[SMDP_INSTALLED] = "installed",
		[SMDP_ERROR] = "error",
	};

	return (size_t)s < ARRAY_LEN(names) && names[s] ? names[s] : "unknown";
}

enum err smdp_profile_add(struct smdp_store *s, const uint8_t iccid[static 10],
			  const char *matching_id, struct slice metadata, struct slice upp)
{
	static const uint8_t nobody[16];
	uint8_t nonce[GCM_NONCE_LEN];
	struct wbuf sealed = wbuf_grow(SMDP_UPP_MAX + GCM_NONCE_LEN + GCM_TAG_LEN);
	sqlite3_stmt *st = NULL;
	size_t id_len = strlen(matching_id);
	enum err e;

	if (id_len == 0 || id_len > SMDP_MATCHING_ID_MAX || upp.len == 0 || upp.len > SMDP_UPP_MAX)
		return ERR_LENGTH;
	e = random_bytes(nonce, sizeof(nonce));
	wbuf_put(&sealed, SLICE_OF(nonce));
	if (!e)
		e = gcm_seal(s->seal, nonce, slice_make(iccid, 10), upp, &sealed);
	if (!e)
		e = prepare(s,
			    "INSERT INTO profile (iccid, matching_id, state, eid, metadata, upp)"
			    " VALUES (?, ?, ?, ?, ?, ?)",
			    &st);
	if (!e) {
		bind(st, 1, slice_make(iccid, 10));
		sqlite3_bind_text(st, 2, matching_id, -1, SQLITE_TRANSIENT);
		sqlite3_bind_int(st, 3, SMDP_AVAILABLE);
		bind(st, 4, SLICE_OF(nobody));
		bind(st, 5, metadata);
		bind(st, 6, wbuf_slice(&sealed));
		e = run(st);
	}
	wbuf_free(&sealed);
	return e;
}

enum err smdp_profile_find(struct smdp_store *s, const char *matching_id, struct smdp_profile *out)
{
	struct smdp_profile p = {0};
	sqlite3_stmt *st = NULL;
	enum err e =
		prepare(s, "SELECT id, iccid, state, eid FROM profile WHERE matching_id = ?", &st);

	if (!e)
		sqlite3_bind_text(st, 1, matching_id, -1, SQLITE_TRANSIENT);
	if (!e)
		e = row(st);
	if (!e) {
		p.id = sqlite3_column_int64(st, 0);
		p.state = (enum smdp_profile_state)sqlite3_column_int(st, 2);
		snprintf(p.matching_id, sizeof(p.matching_id), "%s", matching_id);
		e = copy_column(st, 1, p.iccid, sizeof(p.iccid));
	}
	if (!e)
		e = copy_column(st, 3, p.eid, sizeof(p.eid));
	sqlite3_finalize(st);
	if (!e)
		*out = p;
	return e;
}

enum err smdp_profile_load(struct smdp_store *s, int64_t id, struct wbuf *metadata,
			   struct wbuf *upp)
{
	sqlite3_stmt *st = NULL;
	struct slice sealed;
	enum err e = prepare(s, "SELECT metadata, upp, iccid FROM profile WHERE id = ?", &st);

	if (!e) {
		sqlite3_bind_int64(st, 1, id);
		e = row(st);
	}
	if (!e && metadata)
		wbuf_put(metadata, column(st, 0));
	if (!e && upp) {
		sealed = column(st, 1);
		e = sealed.len <= GCM_NONCE_LEN + GCM_TAG_LEN
			    ? ERR_CORRUPT
			    : gcm_open(s->seal, sealed.ptr, column(st, 2),
				       slice_sub(sealed, GCM_NONCE_LEN, sealed.len), upp);
	}
	sqlite3_finalize(st);
	return e == ERR_MAC ? ERR_CORRUPT : e;
}

enum err smdp_profile_set(struct smdp_store *s, int64_t id, enum smdp_profile_state state,
			  const uint8_t eid[static 16])
{
	sqlite3_stmt *st = NULL;
	enum err e = prepare(s, "UPDATE profile SET state = ?, eid = ? WHERE id = ?", &st);

	if (e)
		return e;
	sqlite3_bind_int(st, 1, (int)state);
	bind(st, 2, slice_make(eid, 16));
	sqlite3_bind_int64(st, 3, id);
	return run(st);
}

static enum err forget_old(struct smdp_store *s, int64_t not_before)
{
	sqlite3_stmt *st = NULL;
	enum err e = prepare(s, "DELETE FROM session WHERE created < ?", &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, not_before);
	return run(st);
}

enum err smdp_session_put(struct smdp_store *s, const struct smdp_session *session,
			  int64_t not_before)
{
	sqlite3_stmt *st = NULL;
	enum err e = forget_old(s, not_before);

	if (!e)
		e = prepare(s, "REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", &st);
	if (e)
		return e;
	bind(st, 1, SLICE_OF(session->transaction_id));
	sqlite3_bind_int(st, 2, (int)session->state);
	sqlite3_bind_int(st, 3, (int)session->curve);
	bind(st, 4, SLICE_OF(session->server_challenge));
	sqlite3_bind_int64(st, 5, session->created);
	sqlite3_bind_int64(st, 6, session->profile);
	bind(st, 7, SLICE_OF(session->eid));
	bind(st, 8, SLICE_OF(session->euicc_point));
	bind(st, 9, SLICE_OF(session->smdp_signature2));
	return run(st);
}

enum err smdp_session_get(struct smdp_store *s, struct slice transaction_id,
			  struct smdp_session *out)
{
	struct smdp_session r = {0};
	sqlite3_stmt *st = NULL;
	enum err e = prepare(s, "SELECT * FROM session WHERE id = ?", &st);

	if (!e) {
		bind(st, 1, transaction_id);
		e = row(st);
	}
	if (!e) {
		r.state = (enum smdp_session_state)sqlite3_column_int(st, 1);
		r.curve = (enum ec_curve)sqlite3_column_int(st, 2);
		r.created = sqlite3_column_int64(st, 4);
		r.profile = sqlite3_column_int64(st, 5);
		if (copy_column(st, 0, r.transaction_id, sizeof(r.transaction_id)) ||
		    copy_column(st, 3, r.server_challenge, sizeof(r.server_challenge)) ||
		    copy_column(st, 6, r.eid, sizeof(r.eid)) ||
		    copy_column(st, 7, r.euicc_point, sizeof(r.euicc_point)) ||
		    copy_column(st, 8, r.smdp_signature2, sizeof(r.smdp_signature2)))
			e = ERR_CORRUPT;
	}
	sqlite3_finalize(st);
	if (!e)
		*out = r;
	return e;
}
