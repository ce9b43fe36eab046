/* profile: packages in the inventory, their orders, and the secrets of an order */
#include <stdio.h>
#include <string.h>

#include "host/operator/smdp/inventory.h"
#include "host/operator/smdp/store/sql.h"

#define AAD_MAX	    16
#define SEALED_MORE (GCM_NONCE_LEN + GCM_TAG_LEN)
#define BINDING_MAX 1024
/* With the log's last word of it, in one statement: the row is not looked at without. */
#define ROW                                                                                        \
	"id, iccid, type, state, matching_id, eid, linked, code, code_tries, code_tries_max,"      \
	" downloads, downloads_max, ordered, expires, revision, binding, (SELECT"                  \
	" group_concat(hex(eid) || ':' || seq) FROM (SELECT eid, seq FROM told WHERE told.profile" \
	" = profile.id ORDER BY eid))"
#define COLUMNS                                                                                    \
	ROW ", log_seq, mac, (SELECT max(seq) FROM log WHERE log.iccid ="                          \
	    " lower(hex(profile.iccid))), (SELECT to_state FROM log WHERE seq = log_seq)"
#define COLUMN_MAC     18 /* over those before it */
#define COLUMN_SEQ     17
#define LABEL	       "profile"
#define PACKAGE_LABEL  "package"
#define PACKAGE_PROVEN "profile, services, metadata, length(upp)"
#define PACKAGE_MAC    4

static const uint8_t nobody[16];

bool smdp_profile_has_eid(const struct smdp_profile *p)
{
	return memcmp(p->eid, nobody, sizeof(nobody)) != 0;
}

/* What a sealed column belongs to: a profile, and what it is. */
static struct slice aad_of(struct slice iccid, char what, uint8_t mem[static AAD_MAX])
{
	struct wbuf w = wbuf_init(mem, AAD_MAX);

	wbuf_put(&w, iccid);
	wbuf_u8(&w, (uint8_t)what);
	return wbuf_slice(&w);
}

static enum err put_row(struct smdp_store *s, const uint8_t *iccid, const char *type)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(
		s,
		"INSERT INTO profile (iccid, type, state, eid, linked, code_tries,"
		" code_tries_max, downloads, downloads_max, ordered, expires, revision)"
		" VALUES (?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 1)",
		&st);

	if (e)
		return e;
	sql_bind_slice(st, 1, slice_make(iccid, 10));
	manager_bind_text(st, 2, type);
	sqlite3_bind_int(st, 3, SMDP_AVAILABLE);
	sql_bind_slice(st, 4, SLICE_OF(nobody));
	return manager_run(st);
}

/* Authenticates a row as it stands. sql: a statement that gives it, and one that writes the mac. */
struct proof {
	const char *label, *sql[2];
	int columns;
};

static enum err prove(struct smdp_store *s, const struct proof *p, int64_t id, int64_t seq)
{
	uint8_t mac[SHA256_LEN];
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, p->sql[0], &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	sqlite3_bind_int64(st, 2, seq);
	e = manager_row(st);
	if (!e)
		e = sql_row_mac(secret_slice(s->head_key), p->label, st, p->columns, mac);
	manager_done(st);
	if (!e)
		e = manager_prepare(s, p->sql[1], &st);
	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	sqlite3_bind_int64(st, 2, seq);
	sql_bind_slice(st, 3, SLICE_OF(mac));
	return manager_run(st);
}

enum err manager_profile_prove(struct smdp_store *s, int64_t id, int64_t seq)
{
	static const struct proof profile = {
		LABEL,
		{"SELECT " ROW ", ?2 FROM profile WHERE id = ?1",
		 "UPDATE profile SET log_seq = ?2, mac = ?3 WHERE id = ?1"},
		COLUMN_MAC};

	return prove(s, &profile, id, seq);
}

static enum err prove_package(struct smdp_store *s, int64_t id, int64_t seq)
{
	static const struct proof package = {PACKAGE_LABEL,
					     {"SELECT " PACKAGE_PROVEN
					      " FROM package WHERE profile = ?1",
					      "UPDATE package SET mac = ?3 WHERE profile = ?1"},
					     PACKAGE_MAC};

	return prove(s, &package, id, seq);
}

static enum err for_all(struct smdp_store *s,
			enum err (*act)(struct smdp_store *s, int64_t id, int64_t seq))
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "SELECT id, log_seq FROM profile ORDER BY id", &st);

	while (!e && (e = manager_row(st)) == ERR_OK)
		e = act(s, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1));
	manager_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err manager_profiles_adopt(struct smdp_store *s)
{
	return for_all(s, manager_profile_prove);
}

enum err manager_packages_adopt(struct smdp_store *s)
{
	return for_all(s, prove_package);
}

static enum err put_package(struct smdp_store *s, int64_t id, struct slice metadata,
			    struct slice sealed, uint32_t services)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(
		s, "INSERT INTO package (profile, metadata, upp, services) VALUES (?, ?, ?, ?)",
		&st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	sql_bind_slice(st, 2, metadata);
	sql_bind_slice(st, 3, sealed);
	sqlite3_bind_int64(st, 4, services);
	return manager_run(st);
}

enum err smdp_profile_put(struct smdp_store *s, const struct smdp_import *in, int64_t now)
{
	struct wbuf sealed = wbuf_grow(SMDP_UPP_MAX + SEALED_MORE);
	struct smdp_log_entry entry = {.at = now, .event = "import"};
	const char *type = in->type ? in->type : "";
	int64_t id = 0;
	enum err e;

	if (strlen(type) > SMDP_TYPE_MAX || in->upp.len == 0 || in->upp.len > SMDP_UPP_MAX)
		return ERR_LENGTH;
	hex_encode(slice_make(in->iccid, 10), entry.iccid, sizeof(entry.iccid));
	snprintf(entry.to, sizeof(entry.to), "%s", smdp_state_name(SMDP_AVAILABLE));
	e = smdp_store_begin(s);
	if (e)
		return e;
	e = manager_seal(s, slice_make(in->iccid, 10), in->upp, &sealed);
	if (!e)
		e = put_row(s, in->iccid, type);
	id = sqlite3_last_insert_rowid(s->db);
	if (!e)
		e = put_package(s, id, in->metadata, wbuf_slice(&sealed),
				inventory_mandatory_services(in->upp));
	if (!e)
		e = prove_package(s, id, 0);
	if (!e)
		e = manager_log_append(s, &entry, id);
	wbuf_free(&sealed);
	return smdp_store_end(s, e);
}

static enum err read_profile(sqlite3_stmt *st, struct smdp_profile *out)
{
	struct smdp_profile p = {
		.id = sqlite3_column_int64(st, 0),
		.state = (enum smdp_profile_state)sqlite3_column_int(st, 3),
		.linked = sqlite3_column_int(st, 6) != 0,
		.has_code = sqlite3_column_type(st, 7) != SQLITE_NULL,
		.code_tries = (unsigned)sqlite3_column_int(st, 8),
		.code_tries_max = (unsigned)sqlite3_column_int(st, 9),
		.downloads = (unsigned)sqlite3_column_int(st, 10),
		.downloads_max = (unsigned)sqlite3_column_int(st, 11),
		.ordered = sqlite3_column_int64(st, 12),
		.expires = sqlite3_column_int64(st, 13),
		.revision = sqlite3_column_int64(st, 14),
		.log_seq = sqlite3_column_int64(st, COLUMN_SEQ),
	};
	enum err e = manager_copy(st, 1, p.iccid, sizeof(p.iccid));

	if (!e)
		e = manager_copy(st, 5, p.eid, sizeof(p.eid));
	sql_text(st, 2, p.type, sizeof(p.type));
	sql_text(st, 4, p.matching_id, sizeof(p.matching_id));
	if (!e)
		*out = p;
	return e;
}

/* The row is what was written, after the last entry of the log about it, which says the same. */
static enum err check_row(struct smdp_store *s, sqlite3_stmt *st)
{
	const char *state = (const char *)sqlite3_column_text(st, COLUMN_MAC + 2);
	const char *is = smdp_state_name((enum smdp_profile_state)sqlite3_column_int(st, 3));

	if (sqlite3_column_int64(st, COLUMN_SEQ) != sqlite3_column_int64(st, COLUMN_MAC + 1) ||
	    (state && strcmp(state, is) != 0))
		return ERR_CORRUPT;
	return sql_row_check(secret_slice(s->head_key), LABEL, st, COLUMN_MAC);
}

/* The one profile that a prepared statement finds; finalizes it. */
static enum err one(struct smdp_store *s, sqlite3_stmt *st, struct smdp_profile *out)
{
	enum err e = manager_row(st);

	if (!e)
		e = check_row(s, st);
	if (!e)
		e = read_profile(st, out);
	manager_done(st);
	return e;
}

enum err smdp_profile_find(struct smdp_store *s, const char *matching_id, struct smdp_profile *out)
{
	sqlite3_stmt *st;
	enum err e =
		manager_prepare(s, "SELECT " COLUMNS " FROM profile WHERE matching_id = ?", &st);

	if (e)
		return e;
	manager_bind_text(st, 1, matching_id);
	return one(s, st, out);
}

enum err smdp_profile_by_iccid(struct smdp_store *s, const uint8_t iccid[static 10],
			       struct smdp_profile *out)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "SELECT " COLUMNS " FROM profile WHERE iccid = ?", &st);

	if (e)
		return e;
	sql_bind_slice(st, 1, slice_make(iccid, 10));
	return one(s, st, out);
}

enum err smdp_profile_get(struct smdp_store *s, int64_t id, struct smdp_profile *out)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "SELECT " COLUMNS " FROM profile WHERE id = ?", &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	return one(s, st, out);
}

static enum err one_of_type(struct smdp_store *s, const char *sql, const char *type,
			    struct smdp_profile *out)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, sql, &st);

	if (e)
		return e;
	manager_bind_text(st, 1, type);
	return one(s, st, out);
}

enum err smdp_profile_available(struct smdp_store *s, const char *type, struct smdp_profile *out)
{
	static const char available[] = "SELECT " COLUMNS " FROM profile WHERE type = ? AND state ="
					" " SMDP_AVAILABLE_SQL " ORDER BY id LIMIT 1";
	static const char any[] = "SELECT " COLUMNS " FROM profile WHERE type = ? LIMIT 1";
	enum err e = one_of_type(s, available, type, out);

	if (e != ERR_NOT_FOUND)
		return e;
	e = one_of_type(s, any, type, out);
	return e ? e : ERR_WRONG_STATE;
}

enum err smdp_profile_waiting(struct smdp_store *s, const uint8_t eid[static 16],
			      struct smdp_profile *out)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s,
				     "SELECT " COLUMNS " FROM profile WHERE eid = ? AND linked"
				     " AND matching_id IS NULL AND state IN (?, ?, ?)"
				     " ORDER BY ordered, id LIMIT 1",
				     &st);

	if (e)
		return e;
	sql_bind_slice(st, 1, slice_make(eid, 16));
	sqlite3_bind_int(st, 2, SMDP_CONFIRMED);
	sqlite3_bind_int(st, 3, SMDP_RELEASED);
	sqlite3_bind_int(st, 4, SMDP_DOWNLOADED);
	return one(s, st, out);
}

enum err smdp_profile_each(struct smdp_store *s,
			   bool (*each)(void *ctx, const struct smdp_profile *p), void *ctx)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, "SELECT " COLUMNS " FROM profile ORDER BY iccid", &st);
	struct smdp_profile p;

	if (e)
		return e;
	while ((e = manager_row(st)) == ERR_OK) {
		e = read_profile(st, &p);
		p.broken = check_row(s, st) != ERR_OK;
		if (e || !each(ctx, &p))
			break;
	}
	manager_done(st);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err smdp_profile_load(struct smdp_store *s, int64_t id, struct wbuf *metadata,
			   struct wbuf *upp)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(
		s,
		upp ? "SELECT " PACKAGE_PROVEN ", package.mac, upp, iccid FROM package"
		      " JOIN profile ON id = profile WHERE id = ?"
		    : "SELECT " PACKAGE_PROVEN ", mac FROM package WHERE profile = ?",
		&st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	e = manager_row(st);
	if (!e)
		e = sql_row_check(secret_slice(s->head_key), PACKAGE_LABEL, st, PACKAGE_MAC);
	if (!e && metadata)
		wbuf_put(metadata, sql_column(st, 2));
	if (!e && upp)
		e = manager_open(s, sql_column(st, 6), sql_column(st, 5), upp);
	manager_done(st);
	return e;
}

enum err smdp_profile_needs(struct smdp_store *s, int64_t id, struct inventory_needs *out)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(
		s, "SELECT " PACKAGE_PROVEN ", mac FROM package WHERE profile = ?", &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	e = manager_row(st);
	if (!e)
		e = sql_row_check(secret_slice(s->head_key), PACKAGE_LABEL, st, PACKAGE_MAC);
	if (!e) {
		out->octets = (uint32_t)(sqlite3_column_int64(st, 3) - (int64_t)SEALED_MORE);
		out->services = (uint32_t)sqlite3_column_int64(st, 1);
	}
	manager_done(st);
	return e;
}

/* Writes one of the two sealed columns, or forgets it. */
static enum err set_secret(struct smdp_store *s, const struct smdp_profile *p, char what,
			   const char *sql, struct slice plain)
{
	struct wbuf sealed = wbuf_grow(BINDING_MAX + SEALED_MORE);
	uint8_t mem[AAD_MAX];
	sqlite3_stmt *st = NULL;
	enum err e = ERR_OK;

	if (!plain.ptr)
		return ERR_OK;
	if (plain.len)
		e = manager_seal(s, aad_of(SLICE_OF(p->iccid), what, mem), plain, &sealed);
	if (!e)
		e = manager_prepare(s, sql, &st);
	if (!e) {
		if (plain.len)
			sql_bind_slice(st, 1, wbuf_slice(&sealed));
		sqlite3_bind_int64(st, 2, p->id);
		e = manager_run(st);
	}
	wbuf_free(&sealed);
	return e;
}

/* What the index of the matching ids needs not hear of: they are as they were. */
#define SAME_ID                                                                                    \
	"UPDATE profile SET state = ?1, eid = ?2, linked = ?3, code_tries = ?4,"                   \
	" code_tries_max = ?5, downloads = ?6, downloads_max = ?7, ordered = ?8, expires = ?9,"    \
	" revision = revision + 1"
#define THIS_ONE " WHERE id = ?10 AND revision = ?11"

static enum err write_order(struct smdp_store *s, const struct smdp_profile *p, bool same_id)
{
	sqlite3_stmt *st;
	enum err e = manager_prepare(
		s, same_id ? SAME_ID THIS_ONE : SAME_ID ", matching_id = ?12" THIS_ONE, &st);

	if (e)
		return e;
	sqlite3_bind_int(st, 1, (int)p->state);
	sql_bind_slice(st, 2, SLICE_OF(p->eid));
	sqlite3_bind_int(st, 3, p->linked);
	sqlite3_bind_int64(st, 4, p->code_tries);
	sqlite3_bind_int64(st, 5, p->code_tries_max);
	sqlite3_bind_int64(st, 6, p->downloads);
	sqlite3_bind_int64(st, 7, p->downloads_max);
	sqlite3_bind_int64(st, 8, p->ordered);
	sqlite3_bind_int64(st, 9, p->expires);
	sqlite3_bind_int64(st, 10, p->id);
	sqlite3_bind_int64(st, 11, p->revision);
	if (!same_id && *p->matching_id)
		manager_bind_text(st, 12, p->matching_id);
	e = manager_run(st);
	return e ? e : sqlite3_changes(s->db) == 1 ? ERR_OK : ERR_LOCKED;
}

static enum err log_change(struct smdp_store *s, const struct smdp_profile *p,
			   enum smdp_profile_state from, const struct smdp_change *c)
{
	struct smdp_log_entry entry = {.at = c->now};

	hex_encode(SLICE_OF(p->iccid), entry.iccid, sizeof(entry.iccid));
	snprintf(entry.event, sizeof(entry.event), "%s", smdp_event_name(c->event));
	snprintf(entry.from, sizeof(entry.from), "%s", smdp_state_name(from));
	snprintf(entry.to, sizeof(entry.to), "%s", smdp_state_name(p->state));
	snprintf(entry.actor, sizeof(entry.actor), "%s", c->actor ? c->actor : "");
	snprintf(entry.evidence, sizeof(entry.evidence), "%s", c->evidence ? c->evidence : "");
	return manager_log_append(s, &entry, p->id);
}

#define FORGET slice_make("", 0)

static bool is_over(enum smdp_profile_state s)
{
	return s == SMDP_AVAILABLE || s == SMDP_INSTALLED || s == SMDP_ERROR ||
	       s == SMDP_UNAVAILABLE || s == SMDP_DELETED;
}

enum err smdp_profile_change(struct smdp_store *s, struct smdp_profile *p,
			     const struct smdp_change *c)
{
	struct slice code = c->code_hash, binding = c->binding;
	struct smdp_profile next = *p, now;
	enum err e = smdp_state_next(p->state, c->event, &next.state);

	if (!e)
		e = smdp_store_begin(s);
	if (e)
		return e;
	if (p->has_code && is_over(next.state))
		code = FORGET;
	if (p->state == SMDP_DOWNLOADED && next.state != SMDP_DOWNLOADED)
		binding = FORGET;
	e = smdp_profile_get(s, p->id, &now); /* nothing is authenticated that was not before */
	if (e == ERR_NOT_FOUND)
		e = ERR_LOCKED;
	if (!e)
		e = write_order(s, &next, c->event == SMDP_BIND); /* whatever its name */
	if (!e)
		e = set_secret(s, p, 'C', "UPDATE profile SET code = ? WHERE id = ?", code);
	if (!e)
		e = set_secret(s, p, 'B', "UPDATE profile SET binding = ? WHERE id = ?", binding);
	if (!e && (c->event == SMDP_CANCEL || c->event == SMDP_RETIRE))
		e = smdp_sessions_end(s, p->id);
	if (!e)
		e = log_change(s, &next, p->state, c);
	e = smdp_store_end(s, e);
	if (e)
		return e;
	next.revision++;
	if (code.ptr)
		next.has_code = code.len != 0;
	*p = next;
	return ERR_OK;
}

static enum err get_secret(struct smdp_store *s, int64_t id, char what, const char *sql,
			   struct wbuf *out)
{
	uint8_t mem[AAD_MAX];
	sqlite3_stmt *st;
	enum err e = manager_prepare(s, sql, &st);

	if (e)
		return e;
	sqlite3_bind_int64(st, 1, id);
	e = manager_row(st);
	if (!e && sqlite3_column_type(st, 0) == SQLITE_NULL)
		e = ERR_NOT_FOUND;
	if (!e)
		e = manager_open(s, aad_of(sql_column(st, 1), what, mem), sql_column(st, 0), out);
	manager_done(st);
	return e;
}

enum err smdp_profile_code_hash(struct smdp_store *s, int64_t id, uint8_t hash[static SHA256_LEN])
{
	struct wbuf w = wbuf_grow(BINDING_MAX);
	enum err e = get_secret(s, id, 'C', "SELECT code, iccid FROM profile WHERE id = ?", &w);

	if (!e && slice_copy(wbuf_slice(&w), hash, SHA256_LEN))
		e = ERR_CORRUPT;
	wbuf_free(&w);
	return e;
}

enum err smdp_profile_binding(struct smdp_store *s, int64_t id, struct wbuf *out)
{
	return get_secret(s, id, 'B', "SELECT binding, iccid FROM profile WHERE id = ?", out);
}

/* What is told of one that is not what was written. */
static void describe(sqlite3_stmt *st, struct smdp_check *out)
{
	enum smdp_profile_state state = (enum smdp_profile_state)sqlite3_column_int(st, 3);
	const char *by_log = (const char *)sqlite3_column_text(st, COLUMN_MAC + 3);

	(void)!hex_encode(slice_sub(sql_column(st, 1), 0, 10), out->iccid, sizeof(out->iccid));
	snprintf(out->by_row, sizeof(out->by_row), "%s", smdp_state_name(state));
	snprintf(out->by_log, sizeof(out->by_log), "%s", by_log ? by_log : "");
	out->entry = sqlite3_column_int64(st, COLUMN_MAC + 1);
}

static enum err check_package(struct smdp_store *s, int64_t id)
{
	struct wbuf upp = wbuf_grow(SMDP_UPP_MAX);
	enum err e = smdp_profile_load(s, id, NULL, &upp);

	wbuf_free(&upp);
	return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
}

static enum err check_secret(struct smdp_store *s, sqlite3_stmt *st, int at, char what)
{
	struct wbuf w = wbuf_grow(BINDING_MAX);
	uint8_t mem[AAD_MAX];
	enum err e = ERR_OK;

	if (sqlite3_column_type(st, at) != SQLITE_NULL)
		e = manager_open(s, aad_of(sql_column(st, 1), what, mem), sql_column(st, at), &w);
	wbuf_free(&w);
	return e;
}

static enum err check_profile(struct smdp_store *s, sqlite3_stmt *st, struct smdp_check *c)
{
	describe(st, c);
	if (*c->by_log && strcmp(c->by_log, c->by_row) != 0) {
		c->found = SMDP_PARTED;
		return ERR_CORRUPT;
	}
	c->found = SMDP_ROW_CHANGED;
	if (check_row(s, st) || check_secret(s, st, 7, 'C') || check_secret(s, st, 15, 'B'))
		return ERR_CORRUPT;
	c->found = SMDP_PACKAGE_CHANGED;
	return check_package(s, sqlite3_column_int64(st, 0));
}

enum err manager_profiles_check(struct smdp_store *s, struct smdp_check *out)
{
	struct smdp_check c = {.good = out->good};
	sqlite3_stmt *st;
	enum err e = manager_prepare(
		s,
		"SELECT " COLUMNS ", (SELECT to_state FROM log WHERE log.iccid ="
		" lower(hex(profile.iccid)) ORDER BY seq DESC LIMIT 1) FROM profile ORDER BY id",
		&st);

	while (!e && (e = manager_row(st)) == ERR_OK)
		e = check_profile(s, st, &c);
	manager_done(st);
	if (e == ERR_CORRUPT)
		*out = c;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}
