/*
 * staging: files on their way into the store. What one package or patch makes and changes is
 * collected here, so that later steps see earlier ones, before it goes into the transaction.
 */
#ifndef TWINKEY_CARD_STAGING_H
#define TWINKEY_CARD_STAGING_H

#include "card-emu/fs/fs.h"

#define STAGING_FILES_MAX  1024
#define STAGING_OCTETS_MAX (1024 * 1024) /* contents of all files */

struct staged_file {
	char path[FS_PATH_MAX];
	struct fs_file file; /* its slices lie in mem */
	struct wbuf mem;     /* content first */
};

struct staging {
	struct staged_file *files;
	size_t count, cap, octets;
};

/* A new file, copied. ERR_EXISTS: the path is taken; ERR_FULL: over the limits above. */
enum err staging_add(struct staging *g, const char *path, const struct fs_file *f) MUST_CHECK;
/* NULL when there is none with this path. */
struct staged_file *staging_find(struct staging *g, const char *path);
/* Overwrites octets of the content. ERR_VALUE: past its end. */
enum err staging_fill(struct staged_file *f, size_t offset, struct slice content) MUST_CHECK;
void staging_free(struct staging *g);

#endif
