/*
 * networks: the lists of networks that a subscription brings: those that its user prefers, with
 * their access technologies (EF.PLMNwAcT), and those that it may not enter (EF.FPLMN).
 *
 * As text, lines; blank ones and those that begin with # are skipped:
 *
 *	preferred MCCMNC [gsm] [utran] [eutran] [ngran]     without a technology: all of them
 *	forbidden MCCMNC
 *	[1] or [2]     what follows is of the first, or of the second subscription; before that, of
 *both
 */
#ifndef TWINKEY_PROFILE_NETWORKS_H
#define TWINKEY_PROFILE_NETWORKS_H

#include "lib/base/bytes.h"

#define NETWORKS_PREFERRED_MAX 16
#define NETWORKS_FORBIDDEN_MAX 4
#define NETWORKS_TEXT_MAX      8192

struct networks { /* coded as the files have them (TS 31.102 4.2.5, 4.2.16), and how many there are
		   */
	uint8_t preferred[NETWORKS_PREFERRED_MAX][5];
	uint8_t forbidden[NETWORKS_FORBIDDEN_MAX][3];
	uint8_t preferred_count, forbidden_count;
};
bool networks_are_none(const struct networks *n);

struct networks_error {
	unsigned line;
	const char *why; /* a sentence */
};
/* Of both subscriptions. ERR_VALUE and *error on a bad text. */
enum err networks_parse(struct slice text, struct networks out[static 2],
			struct networks_error *error) MUST_CHECK;

/* The contents of the files, with filler up to their ends. */
void networks_put_preferred(struct wbuf *w, const struct networks *n);
void networks_put_forbidden(struct wbuf *w, const struct networks *n);

/* As a store keeps them: both counts, then the entries. ERR_CORRUPT. */
void networks_save(struct wbuf *w, const struct networks *n);
enum err networks_load(struct slice saved, struct networks *out) MUST_CHECK;

#endif
