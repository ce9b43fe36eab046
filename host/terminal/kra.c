#include "host/terminal/kra.h"

#include "lib/base/tlv.h"

#define TAG_STATUS    0xBF70u
#define TAG_CHALLENGE 0xBF71u
#define TAG_GRANT     0xBF72u
#define TAG_RESEAL    0xBF73u
#define TAG_EID	      0x80u /* of the status */
#define TAG_ICCID     0x81u
#define TAG_KEY_ID    0x82u
#define TAG_STATE     0x83u
#define TAG_ACTIVE    0x84u
#define TAG_OF_ICCID  0x80u /* of GetChallenge */
#define TAG_RESULT    0x80u /* of a reseal */
#define ACTIVE_MAX    2

static const uint8_t kra_aid[] = {0xF0, 0x54, 0x57, 0x49, 0x4E, 0x4B, 0x45, 0x59, 0x01};

const char *kra_state_name(enum kra_state state)
{
	static const char *const names[] = {
		[KRA_NO_PROFILE] = "no profile",
		[KRA_NO_SEALED_PART] = "no sealed part",
		[KRA_SEALED] = "sealed",
		[KRA_RELEASED] = "released",
	};

	return (size_t)state < ARRAY_LEN(names) ? names[state] : "unknown";
}

enum err kra_open(struct uicc *u, unsigned *channel)
{
	uint16_t sw;
	enum err e = uicc_channel_open(u, SLICE_OF(kra_aid), channel, NULL, &sw);

	return e == ERR_CARD && sw == SW_FILE_NOT_FOUND ? ERR_NOT_FOUND : e;
}

/* One command; the answer must be one object with this tag. */
static enum err converse(struct uicc *u, unsigned channel, struct slice request, uint32_t tag,
			 struct wbuf *answer, uint16_t *sw)
{
	size_t before = answer->len;
	struct slice body;
	enum err e = uicc_store_data(u, channel, request, answer, sw);

	e = uicc_check(u, e, *sw);
	if (!e && tlv_only(slice_sub(wbuf_slice(answer), before, answer->len), tag, &body))
		e = ERR_PROTOCOL;
	return e;
}

static enum err parse_status(struct slice raw, struct kra_status *out)
{
	struct cursor c = cursor_of(raw), in = tlv_enter(&c, TAG_STATUS);
	struct slice eid = tlv_expect(&in, TAG_EID), iccid;
	struct kra_status s = {0};
	uint64_t key_id, state, active;

	s.has_iccid = tlv_optional(&in, TAG_ICCID, &iccid);
	key_id = tlv_expect_uint(&in, TAG_KEY_ID);
	state = tlv_expect_uint(&in, TAG_STATE);
	active = tlv_expect_uint(&in, TAG_ACTIVE);
	tlv_leave(&c, &in);
	if (cursor_done(&c) || key_id > UINT32_MAX || state > KRA_RELEASED || active > ACTIVE_MAX)
		return ERR_PROTOCOL;
	if (slice_copy(eid, s.eid, sizeof(s.eid)) ||
	    (s.has_iccid && slice_copy(iccid, s.iccid, sizeof(s.iccid))))
		return ERR_PROTOCOL;
	s.key_id = (uint32_t)key_id;
	s.state = (enum kra_state)state;
	s.active = (unsigned)active;
	*out = s;
	return ERR_OK;
}

enum err kra_status(struct uicc *u, unsigned channel, struct kra_status *out)
{
	uint8_t request[8], answer[APDU_RESPONSE_MAX];
	struct wbuf q = wbuf_init(request, sizeof(request));
	struct wbuf a = wbuf_init(answer, sizeof(answer));
	uint16_t sw;
	enum err e;

	tlv_put(&q, TAG_STATUS, SLICE_EMPTY);
	e = converse(u, channel, wbuf_slice(&q), TAG_STATUS, &a, &sw);
	return e ? e : parse_status(wbuf_slice(&a), out);
}

enum err kra_challenge(struct uicc *u, unsigned channel, const uint8_t iccid[static KRA_ICCID_LEN],
		       struct wbuf *challenge)
{
	uint8_t request[32];
	struct wbuf q = wbuf_init(request, sizeof(request));
	size_t mark = tlv_open(&q, TAG_CHALLENGE);
	uint16_t sw;

	tlv_put(&q, TAG_OF_ICCID, slice_make(iccid, KRA_ICCID_LEN));
	tlv_close(&q, mark);
	return converse(u, channel, wbuf_slice(&q), TAG_CHALLENGE, challenge, &sw);
}

enum err kra_grant(struct uicc *u, unsigned channel, struct slice grant, struct wbuf *result,
		   uint16_t *sw)
{
	return converse(u, channel, grant, TAG_GRANT, result, sw);
}

enum err kra_reseal(struct uicc *u, unsigned channel, struct slice message, unsigned *result)
{
	uint8_t answer[APDU_RESPONSE_MAX];
	struct wbuf a = wbuf_init(answer, sizeof(answer));
	struct cursor c, in;
	uint64_t value;
	uint16_t sw;
	enum err e = converse(u, channel, message, TAG_RESEAL, &a, &sw);

	if (e)
		return e;
	c = cursor_of(wbuf_slice(&a));
	in = tlv_enter(&c, TAG_RESEAL);
	value = tlv_expect_uint(&in, TAG_RESULT);
	tlv_leave(&c, &in);
	if (cursor_done(&c) || value > UINT8_MAX)
		return ERR_PROTOCOL;
	*result = (unsigned)value;
	return ERR_OK;
}
