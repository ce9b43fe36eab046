/*
 * simfile: a subscription in a small text file, for a card (`twinkey-card create --profile`) and
 * for the operator (`twinkey-operator subscriber add --keys`).
 *
 * Lines "key = value"; blank lines and lines that begin with # are skipped. Keys: imsi, iccid, k
 * and one of opc or op (hex, 16 octets) are needed; algorithm (milenage), amf (hex, 2 octets;
 * 8000), sqn (hex, 6 octets; 0), mnc_length (2 or 3; 2), name, pin, puk, adm may be left out.
 */
#ifndef TWINKEY_PROFILE_SIMFILE_H
#define TWINKEY_PROFILE_SIMFILE_H

#include "lib/profile/build.h"
#include "lib/secret.h"

#define SIMFILE_MAX 8192

struct simfile {		  /* in the secure heap */
	struct profile_spec spec; /* its slices lie in k and opc */
	struct secret *k, *opc;
	uint8_t amf[AKA_AMF_LEN];
	uint64_t sqn; /* the last that was used */
};

struct simfile_error {
	unsigned line;	 /* 0: the file as a whole */
	char key[16];	 /* "" when the line has none */
	const char *why; /* a sentence; never a value of the file */
};

/* ERR_VALUE and *error on a bad file; the caller wipes text. */
enum err simfile_parse(struct slice text, struct simfile **out,
		       struct simfile_error *error) MUST_CHECK;
/* Wipes, frees, NULLs. */
void simfile_free(struct simfile **f);

#endif
