/* store_event: the edges of a subscriber's states, and what each does to row and keys */
#include <stdio.h>
#include <string.h>

#include "host/operator/store_sqlite.h"

#define EVIDENCE_MAX 512

static bool has_next(const struct subscriber *row)
{
	return row->spare_key_id > row->key_id;
}

/* What a proven key has replaced is gone for good. */
static enum err drop_former(struct operator_store *s, struct subscriber *row)
{
	return row->spare_key_id && !has_next(row) ? sql_keys_drop_spare(s, row) : ERR_OK;
}

static enum err granted(struct operator_store *s, struct subscriber *row, bool rotation,
			const struct subscriber_event *ev)
{
	enum err e;

	/* the authority has judged them before, but they may be gone since (I3) */
	if (!row->first_factor_at || !row->second_factor_until)
		return ERR_FACTOR;
	row->first_factor_at = row->second_factor_until = 0;
	if (ev->eid) {
		memcpy(row->eid, ev->eid, sizeof(row->eid));
		row->has_eid = true;
	}
	if (ev->as_profile)
		row->second = SECOND_AS_PROFILE;
	e = rotation ? sql_keys_swap(s, row) : ERR_OK;
	row->granted_key_id = row->key_id;
	return e;
}

/* By its signed result, by a RES, or by the operator's word; the grant may be from before a recall.
 */
static enum err opened(struct operator_store *s, struct subscriber *row,
		       const struct subscriber_event *ev)
{
	enum err e = ERR_OK;

	if (row->second != SECOND_AS_PROFILE)
		row->second = SECOND_IN_CARD;
	if (has_next(row) && ev->key_id == row->spare_key_id)
		e = sql_keys_swap(s, row);
	return e ? e : drop_former(s, row);
}

/* Back to the key before when nobody has seen the card open the last one. */
static enum err recalled(struct operator_store *s, struct subscriber *row,
			 const struct subscriber_event *ev)
{
	row->first_factor_at = row->second_factor_until = 0;
	if (ev->opened)
		return opened(s, row, ev);
	return row->spare_key_id && !has_next(row) ? sql_keys_swap(s, row) : ERR_OK;
}

/* What belongs to each edge beside the state (store.h). */
static enum err side_effects(struct operator_store *s, struct subscriber *row,
			     enum subscriber_state from, const struct subscriber_event *ev)
{
	switch (ev->kind) {
	case EVENT_RES1:
		row->first_factor_at = ev->now;
		row->second = SECOND_SEALED; /* a card answers with one of its keys only */
		return ERR_OK;
	case EVENT_FACTOR: row->second_factor_until = ev->now + ev->valid_s; return ERR_OK;
	case EVENT_EXPIRE: row->second_factor_until = 0; return ERR_OK;
	case EVENT_GRANT: return granted(s, row, state_is_rotation(from), ev);
	case EVENT_RES2:
		if (state_is_rotation(from))
			row->first_factor_at = ev->now;
		return from == STATE_RELEASED ? opened(s, row, ev) : ERR_OK;
	case EVENT_RESULT_OK: return opened(s, row, ev);
	case EVENT_RECALL: return recalled(s, row, ev);
	case EVENT_ROTATE:
	case EVENT_SUSPEND:
	case EVENT_RESULT_FAILED:
		row->first_factor_at = row->second_factor_until = 0;
		return ERR_OK;
	case EVENT_RESUME:
		row->first_factor_at = row->second_factor_until = 0;
		return drop_former(s, row);
	case EVENT_REISSUE: return ERR_OK;
	}
	return ERR_VALUE;
}

/* A card that has left K1 cannot prove itself with it: it is recalled on its second key. */
static enum subscriber_event_kind kind_for(const struct subscriber *row,
					   const struct subscriber_event *ev)
{
	/* a result is no way out of a suspension, and there is nobody else to resume */
	bool back = row->state == STATE_SUSPENDED ? ev->kind == EVENT_RESUME
						  : ev->kind == EVENT_RESULT_FAILED;
	bool left = row->second == SECOND_IN_CARD || (row->second == SECOND_SEALED && ev->opened);

	return back && left ? EVENT_RECALL : ev->kind;
}

/* An event that names a key must be of the one that it concerns. */
static enum err check_key(const struct subscriber *row, const struct subscriber_event *ev)
{
	uint32_t want = row->key_id;

	if (ev->kind == EVENT_GRANT)
		want = subscriber_release_key_id(row);
	else if (ev->kind == EVENT_RESULT_OK || ev->opened)
		want = row->granted_key_id;
	return !ev->key_id || ev->key_id == want ? ERR_OK : ERR_REFUSED;
}

uint32_t subscriber_release_key_id(const struct subscriber *sub)
{
	if (!state_is_rotation(sub->state))
		return sub->key_id;
	return has_next(sub) ? sub->spare_key_id : 0;
}

static enum err row_write(struct operator_store *s, const struct subscriber *row)
{
	sqlite3_stmt *st = NULL;
	enum err e =
		sql_prepare(s,
			    "UPDATE subscriber SET state = ?2, first_at = ?3, second_until = ?4,"
			    " eid = ?5, key_id = ?6, spare_key_id = ?7, granted_key_id = ?8,"
			    " second = ?9 WHERE id = ?1",
			    &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, row->id);
	sqlite3_bind_int(st, 2, (int)row->state);
	sqlite3_bind_int64(st, 3, row->first_factor_at);
	sqlite3_bind_int64(st, 4, row->second_factor_until);
	if (row->has_eid)
		sql_bind_slice(st, 5, SLICE_OF(row->eid));
	sqlite3_bind_int64(st, 6, row->key_id);
	sqlite3_bind_int64(st, 7, row->spare_key_id);
	sqlite3_bind_int64(st, 8, row->granted_key_id);
	sqlite3_bind_int(st, 9, (int)row->second);
	return sql_run(s, st, NULL);
}

/* In a rotation there are next keys, whatever led there. */
static enum err settle(struct operator_store *s, struct subscriber *row)
{
	enum err e = ERR_OK;

	if (state_is_rotation(row->state) && !has_next(row))
		e = sql_keys_make_next(s, row);
	return e ? e : row_write(s, row);
}

static enum err take_event(struct operator_store *s, struct subscriber *row,
			   const struct subscriber_event *ev)
{
	enum subscriber_state from = row->state;
	struct subscriber_event taken = *ev;
	char evidence[EVIDENCE_MAX];
	enum err e;

	taken.kind = kind_for(row, ev);
	e = state_next(from, taken.kind, &row->state);
	if (!e)
		e = side_effects(s, row, from, &taken);
	if (!e)
		e = settle(s, row);
	if (!e && (taken.kind == EVENT_ROTATE || taken.kind == EVENT_RECALL)) {
		snprintf(evidence, sizeof(evidence), "keyId %u in force, %u next%s%s",
			 (unsigned)row->key_id, (unsigned)row->spare_key_id,
			 ev->evidence && *ev->evidence ? ": " : "",
			 ev->evidence ? ev->evidence : "");
		taken.evidence = evidence;
	}
	return e ? e : sql_log_put(s, row->id, &taken, from, row->state);
}

enum err subscriber_event(struct operator_store *s, int64_t id, const struct subscriber_event *ev,
			  struct subscriber *after)
{
	struct subscriber row;
	enum err e = sql_begin(s);

	if (e)
		return e;
	e = subscriber_by_id(s, id, &row);
	if (!e && ev->kind == EVENT_ROTATE && row.second == SECOND_AS_PROFILE)
		e = ERR_UNSUPPORTED;
	if (!e)
		e = check_key(&row, ev);
	if (!e)
		e = take_event(s, &row, ev);
	e = sql_end(s, e);
	if (!e && after)
		*after = row;
	return e;
}

enum err subscriber_next_key(struct operator_store *s, int64_t id, struct subscriber *after)
{
	enum err e = sql_begin(s);

	if (e)
		return e;
	e = subscriber_by_id(s, id, after);
	if (!e && !state_is_rotation(after->state))
		e = ERR_WRONG_STATE;
	if (!e && !has_next(after))
		e = settle(s, after);
	return sql_end(s, e);
}
