/*
 * session: download sessions, and what eUICCs told of their profiles. One whose eUICC
 * has not proven who it is lives in a table in memory: strangers can begin as many as they like.
 * The others are on the disk: a download goes on after the manager was started anew, and a bound
 * one waits for the eUICC's result.
 */
#include <string.h>

#include "host/operator/smdp/store/sql.h"

#define COLUMNS                                                                                    \
	"id, state, curve, euicc_curve, challenge, created, profile, eid, point, signature, otpk"
#define COLUMN_COUNT 11
#define LABEL	     "session"

/* Of a session that is there, its index, which is by what never changes, is left alone. */
#define RENEW                                                                                      \
	" ON CONFLICT (id) DO UPDATE SET state = excluded.state, profile = excluded.profile,"      \
	" eid = excluded.eid, point = excluded.point, signature = excluded.signature,"             \
	" otpk = excluded.otpk, mac = excluded.mac"

static bool is_fresh(const struct smdp_session *session)
{
	return session->state == SMDP_SESSION_INITIATED;
}

static enum err forget_fresh_before(struct smdp_store *s, int64_t not_before)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s,
				     "DELETE FROM temp.fresh WHERE created < ? OR rowid <="
				     " (SELECT max(rowid) FROM temp.fresh) - ?",
				     &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, not_before);
	sqlite3_bind_int(st, 2, SMDP_SESSIONS_MAX - 1);
	return manager_run(st);
}

/* One for which no package went out has no one-time key. */
static enum err forget_kept_before(struct smdp_store *s, int64_t not_before)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s,
				     "DELETE FROM main.session WHERE created < ?1 AND"
				     " (substr(otpk, 1, 1) = x'00' OR created < ?1 - ?2)",
				     &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, not_before);
	sqlite3_bind_int64(st, 2, SMDP_BOUND_KEPT_S);
	return manager_run(st);
}

static enum err forget_fresh(struct smdp_store *s, const struct smdp_session *session)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "DELETE FROM temp.fresh WHERE id = ?", &st);

	if (e)
		return e;
	sql_bind_slice(st, 1, SLICE_OF(session->transaction_id));
	return manager_run(st);
}

static enum err forget_kept(struct smdp_store *s, struct slice id)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "DELETE FROM main.session WHERE id = ?", &st);

	if (e)
		return e;
	sql_bind_slice(st, 1, id);
	return manager_run(st);
}

/* Authenticates a session that an older version wrote, as it stands. */
static enum err prove(struct smdp_store *s, struct slice id)
{
	uint8_t mac[SHA256_LEN];
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "SELECT " COLUMNS " FROM main.session WHERE id = ?", &st);

	if (e)
		return e;
	sql_bind_slice(st, 1, id);
	e = manager_row(st);
	if (!e)
		e = sql_row_mac(secret_slice(s->head_key), LABEL, st, COLUMN_COUNT, mac);
	manager_done(st);
	if (!e)
		e = manager_prepare(s, "UPDATE main.session SET mac = ? WHERE id = ?", &st);
	if (e)
		return e;
	sql_bind_slice(st, 1, SLICE_OF(mac));
	sql_bind_slice(st, 2, id);
	return manager_run(st);
}

static void bind_session(sqlite3_stmt *st, const struct smdp_session *session)
{
	sql_bind_slice(st, 1, SLICE_OF(session->transaction_id));
	sqlite3_bind_int(st, 2, (int)session->state);
	sqlite3_bind_int(st, 3, (int)session->curve);
	sqlite3_bind_int(st, 4, (int)session->euicc_curve);
	sql_bind_slice(st, 5, SLICE_OF(session->server_challenge));
	sqlite3_bind_int64(st, 6, session->created);
	sqlite3_bind_int64(st, 7, session->profile);
	sql_bind_slice(st, 8, SLICE_OF(session->eid));
	sql_bind_slice(st, 9, SLICE_OF(session->euicc_point));
	sql_bind_slice(st, 10, SLICE_OF(session->smdp_signature2));
	sql_bind_slice(st, 11, SLICE_OF(session->euicc_otpk));
}

/* As its row will have it. */
static enum err session_mac(struct smdp_store *s, const struct smdp_session *session,
			    uint8_t mac[static SHA256_LEN])
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?", &st);

	if (e)
		return e;
	bind_session(st, session);
	e = manager_row(st);
	if (!e)
		e = sql_row_mac(secret_slice(s->head_key), LABEL, st, COLUMN_COUNT, mac);
	manager_done(st);
	return e;
}

static enum err put_fresh(struct smdp_store *s, const struct smdp_session *session)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(
		s, "REPLACE INTO temp.fresh (" COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&st);

	if (e)
		return e;
	bind_session(st, session);
	return manager_run(st);
}

static enum err put_session(struct smdp_store *s, const struct smdp_session *session)
{
	uint8_t mac[SHA256_LEN];
	sqlite3_stmt *st = NULL;
	enum err e = session_mac(s, session, mac);

	if (!e)
		e = manager_prepare(s,
				    "INSERT INTO main.session (" COLUMNS
				    ", mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" RENEW,
				    &st);
	if (e)
		return e;
	bind_session(st, session);
	sql_bind_slice(st, COLUMN_COUNT + 1, SLICE_OF(mac));
	return manager_run(st);
}

/* Of those on the disk the old ones go when time has gone on, not with each one that comes. */
static enum err put_kept(struct smdp_store *s, const struct smdp_session *session,
			 int64_t not_before)
{
	enum err e = smdp_store_begin(s);

	if (e)
		return e;
	if (not_before != s->forgot_before)
		e = forget_kept_before(s, not_before);
	if (!e)
		e = forget_fresh(s, session);
	if (!e)
		e = put_session(s, session);
	e = smdp_store_end(s, e);
	if (!e)
		s->forgot_before = not_before;
	return e;
}

enum err smdp_session_put(struct smdp_store *s, const struct smdp_session *session,
			  int64_t not_before)
{
	enum err e;

	if (!is_fresh(session))
		return put_kept(s, session, not_before);
	e = forget_fresh_before(s, not_before);
	return e ? e : put_fresh(s, session);
}

enum err smdp_session_get(struct smdp_store *s, struct slice transaction_id,
			  struct smdp_session *out)
{
	struct smdp_session r = {0};
	sqlite3_stmt *st;
	enum err e = manager_prepare(s,
				     "SELECT " COLUMNS
				     ", NULL, 0 FROM temp.fresh WHERE id = ?1 UNION ALL"
				     " SELECT " COLUMNS ", mac, 1 FROM main.session WHERE id = ?1",
				     &st);

	if (e)
		return e;
	sql_bind_slice(st, 1, transaction_id);
	e = manager_row(st);
	if (!e && sqlite3_column_int(st, COLUMN_COUNT + 1))
		e = sql_row_check(secret_slice(s->head_key), LABEL, st, COLUMN_COUNT);
	if (!e) {
		r.state = (enum smdp_session_state)sqlite3_column_int(st, 1);
		r.curve = (enum ec_curve)sqlite3_column_int(st, 2);
		r.euicc_curve = (enum ec_curve)sqlite3_column_int(st, 3);
		r.created = sqlite3_column_int64(st, 5);
		r.profile = sqlite3_column_int64(st, 6);
		if (manager_copy(st, 0, r.transaction_id, sizeof(r.transaction_id)) ||
		    manager_copy(st, 4, r.server_challenge, sizeof(r.server_challenge)) ||
		    manager_copy(st, 7, r.eid, sizeof(r.eid)) ||
		    manager_copy(st, 8, r.euicc_point, sizeof(r.euicc_point)) ||
		    manager_copy(st, 9, r.smdp_signature2, sizeof(r.smdp_signature2)) ||
		    manager_copy(st, 10, r.euicc_otpk, sizeof(r.euicc_otpk)))
			e = ERR_CORRUPT;
	}
	manager_done(st);
	if (!e)
		*out = r;
	return e;
}

enum err smdp_session_alone(struct smdp_store *s, const struct smdp_session *session, bool *alone)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s,
				     "SELECT 1 FROM main.session WHERE profile = ? AND state = ?"
				     " AND id <> ? LIMIT 1",
				     &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, session->profile);
	sqlite3_bind_int(st, 2, SMDP_SESSION_BOUND);
	sql_bind_slice(st, 3, SLICE_OF(session->transaction_id));
	e = manager_row(st);
	manager_done(st);
	*alone = e == ERR_NOT_FOUND;
	return *alone ? ERR_OK : e;
}

/* The next session on the disk after that id, of one profile or (0) of all; SLICE_EMPTY: the first.
 */
static enum err next_session(struct smdp_store *s, int64_t profile, struct slice after,
			     uint8_t id[static SMDP_TRANSACTION_LEN])
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s,
				     "SELECT id FROM main.session WHERE id > ?1 AND (?2 = 0 OR"
				     " profile = ?2) AND length(id) = ?3 ORDER BY id LIMIT 1",
				     &st);

	if (e)
		return e;
	sql_bind_slice(st, 1, after.len ? after : slice_make("", 0));
	sqlite3_bind_int64(st, 2, profile);
	sqlite3_bind_int(st, 3, SMDP_TRANSACTION_LEN);
	e = manager_row(st);
	if (!e)
		e = manager_copy(st, 0, id, SMDP_TRANSACTION_LEN);
	manager_done(st);
	return e;
}

enum err smdp_sessions_end(struct smdp_store *s, int64_t profile)
{
	uint8_t id[SMDP_TRANSACTION_LEN];
	struct slice after = SLICE_EMPTY;
	struct smdp_session session;
	enum err e;

	while ((e = next_session(s, profile, after, id)) == ERR_OK) {
		after = SLICE_OF(id);
		e = smdp_session_get(s, after, &session);
		session.state = SMDP_SESSION_ENDED;
		if (!e)
			e = put_session(s, &session);
		else if (e == ERR_CORRUPT) /* it was somebody else's, and is of no use */
			e = forget_kept(s, after);
		if (e)
			return e;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err manager_sessions_adopt(struct smdp_store *s)
{
	uint8_t id[SMDP_TRANSACTION_LEN];
	struct slice after = SLICE_EMPTY;
	enum err e;

	while ((e = next_session(s, 0, after, id)) == ERR_OK) {
		after = SLICE_OF(id);
		e = prove(s, after);
		if (e)
			return e;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err manager_sessions_check(struct smdp_store *s, int64_t *profile)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "SELECT " COLUMNS ", mac FROM main.session", &st);

	while (!e && (e = manager_row(st)) == ERR_OK) {
		*profile = sqlite3_column_int64(st, 6);
		e = sql_row_check(secret_slice(s->head_key), LABEL, st, COLUMN_COUNT);
	}
	manager_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err smdp_notification_put(struct smdp_store *s, const uint8_t eid[static 16], uint32_t seq,
			       struct slice der, int64_t now)
{
	uint8_t digest[SHA256_LEN];
	sqlite3_stmt *st = NULL;
	enum err e = sha256(&der, 1, digest);

	if (!e)
		e = manager_prepare(s, "INSERT INTO notification VALUES (?, ?, ?, ?)", &st);
	if (e)
		return e;
	sql_bind_slice(st, 1, slice_make(eid, 16));
	sqlite3_bind_int64(st, 2, seq);
	sql_bind_slice(st, 3, SLICE_OF(digest));
	sqlite3_bind_int64(st, 4, now);
	return manager_run(st);
}

static enum err put_told(struct smdp_store *s, int64_t profile, const uint8_t eid[static 16],
			 uint32_t seq)
{
	sqlite3_stmt *st;
	enum err e =
		manager_prepare(s, "REPLACE INTO told (profile, eid, seq) VALUES (?, ?, ?)", &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, profile);
	sql_bind_slice(st, 2, slice_make(eid, 16));
	sqlite3_bind_int64(st, 3, seq);
	return manager_run(st);
}

/* It is authenticated with the profile's row. */
enum err smdp_told_put(struct smdp_store *s, int64_t profile, const uint8_t eid[static 16],
		       uint32_t seq)
{
	struct smdp_profile p;
	enum err e = smdp_store_begin(s);

	if (e)
		return e;
	e = smdp_profile_get(s, profile, &p);
	if (!e)
		e = put_told(s, profile, eid, seq);
	if (!e)
		e = manager_profile_prove(s, p.id, p.log_seq);
	return smdp_store_end(s, e);
}

enum err smdp_told_get(struct smdp_store *s, int64_t profile, const uint8_t eid[static 16],
		       uint32_t *seq)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "SELECT seq FROM told WHERE profile = ? AND eid = ?", &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, profile);
	sql_bind_slice(st, 2, slice_make(eid, 16));
	e = manager_row(st);
	if (!e)
		*seq = (uint32_t)sqlite3_column_int64(st, 0);
	manager_done(st);
	return e;
}
