#include "host/operator/smdp/store/told.h"

#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/profile_row.h"
#include "host/operator/smdp/store/store.h"
#include "lib/crypto/symmetric.h"

enum err smdp_notification_put(struct smdp_store *s, const uint8_t eid[static 16], uint32_t seq,
			       struct slice der, int64_t now)
{
	uint8_t digest[SHA256_LEN];
	struct db_statement *st = NULL;
	enum err e = sha256(&der, 1, digest);

	if (!e)
		e = db_prepare(s->db, "INSERT INTO notification VALUES (?, ?, ?, ?)", &st);
	if (e)
		return e;
	db_bind_bytes(st, 1, slice_make(eid, 16));
	db_bind_int(st, 2, seq);
	db_bind_bytes(st, 3, SLICE_OF(digest));
	db_bind_int(st, 4, now);
	return db_run(st);
}

static enum err put_told(struct smdp_store *s, int64_t profile, const uint8_t eid[static 16],
			 uint32_t seq)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db,
				"INSERT INTO told (profile, eid, seq) VALUES (?, ?, ?)"
				" ON CONFLICT (profile, eid) DO UPDATE SET seq = excluded.seq",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, profile);
	db_bind_bytes(st, 2, slice_make(eid, 16));
	db_bind_int(st, 3, seq);
	return db_run(st);
}

/* It is authenticated with the profile's row. */
enum err smdp_told_put(struct smdp_store *s, int64_t profile, const uint8_t eid[static 16],
		       uint32_t seq)
{
	struct smdp_profile p;
	enum err e;

	SMDP_TRANSACTION (s, e) {
		e = smdp_profile_get(s, profile, &p);
		if (!e)
			e = put_told(s, profile, eid, seq);
		if (!e)
			e = smdp_profile_row_prove(s, p.id, p.log_seq);
	}
	return e;
}

enum err smdp_told_get(struct smdp_store *s, int64_t profile, const uint8_t eid[static 16],
		       uint32_t *seq)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db, "SELECT seq FROM told WHERE profile = ? AND eid = ?", &st);

	if (e)
		return e;
	db_bind_int(st, 1, profile);
	db_bind_bytes(st, 2, slice_make(eid, 16));
	e = db_row(st);
	if (!e)
		*seq = (uint32_t)db_int(st, 0);
	db_done(st);
	return e;
}

static enum err drop_notifications(struct smdp_store *s, int64_t before, int64_t *gone)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db,
				"DELETE FROM notification WHERE (eid, seq) IN (SELECT n.eid, n.seq"
				" FROM notification AS n WHERE n.at < ?1 AND NOT EXISTS (SELECT 1"
				" FROM profile WHERE profile.eid = n.eid) LIMIT ?2)",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, before);
	db_bind_int(st, 2, SMDP_TOLD_STEP);
	return db_run_counted(st, gone);
}

enum err smdp_notifications_tidy(struct smdp_store *s, int64_t before, int64_t *gone)
{
	enum err e;

	SMDP_TRANSACTION (s, e) {
		e = drop_notifications(s, before, gone);
	}
	return e;
}
