/*
 * card: a virtual eUICC in this process: made in memory or in a folder, and spoken to by APDUs.
 *
 *	struct twinkey_card *card;
 *	struct twinkey_error error;
 *	uint8_t answer[TWINKEY_ANSWER_SHORT];
 *	size_t len = sizeof(answer);
 *
 *	if (twinkey_card_create(NULL, NULL, &card, &error))
 *		errx(1, "%s", error.text);
 *	twinkey_card_reset(card, NULL, NULL);
 *	twinkey_card_transmit(card, command, sizeof(command), answer, &len);
 *	twinkey_card_close(&card);
 *
 * Threads: a card is used by one thread at a time; different cards by different threads at once.
 * Processes: a card in a folder belongs to the process that opened it; after fork() the child can
 * close it and nothing else. A card in memory is copied by fork() as all memory is.
 *
 * OpenSSL: each call leaves this thread's error queue empty.
 *
 * Pointers must not be NULL where it isn't said. What a struct points to is borrowed for the call.
 *
 * Secrets: keys are wiped when the card is closed. They lie in OpenSSL's secure heap where the
 * program has set one up (CRYPTO_secure_malloc_init()), in ordinary memory otherwise: the library
 * changes nothing that is the process's.
 */
#ifndef TWINKEY_CARD_API_H
#define TWINKEY_CARD_API_H

#include <stddef.h>
#include <stdint.h>
#include <twinkey/error.h>
#include <twinkey/version.h>

#ifdef __cplusplus
extern "C" {
#endif

struct twinkey_card;

/* Octets, borrowed. */
struct twinkey_octets {
	const uint8_t *ptr;
	size_t len;
};

/* The longest ATR (ISO 7816-3 8.2.1: 33 octets). */
#define TWINKEY_ATR_MAX 33
/* The longest answer with its status word: of T=0, and of T=1 to commands of short form (ISO 7816-4
 * 5.1); and to any command. */
#define TWINKEY_ANSWER_SHORT 258
#define TWINKEY_ANSWER_MAX   65535

/* How commands and answers are carried: the card's ATR, and what it makes of a command. */
enum twinkey_protocol {
	/* TPDUs (ISO 7816-3 10, TS 102 221 7.3.1): the length of data that waits is announced by
	 * 61xx, GET RESPONSE fetches them; a wrong Le is answered by 6Cxx. */
	TWINKEY_T0 = 0,
	/* Whole APDUs (TS 102 221 7.3.2), also of extended length. */
	TWINKEY_T1 = 1,
};

enum twinkey_option {
	/* What a command changes is on the disk before its answer is given, and survives a crash of
	 * the machine; without it, a crash of the process. */
	TWINKEY_SYNC = 1 << 0,
	/* Of a damaged folder, take what is in front of the damage. */
	TWINKEY_RECOVER = 1 << 1,
};

/*
 * How a card works, which is told anew each time. A struct of zeros with its size is a card in
 * memory that speaks T=0 and asks the machine's clock.
 *
 * size is sizeof the struct: by it a library that is newer than the program knows which members the
 * program has. It must be set.
 */
struct twinkey_options {
	size_t size;
	/* The card's folder, of mode 0700; NULL: none, and nothing is written anywhere. */
	const char *folder;
	enum twinkey_protocol protocol;
	unsigned flags; /* of enum twinkey_option */
	/* The card's clock, which it judges certificates by: seconds since 1970. NULL: the
	 * machine's. The function and what ctx points to are used until the card is closed. */
	int64_t (*now)(void *ctx);
	void *now_ctx;
};

/* What an eUICC signs with under one CI (SGP.22 4.5.2). */
struct twinkey_signer {
	struct twinkey_octets euicc_cert; /* CERT.EUICC.ECDSA, DER */
	struct twinkey_octets euicc_key;  /* its private key: PKCS#8 or SEC 1, PEM or DER */
	struct twinkey_octets eum_cert;	  /* CERT.EUM.ECDSA, DER */
};

#define TWINKEY_SIGNERS_MAX 4
#define TWINKEY_CIS_MAX	    8

/* Where a card's certificates come from. */
enum twinkey_pki {
	/* A test PKI of its own, in the form of SGP.26, on NIST P-256 and brainpoolP256r1. In a
	 * folder, CI and EUM lie below folder/pki with their keys, and an SM-DP+ can be set up by
	 * them; in memory nobody has their keys. */
	TWINKEY_PKI_OWN = 0,
	/* A folder laid out as SGP.26's test certificates are: CI/CERT_*.der (or
	 * CertificateIssuer/), EUM/CERT_*.der, eUICC/CERT_*.der and eUICC/SK_*.pem. */
	TWINKEY_PKI_FOLDER = 1,
	/* signers and cis. */
	TWINKEY_PKI_GIVEN = 2,
	/* None: a plain SIM, to which no profile can be downloaded. */
	TWINKEY_PKI_NONE = 3,
};

/* Who a card is, which is told when it is made. A struct of zeros with its size is an empty eUICC
 * with a random EID and a test PKI of its own. */
struct twinkey_identity {
	size_t size;
	/* 32 decimal digits (SGP.29); NULL: that of the certificates, a random one where none come
	 * from the caller. */
	const char *eid;
	enum twinkey_pki pki;
	const char *pki_folder; /* for TWINKEY_PKI_FOLDER */
	/* For TWINKEY_PKI_GIVEN: by preference, one for each CI, 1 to TWINKEY_SIGNERS_MAX; and the
	 * certificates (DER) of the CIs whose SM-DP+ the card accepts, 1 to TWINKEY_CIS_MAX. */
	const struct twinkey_signer *signers;
	size_t signers_count;
	const struct twinkey_octets *cis;
	size_t cis_count;
	/*
	 * A SIM, the card's enabled profile; NULL: none. Lines "key = value": imsi, iccid, k, opc
	 * (or op), and if wanted algorithm (milenage, tuak, xor), sqn, pin, puk, adm and others:
	 * twinkey-card(1). It holds secret keys: the caller wipes it.
	 */
	const char *sim;
	/* Names of services of eUICCs (ServicesList of the TCA profile package) that the card is to
	 * be without, parted by commas: "csim,javacard". NULL: it has all that it can. */
	const char *without;
	/* The version of SGP.22 to announce, "2.2.2" to "2.5"; NULL: the newest. */
	const char *sgp22;
	/* Whose profiles may carry which policy rules (SGP.22 2.9.2.3), a rule a line, as --rat of
	 * twinkey-card(1) has it: "ppr1+ppr2=00101,26201:consent". NULL: nobody's. */
	const char *rules;
};

/*
 * Makes a card and opens it; it has no power yet. who, how and error may be NULL: a struct of
 * zeros, and nobody who asks why.
 *
 * In a folder the card is made beside its place and moved there as a whole: what fails leaves
 * nothing. An empty folder is taken, a folder that holds anything is TWINKEY_ERR_EXISTS. A card
 * that was made and then cannot be opened (TWINKEY_ERR_MEMORY, or TWINKEY_ERR_LOCKED where another
 * process was faster) stays.
 *
 * TWINKEY_ERR_VALUE: the text says what is wrong with eid, sgp22, sim, without or rules.
 * TWINKEY_ERR_CERT: EID, certificates and keys do not belong together or are out of date.
 * TWINKEY_ERR_REFUSED: sim needs what without has. And: _USAGE, _UNSUPPORTED, _MEMORY, _CRYPTO,
 * _NOT_FOUND (pki_folder), _PERMISSION, _FULL, _IO, _OTHER. *card is set on success alone.
 */
TWINKEY_PUBLIC enum twinkey_code
twinkey_card_create(const struct twinkey_identity *who, const struct twinkey_options *how,
		    struct twinkey_card **card, struct twinkey_error *error) TWINKEY_MUST_CHECK;
/*
 * Opens the card in a folder that twinkey_card_create() or twinkey-card(1) made; it has no power
 * yet. error may be NULL; after success its text says what TWINKEY_RECOVER had to leave out, or
 * that others can look into the folder.
 *
 * TWINKEY_ERR_NOT_FOUND: there is no card. TWINKEY_ERR_LOCKED: it is open, in this process or
 * another. TWINKEY_ERR_CORRUPT: see TWINKEY_RECOVER. And: _USAGE (no folder), _UNSUPPORTED,
 * _VERSION, _MEMORY, _CRYPTO, _PERMISSION, _FULL, _IO, _OTHER. *card is set on success alone.
 */
TWINKEY_PUBLIC enum twinkey_code twinkey_card_open(const struct twinkey_options *how,
						   struct twinkey_card **card,
						   struct twinkey_error *error) TWINKEY_MUST_CHECK;
/* Wipes, frees, and sets *card to NULL. *card may be NULL. A card in memory is gone. */
TWINKEY_PUBLIC void twinkey_card_close(struct twinkey_card **card);

/*
 * Power on, or a warm reset: all is forgotten that was selected and verified. The ATR goes to atr,
 * of TWINKEY_ATR_MAX octets, and its length to *atr_len; both may be NULL.
 * TWINKEY_ERR_STATE: another process opened the card.
 */
TWINKEY_PUBLIC enum twinkey_code twinkey_card_reset(struct twinkey_card *card,
						    uint8_t atr[TWINKEY_ATR_MAX], size_t *atr_len);
/* As if the card were pulled out. */
TWINKEY_PUBLIC void twinkey_card_power_off(struct twinkey_card *card);
/*
 * One command: a TPDU or an APDU (ISO 7816-4 5.1) of any content and length, also 0. The answer,
 * data and status word, goes to answer. *answer_len is first the octets that there is room for,
 * then those of the answer, 2 to TWINKEY_ANSWER_MAX. The card gives an answer to everything: what
 * is no command it knows is answered by a status word that says so.
 *
 * TWINKEY_ERR_SPACE: there is no room for the answer, and nothing of it is written; the command has
 * been carried out, *answer_len is the room that is needed, and twinkey_card_answer() gives the
 * answer. TWINKEY_ERR_STATE: the card has no power, or another process opened it.
 * TWINKEY_ERR_MEMORY.
 */
TWINKEY_PUBLIC enum twinkey_code twinkey_card_transmit(struct twinkey_card *card,
						       const uint8_t *command, size_t command_len,
						       uint8_t *answer,
						       size_t *answer_len) TWINKEY_MUST_CHECK;
/* The last answer once more, until the next command, reset or power off. TWINKEY_ERR_SPACE;
 * TWINKEY_ERR_STATE: there is none. */
TWINKEY_PUBLIC enum twinkey_code twinkey_card_answer(const struct twinkey_card *card,
						     uint8_t *answer,
						     size_t *answer_len) TWINKEY_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
