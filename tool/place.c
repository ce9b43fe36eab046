#include "tool/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/file.h"

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

/* A device is not meant: what is said may go to /dev/null and content with it. */
static bool is_stdout(const struct stat *st)
{
	struct stat out;

	return !S_ISCHR(st->st_mode) && fstat(stdout_fd(), &out) == 0 && out.st_dev == st->st_dev &&
	       out.st_ino == st->st_ino;
}

static enum err find_file(const char *path, const struct stat *st, struct place *out)
{
	char *real;

	if (st->st_uid != geteuid())
		return ERR_OWNER;
	real = realpath(path, NULL);
	if (!real)
		return file_errno(errno);
	out->kind = PLACE_FILE;
	snprintf(out->path, sizeof(out->path), "%s", real);
	free(real);
	return ERR_OK;
}

static enum err find(const char *path, struct place *out)
{
	struct stat name, st;

	if (lstat(path, &name)) {
		out->kind = PLACE_FREE;
		return errno == ENOENT ? ERR_OK : file_errno(errno);
	}
	if (stat(path, &st))
		return errno == ENOENT || errno == ELOOP ? ERR_NO_FILE : file_errno(errno);
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
	if (strlen(path) >= sizeof(out->path))
		return ERR_SPACE;
	snprintf(out->path, sizeof(out->path), "%s", path);
	out->kind = PLACE_STDOUT;
	return names_stdout(path) ? ERR_OK : find(path, out);
}

static enum err open_stdout(int *fd)
{
	if (content_fd < 0) {
		fflush(stdout);
		content_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		if (content_fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
			return file_errno(errno);
	}
	*fd = fcntl(content_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return *fd < 0 ? file_errno(errno) : ERR_OK;
}

/* What stands there may be another thing by now. */
static enum err open_stream(const char *path, int *fd)
{
	struct stat st;
	int s = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (s < 0)
		return file_errno(errno);
	if (fstat(s, &st) || !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))) {
		close(s);
		return ERR_NO_FILE;
	}
	*fd = s;
	return ERR_OK;
}

enum err place_open(const struct place *p, int *fd)
{
	switch (p->kind) {
	case PLACE_STDOUT: return open_stdout(fd);
	case PLACE_STREAM: return open_stream(p->path, fd);
	case PLACE_FILE: return ERR_EXISTS;
	case PLACE_FREE: break;
	}
	*fd = open(p->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return *fd < 0 ? file_errno(errno) : ERR_OK;
}
