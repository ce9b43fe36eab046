/*
 * rsp_crl: certificate revocation lists by the CI of a bench, right and wrong.
 */
#ifndef TWINKEY_TESTS_RSP_CRL_H
#define TWINKEY_TESTS_RSP_CRL_H

#include "tests/unit/rsp_bench.h"

struct bench_crl {
	uint64_t number;
	uint32_t parts, part; /* 0: no such extension */
	struct slice revoked[2];
	unsigned filler; /* further numbers */
	bool no_number, no_key_id, unknown_critical, known_critical;
};

void bench_make_crl(const struct bench *b, const struct bench_crl *l, struct wbuf *out);
/* LoadCRL: the error, 0 when it was taken; how many parts are missing (NULL: never mind). */
unsigned bench_load_crl(struct bench *b, const struct bench_crl *l, size_t *missing);

#endif
