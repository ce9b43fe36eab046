#include "card-emu/core/atr.h"

#define TS_DIRECT 0x3B
#define TA1	  0x96 /* Fi 512, Di 32 */

/*
 * Behind T0, whose lower half counts the historical octets. TD1 names the first protocol; TA for
 * T=15 says clock stop and supply classes (TS 102 221 6.3.3). For T=1 (ISO 7816-3 11.4, TS 102 221
 * 7.2.4) TA3: blocks of 254 octets; TB3: CWI 5, BWI 4; no TC3: LRC.
 */
static const uint8_t t0[] = {TA1, 0x80, 0x1F, CARD_CLOCK_AND_CLASS};
static const uint8_t t1[] = {TA1, 0x81, 0xB1, 0xFE, 0x45, 0x1F, CARD_CLOCK_AND_CLASS};
/* PC/SC part 3 3.1.3.2.3.1: what a reader says for a card without contacts */
static const uint8_t tcl[] = {0x80, 0x01};

static const struct form {
	uint8_t y; /* which of TA1 to TD1 follow */
	struct slice interface;
	bool extended;
} forms[] = {
	[CARD_T0] = {0x90, {t0, sizeof(t0)}, false},
	[CARD_T1] = {0x90, {t1, sizeof(t1)}, true},
	/* a frame of an NFC chip has 262 octets */
	[CARD_TCL] = {0x80, {tcl, sizeof(tcl)}, false},
};

/*
 * ISO 7816-4 8.1.1, TS 102 221 6.2: card capabilities (SELECT by AID and partial AID, logical
 * channels), "TWINKEY".
 */
static const uint8_t historical[] = {0x80, 0x31, 0xE0, 0x73, 0xFE, 0x21, 0x13, 0x57,
				     'T',  'W',	 'I',  'N',  'K',  'E',	 'Y'};
#define CAPABILITIES_AT	    6	 /* the third octet of them */
#define CAPABILITY_EXTENDED 0x40 /* extended Lc and Le fields */

bool atr_says_extended(enum card_protocol protocol)
{
	return forms[protocol].extended;
}

void atr_put(enum card_protocol protocol, struct wbuf *out)
{
	const struct form *form = &forms[protocol];
	size_t from = out->len + 1, at;
	uint8_t check = 0;

	wbuf_u8(out, TS_DIRECT);
	wbuf_u8(out, (uint8_t)(form->y | sizeof(historical)));
	wbuf_put(out, form->interface);
	at = out->len + CAPABILITIES_AT;
	wbuf_put(out, SLICE_OF(historical));
	if (form->extended && at < out->len)
		out->ptr[at] |= CAPABILITY_EXTENDED;
	for (size_t i = from; i < out->len; i++)
		check ^= slice_at(wbuf_slice(out), i);
	wbuf_u8(out, check); /* each of them names another protocol than T=0 */
}
