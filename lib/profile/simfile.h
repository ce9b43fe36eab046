/*
 * simfile: a subscription in a small text file, for a card (`twinkey-card create --profile`) and
 * for the operator (`twinkey-operator subscriber add --keys`).
 *
 * Lines "key = value"; blank lines and lines that begin with # are skipped. Needed are imsi, iccid,
 * and the key, all in hex: k, with milenage one of opc or op (16 octets), with tuak (k of 16 or 32
 * octets) one of topc or top (32 octets), with xor k alone. May be left out: algorithm (milenage,
 * tuak or xor in any case; milenage), amf (hex, 2 octets; 8000), sqn (hex, 6 octets; 0), ind_bits
 * (0 to 8; 5), keccak_iterations (tuak, 1 to 255; 1), res_bits (tuak 32, 64, 128, xor these too;
 * 64), mac_bits (64), ck_bits and ik_bits (128), mnc_length (2 or 3; 2), name, pin, puk, adm.
 */
#ifndef TWINKEY_PROFILE_SIMFILE_H
#define TWINKEY_PROFILE_SIMFILE_H

#include "lib/profile/build.h"
#include "lib/base/secret.h"

#define SIMFILE_MAX 8192

struct simfile {		  /* in the secure heap */
	struct profile_spec spec; /* its slices lie in k and opc (OPc, or TOPc) */
	struct secret *k, *opc;
	uint8_t amf[AKA_AMF_LEN];
	uint64_t sqn; /* the last that was used */
};

struct simfile_error {
	unsigned line;	 /* 0: the file as a whole */
	char key[24];	 /* "" when the line has none */
	const char *why; /* a sentence; never a value of the file */
};

#define SIMFILE_SENTENCE 256
/* "line 3: k must be ...", to be said behind the name of the file. */
void simfile_error_text(const struct simfile_error *error, char out[static SIMFILE_SENTENCE]);

/* ERR_VALUE and *error on a bad file; the caller wipes text. */
enum err simfile_parse(struct slice text, struct simfile **out,
		       struct simfile_error *error) MUST_CHECK;
/*
 * The key of a card of the tester's own: k and what goes with it are needed, and nothing else; keys
 * that are not known are left to other programs. "#" begins a comment anywhere, and blanks may
 * stand for "=".
 */
enum err simfile_parse_key(struct slice text, struct simfile **out,
			   struct simfile_error *error) MUST_CHECK;
/* What a file calls the algorithm. */
const char *simfile_algorithm(enum aka_algorithm algorithm);
/* Wipes, frees, NULLs. */
void simfile_free(struct simfile **f);

#endif
