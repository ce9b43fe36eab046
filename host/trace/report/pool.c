#include "host/trace/report/pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK (32u << 10)

struct pool_block {
	struct pool_block *before;
	size_t size;
	char octets[];
};

static bool pool_grow(struct pool *p, size_t need)
{
	size_t size = need > BLOCK ? need : BLOCK;
	struct pool_block *b = malloc(sizeof(*b) + size);

	if (!b)
		return false;
	b->before = p->last;
	b->size = size;
	p->last = b;
	p->used = 0;
	p->octets += size;
	return true;
}

const char *pool_text(struct pool *p, const char *text)
{
	size_t need = strlen(text) + 1;
	char *at;

	if (need == 1)
		return "";
	if ((!p->last || p->last->size - p->used < need) && !pool_grow(p, need))
		return NULL;
	at = p->last->octets + p->used;
	memcpy(at, text, need);
	p->used += need;
	return at;
}

void pool_free(struct pool *p)
{
	while (p->last) {
		struct pool_block *b = p->last;

		p->last = b->before;
		free(b);
	}
	*p = (struct pool){0};
}
