/*
 * map: the store's keys and values in memory, sorted by key. Values are copies; those of secrets
 * are the sealed form.
 */
#ifndef TWINKEY_CARD_MAP_H
#define TWINKEY_CARD_MAP_H

#include "card-emu/store/limits.h"
#include "lib/base/bytes.h"

struct map_entry {
	char key[STORE_KEY_MAX + 1];
	bool secret;
	struct slice value;
};

struct map {
	struct map_entry *entries; /* in no order, without gaps */
	uint32_t *order;	   /* their indexes, sorted by key: what moves is small */
	size_t count, cap;
	size_t used; /* octets of keys and values */
};

/* The i-th entry in the order of the keys; i < count. */
const struct map_entry *map_at(const struct map *m, size_t i);

const struct map_entry *map_find(const struct map *m, const char *key);
/* The first entry whose key is not below this one: its place, count when there is none. */
size_t map_lower(const struct map *m, const char *key);
/* Room for so many more keys: puts of them do not fail. */
enum err map_reserve(struct map *m, size_t more) MUST_CHECK;
/* Room must be reserved. Takes value over: memory from malloc(), wiped and freed with the entry. */
void map_put(struct map *m, const char *key, uint8_t *value, size_t len, bool secret);
void map_delete(struct map *m, const char *key);
void map_delete_prefix(struct map *m, const char *prefix);
void map_free(struct map *m);

#endif
