#include "card-emu/store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "card-emu/store/journal_damage.h"
#include "card-emu/store/journal_report.h"
#include "card-emu/store/limits.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"
#include "tool/sys/errno.h"
#include "tool/sys/file.h"
#include "tool/sys/folder.h"

#define MAGIC	       "TWKSTORE"
#define START_LEN      (8 + 4 + HEAD_SALT_LEN)
#define RECORD_START   24
#define RECORD_START_1 16 /* format 1 */
#define SESSION_LEN    8
#define NUMBER_LOW     4 /* octets of the number in the nonce */
#define FILE_MAX       (256u * 1024 * 1024)
#define NAME	       "journal"
#define NAME_NEW       "journal.new"

struct journal {
	int fd;
	const struct journal_place *place;
	bool broken;
	bool fresh; /* it has not got its name: no head tells of it */
	bool ahead; /* its heads do not tell of the last record yet */
	bool sound; /* of this format, and not damaged */
	struct gcm *gcm;
	uint64_t next; /* number of the next record */
	uint64_t records;
	size_t size;
	struct head_point last; /* the last record */
	uint8_t session[SESSION_LEN];
	struct wbuf buffer; /* kept between appends */
};

static enum err derive(struct journal *j)
{
	struct slice parts[2] = {slice_str("twinkey journal"), SLICE_OF(j->last.salt)};
	uint8_t key[SHA256_LEN];
	enum err e = hmac_sha256(j->place->storage_key, parts, 2, key);

	if (!e) {
		j->gcm = gcm_new(SLICE_OF(key));
		e = j->gcm ? ERR_OK : ERR_CRYPTO;
	}
	secret_wipe(key, sizeof(key));
	/* what the first record is chained to */
	memcpy(j->last.tag, j->last.salt, sizeof(j->last.tag));
	return e;
}

static void make_nonce(struct slice session, uint64_t number, uint8_t nonce[static GCM_NONCE_LEN])
{
	struct wbuf w = wbuf_init(nonce, GCM_NONCE_LEN);

	wbuf_put(&w, session);
	wbuf_uint(&w, number & UINT32_MAX, NUMBER_LOW);
}

static void make_nonce_1(uint64_t number, uint8_t nonce[static GCM_NONCE_LEN])
{
	struct wbuf w = wbuf_init(nonce, GCM_NONCE_LEN);

	wbuf_u32(&w, 0);
	wbuf_uint(&w, number, 8);
}

/* Takes fd over. */
static enum err journal_new(int fd, const struct journal_place *place, struct journal **out)
{
	struct journal *j = calloc(1, sizeof(*j));
	enum err e = j ? random_bytes(j->session, sizeof(j->session)) : ERR_MEMORY;

	if (e) {
		free(j);
		close(fd);
		return e;
	}
	j->fd = fd;
	j->place = place;
	j->buffer = wbuf_grow(JOURNAL_RECORD_MAX + 64);
	*out = j;
	return ERR_OK;
}

void journal_close(struct journal **j)
{
	if (!*j)
		return;
	(void)!journal_settle(*j); /* if it fails, the journal is ahead when it is opened */
	close((*j)->fd);	   /* the lock goes with it */
	gcm_free(&(*j)->gcm);
	wbuf_free(&(*j)->buffer);
	free(*j);
	*j = NULL;
}

size_t journal_size(const struct journal *j)
{
	return j->size;
}

/* Cuts the file back to the records that count. */
static void cut_back(struct journal *j)
{
	/* a torn record that stays: nothing may be appended behind it */
	j->broken = ftruncate(j->fd, (off_t)j->size) != 0;
}

/* All or nothing: a short or failed write is taken back. */
static enum err append_bytes(struct journal *j, struct slice bytes, bool sync)
{
	ssize_t n;
	enum err e;

	do
		n = write(j->fd, bytes.ptr, bytes.len);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)bytes.len && (!sync || fdatasync(j->fd) == 0))
		return ERR_OK;
	e = n < 0 ? errno_err(errno) : n < (ssize_t)bytes.len ? ERR_FULL : errno_err(errno);
	cut_back(j);
	return e;
}

static enum err write_heads(struct journal *j, enum head_sync sync)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < JOURNAL_HEADS && !e; i++) {
		if (j->place->heads[i])
			e = head_write(j->place->heads[i], &j->last, sync);
	}
	return e;
}

static void take_heads(struct journal *j)
{
	for (size_t i = 0; i < JOURNAL_HEADS; i++) {
		if (j->place->heads[i])
			head_take(j->place->heads[i]);
	}
	j->ahead = false;
}

enum err journal_settle(struct journal *j)
{
	enum err e;

	if (!j->ahead)
		return ERR_OK;
	e = write_heads(j, j->place->sync ? HEAD_BEGUN : HEAD_CACHED);
	if (!e)
		take_heads(j);
	return e;
}

enum err journal_append(struct journal *j, struct slice text)
{
	uint8_t nonce[GCM_NONCE_LEN], bound[RECORD_START + GCM_TAG_LEN];
	struct wbuf aad = wbuf_init(bound, sizeof(bound));
	size_t sealed = text.len + GCM_TAG_LEN;
	struct head_point point = j->last;
	struct slice record;
	enum err e;

	if (j->broken)
		cut_back(j);
	if (j->broken)
		return ERR_IO;
	e = journal_settle(j); /* a journal is ahead of its head by one record at most */
	if (e)
		return e;
	if (text.len > JOURNAL_RECORD_MAX - RECORD_START - GCM_TAG_LEN)
		return ERR_SPACE;
	point.number = j->next++; /* a number is used up even when the write fails */
	wbuf_reset(&j->buffer);
	wbuf_u32(&j->buffer, (uint32_t)sealed);
	wbuf_u32(&j->buffer, ~(uint32_t)sealed);
	wbuf_uint(&j->buffer, point.number, 8);
	wbuf_put(&j->buffer, SLICE_OF(j->session));
	wbuf_put(&aad, wbuf_slice(&j->buffer));
	wbuf_put(&aad, SLICE_OF(j->last.tag));
	make_nonce(SLICE_OF(j->session), point.number, nonce);
	e = gcm_seal(j->gcm, nonce, wbuf_slice(&aad), text, &j->buffer);
	if (e)
		return e;
	record = wbuf_slice(&j->buffer);
	e = slice_copy(slice_sub(record, record.len - GCM_TAG_LEN, GCM_TAG_LEN), point.tag,
		       sizeof(point.tag));
	if (!e)
		e = append_bytes(j, record, j->place->sync && !j->fresh);
	if (e)
		return e;
	j->last = point;
	j->size += record.len;
	j->records++;
	j->ahead = !j->fresh;
	return ERR_OK;
}

/* A record that is whole; its text goes to j->buffer. */
static enum err open_record(struct journal *j, struct slice start, struct slice session,
			    uint64_t number, struct slice sealed)
{
	uint8_t nonce[GCM_NONCE_LEN], bound[RECORD_START + GCM_TAG_LEN];
	struct wbuf aad = wbuf_init(bound, sizeof(bound));
	enum err e;

	wbuf_put(&aad, start);
	if (session.len) {
		wbuf_put(&aad, SLICE_OF(j->last.tag));
		make_nonce(session, number, nonce);
	} else {
		make_nonce_1(number, nonce);
	}
	wbuf_reset(&j->buffer);
	e = gcm_open(j->gcm, nonce, wbuf_slice(&aad), sealed, &j->buffer);
	if (e)
		return e;
	j->last.number = number;
	return slice_copy(slice_sub(sealed, sealed.len - GCM_TAG_LEN, GCM_TAG_LEN), j->last.tag,
			  sizeof(j->last.tag));
}

/* What stands at the cursor: a record, one that was not finished, or damage. */
enum found { FOUND_RECORD, FOUND_TORN, FOUND_DAMAGE };

static enum err read_record(struct journal *j, struct cursor *c, unsigned format, enum found *found)
{
	size_t start_len = format == 1 ? RECORD_START_1 : RECORD_START;
	struct slice all = c->rest, start = slice_sub(all, 0, start_len), session;
	struct cursor s = cursor_of(start);
	uint32_t len = cursor_u32(&s), complement = cursor_u32(&s);
	uint64_t number = cursor_uint(&s, 8);
	enum err e;

	*found = FOUND_TORN;
	if (start.len < start_len || slice_is_zero(all))
		return ERR_OK;
	*found = FOUND_DAMAGE;
	if (len != ~complement || len < GCM_TAG_LEN || number < j->next)
		return ERR_OK;
	*found = FOUND_TORN;
	if (len > all.len - start_len)
		return ERR_OK;
	session = cursor_take_rest(&s);
	cursor_take(c, start_len);
	e = open_record(j, start, session, number, cursor_take(c, len));
	if (e == ERR_MAC) {
		*found = cursor_left(c) ? FOUND_DAMAGE : FOUND_TORN;
		return ERR_OK;
	}
	if (!e) {
		*found = FOUND_RECORD;
		j->next = number + 1;
		j->records++;
	}
	return e;
}

/* The points that the journal has to contain. */
struct wanted {
	const struct head_point *point[JOURNAL_HEADS];
	bool met[JOURNAL_HEADS];
};

static void want_heads(const struct journal *j, struct wanted *w)
{
	for (size_t i = 0; i < JOURNAL_HEADS; i++) {
		if (j->place->heads[i])
			w->point[i] = head_settle(j->place->heads[i], j->last.salt);
	}
}

static void meet(const struct journal *j, struct wanted *w)
{
	for (size_t i = 0; i < JOURNAL_HEADS; i++) {
		const struct head_point *p = w->point[i];

		if (p && p->number == j->last.number &&
		    memcmp(p->tag, j->last.tag, sizeof(p->tag)) == 0)
			w->met[i] = true;
	}
}

/* Whether the end of the journal, which a head must tell, is there. */
static bool judge_end(const struct journal *j, const struct wanted *w, enum found end,
		      const struct journal_report *r)
{
	if (r->format == 1) /* made before there were heads, or an old copy */
		return end != FOUND_DAMAGE
			       ? damage_old_format(j->place->heads[0], j->place->heads[1])
			       : damage_broken(r);
	for (size_t i = 0; i < JOURNAL_HEADS; i++) {
		const struct head *h = j->place->heads[i];

		if (!h && i == 0)
			return damage_no_head();
		if (h && !w->point[i])
			return damage_other_head(h, i > 0);
	}
	if (end == FOUND_DAMAGE)
		return damage_broken(r);
	for (size_t i = 0; i < JOURNAL_HEADS; i++) {
		const struct head_point *p = w->point[i];

		if (p && !w->met[i])
			return damage_behind(r, p, i > 0);
		if (p && p->number == r->number && !head_is_whole(j->place->heads[i]))
			return damage_half_head(i > 0);
	}
	return true;
}

/* Heads that were left behind follow, and what is torn goes. */
static enum err catch_up(struct journal *j, const struct wanted *w, bool torn)
{
	if (torn && (ftruncate(j->fd, (off_t)j->size) || (j->place->sync && fdatasync(j->fd))))
		return errno_err(errno);
	for (size_t i = 0; i < JOURNAL_HEADS; i++) {
		if (w->point[i] && w->point[i]->number != j->last.number)
			j->ahead = true;
	}
	j->sound = true;
	return journal_settle(j);
}

static enum err read_start(struct journal *j, struct cursor *c, struct journal_report *r)
{
	struct slice magic = cursor_take(c, 8);

	r->format = cursor_u32(c);
	cursor_copy(c, j->last.salt, sizeof(j->last.salt));
	j->size = START_LEN;
	if (c->err || !slice_is(magic, MAGIC))
		return damage_start();
	return r->format == 1 || r->format == STORE_FORMAT ? derive(j) : ERR_VERSION;
}

static enum err replay_all(struct journal *j, struct slice file,
			   const struct journal_reader *reader, struct journal_report *r)
{
	struct cursor c = cursor_of(file);
	enum found end = FOUND_RECORD;
	struct wanted w = {0};
	enum err e = read_start(j, &c, r);

	if (!e)
		want_heads(j, &w);
	while (!e && cursor_left(&c)) {
		e = read_record(j, &c, r->format, &end);
		if (e || end != FOUND_RECORD)
			break;
		meet(j, &w);
		e = reader->replay(reader->ctx, wbuf_slice(&j->buffer));
		j->size = file.len - cursor_left(&c);
	}
	if (e)
		return e;
	r->records = j->records;
	r->number = j->last.number;
	r->head = w.point[0] ? w.point[0]->number : 0;
	if (j->records == 0)
		return damage_key();
	r->damaged = !judge_end(j, &w, end, r);
	r->torn = end == FOUND_TORN;
	if (!r->damaged)
		return r->format == 1 ? ERR_OK : catch_up(j, &w, r->torn);
	damage_advise(j->place->sync, reader->recover);
	return reader->recover ? ERR_OK : ERR_CORRUPT;
}

/* The file of this name is the one that is open. */
static bool has_the_name(int dir, int fd)
{
	struct stat named, open;

	return fstatat(dir, NAME, &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &open) == 0 &&
	       named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

/* The lock is on the journal itself. Who had it may have given the name to a new one meanwhile. */
static enum err open_locked(int dir, int *fd)
{
	for (;;) {
		enum err e = folder_open_file(dir, NAME, O_RDWR | O_APPEND, FOLDER_SECRET, fd);

		if (e)
			return e;
		if (flock(*fd, LOCK_EX | LOCK_NB) != 0)
			e = errno == EWOULDBLOCK ? ERR_LOCKED : errno_err(errno);
		if (!e && has_the_name(dir, *fd))
			return ERR_OK;
		close(*fd);
		if (e)
			return e;
	}
}

enum err journal_open(const struct journal_place *place, const struct journal_reader *reader,
		      struct journal_report *report, struct journal **out)
{
	struct wbuf file = wbuf_grow(FILE_MAX);
	struct journal *j = NULL;
	int fd;
	enum err e = open_locked(place->dir, &fd);

	if (!e)
		e = journal_new(fd, place, &j);
	if (!e)
		e = file_read_fd(fd, &file);
	if (!e)
		e = replay_all(j, wbuf_slice(&file), reader, report);
	wbuf_free(&file);
	if (e)
		journal_close(&j);
	else
		*out = j;
	return e;
}

static enum err start_file(struct journal *j)
{
	uint8_t mem[START_LEN];
	struct wbuf start = wbuf_init(mem, sizeof(mem));
	enum err e = random_bytes(j->last.salt, sizeof(j->last.salt));

	if (e)
		return e;
	wbuf_put(&start, slice_str(MAGIC));
	wbuf_u32(&start, STORE_FORMAT);
	wbuf_put(&start, SLICE_OF(j->last.salt));
	e = derive(j);
	if (!e)
		e = append_bytes(j, wbuf_slice(&start), false);
	j->size = START_LEN;
	return e ? e : journal_append(j, SLICE_EMPTY);
}

/* Above every number that was used: they are what tells an anchor's age. */
static uint64_t first_number(const struct journal_place *place, const struct journal *old)
{
	uint64_t number = old ? old->next : 0;

	for (size_t i = 0; i < JOURNAL_HEADS; i++) {
		const struct head_point *p = place->heads[i] ? head_newest(place->heads[i]) : NULL;

		if (p && p->number >= number)
			number = p->number + 1;
	}
	return number;
}

/*
 * The new file is on the disk, then the heads tell of both files, then the name changes: whatever
 * of that is done when the power fails, the file of that name has its heads.
 */
static enum err name_file(struct journal *j)
{
	int dir = j->place->dir;
	enum err e;

	if (fsync(j->fd) || flock(j->fd, LOCK_EX | LOCK_NB))
		return errno_err(errno);
	e = write_heads(j, HEAD_SYNCED);
	if (e)
		return e;
	if (renameat(dir, NAME_NEW, dir, NAME))
		return errno_err(errno);
	take_heads(j);
	j->fresh = false;
	j->sound = true;
	return ERR_OK;
}

/* An empty record of which no head tells: from now on a head that is half written is no damage. */
static enum err go_ahead(struct journal *old)
{
	return old && old->sound ? journal_append(old, SLICE_EMPTY) : ERR_OK;
}

enum err journal_rewrite(const struct journal_place *place, struct journal *old,
			 enum err (*write_records)(void *ctx, struct journal *fresh), void *ctx,
			 struct journal **out)
{
	struct journal *j = NULL;
	enum err e = go_ahead(old);
	int fd;

	if (e)
		return e;
	unlinkat(place->dir, NAME_NEW, 0); /* of a rewrite that was cut short */
	e = folder_open_file(place->dir, NAME_NEW, O_RDWR | O_APPEND | O_CREAT | O_EXCL,
			     FOLDER_SECRET, &fd);
	if (e)
		return e;
	e = journal_new(fd, place, &j);
	if (!e) {
		j->fresh = true;
		j->next = first_number(place, old);
		e = start_file(j);
	}
	if (!e)
		e = write_records(ctx, j);
	if (!e)
		e = name_file(j);
	if (e) {
		unlinkat(place->dir, NAME_NEW, 0);
		journal_close(&j);
		return e;
	}
	if (old)
		old->ahead = false; /* its heads tell of the new one */
	*out = j;
	return fsync(place->dir) ? errno_err(errno) : ERR_OK;
}

/* Under a name that is free. */
static enum err new_copy(int dir, int *fd)
{
	enum err e = folder_open_file(dir, NAME ".damaged", O_WRONLY | O_CREAT | O_EXCL,
				      FOLDER_SECRET, fd);

	for (unsigned i = 2; e == ERR_EXISTS && i < 100; i++) {
		char name[32];

		snprintf(name, sizeof(name), NAME ".damaged.%u", i);
		e = folder_open_file(dir, name, O_WRONLY | O_CREAT | O_EXCL, FOLDER_SECRET, fd);
	}
	return e;
}

enum err journal_keep_copy(const struct journal_place *place)
{
	struct wbuf file = wbuf_grow(FILE_MAX);
	int from = -1, to = -1;
	enum err e = folder_open_file(place->dir, NAME, O_RDONLY, FOLDER_SECRET, &from);

	if (!e)
		e = file_read_fd(from, &file);
	if (!e)
		e = new_copy(place->dir, &to);
	if (!e && (write(to, file.ptr, file.len) != (ssize_t)file.len || fsync(to)))
		e = ERR_FULL;
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	wbuf_free(&file);
	return e;
}
