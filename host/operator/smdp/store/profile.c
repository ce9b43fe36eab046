#include "host/operator/smdp/store/profile.h"

#include <string.h>

#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/profile_row.h"

_Static_assert(SMDP_AVAILABLE == 1, "PROFILE_AVAILABLE_SQL");

static const uint8_t nobody[16];

static const struct smdp_proof proof = {
	.label = "profile",
	.select = "SELECT " PROFILE_ROW ", ?2 FROM profile WHERE id = ?1",
	.update = "UPDATE profile SET mac = ?2, log_seq = ?3 WHERE id = ?1",
	.columns = PROFILE_MAC,
	.logged = true,
};

bool smdp_profile_has_eid(const struct smdp_profile *p)
{
	return memcmp(p->eid, nobody, sizeof(nobody)) != 0;
}

enum err smdp_profile_row_read(const struct db_statement *st, struct smdp_profile *out)
{
	struct smdp_profile p = {
		.id = db_int(st, PROFILE_ID),
		.state = (enum smdp_profile_state)db_int(st, PROFILE_STATE),
		.linked = db_int(st, PROFILE_LINKED) != 0,
		.has_code = db_type(st, PROFILE_CODE) != DB_NULL,
		.code_tries = (unsigned)db_int(st, PROFILE_CODE_TRIES),
		.code_tries_max = (unsigned)db_int(st, PROFILE_CODE_TRIES_MAX),
		.downloads = (unsigned)db_int(st, PROFILE_DOWNLOADS),
		.downloads_max = (unsigned)db_int(st, PROFILE_DOWNLOADS_MAX),
		.ordered = db_int(st, PROFILE_ORDERED),
		.expires = db_int(st, PROFILE_EXPIRES),
		.revision = db_int(st, PROFILE_REVISION),
		.log_seq = db_int(st, PROFILE_SEQ),
	};
	enum err e = db_copy(st, PROFILE_ICCID, p.iccid, sizeof(p.iccid));

	if (!e)
		e = db_copy(st, PROFILE_EID, p.eid, sizeof(p.eid));
	db_text(st, PROFILE_TYPE, p.type, sizeof(p.type));
	db_text(st, PROFILE_MATCHING_ID, p.matching_id, sizeof(p.matching_id));
	if (!e)
		*out = p;
	return e;
}

enum err smdp_profile_row_check(struct smdp_store *s, const struct db_statement *st)
{
	const char *logged = db_string(st, PROFILE_LOGGED_STATE);
	const char *is = smdp_state_name((enum smdp_profile_state)db_int(st, PROFILE_STATE));

	if (db_int(st, PROFILE_SEQ) != db_int(st, PROFILE_LAST_ENTRY) ||
	    (logged && strcmp(logged, is) != 0))
		return ERR_CORRUPT;
	return smdp_proof_check(s, &proof, st);
}

enum err smdp_profile_row_insert(struct smdp_store *s, const uint8_t iccid[static 10],
				 const char *type, int64_t *id)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db,
				"INSERT INTO profile (iccid, type, state, eid, linked, code_tries,"
				" code_tries_max, downloads, downloads_max, ordered, expires,"
				" revision) VALUES (?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 1)"
				" RETURNING id",
				&st);

	if (e)
		return e;
	db_bind_bytes(st, 1, slice_make(iccid, 10));
	db_bind_text(st, 2, type);
	db_bind_int(st, 3, SMDP_AVAILABLE);
	db_bind_bytes(st, 4, SLICE_OF(nobody));
	e = db_row(st);
	if (!e)
		*id = db_int(st, 0);
	db_done(st);
	return e;
}

enum err smdp_profile_row_prove(struct smdp_store *s, int64_t id, int64_t seq)
{
	return smdp_proof_write(s, &proof, id, seq);
}

enum err smdp_profile_row_each(struct smdp_store *s,
			       enum err (*act)(struct smdp_store *s, int64_t id, int64_t seq))
{
	struct db_statement *st;
	enum err e = db_prepare(s->db, "SELECT id, log_seq FROM profile ORDER BY id", &st);

	while (!e && (e = db_row(st)) == ERR_OK)
		e = act(s, db_int(st, 0), db_int(st, 1));
	db_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* The one profile that a prepared statement finds; ends its use. */
static enum err one(struct smdp_store *s, struct db_statement *st, struct smdp_profile *out)
{
	enum err e = db_row(st);

	if (!e)
		e = smdp_profile_row_check(s, st);
	if (!e)
		e = smdp_profile_row_read(st, out);
	db_done(st);
	return e;
}

enum err smdp_profile_find(struct smdp_store *s, const char *matching_id, struct smdp_profile *out)
{
	struct db_statement *st;
	enum err e = db_prepare(
		s->db, "SELECT " PROFILE_COLUMNS " FROM profile WHERE matching_id = ?", &st);

	if (e)
		return e;
	db_bind_text(st, 1, matching_id);
	return one(s, st, out);
}

enum err smdp_profile_by_iccid(struct smdp_store *s, const uint8_t iccid[static 10],
			       struct smdp_profile *out)
{
	struct db_statement *st;
	enum err e =
		db_prepare(s->db, "SELECT " PROFILE_COLUMNS " FROM profile WHERE iccid = ?", &st);

	if (e)
		return e;
	db_bind_bytes(st, 1, slice_make(iccid, 10));
	return one(s, st, out);
}

enum err smdp_profile_get(struct smdp_store *s, int64_t id, struct smdp_profile *out)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db, "SELECT " PROFILE_COLUMNS " FROM profile WHERE id = ?", &st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	return one(s, st, out);
}

static enum err one_of_type(struct smdp_store *s, const char *sql, const char *type,
			    struct smdp_profile *out)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db, sql, &st);

	if (e)
		return e;
	db_bind_text(st, 1, type);
	return one(s, st, out);
}

enum err smdp_profile_available(struct smdp_store *s, const char *type, struct smdp_profile *out)
{
	static const char available[] =
		"SELECT " PROFILE_COLUMNS " FROM profile WHERE type = ? AND state ="
		" " PROFILE_AVAILABLE_SQL " ORDER BY id LIMIT 1";
	static const char any[] = "SELECT " PROFILE_COLUMNS " FROM profile WHERE type = ? LIMIT 1";
	enum err e = one_of_type(s, available, type, out);

	if (e != ERR_NOT_FOUND)
		return e;
	e = one_of_type(s, any, type, out);
	return e ? e : ERR_WRONG_STATE;
}

enum err smdp_profile_waiting(struct smdp_store *s, const uint8_t eid[static 16],
			      struct smdp_profile *out)
{
	struct db_statement *st;
	enum err e =
		db_prepare(s->db,
			   "SELECT " PROFILE_COLUMNS " FROM profile WHERE eid = ? AND linked <> 0"
			   " AND matching_id IS NULL AND state IN (?, ?, ?)"
			   " ORDER BY ordered, id LIMIT 1",
			   &st);

	if (e)
		return e;
	db_bind_bytes(st, 1, slice_make(eid, 16));
	db_bind_int(st, 2, SMDP_CONFIRMED);
	db_bind_int(st, 3, SMDP_RELEASED);
	db_bind_int(st, 4, SMDP_DOWNLOADED);
	return one(s, st, out);
}

enum err smdp_profile_each(struct smdp_store *s,
			   bool (*each)(void *ctx, const struct smdp_profile *p), void *ctx)
{
	struct db_statement *st;
	enum err e =
		db_prepare(s->db, "SELECT " PROFILE_COLUMNS " FROM profile ORDER BY iccid", &st);
	struct smdp_profile p;

	if (e)
		return e;
	while ((e = db_row(st)) == ERR_OK) {
		e = smdp_profile_row_read(st, &p);
		p.broken = smdp_profile_row_check(s, st) != ERR_OK;
		if (e || !each(ctx, &p))
			break;
	}
	db_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}
