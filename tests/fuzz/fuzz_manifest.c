/* Any bytes as the manifest of a backup; one that is taken is written and read again, the same. */
#include <string.h>

#include "host/operator/backup/manifest.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest m, again;
	struct wbuf text = wbuf_grow(MANIFEST_MAX);

	if (manifest_parse(slice_make(data, size), &m) == ERR_OK) {
		for (size_t i = 0; i < m.count; i++) {
			MUST(manifest_path_good(m.files[i].path));
			MUST(!strstr(m.files[i].path, "..") || !strstr(m.files[i].path, "/.."));
			MUST(m.files[i].path[0] != '/' && !(m.files[i].mode & 022));
		}
		MUST(manifest_encode(&m, &text) == ERR_OK);
		MUST(manifest_parse(wbuf_slice(&text), &again) == ERR_OK);
		MUST(again.count == m.count && again.at == m.at && again.sealed == m.sealed);
		for (size_t i = 0; i < m.count; i++)
			MUST(memcmp(&again.files[i], &m.files[i], sizeof(m.files[i])) == 0);
		manifest_free(&again);
		manifest_free(&m);
	}
	wbuf_free(&text);
	return 0;
}
