#include "host/transport/pcsc/part10.h"

#include <string.h>

#include <reader.h>
#include "tool/pcsc/keys.h"

#define SW_LEN	      2
#define APDU_HEAD     5	 /* CLA, INS, P1, P2, Lc */
#define PIN_BLOCK_MAX 15 /* four bits say its length */
#define LANG_ENGLISH  0x0409

/* PIN_VERIFY, 2.5.2: system units are octets, the PIN stands at the left of the data, in ASCII */
#define FORMAT_OCTETS_LEFT_ASCII 0x82
#define VALIDATE_BY_KEY		 0x02
#define MESSAGES_ONE		 0x01

/* Where the code of this feature goes; NULL: nobody asks for it. */
static uint32_t *place_of(struct part10_features *f, uint8_t tag)
{
	switch (tag) {
	case FEATURE_VERIFY_PIN_DIRECT: return &f->verify_direct;
	case FEATURE_VERIFY_PIN_START: return &f->verify_start;
	case FEATURE_VERIFY_PIN_FINISH: return &f->verify_finish;
	case FEATURE_GET_KEY_PRESSED: return &f->key_pressed;
	case FEATURE_GET_TLV_PROPERTIES: return &f->properties;
	default: return NULL;
	}
}

enum err part10_features(struct slice answer, struct part10_features *out)
{
	struct part10_features f = {0};
	struct cursor c = cursor_of(answer);

	while (cursor_left(&c)) {
		uint8_t tag = cursor_u8(&c), len = cursor_u8(&c);
		struct cursor v = cursor_of(cursor_take(&c, len));
		uint32_t code = cursor_u32(&v), *place = place_of(&f, tag);

		if (c.err)
			return ERR_ENCODING;
		if (place && !cursor_done(&v))
			*place = code;
	}
	*out = f;
	return ERR_OK;
}

/* Low octet first (2.6.14) */
static uint32_t low_first(struct slice v)
{
	uint32_t n = 0;

	for (size_t i = v.len; i > 0; i--)
		n = n << 8 | slice_at(v, i - 1);
	return n;
}

static void take_firmware(struct slice v, struct transport_properties *p)
{
	size_t n = v.len < sizeof(p->firmware) ? v.len : sizeof(p->firmware) - 1;

	if (slice_text(slice_sub(v, 0, n), p->firmware, sizeof(p->firmware)))
		p->firmware[0] = 0;
}

/* 2.6.14: the octets of a number, 0 for what is none */
static size_t width_of(uint8_t tag)
{
	switch (tag) {
	case PCSCv2_PART10_PROPERTY_wIdVendor:
	case PCSCv2_PART10_PROPERTY_wIdProduct: return 2;
	case PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize: return 4;
	case PCSCv2_PART10_PROPERTY_bMinPINSize:
	case PCSCv2_PART10_PROPERTY_bMaxPINSize: return 1;
	default: return 0;
	}
}

static void take_figure(uint8_t tag, uint32_t n, struct transport_properties *p)
{
	switch (tag) {
	case PCSCv2_PART10_PROPERTY_wIdVendor:
		p->has_usb_id = true;
		p->usb_vendor = (uint16_t)n;
		break;
	case PCSCv2_PART10_PROPERTY_wIdProduct: p->usb_product = (uint16_t)n; break;
	case PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize: p->apdu_data_max = n; break;
	case PCSCv2_PART10_PROPERTY_bMinPINSize: p->pin_min = (uint8_t)n; break;
	case PCSCv2_PART10_PROPERTY_bMaxPINSize: p->pin_max = (uint8_t)n; break;
	default: break;
	}
}

static void take_property(uint8_t tag, struct slice v, struct transport_properties *p)
{
	if (tag == PCSCv2_PART10_PROPERTY_sFirmwareID)
		take_firmware(v, p);
	else if (v.len == width_of(tag))
		take_figure(tag, low_first(v), p);
}

enum err part10_properties(struct slice answer, struct transport_properties *out)
{
	struct transport_properties p = {0};
	struct cursor c = cursor_of(answer);

	while (cursor_left(&c)) {
		uint8_t tag = cursor_u8(&c), len = cursor_u8(&c);
		struct slice v = cursor_take(&c, len);

		if (c.err)
			return ERR_ENCODING;
		take_property(tag, v, &p);
	}
	*out = p;
	return ERR_OK;
}

bool part10_has_keys(const struct part10_features *f)
{
	return f->verify_direct || (f->verify_start && f->verify_finish);
}

/* Low octet first: drivers tell by plausibility what they were given, and all take that */
static void put_low_first(struct wbuf *w, uint32_t v, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		wbuf_u8(w, (uint8_t)(v >> 8 * i));
}

enum err part10_put_verify(const struct transport_pin *pin, const struct transport_properties *p,
			   struct wbuf *out)
{
	uint8_t min = pin->digits_min > p->pin_min ? pin->digits_min : p->pin_min;
	uint8_t max = p->pin_max && p->pin_max < pin->digits_max ? p->pin_max : pin->digits_max;
	size_t block = slice_at(pin->command, APDU_HEAD - 1);
	uint8_t timeout = (uint8_t)(pin->timeout_s > 0xFF ? 0xFF : pin->timeout_s);

	if (pin->command.len < APDU_HEAD + block || !block || block > PIN_BLOCK_MAX)
		return ERR_LENGTH;
	if (min > max)
		return ERR_KEYS_FAILED;
	wbuf_u8(out, timeout); /* for the first key, and between keys */
	wbuf_u8(out, timeout);
	wbuf_u8(out, FORMAT_OCTETS_LEFT_ASCII);
	wbuf_u8(out, (uint8_t)block); /* no length is written into the block */
	wbuf_u8(out, 0);
	put_low_first(out, (uint32_t)min << 8 | max, 2);
	wbuf_u8(out, VALIDATE_BY_KEY);
	wbuf_u8(out, MESSAGES_ONE);
	put_low_first(out, LANG_ENGLISH, 2);
	wbuf_u8(out, 0);      /* the first message */
	wbuf_fill(out, 0, 3); /* T=1: the prologue is the driver's */
	put_low_first(out, (uint32_t)pin->command.len, 4);
	wbuf_put(out, pin->command);
	return wbuf_done(out);
}

enum err part10_outcome(struct slice answer)
{
	struct cursor c = cursor_of(answer);
	uint16_t sw = cursor_u16(&c);

	if (cursor_done(&c))
		return answer.len < SW_LEN ? ERR_PROTOCOL : ERR_OK;
	switch (sw) {
	case KEYS_TIMEOUT: return ERR_KEYS_TIMEOUT;
	case KEYS_CANCELLED: return ERR_KEYS_CANCELLED;
	case KEYS_DIFFER: return ERR_KEYS_DIFFER;
	case KEYS_LENGTH: return ERR_KEYS_LENGTH;
	default: return ERR_OK;
	}
}
