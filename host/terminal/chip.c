#include "host/terminal/chip.h"

#include "lib/uicc/fid.h"
#include "host/terminal/lpa/lpa.h"
#include "lib/rsp/es10c.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/command.h"
#include "lib/base/tlv.h"

#define TAG_GET_CERTS 0xBF56u /* SGP.32 5.9.11 */
#define GET_DATA_EID  0x5A    /* SGP.02 4.1.1.1: EID in the ECASD */

static const struct {
	const char *text, *hint;
} kinds[] = {
	[CHIP_OTHER] = {"smart card, but no UICC (it has no master file)",
			"put an eUICC in, and check what plays the card where it is a program"},
	[CHIP_SIM] = {"SIM of 2G, no eUICC",
		      "it has one subscription for its life; put an eUICC in"},
	[CHIP_UICC] = {"UICC, no eUICC", "it has one profile for its life; put an eUICC in"},
	[CHIP_SGP02] = {"eUICC for M2M (SGP.02)",
			"only its operator can manage it, over the air (SM-SR)"},
	[CHIP_SGP22] = {"eUICC for consumer devices (SGP.22)", ""},
	[CHIP_SGP32] = {"eUICC for IoT (SGP.32)", "its eIM manages it; the LPA's commands may be "
						  "refused"},
};

const char *chip_text(enum chip_kind kind)
{
	return kinds[kind].text;
}

const char *chip_hint(enum chip_kind kind)
{
	return kinds[kind].hint;
}

/* An answer to ES10c.GetEID makes it an eUICC with an LPA's interface. */
enum err chip_ask_eid(struct uicc *u, unsigned channel, struct chip *chip)
{
	uint8_t sent[16], got[64];
	struct wbuf request = wbuf_init(sent, sizeof(sent)), answer = wbuf_init(got, sizeof(got));
	struct slice eid;
	uint16_t sw;
	enum err e;

	es10c_put_get_eid(&request);
	e = uicc_store_data(u, channel, wbuf_slice(&request), &answer, &sw);
	if (!e && sw_is_good(sw) && !es10c_parse_eid(wbuf_slice(&answer), &eid))
		chip->has_eid = !slice_copy(eid, chip->eid, sizeof(chip->eid));
	return e == ERR_SPACE ? ERR_OK : e; /* it answers something else, at length */
}

static enum err ask_iot(struct uicc *u, unsigned channel, bool *iot)
{
	uint8_t sent[8];
	struct wbuf request = wbuf_init(sent, sizeof(sent)), answer = wbuf_grow(UICC_RESPONSE_MAX);
	uint16_t sw;
	enum err e;

	tlv_put(&request, TAG_GET_CERTS, SLICE_EMPTY);
	e = uicc_store_data(u, channel, wbuf_slice(&request), &answer, &sw);
	*iot = !e && sw_is_good(sw) && answer.len > 0;
	wbuf_free(&answer);
	return e;
}

static enum err ask_isdr(struct uicc *u, struct slice aid, struct chip *chip)
{
	unsigned channel;
	bool iot = false;
	uint16_t sw;
	enum err e = uicc_channel_open(u, aid, &channel, NULL, &sw), closed;

	if (e == ERR_CARD)
		return ERR_OK;
	if (e)
		return e;
	e = chip_ask_eid(u, channel, chip);
	if (!e && chip->has_eid)
		e = ask_iot(u, channel, &iot);
	if (chip->has_eid)
		chip->kind = iot ? CHIP_SGP32 : CHIP_SGP22;
	closed = uicc_channel_close(u, channel);
	return e ? e : closed;
}

enum err chip_ask_ecasd(struct uicc *u, unsigned channel, struct chip *chip)
{
	uint8_t got[APDU_RESPONSE_MAX];
	struct wbuf answer = wbuf_init(got, sizeof(got));
	struct apdu a = command_apdu(COMMAND_GET_DATA, channel);
	struct slice eid;
	uint16_t sw;
	enum err e;

	a.p2 = GET_DATA_EID;
	a.le = 256;
	e = uicc_send(u, &a, &answer, &sw);
	if (!e && sw_is_good(sw) && !tlv_only(wbuf_slice(&answer), GET_DATA_EID, &eid))
		chip->has_eid = !slice_copy(eid, chip->eid, sizeof(chip->eid));
	return e;
}

/* An M2M eUICC shows its ECASD, which holds the EID for GET DATA. */
static enum err ask_m2m(struct uicc *u, struct chip *chip)
{
	unsigned channel;
	uint16_t sw;
	enum err e = uicc_channel_open(u, aid_of(AID_ECASD), &channel, NULL, &sw), closed;

	if (e == ERR_CARD)
		return ERR_OK;
	if (e)
		return e;
	chip->kind = CHIP_SGP02;
	e = chip_ask_ecasd(u, channel, chip);
	closed = uicc_channel_close(u, channel);
	return e ? e : closed;
}

/* TS 102 221 11.1.1 and TS 51.011 9.2.1: what has no MF for either is neither UICC nor SIM. */
static enum err ask_mf(struct uicc *u, struct chip *chip)
{
	static const struct {
		enum chip_kind kind;
		enum command_id select;
		uint8_t p2;
		uint16_t le;
	} kinds_of[] = {{CHIP_UICC, COMMAND_SELECT, SELECT_RETURN_FCP, 256},
			{CHIP_SIM, COMMAND_GSM_SELECT, 0, 0}};
	static const uint8_t mf[] = {FID_MF >> 8, FID_MF & 0xFF};

	chip->kind = CHIP_OTHER;
	for (size_t i = 0; i < ARRAY_LEN(kinds_of); i++) {
		struct apdu a = command_apdu(kinds_of[i].select, 0);
		uint16_t sw;
		enum err e;

		a.p1 = SELECT_FID;
		a.p2 = kinds_of[i].p2;
		a.data = SLICE_OF(mf);
		a.le = kinds_of[i].le;
		e = uicc_send(u, &a, NULL, &sw);
		if (e)
			return e;
		if (sw_is_good(sw)) {
			chip->kind = kinds_of[i].kind;
			break;
		}
	}
	return ERR_OK;
}

enum err chip_detect(struct uicc *u, struct slice isdr_aid, struct chip *out)
{
	struct chip chip = {.kind = CHIP_UICC};
	enum err e = ask_isdr(u, isdr_aid.len ? isdr_aid : aid_of(AID_ISDR), &chip);

	if (!e && !chip.has_eid)
		e = ask_m2m(u, &chip);
	if (!e && chip.kind == CHIP_UICC)
		e = ask_mf(u, &chip);
	if (!e)
		*out = chip;
	return e;
}

struct failure chip_without_usim(struct uicc *u, enum err e)
{
	uint16_t sw = uicc_has_sw(u) ? uicc_last_sw(u) : 0;
	struct chip chip;

	if (e == ERR_NOT_FOUND)
		return failure_said(PARTY_CARD, e, "the card has no USIM (is a profile enabled?)");
	if (e != ERR_CARD || !sw || chip_detect(u, SLICE_EMPTY, &chip))
		return failure_of_card(u, e, "SELECT of the USIM");
	if (chip.kind == CHIP_SIM)
		return failure_said(PARTY_CARD, e,
				    "the card is a SIM of 2G, without a USIM (SELECT: %04X, %s): "
				    "authenticate it with --context gsm",
				    sw, sw_text(sw));
	if (chip.kind == CHIP_OTHER)
		return failure_said(PARTY_CARD, e,
				    "the card is a %s; SELECT of the USIM: %04X, %s: put a SIM in",
				    chip_text(chip.kind), sw, sw_text(sw));
	return failure_said(PARTY_CARD, e,
			    "SELECT of the USIM: %04X, %s: start again, which resets the card; "
			    "--trace FILE records what it says",
			    sw, sw_text(sw));
}
