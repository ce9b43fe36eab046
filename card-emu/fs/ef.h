/*
 * ef: the elementary file that a command works on: found, checked, changed.
 */
#ifndef TWINKEY_CARD_EF_H
#define TWINKEY_CARD_EF_H

#include "card-emu/fs/access.h"
#include "card-emu/fs/fs.h"

struct app_call;

struct ef {
	char path[FS_PATH_MAX];
	struct fs_file file; /* borrows from the store until the next commit */
};

/* What a command is for. */
enum ef_shape { EF_TRANSPARENT, EF_RECORDS, EF_OBJECTS };

/* All give 9000, or why not. */
/* The file that a command addresses, by SFI (it becomes the current EF) or, sfi 0, the current EF.
 */
uint16_t ef_addressed(struct app_call *call, uint8_t sfi, struct ef *out);
/* That file, if its shape, its access rules and its state allow the command. */
uint16_t ef_open(struct app_call *call, uint8_t sfi, enum ef_shape shape, enum fs_access access,
		 struct ef *out);
/* The same checks for a file that is here already. */
uint16_t ef_check(const struct fs_session *fs, const struct ef *ef, enum ef_shape shape,
		  enum fs_access access);
/* Commits the file with its content changed at one place, or with another one. */
uint16_t ef_commit(struct app_call *call, const struct ef *ef, size_t offset, struct slice data);
uint16_t ef_commit_content(struct app_call *call, const struct ef *ef, struct slice content);
/* Activates or deactivates it, if the access rules allow that. */
uint16_t ef_set_state(struct app_call *call, struct ef *ef, enum fs_access access);

#endif
