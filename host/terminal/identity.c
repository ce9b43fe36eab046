#include "host/terminal/identity.h"

#include "host/terminal/chip.h"
#include "host/terminal/uicc.h"
#include "lib/base/tlv.h"
#include "lib/profile/digits.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/command.h"
#include "lib/uicc/fid.h"

static enum err select_file(struct uicc *u, unsigned channel, uint16_t fid)
{
	const uint8_t id[] = {(uint8_t)(fid >> 8), (uint8_t)fid};
	struct apdu a = command_apdu(COMMAND_SELECT, channel);
	uint16_t sw;
	enum err e;

	a.p1 = SELECT_FID;
	a.p2 = SELECT_RETURN_FCP;
	a.data = SLICE_OF(id);
	a.le = 256;
	e = uicc_send(u, &a, NULL, &sw);
	return uicc_check(u, e, sw);
}

static enum err ask_iccid(struct uicc *u, unsigned channel,
			  char number[static TRANSPORT_NUMBER_MAX])
{
	uint8_t octets[APDU_RESPONSE_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct apdu a = command_apdu(COMMAND_READ_BINARY, channel);
	uint16_t sw;
	enum err e = select_file(u, channel, FID_MF);

	if (!e)
		e = select_file(u, channel, FID_ICCID);
	if (e)
		return e;
	a.le = PROFILE_ICCID_LEN;
	e = uicc_send(u, &a, &w, &sw);
	e = uicc_check(u, e, sw);
	if (!e && w.len != PROFILE_ICCID_LEN)
		return ERR_NOT_FOUND;
	if (!e)
		profile_iccid_text(octets, number);
	return e;
}

static enum err read_eid(struct uicc *u, unsigned channel, struct slice isdr,
			 char number[static TRANSPORT_NUMBER_MAX])
{
	const struct {
		struct slice aid;
		enum err (*ask)(struct uicc *u, unsigned channel, struct chip *chip);
	} places[] = {{isdr.len ? isdr : aid_of(AID_ISDR), chip_ask_eid},
		      {aid_of(AID_ECASD), chip_ask_ecasd}};
	struct chip chip = {0};
	enum err e = ERR_OK;

	for (size_t i = 0; i < ARRAY_LEN(places) && !e && !chip.has_eid; i++) {
		uint16_t sw;

		e = uicc_select_aid(u, channel, places[i].aid, NULL, &sw);
		if (!e)
			e = places[i].ask(u, channel, &chip);
		e = e == ERR_CARD ? ERR_OK : e;
	}
	if (!e && !chip.has_eid)
		return ERR_NOT_FOUND;
	return e ? e : hex_encode(SLICE_OF(chip.eid), number, TRANSPORT_NUMBER_MAX);
}

/* A card that is nobody else's may be asked on the basic channel where it has no other. */
static enum err own_channel(struct uicc *u, bool alone, unsigned *channel)
{
	enum err e = uicc_channel_take(u, channel);

	if (e != ERR_CARD)
		return e;
	*channel = 0;
	return alone ? ERR_OK : ERR_READER_BUSY;
}

static enum err ask_number_of(struct uicc *u, const struct transport_question *q,
			      char number[static TRANSPORT_NUMBER_MAX])
{
	unsigned channel;
	enum err e = own_channel(u, q->alone, &channel), closed;

	if (e)
		return e;
	e = q->eid ? read_eid(u, channel, q->isdr, number) : ask_iccid(u, channel, number);
	closed = uicc_channel_close(u, channel);
	return e == ERR_CARD ? ERR_NOT_FOUND : e ? e : closed == ERR_CARD ? ERR_OK : closed;
}

enum err identity_read(struct transport *t, const struct transport_question *q,
		       char number[static TRANSPORT_NUMBER_MAX])
{
	struct uicc *u = NULL;
	enum err e = transport_begin(t);

	if (!e)
		e = uicc_open(t, &u);
	if (e) {
		transport_close(&t);
		return e;
	}
	e = ask_number_of(u, q, number);
	if (transport_end(t) && !e)
		e = ERR_CARD_RESET;
	uicc_close(&u);
	return e;
}
