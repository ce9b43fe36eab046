#include "host/terminal/kra.h"

#include "lib/base/tlv.h"

enum err kra_open(struct uicc *u, struct kra *out)
{
	struct kra k = {.u = u};
	enum err e = uicc_channel_open(u, SLICE_OF(kra_aid), &k.channel, NULL, &k.sw);

	if (!e)
		*out = k;
	return e == ERR_CARD && k.sw == SW_FILE_NOT_FOUND ? ERR_NOT_FOUND : e;
}

enum err kra_close(const struct kra *k)
{
	return uicc_channel_close(k->u, k->channel);
}

/* One command; what is appended to answer must be one object with this tag. */
static enum err converse(struct kra *k, struct slice request, uint32_t tag, struct wbuf *answer)
{
	size_t before = answer->len;
	struct slice body;
	enum err e = uicc_store_data(k->u, k->channel, request, answer, &k->sw);

	e = uicc_check(k->u, e, k->sw);
	if (!e && tlv_only(slice_sub(wbuf_slice(answer), before, answer->len), tag, &body))
		e = ERR_PROTOCOL;
	return e;
}

enum err kra_ask_status(struct kra *k, struct kra_status *out)
{
	uint8_t sent[8], got[APDU_RESPONSE_MAX];
	struct wbuf request = wbuf_init(sent, sizeof(sent)), answer = wbuf_init(got, sizeof(got));
	enum err e;

	kra_put_get_status(&request);
	e = converse(k, wbuf_slice(&request), KRA_TAG_STATUS, &answer);
	if (!e && kra_parse_status(wbuf_slice(&answer), out))
		e = ERR_PROTOCOL;
	return e;
}

enum err kra_ask_challenge(struct kra *k, const uint8_t iccid[static KRA_ICCID_LEN],
			   struct wbuf *challenge)
{
	uint8_t sent[32];
	struct wbuf request = wbuf_init(sent, sizeof(sent));

	kra_put_get_challenge(&request, iccid);
	return converse(k, wbuf_slice(&request), KRA_TAG_CHALLENGE, challenge);
}

enum err kra_hand_grant(struct kra *k, struct slice grant, struct wbuf *result)
{
	return converse(k, grant, KRA_TAG_GRANT, result);
}

enum err kra_hand_reseal(struct kra *k, struct slice message, enum kra_result *result)
{
	uint8_t got[APDU_RESPONSE_MAX];
	struct wbuf answer = wbuf_init(got, sizeof(got));
	enum err e = converse(k, message, KRA_TAG_RESEAL, &answer);

	if (!e && kra_parse_reseal_result(wbuf_slice(&answer), result))
		e = ERR_PROTOCOL;
	return e;
}
