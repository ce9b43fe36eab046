/*
 * wrapped: the form of a key file whose content is sealed under an outer key.
 *
 *	octets	what
 *	7, 1	"TWINKEY"; 1, the version of this form
 *	2, n	the outer key's source, a text (host/operator/keysource/source.h)
 *	2, n	the source's ticket, which only a token's has (host/operator/keysource/token.h)
 *	16	which outer key it is: HMAC-SHA-256 by that key over all before, cut
 *	12	the nonce
 *	33, 16	the content, by AES-256-GCM under the outer key; all before the nonce is
 *authenticated 32	SHA-256 of all before
 *
 * Numbers are big endian. The sum at the end knows a damaged file from one of another key; who
 * makes it anew makes nothing that the outer key would take.
 */
#ifndef TWINKEY_OPERATOR_WRAPPED_H
#define TWINKEY_OPERATOR_WRAPPED_H

#include "host/operator/keysource/source.h"
#include "host/operator/keysource/token.h"

#define WRAPPED_CONTENT 33   /* what a clear key file has: the key, and the version of the rows */
#define WRAPPED_MAX	1024 /* octets of a file of this form */

/* What everybody can read of it. */
struct wrapped {
	struct key_source source;
	struct key_ticket ticket;
};

/* It begins like one: it is no clear key. */
bool wrapped_is(struct slice file);
/* ERR_CORRUPT: it is damaged; ERR_VERSION: it is of a form of later times. */
enum err wrapped_parse(struct slice file, struct wrapped *out) MUST_CHECK;
/* Appends the file to out. content: WRAPPED_CONTENT octets; outer: 32. */
enum err wrapped_put(const struct wrapped *w, struct slice outer, struct slice content,
		     struct wbuf *out) MUST_CHECK;
/* Appends the content to out. ERR_KEY: this is not the outer key; ERR_CORRUPT, ERR_VERSION. */
enum err wrapped_open(struct slice file, struct slice outer, struct wbuf *out) MUST_CHECK;

#endif
