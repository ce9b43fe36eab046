#include "card-emu/store/head.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "tool/sys/errno.h"

#define MAGIC	  "TWKSHEAD"
#define PLACES	  2
#define PLACE_AT  512 /* apart by a sector: one torn write spoils one */
#define PLACE_LEN (8 + 8 + HEAD_SALT_LEN + 8 + GCM_TAG_LEN + AES_BLOCK)

struct head_place {
	bool valid, blank; /* blank: nothing was ever written there */
	uint64_t serial;
	struct head_point point;
};

struct head {
	int fd;
	size_t force; /* the place that is in force */
	struct cmac *mac;
	struct head_place places[PLACES];
};

static enum err place_mac(struct head *h, struct slice text, uint8_t mac[static AES_BLOCK])
{
	return cmac_sum(h->mac, &text, 1, mac);
}

static void read_place(struct head *h, struct slice octets, struct head_place *out)
{
	struct cursor c = cursor_of(octets);
	struct head_place p = {.valid = true};
	uint8_t mac[AES_BLOCK];
	struct slice magic = cursor_take(&c, 8);

	out->blank = slice_is_zero(octets);
	p.serial = cursor_uint(&c, 8);
	cursor_copy(&c, p.point.salt, sizeof(p.point.salt));
	p.point.number = cursor_uint(&c, 8);
	cursor_copy(&c, p.point.tag, sizeof(p.point.tag));
	if (c.err || !slice_is(magic, MAGIC) ||
	    place_mac(h, slice_sub(octets, 0, PLACE_LEN - AES_BLOCK), mac) ||
	    !secret_equal(SLICE_OF(mac), cursor_take(&c, AES_BLOCK)))
		return;
	*out = p;
}

static enum err derive(struct head *h, struct slice storage_key, const char *label)
{
	struct slice part = slice_str(label);
	uint8_t key[SHA256_LEN];
	enum err e = hmac_sha256(storage_key, &part, 1, key);

	if (!e)
		e = cmac_new(SLICE_OF(key), &h->mac);
	secret_wipe(key, sizeof(key));
	return e;
}

enum err head_open(int fd, struct slice storage_key, const char *label, struct head **out)
{
	uint8_t octets[HEAD_FILE_LEN] = {0};
	struct head *h = calloc(1, sizeof(*h));
	enum err e = h ? ERR_OK : ERR_MEMORY;

	if (!h) {
		close(fd);
		return e;
	}
	h->fd = fd;
	e = derive(h, storage_key, label);
	if (!e && pread(fd, octets, sizeof(octets), 0) < 0)
		e = errno_err(errno);
	for (size_t i = 0; i < PLACES && !e; i++)
		read_place(h, slice_sub(SLICE_OF(octets), i * PLACE_AT, PLACE_LEN), &h->places[i]);
	if (e)
		head_close(&h);
	else
		*out = h;
	return e;
}

void head_close(struct head **h)
{
	if (!*h)
		return;
	close((*h)->fd);
	cmac_free(&(*h)->mac);
	free(*h);
	*h = NULL;
}

const struct head_point *head_settle(struct head *h, const uint8_t salt[static HEAD_SALT_LEN])
{
	const struct head_place *best = NULL;

	for (size_t i = 0; i < PLACES; i++) {
		const struct head_place *p = &h->places[i];

		if (p->valid && memcmp(p->point.salt, salt, HEAD_SALT_LEN) == 0 &&
		    (!best || p->serial > best->serial)) {
			best = p;
			h->force = i;
		}
	}
	return best ? &best->point : NULL;
}

static const struct head_place *newest(const struct head *h)
{
	const struct head_place *best = NULL;

	for (size_t i = 0; i < PLACES; i++) {
		if (h->places[i].valid && (!best || h->places[i].serial > best->serial))
			best = &h->places[i];
	}
	return best;
}

const struct head_point *head_newest(const struct head *h)
{
	const struct head_place *best = newest(h);

	return best ? &best->point : NULL;
}

uint64_t head_serial(const struct head *h)
{
	const struct head_place *best = newest(h);

	return best ? best->serial : 0;
}

bool head_is_whole(const struct head *h)
{
	const struct head_place *a = &h->places[0], *b = &h->places[1];

	if (a->valid && b->valid)
		return true;
	return (a->valid && a->serial == 1 && b->blank) || (b->valid && b->serial == 1 && a->blank);
}

static enum err sync_file(int fd, enum head_sync sync)
{
	if (sync == HEAD_BEGUN) /* where that cannot be had, the system writes it in its time */
		(void)!sync_file_range(fd, 0, HEAD_FILE_LEN, SYNC_FILE_RANGE_WRITE);
	return sync == HEAD_SYNCED && fdatasync(fd) ? errno_err(errno) : ERR_OK;
}

enum err head_write(struct head *h, const struct head_point *point, enum head_sync sync)
{
	size_t at = 1 - h->force;
	struct head_place p = {.valid = true, .serial = head_serial(h) + 1, .point = *point};
	uint8_t octets[PLACE_LEN], mac[AES_BLOCK];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	ssize_t n;
	enum err e;

	wbuf_put(&w, slice_str(MAGIC));
	wbuf_uint(&w, p.serial, 8);
	wbuf_put(&w, SLICE_OF(point->salt));
	wbuf_uint(&w, point->number, 8);
	wbuf_put(&w, SLICE_OF(point->tag));
	e = place_mac(h, wbuf_slice(&w), mac);
	if (e)
		return e;
	wbuf_put(&w, SLICE_OF(mac));
	do
		n = pwrite(h->fd, octets, sizeof(octets), (off_t)(at * PLACE_AT));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno_err(errno);
	h->places[at] = p;
	h->places[at].valid = n == (ssize_t)sizeof(octets);
	return h->places[at].valid ? sync_file(h->fd, sync) : ERR_FULL;
}

void head_take(struct head *h)
{
	h->force = 1 - h->force;
}
