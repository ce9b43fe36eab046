#include "host/operator/smdp/store/verify.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/smdp/store/order_secret.h"
#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/package.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/profile_row.h"
#include "host/operator/smdp/store/session.h"

#define BY_LOG PROFILE_COLUMNS_END /* the state that the log's last word of the profile is */

/* What is told of one that is not what was written. */
static void describe(const struct db_statement *st, struct smdp_check *out)
{
	enum smdp_profile_state state = (enum smdp_profile_state)db_int(st, PROFILE_STATE);

	(void)!hex_encode(slice_sub(db_bytes(st, PROFILE_ICCID), 0, 10), out->iccid,
			  sizeof(out->iccid));
	snprintf(out->by_row, sizeof(out->by_row), "%s", smdp_state_name(state));
	db_text(st, BY_LOG, out->by_log, sizeof(out->by_log));
	out->entry = db_int(st, PROFILE_LAST_ENTRY);
}

static enum err check_profile(struct smdp_store *s, const struct db_statement *st,
			      struct smdp_check *c)
{
	describe(st, c);
	if (*c->by_log && strcmp(c->by_log, c->by_row) != 0) {
		c->found = SMDP_PARTED;
		return ERR_CORRUPT;
	}
	c->found = SMDP_ROW_CHANGED;
	if (smdp_profile_row_check(s, st) || smdp_order_secret_check(s, st))
		return ERR_CORRUPT;
	c->found = SMDP_PACKAGE_CHANGED;
	return smdp_package_check(s, db_int(st, PROFILE_ID));
}

static enum err check_profiles(struct smdp_store *s, struct smdp_check *out)
{
	struct smdp_check c = {.good = out->good};
	struct db_statement *st;
	enum err e =
		db_prepare(s->db,
			   "SELECT " PROFILE_COLUMNS ", (SELECT to_state FROM log WHERE log.iccid ="
			   " encode(profile.iccid, 'hex') ORDER BY seq DESC LIMIT 1)"
			   " FROM profile ORDER BY id",
			   &st);

	while (!e && (e = db_row(st)) == ERR_OK)
		e = check_profile(s, st, &c);
	db_done(st);
	if (e == ERR_CORRUPT)
		*out = c;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* The log tells of a profile that somebody took out. */
static enum err look_for_gone(struct smdp_store *s, struct smdp_check *out)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db,
				"SELECT iccid, seq, to_state FROM log WHERE seq IN (SELECT max(seq)"
				" FROM log WHERE iccid <> '' AND iccid NOT IN"
				" (SELECT encode(iccid, 'hex') FROM profile) GROUP BY iccid)"
				" ORDER BY iccid LIMIT 1",
				&st);

	if (e)
		return e;
	e = db_row(st);
	if (!e) {
		out->found = SMDP_GONE;
		db_text(st, 0, out->iccid, sizeof(out->iccid));
		out->entry = db_int(st, 1);
		db_text(st, 2, out->by_log, sizeof(out->by_log));
	}
	db_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e ? e : ERR_CORRUPT;
}

static enum err check_sessions(struct smdp_store *s, struct smdp_check *out)
{
	struct smdp_profile p;
	int64_t profile = 0;
	enum err e = smdp_sessions_check(s, &profile);

	if (e != ERR_CORRUPT)
		return e;
	out->found = SMDP_SESSION_CHANGED;
	if (smdp_profile_get(s, profile, &p) == ERR_OK)
		hex_encode(SLICE_OF(p.iccid), out->iccid, sizeof(out->iccid));
	return e;
}

/* All of it is as of one moment, and nobody waits for it. */
enum err smdp_store_verify(struct smdp_store *s, struct smdp_check *out)
{
	enum err e;

	DB_TRANSACTION (s->db, DB_READ, e) {
		*out = (struct smdp_check){.good = 0};
		e = chain_verify(&s->log, &out->good);
		if (e == ERR_CORRUPT)
			out->found = SMDP_LOG_CHANGED;
		if (!e)
			e = check_profiles(s, out);
		if (!e)
			e = look_for_gone(s, out);
		if (!e)
			e = check_sessions(s, out);
	}
	return e;
}
