/* store_log: the audit log: entries that are never changed, each tied to the one before */
#include <string.h>

#include "host/operator/store_sqlite.h"

#define LINK_MAX 8192

/* One entry as it is authenticated. */
struct record {
	int64_t seq, at, subscriber;
	const char *text[5]; /* event, from, to, actor, evidence */
};

/* HMAC-SHA256 under the store's key over the link before and every field, lengths included. */
static enum err make_link(struct operator_store *s, const uint8_t before[static SHA256_LEN],
			  const struct record *r, uint8_t link[static SHA256_LEN])
{
	struct wbuf w = wbuf_grow(LINK_MAX);
	struct slice all;
	enum err e;

	wbuf_put(&w, slice_make(before, SHA256_LEN));
	wbuf_uint(&w, (uint64_t)r->seq, 8);
	wbuf_uint(&w, (uint64_t)r->at, 8);
	wbuf_uint(&w, (uint64_t)r->subscriber, 8);
	for (size_t i = 0; i < ARRAY_LEN(r->text); i++) {
		struct slice t = slice_str(r->text[i]);

		wbuf_u32(&w, (uint32_t)t.len);
		wbuf_put(&w, t);
	}
	all = wbuf_slice(&w);
	e = wbuf_done(&w);
	if (!e)
		e = hmac_sha256(secret_slice(s->key), &all, 1, link);
	wbuf_free(&w);
	return e;
}

/* The number and the link of the last entry; zeros when there is none. */
static enum err last_link(struct operator_store *s, int64_t *seq, uint8_t link[static SHA256_LEN])
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, "SELECT seq, link FROM log ORDER BY seq DESC LIMIT 1", &st);

	*seq = 0;
	memset(link, 0, SHA256_LEN);
	if (e)
		return e;
	e = sql_row(s, st);
	if (!e) {
		*seq = sqlite3_column_int64(st, 0);
		if (slice_copy(sql_column(st, 1), link, SHA256_LEN))
			e = ERR_CORRUPT;
	}
	sqlite3_finalize(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err sql_log_put(struct operator_store *s, int64_t id, const struct subscriber_event *ev,
		     enum subscriber_state from, enum subscriber_state to)
{
	struct record r = {.at = ev->now,
			   .subscriber = id,
			   .text = {event_name(ev->kind), state_name(from), state_name(to),
				    ev->actor ? ev->actor : "", ev->evidence ? ev->evidence : ""}};
	uint8_t before[SHA256_LEN], link[SHA256_LEN];
	sqlite3_stmt *st = NULL;
	enum err e = last_link(s, &r.seq, before);

	r.seq++;
	if (!e)
		e = make_link(s, before, &r, link);
	if (!e)
		e = sql_prepare(s,
				"INSERT INTO log (seq, at, subscriber, event, from_state, to_state,"
				" actor, evidence, link) VALUES (?,?,?,?,?,?,?,?,?)",
				&st);
	if (e)
		return e;
	sqlite3_bind_int64(st, 1, r.seq);
	sqlite3_bind_int64(st, 2, r.at);
	sqlite3_bind_int64(st, 3, r.subscriber);
	for (int i = 0; i < (int)ARRAY_LEN(r.text); i++)
		sqlite3_bind_text(st, 4 + i, r.text[i], -1, SQLITE_TRANSIENT);
	sql_bind_slice(st, 9, SLICE_OF(link));
	return sql_run(s, st, NULL);
}

#define LOG_COLUMNS "seq, at, subscriber, event, from_state, to_state, actor, evidence"

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

/* Whether the row that st stands on is the next of the chain; link moves on to it. */
static enum err check_row(struct operator_store *s, sqlite3_stmt *st, int64_t seq,
			  uint8_t link[static SHA256_LEN])
{
	struct record r = {.seq = sqlite3_column_int64(st, 0),
			   .at = sqlite3_column_int64(st, 1),
			   .subscriber = sqlite3_column_int64(st, 2)};
	uint8_t want[SHA256_LEN];
	enum err e;

	for (int i = 0; i < (int)ARRAY_LEN(r.text); i++) {
		r.text[i] = (const char *)sqlite3_column_text(st, 3 + i);
		if (!r.text[i])
			return ERR_CORRUPT;
	}
	e = make_link(s, link, &r, want);
	if (!e && (r.seq != seq || !secret_equal(sql_column(st, 8), SLICE_OF(want))))
		e = ERR_CORRUPT;
	memcpy(link, want, SHA256_LEN);
	return e;
}

/* The highest number that the log ever gave: entries cut off its end leave a gap to it. */
static enum err check_end(struct operator_store *s, int64_t entries)
{
	sqlite3_stmt *st = NULL;
	enum err e = sql_prepare(s, "SELECT seq FROM sqlite_sequence WHERE name = 'log'", &st);

	if (e)
		return e;
	e = sql_row(s, st);
	if (e == ERR_NOT_FOUND)
		e = entries ? ERR_CORRUPT : ERR_OK;
	else if (!e && sqlite3_column_int64(st, 0) != entries)
		e = ERR_CORRUPT;
	sqlite3_finalize(st);
	return e;
}

enum err log_verify(struct operator_store *s, int64_t *good)
{
	uint8_t link[SHA256_LEN] = {0};
	sqlite3_stmt *st = NULL;
	enum err e = sql_begin(s);

	*good = 0;
	if (e)
		return e;
	e = sql_prepare(s, "SELECT " LOG_COLUMNS ", link FROM log ORDER BY seq", &st);
	while (!e && (e = sql_row(s, st)) == ERR_OK) {
		e = check_row(s, st, *good + 1, link);
		if (!e)
			++*good;
	}
	sqlite3_finalize(st);
	if (e == ERR_NOT_FOUND)
		e = check_end(s, *good);
	return sql_end(s, e);
}
