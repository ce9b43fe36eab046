/* event: the edges of a subscriber's states, and what each does to row and keys */
#include <stdio.h>
#include <string.h>

#include "host/operator/policy/moment.h"
#include "host/operator/store/own.h"

#define EVIDENCE_MAX 512

static bool has_next(const struct subscriber *row)
{
	return row->spare_key_id > row->key_id;
}

/* What a proven key has replaced is gone for good. */
static enum err drop_former(struct operator_store *s, struct subscriber *row)
{
	return row->spare_key_id && !has_next(row) ? keys_drop_spare(s, row) : ERR_OK;
}

static void forget_factors(struct subscriber *row)
{
	row->first_factor_at = row->second_factor_from = row->second_factor_until = 0;
}

static bool is_its_euicc(const struct subscriber *row, const uint8_t *eid)
{
	return row->has_eid && memcmp(row->eid, eid, sizeof(row->eid)) == 0;
}

static void bind(struct subscriber *row, const uint8_t *eid, enum subscriber_bound by)
{
	memcpy(row->eid, eid, sizeof(row->eid));
	row->has_eid = true;
	row->bound_by = by;
}

/* The authority has judged all of it before, but it may be otherwise since (I2, I3). */
static enum err check_grant(struct operator_store *s, const struct subscriber *row,
			    const struct subscriber_event *ev)
{
	if (!row->first_factor_at || row->first_factor_at > ev->now ||
	    !subscriber_approved(row, ev->now))
		return ERR_FACTOR;
	if (ev->eid && row->has_eid && !is_its_euicc(row, ev->eid))
		return ERR_REFUSED;
	return ev->eid && ev->nonce ? nonce_use(s, ev->eid, ev->nonce, ev->now) : ERR_OK;
}

static enum err granted(struct operator_store *s, struct subscriber *row, bool rotation,
			const struct subscriber_event *ev)
{
	enum err e = check_grant(s, row, ev);

	if (e)
		return e;
	forget_factors(row);
	if (ev->eid && !row->has_eid)
		bind(row, ev->eid, BOUND_BY_GRANT);
	if (ev->as_profile)
		row->second = SECOND_AS_PROFILE;
	e = rotation ? keys_swap(s, row) : ERR_OK;
	row->granted_key_id = row->key_id;
	return e;
}

/* The new eUICC has proven and opened nothing, and what the former one says counts no more. */
static enum err moved(struct operator_store *s, struct subscriber *row,
		      const struct subscriber_event *ev)
{
	if (row->second == SECOND_AS_PROFILE)
		return ERR_UNSUPPORTED;
	forget_factors(row);
	row->second = SECOND_SEALED;
	row->granted_key_id = 0;
	bind(row, ev->eid, BOUND_BY_OPERATOR);
	return drop_former(s, row);
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
		e = keys_swap(s, row);
	return e ? e : drop_former(s, row);
}

/* Back to the key before when nobody has seen the card open the last one. */
static enum err recalled(struct operator_store *s, struct subscriber *row,
			 const struct subscriber_event *ev)
{
	forget_factors(row);
	if (ev->opened)
		return opened(s, row, ev);
	return row->spare_key_id && !has_next(row) ? keys_swap(s, row) : ERR_OK;
}

/* What belongs to each edge beside the state (store.h). */
static enum err side_effects(struct operator_store *s, struct subscriber *row,
			     enum subscriber_state from, const struct subscriber_event *ev)
{
	switch (ev->kind) {
	case EVENT_RES1:
		if (!ev->no_factor)
			row->first_factor_at = ev->now;
		row->second = SECOND_SEALED; /* a card answers with one of its keys only */
		return ERR_OK;
	case EVENT_FACTOR:
		row->second_factor_from = ev->now;
		row->second_factor_until = ev->now + ev->valid_s;
		return ERR_OK;
	case EVENT_EXPIRE: row->second_factor_from = row->second_factor_until = 0; return ERR_OK;
	case EVENT_GRANT: return granted(s, row, state_is_rotation(from), ev);
	case EVENT_RES2:
		if (state_is_rotation(from) && !ev->no_factor)
			row->first_factor_at = ev->now;
		return from == STATE_RELEASED ? opened(s, row, ev) : ERR_OK;
	case EVENT_RESULT_OK: return opened(s, row, ev);
	case EVENT_RECALL: return recalled(s, row, ev);
	case EVENT_ROTATE:
	case EVENT_SUSPEND:
	case EVENT_RESULT_FAILED: forget_factors(row); return ERR_OK;
	case EVENT_RESUME: forget_factors(row); return drop_former(s, row);
	case EVENT_MOVE: return moved(s, row, ev);
	case EVENT_BIND: bind(row, ev->eid, BOUND_BY_OPERATOR); return ERR_OK;
	case EVENT_REISSUE:
	case EVENT_FOREIGN:
	case EVENT_CODE_WRONG:
	case EVENT_CODE_LOCK:
	case EVENT_RES_WRONG:
	case EVENT_RES_LOCK: return ERR_OK;
	case EVENT_POLICY:
	case EVENT_END: break;
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

	if (ev->kind == EVENT_BIND)
		return row->has_eid && !is_its_euicc(row, ev->eid) ? EVENT_MOVE : EVENT_BIND;
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

/* What the log says of it beside the words of who took it. */
static const char *evidence_of(const struct subscriber *row, const struct subscriber_event *ev,
			       char text[static EVIDENCE_MAX])
{
	const char *given = ev->evidence ? ev->evidence : "", *colon = *given ? ": " : "";
	char eid[33] = "";

	switch (ev->kind) {
	case EVENT_ROTATE:
	case EVENT_RECALL:
		snprintf(text, EVIDENCE_MAX, "keyId %u in force, %u next%s%s",
			 (unsigned)row->key_id, (unsigned)row->spare_key_id, colon, given);
		return text;
	case EVENT_BIND:
	case EVENT_MOVE:
		hex_encode(SLICE_OF(row->eid), eid, sizeof(eid));
		snprintf(text, EVIDENCE_MAX, "EID %s%s%s", eid, colon, given);
		return text;
	default: return given;
	}
}

enum err event_take(struct operator_store *s, struct subscriber *row,
		    const struct subscriber_event *ev)
{
	enum subscriber_state from = row->state;
	struct subscriber_event taken = *ev;
	char evidence[EVIDENCE_MAX];
	enum err e = check_key(row, ev);

	if (!e && ev->kind == EVENT_ROTATE && row->second == SECOND_AS_PROFILE)
		e = ERR_UNSUPPORTED;
	taken.kind = kind_for(row, ev);
	if (!e)
		e = state_next(from, taken.kind, &row->state);
	if (!e)
		e = side_effects(s, row, from, &taken);
	if (!e && state_is_rotation(row->state) && !has_next(row)) /* whatever led there */
		e = keys_make_next(s, row);
	taken.evidence = evidence_of(row, &taken, evidence);
	if (!e)
		e = log_put(s, row, &taken, from);
	return e ? e : subscriber_write(s, row);
}

enum err subscriber_event(struct operator_store *s, int64_t id, const struct subscriber_event *ev,
			  struct subscriber *after)
{
	struct subscriber row;
	enum err e = db_begin(s->db, DB_WRITE);

	if (e)
		return e;
	e = subscriber_by_id(s, id, &row);
	if (!e)
		e = event_take(s, &row, ev);
	e = db_end(s->db, e);
	if (!e && after)
		*after = row;
	return e;
}

/* Who asks again and again fills no log. */
static enum err said_lately(struct operator_store *s, const struct subscriber *row,
			    const char *evidence, int64_t now, bool *said)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db,
				"SELECT at, evidence FROM log WHERE subscriber = ? AND event = ?"
				" ORDER BY seq DESC LIMIT 1",
				&st);

	*said = false;
	if (e)
		return e;
	db_bind_int(st, 1, row->id);
	db_bind_text(st, 2, event_name(EVENT_FOREIGN));
	e = db_row(st);
	if (!e)
		*said = slice_is(db_bytes(st, 1), evidence) &&
			moment_lasts(now, db_int(st, 0), FOREIGN_AGAIN_S);
	db_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err subscriber_foreign(struct operator_store *s, int64_t id, const char *evidence, int64_t now)
{
	const struct subscriber_event ev = {.kind = EVENT_FOREIGN,
					    .actor = "release authority",
					    .evidence = evidence,
					    .now = now};
	struct subscriber row;
	bool said = false;
	enum err e = db_begin(s->db, DB_WRITE);

	if (e)
		return e;
	e = subscriber_by_id(s, id, &row);
	if (!e)
		e = said_lately(s, &row, evidence, now, &said);
	if (!e && !said)
		e = event_take(s, &row, &ev);
	return db_end(s->db, e);
}

enum err subscriber_next_key(struct operator_store *s, int64_t id, struct subscriber *after)
{
	enum err e = db_begin(s->db, DB_WRITE);

	if (e)
		return e;
	e = subscriber_by_id(s, id, after);
	if (!e && !state_is_rotation(after->state))
		e = ERR_WRONG_STATE;
	if (!e && !has_next(after)) {
		e = keys_make_next(s, after);
		if (!e)
			e = subscriber_write(s, after);
	}
	return db_end(s->db, e);
}
