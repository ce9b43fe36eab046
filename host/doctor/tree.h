/*
 * tree: small text files of a machine (/sys, /proc, /etc), below a root that tests can move.
 */
#ifndef TWINKEY_HOST_DOCTOR_TREE_H
#define TWINKEY_HOST_DOCTOR_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "tool/sys/path.h"

/* root and the formatted path. False: it is too long; out is "". */
bool tree_path(char out[static PATH_CAP], const char *root, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool tree_has(const char *path);
/* The first line without blanks around, cut at cap; false and "" where there is no such file. */
bool tree_line(const char *path, char *out, size_t cap);
/* Each line of a regular file until each() gives false; false: there is no such file. */
bool tree_lines(const char *path, bool (*each)(void *ctx, const char *line), void *ctx);
/* The names in a folder, sorted, without those that begin with a point. */
void tree_names(const char *path, void (*each)(void *ctx, const char *name), void *ctx);
/* The last part of where the link leads; false and "" where there is none. */
bool tree_link(const char *path, char *out, size_t cap);

#endif
