/*
 * peer: an eUICC that a test plays: it signs what the test wants it to, true or not.
 *
 * Each peer_*() gives one message of the eUICC (DER) in w, from what the manager answered before.
 */
#ifndef TWINKEY_TESTS_PEER_H
#define TWINKEY_TESTS_PEER_H

#include <jansson.h>

#include "lib/crypto/ec.h"
#include "lib/rsp/es10b.h"

#define PEER_EID     "89049032123451234512345678901235"
#define PEER_ADDRESS "dp.example.com"

struct peer {
	uint8_t eid[16], ci_id[20];
	struct ec_key *key, *one_time;
	struct wbuf cert, eum, ci_ids; /* ci_ids: a list of one key identifier */
	/* what stands in the next messages */
	uint8_t challenge[RSP_CHALLENGE_LEN];
	const char *matching_id;
	uint32_t capability;	/* UICCCapability */
	uint32_t forbidden;	/* profile policy rules; 0: not told */
	struct slice resources; /* extCardResource */
	struct slice transaction_id, server_challenge, otpk;
	struct slice smdp_signature2; /* 64 octets */
	struct slice hash_cc;	      /* of a confirmation code; empty: none */
	enum es10b_bpp_error failure; /* of an installation result */
	enum es10b_cancel_reason reason;
	uint32_t seq;	     /* of a notification */
	struct wbuf kept[3]; /* memory of the slices above */
};

/* The eUICC of the PKI below dir (P-256), which names the EID. */
void peer_open(struct peer *p, const char *dir);
void peer_close(struct peer *p);

void peer_info1(const struct peer *p, struct wbuf *w);
/* Takes transaction and challenge out of the answer to initiateAuthentication. */
void peer_take_initiated(struct peer *p, const json_t *answer);
void peer_authenticate(const struct peer *p, struct wbuf *w);
/* Takes the signature out of the answer to authenticateClient. */
void peer_take_offer(struct peer *p, const json_t *answer);
void peer_prepare(const struct peer *p, struct wbuf *w);
/* BF37; success or an error. */
void peer_result(const struct peer *p, bool success, struct wbuf *w);
/* A notification of another event (RSP_EVENT_*); the second one: that it was enabled. */
void peer_event(const struct peer *p, uint32_t event, uint32_t seq, struct wbuf *w);
void peer_notification(const struct peer *p, struct wbuf *w);
void peer_cancel(const struct peer *p, struct wbuf *w);

#endif
