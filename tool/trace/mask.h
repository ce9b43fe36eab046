/*
 * mask: hides the secrets that cross the interface between terminal and card in clear.
 *
 * PINs and PUKs (VERIFY, CHANGE, DISABLE, ENABLE, UNBLOCK PIN; classes 0X and A0), and the keys in
 * answers to AUTHENTICATE and RUN GSM ALGORITHM: CK, IK, Kc and Ks_ext_NAF, also when GET RESPONSE
 * fetches them, in pieces or after 6CXX. RES and SRES (which cross the air) and AUTS stay.
 * Each logical channel has its own state.
 */
#ifndef TWINKEY_TOOL_TRACE_MASK_H
#define TWINKEY_TOOL_TRACE_MASK_H

#include "lib/base/bytes.h"

#define MASK_OCTET    0xFF
#define MASK_CHANNELS 20

enum mask_kind { MASK_NOTHING, MASK_PIN, MASK_KEYS };

enum mask_state { MASK_CLOSED, MASK_TAG, MASK_LENGTH, MASK_VALUE, MASK_SHOW_REST, MASK_HIDE_REST };

struct mask_stream { /* where we are in an answer that carries keys */
	enum mask_state state;
	bool lengths;	/* each field has its length in front (not in class A0) */
	unsigned field; /* 0 is RES or SRES; all others are keys */
	size_t left;	/* octets of the present field */
};

struct mask {
	struct mask_stream streams[MASK_CHANNELS];
};

/*
 * Copies a command and its response into out with secrets replaced by MASK_OCTET; says what was
 * masked and how many octets.
 */
enum mask_kind mask_exchange(struct mask *m, struct slice command, struct slice response,
			     struct wbuf *out, size_t *masked);

/*
 * A command as a trace has it, in T=0 form: one that sends data carries no Le behind it. Extended
 * lengths have no such form, and stay.
 */
struct slice mask_without_le(struct slice command);

#endif
