/*
 * keyfile: the key of a tester's own card, from a text file.
 *
 * What simfile_parse_key() takes (lib/profile/simfile.h); the file may as well be the one that the
 * card was made from. It must be closed to all others (tool/sys/secret_file.h). The last SQN used
 * is kept beside it, in FILE.sqn, and counts from then on; without FILE.sqn the file's own. That of
 * standard input or a pipe is kept nowhere: the card's answer has it put right.
 */
#ifndef TWINKEY_HOST_KEYFILE_H
#define TWINKEY_HOST_KEYFILE_H

#include "lib/profile/simfile.h"

struct keyfile {
	struct aka_key *key;
	uint8_t amf[AKA_AMF_LEN]; /* 8000 unless the file says otherwise */
	unsigned ind_bits;
	uint64_t sqn; /* the last one used */
};

struct cancel; /* ends the wait for who writes to a pipe */

/* ERR_PERMISSION: others may read it; ERR_NOT_FOUND; ERR_VALUE: why says what is wrong in it. */
enum err keyfile_open(const char *path, struct cancel *cancel, struct keyfile *out,
		      struct simfile_error *why) MUST_CHECK;
/* Remembers k->sqn. */
enum err keyfile_keep_sqn(const char *path, const struct keyfile *k) MUST_CHECK;
void keyfile_close(struct keyfile *k);

#endif
