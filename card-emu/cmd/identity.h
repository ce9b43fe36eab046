/*
 * identity: the certificates and keys that `twinkey-card create` reads.
 */
#ifndef TWINKEY_CARD_CMD_IDENTITY_H
#define TWINKEY_CARD_CMD_IDENTITY_H

#include "card-emu/card.h"
#include "tool/cli/program.h"

struct identity_files { /* zeroed at first, freed by identity_free() */
	struct wbuf euicc[CARD_SIGNERS_MAX], key[CARD_SIGNERS_MAX], eum[CARD_SIGNERS_MAX];
	struct wbuf ci[CARD_CI_MAX];
	size_t euicc_count, key_count, eum_count, ci_count;
};

/*
 * A folder as SGP.26 lays it out: eUICC/CERT_*.der and SK_*.pem, EUM/CERT_*.der, and the CIs in
 * CI/CERT_*.der or CertificateIssuer/CERT_*.der. Two CI certificates of one key count once.
 * ERR_NOT_FOUND: one of them is missing.
 */
enum err identity_read_folder(const char *dir, struct identity_files *f) MUST_CHECK;
/* The files of a list, appended to files[*count]. ERR_SPACE: there are more than max. */
enum err identity_read_list(const struct tool_list *list, struct wbuf *files, size_t max,
			    size_t *count) MUST_CHECK;
/* Keys in the same way. A key file that others can read is taken with a warning. */
enum err identity_read_keys(const struct tool_list *list, struct identity_files *f) MUST_CHECK;
/* The file or pattern that was read last: where a function above failed. */
const char *identity_where(void);
/*
 * Puts together what belongs together: each eUICC certificate with the key that it certifies and
 * the EUM that issued it, P-256 first. id borrows from f. ERR_KEY, ERR_CERT_UNTRUSTED: there is
 * none for a certificate.
 */
enum err identity_match(const struct identity_files *f, struct card_identity *id) MUST_CHECK;
void identity_free(struct identity_files *f);

#endif
