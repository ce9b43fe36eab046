/*
 * state: the ISD-R's volatile memory: how far the RSP session has come, and what it needs. For
 * card-emu/apps/isdr alone.
 */
#ifndef TWINKEY_CARD_ISDR_STATE_H
#define TWINKEY_CARD_ISDR_STATE_H

#include "card-emu/apps/store_data.h"
#include "card-emu/core/app.h"
#include "card-emu/profile/record.h"
#include "lib/crypto/cert.h"
#include "lib/rsp/rsp.h"

struct bsp;
struct ec_key;

#define ISDR_METADATA_MAX 4096
#define ISDR_LIST_MAX	  (CARD_RESPONSE_MAX - 16) /* what two headers leave room for */
#define ISDR_PACKAGE_MAX  (512 * 1024)

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

/* Forgets the session: keys wiped, stage idle. */
void isdr_end_session(struct isdr *s);
struct slice isdr_transaction(const struct isdr *s);
/* 9000, or 6F00 when the answer could not be built. */
uint16_t isdr_sw_of_out(const struct wbuf *out);

#endif
