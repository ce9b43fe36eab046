/*
 * grant: how S travels to one card (docs/protocol.md, section 2): wrapped under a KEK that operator
 * and card agree on, bound to one challenge, signed by the operator's release key. In derived mode
 * there is no S: both sides derive K2 of what they agree on, and what else is in the second
 * subscription travels encrypted under the KEK.
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
	struct slice operator_otpk;
	struct slice wrapped;	       /* S; empty in derived mode */
	struct slice nonce, encrypted; /* derived mode: the elements with their tag */
	struct slice
		shared_info; /* keyId .. operatorOtpk as they stand: what the KEK is bound to */
	struct slice signed_part, signature;
};
/* Makes the operator's one-time key, derives the KEK, wraps S, signs. */
enum err grant_build(struct wbuf *w, const struct kra_binding *b, struct slice card_otpk,
		     const struct secret *s, const struct ec_key *release_key) MUST_CHECK;
/* Derived mode. kdf and sealed: from the sealed part, which says so. */
struct grant_derivation {
	struct slice kdf;    /* value of its OID */
	size_t octets;	     /* of K2 by that one */
	struct slice sealed; /* SealedElements whole: authenticated with the elements */
};
/*
 * The same for derived mode: of c its binding and its one-time key. elements: without their K. *k2
 * is what the card derives; ERR_POINT: of the card's one-time key.
 */
struct grant_elements {
	struct grant_derivation from;
	struct slice plain;
};
enum err grant_build_derived(struct wbuf *w, const struct kra_challenge *c,
			     const struct grant_elements *elements,
			     const struct ec_key *release_key, struct secret **k2) MUST_CHECK;
enum err grant_parse(struct slice message, struct grant *out) MUST_CHECK;
/* The card's side: KEK from its one-time key, S unwrapped. ERR_POINT, ERR_MAC; ERR_UNSUPPORTED: it
 * is one of derived mode. */
enum err grant_open(const struct grant *g, const struct ec_key *card_ot,
		    struct secret **s) MUST_CHECK;
/* ERR_UNSUPPORTED: it has S. */
struct grant_derived { /* secret */
	struct secret *elements, *k2;
};
enum err grant_open_derived(const struct grant *g, const struct ec_key *card_ot,
			    const struct grant_derivation *from,
			    struct grant_derived *out) MUST_CHECK;
void grant_derived_free(struct grant_derived *d);

#endif
