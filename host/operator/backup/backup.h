/*
 * backup: an operator's folder, copied while others work on it, and put back elsewhere.
 *
 * A backup is a folder (0700), or such a folder in one file (0600; bundle.h), with the files of the
 * operator's folder, both databases each as of one moment, and a manifest. The manager's is copied
 * first: what the operator's store knows of it is then at most newer, as after a crash
 * (host/operator/api/api.c, api_settle()). Its logs and rows are verified before it has its name: a
 * backup that is there is good.
 *
 * Errors have words in trouble_of().
 */
#ifndef TWINKEY_OPERATOR_BACKUP_H
#define TWINKEY_OPERATOR_BACKUP_H

#include "host/operator/backup/manifest.h"
#include "host/operator/store/growth/restored.h"

struct cancel;

struct backup_order {
	const char *from, *to; /* folders; `to` is not there, or empty; a backup may be a file */
	bool bundle;	       /* backup_make(): `to` becomes a file */
	int64_t now;
	const char *program; /* and its version */
	struct cancel *cancel;
};
/* ERR_EXISTS: `to` is there; ERR_CORRUPT: log or rows are not what was written. *out, to be freed,
 * is the manifest. */
enum err backup_make(const struct backup_order *o, struct manifest *out) MUST_CHECK;
/*
 * Reads a backup back: each file is what the manifest says, the versions are known here, logs and
 * rows are what was written, and then what host/operator/store/growth/restored.h says is done. The
 * folder `to` is there then as a whole, or not at all. ERR_MAC: a file is another than the manifest
 * says; ERR_NOT_FOUND: there is no backup, or a file of it; ERR_VERSION; ERR_CORRUPT.
 */
enum err backup_restore(const struct backup_order *o, struct manifest *out,
			struct restored *done) MUST_CHECK;

#endif
