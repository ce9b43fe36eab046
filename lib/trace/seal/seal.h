/*
 * seal: what makes a pcapng trace tell that it was changed. Each block is a record of a chain: it
 * has its number, the tag of the record before it, and a tag of its own. Some are signatures.
 *
 * A seal is an option of local use (draft-ietf-opsawg-pcapng 3.5), the last one of its block, in
 * front of opt_endofopt. Octets of the option, numbers big endian:
 *    0  2  SEAL_OPTION
 *    2  2  72
 *    4  8  number of the record, from 0 (the section header)
 *   12 32  tag of the record before; in record 0 random, so that no other trace's record fits in
 *   44 32  tag: SHA-256 of SEAL_WORDS and of the block without these 32 octets
 *
 * A signature is a block of local use (4.1), SEAL_BLOCK, sealed as all others are. Its body:
 *    0  2  version 1
 *    2  2  1: it is the last record; 0: it is not
 *    4 65  the point of the recorder's key (P-256, uncompressed)
 *   69  3  zeros
 *   72 64  ECDSA with SHA-256 over SEAL_WORDS, octets 0 to 71, and octets 4 to 43 of the seal
 *
 * A record is a signature when its number is one more than a multiple of SEAL_EVERY, and when it is
 * the last. Other programs pass over both. docs/adr/0049-sealed-traces.md says why so.
 */
#ifndef TWINKEY_TRACE_SEAL_H
#define TWINKEY_TRACE_SEAL_H

#include "lib/base/bytes.h"
#include "lib/crypto/ec_curve.h"
#include "lib/crypto/symmetric.h"

struct ec_key;

#define SEAL_WORDS  "twinkey trace seal 1"
#define SEAL_OPTION 0x8053
#define SEAL_BLOCK  0x80544B53
#define SEAL_EVERY  64

enum {
	SEAL_OVERHEAD = 76,   /* octets that a seal adds to a block */
	SEAL_BLOCK_LEN = 228, /* of a signature */
};

struct seal_chain {
	uint64_t next; /* number of the next record */
	uint8_t tag[SHA256_LEN];
};

/* ERR_CRYPTO */
enum err seal_begin(struct seal_chain *chain) MUST_CHECK;
/*
 * Seals a whole block whose options end with opt_endofopt; its lengths are made right. ERR_SPACE,
 * ERR_CRYPTO, or why the block is none: then the chain is as it was.
 */
enum err seal_put(struct seal_chain *chain, struct wbuf *block) MUST_CHECK;
/* The next record is to be a signature. */
bool seal_is_due(const struct seal_chain *chain);
/* Puts a sealed signature into out, which is empty. key is of P-256. */
enum err seal_sign(struct seal_chain *chain, const struct ec_key *key, bool last,
		   struct wbuf *out) MUST_CHECK;

/* SHA-256 of the SubjectPublicKeyInfo of a key of P-256, by which people know it. */
enum err seal_fingerprint(struct slice point, uint8_t out[static SHA256_LEN]) MUST_CHECK;

/* What a block says of itself. Borrows from the block. */
struct seal {
	uint64_t number;
	struct slice before, tag;
	bool intact; /* the tag is that of the block */
};

/* Whether a block has a seal, whatever that says. */
bool seal_is_in(struct slice block);
/* *sealed: there is a seal in it, and *out says what; a block is at least 12 octets. ERR_CRYPTO. */
enum err seal_read(struct slice block, struct seal *out, bool *sealed) MUST_CHECK;

struct seal_signature {
	bool last, good; /* good: it is of the key with this point */
	struct slice point;
};

/* *is_one: the block with this seal is a signature, and *out says what. ERR_CRYPTO, ERR_MEMORY. */
enum err seal_read_signature(struct slice block, const struct seal *seal,
			     struct seal_signature *out, bool *is_one) MUST_CHECK;

#endif
