/*
 * phonebook: under which identifiers the files of a phone book lie, as far as EF.PBR was seen to
 * say (TS 31.102 4.4.2.1).
 */
#ifndef TWINKEY_TRACE_DECODE_PHONEBOOK_H
#define TWINKEY_TRACE_DECODE_PHONEBOOK_H

#include "lib/base/bytes.h"

struct ef_kind;

#define PHONEBOOK_FILES 64 /* of one card; those beyond are not known */

struct phonebook {
	struct {
		uint16_t root, fid; /* in DF.TELECOM, under the MF, or in an application */
		uint8_t tag;
	} files[PHONEBOOK_FILES];
	unsigned count;
};

/* Takes a record of EF.PBR. root: the first directory of its path, the MF or an ADF. */
void phonebook_learn(struct phonebook *b, uint16_t root, struct slice record);
/* The file of DF.PHONEBOOK under this identifier; NULL: not told. */
const struct ef_kind *phonebook_find(const struct phonebook *b, uint16_t root, uint16_t fid);

#endif
