#include "tool/sys/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATH_CAP 4096

static const char *folder(void)
{
	const char *tmp = secure_getenv("TMPDIR");

	return tmp && *tmp == '/' ? tmp : "/tmp";
}

/* Where the file system has no files without a name, one that loses it at once. */
static int make_named(void)
{
	char path[PATH_CAP];
	int fd;

	if (snprintf(path, sizeof(path), "%s/twinkey-spill-XXXXXX", folder()) >= (int)sizeof(path))
		return -1;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static bool is_open(struct spill *s)
{
	if (s->is_open)
		return true;
	s->fd = open(folder(), O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
	if (s->fd < 0)
		s->fd = make_named();
	s->is_open = s->fd >= 0;
	return s->is_open;
}

bool spill_write(void *ctx, uint64_t at, struct slice octets)
{
	struct spill *s = ctx;

	while (is_open(s) && octets.len) {
		ssize_t n = pwrite(s->fd, octets.ptr, octets.len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (uint64_t)n;
		octets = slice_sub(octets, (size_t)n, octets.len);
	}
	return s->is_open;
}

bool spill_read(void *ctx, uint64_t at, uint8_t *dst, size_t len)
{
	struct spill *s = ctx;

	while (s->is_open && len) {
		ssize_t n = pread(s->fd, dst, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (uint64_t)n;
		dst += n;
		len -= (size_t)n;
	}
	return s->is_open;
}

void spill_close(struct spill *s)
{
	if (s->is_open)
		close(s->fd);
	*s = (struct spill){0};
}
