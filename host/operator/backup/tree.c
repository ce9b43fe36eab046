#include "host/operator/backup/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/operator/db/place.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/trouble.h"

#define DEPTH_MAX 4
#define PART_LEN  65536

/* Databases are copied by themselves, as of one moment; what they leave beside them is of no use.
 * Of a server's the copy is a file as well, so the line that names the server stays behind. */
static bool is_of_database(const char *path)
{
	return strcmp(path, DB_PLACE_FILE) == 0 ||
	       strcmp(path, TREE_MANAGER "/" DB_PLACE_FILE) == 0 ||
	       strncmp(path, TREE_OPERATOR_DB, strlen(TREE_OPERATOR_DB)) == 0 ||
	       strncmp(path, TREE_MANAGER_DB, strlen(TREE_MANAGER_DB)) == 0;
}

static enum err list_folder(int fd, const char *prefix, unsigned depth, struct manifest *m);

/* name in the folder fd, whose own path is prefix. */
static enum err list_entry(int fd, const char *prefix, const char *name, struct manifest *m)
{
	char path[MANIFEST_PATH_CAP];
	int n = snprintf(path, sizeof(path), "%s%s%s", prefix, *prefix ? "/" : "", name);
	struct manifest_file *f;
	struct stat st;
	unsigned depth = 0;
	int below;
	enum err e;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? ERR_OK : errno_err(errno);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return ERR_OK;
	if (n < 0 || (size_t)n >= sizeof(path) || !manifest_path_good(path))
		return trouble_set(ERR_LONG_NAME, "'%s/%s' cannot be part of a backup", prefix,
				   name);
	for (const char *c = path; *c; c++)
		depth += *c == '/';
	if (S_ISDIR(st.st_mode)) {
		below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		e = below < 0 ? errno_err(errno) : list_folder(below, path, depth + 1, m);
		return e;
	}
	if (is_of_database(path))
		return ERR_OK;
	f = manifest_add(m);
	if (!f)
		return trouble_set(ERR_SPACE, "there are more than %d files", MANIFEST_FILES);
	memcpy(f->path, path, sizeof(path));
	f->mode = st.st_mode & 0755u;
	return ERR_OK;
}

/* Takes fd over. */
static enum err list_folder(int fd, const char *prefix, unsigned depth, struct manifest *m)
{
	DIR *dir = depth > DEPTH_MAX ? NULL : fdopendir(fd);
	enum err e = dir ? ERR_OK : ERR_SPACE;

	if (!dir)
		close(fd);
	for (struct dirent *d = dir ? readdir(dir) : NULL; d && !e; d = readdir(dir))
		if (d->d_name[0] != '.')
			e = list_entry(dirfd(dir), prefix, d->d_name, m);
	if (dir)
		closedir(dir);
	return e;
}

enum err tree_list(const char *dir, struct manifest *m)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? errno_err(errno) : list_folder(fd, "", 0, m);
}

static enum err open_part(const char *dir, const char *path, int *fd)
{
	char whole[PATH_CAP];
	enum err e = path_join(dir, path, whole, sizeof(whole));

	if (e)
		return e;
	*fd = open(whole, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return *fd < 0 ? errno_err(errno) : ERR_OK;
}

/* The kernel reads it page by page: a database may be large. */
static enum err digest_of(int fd, struct manifest_file *f)
{
	struct slice all = SLICE_EMPTY;
	struct stat st;
	void *map = NULL;
	enum err e;

	if (fstat(fd, &st))
		return errno_err(errno);
	f->size = st.st_size;
	if (st.st_size) {
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (map == MAP_FAILED)
			return errno_err(errno);
		all = slice_make(map, (size_t)st.st_size);
	}
	e = sha256(&all, 1, f->digest);
	if (map)
		munmap(map, (size_t)st.st_size);
	return e;
}

enum err tree_measure(const char *dir, struct manifest_file *f)
{
	int fd = -1;
	enum err e = open_part(dir, f->path, &fd);

	if (!e)
		e = digest_of(fd, f);
	if (fd >= 0)
		close(fd);
	return e;
}

enum err tree_make_above(const char *dir, const char *path)
{
	char whole[PATH_CAP];
	enum err e = ERR_OK;

	for (const char *slash = strchr(path, '/'); slash && !e; slash = strchr(slash + 1, '/')) {
		char above[MANIFEST_PATH_CAP];

		snprintf(above, sizeof(above), "%.*s", (int)(slash - path), path);
		e = path_join(dir, above, whole, sizeof(whole));
		if (!e)
			e = file_make_dir(whole);
	}
	return e;
}

static enum err pour(int in, int out)
{
	uint8_t part[PART_LEN];
	ssize_t n;
	enum err e = ERR_OK;

	while (!e && (n = read(in, part, sizeof(part))) != 0) {
		if (n < 0)
			e = errno_err(errno);
		else
			e = file_write_all(out, slice_make(part, (size_t)n), NULL);
	}
	return !e && fsync(out) ? errno_err(errno) : e;
}

enum err tree_copy(const char *from, const char *to, const struct manifest_file *f)
{
	char whole[PATH_CAP];
	int in = -1, out = -1;
	enum err e = tree_make_above(to, f->path);

	if (!e)
		e = open_part(from, f->path, &in);
	if (!e)
		e = path_join(to, f->path, whole, sizeof(whole));
	if (!e) {
		out = open(whole, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		e = out < 0 ? errno_err(errno) : pour(in, out);
	}
	if (!e && fchmod(out, (mode_t)f->mode))
		e = errno_err(errno);
	if (out >= 0 && close(out) && !e)
		e = errno_err(errno);
	if (in >= 0)
		close(in);
	return e;
}
