/* Interprets any bytes as a profile package, as a patch and as SealedElements, into a card. */
#include <stdlib.h>

#include "card-emu/uicc/install.h"
#include "lib/profile/interpret.h"
#include "lib/profile/sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_sealed(struct slice input)
{
	static const uint8_t key[SEALED_KEY_LEN];
	struct secret *elements = NULL;
	struct sealed sealed;

	if (sealed_parse(input, &sealed))
		return;
	if (sealed.fields.key_id == 0 || sealed.fields.release_point.len != EC_POINT_LEN)
		abort();
	if (sealed_open(&sealed, SLICE_OF(key), &elements) == ERR_OK && !elements)
		abort();
	secret_free(&elements);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_make(data, size);
	struct wbuf report = wbuf_grow(PROFILE_REPORT_MAX);
	struct store *s = NULL;
	struct store_txn *t;
	uint8_t iccid[10];

	if (store_open(NULL, STORE_CREATE | STORE_MEMORY, &s))
		abort();
	t = store_begin(s);
	if (install_profile(&(struct install_place){t, 1, 0}, input, iccid, &report) == ERR_OK) {
		if (store_commit(t))
			abort();
	} else {
		store_rollback(t);
		if (wbuf_done(&report) || report.len == 0)
			abort();
	}
	t = store_begin(s);
	if (install_patch(s, t, 1, input))
		store_rollback(t);
	else if (store_commit(t))
		abort();
	try_sealed(input);
	store_close(&s);
	wbuf_free(&report);
	return 0;
}
