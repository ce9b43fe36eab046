/* Any bytes as a backup in one file: what is taken out of it is in the folder, and nowhere else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/backup/bundle.h"
#include "tests/support/must.h"
#include "tests/support/scratch.h"
#include "tool/sys/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[128];

static void remove_all(void)
{
	file_remove_tree(dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[160], out[160], canary[192];
	enum err e;
	FILE *f;

	if (!*dir) {
		scratch_make(NULL, "bundle", dir, sizeof(dir));
		atexit(remove_all);
		snprintf(path, sizeof(path), "%s/file", dir);
		snprintf(out, sizeof(out), "%s/out", dir);
		snprintf(canary, sizeof(canary), "%s/canary", dir);
	}
	f = fopen(path, "wb");
	MUST(f && (!size || fwrite(data, size, 1, f) == 1) && fclose(f) == 0);
	MUST(file_make_dir(out) == ERR_OK);
	e = bundle_read(path, out);
	MUST(access(canary, F_OK) != 0);
	MUST(e != ERR_OK || size >= 512);
	file_remove_tree(out);
	return 0;
}
