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

/* The last word of the log on the subscriber's attach. */
struct last_word {
	int64_t seq, at;
	bool attached;
	char evidence[257];
};

static bool see_entry(void *ctx, const struct log_entry *e)
{
	enum access_word word = access_word_of(e->event, e->actor);
	struct last_word *last = ctx;

	if (word != ACCESS_SAYS_NOTHING) {
		*last = (struct last_word){
			.seq = e->seq, .at = e->at, .attached = word == ACCESS_ATTACHED};
		snprintf(last->evidence, sizeof(last->evidence), "%s", e->evidence);
	}
	return true;
}

/*
 * A subscriber is at one place: an attach elsewhere, or by the other subscription, ends the one
 * before, as whatever makes him prove himself anew.
 */
static enum err find_proof(struct operator_store *s, struct station *st)
{
	char evidence[EVIDENCE_CAP];
	struct last_word last = {0};
	enum err e = log_each(s, st->subscriber, see_entry, &last);

	evidence_of(st->mac, st->name, evidence);
	st->proven = !e && last.attached && strcmp(last.evidence, evidence) == 0;
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
 * In a rotation, and where both subscriptions have one identity, a vector of the key before may
 * have been given out just before the grant, and its RES would tell that the card has opened the
 * new one. A run that began later has none of those.
 */
static bool may_be_of_the_key_before(const struct subscriber *row, const struct station *st)
{
	bool same = row->spare_key_id || strcmp(row->imsi[0], row->imsi[1]) == 0;

	return row->state == STATE_RELEASED && st->subscription == 2 && same &&
	       st->fresh_key != row->key_id;
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
	if (may_be_of_the_key_before(&row, st)) {
		st->fresh_key = row.key_id;
		return ERR_SYNC;
	}
	e = log_attach(s, a, st, &row);
	if (e)
		return e;
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
	int subscription = 0;
	enum err e = subscriber_by_imsi(s, st->imsi, &row, &subscription);

	st->access = ACCESS_NONE;
	if (!e && (row.id != st->subscriber || subscription != st->subscription))
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
	return e;
}
