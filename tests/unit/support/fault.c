#include "tests/unit/support/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include <openssl/crypto.h>

static struct {
	enum fault_kind kind;
	unsigned nth, calls;
	size_t octets;
} fault;

void fault_arm(enum fault_kind kind, unsigned nth, size_t octets)
{
	fault.kind = kind;
	fault.nth = nth;
	fault.octets = octets;
	fault.calls = 0;
}

unsigned fault_calls(void)
{
	return fault.calls;
}

bool fault_disarm(void)
{
	bool struck = fault.kind != FAULT_NONE && fault.calls >= fault.nth;

	fault.kind = FAULT_NONE;
	return struck;
}

static bool of_memory(enum fault_kind kind)
{
	return kind == FAULT_MEMORY || kind == FAULT_NO_MEMORY;
}

/* What this call has to do: go through, fail, or (a write) do a part. */
enum fate { GO, PART, FAIL };

static enum fate next_call(bool is_write)
{
	if (fault.kind == FAULT_NONE || of_memory(fault.kind))
		return GO;
	fault.calls++;
	if (fault.calls < fault.nth)
		return GO;
	errno = fault.kind == FAULT_FULL || fault.kind == FAULT_NO_ROOM ? ENOSPC : EIO;
	if (fault.kind == FAULT_NO_ROOM)
		return is_write ? FAIL : GO;
	if (fault.calls == fault.nth)
		return fault.kind == FAULT_FULL ? FAIL : PART;
	return fault.kind == FAULT_DEATH ? FAIL : GO;
}

ssize_t __real_pwrite(int fd, const void *data, size_t n, off_t at);
ssize_t __real_write(int fd, const void *data, size_t n);
ssize_t __wrap_pwrite(int fd, const void *data, size_t n, off_t at);
ssize_t __wrap_write(int fd, const void *data, size_t n);

/* at < 0: where the file stands */
static ssize_t some_write(int fd, const void *data, size_t n, off_t at)
{
	size_t part = n;
	enum fate fate = next_call(true);
	ssize_t done;

	if (fate == FAIL)
		return -1;
	if (fate == PART && fault.octets < n)
		part = fault.octets;
	done = at < 0 ? __real_write(fd, data, part) : __real_pwrite(fd, data, part, at);
	if (fate == PART && fault.kind == FAULT_DEATH)
		return errno = EIO, -1;
	return done;
}

ssize_t __wrap_write(int fd, const void *data, size_t n)
{
	return some_write(fd, data, n, -1);
}

ssize_t __wrap_pwrite(int fd, const void *data, size_t n, off_t at)
{
	return some_write(fd, data, n, at);
}

#define WRAP(name, parameters, arguments)                                                          \
	int __real_##name parameters;                                                              \
	int __wrap_##name parameters;                                                              \
	int __wrap_##name parameters                                                               \
	{                                                                                          \
		return next_call(false) == GO ? __real_##name arguments : -1;                      \
	}

WRAP(ftruncate, (int fd, off_t length), (fd, length))

/* No test crashes the machine: they would only wait for the disk. */
#define WRAP_SYNC(name)                                                                            \
	int __wrap_##name(int fd);                                                                 \
	int __wrap_##name(int fd)                                                                  \
	{                                                                                          \
		(void)fd;                                                                          \
		return next_call(false) == GO ? 0 : -1;                                            \
	}

WRAP_SYNC(fsync)
WRAP_SYNC(fdatasync)
WRAP(rename, (const char *from, const char *to), (from, to))
WRAP(renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))

static bool allocation_fails(void)
{
	if (!of_memory(fault.kind))
		return false;
	fault.calls++;
	return fault.kind == FAULT_MEMORY ? fault.calls == fault.nth : fault.calls >= fault.nth;
}

#define WRAP_ALLOCATION(name, parameters, arguments)                                               \
	void *__real_##name parameters;                                                            \
	void *__wrap_##name parameters;                                                            \
	void *__wrap_##name parameters                                                             \
	{                                                                                          \
		return allocation_fails() ? NULL : __real_##name arguments;                        \
	}

WRAP_ALLOCATION(malloc, (size_t n), (n))
WRAP_ALLOCATION(calloc, (size_t n, size_t size), (n, size))
WRAP_ALLOCATION(realloc, (void *p, size_t n), (p, n))
WRAP_ALLOCATION(CRYPTO_secure_zalloc, (size_t n, const char *file, int line), (n, file, line))

static void *openssl_malloc(size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return n && !allocation_fails() ? __real_malloc(n) : NULL;
}

static void *openssl_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return n && allocation_fails() ? NULL : __real_realloc(p, n);
}

static void openssl_free(void *p, const char *file, int line)
{
	(void)file, (void)line;
	free(p);
}

void fault_start(void)
{
	if (!CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free))
		abort();
}
