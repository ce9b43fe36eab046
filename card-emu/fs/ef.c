#include "card-emu/fs/ef.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/core/app.h"
#include "card-emu/fs/selection.h"
#include "card-emu/fs/session.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"

struct sfi_search {
	const char *df; /* where its files really lie */
	uint8_t sfi;
	char fid[5];
	bool found;
};

static bool look_at_sfi(void *ctx, const char *key, struct slice value)
{
	struct sfi_search *s = ctx;
	const char *path = strrchr(key, '/') + 1;
	struct fs_file f;

	if (strlen(path) != strlen(s->df) + 4 || strncmp(path, s->df, strlen(s->df)) != 0 ||
	    fs_decode(value, &f) || f.kind == UICC_DF || f.sfi != s->sfi)
		return true;
	memcpy(s->fid, path + strlen(s->df), sizeof(s->fid));
	s->found = true;
	return false;
}

/* The EF of this SFI in the current DF. */
static bool find_sfi(const struct fs_session *fs, const struct fs_position *at, uint8_t sfi,
		     char path[static FS_PATH_MAX])
{
	char home[FS_PATH_MAX], prefix[STORE_KEY_MAX + 1];
	struct sfi_search search = {.df = home, .sfi = sfi};

	if (fs_canonical(fs->store, fs->profile, at->df, home))
		return false;
	snprintf(prefix, sizeof(prefix), STORE_PREFIX_FILES "%s", fs->profile, home);
	store_each(fs->store, prefix, look_at_sfi, &search);
	return search.found &&
	       snprintf(path, FS_PATH_MAX, "%s%s", at->df, search.fid) < FS_PATH_MAX;
}

uint16_t ef_addressed(struct app_call *call, uint8_t sfi, struct ef *out)
{
	struct fs_position *at = call->at;
	struct selection p;

	if (sfi) {
		if (!find_sfi(call->fs, at, sfi, out->path))
			return SW_FILE_NOT_FOUND;
		if (!selection_of(call->fs, at->df, out->path, &p))
			return SW_TECHNICAL;
		selection_enter(at, &p); /* TS 102 221 8.4.3: it becomes the current EF */
	} else if (!*at->ef) {
		return SW_NO_EF_SELECTED;
	} else {
		memcpy(out->path, at->ef, sizeof(out->path));
	}
	return fs_load(call->fs->store, call->fs->profile, out->path, &out->file) ? SW_TECHNICAL
										  : SW_OK;
}

static enum ef_shape shape_of(const struct fs_file *f)
{
	switch (f->kind) {
	case UICC_LINEAR:
	case UICC_CYCLIC: return EF_RECORDS;
	case UICC_BER_TLV: return EF_OBJECTS;
	default: return EF_TRANSPARENT;
	}
}

uint16_t ef_check(const struct fs_session *fs, const struct ef *ef, enum ef_shape shape,
		  enum fs_access access)
{
	bool always_usable = ef->file.special & UICC_SPECIAL_READABLE &&
			     (access == ACCESS_READ || access == ACCESS_UPDATE);

	if (ef->file.kind == UICC_DF || shape_of(&ef->file) != shape)
		return SW_COMMAND_INCOMPATIBLE;
	if (!access_allowed(fs, ef->path, &ef->file, access))
		return SW_SECURITY_STATUS;
	if (ef->file.lcsi == UICC_LCSI_DEACTIVATED && !always_usable)
		return SW_REFERENCED_DATA;
	return SW_OK;
}

uint16_t ef_open(struct app_call *call, uint8_t sfi, enum ef_shape shape, enum fs_access access,
		 struct ef *out)
{
	uint16_t sw = ef_addressed(call, sfi, out);

	return sw == SW_OK ? ef_check(call->fs, out, shape, access) : sw;
}

uint16_t ef_commit_content(struct app_call *call, const struct ef *ef, struct slice content)
{
	struct store_txn *t = store_begin(call->fs->store);
	enum err e = fs_put_content(t, call->fs->profile, ef->path, &ef->file, content);

	return sw_of_store(e ? e : store_commit(t));
}

uint16_t ef_commit(struct app_call *call, const struct ef *ef, size_t offset, struct slice data)
{
	struct wbuf content = wbuf_grow(STORE_VALUE_MAX);
	struct slice old = ef->file.content;
	enum err e;
	uint16_t sw;

	wbuf_put(&content, slice_sub(old, 0, offset));
	wbuf_put(&content, data);
	wbuf_put(&content, slice_sub(old, offset + data.len, old.len));
	e = wbuf_done(&content);
	sw = e ? sw_of_store(e) : ef_commit_content(call, ef, wbuf_slice(&content));
	wbuf_free(&content);
	return sw;
}

uint16_t ef_set_state(struct app_call *call, struct ef *ef, enum fs_access access)
{
	struct fs_session *fs = call->fs;
	char home[FS_PATH_MAX];
	struct store_txn *t;
	enum err e;

	if (!access_allowed(fs, ef->path, &ef->file, access))
		return SW_SECURITY_STATUS;
	if (fs_canonical(fs->store, fs->profile, ef->path, home))
		return SW_TECHNICAL;
	ef->file.lcsi = access == ACCESS_ACTIVATE ? UICC_LCSI_ACTIVATED : UICC_LCSI_DEACTIVATED;
	t = store_begin(fs->store);
	e = fs_put(t, fs->profile, home, &ef->file);
	return sw_of_store(e ? e : store_commit(t));
}
