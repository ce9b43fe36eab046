#include "card-emu/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "card-emu/store/journal.h"
#include "card-emu/store/journal_report.h"
#include "card-emu/store/map.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/folder.h"
#include "tool/sys/trouble.h"

#define STORAGE_KEY_LEN 32
#define LOCK_NAME	"lock"
#define KEY_NAME	"storage.key"
#define HEAD_NAME	"head"
#define HEAD_LABEL	"twinkey head"
#define ANCHOR_LABEL	"twinkey anchor"
#define COMPACT_MIN	(256u * 1024) /* a journal below this is left alone */
#define COMPACT_FACTOR	4

enum op { OP_PUT = 1, OP_PUT_SECRET, OP_DELETE, OP_DELETE_PREFIX };

struct store_txn {
	struct store *store;
	struct wbuf ops;
	bool open;
};

struct store {
	unsigned flags;
	int dir, lock;
	struct secret *storage_key;
	struct gcm *secrets; /* seals the values of secrets in memory */
	struct journal_place place;
	struct journal_report report;
	struct journal *journal;
	struct map map;
	struct store_txn txn;
};

/* One operation: kind, key, value. The same text is what the journal keeps and what is applied. */
static void put_op(struct wbuf *w, enum op op, const char *key, struct slice value)
{
	wbuf_u8(w, (uint8_t)op);
	wbuf_u8(w, (uint8_t)strlen(key));
	wbuf_put(w, slice_str(key));
	wbuf_u32(w, (uint32_t)value.len);
	wbuf_put(w, value);
}

/* One operation taken out of the text, with all the memory that it needs. */
struct change {
	enum op op;
	char key[STORE_KEY_MAX + 1];
	uint8_t *value; /* of a put */
	size_t len;
};

struct changes {
	struct change *list;
	size_t count, cap;
};

static void changes_free(struct changes *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->list[i].value)
			secret_wipe(c->list[i].value, c->list[i].len);
		free(c->list[i].value);
	}
	free(c->list);
	*c = (struct changes){0};
}

static struct change *add_change(struct changes *c)
{
	if (c->count == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 16;
		struct change *list = realloc(c->list, cap * sizeof(*list));

		if (!list)
			return NULL;
		c->list = list;
		c->cap = cap;
	}
	c->list[c->count] = (struct change){0};
	return &c->list[c->count++];
}

static enum err read_change(struct cursor *c, struct change *out)
{
	struct slice name, value;
	bool put;

	out->op = cursor_u8(c);
	name = cursor_take(c, cursor_u8(c));
	value = cursor_take(c, cursor_u32(c));
	put = out->op == OP_PUT || out->op == OP_PUT_SECRET;
	if (c->err || slice_text(name, out->key, sizeof(out->key)) ||
	    (!put && out->op != OP_DELETE && out->op != OP_DELETE_PREFIX))
		return ERR_CORRUPT;
	if (!put)
		return ERR_OK;
	out->value = malloc(value.len ? value.len : 1);
	if (!out->value)
		return ERR_MEMORY;
	if (value.len)
		memcpy(out->value, value.ptr, value.len);
	out->len = value.len;
	return ERR_OK;
}

/* Whatever can fail of a transaction, before anything of it is done. */
static enum err changes_read(struct changes *c, struct map *map, struct slice text)
{
	struct cursor in = cursor_of(text);
	enum err e = ERR_OK;

	while (!e && cursor_left(&in)) {
		struct change *change = add_change(c);

		e = change ? read_change(&in, change) : ERR_MEMORY;
	}
	return e ? e : map_reserve(map, c->count);
}

static void changes_apply(struct changes *c, struct map *map)
{
	for (size_t i = 0; i < c->count; i++) {
		struct change *change = &c->list[i];

		switch (change->op) {
		case OP_PUT:
		case OP_PUT_SECRET:
			map_put(map, change->key, change->value, change->len,
				change->op == OP_PUT_SECRET);
			change->value = NULL;
			break;
		case OP_DELETE: map_delete(map, change->key); break;
		case OP_DELETE_PREFIX: map_delete_prefix(map, change->key); break;
		}
	}
}

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
		put_op(&w, entry->secret ? OP_PUT_SECRET : OP_PUT, entry->key, entry->value);
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
	enum err e = journal_rewrite(&s->place, s->journal, write_live, &s->map, &fresh);

	if (fresh) { /* the new file is in place, even when the folder could not be synced */
		journal_close(&s->journal);
		s->journal = fresh;
	}
	return e;
}

/*
 * The lock is on the folder and on the journal: neither goes with the file "lock", which is for
 * people (and for versions of the time when it was the lock).
 */
static enum err take_lock(struct store *s)
{
	char pid[32];
	int n;
	enum err e;

	if (flock(s->dir, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		return ERR_LOCKED; /* where folders take no lock, the journal's has to do */
	e = folder_open_file(s->dir, LOCK_NAME, O_RDWR | O_CREAT, FOLDER_SECRET, &s->lock);
	if (e)
		return e;
	if (flock(s->lock, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? ERR_LOCKED : errno_err(errno);
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(s->lock, 0) || pwrite(s->lock, pid, (size_t)n, 0) != n)
		return ERR_FULL; /* only information, but a disk that takes no 8 octets won't do */
	return ERR_OK;
}

long store_lock_holder(const char *dir)
{
	char text[32] = "";
	int folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;

	if (folder < 0)
		return 0;
	if (folder_open_file(folder, LOCK_NAME, O_RDONLY, FOLDER_SECRET, &fd) == ERR_OK) {
		if (read(fd, text, sizeof(text) - 1) < 0)
			text[0] = 0;
		close(fd);
	}
	close(folder);
	return strtol(text, NULL, 10);
}

static enum err load_key(struct store *s)
{
	struct wbuf w = wbuf_grow(STORAGE_KEY_LEN);
	int fd = -1;
	enum err e = folder_open_file(s->dir, KEY_NAME, O_RDONLY, FOLDER_SECRET, &fd);

	if (!e)
		e = file_read_fd(fd, &w);
	if (fd >= 0)
		close(fd);
	/* there is a journal: a folder without its key is no empty place */
	if (e == ERR_NOT_FOUND || e == ERR_SPACE || (!e && w.len != STORAGE_KEY_LEN))
		e = trouble_set(ERR_CORRUPT,
				"'" KEY_NAME "' is missing or damaged: without it nothing can be "
				"read; restore the whole folder from a copy, or create the card "
				"anew");
	if (!e) {
		s->storage_key = secret_copy(wbuf_slice(&w));
		e = s->storage_key ? ERR_OK : ERR_MEMORY;
		s->place.storage_key = secret_slice(s->storage_key);
	}
	wbuf_free(&w);
	return e;
}

static enum err derive_secrets_key(struct store *s)
{
	struct slice label = slice_str("twinkey secrets");
	uint8_t key[SHA256_LEN];
	enum err e = hmac_sha256(secret_slice(s->storage_key), &label, 1, key);

	if (!e) {
		s->secrets = gcm_new(SLICE_OF(key));
		e = s->secrets ? ERR_OK : ERR_CRYPTO;
	}
	secret_wipe(key, sizeof(key));
	return e;
}

static enum err write_whole(int fd, struct slice octets)
{
	if (write(fd, octets.ptr, octets.len) != (ssize_t)octets.len)
		return ERR_FULL;
	return fsync(fd) ? errno_err(errno) : ERR_OK;
}

static enum err make_key(struct store *s)
{
	int fd = -1;
	enum err e;

	s->storage_key = random_secret(STORAGE_KEY_LEN);
	if (!s->storage_key)
		return ERR_MEMORY;
	s->place.storage_key = secret_slice(s->storage_key);
	unlinkat(s->dir, KEY_NAME, 0); /* there is no journal: what it was for is gone */
	e = folder_open_file(s->dir, KEY_NAME, O_WRONLY | O_CREAT | O_EXCL, FOLDER_SECRET, &fd);
	if (!e)
		e = write_whole(fd, s->place.storage_key);
	if (fd >= 0)
		close(fd);
	return e;
}

/* A file that has its full length from the start: what is written later wants no room. */
static enum err make_head(struct store *s, int folder, const char *name, const char *label,
			  struct head **out)
{
	static const uint8_t empty[HEAD_FILE_LEN];
	int fd = -1;
	enum err e = folder_open_file(folder, name, O_RDWR | O_CREAT | O_EXCL, FOLDER_PUBLIC, &fd);

	if (!e)
		e = write_whole(fd, SLICE_OF(empty));
	if (!e)
		return head_open(fd, s->place.storage_key, label, out);
	if (fd >= 0)
		close(fd);
	return e;
}

static enum err open_head(struct store *s, int folder, const char *name, const char *label,
			  struct head **out)
{
	int fd = -1;
	enum err e = folder_open_file(folder, name, O_RDWR, FOLDER_PUBLIC, &fd);

	return e ? e : head_open(fd, s->place.storage_key, label, out);
}

static enum err make_anchor(struct store *s, const char *anchor)
{
	enum err e = make_head(s, AT_FDCWD, anchor, ANCHOR_LABEL, &s->place.heads[1]);

	if (e == ERR_EXISTS)
		trouble_set(e, "the anchor '%s' is there already: name another file", anchor);
	return e;
}

static enum err create_files(struct store *s, const char *anchor)
{
	enum err e;

	if (faccessat(s->dir, "journal", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return ERR_EXISTS;
	e = make_key(s);
	unlinkat(s->dir, HEAD_NAME, 0);
	if (!e)
		e = make_head(s, s->dir, HEAD_NAME, HEAD_LABEL, &s->place.heads[0]);
	if (!e && anchor)
		e = make_anchor(s, anchor);
	return e ? e : rewrite(s);
}

/* What a journal is rewritten with: the head that was not there, or the anchor. */
static enum err complete_heads(struct store *s, const char *anchor)
{
	enum err e = ERR_OK;

	if (!s->place.heads[0])
		e = make_head(s, s->dir, HEAD_NAME, HEAD_LABEL, &s->place.heads[0]);
	if (!e && anchor && !s->place.heads[1])
		e = make_anchor(s, anchor);
	return e;
}

static enum err open_anchor(struct store *s, const char *anchor)
{
	enum err e = open_head(s, AT_FDCWD, anchor, ANCHOR_LABEL, &s->place.heads[1]);

	if (e != ERR_NOT_FOUND)
		return e;
	if (s->flags & STORE_RECOVER)
		return ERR_OK; /* made later */
	return trouble_set(e,
			   "the anchor '%s' is not there: nothing tells whether the folder is an "
			   "older copy; to begin a new anchor: twinkey-card run --recover",
			   anchor);
}

static enum err open_files(struct store *s, const char *anchor)
{
	enum err e = load_key(s);
	bool anew;

	if (!e) {
		e = open_head(s, s->dir, HEAD_NAME, HEAD_LABEL, &s->place.heads[0]);
		e = e == ERR_NOT_FOUND ? ERR_OK : e; /* the journal says whether it needs one */
	}
	if (!e && anchor)
		e = open_anchor(s, anchor);
	if (!e)
		e = journal_open(&s->place,
				 &(struct journal_reader){apply, &s->map, s->flags & STORE_RECOVER},
				 &s->report, &s->journal);
	if (!e && s->report.damaged)
		e = journal_keep_copy(&s->place);
	anew = s->report.damaged || s->report.format != STORE_FORMAT ||
	       (anchor && !s->place.heads[1]);
	if (!e && anew)
		e = complete_heads(s, anchor);
	return !e && anew ? rewrite(s) : e;
}

/* Beside what else a card has, it is lost: that is no empty place for a new card. */
static enum err no_journal(const struct store *s)
{
	enum err e = errno_err(errno);

	if (e == ERR_NOT_FOUND && faccessat(s->dir, KEY_NAME, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return trouble_set(ERR_CORRUPT,
				   "'journal' is missing: restore the whole folder from a copy, or "
				   "create the card anew");
	return e;
}

static enum err open_folder(struct store *s, const struct store_options *o)
{
	bool create = o->flags & STORE_CREATE;
	enum err e = create ? file_make_dir(o->dir) : ERR_OK;

	if (!e)
		e = folder_open(o->dir, &s->dir);
	if (e)
		return e;
	s->place.dir = s->dir;
	if (!create && faccessat(s->dir, "journal", F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return no_journal(s);
	e = take_lock(s);
	if (!e)
		e = create ? create_files(s, o->anchor) : open_files(s, o->anchor);
	return e;
}

enum err store_open_with(const struct store_options *o, struct store **out)
{
	struct store *s = calloc(1, sizeof(*s));
	enum err e = ERR_OK;

	if (!s)
		return ERR_MEMORY;
	trouble_forget();
	s->flags = o->flags;
	s->lock = s->dir = -1;
	s->place.sync = o->flags & STORE_SYNC;
	s->txn.store = s;
	s->txn.ops = wbuf_grow(JOURNAL_RECORD_MAX);
	if (o->flags & STORE_MEMORY) {
		s->storage_key = random_secret(STORAGE_KEY_LEN);
		e = s->storage_key ? ERR_OK : ERR_MEMORY;
	} else {
		e = open_folder(s, o);
	}
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

const struct journal_report *store_report(const struct store *s)
{
	return &s->report;
}

void store_close(struct store **s)
{
	if (!*s)
		return;
	journal_close(&(*s)->journal);
	for (size_t i = 0; i < JOURNAL_HEADS; i++)
		head_close(&(*s)->place.heads[i]);
	gcm_free(&(*s)->secrets);
	secret_free(&(*s)->storage_key);
	wbuf_free(&(*s)->txn.ops);
	map_free(&(*s)->map);
	if ((*s)->lock >= 0)
		close((*s)->lock);
	if ((*s)->dir >= 0)
		close((*s)->dir); /* the lock goes with it */
	free(*s);
	*s = NULL;
}

bool store_get(const struct store *s, const char *key, struct slice *value)
{
	const struct map_entry *e = map_find(&s->map, key);

	if (!e || e->secret)
		return false;
	*value = e->value;
	return true;
}

bool store_has(const struct store *s, const char *key)
{
	return map_find(&s->map, key) != NULL;
}

enum err store_get_secret(const struct store *s, const char *key, struct secret **out)
{
	const struct map_entry *entry = map_find(&s->map, key);
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

void store_each(const struct store *s, const char *prefix,
		bool (*each)(void *ctx, const char *key, struct slice value), void *ctx)
{
	for (size_t i = map_lower(&s->map, prefix); i < s->map.count; i++) {
		const struct map_entry *e = map_at(&s->map, i);

		if (strncmp(e->key, prefix, strlen(prefix)) != 0)
			return;
		if (!each(ctx, e->key, e->secret ? SLICE_EMPTY : e->value))
			return;
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

static void add(struct store_txn *t, enum op op, const char *key, struct slice value)
{
	if (!t->open)
		wbuf_fail(&t->ops, ERR_WRONG_STATE);
	if (strlen(key) > STORE_KEY_MAX || value.len > STORE_VALUE_MAX)
		wbuf_fail(&t->ops, ERR_SPACE);
	put_op(&t->ops, op, key, value);
}

void store_put(struct store_txn *t, const char *key, struct slice value)
{
	add(t, OP_PUT, key, value);
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
		add(t, OP_PUT_SECRET, key, wbuf_slice(&sealed));
}

void store_delete(struct store_txn *t, const char *key)
{
	add(t, OP_DELETE, key, SLICE_EMPTY);
}

void store_delete_prefix(struct store_txn *t, const char *prefix)
{
	add(t, OP_DELETE_PREFIX, prefix, SLICE_EMPTY);
}

size_t store_txn_octets(const struct store_txn *t)
{
	return t->ops.len;
}

void store_rollback(struct store_txn *t)
{
	wbuf_cut(&t->ops, 0);
	wbuf_reset(&t->ops);
	t->open = false;
}

static bool wants_rewrite(const struct store *s)
{
	size_t size = journal_size(s->journal);

	return size > COMPACT_MIN && size / COMPACT_FACTOR > s->map.used;
}

enum err store_commit(struct store_txn *t)
{
	struct store *s = t->store;
	struct changes c = {0};
	enum err e = t->open ? wbuf_done(&t->ops) : ERR_WRONG_STATE;

	if (!e)
		e = changes_read(&c, &s->map, wbuf_slice(&t->ops));
	if (!e && s->journal)
		e = journal_append(s->journal, wbuf_slice(&t->ops));
	if (!e)
		changes_apply(&c, &s->map);
	changes_free(&c);
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
