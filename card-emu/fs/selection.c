#include "card-emu/fs/selection.h"

#include <stdio.h>
#include <string.h>

#include "lib/uicc/fid.h"
#include "card-emu/fs/session.h"
#include "lib/uicc/apdu.h"

bool selection_exists(const struct fs_session *fs, const char *path)
{
	struct fs_file f;

	return fs_load(fs->store, fs->profile, path, &f) == ERR_OK;
}

bool selection_of(const struct fs_session *fs, const char *df, const char *path,
		  struct selection *out)
{
	struct selection p = {0};
	bool dir;

	if (fs_load(fs->store, fs->profile, path, &p.file))
		return false;
	dir = p.file.kind == UICC_DF;
	if (slice_text(slice_str(dir ? path : df), p.df, sizeof(p.df)) ||
	    slice_text(slice_str(dir ? "" : path), p.ef, sizeof(p.ef)))
		return false;
	/* 11.1.1.1: undefined in a linear EF, at the record that was updated last in a cyclic one
	 */
	p.record = p.file.kind == UICC_CYCLIC;
	*out = p;
	return true;
}

static bool uicc_child(const struct fs_session *fs, const char *df, uint16_t fid,
		       char out[static FS_PATH_MAX])
{
	return fs_path_join(df, fid, out) == ERR_OK && selection_exists(fs, out);
}

static bool uicc_parent(const struct fs_session *fs, const char *df, char out[static FS_PATH_MAX])
{
	(void)fs;
	return fs_path_parent(df, out);
}

/* TS 102 221 8.4.1: of the ADFs only that of the current application has an identifier, 7FFF. */
static uint16_t uicc_fid(const struct fs_session *fs, const struct fs_position *at, const char *df)
{
	uint8_t octets[2];
	struct cursor fid = cursor_of(SLICE_OF(octets));

	(void)fs;
	if (fs_path_is_adf(df))
		return strcmp(df, at->adf) == 0 ? FID_CURRENT_ADF : 0;
	if (hex_decode_exact(df + strlen(df) - FS_FID_LEN, octets, sizeof(octets)))
		return 0;
	return cursor_u16(&fid);
}

const struct tree_view tree_uicc = {uicc_child, uicc_parent, uicc_fid};

/* What a SELECT by FID starts from. */
struct seeking {
	const struct fs_session *fs;
	const struct fs_position *at;
	const struct tree_view *view;
	uint16_t fid;
};

static bool is_named(const struct seeking *s, const char *df)
{
	return s->fid && s->view->fid(s->fs, s->at, df) == s->fid;
}

static bool find_mf(const struct seeking *s, struct selection *out)
{
	return is_named(s, FS_PATH_MF) && selection_of(s->fs, FS_PATH_MF, FS_PATH_MF, out);
}

static bool find_adf(const struct seeking *s, struct selection *out)
{
	return *s->at->adf && is_named(s, s->at->adf) &&
	       selection_of(s->fs, s->at->adf, s->at->adf, out);
}

static bool find_child(const struct seeking *s, struct selection *out)
{
	char path[FS_PATH_MAX];

	return s->view->child(s->fs, s->at->df, s->fid, path) &&
	       selection_of(s->fs, s->at->df, path, out);
}

static bool find_self(const struct seeking *s, struct selection *out)
{
	return is_named(s, s->at->df) && selection_of(s->fs, s->at->df, s->at->df, out);
}

static bool find_parent(const struct seeking *s, struct selection *out)
{
	char parent[FS_PATH_MAX];

	return s->view->parent(s->fs, s->at->df, parent) && is_named(s, parent) &&
	       selection_of(s->fs, parent, parent, out);
}

/* A DF beside the current one; an EF there is out of reach. */
static bool find_sibling(const struct seeking *s, struct selection *out)
{
	char parent[FS_PATH_MAX], path[FS_PATH_MAX];
	struct selection p;

	if (!s->view->parent(s->fs, s->at->df, parent) ||
	    !s->view->child(s->fs, parent, s->fid, path) ||
	    !selection_of(s->fs, parent, path, &p) || *p.ef)
		return false;
	*out = p;
	return true;
}

/*
 * What a FID may name, TS 102 221 8.4.1 and TS 51.011 6.5, in the order of 11.1.1.2. Nothing else
 * can be selected by one.
 */
static const struct {
	const char *what;
	bool (*find)(const struct seeking *s, struct selection *out);
} selectable[] = {
	{"the MF", find_mf},
	{"the ADF of the current application", find_adf},
	{"a child of the current directory", find_child},
	{"the current directory", find_self},
	{"its parent", find_parent},
	{"a DF that has the same parent", find_sibling},
};

bool selection_find(const struct fs_session *fs, const struct fs_position *at,
		    const struct tree_view *view, uint16_t fid, struct selection *out)
{
	const struct seeking s = {fs, at, view, fid};

	for (size_t i = 0; i < ARRAY_LEN(selectable); i++) {
		if (selectable[i].find(&s, out))
			return true;
	}
	return false;
}

uint16_t selection_walk(const struct fs_session *fs, const struct fs_position *at, const char *from,
			struct slice fids, struct selection *out)
{
	struct cursor c = cursor_of(fids);
	char path[FS_PATH_MAX], dir[FS_PATH_MAX];

	if (fids.len == 0 || fids.len % 2)
		return SW_WRONG_LENGTH;
	memcpy(path, from, strlen(from) + 1);
	memcpy(dir, path, sizeof(dir));
	for (bool first = true; cursor_left(&c); first = false) {
		uint16_t fid = cursor_u16(&c);

		if (first && fid == FID_CURRENT_ADF) {
			if (!*at->adf)
				return SW_FILE_NOT_FOUND;
			memcpy(path, at->adf, sizeof(path));
			continue;
		}
		if (first && fid == FID_MF && strcmp(from, FS_PATH_MF) == 0)
			continue;
		memcpy(dir, path, sizeof(dir));
		if (!tree_uicc.child(fs, dir, fid, path))
			return SW_FILE_NOT_FOUND;
	}
	return selection_of(fs, dir, path, out) ? SW_OK : SW_FILE_NOT_FOUND;
}

void selection_enter(struct fs_position *at, const struct selection *to)
{
	position_end_transfer(at);
	memcpy(at->df, to->df, sizeof(at->df));
	memcpy(at->ef, to->ef, sizeof(at->ef));
	at->record = to->record;
}
