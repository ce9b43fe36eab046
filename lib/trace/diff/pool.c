#include "lib/trace/diff/pool.h"

#include <stdlib.h>

#include "lib/crypto/symmetric.h"

#define FIRST_SLOTS 1024 /* a power of two, as all that follow */
#define COUNT_MAX   (UINT32_MAX / 4)

struct string {
	size_t at, len;
	uint64_t hash;
};

struct pool {
	struct wbuf octets;
	struct string *strings;
	uint32_t count, cap;
	uint32_t *slots; /* number and one; 0: free */
	size_t slot_count;
};

struct pool *pool_open(size_t limit)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->octets = wbuf_grow(limit);
	p->slots = calloc(FIRST_SLOTS, sizeof(*p->slots));
	p->slot_count = FIRST_SLOTS;
	if (!p->slots)
		pool_close(&p);
	return p;
}

struct slice pool_get(const struct pool *p, uint32_t number)
{
	const struct string *s = &p->strings[number];

	return slice_sub(wbuf_slice(&p->octets), s->at, s->len);
}

uint32_t pool_count(const struct pool *p)
{
	return p->count;
}

/* Who writes a trace cannot choose strings that meet in one slot. */
static enum err hash_of(struct slice octets, uint64_t *out)
{
	uint8_t digest[SHA256_LEN];
	enum err e = sha256(&octets, 1, digest);

	if (!e)
		*out = slice_uint(slice_make(digest, sizeof(*out)), sizeof(*out));
	return e;
}

/* The slot of the string, or the free one where it belongs. */
static uint32_t *slot_of(const struct pool *p, struct slice octets, uint64_t hash)
{
	size_t i = hash & (p->slot_count - 1);

	while (p->slots[i]) {
		uint32_t number = p->slots[i] - 1;

		if (p->strings[number].hash == hash && slice_equal(pool_get(p, number), octets))
			break;
		i = (i + 1) & (p->slot_count - 1);
	}
	return &p->slots[i];
}

static enum err grow_slots(struct pool *p)
{
	size_t count = 2 * p->slot_count;
	uint32_t *slots;

	if (p->count < p->slot_count / 2)
		return ERR_OK;
	slots = calloc(count, sizeof(*slots));
	if (!slots)
		return ERR_MEMORY;
	for (uint32_t n = 0; n < p->count; n++) {
		size_t i = p->strings[n].hash & (count - 1);

		while (slots[i])
			i = (i + 1) & (count - 1);
		slots[i] = n + 1;
	}
	free(p->slots);
	p->slots = slots;
	p->slot_count = count;
	return ERR_OK;
}

static enum err grow_strings(struct pool *p)
{
	uint32_t cap = p->cap ? 2 * p->cap : FIRST_SLOTS;
	struct string *more;

	if (p->count < p->cap)
		return ERR_OK;
	if (p->count >= COUNT_MAX)
		return ERR_SPACE;
	more = realloc(p->strings, cap * sizeof(*more));
	if (!more)
		return ERR_MEMORY;
	p->strings = more;
	p->cap = cap;
	return ERR_OK;
}

enum err pool_keep(struct pool *p, struct slice octets, uint32_t *out)
{
	uint64_t hash = 0;
	uint32_t *slot;
	enum err e = hash_of(octets, &hash);

	if (!e)
		e = grow_slots(p);
	if (!e)
		e = grow_strings(p);
	if (e)
		return e;
	slot = slot_of(p, octets, hash);
	if (!*slot) {
		p->strings[p->count] =
			(struct string){.at = p->octets.len, .len = octets.len, .hash = hash};
		wbuf_put(&p->octets, octets);
		e = wbuf_done(&p->octets);
		if (e)
			return e;
		*slot = ++p->count;
	}
	*out = *slot - 1;
	return ERR_OK;
}

void pool_close(struct pool **p)
{
	struct pool *mine = *p;

	*p = NULL;
	if (!mine)
		return;
	wbuf_free(&mine->octets);
	free(mine->strings);
	free(mine->slots);
	free(mine);
}
