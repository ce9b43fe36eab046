/*
 * signer: what the card signs with. One signer for each CI whose PKI the card belongs to: SK.EUICC,
 * CERT.EUICC and CERT.EUM on one curve (SGP.22 2.4.2: an ECASD holds several).
 */
#ifndef TWINKEY_CARD_SIGNER_H
#define TWINKEY_CARD_SIGNER_H

#include "card-emu/card.h"
#include "lib/crypto/ec.h"

struct store;
struct store_txn;

struct signer_certs { /* borrowed from the store until the next commit */
	struct slice euicc, eum;
};

/* Puts signer i into the transaction; the key is kept in one form, whatever it came in. */
enum err signer_put(struct store_txn *t, unsigned i, const struct card_signer *s) MUST_CHECK;
/* False: the card has no signer i. They are numbered from 0 without a gap. */
bool signer_certs(const struct store *s, unsigned i, struct signer_certs *out);
/* The key identifier of the CI above signer i (euiccCiPKIdListForSigning), appended to out. */
enum err signer_ci(const struct store *s, unsigned i, struct wbuf *out) MUST_CHECK;
/* The signer under the CI with this key identifier; false: none. */
bool signer_find(const struct store *s, struct slice ci_key_id, unsigned *i);
/* SK.EUICC of signer i. ERR_NOT_FOUND: the card has no signer i. */
enum err signer_key(const struct store *s, unsigned i, struct ec_key **out) MUST_CHECK;
/* The signature by SK.EUICC of signer i over the concatenated parts. */
enum err signer_sign(const struct store *s, unsigned i, const struct slice *parts, size_t n,
		     uint8_t signature[static EC_SIGNATURE_LEN]) MUST_CHECK;

#endif
