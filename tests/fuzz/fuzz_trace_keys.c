/* Any text as an auditor's file of keys: what is taken has a name and values. */
#include <string.h>

#include "lib/trace/keys/keys.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct card_keys *keys = NULL;
	struct card_keys_error why = {0};
	enum err e = card_keys_parse(slice_make(data, size), &keys, &why);

	MUST((e == ERR_OK) == (keys != NULL));
	MUST(!e || e == ERR_MEMORY || (why.why && *why.why));
	MUST(card_keys_count(keys) <= CARD_KEYS_MAX);
	for (size_t i = 0; i < card_keys_count(keys); i++) {
		const struct card_key *k = card_keys_at(keys, i);

		MUST(*k->name && memchr(k->name, 0, sizeof(k->name)) && k->values[0]);
	}
	card_keys_free(&keys);
	return 0;
}
