#include "card-emu/link/tcl.h"

#include "lib/uicc/apdu.h"
#include "lib/uicc/command.h"

#define SW_LEN 2
#define LE_MAX 256

static uint16_t sw_of(struct slice answer)
{
	return (uint16_t)slice_uint(slice_sub(answer, answer.len - SW_LEN, SW_LEN), SW_LEN);
}

/* The TPDU of a header and an Le: what T=0 takes as its P3. */
static enum err transmit_le(struct card *card, const struct apdu *a, unsigned le, struct wbuf *out)
{
	const uint8_t tpdu[] = {a->cla, a->ins, a->p1, a->p2, (uint8_t)(le & 0xFF)};

	return card_transmit(card, SLICE_OF(tpdu), out);
}

/* What T=0 has the terminal do next, done here; out then ends in the last status word. */
static enum err follow(struct card *card, const struct apdu *a, struct wbuf *out)
{
	uint16_t sw = sw_of(wbuf_slice(out));
	struct apdu fetch = command_apdu(COMMAND_GET_RESPONSE, 0);

	if (!a->has_le)
		return ERR_OK;
	if (a->data.len && sw_is(sw, SW_RESPONSE)) {
		fetch.cla = apdu_cla(CLA_INTERINDUSTRY, (unsigned)apdu_channel(a->cla));
		wbuf_cut(out, out->len - SW_LEN);
		return transmit_le(card, &fetch, sw_number(sw) < a->le ? sw_number(sw) : a->le,
				   out);
	}
	if (!a->data.len && a->le == LE_MAX && sw_is(sw, SW_CORRECT_LE)) {
		wbuf_cut(out, out->len - SW_LEN);
		return transmit_le(card, a, sw_number(sw), out);
	}
	return ERR_OK;
}

enum err tcl_transmit(struct card *card, struct slice command, struct wbuf *out)
{
	enum err e = card_transmit(card, command, out);
	struct apdu a;

	/* a class that names no channel, or the 2G one, has rules of its own */
	if (e || apdu_parse(command, &a) || a.cla == CLA_GSM || apdu_channel(a.cla) < 0)
		return e;
	return follow(card, &a, out);
}
