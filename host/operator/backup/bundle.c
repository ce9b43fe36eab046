#include "host/operator/backup/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/operator/backup/tree.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"

#define BLOCK	 512
#define LARGEST	 (INT64_C(1) << 33) /* 11 octal digits */
#define NAME_CAP 100
#define SUM_AT	 148
#define SUM_LEN	 8

/* A header of ustar (POSIX.1-2008, pax: ustar Interchange Format). */
struct header {
	char name[NAME_CAP], mode[8], uid[8], gid[8], size[12], mtime[12], sum[SUM_LEN], type,
		link[100], magic[6], version[2], rest[247];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is a block");

static unsigned sum_of(const struct header *h)
{
	const uint8_t *octets = (const uint8_t *)h;
	unsigned sum = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? ' ' : octets[i];
	return sum;
}

static enum err make_header(const struct manifest_file *f, struct header *h)
{
	char text[24];

	memset(h, 0, sizeof(*h));
	if (strlen(f->path) >= NAME_CAP)
		return ERR_LONG_NAME;
	if (f->size >= LARGEST)
		return ERR_SPACE;
	memcpy(h->name, f->path, strlen(f->path));
	snprintf(text, sizeof(text), "%07o", f->mode & 0777u);
	memcpy(h->mode, text, 7);
	memcpy(h->uid, "0000000", 7);
	memcpy(h->gid, "0000000", 7);
	snprintf(text, sizeof(text), "%011llo", (long long)f->size);
	memcpy(h->size, text, 11);
	memcpy(h->mtime, "00000000000", 11);
	h->type = '0';
	memcpy(h->magic, "ustar", 6);
	memcpy(h->version, "00", 2);
	snprintf(text, sizeof(text), "%06o", sum_of(h));
	memcpy(h->sum, text, 7);
	h->sum[7] = ' ';
	return ERR_OK;
}

/* size octets from one to the other, and what fills the last block. */
static enum err pass_on(int in, int out, int64_t size, bool fill)
{
	static const uint8_t zeros[BLOCK];
	uint8_t part[BLOCK * 64];
	int64_t left = size;
	enum err e = ERR_OK;

	while (!e && left > 0) {
		size_t want = left < (int64_t)sizeof(part) ? (size_t)left : sizeof(part);
		ssize_t n = read(in, part, want);

		if (n <= 0)
			return n ? errno_err(errno) : ERR_CORRUPT; /* it became shorter */
		e = file_write_all(out, slice_make(part, (size_t)n), NULL);
		left -= n;
	}
	if (!e && fill && size % BLOCK)
		e = file_write_all(out, slice_make(zeros, (size_t)(BLOCK - size % BLOCK)), NULL);
	return e;
}

static enum err put_file(int out, const char *dir, const struct manifest_file *f)
{
	char whole[PATH_CAP];
	struct header h;
	int in = -1;
	enum err e = make_header(f, &h);

	if (!e)
		e = path_join(dir, f->path, whole, sizeof(whole));
	if (!e) {
		in = open(whole, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		e = in < 0 ? errno_err(errno) : ERR_OK;
	}
	if (!e)
		e = file_write_all(out, slice_make(&h, sizeof(h)), NULL);
	if (!e)
		e = pass_on(in, out, f->size, true);
	if (in >= 0)
		close(in);
	return e;
}

static enum err put_all(int out, const char *dir, const struct manifest *m)
{
	static const uint8_t end[2 * BLOCK];
	struct manifest_file own = {.path = MANIFEST_NAME, .mode = 0600};
	enum err e = tree_measure(dir, &own);

	if (!e)
		e = put_file(out, dir, &own);
	for (size_t i = 0; i < m->count && !e; i++)
		e = put_file(out, dir, &m->files[i]);
	return e ? e : file_write_all(out, slice_make(end, sizeof(end)), NULL);
}

enum err bundle_write(const char *dir, const struct manifest *m, const char *path)
{
	char tmp[PATH_CAP];
	int n = snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path), fd;
	enum err e;

	if (n < 0 || (size_t)n >= sizeof(tmp))
		return ERR_LONG_NAME;
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return errno_err(errno);
	e = put_all(fd, dir, m);
	if (!e)
		e = file_name_new(fd, tmp, path);
	unlink(tmp);
	close(fd);
	return e;
}

/* False: it is no octal number of so many octets. */
static bool octal(const char *text, size_t len, int64_t *out)
{
	int64_t v = 0;
	size_t i = 0;

	while (i < len && text[i] >= '0' && text[i] <= '7')
		v = v * 8 + (text[i++] - '0');
	*out = v;
	return i > 0 && (i == len || text[i] == 0 || text[i] == ' ');
}

/* What a header says; *end: it is the block of zeros behind the last. */
static enum err read_header_of(const struct header *h, struct manifest_file *f, bool *end)
{
	static const struct header zeros;
	int64_t sum = 0;

	*end = memcmp(h, &zeros, sizeof(zeros)) == 0;
	if (*end)
		return ERR_OK;
	*f = (struct manifest_file){.mode = 0600};
	snprintf(f->path, sizeof(f->path), "%.*s", NAME_CAP, h->name);
	if (!octal(h->sum, sizeof(h->sum), &sum) || sum != sum_of(h) ||
	    !octal(h->size, sizeof(h->size), &f->size) || (h->type != '0' && h->type != 0) ||
	    memcmp(h->magic, "ustar", 5) != 0 || !manifest_path_good(f->path))
		return ERR_CORRUPT;
	return ERR_OK;
}

static enum err take_file(int in, const char *dir, const struct manifest_file *f)
{
	char whole[PATH_CAP];
	int out;
	enum err e = tree_make_above(dir, f->path);

	if (!e)
		e = path_join(dir, f->path, whole, sizeof(whole));
	if (e)
		return e;
	out = open(whole, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return errno == EEXIST ? ERR_CORRUPT : errno_err(errno);
	e = pass_on(in, out, f->size, false);
	if (close(out) && !e)
		e = errno_err(errno);
	if (!e && f->size % BLOCK && lseek(in, BLOCK - f->size % BLOCK, SEEK_CUR) < 0)
		e = errno_err(errno);
	return e;
}

enum err bundle_read(const char *path, const char *dir)
{
	int in = open(path, O_RDONLY | O_CLOEXEC);
	struct manifest_file f;
	struct header h;
	bool end = false;
	enum err e = in < 0 ? errno_err(errno) : ERR_OK;

	for (unsigned n = 0; !e && !end; n++) {
		if (n > MANIFEST_FILES + 1 || read(in, &h, sizeof(h)) != (ssize_t)sizeof(h))
			e = ERR_CORRUPT;
		else
			e = read_header_of(&h, &f, &end);
		if (!e && !end)
			e = take_file(in, dir, &f);
	}
	if (in >= 0)
		close(in);
	return e;
}
