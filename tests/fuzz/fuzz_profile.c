/* Interprets any bytes as a profile package, as a patch and as SealedElements, into a card. */
#include <stdlib.h>

#include "card-emu/profile/install.h"
#include "card-emu/profile/record.h"
#include "card-emu/store/store.h"
#include "lib/base/secret.h"
#include "lib/profile/interpret/interpret.h"
#include "lib/profile/report.h"
#include "lib/profile/sealed.h"

/* Makes a set of services of a length. */
#define SPREAD 2654435761u

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

/* Into a card without these services. Whatever it comes to, the report can be read. */
static void try_install(struct store *s, struct slice input, uint32_t without)
{
	struct wbuf report = wbuf_grow(PROFILE_REPORT_MAX);
	struct store_txn *t = store_begin(s);
	struct install_place place = {t, profile_free_number(s), without};
	struct pe_note notes[4];
	uint8_t iccid[10];
	size_t count;
	enum err e = install_profile(&place, input, iccid, &report);

	if (e)
		store_rollback(t);
	else if (store_commit(t))
		abort();
	if (wbuf_done(&report) ||
	    pe_report_read(wbuf_slice(&report), notes, ARRAY_LEN(notes), &count) ||
	    (notes[count - 1].status == PE_OK) != (e == ERR_OK))
		abort();
	wbuf_free(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_make(data, size);
	struct store *s = NULL;
	struct store_txn *t;

	if (store_open(NULL, STORE_CREATE | STORE_MEMORY, &s))
		abort();
	try_install(s, input, 0);
	try_install(s, input, (uint32_t)size * SPREAD);
	t = store_begin(s);
	if (install_patch(s, &(struct install_place){t, 1, 0},
			  &(struct install_opened){.elements = input}))
		store_rollback(t);
	else if (store_commit(t))
		abort();
	try_sealed(input);
	store_close(&s);
	return 0;
}
