#include "tool/sys/path.h"

#include <stdio.h>
#include <string.h>

enum err path_join(const char *dir, const char *name, char *out, size_t cap)
{
	size_t n = strlen(dir);
	const char *sep = n && dir[n - 1] == '/' ? "" : "/";

	return (size_t)snprintf(out, cap, "%s%s%s", dir, sep, name) < cap ? ERR_OK : ERR_LONG_NAME;
}

void path_folder(const char *path, char out[static PATH_CAP])
{
	const char *slash = strrchr(path, '/');

	if (slash)
		snprintf(out, PATH_CAP, "%.*s", (int)(slash == path ? 1 : slash - path), path);
	else
		snprintf(out, PATH_CAP, ".");
}
