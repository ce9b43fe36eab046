#include "tool/sys/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/sys/errno.h"
#include "tool/sys/path.h"
#include "tool/sys/trouble.h"
#include "tool/sys/wait.h"

#define FIFO_POLL_MS 50

static int content_fd = -1; /* standard output, when content has taken it */

static int stdout_fd(void)
{
	return content_fd < 0 ? STDOUT_FILENO : content_fd;
}

/* Once it is taken, the number 1 leads elsewhere. */
static bool names_stdout(const char *path)
{
	static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(path, names[i]) == 0)
			return true;
	}
	return false;
}

/* The number that a name of an open file stands for; -1: it is no such name. */
static int open_number(const char *path)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
	unsigned n;
	char end;

	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		size_t len = strlen(folders[i]);

		if (strncmp(path, folders[i], len) == 0 && strspn(path + len, "0123456789") < 6 &&
		    sscanf(path + len, "%u%c", &n, &end) == 1)
			return (int)n;
	}
	return -1;
}

/* A device is not meant: what is said may go to /dev/null and content with it. */
static bool is_stdout(const struct stat *st)
{
	struct stat out;

	return !S_ISCHR(st->st_mode) && fstat(stdout_fd(), &out) == 0 && out.st_dev == st->st_dev &&
	       out.st_ino == st->st_ino;
}

enum err place_check_folder(const char *path)
{
	char dir[PATH_CAP];
	struct stat st;

	if (!*path)
		return trouble_set(ERR_NOT_FOUND, "the name of the file is empty");
	path_folder(path, dir);
	if (stat(dir, &st) && errno == ENOENT)
		return trouble_set(ERR_NOT_FOUND,
				   "the folder '%s' is not there: make it, or name another", dir);
	if (stat(dir, &st))
		return errno_err(errno);
	if (!S_ISDIR(st.st_mode))
		return trouble_set(ERR_NOT_FOUND, "'%s' is no folder: name another", dir);
	if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS))
		return trouble_set(ERR_PERMISSION,
				   "permission denied: this user may not make a file in the "
				   "folder '%s' (mode %04o): name another",
				   dir, (unsigned)st.st_mode & 07777);
	return ERR_OK;
}

static enum err find_file(const char *path, const struct stat *st, struct place *out)
{
	char *real;

	if (st->st_uid != geteuid())
		return ERR_OWNER;
	real = realpath(path, NULL);
	if (!real)
		return errno_err(errno);
	out->kind = PLACE_FILE;
	snprintf(out->path, sizeof(out->path), "%s", real);
	free(real);
	return place_check_folder(out->path);
}

static enum err find_named(const char *path, struct place *out)
{
	struct stat name, st;

	if (lstat(path, &name)) {
		out->kind = PLACE_FREE;
		return errno == ENOENT || errno == ENOTDIR ? place_check_folder(path)
							   : errno_err(errno);
	}
	if (stat(path, &st))
		return errno == ENOENT || errno == ELOOP ? ERR_NO_FILE : errno_err(errno);
	if (is_stdout(&st)) {
		out->kind = PLACE_STDOUT;
		return ERR_OK;
	}
	if (S_ISLNK(name.st_mode) && name.st_uid != geteuid() && name.st_uid != 0)
		return ERR_OWNER;
	if (S_ISREG(st.st_mode))
		return find_file(path, &st, out);
	out->kind = PLACE_STREAM;
	return S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode) ? ERR_OK : ERR_NO_FILE;
}

enum err place_find(const char *path, struct place *out)
{
	trouble_forget();
	if (strlen(path) >= sizeof(out->path))
		return ERR_LONG_NAME;
	snprintf(out->path, sizeof(out->path), "%s", path);
	out->kind = PLACE_STDOUT;
	if (names_stdout(path))
		return ERR_OK;
	out->fd = open_number(path);
	if (out->fd < 0)
		return find_named(path, out);
	out->kind = PLACE_OPEN;
	return fcntl(out->fd, F_GETFD) < 0 ? ERR_NOT_FOUND : ERR_OK;
}

static enum err open_stdout(int *fd)
{
	if (content_fd < 0) {
		fflush(stdout);
		content_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		if (content_fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
			return errno_err(errno);
	}
	*fd = fcntl(content_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return *fd < 0 ? errno_err(errno) : ERR_OK;
}

static enum err open_other(int number, int *fd)
{
	*fd = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return *fd < 0 ? errno_err(errno) : ERR_OK;
}

/* Until somebody reads the FIFO, or at once. */
static enum err open_in_turn(const char *path, struct cancel *cancel, int *fd)
{
	struct wait w = wait_begin(cancel, "somebody who reads the FIFO");
	enum err e = ERR_OK;

	*fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	while (*fd < 0 && errno == ENXIO && !e) {
		e = wait_pause(&w, FIFO_POLL_MS);
		if (!e)
			*fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	}
	return e ? e : *fd < 0 ? errno_err(errno) : ERR_OK;
}

/* What stands there may be another thing by now. */
static enum err open_stream(const char *path, struct cancel *cancel, int *fd)
{
	struct stat st;
	int s;
	enum err e = open_in_turn(path, cancel, &s);

	if (e)
		return e;
	if (fstat(s, &st) || !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))) {
		close(s);
		return ERR_NO_FILE;
	}
	if (fcntl(s, F_SETFL, O_WRONLY) < 0) { /* from here on, a slow reader is waited for */
		close(s);
		return errno_err(errno);
	}
	*fd = s;
	return ERR_OK;
}

enum err place_open(const struct place *p, struct cancel *cancel, int *fd)
{
	switch (p->kind) {
	case PLACE_STDOUT: return open_stdout(fd);
	case PLACE_STREAM: return open_stream(p->path, cancel, fd);
	case PLACE_OPEN: return open_other(p->fd, fd);
	case PLACE_FILE: return ERR_EXISTS;
	case PLACE_FREE: break;
	}
	*fd = open(p->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return *fd < 0 ? errno_err(errno) : ERR_OK;
}
