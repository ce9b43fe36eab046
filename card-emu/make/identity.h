/*
 * identity: the certificates and keys of a new card, as files.
 */
#ifndef TWINKEY_CARD_IDENTITY_H
#define TWINKEY_CARD_IDENTITY_H

#include "card-emu/card.h"
#include "tool/sys/path.h"

struct cancel;

struct identity_files { /* zeroed at first, freed by identity_free() */
	struct wbuf euicc[CARD_SIGNERS_MAX], key[CARD_SIGNERS_MAX], eum[CARD_SIGNERS_MAX];
	struct wbuf ci[CARD_CI_MAX];
	size_t euicc_count, key_count, eum_count, ci_count;
	struct cancel *cancel; /* asked while a pipe is waited for; may be NULL */
	/* Told of each key file that others can read or change, which is good for a test key alone;
	 * may be NULL. */
	void (*open_to_others)(const char *path);
	char where[PATH_CAP]; /* the file or pattern that was read last: where a function failed */
};

enum identity_kind { IDENTITY_EUICC, IDENTITY_KEY, IDENTITY_EUM, IDENTITY_CI };

/*
 * A folder as SGP.26 lays it out: eUICC/CERT_*.der and SK_*.pem, EUM/CERT_*.der, and the CIs in
 * CI/CERT_*.der or CertificateIssuer/CERT_*.der. Two CI certificates of one key count once.
 * ERR_NOT_FOUND: one of them is missing.
 */
enum err identity_read_folder(const char *dir, struct identity_files *f) MUST_CHECK;
/* One file of that kind more. ERR_SPACE: there are as many as a card may have. */
enum err identity_read_file(struct identity_files *f, enum identity_kind kind,
			    const char *path) MUST_CHECK;
/*
 * Puts together what belongs together: each eUICC certificate with the key that it certifies and
 * the EUM that issued it, P-256 first. id borrows from f. ERR_KEY, ERR_CERT_UNTRUSTED: there is
 * none for a certificate.
 */
enum err identity_match(const struct identity_files *f, struct card_identity *id) MUST_CHECK;
void identity_free(struct identity_files *f);

#endif
