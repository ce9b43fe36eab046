#include "host/operator/smdp/store/order_secret.h"

#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/profile_row.h"

#define LABEL_MAX 16

static const struct {
	char mark; /* ends the label of what is sealed */
	int column;
	const char *select, *update;
} secrets[] = {
	[SMDP_SECRET_CODE] = {'C', PROFILE_CODE, "SELECT code, iccid FROM profile WHERE id = ?",
			      "UPDATE profile SET code = ? WHERE id = ?"},
	[SMDP_SECRET_BINDING] = {'B', PROFILE_BINDING,
				 "SELECT binding, iccid FROM profile WHERE id = ?",
				 "UPDATE profile SET binding = ? WHERE id = ?"},
};

/* What a sealed column belongs to: a profile, and what it is. */
static struct slice label_of(struct slice iccid, enum smdp_order_secret what,
			     uint8_t mem[static LABEL_MAX])
{
	struct wbuf w = wbuf_init(mem, LABEL_MAX);

	wbuf_put(&w, iccid);
	wbuf_u8(&w, (uint8_t)secrets[what].mark);
	return wbuf_slice(&w);
}

enum err smdp_order_secret_put(struct smdp_store *s, const struct smdp_profile *p,
			       enum smdp_order_secret what, struct slice plain)
{
	struct wbuf sealed = wbuf_grow(SMDP_SECRET_MAX + KEYRING_SEALED_MORE);
	uint8_t mem[LABEL_MAX];
	struct db_statement *st = NULL;
	enum err e = ERR_OK;

	if (!plain.ptr)
		return ERR_OK;
	if (plain.len)
		e = keyring_seal(s->keyring, label_of(SLICE_OF(p->iccid), what, mem), plain,
				 &sealed);
	if (!e)
		e = db_prepare(s->db, secrets[what].update, &st);
	if (!e) {
		if (plain.len)
			db_bind_bytes(st, 1, wbuf_slice(&sealed));
		db_bind_int(st, 2, p->id);
		e = db_run(st);
	}
	wbuf_free(&sealed);
	return e;
}

enum err smdp_order_secret_get(struct smdp_store *s, int64_t profile, enum smdp_order_secret what,
			       struct wbuf *out)
{
	uint8_t mem[LABEL_MAX];
	struct db_statement *st;
	enum err e = db_prepare(s->db, secrets[what].select, &st);

	if (e)
		return e;
	db_bind_int(st, 1, profile);
	e = db_row(st);
	if (!e && db_type(st, 0) == DB_NULL)
		e = ERR_NOT_FOUND;
	if (!e)
		e = keyring_unseal(s->keyring, label_of(db_bytes(st, 1), what, mem),
				   db_bytes(st, 0), out);
	db_done(st);
	return e;
}

enum err smdp_order_secret_check(struct smdp_store *s, const struct db_statement *st)
{
	struct slice iccid = db_bytes(st, PROFILE_ICCID);
	uint8_t mem[LABEL_MAX];
	enum err e = ERR_OK;

	for (unsigned i = 0; i < ARRAY_LEN(secrets) && !e; i++) {
		enum smdp_order_secret what = (enum smdp_order_secret)i;
		struct wbuf plain = wbuf_grow(SMDP_SECRET_MAX);

		if (db_type(st, secrets[i].column) != DB_NULL)
			e = keyring_unseal(s->keyring, label_of(iccid, what, mem),
					   db_bytes(st, secrets[i].column), &plain);
		wbuf_free(&plain);
	}
	return e;
}
