/*
 * selection: where a FID or a path leads from where a channel stands (TS 102 221 8.4). Nothing
 * changes before selection_enter().
 */
#ifndef TWINKEY_CARD_SELECTION_H
#define TWINKEY_CARD_SELECTION_H

#include "card-emu/fs/fs.h"

struct fs_position;
struct fs_session;

struct selection {
	char df[FS_PATH_MAX], ef[FS_PATH_MAX]; /* ef "": a directory */
	uint8_t record;			       /* the record pointer after the selection */
	struct fs_file file;		       /* the EF, or the directory */
};

/* How a class of commands sees the tree: the UICC's own, or the 2G view (card-emu/apps/gsm.c). */
struct tree_view {
	/* The file with this identifier in directory df. */
	bool (*child)(const struct fs_session *fs, const char *df, uint16_t fid,
		      char out[static FS_PATH_MAX]);
	bool (*parent)(const struct fs_session *fs, const char *df, char out[static FS_PATH_MAX]);
	/* The identifier of a directory; 0: it is selected by none. */
	uint16_t (*fid)(const struct fs_session *fs, const struct fs_position *at, const char *df);
};
extern const struct tree_view tree_uicc;

bool selection_exists(const struct fs_session *fs, const char *path);
/* The file path, seen in directory df. */
bool selection_of(const struct fs_session *fs, const char *df, const char *path,
		  struct selection *out);
/* The file that a FID names from the current directory (TS 102 221 8.4.1). */
bool selection_find(const struct fs_session *fs, const struct fs_position *at,
		    const struct tree_view *view, uint16_t fid, struct selection *out);
/* The file at the end of a path of FIDs; from: the directory where it begins. 9000, or why not. */
uint16_t selection_walk(const struct fs_session *fs, const struct fs_position *at, const char *from,
			struct slice fids, struct selection *out);
/* Makes it the current place; a transfer of a data object ends. */
void selection_enter(struct fs_position *at, const struct selection *to);

#endif
