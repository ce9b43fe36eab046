#include "card-emu/store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "card-emu/store/store.h"
#include "lib/crypto/symmetric.h"
#include "tool/file.h"

#define MAGIC	    "TWKSTORE"
#define SALT_LEN    16
#define HEAD_LEN    (8 + 4 + SALT_LEN)
#define RECORD_HEAD 16
#define FILE_MAX    (256u * 1024 * 1024)
#define PATH_CAP    4096

struct journal {
	int fd;
	bool sync, broken;
	struct gcm *gcm;
	uint64_t next; /* number of the next record */
	size_t size;
	struct wbuf buffer; /* kept between appends */
};

static enum err derive(struct journal *j, struct slice storage_key, struct slice salt)
{
	struct slice parts[2] = {slice_str("twinkey journal"), salt};
	uint8_t key[SHA256_LEN];
	enum err e = hmac_sha256(storage_key, parts, 2, key);

	if (!e) {
		j->gcm = gcm_new(SLICE_OF(key));
		e = j->gcm ? ERR_OK : ERR_CRYPTO;
	}
	secret_wipe(key, sizeof(key));
	return e;
}

static void make_nonce(uint64_t number, uint8_t nonce[static GCM_NONCE_LEN])
{
	struct wbuf w = wbuf_init(nonce, GCM_NONCE_LEN);

	wbuf_u32(&w, 0);
	wbuf_uint(&w, number, 8);
}

static struct journal *journal_new(int fd, bool sync)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->fd = fd;
	j->sync = sync;
	j->buffer = wbuf_grow(JOURNAL_RECORD_MAX + 64);
	return j;
}

void journal_close(struct journal **j)
{
	if (!*j)
		return;
	if ((*j)->fd >= 0)
		close((*j)->fd);
	gcm_free(&(*j)->gcm);
	wbuf_free(&(*j)->buffer);
	free(*j);
	*j = NULL;
}

size_t journal_size(const struct journal *j)
{
	return j->size;
}

/* All or nothing: a short or failed write is taken back. */
static enum err append_bytes(struct journal *j, struct slice bytes)
{
	ssize_t n;
	enum err e;

	do
		n = write(j->fd, bytes.ptr, bytes.len);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)bytes.len && (!j->sync || fdatasync(j->fd) == 0)) {
		j->size += bytes.len;
		return ERR_OK;
	}
	e = n < 0 ? file_errno(errno) : n < (ssize_t)bytes.len ? ERR_FULL : file_errno(errno);
	if (ftruncate(j->fd, (off_t)j->size) != 0)
		j->broken = true; /* a torn record stays: nothing may be appended behind it */
	return e;
}

enum err journal_append(struct journal *j, struct slice text)
{
	uint8_t nonce[GCM_NONCE_LEN];
	size_t sealed = text.len + GCM_TAG_LEN;
	struct slice aad;
	enum err e;

	if (j->broken)
		return ERR_IO;
	if (text.len > JOURNAL_RECORD_MAX - RECORD_HEAD - GCM_TAG_LEN)
		return ERR_SPACE;
	wbuf_reset(&j->buffer);
	wbuf_u32(&j->buffer, (uint32_t)sealed);
	wbuf_u32(&j->buffer, ~(uint32_t)sealed);
	wbuf_uint(&j->buffer, j->next, 8);
	if (!wbuf_reserve(&j->buffer, sealed)) /* the memory must not move under aad */
		return wbuf_done(&j->buffer);
	wbuf_cut(&j->buffer, RECORD_HEAD);
	aad = wbuf_slice(&j->buffer);
	make_nonce(j->next++, nonce); /* a number is used up even when the write fails */
	e = gcm_seal(j->gcm, nonce, aad, text, &j->buffer);
	return e ? e : append_bytes(j, wbuf_slice(&j->buffer));
}

static bool all_zero(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i])
			return false;
	}
	return true;
}

/*
 * What stands at the cursor: a record (its text in j->buffer), a torn tail, or damage. Only what
 * was appended can be torn, the first record was not.
 */
static enum err read_record(struct journal *j, struct cursor *c, bool *torn)
{
	struct slice all = c->rest, head = slice_sub(all, 0, RECORD_HEAD), sealed;
	struct cursor h = cursor_of(head);
	uint32_t len = cursor_u32(&h), complement = cursor_u32(&h);
	uint64_t number = cursor_uint(&h, 8);
	enum err unfinished = j->next == 0 ? ERR_CORRUPT : ERR_OK;
	uint8_t nonce[GCM_NONCE_LEN];
	enum err e;

	*torn = true;
	if (head.len < RECORD_HEAD || all_zero(all))
		return unfinished;
	if (len != ~complement || len < GCM_TAG_LEN || number < j->next)
		return ERR_CORRUPT;
	if (len > all.len - RECORD_HEAD)
		return unfinished;
	cursor_take(c, RECORD_HEAD);
	sealed = cursor_take(c, len);
	make_nonce(number, nonce);
	wbuf_reset(&j->buffer);
	e = gcm_open(j->gcm, nonce, head, sealed, &j->buffer);
	if (e == ERR_MAC)
		return cursor_left(c) ? ERR_CORRUPT : unfinished; /* the last one may be torn */
	*torn = false;
	j->next = number + 1;
	return e;
}

static enum err replay_all(struct journal *j, struct slice file, struct slice storage_key,
			   enum err (*replay)(void *ctx, struct slice text), void *ctx, bool *torn)
{
	struct cursor c = cursor_of(file);
	struct slice magic = cursor_take(&c, 8);
	uint32_t format = cursor_u32(&c);
	struct slice salt = cursor_take(&c, SALT_LEN);
	enum err e;

	*torn = false;
	if (c.err || !slice_is(magic, MAGIC))
		return ERR_CORRUPT;
	if (format != STORE_FORMAT)
		return ERR_VERSION;
	e = derive(j, storage_key, salt);
	j->size = HEAD_LEN;
	while (!e && cursor_left(&c)) {
		e = read_record(j, &c, torn);
		if (e || *torn)
			break;
		e = replay(ctx, wbuf_slice(&j->buffer));
		j->size = file.len - cursor_left(&c);
	}
	return !e && j->next == 0 ? ERR_CORRUPT : e;
}

enum err journal_open(const char *path, struct slice storage_key, bool sync,
		      enum err (*replay)(void *ctx, struct slice text), void *ctx, bool *torn,
		      struct journal **out)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
	struct wbuf file = wbuf_grow(FILE_MAX);
	struct journal *j;
	enum err e;

	if (fd < 0)
		return file_errno(errno);
	j = journal_new(fd, sync);
	if (!j) {
		close(fd);
		return ERR_MEMORY;
	}
	e = file_read(path, &file);
	if (!e)
		e = replay_all(j, wbuf_slice(&file), storage_key, replay, ctx, torn);
	wbuf_free(&file);
	if (e)
		journal_close(&j);
	else
		*out = j;
	return e;
}

static enum err start_file(struct journal *j, struct slice storage_key)
{
	uint8_t mem[HEAD_LEN], salt[SALT_LEN];
	struct wbuf head = wbuf_init(mem, sizeof(mem));
	enum err e = random_bytes(salt, sizeof(salt));

	if (e)
		return e;
	wbuf_put(&head, slice_str(MAGIC));
	wbuf_u32(&head, STORE_FORMAT);
	wbuf_put(&head, SLICE_OF(salt));
	e = derive(j, storage_key, SLICE_OF(salt));
	if (!e)
		e = append_bytes(j, wbuf_slice(&head));
	return e ? e : journal_append(j, SLICE_EMPTY);
}

static enum err sync_dir_of(const char *path)
{
	char dir[PATH_CAP];
	char *slash;
	int fd, r;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash)
		return ERR_OK;
	*slash = 0;
	fd = open(*dir ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return file_errno(errno);
	r = fsync(fd);
	close(fd);
	return r ? file_errno(errno) : ERR_OK;
}

enum err journal_rewrite(const char *path, struct slice storage_key, bool sync,
			 enum err (*write_records)(void *ctx, struct journal *fresh), void *ctx,
			 struct journal **out)
{
	char fresh[PATH_CAP];
	struct journal *j;
	enum err e;
	int fd;

	if ((size_t)snprintf(fresh, sizeof(fresh), "%s.new", path) >= sizeof(fresh))
		return ERR_SPACE;
	fd = open(fresh, O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return file_errno(errno);
	j = journal_new(fd, false);
	e = j ? start_file(j, storage_key) : ERR_MEMORY;
	if (!e)
		e = write_records(ctx, j);
	if (!e && fsync(fd))
		e = file_errno(errno);
	if (!e && rename(fresh, path))
		e = file_errno(errno);
	if (e) {
		unlink(fresh);
		if (!j)
			close(fd);
		journal_close(&j);
		return e;
	}
	j->sync = sync;
	*out = j;
	return sync_dir_of(path);
}
