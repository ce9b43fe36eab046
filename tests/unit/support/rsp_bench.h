/*
 * rsp_bench: a card with an identity, and a subscription manager and LPA that can be made to do
 * wrong at any step. The certificates come from the test-data folder.
 */
#ifndef TWINKEY_TESTS_RSP_BENCH_H
#define TWINKEY_TESTS_RSP_BENCH_H

#include "card-emu/card.h"
#include "lib/uicc/apdu.h"
#include "lib/crypto/ec.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"
#include "tests/unit/test.h"

#define BENCH_NOW	   INT64_C(1780000000)
#define BENCH_ADDRESS	   "testsmdpplus1.example.com"
#define BENCH_PIECES_MAX   128
#define BENCH_ICCID	   "98001032547698103214"
#define BENCH_ICCID_DIGITS "89000123456789012341"
#define BENCH_OTHER_ICCID  "98001032547698103215"

/* Where a bench_download() that came to no result broke off, added to the code. */
#define BENCH_NO_ANSWER	      999u /* a status word that is not good, or no answer of the function */
#define BENCH_AT_AUTHENTICATE 1000u
#define BENCH_AT_PREPARE      2000u
#define BENCH_AT_LOAD	      3000u /* a status word that is not good */
#define BENCH_AT_END	      4000u /* all was taken and no result came */

enum bench_pki {
	BENCH_SGP26,	  /* GSMA's test certificates, NIST P-256 */
	BENCH_FRESH_NIST, /* a card with both curves, the SM-DP+ on the one or the other */
	BENCH_FRESH_BRP,
};

/* What the SM-DP+ or the way to it does wrong. */
enum bench_fault {
	BENCH_GOOD,
	BENCH_BIT,	   /* a bit of piece `at` is changed */
	BENCH_SWAP,	   /* piece `at` and the next change places */
	BENCH_DROP,	   /* piece `at` is left out */
	BENCH_TWICE,	   /* piece `at` comes twice */
	BENCH_OTPK,	   /* bound for another eUICC's one-time key */
	BENCH_TRANSACTION, /* another transaction in BF23, rightly signed */
	BENCH_SERVER_SIGNATURE,
	BENCH_SIGNATURE2,
	BENCH_TRANSACTION2, /* another transaction in smdpSigned2, rightly signed */
	BENCH_CHALLENGE,
};

struct bench {
	struct card *card;
	struct card_options options;
	struct card_identity identity;
	uint8_t rat[64]; /* the identity's lies here */
	int64_t now;
	enum ec_curve curve;

	/* what the peer is and sends; set before bench_download(), as bench_open() left it if not
	 */
	struct slice dpauth, dppb, ci_key_id;
	struct ec_key *auth_key, *pb_key, *ci_key;
	struct wbuf upp;
	struct es8p_metadata metadata;
	struct slice isdp; /* ConfigureISDP, BF24 */
	struct es8p_secure_channel channel;
	bool no_replace; /* without ReplaceSessionKeys */
	bool cc_required;
	struct slice transaction; /* bench_transaction */
	struct slice hash_cc, reuse_otpk;
	size_t segment_max; /* of an 86 */
	size_t block_len;   /* of a STORE DATA */
	bool no_challenge;  /* AuthenticateServer without GetEUICCChallenge */
	enum bench_fault fault;
	size_t at;

	/* what came */
	uint8_t challenge[16], otpk[EC_POINT_LEN], signature1[64], signature2[64];
	struct wbuf bpp, answer;
	struct es10b_installation_result result; /* borrows from answer */
	size_t pieces;				 /* of the last load */
	unsigned exchanges, stop_after;		 /* commands sent; the next one is lost, if not 0 */
	unsigned skip_at, repeat_at; /* the n-th command does not come to the card, or twice */
};

extern const uint8_t bench_transaction[8];

/* The rules authorisation table of every bench's card. */
#define BENCH_RAT "ppr1+ppr2=00101"

/* False when the test-data folder is not there; close it all the same. */
bool bench_open(struct bench *b, enum bench_pki pki);
void bench_close(struct bench *b);
/* Power off and on with the same folder, ISD-R selected. */
void bench_restart(struct bench *b);
void bench_select(struct bench *b);

/* One ES10 function in blocks of block_len: the status word, the answer in b->answer. */
uint16_t bench_es10(struct bench *b, struct slice request);
uint16_t bench_es10_hex(struct bench *b, const char *hex);

/* The steps of a download: the error code of the answer, 0 when it is good, BENCH_NO_ANSWER. */
unsigned bench_authenticate(struct bench *b);
unsigned bench_prepare(struct bench *b);
void bench_bind(struct bench *b);
/* The bound package in the pieces of SGP.22 5.7.6, spoiled by b->fault. */
size_t bench_pieces(struct bench *b, struct slice piece[static BENCH_PIECES_MAX]);
/* All pieces: the ErrorReason, 0 on success. */
unsigned bench_load(struct bench *b);
/* All of it. The ErrorReason, 0 on success, BENCH_AT_... + n when it came to no result. */
unsigned bench_download(struct bench *b);

/* Another package for the SM-DP+: digits of ICCID, its metadata follows. k: 16 octets. */
void bench_set_profile(struct bench *b, const char *iccid_digits, struct slice k);
/* EnableProfile, DisableProfile or DeleteProfile (their tag) by ICCID in hex, without refresh. */
unsigned bench_command(struct bench *b, uint32_t tag, const char *iccid);
/* The only number in the answer to a request in hex: { 80 n } or { 81 n } under the tag. */
unsigned bench_result(struct bench *b, const char *request);
/* How many profiles the card lists; and of those how many enabled. */
size_t bench_profiles(struct bench *b, size_t *enabled);
/* How many notifications wait. */
size_t bench_notifications(struct bench *b);
/*
 * The certificate with octets changed (find and put are of one length, in hex, and find stands
 * there once) and signed again by the CI.
 */
struct slice bench_forge(const struct bench *b, struct slice der, const char *find, const char *put,
			 struct wbuf *out);

#endif
