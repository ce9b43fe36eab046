/*
 * place: what stands where a person wants output to go, and whether output may go there.
 *
 * "-" and any name of this process's standard output (/dev/stdout): standard output. /dev/stderr,
 * /dev/fd/N: what is open there, as it is. A FIFO or a
 * character device is written to, never replaced, and keeps its mode. A regular file is the
 * caller's to replace, if it is this user's own. A link is followed to what it leads to, if it is
 * this user's or root's; it stays. All else (a folder, a socket, a disk, a link that leads nowhere,
 * another user's file) is refused. docs/adr/0010-where-output-goes.md says why.
 */
#ifndef TWINKEY_TOOL_PLACE_H
#define TWINKEY_TOOL_PLACE_H

#include "tool/sys/path.h"

enum place_kind { PLACE_FREE, PLACE_FILE, PLACE_STREAM, PLACE_STDOUT, PLACE_OPEN };

struct place {
	enum place_kind kind;
	char path[PATH_CAP]; /* of FREE and FILE: the file itself, no link */
	int fd;		     /* of OPEN */
};

/*
 * Of FREE and FILE the folder is looked at, too: a file can be made there. ERR_NO_FILE, ERR_OWNER,
 * ERR_NOT_FOUND (its folder), ERR_PERMISSION, ERR_LONG_NAME; what is wrong with the name or the
 * folder stands in trouble_of().
 */
enum err place_find(const char *path, struct place *out) MUST_CHECK;
/* Whether a file can be made at path, as far as its folder goes. */
enum err place_check_folder(const char *path) MUST_CHECK;
/*
 * Opens what is no FILE for writing; FREE is made with mode 0600. A FIFO's reader is waited for
 * (tool/sys/wait.h). From the first time that standard output is opened, what is printed goes to
 * standard error.
 */
struct cancel;
enum err place_open(const struct place *p, struct cancel *cancel, int *fd) MUST_CHECK;

#endif
