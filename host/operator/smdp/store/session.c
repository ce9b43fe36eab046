#include "host/operator/smdp/store/session.h"

#include "host/operator/audit/row.h"
#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/store.h"

/*
 * One whose eUICC has not proven who it is lives in a table (fresh) that SQLite has in memory:
 * strangers can begin as many as they like. The others are on the disk: a download goes on after
 * the manager was started anew, and a bound one waits for the eUICC's result. All are
 * authenticated.
 */
#define COLUMNS                                                                                    \
	"id, state, curve, euicc_curve, challenge, created, profile, eid, point, signature, otpk"
#define COLUMN_COUNT 11
#define LABEL	     "session"

/* Of a session that is there, its index, which is by what never changes, is left alone. */
#define RENEW                                                                                      \
	" ON CONFLICT (id) DO UPDATE SET state = excluded.state, profile = excluded.profile,"      \
	" eid = excluded.eid, point = excluded.point, signature = excluded.signature,"             \
	" otpk = excluded.otpk, mac = excluded.mac"

static void bind_session(struct db_statement *st, const struct smdp_session *session)
{
	db_bind_bytes(st, 1, SLICE_OF(session->transaction_id));
	db_bind_int(st, 2, session->state);
	db_bind_int(st, 3, session->curve);
	db_bind_int(st, 4, session->euicc_curve);
	db_bind_bytes(st, 5, SLICE_OF(session->server_challenge));
	db_bind_int(st, 6, session->created);
	db_bind_int(st, 7, session->profile);
	db_bind_bytes(st, 8, SLICE_OF(session->eid));
	db_bind_bytes(st, 9, SLICE_OF(session->euicc_point));
	db_bind_bytes(st, 10, SLICE_OF(session->smdp_signature2));
	db_bind_bytes(st, 11, SLICE_OF(session->euicc_otpk));
}

/* As its row will have it. */
static enum err session_mac(struct smdp_store *s, const struct smdp_session *session,
			    uint8_t mac[static SHA256_LEN])
{
	struct db_statement *st;
	enum err e = db_prepare(s->db, "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?", &st);

	if (e)
		return e;
	bind_session(st, session);
	e = db_row(st);
	if (!e)
		e = row_mac(keyring_rows(s->keyring), LABEL, st, COLUMN_COUNT, mac);
	db_done(st);
	return e;
}

#define INSERT_INTO(table)                                                                         \
	"INSERT INTO " table " (" COLUMNS ", mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "       \
	"?)" RENEW

static enum err put_row(struct smdp_store *s, const char *insert,
			const struct smdp_session *session)
{
	uint8_t mac[SHA256_LEN];
	struct db_statement *st = NULL;
	enum err e = session_mac(s, session, mac);

	if (!e)
		e = db_prepare(s->db, insert, &st);
	if (e)
		return e;
	bind_session(st, session);
	db_bind_bytes(st, COLUMN_COUNT + 1, SLICE_OF(mac));
	return db_run(st);
}

static enum err read_session(const struct db_statement *st, struct smdp_session *out)
{
	struct smdp_session r = {
		.state = (enum smdp_session_state)db_int(st, 1),
		.curve = (enum ec_curve)db_int(st, 2),
		.euicc_curve = (enum ec_curve)db_int(st, 3),
		.created = db_int(st, 5),
		.profile = db_int(st, 6),
	};

	if (db_copy(st, 0, r.transaction_id, sizeof(r.transaction_id)) ||
	    db_copy(st, 4, r.server_challenge, sizeof(r.server_challenge)) ||
	    db_copy(st, 7, r.eid, sizeof(r.eid)) ||
	    db_copy(st, 8, r.euicc_point, sizeof(r.euicc_point)) ||
	    db_copy(st, 9, r.smdp_signature2, sizeof(r.smdp_signature2)) ||
	    db_copy(st, 10, r.euicc_otpk, sizeof(r.euicc_otpk)))
		return ERR_CORRUPT;
	*out = r;
	return ERR_OK;
}

enum err smdp_session_get(struct smdp_store *s, struct slice transaction_id,
			  struct smdp_session *out)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db,
				"SELECT " COLUMNS ", mac FROM fresh WHERE id = ?1 UNION ALL"
				" SELECT " COLUMNS ", mac FROM session WHERE id = ?1",
				&st);

	if (e)
		return e;
	db_bind_bytes(st, 1, transaction_id);
	e = db_row(st);
	if (!e)
		e = row_check(keyring_rows(s->keyring), LABEL, st, COLUMN_COUNT);
	if (!e)
		e = read_session(st, out);
	db_done(st);
	return e;
}

static enum err next(struct smdp_store *s, int64_t profile, struct slice after,
		     uint8_t id[static SMDP_TRANSACTION_LEN])
{
	struct db_statement *st;
	enum err e = db_prepare(s->db,
				"SELECT id FROM session WHERE id > ?1 AND (?2 = 0 OR"
				" profile = ?2) AND length(id) = ?3 ORDER BY id LIMIT 1",
				&st);

	if (e)
		return e;
	db_bind_bytes(st, 1, after.len ? after : slice_make("", 0));
	db_bind_int(st, 2, profile);
	db_bind_int(st, 3, SMDP_TRANSACTION_LEN);
	e = db_row(st);
	if (!e)
		e = db_copy(st, 0, id, SMDP_TRANSACTION_LEN);
	db_done(st);
	return e;
}

static enum err forget_fresh_before(struct smdp_store *s, int64_t not_before)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db,
				"DELETE FROM fresh WHERE created < ? OR n <="
				" (SELECT max(n) FROM fresh) - ?",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, not_before);
	db_bind_int(st, 2, SMDP_SESSIONS_MAX - 1);
	return db_run(st);
}

/* One for which no package went out has no one-time key: points begin with another octet. */
static enum err forget_kept_before(struct smdp_store *s, int64_t not_before, int64_t *gone)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db,
				"DELETE FROM session WHERE created < ?1 AND"
				" (substr(otpk, 1, 1) = ?3 OR created < ?1 - ?2)",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, not_before);
	db_bind_int(st, 2, SMDP_BOUND_KEPT_S);
	db_bind_bytes(st, 3, slice_make("", 1));
	return db_run_counted(st, gone);
}

static enum err forget(struct smdp_store *s, const char *sql, struct slice id)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db, sql, &st);

	if (e)
		return e;
	db_bind_bytes(st, 1, id);
	return db_run(st);
}

/* Of those on the disk the old ones go when time has gone on, not with each one that comes. */
static enum err put_kept(struct smdp_store *s, const struct smdp_session *session,
			 int64_t not_before)
{
	int64_t gone = 0;
	enum err e;

	SMDP_TRANSACTION (s, e) {
		if (not_before != s->forgot_before)
			e = forget_kept_before(s, not_before, &gone);
		if (!e)
			e = forget(s, "DELETE FROM fresh WHERE id = ?",
				   SLICE_OF(session->transaction_id));
		if (!e)
			e = put_row(s, INSERT_INTO("session"), session);
	}
	if (!e)
		s->forgot_before = not_before;
	return e;
}

enum err smdp_session_put(struct smdp_store *s, const struct smdp_session *session,
			  int64_t not_before)
{
	enum err e;

	if (session->state != SMDP_SESSION_INITIATED)
		return put_kept(s, session, not_before);
	e = forget_fresh_before(s, not_before);
	return e ? e : put_row(s, INSERT_INTO("fresh"), session);
}

enum err smdp_session_alone(struct smdp_store *s, const struct smdp_session *session, bool *alone)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db,
				"SELECT 1 FROM session WHERE profile = ? AND state = ?"
				" AND id <> ? LIMIT 1",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, session->profile);
	db_bind_int(st, 2, SMDP_SESSION_BOUND);
	db_bind_bytes(st, 3, SLICE_OF(session->transaction_id));
	e = db_row(st);
	db_done(st);
	*alone = e == ERR_NOT_FOUND;
	return *alone ? ERR_OK : e;
}

enum err smdp_sessions_end(struct smdp_store *s, int64_t profile)
{
	uint8_t id[SMDP_TRANSACTION_LEN];
	struct slice after = SLICE_EMPTY;
	struct smdp_session session;
	enum err e;

	while ((e = next(s, profile, after, id)) == ERR_OK) {
		after = SLICE_OF(id);
		e = smdp_session_get(s, after, &session);
		session.state = SMDP_SESSION_ENDED;
		if (!e)
			e = put_row(s, INSERT_INTO("session"), &session);
		else if (e == ERR_CORRUPT) /* it was somebody else's, and is of no use */
			e = forget(s, "DELETE FROM session WHERE id = ?", after);
		if (e)
			return e;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* The row as it stands. */
static enum err prove_session(struct smdp_store *s, struct slice id)
{
	uint8_t mac[SHA256_LEN];
	struct db_statement *st;
	enum err e = db_prepare(s->db, "SELECT " COLUMNS " FROM session WHERE id = ?", &st);

	if (e)
		return e;
	db_bind_bytes(st, 1, id);
	e = db_row(st);
	if (!e)
		e = row_mac(keyring_rows(s->keyring), LABEL, st, COLUMN_COUNT, mac);
	db_done(st);
	if (!e)
		e = db_prepare(s->db, "UPDATE session SET mac = ? WHERE id = ?", &st);
	if (e)
		return e;
	db_bind_bytes(st, 1, SLICE_OF(mac));
	db_bind_bytes(st, 2, id);
	return db_run(st);
}

enum err smdp_sessions_adopt(struct smdp_store *s)
{
	uint8_t id[SMDP_TRANSACTION_LEN];
	struct slice after = SLICE_EMPTY;
	enum err e;

	while ((e = next(s, 0, after, id)) == ERR_OK) {
		after = SLICE_OF(id);
		e = prove_session(s, after);
		if (e)
			return e;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err smdp_sessions_check(struct smdp_store *s, int64_t *profile)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db, "SELECT " COLUMNS ", mac FROM session", &st);

	while (!e && (e = db_row(st)) == ERR_OK) {
		*profile = db_int(st, 6);
		e = row_check(keyring_rows(s->keyring), LABEL, st, COLUMN_COUNT);
	}
	db_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err smdp_sessions_tidy(struct smdp_store *s, int64_t not_before, int64_t *gone)
{
	enum err e;

	SMDP_TRANSACTION (s, e)
		e = forget_kept_before(s, not_before, gone);
	return e;
}
