/*
 * scratch: where tests put their folders: in memory where there is such a place, for thousands of
 * cards are put in and taken out, and none has to outlive a power cut.
 */
#ifndef TWINKEY_TESTS_SCRATCH_H
#define TWINKEY_TESTS_SCRATCH_H

#include <stddef.h>

/* A new folder below place; NULL: below the usual one. Aborts when it can't be made. */
void scratch_make(const char *place, const char *name, char *path, size_t cap);

/* Listens on a unix socket there; its descriptor. */
int scratch_listen(const char *path);

#endif
