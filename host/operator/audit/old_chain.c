#include "host/operator/audit/old_chain.h"

#include <string.h>

#define LINK_MAX 8192

struct secret *old_chain_head_key(struct slice store_key)
{
	const struct slice purpose = slice_str("twinkey: heads of logs, and rows");
	struct secret *key = secret_new(SHA256_LEN);

	if (key && hmac_sha256(store_key, &purpose, 1, key->bytes))
		secret_free(&key);
	return key;
}

/* Over the link before and every field, lengths included. */
static enum err make_link(const struct old_chain *c, const uint8_t before[static SHA256_LEN],
			  const struct old_chain_entry *e, uint8_t link[static SHA256_LEN])
{
	uint8_t mem[LINK_MAX];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct slice all;
	enum err err;

	wbuf_put(&w, slice_str(c->kind->label));
	wbuf_put(&w, slice_make(before, SHA256_LEN));
	wbuf_uint(&w, (uint64_t)e->seq, 8);
	wbuf_uint(&w, (uint64_t)e->at, 8);
	if (c->kind->numbered)
		wbuf_uint(&w, (uint64_t)e->number, 8);
	for (unsigned i = 0; i < c->kind->texts; i++) {
		struct slice t = slice_str(e->text[i]);

		wbuf_u32(&w, (uint32_t)t.len);
		wbuf_put(&w, t);
	}
	all = wbuf_slice(&w);
	err = wbuf_done(&w);
	return err ? err : hmac_sha256(c->key, &all, 1, link);
}

static enum err head_mac(const struct old_chain *c, const struct old_chain_head *h,
			 uint8_t mac[static SHA256_LEN])
{
	uint8_t numbers[12];
	struct wbuf w = wbuf_init(numbers, sizeof(numbers));
	struct slice parts[] = {slice_str("head"), slice_str(c->kind->label), SLICE_EMPTY,
				SLICE_OF(h->link)};

	wbuf_uint(&w, (uint64_t)h->seq, 8);
	wbuf_u32(&w, h->flags);
	parts[2] = wbuf_slice(&w);
	return hmac_sha256(c->head_key, parts, ARRAY_LEN(parts), mac);
}

static enum err put_head(const struct old_chain *c, const struct old_chain_head *h)
{
	uint8_t mac[SHA256_LEN];
	sqlite3_stmt *st = NULL;
	enum err e = head_mac(c, h, mac);

	if (!e)
		e = c->prepare(c->store,
			       "INSERT OR REPLACE INTO log_head (id, seq, link, flags, mac)"
			       " VALUES (1, ?, ?, ?, ?)",
			       &st);
	if (e)
		return e;
	sqlite3_bind_int64(st, 1, h->seq);
	sql_bind_slice(st, 2, SLICE_OF(h->link));
	sqlite3_bind_int64(st, 3, h->flags);
	sql_bind_slice(st, 4, SLICE_OF(mac));
	e = sql_err(sqlite3_step(st));
	c->done(st);
	return e;
}

static enum err get_head(const struct old_chain *c, struct old_chain_head *out)
{
	struct old_chain_head h = {.seq = 0};
	uint8_t mac[SHA256_LEN];
	sqlite3_stmt *st = NULL;
	enum err e = c->prepare(c->store, "SELECT seq, link, flags, mac FROM log_head WHERE id = 1",
				&st);
	int code;

	if (e)
		return e;
	code = sqlite3_step(st);
	e = code == SQLITE_ROW ? ERR_OK : code == SQLITE_DONE ? ERR_CORRUPT : sql_err(code);
	if (!e) {
		h.seq = sqlite3_column_int64(st, 0);
		h.flags = (uint32_t)sqlite3_column_int64(st, 2);
		if (slice_copy(sql_column(st, 1), h.link, sizeof(h.link)))
			e = ERR_CORRUPT;
	}
	if (!e)
		e = head_mac(c, &h, mac);
	if (!e && !secret_equal(sql_column(st, 3), SLICE_OF(mac)))
		e = ERR_CORRUPT;
	c->done(st);
	if (!e)
		*out = h;
	return e;
}

/* The number and the link of the last entry; zeros when there is none. */
static enum err last_entry(const struct old_chain *c, struct old_chain_head *out)
{
	sqlite3_stmt *st = NULL;
	enum err e =
		c->prepare(c->store, "SELECT seq, link FROM log ORDER BY seq DESC LIMIT 1", &st);
	int code;

	*out = (struct old_chain_head){.seq = 0};
	if (e)
		return e;
	code = sqlite3_step(st);
	e = sql_err(code);
	if (code == SQLITE_ROW) {
		out->seq = sqlite3_column_int64(st, 0);
		if (slice_copy(sql_column(st, 1), out->link, sizeof(out->link)))
			e = ERR_CORRUPT;
	}
	c->done(st);
	return e;
}

/* The highest number that the log ever gave: an end that was cut before shows later too. */
static enum err highest(const struct old_chain *c, int64_t *seq)
{
	sqlite3_stmt *st = NULL;
	enum err e = c->prepare(c->store, "SELECT max(seq) FROM sqlite_sequence WHERE name = 'log'",
				&st);
	int code;

	*seq = 0;
	if (e)
		return e;
	code = sqlite3_step(st);
	e = sql_err(code);
	if (code == SQLITE_ROW)
		*seq = sqlite3_column_int64(st, 0);
	c->done(st);
	return e;
}

enum err old_chain_adopt(const struct old_chain *c)
{
	struct old_chain_head h;
	int64_t given = 0;
	enum err e = last_entry(c, &h);

	if (!e)
		e = highest(c, &given);
	if (!e && given != h.seq)
		h = (struct old_chain_head){.seq = given};
	return e ? e : put_head(c, &h);
}

enum err old_chain_head(const struct old_chain *c, struct old_chain_head *out)
{
	struct old_chain_head last;
	enum err e = get_head(c, out);

	if (!e)
		e = last_entry(c, &last);
	if (!e && (last.seq != out->seq || !secret_equal(SLICE_OF(last.link), SLICE_OF(out->link))))
		e = ERR_CORRUPT;
	return e;
}

enum err old_chain_set_flags(const struct old_chain *c, uint32_t flags)
{
	struct old_chain_head h;
	enum err e = old_chain_head(c, &h);

	h.flags = flags;
	return e ? e : put_head(c, &h);
}

static enum err insert(const struct old_chain *c, const struct old_chain_entry *entry,
		       const uint8_t link[static SHA256_LEN])
{
	sqlite3_stmt *st = NULL;
	enum err e = c->prepare(c->store, c->kind->insert, &st);
	int at = 1;

	if (e)
		return e;
	sqlite3_bind_int64(st, at++, entry->seq);
	sqlite3_bind_int64(st, at++, entry->at);
	if (c->kind->numbered)
		sqlite3_bind_int64(st, at++, entry->number);
	for (unsigned i = 0; i < c->kind->texts; i++)
		sqlite3_bind_text(st, at++, entry->text[i], -1, SQLITE_TRANSIENT);
	sql_bind_slice(st, at, slice_make(link, SHA256_LEN));
	e = sql_err(sqlite3_step(st));
	c->done(st);
	return e;
}

enum err old_chain_append(const struct old_chain *c, struct old_chain_entry *e)
{
	uint8_t link[SHA256_LEN];
	struct old_chain_head h;
	enum err err = old_chain_head(c, &h);

	if (err)
		return err;
	e->seq = ++h.seq;
	err = make_link(c, h.link, e, link);
	if (!err)
		err = insert(c, e, link);
	memcpy(h.link, link, sizeof(h.link));
	return err ? err : put_head(c, &h);
}

enum err old_chain_read(const struct old_chain *c, sqlite3_stmt *st, struct old_chain_entry *e)
{
	int at = 2;

	*e = (struct old_chain_entry){.seq = sqlite3_column_int64(st, 0),
				      .at = sqlite3_column_int64(st, 1)};
	if (c->kind->numbered && sqlite3_column_type(st, at) != SQLITE_INTEGER)
		return ERR_CORRUPT;
	if (c->kind->numbered)
		e->number = sqlite3_column_int64(st, at++);
	for (unsigned i = 0; i < c->kind->texts; i++) {
		if (sqlite3_column_type(st, at) != SQLITE_TEXT)
			return ERR_CORRUPT;
		e->text[i] = (const char *)sqlite3_column_text(st, at);
		if (!e->text[i])
			return ERR_MEMORY;
		if (strlen(e->text[i]) != (size_t)sqlite3_column_bytes(st, at++))
			return ERR_CORRUPT; /* something is hidden behind a NUL */
	}
	return ERR_OK;
}

/* Whether the row that st stands on is the next of the chain; link moves on to it. */
static enum err check_row(const struct old_chain *c, sqlite3_stmt *st, int64_t seq,
			  uint8_t link[static SHA256_LEN])
{
	int column = 2 + c->kind->numbered + (int)c->kind->texts;
	uint8_t want[SHA256_LEN];
	struct old_chain_entry entry;
	enum err e = old_chain_read(c, st, &entry);

	if (!e)
		e = make_link(c, link, &entry, want);
	if (e)
		return e;
	memcpy(link, want, SHA256_LEN);
	return entry.seq == seq && secret_equal(sql_column(st, column), SLICE_OF(want))
		       ? ERR_OK
		       : ERR_CORRUPT;
}

enum err old_chain_verify(const struct old_chain *c, int64_t *good)
{
	uint8_t link[SHA256_LEN] = {0};
	sqlite3_stmt *st = NULL;
	struct old_chain_head h;
	int code = SQLITE_DONE;
	enum err e = c->prepare(c->store, c->kind->select, &st);

	*good = 0;
	while (!e && (code = sqlite3_step(st)) == SQLITE_ROW) {
		e = check_row(c, st, *good + 1, link);
		if (!e)
			++*good;
	}
	if (!e)
		e = sql_err(code);
	c->done(st);
	return e ? e : old_chain_head(c, &h);
}
