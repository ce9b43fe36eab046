/*
 * milenage: the functions f1..f5* of 3GPP TS 35.206, with the standard r and c constants or others.
 *
 * A context keeps an AES key schedule and OPc in the secure heap; setting another key reuses it.
 * All blocks that depend only on RAND are computed by one call of the cipher.
 */
#ifndef TWINKEY_AUTH_MILENAGE_H
#define TWINKEY_AUTH_MILENAGE_H

#include "lib/base/bytes.h"

#define MILENAGE_KEY_LEN 16

struct milenage;

struct milenage *milenage_new(void) MUST_CHECK;
void milenage_free(struct milenage **m);
enum err milenage_set_key(struct milenage *m, const uint8_t k[static 16],
			  const uint8_t opc[static 16]) MUST_CHECK;
/*
 * Other constants than the standard's, until the context is freed: r1..r5 in bits (5 octets),
 * c1..c5 (80 octets); an empty slice keeps the standard's. ERR_KEY: a wrong length, a rotation over
 * 127, or two pairs that are alike (TS 35.206 4.1).
 */
enum err milenage_set_constants(struct milenage *m, struct slice rotations,
				struct slice constants) MUST_CHECK;
/* OPc = E[OP]K xor OP (TS 35.206 4.1). */
enum err milenage_opc(struct milenage *m, const uint8_t k[static 16], const uint8_t op[static 16],
		      uint8_t opc[static 16]) MUST_CHECK;

struct milenage_output {	    /* secret but for mac_a, mac_s and res */
	uint8_t mac_a[8], mac_s[8]; /* f1, f1* */
	uint8_t res[8];		    /* f2 */
	uint8_t ck[16], ik[16];	    /* f3, f4 */
	uint8_t ak[6], ak_star[6];  /* f5, f5* */
};

/* f2, f3, f4, f5 and f5* for this RAND. */
enum err milenage_f2345(struct milenage *m, const uint8_t rand[static 16],
			struct milenage_output *out) MUST_CHECK;
/* f1 and f1* for this RAND, SQN and AMF. */
enum err milenage_f1(struct milenage *m, const uint8_t rand[static 16], const uint8_t sqn[static 6],
		     const uint8_t amf[static 2], struct milenage_output *out) MUST_CHECK;
/* Everything: what the AuC needs, where SQN is known beforehand. */
enum err milenage_all(struct milenage *m, const uint8_t rand[static 16],
		      const uint8_t sqn[static 6], const uint8_t amf[static 2],
		      struct milenage_output *out) MUST_CHECK;

#endif
