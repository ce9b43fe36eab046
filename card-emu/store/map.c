#include "card-emu/store/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"

const struct map_entry *map_at(const struct map *m, size_t i)
{
	return &m->entries[m->order[i]];
}

size_t map_lower(const struct map *m, const char *key)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(map_at(m, mid)->key, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool stands_at(const struct map *m, size_t at, const char *key)
{
	return at < m->count && strcmp(map_at(m, at)->key, key) == 0;
}

const struct map_entry *map_find(const struct map *m, const char *key)
{
	size_t at = map_lower(m, key);

	return stands_at(m, at, key) ? map_at(m, at) : NULL;
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
	uint32_t *order;
	size_t cap = m->cap ? m->cap : 64;

	while (cap - m->count < more)
		cap *= 2;
	if (cap == m->cap)
		return ERR_OK;
	entries = realloc(m->entries, cap * sizeof(*entries));
	if (!entries)
		return ERR_MEMORY;
	m->entries = entries;
	order = realloc(m->order, cap * sizeof(*order));
	if (!order)
		return ERR_MEMORY;
	m->order = order;
	m->cap = cap;
	return ERR_OK;
}

void map_put(struct map *m, const char *key, uint8_t *value, size_t len, bool secret)
{
	size_t at = map_lower(m, key);
	struct map_entry *e;

	if (stands_at(m, at, key)) {
		e = &m->entries[m->order[at]];
		free_value(m, e);
	} else {
		memmove(&m->order[at + 1], &m->order[at], (m->count - at) * sizeof(m->order[0]));
		m->order[at] = (uint32_t)m->count;
		e = &m->entries[m->count++];
		memcpy(e->key, key, strlen(key) + 1); /* STORE_KEY_MAX at most */
	}
	e->secret = secret;
	e->value = slice_make(value, len);
	m->used += strlen(key) + len;
}

/* The last entry takes the place of the one that goes. */
static void delete_at(struct map *m, size_t at)
{
	size_t gap = m->order[at], last = m->count - 1;

	free_value(m, &m->entries[gap]);
	if (gap != last) {
		m->order[map_lower(m, m->entries[last].key)] = (uint32_t)gap;
		m->entries[gap] = m->entries[last];
	}
	m->count--;
	memmove(&m->order[at], &m->order[at + 1], (m->count - at) * sizeof(m->order[0]));
}

void map_delete(struct map *m, const char *key)
{
	size_t at = map_lower(m, key);

	if (stands_at(m, at, key))
		delete_at(m, at);
}

void map_delete_prefix(struct map *m, const char *prefix)
{
	size_t at = map_lower(m, prefix);

	while (at < m->count && strncmp(map_at(m, at)->key, prefix, strlen(prefix)) == 0)
		delete_at(m, at);
}

void map_free(struct map *m)
{
	while (m->count)
		delete_at(m, m->count - 1);
	free(m->entries);
	free(m->order);
	*m = (struct map){0};
}
