/*
 * secret: key material.
 *
 * A secret lives in OpenSSL's secure heap: locked in memory, kept out of core files, guarded by
 * unmapped pages, wiped when freed. secret_heap_start() sets the heap up once per program; without
 * it (or without the permission to lock) secrets live in ordinary memory and are still wiped.
 * No log, trace or error function takes a struct secret.
 */
#ifndef TWINKEY_SECRET_H
#define TWINKEY_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct slice;

#define SECRET_MAX 4096

struct secret {
	size_t len;
	uint8_t bytes[]; /* len bytes */
};

/* Sets the secure heap up (size a power of two). False when it could not be locked. */
bool secret_heap_start(size_t bytes);

/* Zeroed; NULL when memory is out or len is 0 or over SECRET_MAX. */
struct secret *secret_new(size_t len) MUST_CHECK;
struct secret *secret_copy(struct slice from) MUST_CHECK;
/* Wipes, frees, NULLs. */
void secret_free(struct secret **s);
/* Borrowed, for the functions of lib/crypto and lib/auth. Empty for NULL. */
struct slice secret_slice(const struct secret *s);
/* Constant time in the contents; lengths are public. */
bool secret_equal(struct slice a, struct slice b);
/* Wipes memory that held a secret for a moment. */
void secret_wipe(void *p, size_t len);

/* A zeroed object (a struct that holds keys) in the secure heap; wiped by secret_object_free(). */
void *secret_object_new(size_t size) MUST_CHECK;
void secret_object_free(void *object, size_t size);

/*
 * free() and realloc() for libraries that take an allocator: a block is wiped before it is freed,
 * and where it moves, it is wiped in its former place.
 */
void secret_block_free(void *block);
void *secret_block_resize(void *block, size_t size) MUST_CHECK;

#endif
