/*
 * release_fixture: a card whose enabled profile carries a sealed second subscription, and the
 * operator that can release it. The card lives in a folder of its own; the keys are made afresh.
 */
#ifndef TWINKEY_TESTS_RELEASE_FIXTURE_H
#define TWINKEY_TESTS_RELEASE_FIXTURE_H

#include "card-emu/card.h"
#include "card-emu/store/store.h"
#include "lib/auth/aka.h"
#include "lib/profile/sealed.h"
#include "lib/release/kra.h"

#define RELEASE_FIXTURE_KEY_ID	  0x0107u /* two octets: both have their bits flipped */
#define RELEASE_FIXTURE_GRANT_MAX 512
#define RELEASE_FIXTURE_MALFORMED ((enum kra_result)126) /* no result: a status word */

struct release_fixture {
	const char *dir;
	struct card_options options;
	struct card *card;
	struct ec_key *release_key, *sk_euicc;
	struct secret *s;
	uint8_t eid[KRA_EID_LEN], iccid[KRA_ICCID_LEN];
	struct aka_key *key[3];	 /* 1: K1, 2: K2 */
	uint64_t sqn[3];	 /* the last that the AuC has used */
	unsigned channel;	 /* of the key-release application */
	size_t block;		 /* octets of a STORE DATA block */
	struct kra_binding open; /* the last challenge */
	uint8_t card_otpk[EC_POINT_LEN];
};

/* A grant as octets. */
struct release_grant_bytes {
	size_t len;
	uint8_t bytes[RELEASE_FIXTURE_GRANT_MAX];
};

/* Makes the card, powered: the key-release application on channel 1, the USIM on channel 0. */
void release_fixture_open(struct release_fixture *f);
void release_fixture_close(struct release_fixture *f);
/* Takes the card out and in: what is not on the disk is forgotten. Settles the channels as open().
 */
void release_fixture_reopen(struct release_fixture *f);
/* A reset, and the channels settled. */
void release_fixture_reset(struct release_fixture *f);

/* One message through STORE DATA; the answer replaces what is in out. Status word. */
uint16_t release_fixture_send(struct release_fixture *f, struct slice message, struct wbuf *out);
/* Asks for a challenge for this ICCID, checks the answer and keeps it. */
enum kra_result release_fixture_challenge_for(struct release_fixture *f,
					      const uint8_t iccid[static KRA_ICCID_LEN]);
enum kra_result release_fixture_challenge(struct release_fixture *f);
/* The operator's answer to the last challenge: a valid grant. */
void release_fixture_grant(struct release_fixture *f, struct release_grant_bytes *out);
/* Signs what stands in the grant's B0 anew by key. */
void release_fixture_resign(struct release_grant_bytes *g, const struct ec_key *key);
/*
 * Delivers a grant. The result, which is checked to be signed by the card for the open challenge;
 * RELEASE_FIXTURE_MALFORMED for 6A80. The status word in *sw if it is not NULL.
 */
enum kra_result release_fixture_deliver(struct release_fixture *f, struct slice grant,
					uint16_t *sw);
/* Challenge, grant, delivery: KRA_RESULT_OK when all goes well. */
enum kra_result release_fixture_release(struct release_fixture *f);
/* What a sealed part for this card says, to be changed by the test. */
struct sealed_fields release_fixture_fields(struct release_fixture *f, uint32_t key_id);
/* SealedElements with these fields around a subscription with this K (and the fixture's OPc). */
void release_fixture_sealed(struct release_fixture *f, const struct sealed_fields *fields,
			    const uint8_t k[static 16], struct wbuf *out);
/* Puts it into the card's store in place of the one that is there; empty: none. */
void release_fixture_put_sealed(struct release_fixture *f, struct slice sealed);
/* Hands a new sealed part to the card, signed by key. */
enum kra_result release_fixture_reseal(struct release_fixture *f, struct slice sealed,
				       const struct ec_key *key);

/* The AuC's next vector of a subscription. */
struct aka_vector release_fixture_vector(struct release_fixture *f, unsigned subscription);
enum release_auth { AUTH_ANSWERED, AUTH_SYNC, AUTH_MAC, AUTH_REFUSED };
/* What AUTHENTICATE says to it. *sw (may be NULL): the status word. */
enum release_auth release_fixture_authenticate(struct release_fixture *f,
					       const struct aka_vector *v, uint16_t *sw);
/* The subscription that AUTHENTICATE answers with, by a fresh vector of each; 0: none, 3: both. */
unsigned release_fixture_active(struct release_fixture *f);

/* Everything in the card's non-volatile memory, secrets too, one after the other. */
void fixture_snapshot(struct card *card, struct wbuf *out);
/* How many notifications wait in the card. */
unsigned fixture_notifications(struct card *card);
/* The files behind it: the journal's octets and its head's behind them, and put back. */
void fixture_load_journal(const char *dir, struct wbuf *out);
void fixture_save_journal(const char *dir, struct slice octets);
/* Grows the journal until a commit of more than `room` octets rewrites it. */
void fixture_fill_journal(struct card *card, const char *dir, size_t room);

/* What was in the card before: in memory, secrets too, and on the disk. */
struct fixture_before {
	struct wbuf memory, file;
};
struct fixture_before fixture_take(struct release_fixture *f);
/* Compares with what is there now, byte for byte, and frees b. */
void fixture_unchanged(struct release_fixture *f, struct fixture_before *b, const char *what);
void release_fixture_result_is(enum kra_result got, enum kra_result want, const char *what);
/* A challenge and the operator's answer to it. */
void release_fixture_fresh_grant(struct release_fixture *f, struct release_grant_bytes *g);
/* The grant is refused for this reason, nothing is changed, and K1 alone answers. */
void release_fixture_refused(struct release_fixture *f, const struct release_grant_bytes *g,
			     enum kra_result want, const char *what);
/* At the end of a case: nothing that was refused has spoilt the card for the genuine grant. */
void release_fixture_still_releases(struct release_fixture *f);

/* 3GPP TS 35.208: K of test sets 1 and 3. Both subscriptions have OPc of test set 1. */
extern const uint8_t release_fixture_k1[16], release_fixture_k2[16];
struct slice release_fixture_opc(void);

#endif
