/* smdp_store_log: the subscription manager's log: entries tied to one another */
#include <string.h>

#include "host/operator/smdp_store_sql.h"

#define LINK_MAX 2048
#define COLUMNS	 "seq, at, iccid, event, from_state, to_state, actor, evidence"

/* HMAC-SHA256 under the store's key over the link before and every field, lengths included. */
static enum err make_link(struct smdp_store *s, const uint8_t before[static SHA256_LEN],
			  const struct smdp_log_entry *r, uint8_t link[static SHA256_LEN])
{
	const char *const text[] = {r->iccid, r->event, r->from, r->to, r->actor, r->evidence};
	uint8_t mem[LINK_MAX];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct slice all;
	enum err e;

	wbuf_put(&w, slice_str("manager log"));
	wbuf_put(&w, slice_make(before, SHA256_LEN));
	wbuf_uint(&w, (uint64_t)r->seq, 8);
	wbuf_uint(&w, (uint64_t)r->at, 8);
	for (size_t i = 0; i < ARRAY_LEN(text); i++) {
		wbuf_u32(&w, (uint32_t)strlen(text[i]));
		wbuf_put(&w, slice_str(text[i]));
	}
	all = wbuf_slice(&w);
	e = wbuf_done(&w);
	return e ? e : hmac_sha256(secret_slice(s->key), &all, 1, link);
}

/* The number and the link of the last entry; zeros when there is none. */
static enum err last_link(struct smdp_store *s, int64_t *seq, uint8_t link[static SHA256_LEN])
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "SELECT seq, link FROM log ORDER BY seq DESC LIMIT 1", &st);

	*seq = 0;
	memset(link, 0, SHA256_LEN);
	if (e)
		return e;
	e = manager_row(st);
	if (!e) {
		*seq = sqlite3_column_int64(st, 0);
		e = manager_copy(st, 1, link, SHA256_LEN);
	}
	manager_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err insert(struct smdp_store *s, const struct smdp_log_entry *r,
		       const uint8_t link[static SHA256_LEN])
{
	const char *const text[] = {r->iccid, r->event, r->from, r->to, r->actor, r->evidence};
	sqlite3_stmt *st;
	enum err e = manager_prepare(
		s, "INSERT INTO log (" COLUMNS ", link) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, r->seq);
	sqlite3_bind_int64(st, 2, r->at);
	for (int i = 0; i < (int)ARRAY_LEN(text); i++)
		manager_bind_text(st, 3 + i, text[i]);
	sql_bind_slice(st, 9, slice_make(link, SHA256_LEN));
	return manager_run(st);
}

enum err smdp_log_put(struct smdp_store *s, const struct smdp_log_entry *entry)
{
	uint8_t before[SHA256_LEN], link[SHA256_LEN];
	struct smdp_log_entry r = *entry;
	enum err e = smdp_store_begin(s);

	if (e)
		return e;
	e = last_link(s, &r.seq, before);
	r.seq++;
	if (!e)
		e = make_link(s, before, &r, link);
	if (!e)
		e = insert(s, &r, link);
	return smdp_store_end(s, e);
}

static void read_entry(sqlite3_stmt *st, struct smdp_log_entry *r)
{
	memset(r, 0, sizeof(*r));
	r->seq = sqlite3_column_int64(st, 0);
	r->at = sqlite3_column_int64(st, 1);
	sql_text(st, 2, r->iccid, sizeof(r->iccid));
	sql_text(st, 3, r->event, sizeof(r->event));
	sql_text(st, 4, r->from, sizeof(r->from));
	sql_text(st, 5, r->to, sizeof(r->to));
	sql_text(st, 6, r->actor, sizeof(r->actor));
	sql_text(st, 7, r->evidence, sizeof(r->evidence));
}

enum err smdp_log_each(struct smdp_store *s,
		       bool (*each)(void *ctx, const struct smdp_log_entry *e), void *ctx)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "SELECT " COLUMNS " FROM log ORDER BY seq", &st);
	struct smdp_log_entry r;

	if (e)
		return e;
	while ((e = manager_row(st)) == ERR_OK) {
		read_entry(st, &r);
		if (!each(ctx, &r))
			break;
	}
	manager_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* The highest number that the log ever gave: entries cut off its end leave a gap to it. */
static enum err check_end(struct smdp_store *s, int64_t entries)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "SELECT seq FROM sqlite_sequence WHERE name = 'log'", &st);

	if (e)
		return e;
	e = manager_row(st);
	if (e == ERR_NOT_FOUND)
		e = entries ? ERR_CORRUPT : ERR_OK;
	else if (!e && sqlite3_column_int64(st, 0) != entries)
		e = ERR_CORRUPT;
	manager_done(st);
	return e;
}

enum err smdp_log_verify(struct smdp_store *s, int64_t *good)
{
	uint8_t link[SHA256_LEN] = {0}, want[SHA256_LEN];
	struct smdp_log_entry r;
	sqlite3_stmt *st = NULL;
	enum err e = smdp_store_begin(s);

	*good = 0;
	if (e)
		return e;
	e = manager_prepare(s, "SELECT " COLUMNS ", link FROM log ORDER BY seq", &st);
	while (!e && (e = manager_row(st)) == ERR_OK) {
		read_entry(st, &r);
		e = make_link(s, link, &r, want);
		if (!e && (r.seq != *good + 1 || !secret_equal(sql_column(st, 8), SLICE_OF(want))))
			e = ERR_CORRUPT;
		memcpy(link, want, sizeof(link));
		if (!e)
			++*good;
	}
	manager_done(st);
	if (e == ERR_NOT_FOUND)
		e = check_end(s, *good);
	return smdp_store_end(s, e);
}
