/*
 * keyfile: the key of a tester's own card, from a text file.
 *
 * Lines "name = value"; # begins a comment. Names used: algorithm (milenage), k, opc or op, amf,
 * sqn (hex); others are left to the programs that make cards. The file must be the user's own and
 * closed to all others (mode 0600). The last SQN used is kept beside it, in FILE.sqn.
 */
#ifndef TWINKEY_HOST_KEYFILE_H
#define TWINKEY_HOST_KEYFILE_H

#include "lib/auth/aka.h"

struct keyfile {
	struct aka_key *key;
	uint8_t amf[AKA_AMF_LEN]; /* 8000 unless the file says otherwise */
	uint64_t sqn;		  /* the last one used */
};

/* ERR_PERMISSION: others may read it; ERR_NOT_FOUND; ERR_KEY: k or opc missing or wrong. */
enum err keyfile_open(const char *path, struct keyfile *out) MUST_CHECK;
/* Remembers k->sqn. */
enum err keyfile_keep_sqn(const char *path, const struct keyfile *k) MUST_CHECK;
void keyfile_close(struct keyfile *k);

#endif
