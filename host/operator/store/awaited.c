/* awaited: nonces that were used, and the challenges of grants that await the card's result */
#include "host/operator/policy/decide.h"
#include "host/operator/store/own.h"
#include "lib/base/secret.h"

#define LABEL	       "awaited"
#define EID_LEN	       16
#define NONCE_LEN      16
#define ICCID_LEN      10

#define FORGET_EVERY_S 60

#define COLUMNS	       "eid, nonce, iccid, at, challenge"
#define COLUMN_MAC     5

enum err nonce_use(struct operator_store *s, const struct subscriber_event *grant)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db, "INSERT INTO nonce (eid, nonce, at) VALUES (?,?,?)", &st);

	if (e)
		return e;
	db_bind_bytes(st, 1, slice_make(grant->eid, EID_LEN));
	db_bind_bytes(st, 2, slice_make(grant->nonce, NONCE_LEN));
	db_bind_int(st, 3, grant->now);
	e = db_run(st);
	return e == ERR_EXISTS ? ERR_REPLAY : e;
}

/* The card's key that its result is checked with is in the challenge: the row is authenticated. */
static enum err awaited_mac(struct operator_store *s, const struct awaited *a,
			    uint8_t mac[static SHA256_LEN])
{
	struct wbuf image = wbuf_grow(ROW_MAX);
	enum err e;

	wbuf_put(&image, slice_str(LABEL));
	row_put_bytes(&image, slice_make(a->eid, EID_LEN));
	row_put_bytes(&image, slice_make(a->nonce, NONCE_LEN));
	row_put_bytes(&image, slice_make(a->iccid, ICCID_LEN));
	row_put_int(&image, a->at);
	row_put_bytes(&image, a->challenge);
	e = row_image_mac(keyring_row_key(s->keyring), &image, mac);
	wbuf_free(&image);
	return e;
}

enum err awaited_put(struct operator_store *s, const struct awaited *a)
{
	uint8_t mac[SHA256_LEN];
	struct db_statement *st = NULL;
	enum err e = awaited_mac(s, a, mac);

	if (!e)
		e = db_prepare(s->db,
			       "INSERT INTO awaited (" COLUMNS ", mac) VALUES (?,?,?,?,?,?)"
			       " ON CONFLICT (eid, nonce) DO NOTHING",
			       &st);
	if (e)
		return e;
	db_bind_bytes(st, 1, slice_make(a->eid, EID_LEN));
	db_bind_bytes(st, 2, slice_make(a->nonce, NONCE_LEN));
	db_bind_bytes(st, 3, slice_make(a->iccid, ICCID_LEN));
	db_bind_int(st, 4, a->at);
	db_bind_bytes(st, 5, a->challenge);
	db_bind_bytes(st, 6, SLICE_OF(mac));
	return db_run(st);
}

static enum err forget_before(struct operator_store *s, int64_t at)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db, "DELETE FROM awaited WHERE at < ?", &st);

	if (e)
		return e;
	db_bind_int(st, 1, at);
	return db_run(st);
}

/* All of them are looked at for it: once for many grants. */
static enum err forget_old(struct operator_store *s, int64_t now)
{
	int64_t at = (now - GRANT_RESULT_S) / FORGET_EVERY_S * FORGET_EVERY_S;
	enum err e = at == s->forgot_before ? ERR_OK : forget_before(s, at);

	if (!e)
		s->forgot_before = at;
	return e;
}

/* A card's result of an earlier grant does not count any more. A card that never sends one is not
 * waited for longer than GRANT_RESULT_S, or its challenge would stay for ever. */
enum err awaited_forget(struct operator_store *s, const struct awaited *last)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db, "DELETE FROM awaited WHERE iccid = ? AND eid = ?", &st);

	if (e)
		return e;
	db_bind_bytes(st, 1, slice_make(last->iccid, ICCID_LEN));
	db_bind_bytes(st, 2, slice_make(last->eid, EID_LEN));
	e = db_run(st);
	return e ? e : forget_old(s, last->at);
}

enum err awaited_end(struct operator_store *s, const uint8_t *eid, const uint8_t *nonce)
{
	struct db_statement *st;
	int64_t gone = 0;
	enum err e = db_prepare(s->db, "DELETE FROM awaited WHERE eid = ? AND nonce = ?", &st);

	if (e)
		return e;
	db_bind_bytes(st, 1, slice_make(eid, EID_LEN));
	db_bind_bytes(st, 2, slice_make(nonce, NONCE_LEN));
	e = db_run_counted(st, &gone);
	return e ? e : gone ? ERR_OK : ERR_NOT_FOUND;
}

static enum err find_grant(struct operator_store *s, const struct granted *g, int64_t *at,
			   struct wbuf *challenge)
{
	struct db_statement *st;
	enum err e = db_prepare(
		s->db, "SELECT " COLUMNS ", mac FROM awaited WHERE eid = ? AND nonce = ?", &st);

	if (e)
		return e;
	db_bind_bytes(st, 1, slice_make(g->eid, EID_LEN));
	db_bind_bytes(st, 2, slice_make(g->nonce, NONCE_LEN));
	e = db_row(st);
	if (!e)
		e = row_check(keyring_row_key(s->keyring), LABEL, st, COLUMN_MAC);
	if (!e) {
		*at = db_int(st, 3);
		wbuf_put(challenge, db_bytes(st, 4));
		e = wbuf_done(challenge);
	}
	db_done(st);
	return e;
}

enum err granted_challenge(struct operator_store *s, const struct granted *g, int64_t now,
			   struct wbuf *challenge)
{
	int64_t at = 0;
	enum err e = find_grant(s, g, &at, challenge);

	if (e || at >= now - GRANT_RESULT_S)
		return e;
	wbuf_reset(challenge);
	DB_TRANSACTION (s->db, DB_WRITE, e)
		e = forget_before(s, now - GRANT_RESULT_S);
	return e ? e : ERR_NOT_FOUND;
}
