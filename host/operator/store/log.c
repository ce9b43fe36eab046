/* log: the audit log, and what its head tells: the operator's settings, how many subscribers */
#include <stdio.h>
#include <string.h>

#include "host/operator/policy/decide.h"
#include "host/operator/store/own.h"

#define POLICY_FIRST_ASKS 1u
#define POLICY_GSM_FACTOR 2u
#define POLICY_SQN_CLOCK  4u
#define POLICY_BITS	  8 /* of the head's flags; the others count the subscribers */

#define LOG_COLUMNS	  "seq, at, subscriber, event, from_state, to_state, actor, evidence"

static const struct chain_kind subscriber_log = {
	.label = "",
	.select = "SELECT " LOG_COLUMNS ", link FROM log WHERE seq > ?1 ORDER BY seq LIMIT ?2",
	.insert = "INSERT INTO log (" LOG_COLUMNS ", link) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	.kept = "SELECT " LOG_COLUMNS ", link, prior FROM log WHERE seq <= ?1 ORDER BY seq",
	.numbered = true,
	.texts = 5,
};

void log_begin(struct operator_store *s)
{
	s->log = (struct chain){.kind = &subscriber_log, .db = s->db, .keyring = s->keyring};
}

enum err log_put(struct operator_store *s, struct decision *d, enum subscriber_state from,
		 const struct subscriber_event *ev)
{
	struct chain_entry entry = {.at = ev->now,
				    .number = d->row.id,
				    .text = {event_name(d->kind), state_name(from),
					     state_name(d->row.state), ev->actor ? ev->actor : "",
					     d->evidence}};
	enum err e = chain_append(&s->log, &entry);

	if (!e)
		d->row.log_seq = entry.seq;
	return e;
}

enum err log_note(struct operator_store *s, const struct subscriber_event *ev)
{
	struct chain_entry entry = {
		.at = ev->now, .text = {event_name(ev->kind), "", "", ev->actor, ev->evidence}};

	return chain_append(&s->log, &entry);
}

enum err subscriber_note_export(struct operator_store *s, const char *evidence, int64_t now)
{
	const struct subscriber_event ev = {
		.kind = EVENT_EXPORT, .actor = "operator", .evidence = evidence, .now = now};
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e)
		e = log_note(s, &ev);
	return e;
}

enum err subscriber_granted_at(struct operator_store *s, int64_t id, int64_t *at)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db,
				"SELECT at FROM log WHERE subscriber = ? AND event IN (?, ?)"
				" ORDER BY seq DESC LIMIT 1",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	db_bind_text(st, 2, event_name(EVENT_GRANT));
	db_bind_text(st, 3, event_name(EVENT_GRANT_AGAIN));
	e = db_row(st);
	if (!e)
		*at = db_int(st, 0);
	db_done(st);
	return e;
}

enum err log_each(struct operator_store *s, int64_t subscriber,
		  bool (*each)(void *ctx, const struct log_entry *e), void *ctx)
{
	struct db_walk w = {.db = s->db,
			    .after = INT64_MIN,
			    .sql = subscriber ? "SELECT " LOG_COLUMNS
						" FROM log WHERE seq > ?1 AND subscriber = ?3"
						" ORDER BY seq LIMIT ?2"
					      : "SELECT " LOG_COLUMNS
						" FROM log WHERE seq > ?1 ORDER BY seq LIMIT ?2",
			    .has_of = subscriber != 0,
			    .of = subscriber};
	enum err e = ERR_OK;

	while (!e && (e = db_walk_row(&w)) == ERR_OK) {
		const struct db_statement *st = w.row;
		struct log_entry entry = {
			.seq = db_int(st, 0), .at = db_int(st, 1), .subscriber = db_int(st, 2)};

		db_text(st, 3, entry.event, sizeof(entry.event));
		db_text(st, 4, entry.from, sizeof(entry.from));
		db_text(st, 5, entry.to, sizeof(entry.to));
		db_text(st, 6, entry.actor, sizeof(entry.actor));
		db_text(st, 7, entry.evidence, sizeof(entry.evidence));
		if (!each(ctx, &entry))
			break;
	}
	db_walk_end(&w);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err policy_read(struct operator_store *s, struct operator_policy *out)
{
	struct chain_head h;
	enum err e = chain_head(&s->log, &h);

	if (!e)
		*out = (struct operator_policy){.first_asks = h.flags & POLICY_FIRST_ASKS,
						.gsm_factor = h.flags & POLICY_GSM_FACTOR,
						.sqn_clock = h.flags & POLICY_SQN_CLOCK};
	return e;
}

enum err policy_lately(struct operator_store *s, int64_t now, struct operator_policy *out)
{
	enum err e = ERR_OK;

	if (!s->lately.known || s->lately.at != now) {
		e = policy_read(s, &s->lately.is);
		s->lately.known = !e;
		s->lately.at = now;
	}
	if (!e)
		*out = s->lately.is;
	return e;
}

enum err operator_policy_get(struct operator_store *s, struct operator_policy *out)
{
	enum err e;

	DB_TRANSACTION (s->db, DB_READ, e)
		e = policy_read(s, out);
	return e;
}

static const char *on_off(bool on)
{
	return on ? "on" : "off";
}

static enum err change(struct operator_store *s, uint32_t flag, const char *name,
		       const struct subscriber_event *ev, uint32_t wanted)
{
	struct chain_head h;
	struct chain_entry entry = {.at = ev->now,
				    .text = {event_name(ev->kind), "", "", ev->actor, name}};
	enum err e = chain_head(&s->log, &h);

	if (e || (h.flags & flag) == (wanted & flag))
		return e;
	entry.text[1] = on_off(h.flags & flag);
	entry.text[2] = on_off(wanted & flag);
	e = chain_append(&s->log, &entry);
	return e ? e : chain_set_flags(&s->log, h.flags ^ flag);
}

enum err operator_policy_set(struct operator_store *s, const struct operator_policy *policy,
			     const char *actor, int64_t now)
{
	const struct subscriber_event ev = {.kind = EVENT_POLICY, .actor = actor, .now = now};
	uint32_t wanted = (policy->first_asks ? POLICY_FIRST_ASKS : 0u) |
			  (policy->gsm_factor ? POLICY_GSM_FACTOR : 0u) |
			  (policy->sqn_clock ? POLICY_SQN_CLOCK : 0u);
	enum err e;

	s->lately.known = false;
	DB_TRANSACTION (s->db, DB_WRITE, e) {
		e = change(s, POLICY_FIRST_ASKS, "first-asks", &ev, wanted);
		if (!e)
			e = change(s, POLICY_GSM_FACTOR, "gsm-factor", &ev, wanted);
		if (!e)
			e = change(s, POLICY_SQN_CLOCK, "sqn-clock", &ev, wanted);
	}
	return e;
}

static enum err count_rows(struct operator_store *s, uint32_t *n)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, "SELECT count(*) FROM subscriber", &st);

	if (!e)
		e = db_row(st);
	if (!e)
		*n = (uint32_t)db_int(st, 0);
	db_done(st);
	return e;
}

enum err members_are(struct operator_store *s, uint32_t *rows, uint32_t *head)
{
	struct chain_head h;
	enum err e = chain_head(&s->log, &h);

	if (!e)
		e = count_rows(s, rows);
	if (!e)
		*head = members_told(&h);
	return e;
}

uint32_t members_told(const struct chain_head *h)
{
	return h->flags >> POLICY_BITS;
}

static enum err members_write(struct operator_store *s, const struct chain_head *h, uint32_t n)
{
	if (n >> (32 - POLICY_BITS))
		return ERR_FULL;
	return chain_set_flags(&s->log, (h->flags & ((1u << POLICY_BITS) - 1)) | n << POLICY_BITS);
}

enum err members_add(struct operator_store *s)
{
	struct chain_head h;
	enum err e = chain_head(&s->log, &h);

	return e ? e : members_write(s, &h, members_told(&h) + 1);
}

enum err members_count(struct operator_store *s)
{
	struct chain_head h;
	uint32_t n = 0;
	enum err e = chain_head(&s->log, &h);

	if (!e)
		e = count_rows(s, &n);
	return e ? e : members_write(s, &h, n);
}
