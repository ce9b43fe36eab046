/*
 * content: what some files hold, as more than one of those who judge files asks.
 */
#ifndef TWINKEY_UICC_CONTENT_H
#define TWINKEY_UICC_CONTENT_H

#include "lib/base/bytes.h"

#define CONTENT_IMSI_MAX 15

/* BCD, low nibble first: digits, then filler F to the end. The count of digits, 0: something else.
 */
size_t content_bcd(struct slice v);
/* EF.IMSI (3GPP TS 31.102 4.2.2): how many digits stand behind type and parity; 0: something else
 * does. */
size_t content_imsi(struct slice v, uint8_t digits[static CONTENT_IMSI_MAX]);
/* What is wrong with EF.IMSI as a whole: its length, digits, parity, filler; NULL: nothing. */
const char *content_imsi_fault(struct slice v);
/* The AID of a record of EF.DIR (ETSI TS 102 221 13.1): empty for an empty record; false: neither.
 */
bool content_dir_aid(struct slice record, struct slice *aid);
/* EF.SPN (TS 31.102 4.2.12): the display condition has no bits but those that are defined. */
bool content_spn_shown(struct slice v);
/* The octet of EF.SPN that is no text, or stands behind its end; 0: there is none. */
size_t content_spn_stray(struct slice v);
/* The last digit of an ICCID, 10 octets with swapped nibbles, is the check digit of the others
 * (ITU-T E.118; ISO 7812-1 annex B). */
bool content_iccid_checks(struct slice iccid);
/* The three octets of a network (TS 24.008 10.5.1.3), out of the first digits of an IMSI. mnc_len:
 * 2 or 3 */
void content_plmn(const char *imsi, unsigned mnc_len, uint8_t plmn[static 3]);

#endif
