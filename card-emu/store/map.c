#include "card-emu/store/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/secret.h"

size_t map_lower(const struct map *m, const char *key)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(m->entries[mid].key, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct map_entry *map_find(const struct map *m, const char *key)
{
	size_t at = map_lower(m, key);

	return at < m->count && strcmp(m->entries[at].key, key) == 0 ? &m->entries[at] : NULL;
}

static void free_value(struct map *m, struct map_entry *e)
{
	uint8_t *p = (uint8_t *)(uintptr_t)e->value.ptr; /* map_put() took it over */

	m->used -= strlen(e->key) + e->value.len;
	secret_wipe(p, e->value.len); /* a file may hold what its owner calls secret */
	free(p);
}

enum err map_reserve(struct map *m, size_t more)
{
	struct map_entry *entries;
	size_t cap = m->cap ? m->cap : 64;

	while (cap - m->count < more)
		cap *= 2;
	if (cap == m->cap)
		return ERR_OK;
	entries = realloc(m->entries, cap * sizeof(*entries));
	if (!entries)
		return ERR_MEMORY;
	m->entries = entries;
	m->cap = cap;
	return ERR_OK;
}

void map_put(struct map *m, const char *key, uint8_t *value, size_t len, bool secret)
{
	size_t at = map_lower(m, key);
	struct map_entry *e = &m->entries[at];

	if (at < m->count && strcmp(e->key, key) == 0) {
		free_value(m, e);
	} else {
		memmove(e + 1, e, (m->count - at) * sizeof(*e));
		m->count++;
		memcpy(e->key, key, strlen(key) + 1); /* STORE_KEY_MAX at most */
	}
	e->secret = secret;
	e->value = slice_make(value, len);
	m->used += strlen(key) + len;
}

static void delete_at(struct map *m, size_t at)
{
	free_value(m, &m->entries[at]);
	m->count--;
	memmove(&m->entries[at], &m->entries[at + 1], (m->count - at) * sizeof(m->entries[0]));
}

void map_delete(struct map *m, const char *key)
{
	size_t at = map_lower(m, key);

	if (at < m->count && strcmp(m->entries[at].key, key) == 0)
		delete_at(m, at);
}

void map_delete_prefix(struct map *m, const char *prefix)
{
	size_t at = map_lower(m, prefix);

	while (at < m->count && strncmp(m->entries[at].key, prefix, strlen(prefix)) == 0)
		delete_at(m, at);
}

void map_free(struct map *m)
{
	while (m->count)
		delete_at(m, m->count - 1);
	free(m->entries);
	*m = (struct map){0};
}
