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

#include "lib/bytes.h"
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
 * Writes the point into the place that is not in force; sync: through to the disk. On failure the
 * file says what it said before, unless *written: then the new point stands there, and may be on
 * the disk or not.
 */
enum err head_write(struct head *h, const struct head_point *point, bool sync,
		    bool *written) MUST_CHECK;
/* What was written last is in force. */
void head_take(struct head *h);

#endif
