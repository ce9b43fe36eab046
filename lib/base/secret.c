#include "lib/base/secret.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "lib/base/bytes.h"

bool secret_heap_start(size_t bytes)
{
	if (CRYPTO_secure_malloc_initialized())
		return true;
	return CRYPTO_secure_malloc_init(bytes, 32) == 1;
}

void *secret_object_new(size_t size)
{
	return OPENSSL_secure_zalloc(size);
}

void secret_object_free(void *object, size_t size)
{
	OPENSSL_secure_clear_free(object, size);
}

struct secret *secret_new(size_t len)
{
	struct secret *s;

	if (len == 0 || len > SECRET_MAX)
		return NULL;
	s = secret_object_new(sizeof(*s) + len);
	if (s)
		s->len = len;
	return s;
}

struct secret *secret_copy(struct slice from)
{
	struct secret *s = secret_new(from.len);

	if (s)
		memcpy(s->bytes, from.ptr, from.len);
	return s;
}

void secret_free(struct secret **s)
{
	if (!*s)
		return;
	secret_object_free(*s, sizeof(**s) + (*s)->len);
	*s = NULL;
}

struct slice secret_slice(const struct secret *s)
{
	return s ? slice_make(s->bytes, s->len) : SLICE_EMPTY;
}

bool secret_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0);
}

void secret_wipe(void *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}

void secret_block_free(void *block)
{
	if (block)
		secret_wipe(block, malloc_usable_size(block));
	free(block);
}

void *secret_block_resize(void *block, size_t size)
{
	size_t old = block ? malloc_usable_size(block) : 0;
	void *moved;

	if (old >= size && size)
		return block;
	moved = malloc(size);
	if (moved && old)
		memcpy(moved, block, old < size ? old : size);
	if (moved)
		secret_block_free(block);
	return moved;
}
