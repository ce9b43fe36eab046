/* book: a subscriber's second factors beside the code generator; one row, sealed, of the revision
 * that the subscriber's row names */
#include <inttypes.h>
#include <stdio.h>

#include "host/operator/store/own.h"

#define SEALED_MAX (BOOK_MAX + KEYRING_SEALED_MORE)
#define LABEL_MAX  60

static void book_label(char label[static LABEL_MAX], const struct subscriber *row,
		       uint32_t revision)
{
	snprintf(label, LABEL_MAX, "book/%" PRId64 "/%" PRIu32, row->id, revision);
}

/* The label has the revision: a row of before, put back, does not open. */
static enum err open_book(struct operator_store *s, const struct subscriber *row,
			  const struct db_statement *st, struct book *out)
{
	struct wbuf plain = wbuf_grow(BOOK_MAX);
	char label[LABEL_MAX];
	enum err e = db_int(st, 0) == (int64_t)row->book_revision ? ERR_OK : ERR_CORRUPT;

	book_label(label, row, row->book_revision);
	if (!e)
		e = keyring_unseal(s->keyring, slice_str(label), db_bytes(st, 1), &plain);
	if (!e)
		e = book_decode(wbuf_slice(&plain), out);
	wbuf_free(&plain);
	return e;
}

enum err book_read(struct operator_store *s, const struct subscriber *row, struct book *out)
{
	struct db_statement *st = NULL;
	enum err e =
		db_prepare(s->db, "SELECT revision, value FROM book WHERE subscriber = ?", &st);

	if (e)
		return e;
	db_bind_int(st, 1, row->id);
	e = db_row(st);
	if (!e)
		e = open_book(s, row, st, out);
	db_done(st);
	if (e == ERR_NOT_FOUND && !row->book_revision) {
		*out = (struct book){.locked = false};
		return ERR_OK;
	}
	return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
}

enum err book_write(struct operator_store *s, struct subscriber *row, const struct book *b)
{
	struct wbuf plain = wbuf_grow(BOOK_MAX), sealed = wbuf_grow(SEALED_MAX);
	struct db_statement *st = NULL;
	char label[LABEL_MAX];
	enum err e = row->book_revision < UINT32_MAX ? ERR_OK : ERR_FULL;

	book_encode(b, &plain);
	book_label(label, row, row->book_revision + 1);
	if (!e)
		e = wbuf_done(&plain);
	if (!e)
		e = keyring_seal(s->keyring, slice_str(label), wbuf_slice(&plain), &sealed);
	if (!e)
		e = db_prepare(s->db,
			       "INSERT INTO book (subscriber, revision, value) VALUES (?, ?, ?)"
			       " ON CONFLICT (subscriber) DO UPDATE SET revision ="
			       " excluded.revision, value = excluded.value",
			       &st);
	if (!e) {
		db_bind_int(st, 1, row->id);
		db_bind_int(st, 2, (int64_t)row->book_revision + 1);
		db_bind_bytes(st, 3, wbuf_slice(&sealed));
		e = db_run(st);
	}
	if (!e)
		row->book_revision++;
	wbuf_free(&plain);
	wbuf_free(&sealed);
	return e;
}

enum err book_end_release(struct operator_store *s, struct subscriber *row)
{
	struct book b;
	enum err e = row->book_revision ? book_read(s, row, &b) : ERR_OK;

	if (e || !row->book_revision)
		return e;
	book_forget(&b);
	return book_write(s, row, &b);
}

enum err factor_book(struct operator_store *s, int64_t id, struct book *out)
{
	struct subscriber row;
	enum err e;

	DB_TRANSACTION (s->db, DB_READ, e) {
		e = subscriber_by_id(s, id, &row);
		if (!e)
			e = book_read(s, &row, out);
	}
	return e;
}
