/* log: the audit log, the operator's settings in its head, and what is told of both */
#include <stdio.h>
#include <string.h>

#include "host/operator/store/sqlite.h"

#define POLICY_FIRST_ASKS 1u
#define POLICY_GSM_FACTOR 2u
#define POLICY_BITS	  8 /* of the head's flags; the others count the subscribers */

#define LOG_COLUMNS	  "seq, at, subscriber, event, from_state, to_state, actor, evidence"

static const struct old_chain_kind subscriber_log = {
	.label = "",
	.select = "SELECT " LOG_COLUMNS ", link FROM log ORDER BY seq",
	.insert = "INSERT INTO log (" LOG_COLUMNS ", link) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	.numbered = true,
	.texts = 5,
};

static enum err prepare(void *store, const char *sql, sqlite3_stmt **out)
{
	return sql_prepare(store, sql, out);
}

static void done(sqlite3_stmt *st)
{
	sqlite3_finalize(st);
}

void sql_log_begin(struct operator_store *s)
{
	s->log = (struct old_chain){.kind = &subscriber_log,
				    .key = secret_slice(s->own.key),
				    .head_key = secret_slice(s->row_key),
				    .store = s,
				    .prepare = prepare,
				    .done = done};
}

enum err sql_log_put(struct operator_store *s, struct subscriber *row,
		     const struct subscriber_event *ev, enum subscriber_state from)
{
	struct old_chain_entry entry = {.at = ev->now,
					.number = row->id,
					.text = {event_name(ev->kind), state_name(from),
						 state_name(row->state), ev->actor ? ev->actor : "",
						 ev->evidence ? ev->evidence : ""}};
	enum err e = old_chain_append(&s->log, &entry);

	if (!e)
		row->log_seq = entry.seq;
	return e;
}

enum err log_each(struct operator_store *s, int64_t subscriber,
		  bool (*each)(void *ctx, const struct log_entry *e), void *ctx)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(
		s, "SELECT " LOG_COLUMNS " FROM log WHERE ?1 = 0 OR subscriber = ?1 ORDER BY seq",
		&st);

	if (!e)
		sqlite3_bind_int64(st, 1, subscriber);
	while (!e && (e = sql_row(s, st)) == ERR_OK) {
		struct log_entry entry = {.seq = sqlite3_column_int64(st, 0),
					  .at = sqlite3_column_int64(st, 1),
					  .subscriber = sqlite3_column_int64(st, 2)};

		sql_text(st, 3, entry.event, sizeof(entry.event));
		sql_text(st, 4, entry.from, sizeof(entry.from));
		sql_text(st, 5, entry.to, sizeof(entry.to));
		sql_text(st, 6, entry.actor, sizeof(entry.actor));
		sql_text(st, 7, entry.evidence, sizeof(entry.evidence));
		if (!each(ctx, &entry))
			break;
	}
	sqlite3_finalize(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err sql_policy(struct operator_store *s, struct operator_policy *out)
{
	struct old_chain_head h;
	enum err e = old_chain_head(&s->log, &h);

	if (!e)
		*out = (struct operator_policy){.first_asks = h.flags & POLICY_FIRST_ASKS,
						.gsm_factor = h.flags & POLICY_GSM_FACTOR};
	return e;
}

enum err operator_policy_get(struct operator_store *s, struct operator_policy *out)
{
	enum err e = sql_begin_read(s);

	return e ? e : sql_end(s, sql_policy(s, out));
}

static const char *on_off(bool on)
{
	return on ? "on" : "off";
}

static enum err change(struct operator_store *s, uint32_t flag, const char *name,
		       const struct subscriber_event *ev, uint32_t wanted)
{
	struct old_chain_head h;
	struct old_chain_entry entry = {.at = ev->now,
					.text = {event_name(ev->kind), "", "", ev->actor, name}};
	enum err e = old_chain_head(&s->log, &h);

	if (e || (h.flags & flag) == (wanted & flag))
		return e;
	entry.text[1] = on_off(h.flags & flag);
	entry.text[2] = on_off(wanted & flag);
	e = old_chain_append(&s->log, &entry);
	return e ? e : old_chain_set_flags(&s->log, h.flags ^ flag);
}

enum err operator_policy_set(struct operator_store *s, const struct operator_policy *policy,
			     const char *actor, int64_t now)
{
	const struct subscriber_event ev = {.kind = EVENT_POLICY, .actor = actor, .now = now};
	uint32_t wanted = (policy->first_asks ? POLICY_FIRST_ASKS : 0u) |
			  (policy->gsm_factor ? POLICY_GSM_FACTOR : 0u);
	enum err e = sql_begin(s);

	if (e)
		return e;
	e = change(s, POLICY_FIRST_ASKS, "first-asks", &ev, wanted);
	if (!e)
		e = change(s, POLICY_GSM_FACTOR, "gsm-factor", &ev, wanted);
	return sql_end(s, e);
}

/* The subscriber's entries lead from one state to the next; *to is the last one. */
static enum err replay(struct operator_store *s, int64_t id, struct log_check *found)
{
	char at[sizeof(found->by_log)], from[sizeof(found->by_log)];
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s,
				 "SELECT seq, from_state, to_state FROM log WHERE subscriber = ?"
				 " ORDER BY seq",
				 &st);

	snprintf(at, sizeof(at), "%s", state_name(STATE_PROVISIONED));
	if (!e)
		sqlite3_bind_int64(st, 1, id);
	while (!e && (e = sql_row(s, st)) == ERR_OK) {
		sql_text(st, 1, from, sizeof(from));
		if (strcmp(from, at) != 0)
			found->found = LOG_PARTED;
		sql_text(st, 2, at, sizeof(at));
		found->entry = sqlite3_column_int64(st, 0);
	}
	sqlite3_finalize(st);
	snprintf(found->by_log, sizeof(found->by_log), "%s", at);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

struct look {
	struct operator_store *s;
	struct log_check *out;
	enum err e;
};

static bool look_at(void *ctx, const struct subscriber *sub)
{
	struct look *l = ctx;
	struct log_check c = {.good = l->out->good, .subscriber = sub->id};

	l->e = replay(l->s, sub->id, &c);
	snprintf(c.by_row, sizeof(c.by_row), "%s", state_name(sub->state));
	if (l->e)
		return false;
	if (strcmp(c.by_row, c.by_log) != 0)
		c.found = LOG_PARTED;
	else if (!c.found && sub->broken)
		c.found = LOG_ROW;
	if (!c.found && sql_totp_check(l->s, sub))
		c.found = LOG_FACTOR;
	if (!c.found)
		return true;
	*l->out = c;
	l->e = ERR_CORRUPT;
	return false;
}

static enum err count_rows(struct operator_store *s, uint32_t *n)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, "SELECT count(*) FROM subscriber", &st);

	if (!e)
		e = sql_row(s, st);
	if (!e)
		*n = (uint32_t)sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return e;
}

enum err sql_members_count(struct operator_store *s)
{
	struct old_chain_head h;
	uint32_t n = 0;
	enum err e = old_chain_head(&s->log, &h);

	if (!e)
		e = count_rows(s, &n);
	if (e)
		return e;
	h.flags = (h.flags & ((1u << POLICY_BITS) - 1)) | n << POLICY_BITS;
	return old_chain_set_flags(&s->log, h.flags);
}

/* The first that the log tells of and is not there, or the first number that nobody has. */
static enum err find_gone(struct operator_store *s, struct log_check *out)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s,
				 "SELECT subscriber, max(seq) FROM log WHERE subscriber <> 0 AND"
				 " subscriber NOT IN (SELECT id FROM subscriber)"
				 " GROUP BY subscriber UNION ALL SELECT id + 1, 0 FROM (SELECT id"
				 " FROM subscriber UNION SELECT 0) WHERE id + 1 NOT IN (SELECT id"
				 " FROM subscriber) LIMIT 1",
				 &st);

	if (!e)
		e = sql_row(s, st);
	if (!e) {
		out->subscriber = sqlite3_column_int64(st, 0);
		out->entry = sqlite3_column_int64(st, 1);
	}
	sqlite3_finalize(st);
	return e;
}

/* Somebody took a subscriber out. */
static enum err look_for_gone(struct operator_store *s, struct log_check *out)
{
	struct old_chain_head h;
	uint32_t n = 0;
	enum err e = old_chain_head(&s->log, &h);

	if (!e)
		e = count_rows(s, &n);
	if (e || h.flags >> POLICY_BITS == n)
		return e;
	out->found = LOG_GONE;
	e = find_gone(s, out);
	return e ? e : ERR_CORRUPT;
}

enum err log_verify(struct operator_store *s, struct log_check *out)
{
	struct look l = {.s = s, .out = out};
	enum err e = sql_begin_read(s);

	*out = (struct log_check){.good = 0};
	if (e)
		return e;
	e = old_chain_verify(&s->log, &out->good);
	if (e == ERR_CORRUPT)
		out->found = LOG_CHANGED;
	if (!e)
		e = subscriber_each(s, look_at, &l);
	if (!e)
		e = l.e;
	if (!e)
		e = look_for_gone(s, out);
	return sql_end(s, e);
}
