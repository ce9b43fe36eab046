#include "host/operator/exchange/extra.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct exchange_extra *exchange_extra_add(struct exchange_extras *x)
{
	if (x->count == x->cap) {
		size_t cap = x->cap ? 2 * x->cap : 16;
		struct exchange_extra *moved = realloc(x->items, cap * sizeof(*x->items));

		if (!moved)
			return NULL;
		x->items = moved;
		x->cap = cap;
	}
	x->items[x->count] = (struct exchange_extra){.link = ""};
	return &x->items[x->count++];
}

static int by_link(const void *a, const void *b)
{
	return strcmp(((const struct exchange_extra *)a)->link,
		      ((const struct exchange_extra *)b)->link);
}

void exchange_extras_join(struct exchange_extras *x, struct exchange_list *l)
{
	if (x->count)
		qsort(x->items, x->count, sizeof(*x->items), by_link);
	for (size_t i = 0; x->count && i < l->count; i++) {
		struct exchange_record *r = &l->records[i];
		struct exchange_extra key = {.link = ""};
		const struct exchange_extra *found;

		if (!*r->link)
			continue;
		snprintf(key.link, sizeof(key.link), "%s", r->link);
		found = bsearch(&key, x->items, x->count, sizeof(*x->items), by_link);
		if (found && !*r->half[0].imsi)
			memcpy(r->half[0].imsi, found->imsi, sizeof(found->imsi));
		if (found && !*r->half[0].msisdn)
			memcpy(r->half[0].msisdn, found->msisdn, sizeof(found->msisdn));
	}
	free(x->items);
	*x = (struct exchange_extras){.items = NULL};
}
