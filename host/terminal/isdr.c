#include "host/terminal/isdr.h"

#include <stdio.h>

#include "host/terminal/chip.h"
#include "host/terminal/lpa/lpa.h"

/* What can be done about a refusal of ISD-R or channels. */
static const char *advice(uint16_t sw)
{
	switch (sw) {
	case SW_FUNCTION_NOT_SUPPORTED:
	case SW_CHANNEL_NOT_SUPPORTED:
	case SW_NO_MEMORY:
		return "its channels may be in use: start again, which resets it, or end the "
		       "program "
		       "that has the card";
	case SW_SECURITY_STATUS:
	case SW_CONDITIONS:
	case SW_SELECT_FAILED:
		return "it does not want to now: start again, which resets it; an eUICC of a "
		       "device may "
		       "serve that device alone";
	case SW_FILE_DEACTIVATED: return "the ISD-R is locked: ask who issued the eUICC";
	default: return "start again, or tell its maker; --trace FILE records what it says";
	}
}

/* The card has no application of this AID, as far as its status word tells. */
static bool is_absent(uint16_t sw)
{
	return sw == SW_FILE_NOT_FOUND || sw == SW_NOT_FOUND;
}

static struct failure is_another(enum chip_kind kind)
{
	const char *n = kind == CHIP_SGP02 || kind == CHIP_SGP22 || kind == CHIP_SGP32 ? "n" : "";

	return failure_said(PARTY_CARD, ERR_UNSUPPORTED, "the card is a%s %s: %s", n,
			    chip_text(kind), chip_hint(kind));
}

/* No ISD-R, or none that speaks ES10: says what the card is instead, or at what step it refuses. */
static struct failure why_not(struct uicc *u, const struct isdr *isdr, enum err e, bool opened)
{
	uint16_t sw = uicc_last_sw(u);
	char step[64];
	struct chip chip = {0};

	snprintf(step, sizeof(step), "%s", opened ? "ES10c.GetEID" : uicc_last_step(u));
	if (e != ERR_CARD)
		return failure_of_card(u, e, "the card's ISD-R");
	if (isdr->aid.len && !opened)
		return failure_said(
			PARTY_CARD, e,
			"no ISD-R answers to --isdr-aid %s (%s: %04X, %s); without it: SGP.22's",
			isdr->text, step, sw, sw_text(sw));
	e = chip_detect(u, isdr->aid, &chip);
	if (e)
		return failure_of_card(u, e, "the card");
	if (chip.kind == CHIP_OTHER)
		return failure_said(PARTY_CARD, ERR_UNSUPPORTED,
				    "the card is a %s; %s: %04X, %s: %s", chip_text(chip.kind),
				    step, sw, sw_text(sw), chip_hint(chip.kind));
	if (chip.kind == CHIP_SGP22 || (chip.kind == CHIP_UICC && !is_absent(sw)))
		return failure_said(PARTY_CARD, ERR_CARD, "the card's ISD-R %s (%s: %04X, %s): %s",
				    opened ? "speaks no ES10" : "does not open", step, sw,
				    sw_text(sw), advice(sw));
	return is_another(chip.kind);
}

struct failure isdr_open(struct uicc *u, const struct isdr *isdr, struct lpa **l)
{
	uint8_t eid[RSP_EID_LEN];
	enum err e = lpa_open(u, isdr->aid, l);
	bool opened = !e;

	if (!e) {
		e = lpa_eid(*l, eid); /* an ISD-R of SGP.02 has the same AID and no ES10 */
		if (e)
			lpa_close(l);
	}
	return e ? why_not(u, isdr, e, opened) : (struct failure){.err = ERR_OK};
}
