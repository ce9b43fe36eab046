/*
 * adf: the ADFs of a profile, by their AIDs.
 */
#ifndef TWINKEY_CARD_ADF_H
#define TWINKEY_CARD_ADF_H

#include "card-emu/fs/path.h"

struct fs_session;

/* Calls each() for every ADF in the order of their identifiers, until it returns false. */
void adf_each(const struct fs_session *fs,
	      bool (*each)(void *ctx, const char *path, struct slice aid), void *ctx);
/* The first ADF whose AID begins with aid. */
bool adf_find(const struct fs_session *fs, struct slice aid, char out[static FS_PATH_MAX]);

#endif
