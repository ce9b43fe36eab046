/*
 * grant: how S travels to one card (docs/protocol.md, section 2): wrapped under a KEK that operator
 * and card agree on, bound to one challenge, signed by the operator's release key.
 *
 * For the operator, who builds it, and the card, which opens it: nobody between them includes this.
 */
#ifndef TWINKEY_RELEASE_GRANT_H
#define TWINKEY_RELEASE_GRANT_H

#include "lib/release/kra.h"

#define GRANT_S_LEN	  32 /* the sealing key */
#define GRANT_WRAPPED_LEN 40 /* RFC 5649 */

struct secret;

struct grant { /* slices borrow from the message */
	struct kra_binding binding;
	struct slice operator_otpk, wrapped;
	struct slice
		shared_info; /* keyId .. operatorOtpk as they stand: what the KEK is bound to */
	struct slice signed_part, signature;
};
/* Makes the operator's one-time key, derives the KEK, wraps S, signs. */
enum err grant_build(struct wbuf *w, const struct kra_binding *b, struct slice card_otpk,
		     const struct secret *s, const struct ec_key *release_key) MUST_CHECK;
enum err grant_parse(struct slice message, struct grant *out) MUST_CHECK;
/* The card's side: KEK from its one-time key, S unwrapped. ERR_POINT, ERR_MAC. */
enum err grant_open(const struct grant *g, const struct ec_key *card_ot,
		    struct secret **s) MUST_CHECK;

#endif
