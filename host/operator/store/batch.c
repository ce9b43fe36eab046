/* batch: what was answered to a provider's batch, so that it is answered the same once more; sealed
 * for its provider and key */
#include <stdio.h>

#include "host/operator/store/own.h"

#define LABEL_MAX (2 * BOOK_WORD_MAX + 20)

static enum err find_batch(struct operator_store *s, const struct factor_batch *b,
			   const char *label, struct wbuf *kept)
{
	struct db_statement *st = NULL;
	enum err e =
		db_prepare(s->db, "SELECT value FROM batch WHERE provider = ?1 AND name = ?2", &st);

	if (e)
		return e;
	db_bind_text(st, 1, b->provider);
	db_bind_text(st, 2, b->key);
	e = db_row(st);
	if (!e)
		e = keyring_unseal(s->keyring, slice_str(label), db_bytes(st, 0), kept);
	db_done(st);
	return e;
}

static enum err keep_batch(struct operator_store *s, const struct factor_batch *b,
			   const char *label, struct slice plain)
{
	struct wbuf sealed = wbuf_grow(plain.len + KEYRING_SEALED_MORE);
	struct db_statement *st = NULL;
	enum err e = keyring_seal(s->keyring, slice_str(label), plain, &sealed);

	if (!e)
		e = db_prepare(s->db,
			       "INSERT INTO batch (provider, name, at, value) VALUES (?1, ?2, ?3,"
			       " ?4)",
			       &st);
	if (!e) {
		db_bind_text(st, 1, b->provider);
		db_bind_text(st, 2, b->key);
		db_bind_int(st, 3, b->now);
		db_bind_bytes(st, 4, wbuf_slice(&sealed));
		e = db_run(st);
	}
	wbuf_free(&sealed);
	return e;
}

static enum err drop_old(struct operator_store *s, int64_t now)
{
	struct db_statement *st = NULL;
	enum err e = db_prepare(s->db, "DELETE FROM batch WHERE at < ?1", &st);

	if (e)
		return e;
	db_bind_int(st, 1, now - BATCH_KEPT_S);
	return db_run(st);
}

/* The digest of the request, then the answer. */
static enum err run_batch(struct operator_store *s, const struct factor_batch *b, const char *label,
			  struct wbuf *answer)
{
	struct wbuf kept = wbuf_grow(BATCH_ANSWER_MAX + SHA256_LEN);
	uint8_t digest[SHA256_LEN];
	struct cursor c;
	enum err e = sha256(&b->request, 1, digest), found;

	if (!e)
		e = drop_old(s, b->now);
	found = e ? e : find_batch(s, b, label, &kept);
	if (!found) {
		c = cursor_of(wbuf_slice(&kept));
		if (!slice_equal(cursor_take(&c, SHA256_LEN), SLICE_OF(digest)))
			e = ERR_EXISTS;
		else
			wbuf_put(answer, cursor_take_rest(&c));
	} else if (found != ERR_NOT_FOUND) {
		e = found;
	} else {
		wbuf_put(&kept, SLICE_OF(digest));
		e = b->run(b->ctx, s, &kept);
		if (!e)
			e = wbuf_done(&kept);
		if (!e)
			e = keep_batch(s, b, label, wbuf_slice(&kept));
		if (!e)
			wbuf_put(answer, slice_sub(wbuf_slice(&kept), SHA256_LEN, kept.len));
	}
	wbuf_free(&kept);
	return e ? e : wbuf_done(answer);
}

enum err factor_batch(struct operator_store *s, const struct factor_batch *b, struct wbuf *answer)
{
	char label[LABEL_MAX];
	enum err e;

	if (snprintf(label, sizeof(label), "batch/%s/%s", b->provider, b->key) >= LABEL_MAX)
		return ERR_LENGTH;
	DB_TRANSACTION (s->db, DB_WRITE, e) {
		wbuf_reset(answer);
		e = run_batch(s, b, label, answer);
	}
	return e;
}
