#include "host/operator/smdp/store/change.h"

#include <stdio.h>

#include "host/operator/smdp/store/order_secret.h"
#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/profile_row.h"
#include "host/operator/smdp/store/log.h"
#include "host/operator/smdp/store/session.h"
#include "host/operator/smdp/store/store.h"

/* The entry, and the row of the profile that it is about. */
static enum err append(struct smdp_store *s, struct smdp_log_entry *entry, int64_t profile)
{
	enum err e = smdp_log_append(s, entry);

	return e || !profile ? e : smdp_profile_row_prove(s, profile, entry->seq);
}

enum err smdp_profile_log(struct smdp_store *s, const struct smdp_log_entry *e)
{
	struct smdp_log_entry entry = *e;
	struct smdp_profile p = {.id = 0};
	uint8_t iccid[10];
	enum err err;

	SMDP_TRANSACTION (s, err) {
		if (*entry.iccid) {
			err = hex_decode_exact(entry.iccid, iccid, sizeof(iccid));
			if (!err)
				err = smdp_profile_by_iccid(s, iccid, &p);
			if (err == ERR_NOT_FOUND)
				err = ERR_OK;
		}
		if (!err)
			err = append(s, &entry, p.id);
	}
	return err;
}

/* What the index of the matching ids needs not hear of: they are as they were. */
#define SAME_ID                                                                                    \
	"UPDATE profile SET state = ?1, eid = ?2, linked = ?3, code_tries = ?4,"                   \
	" code_tries_max = ?5, downloads = ?6, downloads_max = ?7, ordered = ?8, expires = ?9,"    \
	" revision = revision + 1"
#define THIS_ONE " WHERE id = ?10 AND revision = ?11"

static enum err write_order(struct smdp_store *s, const struct smdp_profile *p, bool same_id)
{
	struct db_statement *st;
	int64_t changed = 0;
	enum err e = db_prepare(
		s->db, same_id ? SAME_ID THIS_ONE : SAME_ID ", matching_id = ?12" THIS_ONE, &st);

	if (e)
		return e;
	db_bind_int(st, 1, p->state);
	db_bind_bytes(st, 2, SLICE_OF(p->eid));
	db_bind_int(st, 3, p->linked);
	db_bind_int(st, 4, p->code_tries);
	db_bind_int(st, 5, p->code_tries_max);
	db_bind_int(st, 6, p->downloads);
	db_bind_int(st, 7, p->downloads_max);
	db_bind_int(st, 8, p->ordered);
	db_bind_int(st, 9, p->expires);
	db_bind_int(st, 10, p->id);
	db_bind_int(st, 11, p->revision);
	if (!same_id && *p->matching_id)
		db_bind_text(st, 12, p->matching_id);
	e = db_run_counted(st, &changed);
	return e ? e : changed == 1 ? ERR_OK : ERR_LOCKED;
}

static enum err log_change(struct smdp_store *s, const struct smdp_profile *p,
			   enum smdp_profile_state from, const struct smdp_change *c)
{
	struct smdp_log_entry entry = {.at = c->now};

	hex_encode(SLICE_OF(p->iccid), entry.iccid, sizeof(entry.iccid));
	snprintf(entry.event, sizeof(entry.event), "%s", smdp_event_name(c->event));
	snprintf(entry.from, sizeof(entry.from), "%s", smdp_state_name(from));
	snprintf(entry.to, sizeof(entry.to), "%s", smdp_state_name(p->state));
	snprintf(entry.actor, sizeof(entry.actor), "%s", c->actor ? c->actor : "");
	snprintf(entry.evidence, sizeof(entry.evidence), "%s", c->evidence ? c->evidence : "");
	return append(s, &entry, p->id);
}

static bool is_over(enum smdp_profile_state s)
{
	return s == SMDP_AVAILABLE || s == SMDP_INSTALLED || s == SMDP_ERROR ||
	       s == SMDP_UNAVAILABLE || s == SMDP_DELETED;
}

enum err smdp_profile_change(struct smdp_store *s, struct smdp_profile *p,
			     const struct smdp_change *c)
{
	struct slice code = c->code_hash, binding = c->binding;
	struct smdp_profile next = *p, now;
	enum err e = smdp_state_next(p->state, c->event, &next.state);

	if (e)
		return e;
	if (p->has_code && is_over(next.state))
		code = SMDP_SECRET_FORGET;
	if (p->state == SMDP_DOWNLOADED && next.state != SMDP_DOWNLOADED)
		binding = SMDP_SECRET_FORGET;
	SMDP_TRANSACTION (s, e) {
		e = smdp_profile_get(s, p->id, &now); /* nothing is authenticated that was not
							 before */
		if (e == ERR_NOT_FOUND)
			e = ERR_LOCKED;
		if (!e)
			e = write_order(s, &next, c->event == SMDP_BIND); /* whatever its name */
		if (!e)
			e = smdp_order_secret_put(s, p, SMDP_SECRET_CODE, code);
		if (!e)
			e = smdp_order_secret_put(s, p, SMDP_SECRET_BINDING, binding);
		if (!e && (c->event == SMDP_CANCEL || c->event == SMDP_RETIRE))
			e = smdp_sessions_end(s, p->id);
		if (!e)
			e = log_change(s, &next, p->state, c);
	}
	if (e)
		return e;
	next.revision++;
	if (code.ptr)
		next.has_code = code.len != 0;
	*p = next;
	return ERR_OK;
}

enum err smdp_profile_code_hash(struct smdp_store *s, int64_t id, uint8_t hash[static SHA256_LEN])
{
	struct wbuf w = wbuf_grow(SMDP_SECRET_MAX);
	enum err e = smdp_order_secret_get(s, id, SMDP_SECRET_CODE, &w);

	if (!e && slice_copy(wbuf_slice(&w), hash, SHA256_LEN))
		e = ERR_CORRUPT;
	wbuf_free(&w);
	return e;
}

enum err smdp_profile_binding(struct smdp_store *s, int64_t id, struct wbuf *out)
{
	return smdp_order_secret_get(s, id, SMDP_SECRET_BINDING, out);
}
