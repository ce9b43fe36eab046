/*
 * rsp_crl: certificate revocation lists, right and wrong.
 */
#ifndef TWINKEY_TESTS_RSP_CRL_H
#define TWINKEY_TESTS_RSP_CRL_H

#include "tests/unit/support/rsp_bench.h"

struct bench_crl {
	uint64_t number;
	uint32_t parts, part; /* 0: no such extension */
	struct slice revoked[2];
	unsigned filler;		       /* further numbers */
	const char *this_update, *next_update; /* UTCTime; NULL: 2026, 2036 */
	bool no_number, no_key_id, unknown_critical, known_critical;
};

struct crl_issuer {
	struct slice key_id;
	struct slice issued; /* a certificate that it issued: it tells the issuer's name */
	const struct ec_key *key;
};

void crl_make(const struct crl_issuer *ca, const struct bench_crl *l, struct wbuf *out);
/* LoadCRL of a list by the bench's CI: the error, 0 when it was taken; how many parts are missing
 * (NULL: never mind). */
unsigned bench_load_crl(struct bench *b, const struct bench_crl *l, size_t *missing);

#endif
