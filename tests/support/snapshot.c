#include "lib/base/secret.h"
#include "tests/support/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/must.h"

#define ENTRIES_MAX 2048

struct entry {
	char key[STORE_KEY_MAX + 1];
	bool secret;
	struct wbuf value;
};

struct snapshot {
	char prefix[STORE_KEY_MAX + 1];
	size_t count;
	struct entry entries[ENTRIES_MAX];
};

struct walk {
	const struct store *store;
	const struct snapshot *snapshot;
	size_t at;
	char difference[STORE_KEY_MAX + 1];
	struct store_txn *txn; /* NULL: only look */
};

static bool collect(void *ctx, const char *key, struct slice value)
{
	struct walk *w = ctx;
	struct snapshot *s = (struct snapshot *)(uintptr_t)w->snapshot; /* it is being made */
	struct entry *e = &s->entries[s->count++];
	struct secret *plain = NULL;
	struct slice ignored;

	MUST(s->count < ENTRIES_MAX);
	memcpy(e->key, key, strlen(key) + 1); /* the store's keys have STORE_KEY_MAX at most */
	e->secret = !store_get(w->store, key, &ignored);
	e->value = wbuf_grow(STORE_VALUE_MAX);
	if (e->secret)
		MUST(store_get_secret(w->store, key, &plain) == ERR_OK);
	wbuf_put(&e->value, e->secret ? secret_slice(plain) : value);
	MUST(wbuf_done(&e->value) == ERR_OK);
	secret_free(&plain);
	return true;
}

struct snapshot *snapshot_take(const struct store *s, const char *prefix)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	struct walk w = {.store = s, .snapshot = snapshot};

	MUST(snapshot != NULL && strlen(prefix) <= STORE_KEY_MAX);
	memcpy(snapshot->prefix, prefix, strlen(prefix));
	store_each(s, prefix, collect, &w);
	return snapshot;
}

void snapshot_free(struct snapshot **snapshot)
{
	if (!*snapshot)
		return;
	for (size_t i = 0; i < (*snapshot)->count; i++)
		wbuf_free(&(*snapshot)->entries[i].value);
	free(*snapshot);
	*snapshot = NULL;
}

static bool same(const struct store *s, const struct entry *e, struct slice value)
{
	struct secret *plain = NULL;
	struct slice ignored;
	bool equal;

	if (e->secret == store_get(s, e->key, &ignored))
		return false;
	if (e->secret && store_get_secret(s, e->key, &plain) != ERR_OK)
		return false;
	equal = slice_equal(e->secret ? secret_slice(plain) : value, wbuf_slice(&e->value));
	secret_free(&plain);
	return equal;
}

/* True while the walk goes on: a restoring walk never stops. */
static bool differs(struct walk *w, const char *key)
{
	if (!w->difference[0])
		memcpy(w->difference, key, strlen(key) + 1);
	return w->txn != NULL;
}

static bool put_back(struct walk *w, const struct entry *e)
{
	if (w->txn && e->secret)
		store_put_secret(w->txn, e->key, wbuf_slice(&e->value));
	else if (w->txn)
		store_put(w->txn, e->key, wbuf_slice(&e->value));
	return differs(w, e->key);
}

/* Both lists are in the order of the keys. */
static bool compare(void *ctx, const char *key, struct slice value)
{
	struct walk *w = ctx;
	const struct snapshot *s = w->snapshot;

	while (w->at < s->count && strcmp(s->entries[w->at].key, key) < 0)
		if (!put_back(w, &s->entries[w->at++]))
			return false;
	if (w->at < s->count && strcmp(s->entries[w->at].key, key) == 0) {
		const struct entry *e = &s->entries[w->at++];

		return same(w->store, e, value) || put_back(w, e);
	}
	if (w->txn)
		store_delete(w->txn, key);
	return differs(w, key);
}

static void walk(struct walk *w)
{
	store_each(w->store, w->snapshot->prefix, compare, w);
	while ((w->txn || !w->difference[0]) && w->at < w->snapshot->count)
		put_back(w, &w->snapshot->entries[w->at++]);
}

const char *snapshot_difference(const struct snapshot *snapshot, const struct store *s)
{
	static struct walk w;

	w = (struct walk){.store = s, .snapshot = snapshot};
	walk(&w);
	return w.difference[0] ? w.difference : NULL;
}

void snapshot_restore(const struct snapshot *snapshot, struct store *s)
{
	struct walk w = {.store = s, .snapshot = snapshot, .txn = store_begin(s)};

	walk(&w);
	if (w.difference[0])
		MUST(store_commit(w.txn) == ERR_OK);
	else
		store_rollback(w.txn);
}
