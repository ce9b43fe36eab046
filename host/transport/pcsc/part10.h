/*
 * part10: what a reader can do beyond commands, as PC/SC part 10 writes it (2.2, 2.5, 2.6): its
 * features, its properties, and the entry of a PIN at its keys.
 */
#ifndef TWINKEY_HOST_TRANSPORT_PCSC_PART10_H
#define TWINKEY_HOST_TRANSPORT_PCSC_PART10_H

#include "host/transport/transport.h"

/* What GET_FEATURE_REQUEST answers: control codes, 0 where the reader has no such feature. */
struct part10_features {
	uint32_t verify_direct;
	uint32_t verify_start, verify_finish, key_pressed;
	uint32_t properties;
};

#define PART10_VERIFY_MAX (19 + 261) /* octets of PIN_VERIFY: its head and a short APDU */

/* What GET_KEY_PRESSED answers */
enum part10_key {
	PART10_KEY_NONE = 0x00,
	PART10_KEY_CORRECTION = 0x08,
	PART10_KEY_ENTER = 0x0D,
	PART10_KEY_TIMEOUT = 0x0E,
	PART10_KEY_CANCEL = 0x1B,
	PART10_KEY_DIGIT = 0x2B,
	PART10_KEY_ABORT = 0x40,
};

/* ERR_ENCODING: the list is torn; what is unknown, or has no code, is passed over. */
enum err part10_features(struct slice answer, struct part10_features *out) MUST_CHECK;
/* The same of properties; one of an unexpected length is passed over. */
enum err part10_properties(struct slice answer, struct transport_properties *out) MUST_CHECK;
/* A PIN can be typed at the reader, in one way or the other. */
bool part10_has_keys(const struct part10_features *f);
/*
 * PIN_VERIFY for this command, whose data is a block of ASCII digits; ERR_LENGTH: it has none;
 * ERR_KEYS_FAILED: no number of digits suits card and keys.
 */
enum err part10_put_verify(const struct transport_pin *pin, const struct transport_properties *p,
			   struct wbuf *out) MUST_CHECK;
/* What the reader itself says in place of a status word (2.5.2): ERR_KEYS_...; ERR_OK: the card's.
 */
enum err part10_outcome(struct slice answer) MUST_CHECK;

#endif
