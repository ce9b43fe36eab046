/*
 * digits: ICCID and IMSI, from their digits to their coded forms and back.
 */
#ifndef TWINKEY_PROFILE_DIGITS_H
#define TWINKEY_PROFILE_DIGITS_H

#include "lib/base/bytes.h"

#define PROFILE_ICCID_LEN 10
#define PROFILE_IMSI_MAX  15

/* min to max decimal digits, and nothing else. */
bool profile_digits(const char *s, size_t min, size_t max);
/* The ICCID as EF.ICCID and ES10 hold it: BCD, nibbles swapped, F as filler. ERR_VALUE. */
enum err profile_iccid(const char *digits, uint8_t out[static PROFILE_ICCID_LEN]) MUST_CHECK;
/*
 * The same for the text of profile_iccid_text() and of other programs: 1 to 20 hex digits (there
 * are ICCIDs with letters, and short ones), with filler or without. ERR_VALUE.
 */
enum err profile_iccid_read(const char *text, uint8_t out[static PROFILE_ICCID_LEN]) MUST_CHECK;
/* The digits of such an ICCID, without its filler. */
#define PROFILE_ICCID_TEXT (2 * PROFILE_ICCID_LEN + 1)
void profile_iccid_text(const uint8_t iccid[static PROFILE_ICCID_LEN],
			char text[static PROFILE_ICCID_TEXT]);
/* EF.IMSI (TS 31.102 4.2.2). ERR_VALUE. */
enum err profile_imsi(const char *digits, uint8_t out[static 9]) MUST_CHECK;
/* A telephone number: 1 to 20 digits, after a + where it is international. */
#define PROFILE_NUMBER_MAX 21
bool profile_is_number(const char *number);
/* A record of EF.MSISDN (TS 31.102 4.2.26), without a name; "": an empty one. ERR_VALUE. */
#define PROFILE_MSISDN_LEN 24
enum err profile_msisdn(const char *number, uint8_t out[static PROFILE_MSISDN_LEN]) MUST_CHECK;
/* The same octets with the nibbles of each swapped: from ProfileHeader to EF.ICCID and back. */
void profile_iccid_swap(const uint8_t in[static PROFILE_ICCID_LEN],
			uint8_t out[static PROFILE_ICCID_LEN]);

#endif
