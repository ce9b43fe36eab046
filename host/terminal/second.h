/*
 * second: the terminal's part of the two-profile mode (docs/protocol.md section 4): it
 * hands the sealed code to the operator, and installs and enables the profile of the code that
 * comes back.
 */
#ifndef TWINKEY_HOST_SECOND_H
#define TWINKEY_HOST_SECOND_H

#include "host/terminal/failure.h"
#include "lib/release/second_code.h"

struct cancel;
struct lpa;
struct lpa_download;
struct http_client;

struct second {
	struct wbuf der; /* the sealed code; the caller frees it */
	uint8_t first_iccid[SECOND_CODE_ICCID_LEN], iccid[SECOND_CODE_ICCID_LEN];
	struct failure failure; /* of second_take() */
	char state[16];		/* the subscriber's, from the operator */
};

struct cancel;
/* Reads the file (base64) that the operator made. ERR_ENCODING: it is none. */
enum err second_read(const char *path, struct cancel *cancel, struct second *p) MUST_CHECK;
/*
 * Asks the operator for the code, downloads the profile unless it is there, and enables it. imsi:
 * either one of the subscriber. What was done already is not done again. d: network, retries and
 * progress; its activation code is not read.
 */
enum err second_take(struct lpa *l, struct http_client *op, const char *imsi,
		     const struct lpa_download *d, struct second *p) MUST_CHECK;
/* How a profile of the eUICC stands. */
enum second_state { SECOND_ABSENT, SECOND_DISABLED, SECOND_ENABLED };
enum err second_find(struct lpa *l, const uint8_t iccid[static SECOND_CODE_ICCID_LEN],
		     enum second_state *is) MUST_CHECK;

#endif
