/*
 * prepare: makes a subscriber's profile package: the first subscription open to the subscription
 * manager, the second sealed under S. This is the one place where the two sides of the operator
 * meet: the manager gets a finished package and nothing else.
 */
#ifndef TWINKEY_OPERATOR_PREPARE_H
#define TWINKEY_OPERATOR_PREPARE_H

#include "host/operator/store.h"
#include "lib/crypto/ec.h"

struct prepare_codes { /* decimal digits, "" for none */
	const char *pin, *puk;
};

/* The unprotected profile package (secret: it holds K1), appended to upp. */
enum err prepare_package(struct operator_store *s, const struct subscriber *sub,
			 const struct prepare_codes *codes, const struct ec_key *release_key,
			 struct wbuf *upp) MUST_CHECK;
/* The metadata that the manager shows before the download (BF25), appended to out. */
enum err prepare_metadata(const struct subscriber *sub, const char *smdp_address,
			  struct wbuf *out) MUST_CHECK;
/* The ICCID's digits out of its stored form: nibbles swapped, F filled. */
void prepare_iccid_text(const uint8_t iccid[static 10], char text[static 21]);

#endif
