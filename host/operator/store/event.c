/* event: what policy decides of an event is kept: keys, log and row in one transaction */
#include "host/operator/policy/decide.h"
#include "host/operator/policy/moment.h"
#include "host/operator/store/own.h"

static enum err act_on_keys(struct operator_store *s, const struct decision *d)
{
	static enum err (*const act[])(struct operator_store * s, const struct subscriber *row) = {
		[KEYS_MAKE_NEXT] = keys_make_next,
		[KEYS_SWAP] = keys_swap,
		[KEYS_DROP_SPARE] = keys_drop_spare,
	};
	enum err e = ERR_OK;

	for (unsigned i = 0; !e && i < d->key_count; i++)
		e = act[d->keys[i]](s, &d->row);
	return e;
}

/* After it both factors are asked anew: parts of the second one count no more. */
static bool ends_release(enum subscriber_event_kind kind)
{
	switch ((int)kind) {
	case EVENT_GRANT:
	case EVENT_GRANT_AGAIN:
	case EVENT_RESULT_FAILED:
	case EVENT_ROTATE:
	case EVENT_SUSPEND:
	case EVENT_RESUME:
	case EVENT_RECALL:
	case EVENT_ROLL_BACK:
	case EVENT_MOVE: return true;
	default: return false;
	}
}

enum err event_keep(struct operator_store *s, struct decision *d, enum subscriber_state from,
		    const struct subscriber_event *ev)
{
	enum err e = act_on_keys(s, d);

	if (!e && ends_release(d->kind))
		e = book_end_release(s, &d->row);
	if (!e)
		e = log_put(s, d, from, ev);
	return e ? e : subscriber_write(s, &d->row);
}

/* The nonce is used up, and the challenge awaits the card's result. */
static enum err grant(struct operator_store *s, const struct subscriber *row,
		      const struct subscriber_event *ev)
{
	const struct awaited a = {.eid = ev->eid,
				  .nonce = ev->nonce,
				  .iccid = row->iccid,
				  .challenge = ev->challenge,
				  .at = ev->now};
	enum err e = nonce_use(s, ev);

	if (!e && ev->challenge.len) {
		e = awaited_forget(s, &a);
		if (!e)
			e = awaited_put(s, &a);
	}
	return e;
}

enum err event_take(struct operator_store *s, struct subscriber *row,
		    const struct subscriber_event *ev)
{
	struct decision d;
	enum err e = decide(row, ev, &d);

	if (!e && ev->kind == EVENT_GRANT && ev->eid && ev->nonce)
		e = grant(s, row, ev);
	if (!e)
		e = event_keep(s, &d, row->state, ev);
	if (!e)
		*row = d.row;
	return e;
}

enum err subscriber_event(struct operator_store *s, int64_t id, const struct subscriber_event *ev,
			  struct subscriber *after)
{
	struct subscriber row;
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		e = subscriber_by_id(s, id, &row);
		if (!e)
			e = event_take(s, &row, ev);
	}
	if (!e && after)
		*after = row;
	return e;
}

enum err subscriber_grant(struct operator_store *s, int64_t id, const struct subscriber_event *ev,
			  const struct secret *k2)
{
	struct subscriber row;
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		e = subscriber_by_id(s, id, &row);
		if (!e && k2 && ev->key_id != subscriber_release_key_id(&row))
			e = ERR_REFUSED; /* it is of another set */
		if (!e && k2)
			e = keys_put_derived(s, &row, k2);
		if (!e)
			e = event_take(s, &row, ev);
	}
	return e;
}

static enum err take_result(struct operator_store *s, struct subscriber *row,
			    const struct subscriber_event *ev)
{
	struct decision d;
	bool news = false;
	enum err e = awaited_end(s, ev->eid, ev->nonce);

	if (!e)
		e = decide_result(row, ev, &d, &news);
	if (e || !news)
		return e;
	e = event_keep(s, &d, row->state, ev);
	if (!e)
		*row = d.row;
	return e;
}

enum err subscriber_result(struct operator_store *s, const uint8_t iccid[static 10],
			   const struct subscriber_event *ev, struct subscriber *after)
{
	struct subscriber row;
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		e = subscriber_by_iccid(s, iccid, &row);
		if (!e)
			e = take_result(s, &row, ev);
	}
	if (!e)
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
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		e = subscriber_by_id(s, id, &row);
		if (!e)
			e = said_lately(s, &row, evidence, now, &said);
		if (!e && !said)
			e = event_take(s, &row, &ev);
	}
	return e;
}

enum err subscriber_next_key(struct operator_store *s, int64_t id, struct subscriber *after)
{
	struct subscriber row;
	struct decision d;
	enum err e;

	DB_TRANSACTION (s->db, DB_WRITE, e) {
		e = subscriber_by_id(s, id, &row);
		if (!e)
			e = decide_next_key(&row, &d);
		if (!e && d.key_count) {
			e = act_on_keys(s, &d);
			if (!e)
				e = subscriber_write(s, &d.row);
		}
	}
	if (!e)
		*after = d.row;
	return e;
}
