/*
 * internal: what the functions of ES9+ share.
 */
#ifndef TWINKEY_OPERATOR_SMDP_INTERNAL_H
#define TWINKEY_OPERATOR_SMDP_INTERNAL_H

#include "host/operator/pki/revoked.h"
#include "host/operator/smdp/smdp.h"
#include "host/operator/smdp/identity.h"
#include "lib/rsp/rsp.h"

#define SMDP_IDENTITIES_MAX 2
#define SMDP_EUMS_MAX	    8

/*
 * An EUM whose certificate has been checked: it is not checked again with each of its eUICCs, but
 * whether it was revoked is.
 */
struct smdp_eum {
	uint8_t digest[SHA256_LEN]; /* of the DER */
	size_t ci;		    /* which identity's CI */
	struct cert cert;
	bool used;
};

struct smdp {
	struct smdp_store *store;
	struct smdp_identity ids[SMDP_IDENTITIES_MAX];
	size_t count;
	struct smdp_eum eums[SMDP_EUMS_MAX];
	size_t next_eum;
	struct revoked *revoked;
	bool keep_rejected, reuse_deleted;
	char address[RSP_ADDRESS_MAX + 1];
};

const struct smdp_identity *smdp_identity_of(const struct smdp *m, enum ec_curve curve);
/* Empties the answer but for the fault; ERR_OK. */
enum err smdp_refuse(struct smdp_answer *a, enum smdp_fault_cause cause);
/* A new field, to be written. */
struct wbuf *smdp_field(struct smdp_answer *a, const char *name);
/* Ends an answer: e, or the first failure of a field; then the answer is empty. */
enum err smdp_finish(struct smdp_answer *a, const struct smdp_session *s, enum err e) MUST_CHECK;
/* Appends 5F37, the signature over content and before. */
enum err smdp_sign(const struct ec_key *key, struct slice content, struct slice before,
		   uint8_t signature[static EC_SIGNATURE_LEN], struct wbuf *out) MUST_CHECK;

enum err smdp_session_save(struct smdp *m, const struct smdp_session *s, int64_t now) MUST_CHECK;
/* *found is false when there is no such session in these states, or it is too old. */
enum err smdp_session_in(struct smdp *m, struct slice id, enum smdp_session_state from,
			 enum smdp_session_state to, int64_t now, struct smdp_session *s,
			 bool *found) MUST_CHECK;
/*
 * eUICC and EUM certificate (SGP.22 4.5.2); ci: index of the identity whose CI they must be under,
 * or SMDP_IDENTITIES_MAX for any. *cause stays SMDP_FAULT_COUNT when all is good.
 */
enum err smdp_check_chain(struct smdp *m, struct slice euicc, struct slice eum, size_t ci,
			  int64_t now, struct cert *out, enum smdp_fault_cause *cause) MUST_CHECK;
/* The EID in hex, as the log's actor. */
void smdp_actor(const uint8_t eid[static 16], char text[static 40]);

#endif
