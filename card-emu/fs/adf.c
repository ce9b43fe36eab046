#include "card-emu/fs/adf.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/fs/fs.h"
#include "card-emu/fs/session.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"

struct walk {
	bool (*each)(void *ctx, const char *path, struct slice aid);
	void *ctx;
};

/* ADFs are the files whose path is one FID and that have an AID. */
static bool look_at_file(void *ctx, const char *key, struct slice value)
{
	const struct walk *w = ctx;
	const char *path = strrchr(key, '/') + 1;
	struct fs_file f;

	if (strlen(path) != FS_FID_LEN || fs_decode(value, &f) || !f.aid.len)
		return true;
	return w->each(w->ctx, path, f.aid);
}

void adf_each(const struct fs_session *fs,
	      bool (*each)(void *ctx, const char *path, struct slice aid), void *ctx)
{
	struct walk w = {each, ctx};
	char prefix[STORE_KEY_MAX + 1];

	snprintf(prefix, sizeof(prefix), STORE_PREFIX_FILES, fs->profile);
	store_each(fs->store, prefix, look_at_file, &w);
}

struct wanted {
	struct slice aid;
	char *path;
	bool found;
};

static bool compare_aid(void *ctx, const char *path, struct slice aid)
{
	struct wanted *w = ctx;

	w->found = slice_starts(aid, w->aid);
	if (w->found)
		memcpy(w->path, path, FS_FID_LEN + 1);
	return !w->found;
}

bool adf_find(const struct fs_session *fs, struct slice aid, char out[static FS_PATH_MAX])
{
	struct wanted w = {.aid = aid, .path = out};

	adf_each(fs, compare_aid, &w);
	return w.found;
}
