/*
 * environment: variables by which a program tells others what they need: as lines that a shell
 * reads, as JSON, or in the environment of what it runs. No secret goes in.
 */
#ifndef TWINKEY_TOOL_ENVIRONMENT_H
#define TWINKEY_TOOL_ENVIRONMENT_H

#include <jansson.h>

#include "lib/base/bytes.h"

#define ENVIRONMENT_MAX 16

/* Begins as {0}. */
struct environment {
	struct {
		const char *name; /* borrowed: a shell's name, as it is */
		char *value;
	} rows[ENVIRONMENT_MAX];
	size_t count;
	enum err err; /* of the first thing that failed; it stays */
};

void environment_add(struct environment *e, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/*
 * Appends a line NAME=VALUE for each to out, the values in quotes (POSIX 2.2.2) where a shell would
 * make something else of them. Errors: as e or out has them.
 */
enum err environment_lines(const struct environment *e, struct wbuf *out) MUST_CHECK;
/* {NAME: VALUE}, in UTF-8 as json_text() has it; NULL when memory is out. */
json_t *environment_json(const struct environment *e);
/* Into this process's environment; for a program of one thread. */
enum err environment_export(const struct environment *e) MUST_CHECK;
void environment_free(struct environment *e);

#endif
