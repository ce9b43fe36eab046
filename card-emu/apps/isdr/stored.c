#include "card-emu/apps/isdr/stored.h"

#include <stdio.h>

#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"

void isdr_key(char key[static STORE_KEY_MAX + 1], const char *format, unsigned n)
{
	/* the formats of keys.h are the only ones that come here */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(key, STORE_KEY_MAX + 1, format, n);
#pragma GCC diagnostic pop
}

struct slice isdr_stored(struct card *card, const char *key)
{
	struct slice v = SLICE_EMPTY;

	store_get(card_store(card), key, &v);
	return v;
}

struct slice isdr_stored_for(struct card *card, const char *format, unsigned n)
{
	char key[STORE_KEY_MAX + 1];

	isdr_key(key, format, n);
	return isdr_stored(card, key);
}

struct ci_list {
	struct slice *certs;
	size_t n;
};

static bool collect_ci(void *ctx, const char *key, struct slice value)
{
	struct ci_list *list = ctx;

	(void)key;
	list->certs[list->n++] = value;
	return list->n < CARD_CI_MAX;
}

size_t isdr_ci_certs(struct card *card, struct slice out[static CARD_CI_MAX])
{
	struct ci_list list = {out, 0};

	store_each(card_store(card), STORE_PREFIX_CI, collect_ci, &list);
	return list.n;
}
