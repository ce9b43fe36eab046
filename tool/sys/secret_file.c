#include "tool/sys/secret_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/trouble.h"

#define OTHERS	    (S_IRWXG | S_IRWXO)
#define GROUP_MAY   S_IRGRP
#define MODE_OF(st) ((unsigned)(st)->st_mode & 07777)

static bool is_open_to_others(const struct stat *st)
{
	mode_t forbidden = st->st_uid == geteuid() ? OTHERS : OTHERS & ~(mode_t)GROUP_MAY;

	return S_ISREG(st->st_mode) && (st->st_mode & forbidden);
}

static enum err deny_open_file(const char *path, const struct stat *st)
{
	return trouble_set(ERR_PERMISSION,
			   "permission denied: others can read or change '%s' (mode %04o): chmod "
			   "go-rwx it",
			   path, MODE_OF(st));
}

/* What is checked is what is open: the name may lead to another file a moment later. */
static enum err read_checked(const char *path, struct cancel *cancel, struct wbuf *out,
			     bool *open_to_others)
{
	bool standard = strcmp(path, "-") == 0;
	struct stat st;
	int fd;
	enum err e;

	trouble_forget();
	e = file_start_reading(path, cancel, &fd);
	if (e)
		return e;
	e = fstat(fd, &st) ? errno_err(errno) : ERR_OK;
	if (!e && !standard && is_open_to_others(&st)) {
		if (open_to_others)
			*open_to_others = true;
		else
			e = deny_open_file(path, &st);
	}
	if (!e)
		e = file_read_fd(fd, out);
	close(fd);
	return e;
}

enum err secret_file_read(const char *path, struct cancel *cancel, struct wbuf *out)
{
	return read_checked(path, cancel, out, NULL);
}

enum err secret_file_read_test(const char *path, struct cancel *cancel, struct wbuf *out,
			       bool *open_to_others)
{
	return read_checked(path, cancel, out, open_to_others);
}

enum err secret_file_check(const char *path)
{
	struct stat st;

	trouble_forget();
	if (strcmp(path, "-") == 0)
		return ERR_OK;
	if (!*path)
		return trouble_set(ERR_NOT_FOUND, "the name of the file is empty");
	if (stat(path, &st) || access(path, R_OK))
		return errno_err(errno);
	if (S_ISDIR(st.st_mode))
		return trouble_set(ERR_NO_FILE, "it is a folder");
	return is_open_to_others(&st) ? deny_open_file(path, &st) : ERR_OK;
}
