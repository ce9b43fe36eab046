#include "card-emu/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "card-emu/store/changes.h"
#include "card-emu/store/home.h"
#include "card-emu/store/journal.h"
#include "card-emu/store/journal_report.h"
#include "card-emu/store/map.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/trouble.h"

#define COMPACT_MIN    (256u * 1024) /* a journal below this is left alone */
#define COMPACT_FACTOR 4

struct store_txn {
	struct store *store;
	struct wbuf ops;
	struct wbuf over; /* the same of what is volatile */
	bool open, is_volatile;
};

struct store {
	unsigned flags;
	struct home home;
	struct gcm *secrets; /* seals the values of secrets in memory */
	struct journal_report report;
	struct journal *journal;
	struct map map;
	struct map over; /* volatile: it stands over the map */
	struct store_txn txn;
};

/* A record of the journal, when the folder is opened. */
static enum err apply(void *ctx, struct slice text)
{
	struct changes c = {0};
	enum err e = changes_read(&c, ctx, text);

	if (!e)
		changes_apply(&c, ctx);
	changes_free(&c);
	return e;
}

static enum err write_live(void *ctx, struct journal *fresh)
{
	const struct map *map = ctx;
	struct wbuf w = wbuf_grow(JOURNAL_RECORD_MAX);
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < map->count; i++) {
		const struct map_entry *entry = map_at(map, i);

		wbuf_reset(&w);
		changes_put_op(&w, entry->secret ? CHANGE_PUT_SECRET : CHANGE_PUT, entry->key,
			       entry->value);
		e = wbuf_done(&w);
		if (!e)
			e = journal_append(fresh, wbuf_slice(&w));
	}
	wbuf_free(&w);
	return e;
}

static enum err rewrite(struct store *s)
{
	struct journal *fresh = NULL;
	enum err e = journal_rewrite(&s->home.place, s->journal, write_live, &s->map, &fresh);

	if (fresh) { /* the new file is in place, even when the folder could not be synced */
		journal_close(&s->journal);
		s->journal = fresh;
	}
	return e;
}

static enum err derive_secrets_key(struct store *s)
{
	struct slice label = slice_str("twinkey secrets");
	uint8_t key[SHA256_LEN];
	enum err e = hmac_sha256(secret_slice(s->home.key), &label, 1, key);

	if (!e) {
		s->secrets = gcm_new(SLICE_OF(key));
		e = s->secrets ? ERR_OK : ERR_CRYPTO;
	}
	secret_wipe(key, sizeof(key));
	return e;
}

static enum err create_files(struct store *s, const char *anchor)
{
	enum err e;

	if (faccessat(s->home.place.dir, "journal", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return ERR_EXISTS;
	e = home_make(&s->home, anchor);
	return e ? e : rewrite(s);
}

static enum err open_files(struct store *s, const char *anchor)
{
	bool recover = s->flags & STORE_RECOVER, anew;
	struct journal_place *place = &s->home.place;
	enum err e = home_load_key(&s->home);

	if (!e)
		e = home_open_heads(&s->home, anchor, recover);
	if (!e)
		e = journal_open(place, &(struct journal_reader){apply, &s->map, recover},
				 &s->report, &s->journal);
	if (!e && s->report.damaged)
		e = journal_keep_copy(place);
	anew = s->report.damaged || s->report.format != STORE_FORMAT ||
	       (anchor && !place->heads[1]);
	if (!e && anew)
		e = home_make_heads(&s->home, anchor);
	return !e && anew ? rewrite(s) : e;
}

static enum err open_folder(struct store *s, const struct store_options *o)
{
	bool create = o->flags & STORE_CREATE;
	enum err e = create ? file_make_dir(o->dir) : ERR_OK;

	if (!e)
		e = home_open(&s->home, o->dir);
	if (e)
		return e;
	if (!create && faccessat(s->home.place.dir, "journal", F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
		e = errno_err(errno);
		return e == ERR_NOT_FOUND ? home_without_journal(&s->home) : e;
	}
	e = home_lock(&s->home);
	if (!e)
		e = create ? create_files(s, o->anchor) : open_files(s, o->anchor);
	return e;
}

enum err store_open_with(const struct store_options *o, struct store **out)
{
	struct store *s = calloc(1, sizeof(*s));
	enum err e;

	if (!s)
		return ERR_MEMORY;
	trouble_forget();
	s->flags = o->flags;
	s->home = HOME_NONE;
	s->home.place.sync = o->flags & STORE_SYNC;
	s->txn.store = s;
	s->txn.ops = wbuf_grow(JOURNAL_RECORD_MAX);
	s->txn.over = wbuf_grow(JOURNAL_RECORD_MAX);
	e = o->flags & STORE_MEMORY ? home_open(&s->home, NULL) : open_folder(s, o);
	if (!e)
		e = derive_secrets_key(s);
	if (e)
		store_close(&s);
	else
		*out = s;
	return e;
}

enum err store_open(const char *dir, unsigned flags, struct store **out)
{
	return store_open_with(&(struct store_options){.dir = dir, .flags = flags}, out);
}

long store_lock_holder(const char *dir)
{
	return home_lock_holder(dir);
}

const struct journal_report *store_report(const struct store *s)
{
	return &s->report;
}

void store_close(struct store **s)
{
	if (!*s)
		return;
	journal_close(&(*s)->journal);
	gcm_free(&(*s)->secrets);
	wbuf_free(&(*s)->txn.ops);
	wbuf_free(&(*s)->txn.over);
	map_free(&(*s)->over);
	map_free(&(*s)->map);
	home_close(&(*s)->home);
	free(*s);
	*s = NULL;
}

static const struct map_entry *find_entry(const struct store *s, const char *key)
{
	const struct map_entry *e = map_find(&s->over, key);

	return e ? e : map_find(&s->map, key);
}

bool store_get(const struct store *s, const char *key, struct slice *value)
{
	const struct map_entry *e = find_entry(s, key);

	if (!e || e->secret)
		return false;
	*value = e->value;
	return true;
}

bool store_has(const struct store *s, const char *key)
{
	return find_entry(s, key) != NULL;
}

enum err store_get_secret(const struct store *s, const char *key, struct secret **out)
{
	const struct map_entry *entry = find_entry(s, key);
	struct secret *plain;
	struct wbuf w;
	enum err e;

	if (!entry || !entry->secret)
		return ERR_NOT_FOUND;
	if (entry->value.len <= GCM_NONCE_LEN + GCM_TAG_LEN)
		return ERR_CORRUPT;
	plain = secret_new(entry->value.len - GCM_NONCE_LEN - GCM_TAG_LEN);
	if (!plain)
		return ERR_MEMORY;
	w = wbuf_init(plain->bytes, plain->len);
	e = gcm_open(s->secrets, entry->value.ptr, slice_str(key),
		     slice_sub(entry->value, GCM_NONCE_LEN, entry->value.len), &w);
	if (e)
		secret_free(&plain);
	else
		*out = plain;
	return e;
}

/* NULL: no more of them begin so. */
static const struct map_entry *entry_at(const struct map *m, size_t i, const char *prefix)
{
	const struct map_entry *e = i < m->count ? map_at(m, i) : NULL;

	return e && strncmp(e->key, prefix, strlen(prefix)) == 0 ? e : NULL;
}

void store_each(const struct store *s, const char *prefix,
		bool (*each)(void *ctx, const char *key, struct slice value), void *ctx)
{
	size_t i = map_lower(&s->map, prefix), k = map_lower(&s->over, prefix);

	for (;;) {
		const struct map_entry *kept = entry_at(&s->map, i, prefix);
		const struct map_entry *over = entry_at(&s->over, k, prefix), *e;
		int order = !kept ? 1 : !over ? -1 : strcmp(kept->key, over->key);

		e = order < 0 ? kept : over;
		if (!e || !each(ctx, e->key, e->secret ? SLICE_EMPTY : e->value))
			return;
		i += order <= 0;
		k += order >= 0;
	}
}

size_t store_used(const struct store *s)
{
	return s->map.used;
}

struct store_txn *store_begin(struct store *s)
{
	store_rollback(&s->txn);
	s->txn.open = true;
	return &s->txn;
}

const struct store *store_of(const struct store_txn *t)
{
	return t->store;
}

static void check_put(struct store_txn *t, const char *key, struct slice value)
{
	if (!t->open)
		wbuf_fail(&t->ops, ERR_WRONG_STATE);
	if (strlen(key) > STORE_KEY_MAX || value.len > STORE_VALUE_MAX)
		wbuf_fail(&t->ops, ERR_SPACE);
}

static void add(struct store_txn *t, enum change_kind kind, const char *key, struct slice value)
{
	bool put = kind == CHANGE_PUT || kind == CHANGE_PUT_SECRET;
	bool over = t->is_volatile || map_find(&t->store->over, key);

	check_put(t, key, value);
	if (!put || over)
		changes_put_op(&t->over, kind, key, value);
	if (!put || !over)
		changes_put_op(&t->ops, kind, key, value);
}

void store_put(struct store_txn *t, const char *key, struct slice value)
{
	add(t, CHANGE_PUT, key, value);
}

void store_volatile(struct store_txn *t)
{
	t->is_volatile = true;
}

void store_put_kept(struct store_txn *t, const char *key, struct slice value)
{
	check_put(t, key, value);
	changes_put_op(&t->ops, CHANGE_PUT, key, value);
}

void store_forget(struct store *s)
{
	map_free(&s->over);
}

void store_put_secret(struct store_txn *t, const char *key, struct slice value)
{
	uint8_t mem[SECRET_MAX + GCM_NONCE_LEN + GCM_TAG_LEN];
	struct wbuf sealed = wbuf_init(mem, sizeof(mem));
	uint8_t *nonce = wbuf_reserve(&sealed, GCM_NONCE_LEN);
	enum err e = random_bytes(nonce, GCM_NONCE_LEN);

	if (!e)
		e = gcm_seal(t->store->secrets, nonce, slice_str(key), value, &sealed);
	if (e)
		wbuf_fail(&t->ops, e);
	else
		add(t, CHANGE_PUT_SECRET, key, wbuf_slice(&sealed));
}

void store_delete(struct store_txn *t, const char *key)
{
	add(t, CHANGE_DELETE, key, SLICE_EMPTY);
}

void store_delete_prefix(struct store_txn *t, const char *prefix)
{
	add(t, CHANGE_DELETE_PREFIX, prefix, SLICE_EMPTY);
}

size_t store_txn_octets(const struct store_txn *t)
{
	return t->ops.len + t->over.len;
}

void store_rollback(struct store_txn *t)
{
	wbuf_cut(&t->ops, 0);
	wbuf_reset(&t->ops);
	wbuf_cut(&t->over, 0);
	wbuf_reset(&t->over);
	t->open = t->is_volatile = false;
}

static bool wants_rewrite(const struct store *s)
{
	size_t size = journal_size(s->journal);

	return size > COMPACT_MIN && size / COMPACT_FACTOR > s->map.used;
}

enum err store_commit(struct store_txn *t)
{
	struct store *s = t->store;
	struct changes c = {0}, over = {0};
	enum err e = t->open ? wbuf_done(&t->ops) : ERR_WRONG_STATE;

	if (!e)
		e = wbuf_done(&t->over);
	if (!e)
		e = changes_read(&c, &s->map, wbuf_slice(&t->ops));
	if (!e)
		e = changes_read(&over, &s->over, wbuf_slice(&t->over));
	if (!e && s->journal && (c.count || !over.count))
		e = journal_append(s->journal, wbuf_slice(&t->ops));
	if (!e) {
		changes_apply(&c, &s->map);
		changes_apply(&over, &s->over);
	}
	changes_free(&c);
	changes_free(&over);
	store_rollback(t);
	/* What was committed is safe already: a rewrite that fails is tried again later. */
	if (!e && s->journal && wants_rewrite(s))
		(void)!rewrite(s);
	return e;
}

void store_settle(struct store *s)
{
	if (s->journal)
		(void)!journal_settle(s->journal); /* tried again before the next commit */
}
