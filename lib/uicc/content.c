#include "lib/uicc/content.h"

#include "lib/base/tlv.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/luhn.h"

#define FILLER		 0x0F
#define EMPTY		 0xFF
#define IMSI_MIN	 4 /* octets */
#define IMSI_MAX	 8
#define IMSI_FIRST	 3 /* nibble of the first digit */
#define DIGITS_MIN	 6
#define TYPE_ODD	 9 /* TS 24.008 10.5.1.4: type IMSI, and whether the digits are odd in number */
#define TYPE_EVEN	 1
#define AID_MIN		 5
#define SPN_SHOWN	 3    /* the bits that are defined */
#define UCS2_FIRST	 0x80 /* TS 102 221 annex A: three forms */
#define UCS2_LAST	 0x82
#define MCC_LEN		 3
#define ICCID_DIGITS_MAX 20

static uint8_t content_nibble(struct slice v, size_t i)
{
	uint8_t b = slice_at(v, i / 2);

	return i % 2 ? b >> 4 : b & 15;
}

static bool is_all(struct slice v, uint8_t octet)
{
	for (size_t i = 0; i < v.len; i++) {
		if (slice_at(v, i) != octet)
			return false;
	}
	return true;
}

size_t content_bcd(struct slice v)
{
	size_t digits = 0;

	for (size_t i = 0; i < 2 * v.len; i++) {
		uint8_t d = content_nibble(v, i);

		if (d > 9 && d != FILLER)
			return 0;
		if (d <= 9 && digits != i)
			return 0;
		digits += d <= 9;
	}
	return digits;
}

size_t content_imsi(struct slice v, uint8_t digits[static CONTENT_IMSI_MAX])
{
	size_t n = 0, end = 2 * (1 + (size_t)slice_at(v, 0));

	for (size_t i = IMSI_FIRST; i < end && i < IMSI_FIRST + CONTENT_IMSI_MAX; i++) {
		uint8_t d = content_nibble(v, i);

		if (d > 9 && !(d == FILLER && i + 1 == end))
			return 0;
		if (d <= 9)
			digits[n++] = d;
	}
	return n;
}

const char *content_imsi_fault(struct slice v)
{
	uint8_t digits[CONTENT_IMSI_MAX];
	size_t len = slice_at(v, 0), n = content_imsi(v, digits);

	if (len < IMSI_MIN || len > IMSI_MAX || len >= v.len)
		return "its length is not 4 to 8";
	if (n < DIGITS_MIN)
		return "there are other digits, or fewer than 6";
	if ((slice_at(v, 1) & 15) != (n % 2 ? TYPE_ODD : TYPE_EVEN))
		return "the parity is not that of its digits";
	return is_all(slice_sub(v, 1 + len, v.len), EMPTY) ? NULL : "something stands behind it";
}

bool content_dir_aid(struct slice record, struct slice *aid)
{
	struct cursor c = cursor_of(record);
	struct tlv t;

	*aid = SLICE_EMPTY;
	if (is_all(record, EMPTY) || slice_is_zero(record))
		return true;
	return tlv_next(&c, &t) && t.tag == UICC_DIR_APPLICATION &&
	       tlv_find(t.value, UICC_DIR_AID, aid) && aid->len >= AID_MIN && aid->len <= AID_LEN;
}

bool content_spn_shown(struct slice v)
{
	return !(slice_at(v, 0) & ~SPN_SHOWN) || slice_at(v, 0) == EMPTY;
}

size_t content_spn_stray(struct slice v)
{
	struct slice text = slice_sub(v, 1, v.len);
	bool end = false;

	if (slice_at(text, 0) >= UCS2_FIRST && slice_at(text, 0) <= UCS2_LAST)
		return 0;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t b = slice_at(text, i);

		if (b != EMPTY && (end || b >= UCS2_FIRST))
			return i + 1;
		end = end || b == EMPTY;
	}
	return 0;
}

bool content_iccid_checks(struct slice iccid)
{
	uint8_t digits[ICCID_DIGITS_MAX];
	size_t n = content_bcd(iccid);

	if (!n || n > ICCID_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		digits[i] = content_nibble(iccid, i);
	/* many issuers put a digit of their own behind the check digit */
	return luhn_digit(digits, n - 1) == digits[n - 1] ||
	       (n == 2 * iccid.len && luhn_digit(digits, n - 2) == digits[n - 2]);
}

void content_plmn(const char *imsi, unsigned mnc_len, uint8_t plmn[static 3])
{
	uint8_t d[2 * MCC_LEN];

	for (size_t i = 0; i < 2 * MCC_LEN; i++)
		d[i] = i < MCC_LEN + mnc_len ? (uint8_t)(imsi[i] - '0') : FILLER;
	plmn[0] = (uint8_t)(d[1] << 4 | d[0]);
	plmn[1] = (uint8_t)(d[5] << 4 | d[2]);
	plmn[2] = (uint8_t)(d[4] << 4 | d[3]);
}
