/*
 * manifest: what a backup has: each file with its mode, length and SHA-256, and of each database
 * the version of its schema and the end of its log. JSON, manifest.json in the backup's folder.
 */
#ifndef TWINKEY_OPERATOR_BACKUP_MANIFEST_H
#define TWINKEY_OPERATOR_BACKUP_MANIFEST_H

#include <stdbool.h>

#include "host/operator/audit/chain.h"
#include "lib/base/bytes.h"
#include "lib/crypto/symmetric.h"

#define MANIFEST_NAME	  "manifest.json"
#define MANIFEST_FORMAT	  1
#define MANIFEST_FILES	  512
#define MANIFEST_PATH_CAP 200
#define MANIFEST_MAX	  (512u * 1024)

struct manifest_file {
	char path[MANIFEST_PATH_CAP]; /* from the folder on: words parted by "/", none begins with
					 "." */
	unsigned mode;		      /* 0600 ... */
	int64_t size;
	uint8_t digest[SHA256_LEN];
};

struct manifest {
	char program[64];
	int64_t at;
	bool sealed; /* the stores' keys are wrapped; else they lie in the clear */
	struct chain_stand operator_store, manager;
	struct manifest_file *files;
	size_t count;
};

/* A path that cannot lead out of the folder. */
bool manifest_path_good(const char *path);
/* Room for one file more; NULL: there is none. */
struct manifest_file *manifest_add(struct manifest *m);
enum err manifest_encode(const struct manifest *m, struct wbuf *out) MUST_CHECK;
/* ERR_ENCODING: it is none; ERR_VERSION: of a later format; ERR_VALUE: a field is not good. */
enum err manifest_parse(struct slice text, struct manifest *out) MUST_CHECK;
void manifest_free(struct manifest *m);

#endif
