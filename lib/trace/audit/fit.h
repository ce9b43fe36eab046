/*
 * fit: what a key says of a challenge and its answer. For lib/trace/audit alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_FIT_H
#define TWINKEY_TRACE_AUDIT_FIT_H

#include "lib/auth/aka.h"

struct audit_vector; /* vector.h */
struct key_row;

struct audit_fit {
	bool has_answer, answer_right; /* RES or SRES, and the keys as far as they are in clear */
	bool has_sqn, mac_right;       /* of AUTN */
	uint64_t sqn;
	bool has_auts, auts_right;
	uint64_t sqn_ms; /* where auts_right */
};

/* An auditor's key; RES as long as that of the vector, where the algorithm leaves it open. */
struct aka_parameters audit_fit_parameters(const struct key_row *key);
/* The key that a card may have, for a vector of this kind. NULL: it is none for it. */
struct aka_key *audit_fit_open(struct aka_parameters p, const struct audit_vector *v);
/* false: it could not be computed. */
bool audit_fit_of(struct aka_key *key, const struct audit_vector *v, struct audit_fit *out);
/* The card has this key, or who made the challenge has. */
bool audit_fit_holds(const struct audit_fit *f);

/* A key of lib/auth/published.h, made ready when it is first compared; an array of all. */
struct audit_published;
/*
 * The first of them that holds for the vector: its name, its parameters, and what it says of the
 * vector; NULL: none. *all is made at the first call, and freed by audit_fit_close().
 */
const char *audit_fit_published(struct audit_published **all, const struct audit_vector *v,
				struct aka_parameters *key, struct audit_fit *out);
void audit_fit_close(struct audit_published **all);

#endif
