#include "host/operator/policy/decide.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/policy/moment.h"
#include "lib/base/bytes.h"

static bool has_next(const struct subscriber *row)
{
	return row->spare_key_id > row->key_id;
}

bool subscriber_approved(const struct subscriber *sub, int64_t now)
{
	return moment_within(now, sub->second_factor_from, sub->second_factor_until);
}

uint32_t subscriber_release_key_id(const struct subscriber *sub)
{
	if (!state_is_rotation(sub->state))
		return sub->key_id;
	return has_next(sub) ? sub->spare_key_id : 0;
}

/* K1 serves beside K2. */
static bool keeps_first(const struct subscriber *sub)
{
	return (sub->modes.in_memory || sub->modes.keep_first) &&
	       state_is_after_release(sub->state);
}

int subscriber_sub_of(const struct subscriber *sub, const char *imsi)
{
	if (strcmp(sub->imsi[0], imsi) != 0)
		return 2;
	return strcmp(sub->imsi[1], imsi) == 0 && state_allows_sub(sub->state, 2) ? 2 : 1;
}

bool subscriber_allows_sub(const struct subscriber *sub, int which)
{
	return state_allows_sub(sub->state, which) || (which == 1 && keeps_first(sub));
}

const char *subscriber_access(const struct subscriber *sub, int which)
{
	return which == 1 && keeps_first(sub) ? "limited" : state_access(sub->state, which);
}

static void act_on_keys(struct decision *d, enum key_action action)
{
	assert(d->key_count < DECISION_KEYS_MAX);
	d->keys[d->key_count++] = action;
}

static enum err make_next(struct decision *d)
{
	if (d->row.key_id == UINT32_MAX)
		return ERR_FULL; /* I7: it never goes back */
	d->row.spare_key_id = d->row.key_id + 1;
	act_on_keys(d, KEYS_MAKE_NEXT);
	return ERR_OK;
}

static enum err swap_keys(struct decision *d)
{
	uint32_t key_id = d->row.key_id;

	if (!d->row.spare_key_id)
		return ERR_NOT_FOUND;
	d->row.key_id = d->row.spare_key_id;
	d->row.spare_key_id = key_id;
	act_on_keys(d, KEYS_SWAP);
	return ERR_OK;
}

/* What a proven key has replaced is gone for good. */
static void drop_former(struct decision *d)
{
	if (!d->row.spare_key_id || has_next(&d->row))
		return;
	d->row.spare_key_id = 0;
	act_on_keys(d, KEYS_DROP_SPARE);
}

static void forget_factors(struct subscriber *row)
{
	row->first_factor_at = row->second_factor_from = row->second_factor_until = 0;
}

static bool is_its_euicc(const struct subscriber *row, const uint8_t *eid)
{
	return row->has_eid && memcmp(row->eid, eid, sizeof(row->eid)) == 0;
}

static void bind_to(struct subscriber *row, const uint8_t *eid, enum subscriber_bound by)
{
	memcpy(row->eid, eid, sizeof(row->eid));
	row->has_eid = true;
	row->bound_by = by;
}

/* I3: both factors hold now. I2: no other eUICC. */
static enum err check_grant(const struct subscriber *row, const struct subscriber_event *ev)
{
	int64_t first_s = ev->first_valid_s ? ev->first_valid_s : FIRST_FACTOR_S;

	if (!row->first_factor_at || !moment_lasts(ev->now, row->first_factor_at, first_s) ||
	    !subscriber_approved(row, ev->now))
		return ERR_FACTOR;
	return ev->eid && row->has_eid && !is_its_euicc(row, ev->eid) ? ERR_REFUSED : ERR_OK;
}

static enum err grant(struct decision *d, const struct subscriber_event *ev, bool rotation)
{
	struct subscriber *row = &d->row;
	enum err e = check_grant(row, ev);

	if (e)
		return e;
	forget_factors(row);
	if (ev->eid && !row->has_eid)
		bind_to(row, ev->eid, BOUND_BY_GRANT);
	if (ev->as_profile)
		row->second = SECOND_AS_PROFILE;
	e = rotation ? swap_keys(d) : ERR_OK;
	row->granted_key_id = row->key_id;
	return e;
}

/* The new eUICC has proven and opened nothing, and what the former one says counts no more. */
static enum err move(struct decision *d, const struct subscriber_event *ev)
{
	struct subscriber *row = &d->row;

	if (row->second == SECOND_AS_PROFILE)
		return ERR_UNSUPPORTED; /* it is on the former one */
	forget_factors(row);
	row->second = SECOND_SEALED;
	row->granted_key_id = 0;
	bind_to(row, ev->eid, BOUND_BY_OPERATOR);
	drop_former(d);
	return ERR_OK;
}

/* By its signed result, by a RES, or by the operator's word; the grant may be from before a recall.
 */
static enum err open_key(struct decision *d, const struct subscriber_event *ev)
{
	enum err e = ERR_OK;

	if (d->row.second != SECOND_AS_PROFILE)
		d->row.second = SECOND_IN_CARD;
	if (has_next(&d->row) && ev->key_id == d->row.spare_key_id)
		e = swap_keys(d);
	drop_former(d);
	return e;
}

/* Back to the key before when nobody has seen the card open the last one. */
static enum err recall(struct decision *d, const struct subscriber_event *ev)
{
	forget_factors(&d->row);
	if (ev->opened)
		return open_key(d, ev);
	return d->row.spare_key_id && !has_next(&d->row) ? swap_keys(d) : ERR_OK;
}

/* What belongs to the edge beside the state. */
static enum err take_effect(struct decision *d, const struct subscriber_event *ev,
			    enum state_effect effect)
{
	struct subscriber *row = &d->row;

	switch (effect) {
	case EFFECT_NONE: return ERR_OK;
	case EFFECT_FIRST_FACTOR:
		if (!ev->no_factor)
			row->first_factor_at = ev->now;
		return ERR_OK;
	case EFFECT_APPROVE:
		row->second_factor_from = ev->now;
		row->second_factor_until = ev->now + ev->valid_s;
		return ERR_OK;
	case EFFECT_EXPIRE: row->second_factor_from = row->second_factor_until = 0; return ERR_OK;
	case EFFECT_GRANT: return grant(d, ev, false);
	case EFFECT_GRANT_NEXT: return grant(d, ev, true);
	case EFFECT_OPEN: return open_key(d, ev);
	case EFFECT_RECALL: return recall(d, ev);
	case EFFECT_FORGET: forget_factors(row); return ERR_OK;
	case EFFECT_RESUME:
		forget_factors(row);
		drop_former(d);
		return ERR_OK;
	case EFFECT_MOVE: return move(d, ev);
	case EFFECT_BIND: bind_to(row, ev->eid, BOUND_BY_OPERATOR); return ERR_OK;
	case EFFECT_REFUSE: return ERR_VALUE;
	}
	return ERR_VALUE;
}

/* What comes of a card that is back on K1, and of a grant that it had before. */
static enum subscriber_event_kind again(const struct subscriber *row,
					enum subscriber_event_kind kind)
{
	if (!keeps_first(row))
		return kind;
	if (kind == EVENT_RES1)
		return row->modes.in_memory ? EVENT_RETURN : EVENT_FALLBACK;
	if (!row->modes.in_memory || state_is_rotation(row->state))
		return kind;
	return kind == EVENT_FACTOR  ? EVENT_FACTOR_AGAIN
	       : kind == EVENT_GRANT ? EVENT_GRANT_AGAIN
				     : kind;
}

enum err subscriber_takes_factor(const struct subscriber *sub)
{
	enum subscriber_state to;

	return state_next(sub->state, again(sub, EVENT_FACTOR), &to);
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
	return back && left ? EVENT_RECALL : again(row, ev->kind);
}

/* An event that names a keyId must name the one that it is about. */
static enum err check_key_id(const struct subscriber *row, const struct subscriber_event *ev)
{
	uint32_t want = row->key_id;

	if (ev->kind == EVENT_GRANT)
		want = subscriber_release_key_id(row);
	else if (ev->kind == EVENT_RESULT_OK || ev->opened)
		want = row->granted_key_id;
	return !ev->key_id || ev->key_id == want ? ERR_OK : ERR_REFUSED;
}

/* What the log says of it beside the words of who took it. */
static void put_evidence(struct decision *d, const struct subscriber_event *ev)
{
	const char *given = ev->evidence ? ev->evidence : "", *colon = *given ? ": " : "";
	char eid[33] = "";

	d->evidence = given;
	if (d->kind == EVENT_ROTATE || d->kind == EVENT_RECALL || d->kind == EVENT_ROLL_BACK) {
		snprintf(d->text, sizeof(d->text), "keyId %u in force, %u next%s%s",
			 (unsigned)d->row.key_id, (unsigned)d->row.spare_key_id, colon, given);
		d->evidence = d->text;
	} else if (d->kind == EVENT_BIND || d->kind == EVENT_MOVE) {
		hex_encode(SLICE_OF(d->row.eid), eid, sizeof(eid));
		snprintf(d->text, sizeof(d->text), "EID %s%s%s", eid, colon, given);
		d->evidence = d->text;
	}
}

/* In two-profile mode there is no rotation: it needs the key-release application. */
static enum err check_mode(const struct subscriber *row, const struct subscriber_event *ev)
{
	if (ev->kind == EVENT_ROTATE && row->second == SECOND_AS_PROFILE)
		return ERR_UNSUPPORTED;
	if (ev->kind == EVENT_ROLL_BACK && (!row->spare_key_id || has_next(row)))
		return ERR_WRONG_STATE; /* there is none before */
	if (ev->kind == EVENT_GRANT && ev->as_profile && state_is_rotation(row->state))
		return ERR_WRONG_STATE;
	return ERR_OK;
}

enum err decide(const struct subscriber *row, const struct subscriber_event *ev,
		struct decision *out)
{
	struct decision d = {.row = *row, .kind = kind_for(row, ev)};
	enum state_effect effect = EFFECT_NONE;
	enum err e = check_mode(row, ev);

	if (!e)
		e = check_key_id(row, ev);
	if (!e)
		e = state_take(row->state, d.kind, &d.row.state, &effect);
	if (!e)
		e = take_effect(&d, ev, effect);
	if (!e && state_is_rotation(d.row.state) && !has_next(&d.row)) /* whatever led there */
		e = make_next(&d);
	if (e)
		return e;
	*out = d;
	put_evidence(out, ev);
	return ERR_OK;
}

enum err decide_result(const struct subscriber *row, const struct subscriber_event *ev,
		       struct decision *out, bool *news)
{
	enum err e;

	*news = false;
	if (row->has_eid && !is_its_euicc(row, ev->eid))
		return ERR_REFUSED;
	e = decide(row, ev, out);
	*news = !e;
	return ev->kind == EVENT_RESULT_OK && (e == ERR_WRONG_STATE || e == ERR_REFUSED) ? ERR_OK
											 : e;
}

enum err decide_next_key(const struct subscriber *row, struct decision *out)
{
	struct decision d = {.row = *row};
	enum err e = state_is_rotation(row->state) ? ERR_OK : ERR_WRONG_STATE;

	if (!e && !has_next(row))
		e = make_next(&d);
	if (!e)
		*out = d;
	return e;
}
