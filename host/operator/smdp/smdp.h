/*
 * smdp: the subscription manager (SM-DP+): the functions of ES9+ (SGP.22 5.6).
 *
 * A function takes the decoded fields of a request and fills an answer: the fields of the response
 * in DER, or a fault (subject and reason code). An enum err other than ERR_OK means that the
 * request is no valid message or the store failed; the answer is then empty. now: seconds since
 * 1970. The second subscription is opaque here: no function of the subscription manager can open
 * it.
 */
#ifndef TWINKEY_OPERATOR_SMDP_H
#define TWINKEY_OPERATOR_SMDP_H

#include "host/operator/smdp/answer.h"

#define SMDP_ADDRESS_DEFAULT "testsmdpplus1.example.com"

struct smdp;
struct smdp_store;

/*
 * dir: the operator's folder, whose PKI (tool/pki/pki.h) has either curve or both. ERR_NOT_FOUND:
 * neither; ERR_KEY: key and certificate do not belong together; ERR_CERT_REVOKED: its CI took one
 * back; ERR_CORRUPT: a list of revoked certificates is not good (host/operator/pki/revoked.h).
 * Errors of lib/rsp/cert.h. Borrows store.
 */
enum err smdp_open(struct smdp_store *store, const char *dir, const char *address, int64_t now,
		   struct smdp **out) MUST_CHECK;
void smdp_close(struct smdp **m);
const char *smdp_address(const struct smdp *m);
/*
 * From now on an LPA may call it by address:port, too: the port that it is reached at, where that
 * is not 443. Not for an address that has a port. Before it is asked anything.
 */
void smdp_at_port(struct smdp *m, unsigned port);
/* What an activation code has for it: with the port, where smdp_at_port() gave one. */
const char *smdp_place(const struct smdp *m);
/*
 * An end user's rejection ends the order (SGP.22 5.6.5), but not while a confirmation code is asked
 * and was not given. After this call it never does, for LPAs that report every failure as one.
 */
void smdp_keep_rejected(struct smdp *m);
/*
 * A profile that its eUICC has deleted is Deleted, until the operator takes it back. After this
 * call it is Available again at once.
 */
void smdp_reuse_deleted(struct smdp *m);

struct smdp_initiation { /* 5.6.1 */
	struct slice euicc_challenge, euicc_info1;
	struct slice address; /* that the LPA has called */
};
enum err smdp_initiate_authentication(struct smdp *m, const struct smdp_initiation *r, int64_t now,
				      struct smdp_answer *a) MUST_CHECK;
enum err smdp_authenticate_client(struct smdp *m, struct slice transaction_id,
				  struct slice authenticate_server_response, int64_t now,
				  struct smdp_answer *a) MUST_CHECK;
enum err smdp_get_bound_profile_package(struct smdp *m, struct slice transaction_id,
					struct slice prepare_download_response, int64_t now,
					struct smdp_answer *a) MUST_CHECK;
enum err smdp_handle_notification(struct smdp *m, struct slice pending_notification, int64_t now,
				  struct smdp_answer *a) MUST_CHECK;
enum err smdp_cancel_session(struct smdp *m, struct slice transaction_id,
			     struct slice cancel_session_response, int64_t now,
			     struct smdp_answer *a) MUST_CHECK;

#endif
