#include "host/operator/rotation/rotation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/policy/decide.h"
#include "host/operator/policy/moment.h"
#include "host/operator/store/store.h"

#define ACTOR "rotation"

const char *rotation_result_name(enum rotation_result r)
{
	static const char *const names[] = {[ROTATION_CHOSEN] = "chosen",
					    [ROTATION_WAITS] = "waits",
					    [ROTATION_DONE] = "done",
					    [ROTATION_ROLLED_BACK] = "rolled back",
					    [ROTATION_SKIPPED] = "skipped"};

	return (size_t)r < ARRAY_LEN(names) ? names[r] : "?";
}

enum err rotation_choose(struct rotation_list *l, const struct subscriber *sub)
{
	struct rotation_item *item;

	for (size_t i = 0; i < l->count; i++) {
		if (l->items[i].id == sub->id)
			return ERR_OK;
	}
	if (l->count == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		struct rotation_item *items = realloc(l->items, cap * sizeof(*items));

		if (!items)
			return ERR_MEMORY;
		l->items = items;
		l->cap = cap;
	}
	item = &l->items[l->count++];
	*item = (struct rotation_item){.id = sub->id, .from = sub->key_id};
	snprintf(item->imsi, sizeof(item->imsi), "%s", sub->imsi[0]);
	return ERR_OK;
}

struct choosing {
	struct rotation_list *list;
	struct operator_store *store;
	int64_t now, seconds;
	enum err err;
};

static bool choose_if_older(void *ctx, const struct subscriber *sub)
{
	struct choosing *c = ctx;
	int64_t at = 0;
	enum err e = sub->broken ? ERR_NOT_FOUND : subscriber_granted_at(c->store, sub->id, &at);

	if (!e && !moment_lasts(c->now, at, c->seconds))
		e = rotation_choose(c->list, sub);
	c->err = e == ERR_NOT_FOUND ? ERR_OK : e;
	return !c->err;
}

enum err rotation_choose_older(struct rotation_list *l, struct operator_store *s, int64_t now,
			       int64_t seconds)
{
	struct choosing c = {l, s, now, seconds, ERR_OK};
	enum err e = subscriber_each(s, choose_if_older, &c);

	return e ? e : c.err;
}

void rotation_list_free(struct rotation_list *l)
{
	free(l->items);
	*l = (struct rotation_list){.items = NULL};
}

static void conclude_item(struct rotation_item *item, enum rotation_result result, const char *why)
{
	item->result = result;
	snprintf(item->why, sizeof(item->why), "%s", why);
}

static enum err take_edge_of(struct operator_store *s, const struct rotation_item *item,
			     enum subscriber_event_kind kind, const struct rotation_rules *rules)
{
	const struct subscriber_event ev = {.kind = kind,
					    .actor = ACTOR,
					    .evidence = rules->reason ? rules->reason : "",
					    .now = rules->now};

	return subscriber_event(s, item->id, &ev, NULL);
}

/* A former set of keys is there: the grant of a rotation has not been shown. */
static bool is_on_trial(const struct subscriber *sub)
{
	return sub->state == STATE_RELEASED && sub->spare_key_id && sub->spare_key_id < sub->key_id;
}

enum err rotation_begin(struct rotation_item *item, struct operator_store *s,
			const struct rotation_rules *rules)
{
	struct subscriber sub;
	enum err e = subscriber_by_id(s, item->id, &sub);

	if (e == ERR_CORRUPT) {
		conclude_item(item, ROTATION_SKIPPED, "its row was written by somebody else");
		return ERR_OK;
	}
	if (e)
		return e;
	item->from = is_on_trial(&sub) ? sub.spare_key_id : sub.key_id;
	item->to = item->from + 1;
	if (state_is_rotation(sub.state) || is_on_trial(&sub)) {
		conclude_item(item, ROTATION_WAITS, "it was begun before");
		return ERR_OK;
	}
	if (sub.state != STATE_ACTIVE) {
		snprintf(item->why, sizeof(item->why), "it is %s: %s", state_name(sub.state),
			 state_step(sub.state));
		item->result = ROTATION_SKIPPED;
		return ERR_OK;
	}
	e = take_edge_of(s, item, EVENT_ROTATE, rules);
	if (e == ERR_UNSUPPORTED || e == ERR_WRONG_STATE || e == ERR_FULL) {
		conclude_item(item, ROTATION_SKIPPED,
			      e == ERR_UNSUPPORTED
				      ? "its second subscription is a profile of its own"
				      : err_text(e));
		return ERR_OK;
	}
	if (!e)
		conclude_item(item, ROTATION_WAITS, "begun: its card comes next");
	return e;
}

/* The second attach has failed: a wrong RES since the grant, or none in time. */
static bool has_failed(const struct subscriber *sub, int64_t granted,
		       const struct rotation_rules *rules)
{
	bool wrong = sub->answers.wrong && sub->answers.at >= granted;

	return wrong || !moment_lasts(rules->now, granted, rules->attach_s);
}

static enum err look_at_trial(struct rotation_item *item, struct operator_store *s,
			      const struct subscriber *sub, const struct rotation_rules *rules)
{
	int64_t granted = 0;
	enum err e = subscriber_granted_at(s, item->id, &granted);

	if (e)
		return e;
	if (!has_failed(sub, granted, rules)) {
		conclude_item(item, ROTATION_WAITS,
			      "granted: the card attaches with the new key next");
		return ERR_OK;
	}
	e = take_edge_of(s, item, EVENT_ROLL_BACK, rules);
	if (e == ERR_WRONG_STATE) /* it attached just now, or was suspended */
		return ERR_OK;
	if (!e)
		conclude_item(item, ROTATION_ROLLED_BACK,
			      "the attach with the new key failed: the former one is in force, for "
			      "limited "
			      "access, and a key is granted anew");
	return e;
}

enum err rotation_look(struct rotation_item *item, struct operator_store *s,
		       const struct rotation_rules *rules)
{
	struct subscriber sub;
	enum err e;

	if (item->result != ROTATION_WAITS)
		return ERR_OK;
	e = subscriber_by_id(s, item->id, &sub);
	if (e)
		return e;
	if (is_on_trial(&sub))
		return look_at_trial(item, s, &sub, rules);
	if (sub.key_id > item->from && !state_is_rotation(sub.state)) {
		conclude_item(item, sub.state == STATE_SUSPENDED ? ROTATION_SKIPPED : ROTATION_DONE,
			      "");
		item->to = sub.key_id;
	} else if (sub.state == STATE_SUSPENDED) {
		conclude_item(item, ROTATION_SKIPPED, "it is SUSPENDED");
	}
	return ERR_OK;
}
