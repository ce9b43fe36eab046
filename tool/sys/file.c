#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/sys/cancel.h"
#include "tool/sys/place.h"
#include "tool/sys/trouble.h"
#include "tool/sys/wait.h"

#define WALK_FILES 16
#define SLICE_MS   100 /* how often the wish to stop is asked for */

enum err file_read_fd(int fd, struct wbuf *out)
{
	enum err e = ERR_OK;
	ssize_t n;

	do {
		uint8_t chunk[4096];

		n = read(fd, chunk, sizeof(chunk));
		if (n > 0)
			wbuf_put(out, slice_make(chunk, (size_t)n));
		else if (n < 0)
			e = errno_err(errno);
		explicit_bzero(chunk, sizeof(chunk)); /* it may have been a key file */
	} while (!e && !out->err && n != 0);
	if (!e && out->err == ERR_SPACE)
		return trouble_set(ERR_SPACE, "it is too large: at most %zu octets are read",
				   out->grows ? out->limit : out->cap);
	return e ? e : wbuf_done(out);
}

enum err file_read_part(int fd, struct wait *w, int timeout_ms, struct file_part *part)
{
	enum err e = wait_fd(w, fd, POLLIN, timeout_ms, 0);
	ssize_t n = 0;

	while (!e && (n = read(fd, part->octets, sizeof(part->octets))) < 0) {
		if (errno != EINTR)
			e = errno_err(errno);
	}
	if (!e)
		e = cancel_check(w->cancel);
	part->len = e ? 0 : (size_t)n;
	return e;
}

/* Who writes to a pipe is waited for with a word, and given up on a wish to stop. */
static enum err wait_for(int fd, struct cancel *cancel, const char *what)
{
	struct wait w = wait_begin(cancel, what);

	return wait_fd(&w, fd, POLLIN, -1, 0);
}

enum err file_start_reading(const char *path, struct cancel *cancel, int *fd)
{
	int f = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
				       : open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	enum err e;

	if (f < 0 && !*path)
		return trouble_set(ERR_NOT_FOUND, "the name of the file is empty");
	if (f < 0)
		return errno == ENXIO ? ERR_NO_FILE : errno_err(errno); /* a socket */
	e = fstat(f, &st) ? errno_err(errno) : ERR_OK;
	if (!e && strcmp(path, "-") == 0) {
		e = wait_for(f, cancel, "standard input");
	} else if (!e) {
		if (S_ISFIFO(st.st_mode))
			e = wait_for(f, cancel, "somebody who writes to the FIFO");
		if (!e && fcntl(f, F_SETFL, O_RDONLY) < 0)
			e = errno_err(errno);
	}
	if (e)
		close(f);
	else
		*fd = f;
	return e;
}

enum err file_read(const char *path, struct cancel *cancel, struct wbuf *out)
{
	int fd;
	enum err e = file_start_reading(path, cancel, &fd);

	if (e)
		return e;
	e = file_read_fd(fd, out);
	close(fd);
	return e;
}

/* Until a pipe has room; its reader may sleep, and a thread without signals is not interrupted. */
static enum err wait_for_room(int fd, struct cancel *cancel)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	for (;;) {
		int n = poll(&p, 1, SLICE_MS);

		if (n > 0 || (n < 0 && errno != EINTR))
			return ERR_OK;
		if (cancel_is_wished(cancel))
			return ERR_CANCELLED;
	}
}

enum err file_write_all(int fd, struct slice content, struct cancel *cancel)
{
	struct cursor c = cursor_of(content);
	struct stat st;
	bool is_pipe = fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);

	while (cursor_left(&c)) {
		enum err e = is_pipe ? wait_for_room(fd, cancel) : ERR_OK;
		size_t most = is_pipe && c.rest.len > PIPE_BUF ? PIPE_BUF : c.rest.len;
		ssize_t n = e ? 0 : write(fd, c.rest.ptr, most);

		if (e)
			return e;
		if (n < 0 && errno == EINTR && !cancel_is_wished(cancel))
			continue;
		if (n < 0)
			return errno_err(errno);
		cursor_take(&c, (size_t)n);
	}
	return ERR_OK;
}

/* A rename is on the disk only when its folder is. */
enum err file_sync_folder_of(const char *path)
{
	char dir[PATH_CAP];
	int fd, r;

	path_folder(path, dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno_err(errno);
	r = fsync(fd);
	close(fd);
	return r ? errno_err(errno) : ERR_OK;
}

/* A file of a temporary name beside path. */
static enum err start_beside(const char *path, char tmp[static PATH_CAP], int *fd)
{
	if (snprintf(tmp, PATH_CAP, "%s.XXXXXX", path) >= PATH_CAP)
		return ERR_LONG_NAME;
	*fd = mkostemp(tmp, O_CLOEXEC);
	return *fd < 0 ? errno_err(errno) : ERR_OK;
}

/*
 * A file without a name in path's folder: who is killed while it is written leaves nothing behind.
 * -1: this file system has none (EOPNOTSUPP, EISDIR of an old kernel), or there is no /proc.
 */
static int start_unnamed(const char *path)
{
	char dir[PATH_CAP];

	if (access("/proc/self/fd", X_OK))
		return -1;
	path_folder(path, dir);
	return open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
}

/* Gives it a temporary name beside path, which nothing has. */
static enum err name_beside(int fd, const char *path, char tmp[static PATH_CAP])
{
	char self[32];
	unsigned number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return ERR_IO;
	if (snprintf(tmp, PATH_CAP, "%s.%08x", path, number) >= PATH_CAP)
		return ERR_LONG_NAME;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, tmp, AT_SYMLINK_FOLLOW) ? errno_err(errno) : ERR_OK;
}

/* All of it, on the disk, under a temporary name beside path. */
static enum err write_beside(const char *path, struct slice content, mode_t mode,
			     struct cancel *cancel, char tmp[static PATH_CAP])
{
	int fd = start_unnamed(path);
	bool named = fd < 0;
	enum err e = named ? start_beside(path, tmp, &fd) : ERR_OK;

	if (e)
		return e;
	e = file_write_all(fd, content, cancel);
	if (!e && (fchmod(fd, mode) || fsync(fd)))
		e = errno_err(errno);
	if (!e && !named)
		e = name_beside(fd, path, tmp);
	named = named || !e;
	if (close(fd) && !e)
		e = errno_err(errno);
	if (e && named)
		unlink(tmp);
	return e;
}

enum err file_replace(const char *path, struct slice content, mode_t mode, struct cancel *cancel)
{
	char tmp[PATH_CAP] = "";
	enum err e = write_beside(path, content, mode, cancel, tmp);

	if (e)
		return e;
	if (rename(tmp, path)) {
		e = errno_err(errno);
		unlink(tmp);
		return e;
	}
	return file_sync_folder_of(path);
}

enum err file_create(const char *path, struct slice content, mode_t mode, struct cancel *cancel)
{
	char tmp[PATH_CAP] = "";
	struct place p;
	enum err e = place_find(path, &p);

	if (!e && p.kind != PLACE_FREE)
		e = ERR_EXISTS;
	if (!e)
		e = write_beside(p.path, content, mode, cancel, tmp);
	if (e)
		return e;
	if (link(tmp, p.path)) /* unlike rename() it replaces nothing */
		e = errno_err(errno);
	unlink(tmp);
	return e ? e : file_sync_folder_of(p.path);
}

enum err file_write(const char *path, struct slice content, mode_t mode, struct cancel *cancel)
{
	struct place p;
	enum err e = place_find(path, &p);
	int fd;

	if (e)
		return e;
	if (p.kind == PLACE_FREE || p.kind == PLACE_FILE)
		return file_replace(p.path, content, mode, cancel);
	e = place_open(&p, cancel, &fd);
	if (e)
		return e;
	e = file_write_all(fd, content, cancel);
	if (close(fd) && !e)
		e = errno_err(errno);
	return e;
}

enum err file_start(const char *path, bool anew, struct cancel *cancel, int *fd)
{
	char tmp[PATH_CAP];
	struct place p;
	enum err e = place_find(path, &p);

	if (e)
		return e;
	if (p.kind != PLACE_FILE)
		return place_open(&p, cancel, fd);
	if (!anew)
		return ERR_EXISTS;
	e = start_beside(p.path, tmp, fd);
	if (!e && rename(tmp, p.path)) {
		e = errno_err(errno);
		unlink(tmp);
		close(*fd);
	}
	return e;
}

enum err file_may_write(const char *path, bool anew)
{
	struct place p;
	enum err e = place_find(path, &p);
	int fd;

	if (!e && p.kind == PLACE_STDOUT) {    /* from here on it is for the content alone */
		e = place_open(&p, NULL, &fd); /* waits for nobody */
		if (!e)
			close(fd);
	}
	return !e && p.kind == PLACE_FILE && !anew ? ERR_EXISTS : e;
}

enum err file_make_dir(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return ERR_OK;
	if (errno != EEXIST)
		return errno_err(errno);
	if (stat(path, &st))
		return errno_err(errno);
	return S_ISDIR(st.st_mode) ? ERR_OK : ERR_EXISTS;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st, (void)kind, (void)where;
	return remove(path);
}

void file_remove_tree(const char *path)
{
	nftw(path, remove_one, WALK_FILES, FTW_DEPTH | FTW_PHYS);
}

static int bare_length(const char *dir)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	return (int)n;
}

enum err file_new_dir(const char *dir, char *tmp, size_t cap)
{
	int n = snprintf(tmp, cap, "%.*s.XXXXXX", bare_length(dir), dir);

	enum err e;

	if (n < 0 || (size_t)n >= cap)
		return ERR_LONG_NAME;
	if (!*dir)
		return trouble_set(ERR_NOT_FOUND, "the name of the folder is empty");
	if (mkdtemp(tmp))
		return ERR_OK;
	e = errno_err(errno);
	tmp[bare_length(dir)] = 0;
	(void)!place_check_folder(
		tmp); /* says what is wrong with the folder above, if it is that */
	return e;
}

/* link() makes no name that is there already, and takes none away. */
enum err file_name_new(int fd, const char *tmp, const char *path)
{
	if (fsync(fd) || link(tmp, path))
		return errno_err(errno);
	return file_sync_folder_of(path);
}

enum err file_new_beside(const char *path, char *tmp, size_t cap)
{
	char name[PATH_CAP];
	int fd;
	enum err e = start_beside(path, name, &fd);

	if (e)
		return e;
	close(fd);
	if (strlen(name) < cap) {
		strcpy(tmp, name);
		return ERR_OK;
	}
	unlink(name);
	return ERR_LONG_NAME;
}

static enum err sync_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), r;

	if (fd < 0)
		return errno_err(errno);
	r = fsync(fd);
	close(fd);
	return r ? errno_err(errno) : ERR_OK;
}

enum err file_place(const char *tmp, const char *path, bool anew)
{
	enum err e = sync_file(tmp);

	if (e)
		return e;
	if (anew ? rename(tmp, path) : link(tmp, path))
		return errno_err(errno);
	if (!anew)
		unlink(tmp);
	return file_sync_folder_of(path);
}

enum err file_place_dir(const char *tmp, const char *dir)
{
	char path[PATH_CAP];
	int n = snprintf(path, sizeof(path), "%.*s", bare_length(dir), dir);
	struct stat st;

	if (n < 0 || n >= PATH_CAP)
		return ERR_LONG_NAME;
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid != geteuid())
		return ERR_OWNER;
	/* rename() replaces an empty folder and refuses one that holds anything, or a file */
	if (rename(tmp, path))
		return errno == ENOTDIR ? ERR_EXISTS : errno_err(errno);
	return file_sync_folder_of(path);
}

static bool has_affixes(const char *name, const char *prefix, const char *suffix)
{
	size_t n = strlen(name), begin = strlen(prefix), end = strlen(suffix);

	return n >= begin + end && strncmp(name, prefix, begin) == 0 &&
	       strcmp(name + n - end, suffix) == 0;
}

enum err file_each(const char *dir, const char *prefix, const char *suffix,
		   enum err (*each)(void *ctx, const char *path), void *ctx)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, NULL, alphasort);
	enum err e = n < 0 ? errno_err(errno) : ERR_OK;
	bool any = false;

	for (int i = 0; i < n; i++) {
		char path[PATH_CAP];

		if (!e && has_affixes(names[i]->d_name, prefix, suffix)) {
			any = true;
			e = path_join(dir, names[i]->d_name, path, sizeof(path));
			if (!e)
				e = each(ctx, path);
		}
		free(names[i]);
	}
	free(names);
	return e ? e : any ? ERR_OK : ERR_NOT_FOUND;
}
