/*
 * card: the virtual eUICC as a whole. The one public header of libtwinkey-card.a.
 *
 * A card is one store folder and what runs on it. It speaks as enum card_protocol says. One thread
 * at a time.
 */
#ifndef TWINKEY_CARD_H
#define TWINKEY_CARD_H

#include <stdint.h>

#include "lib/base/bytes.h"

#define CARD_ATR_MAX 33

struct card;
struct simfile;

/*
 * How commands and answers are carried.
 *
 * T=0 (ISO 7816-3 10, TS 102 221 7.3.1): response data is announced by 61xx and fetched by GET
 * RESPONSE, a wrong Le answered by 6Cxx. The others carry whole APDUs (TS 102 221 7.3.2, ISO/IEC
 * 14443-4): a command with data and Le is answered at once, Le 00 takes what there is; 61xx says
 * that more is there than Le took, or that there was no Le. Class A0 (2G) is as under T=0.
 * Extended Lc and Le, where the ATR says so: under T=1. Elsewhere they are refused (67xx).
 */
enum card_protocol { CARD_T0, CARD_T1, CARD_TCL };

/* The longest answer; under T=0 and T=CL APDU_RESPONSE_MAX. What a link with lengths of two octets
 * carries: the rest of a longer one is announced by 61xx. */
#define CARD_ANSWER_MAX 65535

struct card_options {
	const char *dir; /* the state folder */
	enum card_protocol protocol;
	bool sync;    /* commits survive a crash of the machine */
	bool memory;  /* no folder: all in memory; what is in it is put there by card_fill() */
	bool recover; /* of a damaged folder, take what is in front of the damage */
	/* A file outside the folder by which an older copy of the whole folder is known; NULL: none
	 */
	const char *anchor;
	bool no_kra;	/* leave the key-release application out */
	uint8_t svn[3]; /* version of SGP.22 to announce; zeros: the one the card was made with */
	/* Services (a set, lib/profile/services.h) to leave out, beside what the card was made
	 * without. */
	uint32_t without;
	/* The card's clock for certificates: seconds since 1970; NULL: the machine's clock. */
	int64_t (*now)(void *ctx);
	void *now_ctx;
};

#define CARD_SIGNERS_MAX 4
#define CARD_CI_MAX	 8

/* What the card signs with under one CI: DER; the key PKCS#8 or SEC 1, PEM or DER. */
struct card_signer {
	struct slice euicc_cert, euicc_key, eum_cert;
};

/* What card_create() makes. Slices are borrowed for the call, unused ones are empty. */
struct card_identity {
	uint8_t eid[16];
	struct card_signer signers[CARD_SIGNERS_MAX]; /* by preference; one for each CI */
	struct slice ci_certs[CARD_CI_MAX];	      /* DER: whose SM-DP+ the card accepts */
	uint8_t svn[3];				      /* zeros: CARD_SVN_NEWEST */
	struct slice rat; /* rules authorisation table (lib/rsp/rat.h); empty: no PPR allowed */
	uint32_t without; /* services (a set, lib/profile/services.h) that the card does not have */
};

/* The versions of SGP.22 that the card can announce, oldest and newest. */
#define CARD_SVN_OLDEST                                                                            \
	{                                                                                          \
		2, 2, 2                                                                            \
	}
#define CARD_SVN_NEWEST                                                                            \
	{                                                                                          \
		2, 5, 0                                                                            \
	}
/* "2.2.2" to "2.5" as three octets. ERR_VALUE: no version, or not one of those. */
enum err card_svn_parse(const char *text, uint8_t svn[static 3]) MUST_CHECK;

/*
 * Makes a card with no profile in o->dir (ERR_EXISTS when there is one). The certificates are
 * checked: key and certificate belong together, each chain leads to one of the CIs and no two to
 * the same (ERR_DUPLICATE), the EID is the certificates'. Without certificates (all of them empty)
 * the card is a plain SIM's carrier: no profile can be downloaded to it.
 */
enum err card_create(const struct card_options *o, const struct card_identity *id) MUST_CHECK;
/*
 * Puts a SIM (lib/profile/simfile.h) into a card that is not open, as its enabled profile.
 * ERR_FULL: no profile number is free; ERR_REFUSED: it asks for a service that the card does not
 * have; and what card_open() may give.
 */
enum err card_install_sim(const struct card_options *o, const struct simfile *sim) MUST_CHECK;
/*
 * Opens a card that card_create() made. ERR_NOT_FOUND: there is none, or no anchor; ERR_LOCKED:
 * another process has it; ERR_CORRUPT: something of it is missing or changed; ERR_PERMISSION: its
 * folder is not safe; ERR_VERSION, ERR_FULL. trouble_text() (tool/sys/trouble.h) says more, also
 * what recover had to leave out.
 */
enum err card_open(const struct card_options *o, struct card **out) MUST_CHECK;
void card_close(struct card **card);
/*
 * What card_create() and card_install_sim() put into a folder, put into a card that was opened in
 * memory (options.memory), before its first reset. sim may be NULL.
 */
enum err card_fill(struct card *card, const struct card_identity *id,
		   const struct simfile *sim) MUST_CHECK;

/*
 * Power on or warm reset: forgets all volatile state, gives the ATR. A second subscription that is
 * in volatile memory only stays until power off.
 */
struct slice card_reset(struct card *card);
/* The same ATR without a reset. */
struct slice card_atr(struct card *card);
void card_power_off(struct card *card);
/*
 * One command TPDU or APDU of any content; the response (data and status word, 2..CARD_ANSWER_MAX
 * octets) is appended to out. Always answers; ERR_SPACE only when out is too small.
 */
enum err card_transmit(struct card *card, struct slice command, struct wbuf *out) MUST_CHECK;
/* Does what has time until the answer is sent. Who does not call it loses nothing. */
void card_settle(struct card *card);

#endif
