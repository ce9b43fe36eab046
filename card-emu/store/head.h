/*
 * head: where a journal ends, kept apart from it, so that a journal that lacks its end is known.
 *
 * The file has two places, written in turn: a write that is torn leaves the other one.
 *
 *   place  "TWKSHEAD", serial (u64: the higher one is the newer), salt of the journal (16 octets),
 *          number of its last record (u64), tag of that record (16), AES-CMAC of all that (16)
 *
 * The key is derived from the storage key and a label: the head in the folder and the anchor
 * outside of it have labels of their own, so that none passes for the other.
 */
#ifndef TWINKEY_CARD_HEAD_H
#define TWINKEY_CARD_HEAD_H

#include "lib/base/bytes.h"
#include "lib/crypto/symmetric.h"

#define HEAD_SALT_LEN 16
#define HEAD_FILE_LEN 1024

/* A record of a journal. */
struct head_point {
	uint8_t salt[HEAD_SALT_LEN];
	uint64_t number;
	uint8_t tag[GCM_TAG_LEN];
};

struct head;

/*
 * Takes over fd (of a file that can be read and written), also on failure. A file that holds no
 * head of this key is opened all the same: head_newest() gives none.
 */
enum err head_open(int fd, struct slice storage_key, const char *label,
		   struct head **out) MUST_CHECK;
void head_close(struct head **h);
/* The newest point of the journal with this salt, from now on in force; NULL if there is none. */
const struct head_point *head_settle(struct head *h, const uint8_t salt[static HEAD_SALT_LEN]);
/* The newest point of all; NULL: the file holds no head. */
const struct head_point *head_newest(const struct head *h);
/* How often it was written, 0: never. */
uint64_t head_serial(const struct head *h);
/*
 * Both places are good, or only one was ever written. If not, one was being written when the
 * process died (the journal is then ahead of the other), or somebody has damaged it.
 */
bool head_is_whole(const struct head *h);

enum head_sync {
	HEAD_CACHED, /* the system has it: it outlives the process */
	HEAD_BEGUN,  /* it is on its way to the disk */
	HEAD_SYNCED, /* it is on the disk */
};

/* Writes the point into the place that is not in force. On failure the other place still holds. */
enum err head_write(struct head *h, const struct head_point *point, enum head_sync sync) MUST_CHECK;
/* What was written last is in force. */
void head_take(struct head *h);

#endif
