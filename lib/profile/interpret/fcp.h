/*
 * fcp: one file while its element is read: what the template and its Fcp say, and its content so
 * far. For lib/profile/interpret only.
 */
#ifndef TWINKEY_PROFILE_FCP_H
#define TWINKEY_PROFILE_FCP_H

#include "lib/profile/interpret/walk.h"

struct making {
	char path[PROFILE_PATH_MAX];
	char link[PROFILE_PATH_MAX];
	struct profile_file f;
	size_t size; /* of the whole EF */
	uint8_t security[8];
	struct wbuf content;
	size_t at;		     /* where the next fillFileContent goes */
	bool started;		     /* the content has its size and first octets */
	const char *content_default; /* a template's, for a file that has no pattern */
	uint8_t default_records;     /* a template's number of records */
	bool sfi_given;
};

/* The card has what a file with this Fcp needs: BER-TLV files, links of DFs. df: the file is a DF
 * when the Fcp does not say. */
bool fcp_is_supported(const struct walk *w, struct slice fcp, bool df);
/* Empties m for another file. */
void making_start(struct making *m);
bool making_is_df(const struct making *m);
/* The TLV 8B of the FCP: the identifier of EF.ARR, which the place implies, and the record */
void making_set_rule(struct making *m, uint8_t record);
/* The Fcp of a file that lies in the DF parent (an ADF lies nowhere). Starts the content. */
enum pe_status making_take_fcp(struct walk *w, struct making *m, struct slice fcp,
			       const char *parent);
/* The content in its full size: the pattern, the template's default, or FF. */
enum pe_status making_start_content(struct making *m, struct slice pattern, bool repeat);
/* fillFileOffset and fillFileContent */
enum pe_status making_skip(struct making *m, struct slice number);
enum pe_status making_fill(struct making *m, struct slice v);
/* To the sink. */
enum pe_status making_hand_over(struct walk *w, struct making *m);

#endif
