#include "host/operator/gateway/attach.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/policy/decide.h"
#include "host/operator/store/store.h"

#define EVIDENCE_CAP 64

static void evidence_of(const uint8_t *mac, const char *name, char out[static EVIDENCE_CAP])
{
	char text[HOSTAPD_MAC_CAP];

	hostapd_mac_text(mac, text);
	snprintf(out, EVIDENCE_CAP, "hostapd, %s, %s", text, name);
}

/* What the log says of a subscriber's attaches. */
struct words {
	int64_t seq, at; /* of the last one */
	bool attached;
	int subscription;
	bool recalled; /* and the subscriber was RECALLED then */
	char evidence[257];
	/* The last entries after which another key is asked for, or everybody proves himself anew;
	 * and of grants, the first of which is of a key that nobody was asked for before. */
	int64_t turned, granted;
	unsigned grants;
};

static bool is_event(const struct log_entry *e, enum subscriber_event_kind kind)
{
	return strcmp(e->event, event_name(kind)) == 0;
}

static bool see_entry(void *ctx, const struct log_entry *e)
{
	enum access_word word = access_word_of(e->event, e->actor);
	struct words *w = ctx;

	if (is_event(e, EVENT_GRANT) || is_event(e, EVENT_GRANT_AGAIN)) {
		w->granted = e->seq;
		w->grants++;
	}
	/* a card that opened the key of a grant after all */
	if (word == ACCESS_ENDED || is_event(e, EVENT_RESULT_FAILED) ||
	    (is_event(e, EVENT_RESULT_OK) && strcmp(e->from, state_name(STATE_RELEASED)) != 0))
		w->turned = e->seq;
	if (word == ACCESS_SAYS_NOTHING)
		return true;
	w->seq = e->seq;
	w->at = e->at;
	w->attached = word == ACCESS_ATTACHED;
	w->subscription = is_event(e, EVENT_RES2) ? 2 : 1;
	w->recalled = strcmp(e->to, state_name(STATE_RECALLED)) == 0;
	snprintf(w->evidence, sizeof(w->evidence), "%s", e->evidence);
	return true;
}

/*
 * A subscriber is at one place: an attach elsewhere, or by the other subscription, ends the one
 * before, as whatever makes him prove himself anew. Where both subscriptions have one identity the
 * log says which of them it was: the state may mean the other one by now.
 */
static enum err find_proof(struct operator_store *s, struct station *st)
{
	char evidence[EVIDENCE_CAP];
	struct words last = {0};
	enum err e = log_each(s, st->subscriber, see_entry, &last);

	evidence_of(st->mac, st->name, evidence);
	st->proven = !e && last.attached && strcmp(last.evidence, evidence) == 0;
	if (st->proven)
		st->subscription = last.subscription;
	st->recalled = last.recalled;
	st->proof = last.seq;
	st->since = last.at;
	return e;
}

static void name_station(struct station *st, const struct hostapd_station *by, int64_t subscriber,
			 int subscription)
{
	memcpy(st->mac, by->mac, sizeof(st->mac));
	snprintf(st->name, sizeof(st->name), "%s", by->name);
	snprintf(st->imsi, sizeof(st->imsi), "%s", by->imsi);
	st->method = by->method;
	st->subscriber = subscriber;
	st->subscription = subscription;
	st->proven = false;
	st->log_seq = 0;
}

/*
 * A run takes its time, as long as the module likes to take for its answer. One that began before a
 * grant may show the key that was in force before it, and one that began before a suspension proves
 * nothing anew. Of a station whose run has ended each further one begins later.
 */
static enum err check_begun(struct operator_store *s, const struct subscriber *row,
			    struct station *st)
{
	bool one_identity = strcmp(row->imsi[0], row->imsi[1]) == 0;
	struct words said = {0};
	enum err e = log_each(s, row->id, see_entry, &said);
	int64_t after = said.turned;

	if (e)
		return e;
	if ((one_identity || (st->subscription == 2 && said.grants > 1)) && said.granted > after)
		after = said.granted;
	if (st->idle_since >= after)
		return ERR_OK;
	st->idle_since = row->log_seq;
	return ERR_SYNC;
}

static enum err log_attach(struct operator_store *s, const struct attach_success *a,
			   struct station *st, struct subscriber *row)
{
	char evidence[EVIDENCE_CAP];
	struct subscriber_event ev = {.kind = st->subscription == 1 ? EVENT_RES1 : EVENT_RES2,
				      .actor = ACCESS_ACTOR,
				      .evidence = evidence,
				      .now = a->now};
	struct operator_policy policy;
	enum err e = operator_policy_get(s, &policy);

	if (e)
		return e;
	evidence_of(st->mac, st->name, evidence);
	ev.no_factor = st->method == HOSTAPD_SIM && !policy.gsm_factor;
	operator_store_hurry(s);
	return subscriber_event(s, row->id, &ev, row);
}

enum err attach_take(struct operator_store *s, const struct attach_success *a, struct station *st)
{
	struct subscriber row;
	int subscription = 1;
	enum err e = subscriber_by_imsi(s, a->station->imsi, &row, &subscription);

	st->proven = false;
	st->access = ACCESS_NONE;
	if (e)
		return e;
	name_station(st, a->station, row.id, subscription);
	e = check_begun(s, &row, st);
	if (!e)
		e = log_attach(s, a, st, &row);
	if (e)
		return e;
	st->idle_since = row.log_seq;
	st->sent_back = false;
	return attach_look(s, st);
}

enum err attach_find(struct operator_store *s, const struct hostapd_station *station,
		     struct station *st)
{
	struct subscriber row;
	int subscription = 1;
	enum err e = subscriber_by_imsi(s, station->imsi, &row, &subscription);

	if (e)
		return e;
	name_station(st, station, row.id, subscription);
	e = attach_look(s, st);
	return !e && !st->proven ? ERR_NOT_FOUND : e;
}

enum err attach_look(struct operator_store *s, struct station *st)
{
	struct subscriber row;
	enum err e = subscriber_by_imsi(s, st->imsi, &row, NULL);

	st->access = ACCESS_NONE;
	if (!e && (row.id != st->subscriber || strcmp(row.imsi[st->subscription - 1], st->imsi)))
		e = ERR_NOT_FOUND; /* the IMSI is somebody else's by now */
	if (!e && row.log_seq != st->log_seq) {
		e = find_proof(s, st);
		if (!e)
			st->log_seq = row.log_seq;
	}
	if (!e)
		st->state = row.state;
	if (!e && st->proven)
		st->access = access_named(subscriber_access(&row, st->subscription));
	/* the grant that follows opens no more to the key that was recalled */
	if (st->recalled && st->access == ACCESS_FULL)
		st->access = ACCESS_LIMITED;
	return e;
}
