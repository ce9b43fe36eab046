/* Any text as an auditor's file of keys: what is taken is whole, and found; what is not says in
 * which line. */
#include <string.h>

#include "lib/trace/keys/keys.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_found(const struct trace_keys *keys, enum key_kind kind, struct slice id)
{
	const struct key_row *row = NULL;
	size_t n = 0;

	while ((row = keys_next(keys, kind, id, row)) != NULL) {
		MUST(row->kind == kind && row->id_len <= KEYS_ID_MAX && (row->any || row->id_len));
		MUST(kind == KEY_SCP80 || (row->parts[0] && row->parts[1]));
		n++;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trace_keys *keys = NULL;
	struct keys_error why = {0};
	enum err e = keys_parse(slice_make(data, size), &keys, &why);

	MUST((e == ERR_OK) == (keys != NULL));
	MUST(!e || e == ERR_MEMORY || (why.line > 0 && why.why && *why.why));
	for (size_t i = 0; i < keys_card_count(keys); i++) {
		const struct key_row *k = keys_card_at(keys, i);

		MUST(k->kind <= KEY_XOR && k->parts[0]);
		MUST(*k->name && memchr(k->name, 0, sizeof(k->name)));
	}
	for (enum key_kind kind = KEY_SCP02; keys && kind <= KEY_BSP_OTSK; kind++)
		MUST(count_found(keys, kind, slice_make(data, 1)) <= size);
	keys_free(&keys);
	return 0;
}
