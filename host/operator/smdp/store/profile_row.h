/*
 * profile_row: the row of a profile, and what it must say to be believed (profile.c). Only the
 * store includes it.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STORE_PROFILE_ROW_H
#define TWINKEY_OPERATOR_SMDP_STORE_PROFILE_ROW_H

#include "host/operator/smdp/store/proof.h"

struct smdp_profile;

/* SMDP_AVAILABLE as text: the index of the inventory is found only by a literal. */
#define PROFILE_AVAILABLE_SQL "1"

/* With the log's last word of it, in one statement: the row is not looked at without. */
#define PROFILE_ROW                                                                                \
	"id, iccid, type, state, matching_id, eid, linked, code, code_tries, code_tries_max,"      \
	" downloads, downloads_max, ordered, expires, revision, binding, (SELECT"                  \
	" string_agg(upper(encode(eid, 'hex')) || ':' || seq, ',') FROM (SELECT eid, seq FROM "    \
	"told WHERE told.profile"                                                                  \
	" = profile.id ORDER BY eid) AS those)"
#define PROFILE_COLUMNS                                                                            \
	PROFILE_ROW                                                                                \
	", log_seq, mac, (SELECT max(seq) FROM log WHERE log.iccid = encode(profile.iccid, "       \
	"'hex')),"                                                                                 \
	" (SELECT to_state FROM log WHERE seq = log_seq)"
enum {
	PROFILE_ID,
	PROFILE_ICCID,
	PROFILE_TYPE,
	PROFILE_STATE,
	PROFILE_MATCHING_ID,
	PROFILE_EID,
	PROFILE_LINKED,
	PROFILE_CODE,
	PROFILE_CODE_TRIES,
	PROFILE_CODE_TRIES_MAX,
	PROFILE_DOWNLOADS,
	PROFILE_DOWNLOADS_MAX,
	PROFILE_ORDERED,
	PROFILE_EXPIRES,
	PROFILE_REVISION,
	PROFILE_BINDING,
	PROFILE_TOLD,
	PROFILE_SEQ,
	PROFILE_MAC, /* over those before it */
	PROFILE_LAST_ENTRY,
	PROFILE_LOGGED_STATE,
	PROFILE_COLUMNS_END
};

/* ERR_CORRUPT: a column is not of its length. */
enum err smdp_profile_row_read(const struct db_statement *st, struct smdp_profile *out) MUST_CHECK;
/*
 * ERR_CORRUPT: the row is not what was written after the last entry of the log about it, or the
 * entry does not say the same.
 */
enum err smdp_profile_row_check(struct smdp_store *s, const struct db_statement *st) MUST_CHECK;
/* A new row: Available. */
enum err smdp_profile_row_insert(struct smdp_store *s, const uint8_t iccid[static 10],
				 const char *type, int64_t *id) MUST_CHECK;
/* The row as it stands belongs to that entry of the log, and is authenticated. */
enum err smdp_profile_row_prove(struct smdp_store *s, int64_t id, int64_t seq) MUST_CHECK;
/* act() for each profile, with the entry of the log that its row belongs to. */
enum err smdp_profile_row_each(struct smdp_store *s,
			       enum err (*act)(struct smdp_store *s, int64_t id,
					       int64_t seq)) MUST_CHECK;

#endif
