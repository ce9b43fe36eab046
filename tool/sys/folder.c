#include "tool/sys/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tool/sys/errno.h"
#include "tool/sys/trouble.h"

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)
#define OTHERS_READ  (S_IRGRP | S_IROTH | S_IXGRP | S_IXOTH)
#define PARENTS_MAX  256
/* what pcscd takes in a path of its configuration */
#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-._@"

static _Thread_local char warning[512];

const char *folder_warning(void)
{
	return warning;
}

static enum err deny(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static enum err deny(const char *fmt, ...)
{
	char why[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return trouble_set(ERR_PERMISSION, "permission denied: %s", why);
}

static enum err check_owner(const struct stat *st, const char *name)
{
	if (st->st_uid == geteuid() || st->st_uid == 0)
		return ERR_OK;
	return deny("'%s' belongs to another user (number %u): run this as that user, or give it "
		    "to yours (chown)",
		    name, (unsigned)st->st_uid);
}

static unsigned mode_of(const struct stat *st)
{
	return (unsigned)st->st_mode & 07777;
}

static enum err check_folder(const struct stat *st, const char *name)
{
	enum err e = check_owner(st, name);

	if (e || !(st->st_mode & OTHERS_WRITE))
		return e;
	return deny("others can write to the folder '%s' (mode %04o): look whether all in it is "
		    "yours, then chmod go-w it",
		    name, mode_of(st));
}

static enum err check_file(const struct stat *st, const char *name, enum folder_kind kind)
{
	enum err e;

	if (!S_ISREG(st->st_mode))
		return deny("'%s' is no regular file%s: move it away", name,
			    S_ISLNK(st->st_mode) ? ", but a link" : "");
	if (st->st_nlink > 1)
		return deny("'%s' has a second name (a hard link): put a copy in its place", name);
	e = check_owner(st, name);
	if (e)
		return e;
	if (st->st_mode & OTHERS_WRITE)
		return deny("others can write to '%s' (mode %04o): look whether it is yours, "
			    "then chmod go-w it",
			    name, mode_of(st));
	if (kind == FOLDER_SECRET && (st->st_mode & OTHERS_READ))
		return deny("others can read '%s' (mode %04o): chmod go-rwx it", name, mode_of(st));
	return ERR_OK;
}

/* Above a folder that everybody can write to (and none is sticky) everybody can put another one in
 * its place. */
static enum err check_parents(int fd, const char *path)
{
	int at = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	struct stat st, above;
	enum err e = at < 0 || fstat(at, &st) ? errno_err(errno) : ERR_OK;

	for (unsigned i = 0; !e && i < PARENTS_MAX; i++) {
		int up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		close(at);
		at = up;
		if (up < 0 || fstat(up, &above)) /* not ours to see: not ours to judge */
			break;
		if ((above.st_mode & S_IWOTH) && !(above.st_mode & S_ISVTX)) {
			e = deny("everybody can write to a folder above '%s': move it, or "
				 "chmod +t that folder",
				 path);
		}
		if (above.st_dev == st.st_dev && above.st_ino == st.st_ino)
			break;
		st = above;
	}
	if (at >= 0)
		close(at);
	return e;
}

enum err folder_open(const char *path, int *fd)
{
	int f = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	enum err e = ERR_OK;

	warning[0] = 0;
	trouble_forget();
	if (f < 0) {
		e = errno_err(errno);
		return e == ERR_PERMISSION ? deny("'%s' is not for this user to open: run this "
						  "as its owner",
						  path)
					   : e;
	}
	e = fstat(f, &st) ? errno_err(errno) : check_folder(&st, path);
	if (!e)
		e = check_parents(f, path);
	if (e) {
		close(f);
		return e;
	}
	if (st.st_mode & OTHERS_READ)
		snprintf(warning, sizeof(warning),
			 "others can look into the folder '%s' (mode %04o): chmod go-rwx it", path,
			 mode_of(&st));
	*fd = f;
	return ERR_OK;
}

static enum err check_part(int folder, const char *name, enum folder_kind kind)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno_err(errno);
	if (kind != FOLDER_BELOW)
		return check_file(&st, name, kind);
	if (S_ISDIR(st.st_mode))
		return check_folder(&st, name);
	return deny("'%s' is no folder%s: move it away", name,
		    S_ISLNK(st.st_mode) ? ", but a link" : "");
}

enum err folder_check(const char *path, const struct folder_part *parts, size_t n, int *fd)
{
	int folder = -1;
	enum err e = folder_open(path, &folder);

	for (size_t i = 0; i < n && !e; i++) {
		e = check_part(folder, parts[i].name, parts[i].kind);
		e = e == ERR_NOT_FOUND ? ERR_OK : e;
	}
	if (!e && fd)
		*fd = folder;
	else if (folder >= 0)
		close(folder);
	return e;
}

enum err folder_open_file(int folder, const char *name, int flags, enum folder_kind kind, int *fd)
{
	/* a FIFO must not make it wait; a regular file knows no difference */
	int f = openat(folder, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	int why = errno;
	struct stat st;
	enum err e;

	if (f < 0 && (why == ELOOP || why == ENXIO || why == EISDIR)) {
		e = check_part(folder, name, kind);
		return e ? e : errno_err(why);
	}
	if (f < 0)
		return why == EACCES || why == EPERM
			       ? deny("'%s' is not for this user to open: run this as its "
				      "owner, or chmod u+rw it",
				      name)
			       : errno_err(why);
	e = fstat(f, &st) ? errno_err(errno) : check_file(&st, name, kind);
	if (e)
		close(f);
	else
		*fd = f;
	return e;
}

enum err folder_make_database(const char *path)
{
	int fd;
	enum err e =
		folder_open_file(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL, FOLDER_SECRET, &fd);

	/* One that is there is not opened: to close it would drop the locks that SQLite has on it.
	 */
	if (e)
		return e == ERR_EXISTS ? ERR_OK : e;
	close(fd);
	return ERR_OK;
}

enum err folder_make_short(char out[static PATH_CAP])
{
	const char *const places[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp",
				      "/var/tmp", "/dev/shm"};
	const size_t room = sizeof(((struct sockaddr_un *)0)->sun_path) - FOLDER_SHORT_ROOM;

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const char *place = places[i];

		if (!place || *place != '/' || strspn(place, PLAIN) != strlen(place) ||
		    snprintf(out, room, "%s/twinkey-XXXXXX", place) >= (int)room)
			continue;
		if (mkdtemp(out))
			return ERR_OK;
	}
	out[0] = 0;
	return trouble_set(ERR_PERMISSION, "no folder for a socket can be made in /tmp: set TMPDIR "
					   "to one with a short name");
}
