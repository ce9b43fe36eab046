/*
 * state: what the rules on sessions with a subscription manager know of one, of a card. For
 * lib/trace/audit/rsp alone.
 */
#ifndef TWINKEY_TRACE_AUDIT_RSP_STATE_H
#define TWINKEY_TRACE_AUDIT_RSP_STATE_H

#include "lib/trace/audit/proof.h"
#include "lib/crypto/ec.h"
#include "lib/rsp/rsp.h"
#include "lib/trace/audit/rule.h"

#define RSP_ISSUERS 8 /* of a card, that are remembered */

enum rsp_rule {
	RSP_ABANDONED,
	RSP_SKIPPED,
	RSP_TRANSACTION,
	RSP_TRANSACTION_AGAIN,
	RSP_CHALLENGE_AGAIN,
	RSP_CHALLENGE_OTHER,
	RSP_ECHO,
	RSP_SIGNATURE,
	RSP_ONE_TIME_KEY_AGAIN,
	RSP_REFUSED,
	RSP_FAILED,
	RSP_RESULT_ADDRESS,
	RSP_GUESSED_ID,
	RSP_GUESSED_CODE,
	RSP_CODE_AGAIN,
	RSP_ISSUER,
	RSP_INFO,
	RSP_BASIC_CHANNEL,
	RSP_RULES
};

extern const struct finding_rule rsp_rules[RSP_RULES];

enum rsp_stage { RSP_IDLE, RSP_AUTHENTICATED, RSP_PREPARED, RSP_LOADING };

struct es8p_metadata;

struct rsp_key { /* of a certificate */
	bool is_there;
	enum ec_curve curve;
	uint8_t point[EC_POINT_LEN];
};

struct rsp_text {
	size_t len;
	uint8_t octets[RSP_ADDRESS_MAX];
};

struct rsp {
	bool whole; /* the trace has a reset of the card: what came before does not count */
	bool told_channel;
	bool has_challenge, used; /* the card's; by an AuthenticateServer that was answered */
	uint8_t challenge[RSP_CHALLENGE_LEN];
	struct audit_spot challenge_at;
	/* The session */
	enum rsp_stage stage;
	struct audit_spot began;
	bool mute; /* what the card answered to the last step is not in the trace */
	struct rsp_text transaction, address, matching_id, last_matching_id;
	struct proofs proofs;
	struct rsp_key euicc, binder; /* who signs answers; who signs the package (DPpb) */
	bool has_signature1, has_otpk, has_code;
	uint8_t signature1[EC_SIGNATURE_LEN], otpk[EC_POINT_LEN];
	unsigned failed_ids, failed_codes;
	struct audit_spot first_id, first_code;
	/* What EUICCInfo1 or EUICCInfo2 said without a signature */
	bool has_info;
	uint8_t version[RSP_VERSION_LEN];
	unsigned issuers;
	uint8_t issuer[RSP_ISSUERS][CERT_KEY_ID_MAX];
};

/* Keeps what fits: identifiers and addresses have limits, and what has more is cut. */
void rsp_keep(struct rsp_text *t, struct slice v);
bool rsp_kept(const struct rsp_text *t, struct slice v);
/* A finding that disagrees with an earlier exchange. */
void rsp_find_before(struct audit_run *r, enum rsp_rule rule, const struct audit_spot *before,
		     const struct audit_step *s, const char *text);
/* StoreMetadata, of a piece of a package: it goes in clear, with a MAC behind it (SGP.22 2.5.3).
 * False: it is another piece, or one of several. */
bool rsp_read_metadata(const struct audit_step *s, struct es8p_metadata *out);
/* The key of a certificate, which need not be one. */
void rsp_take_key(struct rsp *st, struct rsp_key *k, struct slice certificate);
struct rsp_signature {
	const struct rsp_key *by;
	struct slice parts[2]; /* SGP.22 5.7.5: behind a message the signature that came before */
	struct slice signature;
	const char *name;
};
void rsp_judge_signature(struct audit_run *r, struct rsp *st, const struct audit_step *s,
			 const struct rsp_signature *g);
void rsp_judge_transaction(struct audit_run *r, const struct rsp *st, const struct audit_step *s,
			   struct slice id);
/* The session is over, in whatever way. */
void rsp_close_session(struct audit_run *r, struct rsp *st, const struct audit_spot *at);

#endif
