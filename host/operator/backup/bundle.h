/*
 * bundle: a backup in one file: an archive of tar(1) (POSIX ustar), the manifest first.
 */
#ifndef TWINKEY_OPERATOR_BACKUP_BUNDLE_H
#define TWINKEY_OPERATOR_BACKUP_BUNDLE_H

#include "host/operator/backup/manifest.h"

/* The manifest in dir, and its files, as the file path (0600), which is whole and on the disk then.
 * ERR_EXISTS: something is there; ERR_LONG_NAME: a name does not fit an archive. */
enum err bundle_write(const char *dir, const struct manifest *m, const char *path) MUST_CHECK;
/* Takes the files out, into the empty folder dir (0600 each). ERR_CORRUPT: it is no such archive,
 * or has something else than files in it. */
enum err bundle_read(const char *path, const char *dir) MUST_CHECK;

#endif
