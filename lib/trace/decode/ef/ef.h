/*
 * ef: the elementary files of a UICC and of a 2G SIM: which there are, and what their octets say.
 *
 * ETSI TS 102 221 13, 3GPP TS 31.102 4 (USIM, DF.TELECOM), TS 31.103 4 (ISIM), TS 51.011 10 (2G),
 * TCA profile package specification (DF.SAIP), CPHS 4.2. No value of a secret (a key, a code) is
 * told, nor are octets that hold one: only how many there are.
 */
#ifndef TWINKEY_TRACE_DECODE_EF_H
#define TWINKEY_TRACE_DECODE_EF_H

#include "lib/trace/decode/ef/table.h"

/* NULL: no standard has it. */
const struct ef_kind *ef_find(enum ef_place place, uint16_t fid);
/* By a short identifier of 1 to 30, where the card keeps to what the standard proposes. */
const struct ef_kind *ef_by_sfi(enum ef_place place, uint8_t sfi);
/* What lies under the identifier that EF.PBR gives beside a tag (C0 to CC). NULL: another tag. */
const struct ef_kind *ef_of_phonebook(uint8_t tag);
/* All of them, for who walks the table; NULL behind the last. */
const struct ef_kind *ef_at(size_t i);

/* "DF.5GS" */
const char *ef_place_name(enum ef_place place);
/* The directory with this identifier in another one (MF, 3F00, is in all); EF_NOWHERE: not known.
 */
enum ef_place ef_place_in(enum ef_place parent, uint16_t fid);
/* That of an application, by the beginning of its AID. */
enum ef_place ef_place_of(struct slice aid);

/*
 * Tells one node with what is in it: what a transparent file has from its first octet on, or one
 * record. kind NULL: the octets alone.
 */
void ef_show(const struct ef_kind *kind, struct slice content, const struct tree *t);
/* There may be keys or codes in it. kind NULL: no. */
bool ef_has_secret(const struct ef_kind *kind);
/* The same of octets that begin further behind: as octets, which are shown if no key is in them. */
void ef_show_part(const struct ef_kind *kind, struct slice part, const struct tree *t);

#endif
