#include "lib/profile/digits.h"

#include <string.h>

#define IMSI_MIN	 6
#define ICCID_DIGITS_MIN 18
#define FILLER		 0xF
#define IMSI_ODD	 9 /* first nibble of EF.IMSI: type IMSI, parity bit */
#define IMSI_EVEN	 1

bool profile_digits(const char *s, size_t min, size_t max)
{
	size_t n = strlen(s);

	return n >= min && n <= max && strspn(s, "0123456789") == n;
}

static uint8_t digit(const char *s, size_t i, size_t n)
{
	return (uint8_t)(i < n ? s[i] - '0' : FILLER);
}

enum err profile_iccid(const char *digits, uint8_t out[static PROFILE_ICCID_LEN])
{
	size_t n = strlen(digits);

	if (!profile_digits(digits, ICCID_DIGITS_MIN, 2 * PROFILE_ICCID_LEN))
		return ERR_VALUE;
	for (size_t i = 0; i < PROFILE_ICCID_LEN; i++)
		out[i] = (uint8_t)(digit(digits, 2 * i + 1, n) << 4 | digit(digits, 2 * i, n));
	return ERR_OK;
}

bool profile_is_number(const char *number)
{
	return profile_digits(number + (*number == '+'), 1, PROFILE_NUMBER_MAX - 1);
}

enum err profile_msisdn(const char *number, uint8_t out[static PROFILE_MSISDN_LEN])
{
	enum { NAME_LEN = 10, DIGITS_AT = NAME_LEN + 2 };
	bool international = *number == '+';
	const char *digits = number + international;
	size_t n = strlen(digits);

	if (*number && !profile_is_number(number))
		return ERR_VALUE;
	memset(out, 0xFF, PROFILE_MSISDN_LEN);
	if (!*number)
		return ERR_OK;
	out[NAME_LEN] = (uint8_t)(1 + (n + 1) / 2);	 /* of what follows */
	out[NAME_LEN + 1] = international ? 0x91 : 0x81; /* TS 24.008 10.5.4.7: and ISDN */
	for (size_t i = 0; i < (n + 1) / 2; i++)
		out[DIGITS_AT + i] =
			(uint8_t)(digit(digits, 2 * i + 1, n) << 4 | digit(digits, 2 * i, n));
	return ERR_OK;
}

enum err profile_iccid_read(const char *text, uint8_t out[static PROFILE_ICCID_LEN])
{
	char filled[PROFILE_ICCID_TEXT];
	uint8_t swapped[PROFILE_ICCID_LEN];
	size_t n = strlen(text);

	if (!n || n >= sizeof(filled) || strspn(text, "0123456789abcdefABCDEF") != n)
		return ERR_VALUE;
	memset(filled, 'f', sizeof(filled) - 1);
	memcpy(filled, text, n);
	filled[sizeof(filled) - 1] = 0;
	if (hex_decode_exact(filled, swapped, sizeof(swapped)))
		return ERR_VALUE;
	profile_iccid_swap(swapped, out);
	return ERR_OK;
}

void profile_iccid_text(const uint8_t iccid[static PROFILE_ICCID_LEN],
			char text[static PROFILE_ICCID_TEXT])
{
	uint8_t swapped[PROFILE_ICCID_LEN];
	size_t n = PROFILE_ICCID_TEXT - 1;

	profile_iccid_swap(iccid, swapped);
	if (hex_encode(SLICE_OF(swapped), text, PROFILE_ICCID_TEXT))
		n = 0;
	while (n && text[n - 1] == 'f')
		n--;
	text[n] = 0;
}

void profile_iccid_swap(const uint8_t in[static PROFILE_ICCID_LEN],
			uint8_t out[static PROFILE_ICCID_LEN])
{
	for (size_t i = 0; i < PROFILE_ICCID_LEN; i++)
		out[i] = (uint8_t)(in[i] << 4 | in[i] >> 4);
}

enum err profile_imsi(const char *digits, uint8_t out[static 9])
{
	size_t n = strlen(digits);

	if (!profile_digits(digits, IMSI_MIN, PROFILE_IMSI_MAX))
		return ERR_VALUE;
	memset(out, 0xFF, 9);
	out[0] = (uint8_t)(n / 2 + 1);
	out[1] = (uint8_t)(digit(digits, 0, n) << 4 | (n % 2 ? IMSI_ODD : IMSI_EVEN));
	for (size_t i = 1; i < n; i += 2)
		out[1 + (i + 1) / 2] =
			(uint8_t)(digit(digits, i + 1, n) << 4 | digit(digits, i, n));
	return ERR_OK;
}
