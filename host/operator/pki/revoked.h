/*
 * revoked: which certificates the operator's CIs have taken back (SGP.22 4.6.2, RFC 5280 5).
 *
 * The lists are the DER files FOLDER/pki/CRL/NAME.crl. Each must be signed by a CI of
 * FOLDER/pki/CI that may sign lists and whose key identifier and name it bears. One that has run
 * out still counts: what was revoked stays so. Files that are put there or taken away count at
 * once; the folder's time of change tells.
 */
#ifndef TWINKEY_OPERATOR_REVOKED_H
#define TWINKEY_OPERATOR_REVOKED_H

#include "lib/crypto/cert.h"

#define REVOKED_LIST_MAX (1024u * 1024) /* octets of a list */

struct revoked;

/* dir: the operator's folder, which need not have lists. ERR_CORRUPT: one of them is not good. */
enum err revoked_open(const char *dir, struct revoked **out) MUST_CHECK;
void revoked_close(struct revoked **r);
/*
 * ERR_CERT_REVOKED: its issuer has taken c, a certificate directly under a CI, back; ERR_CORRUPT: a
 * list that was put there is not good, and nothing can be said until it is gone.
 */
enum err revoked_check(struct revoked *r, const struct cert *c) MUST_CHECK;

struct revoked_list {
	const char *path; /* of the file; "" for one that is none yet */
	enum err err;	  /* why it does not count; what follows may be zeros then */
	char ci[2 * CERT_KEY_ID_MAX + 1]; /* key identifier, hex */
	uint64_t number;
	uint32_t parts, part;
	int64_t this_update, next_update; /* seconds since 1970; next_update 0: not told */
	size_t entries;
};
/* Each list, in the order of their names, until each() gives an error; there may be none. */
enum err revoked_lists(const char *dir, enum err (*each)(void *ctx, const struct revoked_list *l),
		       void *ctx) MUST_CHECK;
/*
 * Puts a list there. When all its parts have come so, the older lists of its CI go. ERR_EXPIRED: it
 * is not valid now; ERR_REPLAY: a newer one is there; else errors of crl_parse(), ERR_SIGNATURE and
 * ERR_CERT_UNTRUSTED. *out tells what it is.
 */
enum err revoked_add(const char *dir, struct slice der, int64_t now,
		     struct revoked_list *out) MUST_CHECK;

#endif
