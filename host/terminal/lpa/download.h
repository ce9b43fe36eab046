/*
 * download: how the LPA downloads and installs a profile (SGP.22 3.1.3).
 */
#ifndef TWINKEY_HOST_LPA_DOWNLOAD_H
#define TWINKEY_HOST_LPA_DOWNLOAD_H

#include "lib/profile/report.h"
#include "lib/rsp/rsp.h"

struct activation;
struct es8p_metadata;
struct es9p_network;
struct lpa;
struct wbuf;

#define LPA_CONFIRMATION_CODE_MAX 255
#define LPA_TAC_LEN		  4
#define LPA_IMEI_LEN		  8
#define LPA_NOTES_MAX		  32

/* What the user says to the profile that is offered (SGP.22 3.1.3 step 6). */
enum lpa_consent { LPA_ACCEPT, LPA_REJECT, LPA_POSTPONE, LPA_CONSENT_TIMEOUT };

struct lpa_offer {
	const struct es8p_metadata *metadata;
	bool strong; /* its policy rules bind the user: a yes must be a deliberate one (2.9.2.4) */
};

struct lpa_loaded {
	uint8_t iccid[RSP_ICCID_LEN];
	unsigned segments, attempts;
	size_t bytes;
	/* What the eUICC left out of the profile, or keeps and does not use. */
	struct pe_note notes[LPA_NOTES_MAX];
	size_t note_count;
};

struct lpa_download {
	const struct activation *activation;
	const struct es9p_network *network;
	const uint8_t *imei; /* LPA_IMEI_LEN octets, or NULL: none is sent */
	unsigned retries;    /* how often it begins anew when server or reader is lost */
	unsigned backoff_ms; /* how long it waits before that */

	/* Any of these may be NULL: the profile is accepted; there is no code; nothing is told. */
	enum lpa_consent (*consent)(void *ctx, const struct lpa_offer *offer);
	/* The confirmation code as typed; into a buffer that is wiped. */
	enum err (*confirmation_code)(void *ctx, struct wbuf *code);
	void (*step)(void *ctx, unsigned step, unsigned steps, const char *what);
	void (*segment)(void *ctx, unsigned segments, size_t bytes, size_t total);
	/* It was lost, and begins anew. */
	void (*retry)(void *ctx, unsigned attempt, unsigned attempts, const char *why);
	void *ctx;
};

/*
 * Downloads and installs a profile. Whatever goes wrong, the session is ended on both sides with
 * the reason of SGP.22 5.7.14, as far as they can be reached, and the next download works.
 *
 * ERR_REFUSED: card, subscription manager or user refused; ERR_EXISTS: this profile is on the
 * eUICC; ERR_CANCELLED: Ctrl-C or the user's; ERR_PROTOCOL: the manager's messages contradict each
 * other; lpa_message() says more.
 */
enum err lpa_download(struct lpa *l, const struct lpa_download *d,
		      struct lpa_loaded *out) MUST_CHECK;

#endif
