/*
 * archive_file: the file of an archive (archive.h), written and read line by line.
 */
#ifndef TWINKEY_OPERATOR_STORE_ARCHIVE_FILE_H
#define TWINKEY_OPERATOR_STORE_ARCHIVE_FILE_H

#include <stdio.h>

#include "host/operator/audit/chain.h"
#include "tool/sys/path.h"

struct cancel;

struct archive_span {
	int64_t from, to;
	uint8_t before[SHA256_LEN]; /* the link before the first */
};

/* Under another name until it is whole. */
struct archive_writer {
	const struct chain *chain;
	char path[PATH_CAP], tmp[PATH_CAP];
	int fd;
	struct wbuf lines;
	struct archive_span span;
	uint8_t link[SHA256_LEN]; /* of the last entry that was written */
	int64_t entries;
};
/* ERR_EXISTS: there is a file at path. */
enum err archive_begin(struct archive_writer *w, const struct chain *chain, const char *path,
		       const struct archive_span *span) MUST_CHECK;
enum err archive_put(struct archive_writer *w, const struct chain_entry *e,
		     const uint8_t link[static SHA256_LEN]) MUST_CHECK;
/* With e ERR_OK the file is whole, on the disk and has its name; else nothing of it is left. */
enum err archive_end(struct archive_writer *w, enum err e) MUST_CHECK;

/*
 * Reads one as a whole: its span, and the link of its last entry. Every entry and the seal are
 * checked. ERR_CORRUPT: something is not what was written; ERR_NOT_FOUND: there is no such file.
 */
enum err archive_read(const struct chain *chain, const char *path, struct archive_span *span,
		      uint8_t link[static SHA256_LEN]) MUST_CHECK;

#endif
