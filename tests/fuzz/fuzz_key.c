/* Any bytes as a file with a private key; one that is taken is written in the one form, and read
 * again. */
#include "lib/base/bytes.h"
#include "lib/crypto/ec.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ec_key *key = NULL, *again = NULL;
	struct wbuf der = wbuf_grow(4096);

	if (ec_key_load(slice_make(data, size), &key) == ERR_OK) {
		MUST(ec_key_save(key, &der) == ERR_OK);
		MUST(ec_key_load(wbuf_slice(&der), &again) == ERR_OK);
		MUST(slice_equal(ec_key_point(again), ec_key_point(key)));
	}
	ec_key_free(&key);
	ec_key_free(&again);
	wbuf_free(&der);
	return 0;
}
