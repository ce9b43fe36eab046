#include "tool/sys/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tool/sys/errno.h"
#include "tool/sys/path.h"
#include "tool/sys/place.h"
#include "tool/sys/trouble.h"
#include "tool/sys/wait.h"

#define BACKLOG	 64
#define TRIES	 100
#define PAUSE_MS 10

/* ERR_OK: nobody else of ours changes the folder's sockets until *lock is closed. */
static enum err lock_folder_of(const char *path, struct cancel *cancel, int *lock)
{
	struct wait w = wait_begin(cancel, "another server, which begins in the same folder");
	char dir[PATH_CAP];
	enum err e = ERR_OK;

	path_folder(path, dir);
	*lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*lock < 0) /* one that may be searched alone cannot be locked */
		return errno == EACCES ? ERR_OK : errno_err(errno);
	for (int i = 0; !e && i < TRIES; i++) {
		if (flock(*lock, LOCK_EX | LOCK_NB) == 0)
			return ERR_OK;
		e = wait_pause(&w, PAUSE_MS);
	}
	close(*lock);
	return e ? e : ERR_LOCKED;
}

/* A server that is busy is there all the same. */
static enum err remove_stale(const struct sockaddr_un *a, int type)
{
	struct stat st;
	int probe, why;

	if (lstat(a->sun_path, &st))
		return errno == ENOENT ? ERR_OK : errno_err(errno);
	if (!S_ISSOCK(st.st_mode))
		return trouble_set(ERR_EXISTS, "something is there that is no socket: choose "
					       "another path");
	probe = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return errno_err(errno);
	why = connect(probe, (const struct sockaddr *)a, sizeof(*a)) ? errno : 0;
	close(probe);
	if (why != ECONNREFUSED) /* EPROTOTYPE: of another type, and served */
		return why == EACCES ? ERR_PERMISSION : ERR_LOCKED;
	if (st.st_uid != geteuid())
		return ERR_OWNER;
	return unlink(a->sun_path) ? errno_err(errno) : ERR_OK;
}

static enum err bind_at(int fd, const struct sockaddr_un *a, int type, struct local_socket *out)
{
	mode_t mask = umask(0177);
	int failed = bind(fd, (const struct sockaddr *)a, sizeof(*a)) ? errno : 0;
	struct stat st;

	umask(mask);
	if (failed)
		return failed == EADDRINUSE ? ERR_EXISTS : errno_err(failed);
	if (lstat(a->sun_path, &st) || (type == SOCK_STREAM && listen(fd, BACKLOG))) {
		enum err e = errno_err(errno);

		unlink(a->sun_path);
		return e;
	}
	out->dev = st.st_dev;
	out->ino = st.st_ino;
	return ERR_OK;
}

enum err local_listen(const char *path, int type, struct cancel *cancel, struct local_socket *out)
{
	int flags = SOCK_CLOEXEC | (type == SOCK_STREAM ? SOCK_NONBLOCK : 0), fd = -1, lock;
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	enum err e;

	if (strlen(path) >= sizeof(a.sun_path))
		return ERR_LONG_NAME;
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	trouble_forget();
	if (!*path)
		return trouble_set(ERR_NOT_FOUND, "the path of the socket is empty");
	e = lock_folder_of(path, cancel, &lock);
	if (e) {
		(void)!place_check_folder(
			path); /* says what is wrong with the folder, if it is that */
		return e;
	}
	e = remove_stale(&a, type);
	if (!e) {
		fd = socket(AF_UNIX, type | flags, 0);
		e = fd < 0 ? errno_err(errno) : bind_at(fd, &a, type, out);
	}
	if (lock >= 0)
		close(lock);
	if (e && fd >= 0)
		close(fd);
	if (e == ERR_PERMISSION)
		(void)!place_check_folder(path);
	if (e)
		return e;
	out->fd = fd;
	out->path = path;
	return ERR_OK;
}

void local_remove(const struct local_socket *s)
{
	struct stat st;

	if (lstat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino)
		unlink(s->path);
}
