/*
 * file: whole files, read and written safely.
 */
#ifndef TWINKEY_TOOL_FILE_H
#define TWINKEY_TOOL_FILE_H

#include <sys/types.h>

#include "lib/base/bytes.h"

struct cancel; /* tool/sys/cancel.h: ends a wait for who reads or writes a pipe */

/*
 * Opens for reading what a person named; "-" is standard input. Who writes to a FIFO is waited for
 * (tool/sys/wait.h). ERR_NOT_FOUND, ERR_PERMISSION, ERR_NO_FILE, ERR_LONG_NAME, ERR_CANCELLED.
 */
enum err file_start_reading(const char *path, struct cancel *cancel, int *fd) MUST_CHECK;
/* Appends the file to out; also ERR_SPACE (it is too large), ERR_IO. */
enum err file_read(const char *path, struct cancel *cancel, struct wbuf *out) MUST_CHECK;
/* The same of what is open, from where it stands. */
enum err file_read_fd(int fd, struct wbuf *out) MUST_CHECK;
/*
 * The next octets of what is open, as soon as there are any; len 0: it has ended. w: what it is
 * waited for; timeout_ms as of wait_fd(). ERR_TIMEOUT, ERR_CANCELLED, ERR_IO ...: len is 0.
 */
struct file_part {
	uint8_t octets[1 << 16];
	size_t len;
};
struct wait; /* tool/sys/wait.h */
enum err file_read_part(int fd, struct wait *w, int timeout_ms, struct file_part *part) MUST_CHECK;
/*
 * Writes content to where path says (tool/sys/place.h): a file is made or replaced as a whole
 * (temporary name, mode, fsync, rename, fsync of the folder); what is no regular file is written
 * to, and keeps its mode. After content for standard output, what is said goes to standard error.
 */
enum err file_write(const char *path, struct slice content, mode_t mode,
		    struct cancel *cancel) MUST_CHECK;
/* The same for a file of ours, in a folder of ours: whatever has that name is replaced. */
enum err file_replace(const char *path, struct slice content, mode_t mode,
		      struct cancel *cancel) MUST_CHECK;
/* The same for a file that is not there: whole, or not at all. ERR_EXISTS: something is. */
enum err file_create(const char *path, struct slice content, mode_t mode,
		     struct cancel *cancel) MUST_CHECK;
/*
 * For what was written bit by bit to fd, under the name tmp in the same folder: gives it its name
 * as well, when it is on the disk; the caller takes tmp away. ERR_EXISTS: something is at path.
 */
enum err file_name_new(int fd, const char *tmp, const char *path) MUST_CHECK;
/*
 * For what must be looked at before it has its name: makes an empty file of mode 0600 and of a
 * temporary name beside path. file_place() then gives it the name of path, when it is on the disk,
 * also if a file has it (anew; else ERR_EXISTS); the caller takes away what was not placed.
 */
enum err file_new_beside(const char *path, char *tmp, size_t cap) MUST_CHECK;
enum err file_place(const char *tmp, const char *path, bool anew) MUST_CHECK;
/*
 * The same for output that comes bit by bit: opens it for writing. A new file has mode 0600; one
 * that is there is ERR_EXISTS, or with anew, left aside for a new one.
 */
enum err file_start(const char *path, bool anew, struct cancel *cancel, int *fd) MUST_CHECK;
/* Why content could not go to path, as far as can be told before: to be asked before anything is
 * done that must not be lost. ERR_EXISTS: a file is there (not with anew). */
enum err file_may_write(const char *path, bool anew) MUST_CHECK;
/* Writes all of it, past signals that are no wish to stop. */
enum err file_write_all(int fd, struct slice content, struct cancel *cancel) MUST_CHECK;
/* What was renamed or removed in path's folder is so on the disk then. */
enum err file_sync_folder_of(const char *path) MUST_CHECK;
/* mkdir -p of one level with mode 0700; ERR_EXISTS is not an error. */
enum err file_make_dir(const char *path) MUST_CHECK;
/*
 * A folder that appears whole or not at all: file_new_dir() makes an empty one beside its place and
 * gives its name; file_place_dir() moves it there (ERR_EXISTS: something is there that is no empty
 * folder, ERR_OWNER: an empty one of another user), file_remove_tree() throws it away. A trailing
 * slash of dir is ignored.
 */
enum err file_new_dir(const char *dir, char *tmp, size_t cap) MUST_CHECK;
enum err file_place_dir(const char *tmp, const char *dir) MUST_CHECK;
void file_remove_tree(const char *path);
/*
 * Gives the path of each file of dir whose name begins and ends so, in the order of their names,
 * until each() gives an error. ERR_NOT_FOUND: there is no such file, or no such folder.
 */
enum err file_each(const char *dir, const char *prefix, const char *suffix,
		   enum err (*each)(void *ctx, const char *path), void *ctx) MUST_CHECK;

#endif
