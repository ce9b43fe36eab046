#include "host/doctor/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_OCTETS 1024

bool tree_path(char out[static PATH_CAP], const char *root, const char *fmt, ...)
{
	size_t n = strlen(root);
	va_list args;
	int more;

	out[0] = 0;
	if (n >= PATH_CAP)
		return false;
	memcpy(out, root, n);
	va_start(args, fmt);
	more = vsnprintf(out + n, PATH_CAP - n, fmt, args);
	va_end(args);
	if (more >= 0 && (size_t)more < PATH_CAP - n)
		return true;
	out[0] = 0;
	return false;
}

bool tree_has(const char *path)
{
	struct stat s;

	return *path && stat(path, &s) == 0;
}

/* A FIFO that somebody put there is not waited for. */
static FILE *open_regular(const char *path)
{
	int fd = *path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	struct stat s;
	FILE *f;

	if (fd < 0)
		return NULL;
	f = fstat(fd, &s) == 0 && S_ISREG(s.st_mode) ? fdopen(fd, "r") : NULL;
	if (!f)
		close(fd);
	return f;
}

static char *trimmed(char *line)
{
	size_t n = strlen(line);

	while (n && strchr(" \t\r\n", line[n - 1]))
		line[--n] = 0;
	return line + strspn(line, " \t");
}

bool tree_lines(const char *path, bool (*each)(void *ctx, const char *line), void *ctx)
{
	FILE *f = open_regular(path);
	char line[LINE_MAX_OCTETS];

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (!each(ctx, trimmed(line)))
			break;
	}
	fclose(f);
	return true;
}

bool tree_line(const char *path, char *out, size_t cap)
{
	FILE *f = open_regular(path);
	char line[LINE_MAX_OCTETS];

	out[0] = 0;
	if (!f)
		return false;
	if (fgets(line, sizeof(line), f))
		snprintf(out, cap, "%s", trimmed(line));
	fclose(f);
	return true;
}

struct names {
	char **list;
	size_t count, cap;
};

static void keep_name(struct names *n, const char *name)
{
	char *copy = strdup(name);

	if (n->count == n->cap) {
		size_t cap = n->cap ? 2 * n->cap : 32;
		char **list = reallocarray(n->list, cap, sizeof(*list));

		if (list) {
			n->list = list;
			n->cap = cap;
		}
	}
	if (copy && n->count < n->cap)
		n->list[n->count++] = copy;
	else
		free(copy); /* memory is out: one name less is looked at */
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Not scandir(): what stands in for a machine in tests does not reach into it. */
void tree_names(const char *path, void (*each)(void *ctx, const char *name), void *ctx)
{
	DIR *dir = *path ? opendir(path) : NULL;
	const struct dirent *d;
	struct names n = {0};

	while (dir && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] != '.')
			keep_name(&n, d->d_name);
	}
	if (dir)
		closedir(dir);
	if (n.count)
		qsort(n.list, n.count, sizeof(*n.list), by_name);
	for (size_t i = 0; i < n.count; i++) {
		each(ctx, n.list[i]);
		free(n.list[i]);
	}
	free(n.list);
}

bool tree_link(const char *path, char *out, size_t cap)
{
	char target[PATH_CAP];
	ssize_t n = *path ? readlink(path, target, sizeof(target) - 1) : -1;
	const char *last;

	out[0] = 0;
	if (n <= 0)
		return false;
	target[n] = 0;
	last = strrchr(target, '/');
	snprintf(out, cap, "%s", last ? last + 1 : target);
	return true;
}
