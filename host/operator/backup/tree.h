/*
 * tree: the files of an operator's folder, and their copies. Links, sockets and what databases make
 * for themselves are no part of it.
 */
#ifndef TWINKEY_OPERATOR_BACKUP_TREE_H
#define TWINKEY_OPERATOR_BACKUP_TREE_H

#include "host/operator/backup/manifest.h"

struct cancel;

#define TREE_OPERATOR_DB "operator.db"
#define TREE_MANAGER	 "manager"
#define TREE_MANAGER_DB	 TREE_MANAGER "/manager.db"

/*
 * Adds each file of dir but the databases to the manifest's files, with its path and mode alone, in
 * no order. ERR_SPACE: there are more than MANIFEST_FILES, or a name is too long.
 */
enum err tree_list(const char *dir, struct manifest *m) MUST_CHECK;
/* Length and digest of what the file in dir is now. */
enum err tree_measure(const char *dir, struct manifest_file *f) MUST_CHECK;
/* Copies the file from one folder to another, with its mode, and is sure that it is on the disk.
 * Folders on the way are made (0700). ERR_EXISTS. */
enum err tree_copy(const char *from, const char *to, const struct manifest_file *f) MUST_CHECK;
/* Makes the folders above path, in dir (0700). */
enum err tree_make_above(const char *dir, const char *path) MUST_CHECK;

#endif
