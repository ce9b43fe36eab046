/* verify: whether the log is what was written, and the subscribers what it says */
#include <stdio.h>
#include <string.h>

#include "host/operator/store/own.h"

/*
 * The subscriber's entries lead from one state to the next; *to is the last one. Of those that have
 * gone to an archive the last one has stayed, and is where it begins.
 */
static enum err replay(struct operator_store *s, int64_t id, int64_t archived,
		       struct log_check *found)
{
	char at[sizeof(found->by_log)], from[sizeof(found->by_log)];
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db,
				"SELECT seq, from_state, to_state FROM log WHERE subscriber = ?"
				" ORDER BY seq",
				&st);

	snprintf(at, sizeof(at), "%s", state_name(STATE_PROVISIONED));
	if (!e)
		db_bind_int(st, 1, id);
	while (!e && (e = db_row(st)) == ERR_OK) {
		db_text(st, 1, from, sizeof(from));
		if (strcmp(from, at) != 0 && db_int(st, 0) > archived)
			found->found = LOG_PARTED;
		db_text(st, 2, at, sizeof(at));
		found->entry = db_int(st, 0);
	}
	db_done(st);
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
	struct log_check c = {
		.good = l->out->good, .archived = l->out->archived, .subscriber = sub->id};
	struct book b;

	l->e = replay(l->s, sub->id, l->out->archived, &c);
	snprintf(c.by_row, sizeof(c.by_row), "%s", state_name(sub->state));
	if (l->e)
		return false;
	if (strcmp(c.by_row, c.by_log) != 0)
		c.found = LOG_PARTED;
	else if (!c.found && sub->broken)
		c.found = LOG_ROW;
	if (!c.found && (totp_check(l->s, sub) || book_read(l->s, sub, &b)))
		c.found = LOG_FACTOR;
	if (!c.found)
		return true;
	*l->out = c;
	l->e = ERR_CORRUPT;
	return false;
}

/* The first that the log tells of and is not there, or the first number that nobody has. */
static enum err find_gone(struct operator_store *s, struct log_check *out)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(
		s->db,
		"SELECT subscriber, max(seq) FROM log WHERE subscriber <> 0 AND"
		" subscriber NOT IN (SELECT id FROM subscriber)"
		" GROUP BY subscriber UNION ALL SELECT id + 1, 0 FROM (SELECT id"
		" FROM subscriber UNION SELECT 0) AS there WHERE id + 1 NOT IN (SELECT id"
		" FROM subscriber) LIMIT 1",
		&st);

	if (!e)
		e = db_row(st);
	if (!e) {
		out->subscriber = db_int(st, 0);
		out->entry = db_int(st, 1);
	}
	db_done(st);
	return e;
}

/* Somebody took a subscriber out. */
static enum err look_for_gone(struct operator_store *s, struct log_check *out)
{
	uint32_t rows = 0, head = 0;
	enum err e = members_are(s, &rows, &head);

	if (e || rows == head)
		return e;
	out->found = LOG_GONE;
	e = find_gone(s, out);
	return e ? e : ERR_CORRUPT;
}

enum err log_verify(struct operator_store *s, struct log_check *out)
{
	enum err e;

	DB_TRANSACTION (s->db, DB_READ, e) {
		struct look l = {.s = s, .out = out};
		struct chain_head anchor;

		*out = (struct log_check){.good = 0};
		e = chain_verify(&s->log, &out->good);
		if (!e)
			e = chain_anchor(&s->log, &anchor);
		if (!e)
			out->archived = anchor.seq;
		if (e == ERR_CORRUPT)
			out->found = LOG_CHANGED;
		if (!e)
			e = subscriber_each(s, look_at, &l);
		if (!e)
			e = l.e;
		if (!e)
			e = look_for_gone(s, out);
	}
	return e;
}
