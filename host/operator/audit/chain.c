#include "host/operator/audit/chain.h"

#include <string.h>

#include "host/operator/audit/keyring.h"
#include "host/operator/db/db.h"
#include "lib/base/secret.h"

#define LINK_MAX 8192

/* Over the link before and every field, lengths included. */
enum err chain_link(const struct chain *c, const uint8_t before[static SHA256_LEN],
		    const struct chain_entry *e, uint8_t link[static SHA256_LEN])
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
	return err ? err : hmac_sha256(keyring_log_key(c->keyring), &all, 1, link);
}

static enum err mac_of(const struct chain *c, const char *what, const struct chain_head *h,
		       uint8_t mac[static SHA256_LEN])
{
	uint8_t numbers[12];
	struct wbuf w = wbuf_init(numbers, sizeof(numbers));
	struct slice parts[] = {slice_str(what), slice_str(c->kind->label), SLICE_EMPTY,
				SLICE_OF(h->link)};

	wbuf_uint(&w, (uint64_t)h->seq, 8);
	wbuf_u32(&w, h->flags);
	parts[2] = wbuf_slice(&w);
	return hmac_sha256(keyring_row_key(c->keyring), parts, ARRAY_LEN(parts), mac);
}

static enum err put_head(const struct chain *c, const struct chain_head *h)
{
	uint8_t mac[SHA256_LEN];
	struct db_statement *st = NULL;
	enum err e = mac_of(c, "head", h, mac);

	if (!e)
		e = db_prepare(c->db,
			       "INSERT INTO log_head (id, seq, link, flags, mac)"
			       " VALUES (1, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
			       " seq = excluded.seq, link = excluded.link, flags = excluded.flags,"
			       " mac = excluded.mac",
			       &st);
	if (e)
		return e;
	db_bind_int(st, 1, h->seq);
	db_bind_bytes(st, 2, SLICE_OF(h->link));
	db_bind_int(st, 3, h->flags);
	db_bind_bytes(st, 4, SLICE_OF(mac));
	return db_run(st);
}

static enum err get_head(const struct chain *c, struct chain_head *out)
{
	struct chain_head h = {.seq = 0};
	uint8_t mac[SHA256_LEN];
	struct db_statement *st;
	enum err e =
		db_prepare(c->db, "SELECT seq, link, flags, mac FROM log_head WHERE id = 1", &st);

	if (e)
		return e;
	e = db_row(st);
	if (e == ERR_NOT_FOUND)
		e = ERR_CORRUPT;
	if (!e) {
		h.seq = db_int(st, 0);
		h.flags = (uint32_t)db_int(st, 2);
		e = db_copy(st, 1, h.link, sizeof(h.link));
	}
	if (!e)
		e = mac_of(c, "head", &h, mac);
	if (!e && !secret_equal(db_bytes(st, 3), SLICE_OF(mac)))
		e = ERR_CORRUPT;
	db_done(st);
	if (!e)
		*out = h;
	return e;
}

/* The number and the link of the last entry; zeros when there is none. */
static enum err last_entry(const struct chain *c, struct chain_head *out)
{
	struct db_statement *st;
	enum err e = db_prepare(c->db, "SELECT seq, link FROM log ORDER BY seq DESC LIMIT 1", &st);

	*out = (struct chain_head){.seq = 0};
	if (e)
		return e;
	e = db_row(st);
	if (!e) {
		out->seq = db_int(st, 0);
		e = db_copy(st, 1, out->link, sizeof(out->link));
	}
	db_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err chain_begin(const struct chain *c)
{
	const struct chain_head h = {.seq = 0};

	return put_head(c, &h);
}

enum err chain_adopt(const struct chain *c)
{
	struct chain_head h;
	int64_t given = 0;
	enum err e = last_entry(c, &h);

	if (!e) /* an end that was cut before shows later too */
		e = db_highest(c->db, "log", &given);
	if (!e && given != h.seq)
		h = (struct chain_head){.seq = given};
	return e ? e : put_head(c, &h);
}

enum err chain_head(const struct chain *c, struct chain_head *out)
{
	struct chain_head last;
	enum err e = get_head(c, out);

	if (!e)
		e = last_entry(c, &last);
	if (!e && (last.seq != out->seq || !secret_equal(SLICE_OF(last.link), SLICE_OF(out->link))))
		e = ERR_CORRUPT;
	return e;
}

enum err chain_stand(const struct chain *c, struct chain_stand *out)
{
	struct chain_head h;
	enum err e;

	DB_TRANSACTION (c->db, DB_READ, e)
		e = chain_head(c, &h);
	if (e)
		return e;
	out->entries = h.seq;
	memcpy(out->link, h.link, sizeof(out->link));
	return db_version(c->db, &out->schema);
}

enum err chain_set_flags(const struct chain *c, uint32_t flags)
{
	struct chain_head h;
	enum err e = chain_head(c, &h);

	h.flags = flags;
	return e ? e : put_head(c, &h);
}

static enum err insert(const struct chain *c, const struct chain_entry *entry,
		       const uint8_t link[static SHA256_LEN])
{
	struct db_statement *st;
	enum err e = db_prepare(c->db, c->kind->insert, &st);
	int at = 1;

	if (e)
		return e;
	db_bind_int(st, at++, entry->seq);
	db_bind_int(st, at++, entry->at);
	if (c->kind->numbered)
		db_bind_int(st, at++, entry->number);
	for (unsigned i = 0; i < c->kind->texts; i++)
		db_bind_text(st, at++, entry->text[i]);
	db_bind_bytes(st, at, slice_make(link, SHA256_LEN));
	return db_run(st);
}

enum err chain_append(const struct chain *c, struct chain_entry *e)
{
	uint8_t link[SHA256_LEN];
	struct chain_head h;
	enum err err = chain_head(c, &h);

	if (err)
		return err;
	e->seq = ++h.seq;
	err = chain_link(c, h.link, e, link);
	if (!err)
		err = insert(c, e, link);
	memcpy(h.link, link, sizeof(h.link));
	return err ? err : put_head(c, &h);
}

enum err chain_read(const struct chain *c, const struct db_statement *st, struct chain_entry *e)
{
	int at = 2;

	*e = (struct chain_entry){.seq = db_int(st, 0), .at = db_int(st, 1)};
	if (c->kind->numbered && db_type(st, at) != DB_INTEGER)
		return ERR_CORRUPT;
	if (c->kind->numbered)
		e->number = db_int(st, at++);
	for (unsigned i = 0; i < c->kind->texts; i++) {
		if (db_type(st, at) != DB_TEXT)
			return ERR_CORRUPT;
		e->text[i] = db_string(st, at);
		if (!e->text[i])
			return ERR_MEMORY;
		if (strlen(e->text[i]) != db_bytes(st, at++).len)
			return ERR_CORRUPT; /* something is hidden behind a NUL */
	}
	return ERR_OK;
}

enum err chain_set_anchor(const struct chain *c, const struct chain_head *anchor)
{
	uint8_t mac[SHA256_LEN];
	struct db_statement *st = NULL;
	enum err e = mac_of(c, "anchor", anchor, mac);

	if (!e)
		e = db_prepare(c->db,
			       "INSERT INTO log_anchor (id, seq, link, mac) VALUES (1, ?, ?, ?)"
			       " ON CONFLICT (id) DO UPDATE SET seq = excluded.seq,"
			       " link = excluded.link, mac = excluded.mac",
			       &st);
	if (e)
		return e;
	db_bind_int(st, 1, anchor->seq);
	db_bind_bytes(st, 2, SLICE_OF(anchor->link));
	db_bind_bytes(st, 3, SLICE_OF(mac));
	return db_run(st);
}

enum err chain_anchor(const struct chain *c, struct chain_head *out)
{
	struct chain_head h = {.seq = 0};
	uint8_t mac[SHA256_LEN];
	struct db_statement *st = NULL;
	enum err e = ERR_NOT_FOUND;

	*out = h;
	if (c->kind->kept)
		e = db_prepare(c->db, "SELECT seq, link, mac FROM log_anchor WHERE id = 1", &st);
	if (st && !e)
		e = db_row(st);
	if (!e) {
		h.seq = db_int(st, 0);
		e = db_copy(st, 1, h.link, sizeof(h.link));
	}
	if (!e)
		e = mac_of(c, "anchor", &h, mac);
	if (!e && !secret_equal(db_bytes(st, 2), SLICE_OF(mac)))
		e = ERR_CORRUPT;
	db_done(st);
	if (!e)
		*out = h;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Whether the row that st stands on is the next of the chain; link moves on to it. */
static enum err check_row(const struct chain *c, const struct db_statement *st, int64_t seq,
			  uint8_t link[static SHA256_LEN])
{
	int column = 2 + c->kind->numbered + (int)c->kind->texts;
	uint8_t want[SHA256_LEN];
	struct chain_entry entry;
	enum err e = chain_read(c, st, &entry);

	if (!e)
		e = chain_link(c, link, &entry, want);
	if (e)
		return e;
	memcpy(link, want, SHA256_LEN);
	return entry.seq == seq && secret_equal(db_bytes(st, column), SLICE_OF(want)) ? ERR_OK
										      : ERR_CORRUPT;
}

/* Those that stayed behind each prove themselves; their texts end with their columns. */
static enum err check_kept(const struct chain *c, int64_t anchor)
{
	int column = 2 + c->kind->numbered + (int)c->kind->texts;
	uint8_t before[SHA256_LEN], link[SHA256_LEN];
	struct chain_entry entry;
	struct db_statement *st;
	enum err e = db_prepare(c->db, c->kind->kept, &st);

	if (!e)
		db_bind_int(st, 1, anchor);
	while (!e && (e = db_row(st)) == ERR_OK) {
		e = chain_read(c, st, &entry);
		if (!e)
			e = db_copy(st, column + 1, before, sizeof(before));
		if (!e)
			e = chain_link(c, before, &entry, link);
		if (!e && !secret_equal(db_bytes(st, column), SLICE_OF(link)))
			e = ERR_CORRUPT;
	}
	db_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err chain_verify(const struct chain *c, int64_t *good)
{
	struct db_walk w = {.db = c->db, .sql = c->kind->select, .after = INT64_MIN};
	struct chain_head h;
	enum err e = chain_anchor(c, &h);

	*good = 0;
	if (!e && h.seq)
		e = check_kept(c, h.seq);
	if (e)
		return e;
	*good = h.seq;
	while (!e && (e = db_walk_row(&w)) == ERR_OK) {
		if (db_int(w.row, 0) <= h.seq && c->kind->kept)
			continue;
		e = check_row(c, w.row, *good + 1, h.link);
		if (!e)
			++*good;
	}
	db_walk_end(&w);
	return e != ERR_NOT_FOUND ? e : chain_head(c, &h);
}
