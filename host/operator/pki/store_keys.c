#include "host/operator/pki/store_keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "host/operator/pki/key_file.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/folder.h"
#include "tool/sys/path.h"

static const struct {
	const char *name, *file;
} rows[STORE_KEYS] = {
	[STORE_KEY_OPERATOR] = {"operator", "store.key"},
	[STORE_KEY_MANAGER] = {"manager", "manager/manager.key"},
};

const char *store_key_name(enum store_key k)
{
	return rows[k].name;
}

const char *store_key_file(enum store_key k)
{
	return rows[k].file;
}

void store_keys_look(const char *dir, struct store_key_state out[static STORE_KEYS])
{
	for (enum store_key k = 0; k < STORE_KEYS; k++) {
		char path[PATH_CAP];

		out[k] = (struct store_key_state){
			.err = path_join(dir, rows[k].file, path, sizeof(path))};
		if (!out[k].err)
			out[k].err = key_file_look(path, &out[k].sealed, &out[k].source);
	}
}

static enum err make_one(const char *dir, enum store_key k, const struct key_file_outer *outer)
{
	struct key_file made = {.key = NULL};
	char path[PATH_CAP];
	enum err e = path_join(dir, rows[k].file, path, sizeof(path));

	if (!e)
		e = key_file_make(path, outer, &made);
	key_file_free(&made);
	return e;
}

enum err store_keys_make(const char *dir, const struct key_source *source, struct cancel *cancel)
{
	struct key_file_outer outer = {.key = NULL};
	char path[PATH_CAP];
	enum err e = path_join(dir, "manager", path, sizeof(path));

	if (!e)
		e = file_make_dir(path);
	if (!e)
		e = key_file_outer_get(source, cancel, &outer);
	for (enum store_key k = 0; k < STORE_KEYS && !e; k++)
		e = make_one(dir, k, &outer);
	key_file_outer_free(&outer);
	return e;
}

/* Who brings a folder up holds the same locks. */
static enum err lock_folders(const char *dir, int fds[static STORE_KEYS])
{
	for (enum store_key k = 0; k < STORE_KEYS; k++) {
		char path[PATH_CAP], folder[PATH_CAP];
		enum err e = path_join(dir, rows[k].file, path, sizeof(path));

		if (e)
			return e;
		path_folder(path, folder);
		e = folder_open(folder, &fds[k]);
		if (!e && flock(fds[k], LOCK_EX | LOCK_NB))
			e = errno == EWOULDBLOCK ? ERR_LOCKED : errno_err(errno);
		if (e)
			return e;
	}
	return ERR_OK;
}

/* file_replace() gives a file it has not named yet such an end. */
static enum err remove_leftover(void *ctx, const char *path)
{
	const size_t *named = ctx;
	size_t more = strlen(path) - *named;

	return (more == 6 || more == 8) && unlink(path) ? errno_err(errno) : ERR_OK;
}

/* What a kill has left beside the file may be the key in the clear. */
static enum err remove_leftovers(const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	char dir[PATH_CAP], start[64];
	size_t named = strlen(path) + 1;
	enum err e;

	path_folder(path, dir);
	snprintf(start, sizeof(start), "%s.", name);
	e = file_each(dir, start, "", remove_leftover, &named);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err seal_locked(const char *dir, const struct key_source *source,
			    const struct key_source *from, struct cancel *cancel)
{
	struct key_file files[STORE_KEYS] = {{.key = NULL}};
	struct key_file_outer outer = {.key = NULL};
	char paths[STORE_KEYS][PATH_CAP];
	enum err e = ERR_OK;

	for (enum store_key k = 0; k < STORE_KEYS && !e; k++) {
		e = path_join(dir, rows[k].file, paths[k], sizeof(paths[k]));
		if (!e)
			e = key_file_read_from(paths[k], from, cancel, &files[k]);
	}
	if (!e && source)
		e = key_file_outer_get(source, cancel, &outer);
	for (enum store_key k = 0; k < STORE_KEYS && !e; k++)
		e = key_file_seal(paths[k], &files[k], source ? &outer : NULL);
	for (enum store_key k = 0; k < STORE_KEYS && !e; k++)
		e = remove_leftovers(paths[k]);
	for (enum store_key k = 0; k < STORE_KEYS; k++)
		key_file_free(&files[k]);
	key_file_outer_free(&outer);
	return e;
}

enum err store_keys_seal(const char *dir, const struct key_source *source,
			 const struct key_source *from, struct cancel *cancel)
{
	int fds[STORE_KEYS] = {-1, -1};
	enum err e = lock_folders(dir, fds);

	if (!e)
		e = seal_locked(dir, source, from, cancel);
	for (enum store_key k = 0; k < STORE_KEYS; k++) {
		if (fds[k] >= 0)
			close(fds[k]);
	}
	return e;
}
