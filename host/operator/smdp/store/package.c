#include "host/operator/smdp/store/package.h"

#include "host/operator/smdp/inventory.h"
#include "host/operator/smdp/limits.h"
#include "host/operator/smdp/store/own.h"
#include "host/operator/smdp/store/profile_row.h"

#define PROVEN "profile, services, metadata, length(upp)"

static const struct smdp_proof proof = {
	.label = "package",
	.select = "SELECT " PROVEN " FROM package WHERE profile = ?1",
	.update = "UPDATE package SET mac = ?2 WHERE profile = ?1",
	.columns = 4,
};

static enum err prove(struct smdp_store *s, int64_t profile, int64_t seq)
{
	return smdp_proof_write(s, &proof, profile, seq);
}

/* A profile without package has nothing to authenticate: smdp_package_check() tells of it. */
static enum err adopt(struct smdp_store *s, int64_t profile, int64_t seq)
{
	enum err e = prove(s, profile, seq);

	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err smdp_package_adopt(struct smdp_store *s)
{
	return smdp_profile_row_each(s, adopt);
}

enum err smdp_package_insert(struct smdp_store *s, int64_t profile, struct slice iccid,
			     struct slice metadata, struct slice upp)
{
	struct wbuf sealed = wbuf_grow(SMDP_UPP_MAX + KEYRING_SEALED_MORE);
	struct db_statement *st = NULL;
	enum err e = keyring_seal(s->keyring, iccid, upp, &sealed);

	if (!e)
		e = db_prepare(s->db,
			       "INSERT INTO package (profile, metadata, upp, services)"
			       " VALUES (?, ?, ?, ?)",
			       &st);
	if (!e) {
		db_bind_int(st, 1, profile);
		db_bind_bytes(st, 2, metadata);
		db_bind_bytes(st, 3, wbuf_slice(&sealed));
		db_bind_int(st, 4, inventory_mandatory_services(upp));
		e = db_run(st);
	}
	wbuf_free(&sealed);
	return e ? e : prove(s, profile, 0);
}

enum err smdp_package_load(struct smdp_store *s, int64_t profile, struct wbuf *metadata,
			   struct wbuf *upp)
{
	struct db_statement *st;
	enum err e = db_prepare(s->db,
				upp ? "SELECT " PROVEN ", package.mac, upp, iccid FROM package"
				      " JOIN profile ON id = profile WHERE id = ?"
				    : "SELECT " PROVEN ", mac FROM package WHERE profile = ?",
				&st);

	if (e)
		return e;
	db_bind_int(st, 1, profile);
	e = db_row(st);
	if (!e)
		e = smdp_proof_check(s, &proof, st);
	if (!e && metadata)
		wbuf_put(metadata, db_bytes(st, 2));
	if (!e && upp)
		e = keyring_unseal(s->keyring, db_bytes(st, 6), db_bytes(st, 5), upp);
	db_done(st);
	return e;
}

enum err smdp_package_needs(struct smdp_store *s, int64_t profile, struct inventory_needs *out)
{
	struct db_statement *st;
	enum err e =
		db_prepare(s->db, "SELECT " PROVEN ", mac FROM package WHERE profile = ?", &st);

	if (e)
		return e;
	db_bind_int(st, 1, profile);
	e = db_row(st);
	if (!e)
		e = smdp_proof_check(s, &proof, st);
	if (!e) {
		out->services = (uint32_t)db_int(st, 1);
		out->octets = (uint32_t)(db_int(st, 3) - KEYRING_SEALED_MORE);
	}
	db_done(st);
	return e;
}

enum err smdp_package_check(struct smdp_store *s, int64_t profile)
{
	struct wbuf upp = wbuf_grow(SMDP_UPP_MAX);
	enum err e = smdp_package_load(s, profile, NULL, &upp);

	wbuf_free(&upp);
	return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
}
