/*
 * report: what an eUICC says of a package that it installed or refused: EUICCResponse (TCA 8.11).
 */
#ifndef TWINKEY_PROFILE_REPORT_H
#define TWINKEY_PROFILE_REPORT_H

#include "lib/base/bytes.h"
#include "lib/profile/pe.h"

struct pe_note {	 /* PEStatus */
	uint16_t status; /* enum pe_status, or a status word */
	bool has_id;	 /* of the element; ProfileHeader has none */
	uint16_t id;
};

/*
 * The notes on elements that were left out or are not in force, then the one that ended the
 * installation. When there are more than max (>= 1), the last one replaces those in between.
 * ERR_ENCODING and others: the response is malformed; ERR_NOT_FOUND: it has no note.
 */
enum err pe_report_read(struct slice response, struct pe_note *notes, size_t max,
			size_t *count) MUST_CHECK;
/* What the eUICC means, in words: "the profile needs what this eUICC does not do". */
const char *pe_status_text(uint16_t status);

#endif
