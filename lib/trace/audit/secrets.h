/*
 * secrets: the values that no trace should have: those that an auditor gives in a file
 * (lib/trace/search/needles.h), and keys that 3GPP, GSMA and GlobalPlatform published for tests.
 */
#ifndef TWINKEY_TRACE_AUDIT_SECRETS_H
#define TWINKEY_TRACE_AUDIT_SECRETS_H

#include "lib/trace/search/needles.h"

struct search;

struct audit_secrets {
	struct search *search; /* of both; compiled */
	struct needles *given; /* its needles have the numbers from 0 on; NULL: no file */
};

/*
 * text: the file's octets; empty: there is none. ERR_VALUE: fault says why; ERR_MEMORY, ERR_SPACE.
 * *out is to be closed in any case.
 */
enum err audit_secrets_open(struct slice text, struct audit_secrets *out,
			    struct needles_fault *fault) MUST_CHECK;
void audit_secrets_close(struct audit_secrets *s);

/* The published key that a needle's number stands for; NULL: it is a given one. */
const char *audit_secrets_published(unsigned needle);

#endif
