/*
 * path: the names of files.
 */
#ifndef TWINKEY_TOOL_PATH_H
#define TWINKEY_TOOL_PATH_H

#include <stddef.h>

#include "lib/base/err.h"

#define PATH_CAP 4096 /* octets of a path with its NUL: Linux takes no longer one */

/* dir/name into out[cap]; ERR_LONG_NAME. */
enum err path_join(const char *dir, const char *name, char *out, size_t cap) MUST_CHECK;
/* The folder that path's last name is in: "." where path names none. Cut where it is too long. */
void path_folder(const char *path, char out[static PATH_CAP]);

#endif
