#include "tests/ifd/keys.h"

#include <string.h>
#include <time.h>

#include <reader.h>

#define CODE_OF(feature) SCARD_CTL_CODE(0xD00 + (feature))

#define HEAD_LEN	 ((size_t)19) /* of PIN_VERIFY, before the command */
#define APDU_HEAD	 5
#define SYSTEM_OCTETS	 0x80
#define RIGHT		 0x04
#define CODING		 0x03
#define ASCII		 0x02
#define TYPED_MAX	 64
#define TYPED_POLL_NS	 50000000
#define DIGITS_MIN	 4
#define DIGITS_MAX	 8

#define SW_TIMEOUT	 0x6400
#define SW_CANCELLED	 0x6401
#define SW_LENGTH	 0x6403

enum { KEY_ENTER = 0x0D, KEY_TIMEOUT = 0x0E, KEY_CANCEL = 0x1B, KEY_DIGIT = 0x2B };

static RESPONSECODE put(struct ifd_control *c, const uint8_t *octets, size_t len)
{
	if (len > c->got_cap - c->got_len)
		return IFD_ERROR_INSUFFICIENT_BUFFER;
	memcpy(c->got + c->got_len, octets, len);
	c->got_len += len;
	return IFD_SUCCESS;
}

static RESPONSECODE put_sw(struct ifd_control *c, uint16_t sw)
{
	const uint8_t octets[] = {(uint8_t)(sw >> 8), (uint8_t)sw};

	return put(c, octets, sizeof(octets));
}

/* 2.2: the code's high octet first */
static void put_feature(struct ifd_control *c, uint8_t tag)
{
	DWORD code = CODE_OF(tag);
	const uint8_t entry[] = {
		tag,	      4, (uint8_t)(code >> 24), (uint8_t)(code >> 16), (uint8_t)(code >> 8),
		(uint8_t)code};

	(void)put(c, entry, sizeof(entry));
}

static RESPONSECODE say_features(const struct ifd *r, struct ifd_control *c)
{
	/* unknown, of another length, empty */
	static const uint8_t odd[] = {0x7E, 4, 1, 2, 3, 4, 0x7D, 2, 1, 2, 0x7C, 0};

	if (ifd_is(r, "features=none"))
		return IFD_NOT_SUPPORTED;
	if (ifd_is(r, "features=odd"))
		(void)put(c, odd, sizeof(odd));
	if (ifd_is(r, "keys=direct") || ifd_is(r, "keys=dead")) {
		put_feature(c, FEATURE_VERIFY_PIN_DIRECT);
	} else if (ifd_is(r, "keys=steps")) {
		put_feature(c, FEATURE_VERIFY_PIN_START);
		put_feature(c, FEATURE_VERIFY_PIN_FINISH);
		put_feature(c, FEATURE_GET_KEY_PRESSED);
	}
	put_feature(c, FEATURE_IFD_PIN_PROPERTIES);
	put_feature(c, FEATURE_GET_TLV_PROPERTIES);
	if (ifd_is(r, "features=cut"))
		c->got_len -= 2;
	return IFD_SUCCESS;
}

/* 2.6.14: low octet first */
static void put_property(struct ifd_control *c, uint8_t tag, unsigned long value, uint8_t len)
{
	const uint8_t head[] = {tag, len};

	(void)put(c, head, sizeof(head));
	for (unsigned i = 0; i < len; i++) {
		uint8_t octet = i < sizeof(value) ? (uint8_t)(value >> 8 * i) : 0;

		(void)put(c, &octet, 1);
	}
}

static RESPONSECODE say_properties(const struct ifd *r, struct ifd_control *c)
{
	static const uint8_t firmware[] = {PCSCv2_PART10_PROPERTY_sFirmwareID, 3, '1', '.', '0'};
	bool lie = ifd_is(r, "properties=lie"), odd = ifd_is(r, "properties=odd");

	put_property(c, PCSCv2_PART10_PROPERTY_wLcdLayout, 0, 2);
	put_property(c, PCSCv2_PART10_PROPERTY_bMinPINSize, lie ? 200 : DIGITS_MIN, 1);
	put_property(c, PCSCv2_PART10_PROPERTY_bMaxPINSize, lie ? 2 : DIGITS_MAX, 1);
	(void)put(c, firmware, sizeof(firmware));
	put_property(c, PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize, ifd_number(r, "apdu="), 4);
	if (odd) { /* unknown, and what was said well comes again with impossible lengths */
		put_property(c, 0x99, 0, 0);
		put_property(c, PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize, 7, 9);
		put_property(c, PCSCv2_PART10_PROPERTY_bMaxPINSize, 0x0101, 2);
		put_property(c, PCSCv2_PART10_PROPERTY_sFirmwareID, 0, 0);
	}
	if (ifd_is(r, "properties=cut"))
		c->got_len -= 3;
	return IFD_SUCCESS;
}

static RESPONSECODE say_pin_properties(struct ifd_control *c)
{
	static const uint8_t octets[] = {0, 0, 0x02, 0}; /* no display, the enter key ends it */

	return put(c, octets, sizeof(octets));
}

/* Whether PIN_VERIFY is one that a reader can do. */
static const char *trouble_of(const uint8_t *s, size_t len)
{
	size_t block, position, data;

	if (len < HEAD_LEN + APDU_HEAD)
		return "the structure is cut";
	block = s[3] & 0x0F;
	position = s[2] >> 3 & 0x0F;
	data = (size_t)s[15] | (size_t)s[16] << 8 | (size_t)s[17] << 16 | (size_t)s[18] << 24;
	if (data != len - HEAD_LEN || data > IFD_VERIFY_MAX)
		return "ulDataLength";
	if (!(s[2] & SYSTEM_OCTETS) || s[2] & RIGHT || (s[2] & CODING) != ASCII)
		return "bmFormatString";
	if (s[3] >> 4 || s[4])
		return "the PIN's length is to be written";
	if (s[5] < s[6])
		return "wPINMaxExtraDigit";
	if (!(s[7] & 0x02))
		return "bEntryValidationCondition";
	if (s[HEAD_LEN + 4] != data - APDU_HEAD || !block || position + block > data - APDU_HEAD)
		return "the PIN block does not fit into the command";
	return NULL;
}

static uint16_t outcome_of(const char *typed, const uint8_t *s)
{
	size_t digits = strspn(typed, "0123456789");

	if (!*typed)
		return SW_TIMEOUT;
	if (strcmp(typed, "cancel") == 0)
		return SW_CANCELLED;
	return typed[digits] || digits < s[6] || digits > s[5] ? SW_LENGTH : 0;
}

static size_t wait_for_typed(const struct ifd *r, char *typed, size_t cap)
{
	const struct timespec pause = {.tv_nsec = TYPED_POLL_NS};
	unsigned long polls = ifd_number(r, "wait=") * (1000000000 / TYPED_POLL_NS);
	size_t n = ifd_typed(r, typed, cap);

	for (; !n && polls; polls--) {
		nanosleep(&pause, NULL);
		n = ifd_typed(r, typed, cap);
	}
	return n;
}

/* The command with the digits that are typed; r->outcome: what the reader itself has to say. */
static RESPONSECODE take_pin(struct ifd *r, const struct ifd_control *c)
{
	const uint8_t *s = c->sent;
	const char *trouble = trouble_of(s, c->sent_len);
	char typed[TYPED_MAX];

	if (trouble || ifd_is(r, "keys=dead")) {
		ifd_log(r, "keys refuse: %s", trouble ? trouble : "they are dead");
		return IFD_NOT_SUPPORTED;
	}
	ifd_log(r, "keys wait");
	r->digits_left = wait_for_typed(r, typed, sizeof(typed));
	r->outcome = outcome_of(typed, s);
	r->verify_len = c->sent_len - HEAD_LEN;
	memcpy(r->verify, s + HEAD_LEN, r->verify_len);
	if (!r->outcome)
		memcpy(r->verify + APDU_HEAD + (s[2] >> 3 & 0x0F), typed, r->digits_left);
	ifd_log(r, "keys: %u to %u digits wanted, outcome %04X", s[6], s[5], r->outcome);
	return IFD_SUCCESS;
}

static RESPONSECODE send_pin(struct ifd *r, struct ifd_control *c)
{
	DWORD got_len = c->got_cap;
	bool good;

	if (r->outcome)
		return put_sw(c, r->outcome);
	if (!r->verify_len)
		return IFD_NOT_SUPPORTED;
	good = ifd_exchange(r, r->verify, r->verify_len, c->got, &got_len);
	ifd_log(r, "keys sent %02x%02x%02x%02x%02x", r->verify[0], r->verify[1], r->verify[2],
		r->verify[3], r->verify[4]);
	memset(r->verify, 0, sizeof(r->verify));
	r->verify_len = 0;
	c->got_len = good ? got_len : 0;
	return good ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

static RESPONSECODE next_key(struct ifd *r, struct ifd_control *c)
{
	uint8_t key = KEY_ENTER;

	if (r->outcome == SW_TIMEOUT)
		key = KEY_TIMEOUT;
	else if (r->outcome == SW_CANCELLED)
		key = KEY_CANCEL;
	else if (r->digits_left && r->digits_left--)
		key = KEY_DIGIT;
	return put(c, &key, 1);
}

RESPONSECODE ifd_control(struct ifd *r, struct ifd_control *c)
{
	RESPONSECODE code;

	switch (c->code) {
	case CM_IOCTL_GET_FEATURE_REQUEST: return say_features(r, c);
	case CODE_OF(FEATURE_GET_TLV_PROPERTIES): return say_properties(r, c);
	case CODE_OF(FEATURE_IFD_PIN_PROPERTIES): return say_pin_properties(c);
	case CODE_OF(FEATURE_VERIFY_PIN_START): return take_pin(r, c);
	case CODE_OF(FEATURE_GET_KEY_PRESSED): return next_key(r, c);
	case CODE_OF(FEATURE_VERIFY_PIN_FINISH): return send_pin(r, c);
	case CODE_OF(FEATURE_VERIFY_PIN_DIRECT):
		code = take_pin(r, c);
		return code == IFD_SUCCESS ? send_pin(r, c) : code;
	default: return IFD_NOT_SUPPORTED;
	}
}
