/*
 * bind: a profile package, bound for one eUICC (SGP.22 2.5.4, 5.6.2), and the secrets of that.
 */
#ifndef TWINKEY_OPERATOR_SMDP_BIND_H
#define TWINKEY_OPERATOR_SMDP_BIND_H

#include "lib/base/bytes.h"
#include "lib/crypto/ec.h"

struct secret;
struct smdp_identity;

/*
 * The secrets of one binding: the one-time key and the package's own keys. They are kept (sealed)
 * until the eUICC's result has come, so that a download that broke off is answered with the same
 * package when the eUICC offers its one-time key again (SGP.22 3.1.3, 5.6.2).
 */
struct smdp_keys {
	struct ec_key *otsk;
	struct secret *own; /* chaining value, PPK-ENC, PPK-CMAC */
	uint8_t euicc_otpk[EC_POINT_LEN];
};
#define SMDP_KEYS_MAX 512

/* Whether euicc_otpk is a point of the curve is found by smdp_bind(): ERR_POINT. */
enum err smdp_keys_new(enum ec_curve curve, struct slice euicc_otpk,
		       struct smdp_keys *out) MUST_CHECK;
/* Appends them to out (secret: let out own wiped memory); and back, ERR_CORRUPT. */
enum err smdp_keys_save(const struct smdp_keys *k, struct wbuf *out) MUST_CHECK;
enum err smdp_keys_load(struct slice saved, struct smdp_keys *out) MUST_CHECK;
void smdp_keys_free(struct smdp_keys *k);

struct smdp_binding {
	struct slice transaction_id, eid;
	struct slice metadata, upp; /* BF25; profile elements */
	const struct smdp_keys *keys;
};
/*
 * Appends BF36. With the same keys everything but BF23,
 * which is signed anew for the transaction, comes out the same.
 */
enum err smdp_bind(const struct smdp_identity *id, const struct smdp_binding *b,
		   struct wbuf *out) MUST_CHECK;

#endif
