/*
 * folder: a folder of state that is its owner's alone, and the plain files in it.
 *
 * Who can write to the folder can put another file in the place of each; who can read a key has it.
 * So the rule is that of ssh: the folder and its files belong to who runs the program (or to root),
 * nobody else can write to them, nobody else can read a secret one. What stands in the place of a
 * file is a regular file of one name: no link is followed, no device, FIFO or socket is opened.
 * ERR_PERMISSION: it is not so; trouble_text() says of what, and what to do.
 */
#ifndef TWINKEY_TOOL_FOLDER_H
#define TWINKEY_TOOL_FOLDER_H

#include <stdbool.h>

#include "lib/base/bytes.h"
#include "tool/sys/path.h"

enum folder_kind {
	FOLDER_SECRET, /* nobody else reads it */
	FOLDER_PUBLIC, /* others may read it, and not write to it */
	FOLDER_BELOW,  /* a folder: the same rule as for the folder itself */
};

struct folder_part {
	const char *name;
	enum folder_kind kind;
};

/*
 * Opens the folder: a file descriptor for openat(). A folder that others can list is taken with a
 * warning, see folder_warning(). ERR_NOT_FOUND; ERR_PERMISSION, also where no one is let in.
 */
enum err folder_open(const char *path, int *fd) MUST_CHECK;
/* What is to be said of the folder that was opened last, "" if nothing. */
const char *folder_warning(void);
/*
 * Opens a file of the folder with these flags of open(). A new file (O_CREAT) gets mode 0600.
 * ERR_NOT_FOUND, ERR_EXISTS (O_EXCL).
 */
enum err folder_open_file(int folder, const char *name, int flags, enum folder_kind kind,
			  int *fd) MUST_CHECK;
/*
 * For a folder whose files others open by their paths (SQLite): opens the folder and looks at those
 * of these parts that are there. fd may be NULL.
 */
enum err folder_check(const char *path, const struct folder_part *parts, size_t n,
		      int *fd) MUST_CHECK;

/* Makes the empty file that SQLite is to fill, with the mode that it gives to those beside it. An
 * existing one is left alone. */
enum err folder_make_database(const char *path) MUST_CHECK;

/*
 * Makes a folder of this user's alone for sockets, below XDG_RUNTIME_DIR, TMPDIR or /tmp: its name
 * leaves room for one of FOLDER_SHORT_ROOM octets in what a socket's name may have, and has nothing
 * that a configuration file would have to quote. ERR_PERMISSION, with words in trouble_of(); out is
 * "" then. The caller removes it.
 */
#define FOLDER_SHORT_ROOM (sizeof("/pcscd.comm") - 1)
enum err folder_make_short(char out[static PATH_CAP]) MUST_CHECK;

#endif
