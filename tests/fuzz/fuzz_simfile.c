/* Any text as a subscription file: what is taken can be built into a profile package. */
#include <string.h>

#include "lib/profile/simfile.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wbuf upp = wbuf_grow(PROFILE_PACKAGE_MAX);
	struct simfile_error error = {0};
	struct simfile *f = NULL;
	enum err e = simfile_parse(slice_make(data, size), &f, &error);

	MUST((e == ERR_OK) == (f != NULL));
	if (e) {
		MUST(e == ERR_MEMORY || (error.why && *error.why));
		MUST(memchr(error.key, 0, sizeof(error.key)) != NULL);
	} else {
		MUST(profile_spec_check(&f->spec) == ERR_OK);
		MUST(profile_build(&f->spec, SLICE_EMPTY, &upp) == ERR_OK);
	}
	simfile_free(&f);
	wbuf_free(&upp);
	return 0;
}
