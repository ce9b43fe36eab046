/*
 * isdr: what the files of the ISD-R share: the session's volatile state and the table's handlers.
 *
 * The applet (app_isdr, card-emu/core/app.h) takes the functions of ES10a, ES10b and ES10c as
 * chains of STORE DATA and looks the handler up by the tag of the request (isdr.c). A handler
 * appends its answer to call->out. 6A80: the request is not well formed.
 */
#ifndef TWINKEY_CARD_ISDR_H
#define TWINKEY_CARD_ISDR_H

#include "card-emu/apps/store_data.h"
#include "card-emu/core/app.h"
#include "card-emu/profile/profile.h"
#include "lib/crypto/cert.h"
#include "lib/rsp/bsp.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"

#define ISDR_CI_MAX	  CARD_CI_MAX
#define ISDR_METADATA_MAX 4096
#define ISDR_PACKAGE_MAX  (512 * 1024)
#define ISDR_NVM_OCTETS	  (4u << 20) /* what the card says it has, and no profile goes beyond */
#define ISDR_LIST_MAX	  (CARD_RESPONSE_MAX - 16) /* what two headers leave room for */

/* How far the RSP session has come (SGP.22 3.1.3). What is not in order is refused. */
enum isdr_stage {
	ISDR_IDLE,
	ISDR_CHALLENGED,    /* GetEUICCChallenge answered */
	ISDR_AUTHENTICATED, /* AuthenticateServer answered */
	ISDR_PREPARED,	    /* PrepareDownload answered; a bound profile package may come */
	ISDR_OPENED,	    /* its header came */
	ISDR_KEYED,	    /* InitialiseSecureChannel done */
	ISDR_ISDP,	    /* inside A0 */
	ISDR_CONFIGURED,    /* A0 done */
	ISDR_METADATA,	    /* inside A1 */
	ISDR_DESCRIBED,	    /* A1 done */
	ISDR_KEYS,	    /* inside A2 */
	ISDR_REPLACED,	    /* A2 done */
	ISDR_ELEMENTS,	    /* inside A3 */
	ISDR_COMPLETE,	    /* A3 done */
	ISDR_STAGES
};

struct isdr { /* the applet's memory */
	struct store_data chain;
	enum isdr_stage stage;
	unsigned signer; /* under the CI that the server chose (card-emu/core/signer.h) */
	uint8_t challenge[RSP_CHALLENGE_LEN];
	uint8_t transaction_id[RSP_TRANSACTION_ID_MAX];
	size_t transaction_len;
	char server_address[RSP_ADDRESS_MAX + 1];
	struct cert dp_auth, dp_pb; /* without the borrowed DER */
	uint8_t signature1[EC_SIGNATURE_LEN];
	struct ec_key *otsk; /* this session's one-time key */
	struct bsp *bsp;
	unsigned otslot;      /* where the store has it, counted from 1; 0: it has not */
	size_t package_left;  /* octets to come in BF36 */
	size_t sequence_left; /* and in A0 to A3 */
	struct wbuf isdp, keys, metadata, package, report;
	uint8_t iccid[ICCID_LEN];
	bool has_iccid;
	uint32_t profile_class;
};

struct isdr *isdr_memory(struct card *card);
/* Forgets the session: keys wiped, stage idle. */
void isdr_end_session(struct isdr *s);
struct slice isdr_transaction(const struct isdr *s);

/* What the card is. Empty slices when the store has none. */
struct slice isdr_stored(struct card *card, const char *key);
/* The CI certificates in out; how many. */
size_t isdr_ci_certs(struct card *card, struct slice out[static ISDR_CI_MAX]);
/* The version of SGP.22 that the card announces. */
struct slice isdr_svn(struct card *card);
void isdr_put_info2(struct card *card, struct wbuf *w);
/* What of ISDR_NVM_OCTETS is left. */
size_t isdr_free_octets(struct card *card);
/* 9000, or 6F00 when the answer could not be built. */
uint16_t isdr_sw_of_out(const struct wbuf *out);

/* A key of the store (formats of store/keys.h). */
void isdr_key(char key[static STORE_KEY_MAX + 1], const char *format, unsigned n);

/* What the card keeps for profile n; empty when there is none. */
struct slice isdr_stored_for(struct card *card, const char *format, unsigned n);

/* Profile policy (SGP.22 2.9). Whether a profile with this metadata may be installed. */
bool isdr_policy_allows(struct card *card, const struct es8p_metadata *m);
/* Whether the NAA keys of a test profile's package are the published test key. */
bool isdr_policy_test_keys(struct slice package);
/* Profile n's rules (RSP_PPR*) and class. */
uint32_t isdr_policy_rules(struct card *card, unsigned n);
enum es10c_profile_class isdr_policy_class(struct card *card, unsigned n);

/* Whether a CRL of CI number ci (in the order of isdr_ci_certs()) names the certificate. */
bool isdr_crl_revoked(struct card *card, unsigned ci, const struct cert *c);

/*
 * One-time keys (SGP.22 5.7.5): kept in the store until a package that was bound for them is
 * installed or refused for good, so that it can come again after an interruption. They belong to
 * one SM-DP+, by its OID; the oldest goes when there are too many.
 */
/* s->otsk and s->otslot: the kept key with this point, or else a new one, kept from now on. */
enum err isdr_otkey_take(struct card *card, struct isdr *s, struct slice point) MUST_CHECK;
void isdr_otkey_drop(struct store_txn *t, const struct isdr *s);

/* Notifications: numbers are given within a transaction, counting from isdr_first_seq(). */
uint32_t isdr_first_seq(struct card *card);
struct isdr_event {
	struct slice metadata; /* of the profile; empty: nobody is told */
	struct slice iccid;
	uint32_t event;	  /* RSP_EVENT_* */
	unsigned signer;  /* the one that the profile's download used */
	const char *skip; /* an address that is not told; or NULL */
};
/* Signs and stores one notification for each address that the metadata names for the event. *seq
 * counts on. */
enum err isdr_notify(struct card *card, struct store_txn *t, const struct isdr_event *event,
		     uint32_t *seq) MUST_CHECK;
void isdr_put_note(struct store_txn *t, uint32_t seq, struct slice note);
void isdr_put_next_seq(struct store_txn *t, uint32_t seq);

/* A package is being loaded, and what a later version adds to it may stand here. */
bool isdr_load_ignores(const struct isdr *s);

typedef uint16_t isdr_handler(struct app_call *call, struct isdr *s, struct slice request);

isdr_handler isdr_get_info1, isdr_get_info2, isdr_get_eid, isdr_get_addresses, isdr_get_rat;
isdr_handler isdr_get_challenge, isdr_authenticate_server, isdr_prepare_download,
	isdr_cancel_session;
isdr_handler isdr_load_segment, isdr_load_crl;
isdr_handler isdr_profiles_info, isdr_enable, isdr_disable, isdr_delete, isdr_set_nickname,
	isdr_memory_reset;
isdr_handler isdr_list_notifications, isdr_retrieve_notifications, isdr_notification_sent;

#endif
