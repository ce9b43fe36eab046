#include "card-emu/store/home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "card-emu/store/head.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/folder.h"
#include "tool/sys/trouble.h"

#define STORAGE_KEY_LEN 32
#define LOCK_NAME	"lock"
#define KEY_NAME	"storage.key"
#define HEAD_NAME	"head"
#define HEAD_LABEL	"twinkey head"
#define ANCHOR_LABEL	"twinkey anchor"

/* A storage key that is new. */
static enum err draw_key(struct home *h)
{
	h->key = random_secret(STORAGE_KEY_LEN);
	if (!h->key)
		return ERR_MEMORY;
	h->place.storage_key = secret_slice(h->key);
	return ERR_OK;
}

enum err home_open(struct home *h, const char *dir)
{
	return dir ? folder_open(dir, &h->place.dir) : draw_key(h);
}

/*
 * The lock is on the folder and on the journal: neither goes with the file "lock", which is for
 * people (and for versions of the time when it was the lock).
 */
enum err home_lock(struct home *h)
{
	char pid[32];
	int n;
	enum err e;

	if (flock(h->place.dir, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		return ERR_LOCKED; /* where folders take no lock, the journal's has to do */
	e = folder_open_file(h->place.dir, LOCK_NAME, O_RDWR | O_CREAT, FOLDER_SECRET, &h->lock);
	if (e)
		return e;
	if (flock(h->lock, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? ERR_LOCKED : errno_err(errno);
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(h->lock, 0) || pwrite(h->lock, pid, (size_t)n, 0) != n)
		return ERR_FULL; /* only information, but a disk that takes no 8 octets won't do */
	return ERR_OK;
}

enum err home_load_key(struct home *h)
{
	struct wbuf w = wbuf_grow(STORAGE_KEY_LEN);
	int fd = -1;
	enum err e = folder_open_file(h->place.dir, KEY_NAME, O_RDONLY, FOLDER_SECRET, &fd);

	if (!e)
		e = file_read_fd(fd, &w);
	if (fd >= 0)
		close(fd);
	/* there is a journal: a folder without its key is no empty place */
	if (e == ERR_NOT_FOUND || e == ERR_SPACE || (!e && w.len != STORAGE_KEY_LEN))
		e = trouble_set(ERR_CORRUPT,
				"'" KEY_NAME "' is missing or damaged: without it nothing can be "
				"read; restore the whole folder from a copy, or create the card "
				"anew");
	if (!e) {
		h->key = secret_copy(wbuf_slice(&w));
		e = h->key ? ERR_OK : ERR_MEMORY;
		h->place.storage_key = secret_slice(h->key);
	}
	wbuf_free(&w);
	return e;
}

static enum err write_whole(int fd, struct slice octets)
{
	if (write(fd, octets.ptr, octets.len) != (ssize_t)octets.len)
		return ERR_FULL;
	return fsync(fd) ? errno_err(errno) : ERR_OK;
}

static enum err make_key(struct home *h)
{
	int fd = -1;
	enum err e = draw_key(h);

	if (e)
		return e;
	unlinkat(h->place.dir, KEY_NAME, 0); /* there is no journal: what it was for is gone */
	e = folder_open_file(h->place.dir, KEY_NAME, O_WRONLY | O_CREAT | O_EXCL, FOLDER_SECRET,
			     &fd);
	if (!e)
		e = write_whole(fd, h->place.storage_key);
	if (fd >= 0)
		close(fd);
	return e;
}

/* A file that has its full length from the start: what is written later wants no room. */
static enum err make_head(struct home *h, int folder, const char *name, const char *label,
			  struct head **out)
{
	static const uint8_t empty[HEAD_FILE_LEN];
	int fd = -1;
	enum err e = folder_open_file(folder, name, O_RDWR | O_CREAT | O_EXCL, FOLDER_PUBLIC, &fd);

	if (!e)
		e = write_whole(fd, SLICE_OF(empty));
	if (!e)
		return head_open(fd, h->place.storage_key, label, out);
	if (fd >= 0)
		close(fd);
	return e;
}

static enum err open_head(struct home *h, int folder, const char *name, const char *label,
			  struct head **out)
{
	int fd = -1;
	enum err e = folder_open_file(folder, name, O_RDWR, FOLDER_PUBLIC, &fd);

	return e ? e : head_open(fd, h->place.storage_key, label, out);
}

static enum err make_anchor(struct home *h, const char *anchor)
{
	enum err e = make_head(h, AT_FDCWD, anchor, ANCHOR_LABEL, &h->place.heads[1]);

	if (e == ERR_EXISTS)
		trouble_set(e, "the anchor '%s' is there already: name another file", anchor);
	return e;
}

enum err home_make_heads(struct home *h, const char *anchor)
{
	enum err e = ERR_OK;

	if (!h->place.heads[0])
		e = make_head(h, h->place.dir, HEAD_NAME, HEAD_LABEL, &h->place.heads[0]);
	if (!e && anchor && !h->place.heads[1])
		e = make_anchor(h, anchor);
	return e;
}

static enum err open_anchor(struct home *h, const char *anchor, bool may_lack)
{
	enum err e = open_head(h, AT_FDCWD, anchor, ANCHOR_LABEL, &h->place.heads[1]);

	if (e != ERR_NOT_FOUND)
		return e;
	if (may_lack)
		return ERR_OK; /* made later */
	return trouble_set(e,
			   "the anchor '%s' is not there: nothing tells whether the folder is an "
			   "older copy; to begin a new anchor: twinkey-card run --recover",
			   anchor);
}

enum err home_open_heads(struct home *h, const char *anchor, bool may_lack)
{
	enum err e = open_head(h, h->place.dir, HEAD_NAME, HEAD_LABEL, &h->place.heads[0]);

	e = e == ERR_NOT_FOUND ? ERR_OK : e; /* the journal says whether it needs one */
	return !e && anchor ? open_anchor(h, anchor, may_lack) : e;
}

enum err home_make(struct home *h, const char *anchor)
{
	enum err e = make_key(h);

	unlinkat(h->place.dir, HEAD_NAME, 0);
	return e ? e : home_make_heads(h, anchor);
}

/* Beside what else a card has, a journal is lost: that is no empty place for a new card. */
enum err home_without_journal(const struct home *h)
{
	if (faccessat(h->place.dir, KEY_NAME, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return ERR_NOT_FOUND;
	return trouble_set(ERR_CORRUPT,
			   "'journal' is missing: restore the whole folder from a copy, or "
			   "create the card anew");
}

void home_close(struct home *h)
{
	for (size_t i = 0; i < JOURNAL_HEADS; i++)
		head_close(&h->place.heads[i]);
	secret_free(&h->key);
	if (h->lock >= 0)
		close(h->lock);
	if (h->place.dir >= 0)
		close(h->place.dir); /* the lock goes with it */
}

long home_lock_holder(const char *dir)
{
	char text[32] = "";
	int folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;

	if (folder < 0)
		return 0;
	if (folder_open_file(folder, LOCK_NAME, O_RDONLY, FOLDER_SECRET, &fd) == ERR_OK) {
		if (read(fd, text, sizeof(text) - 1) < 0)
			text[0] = 0;
		close(fd);
	}
	close(folder);
	return strtol(text, NULL, 10);
}
