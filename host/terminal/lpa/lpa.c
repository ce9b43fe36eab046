#include "host/terminal/lpa/lpa.h"

#include <stdlib.h>
#include <string.h>

#include "host/terminal/lpa/es10.h"
#include "host/terminal/lpa/words.h"
#include "host/terminal/uicc.h"
#include "lib/base/tlv.h"
#include "lib/rsp/activation.h"
#include "lib/rsp/es10a.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "lib/base/utf8.h"
#include "lib/uicc/aid.h"

const char *lpa_message(const struct lpa *l)
{
	return l->message;
}

struct failure lpa_failure(const struct lpa *l, enum err e, const char *what)
{
	struct failure f = *l->message ? failure_said(l->party, e, "%s: %s", what, l->message)
				       : failure_of_card(l->u, e, "%s", what);

	f.party = l->party;
	return f;
}

enum err lpa_open(struct uicc *u, struct slice isdr_aid, struct lpa **out)
{
	struct lpa *l = calloc(1, sizeof(*l));
	enum err e;

	if (!l)
		return ERR_MEMORY;
	l->u = u;
	l->isdr_aid = isdr_aid.len ? isdr_aid : aid_of(AID_ISDR);
	e = lpa_open_channel(l);
	if (e)
		free(l);
	else
		*out = l;
	return e;
}

void lpa_close(struct lpa **l)
{
	if (!*l)
		return;
	if ((*l)->open && uicc_channel_close((*l)->u, (*l)->channel))
		(*l)->open = false; /* a card that is gone has no channels */
	free(*l);
	*l = NULL;
}

enum err lpa_profiles(struct lpa *l, struct wbuf *der, struct slice *items)
{
	uint8_t octets[64];
	struct wbuf request = wbuf_init(octets, sizeof(octets));
	struct es10c_profiles list;
	uint16_t sw;
	enum err e;

	es10c_put_profiles_request(&request, &(struct es10c_profiles_request){0});
	e = lpa_es10(l, wbuf_slice(&request), der, &sw);
	if (!e)
		e = es10c_parse_profiles(wbuf_slice(der), &list);
	if (e)
		return e;
	if (!list.ok)
		return lpa_fail(l, ERR_REFUSED,
				"the eUICC does not list its profiles: try again (%u)",
				(unsigned)list.error);
	*items = list.items;
	return ERR_OK;
}

static const struct lpa_words results[] = {
	{ES10C_NOT_FOUND, "there is no profile with this ICCID: see twinkey profile list"},
	{ES10C_DISALLOWED_BY_POLICY, "a policy rule of the profile forbids it: ask its operator"},
	{ES10C_CAT_BUSY, "the card is busy with its applications: try again"},
	{ES10C_WRONG_REENABLING, "it cannot be enabled again now: enable another one"},
};

static const char *wrong_state(uint32_t tag)
{
	switch (tag) {
	case SGP22_TAG_ENABLE_PROFILE: return "the profile is enabled already";
	case SGP22_TAG_DISABLE_PROFILE: return "the profile is disabled already";
	default: return "the profile is enabled: disable it first";
	}
}

static enum err profile_command(struct lpa *l, uint32_t tag, const struct es10c_profile_command *m)
{
	uint8_t sent[64], got[64];
	struct wbuf request = wbuf_init(sent, sizeof(sent)), answer = wbuf_init(got, sizeof(got));
	bool refreshed = false;
	uint32_t result;
	uint16_t sw;
	enum err e;

	es10c_put_profile_command(&request, tag, m);
	e = lpa_es10(l, wbuf_slice(&request), &answer, &sw);
	if (!e)
		e = rsp_parse_result(wbuf_slice(&answer), tag, &result);
	if (e)
		return e;
	if (result == ES10C_WRONG_STATE)
		return lpa_fail(l, ERR_WRONG_STATE, "%s", wrong_state(tag));
	if (result != ES10C_OK)
		return lpa_fail(l, result == ES10C_NOT_FOUND ? ERR_NOT_FOUND : ERR_REFUSED, "%s",
				lpa_word(results, ARRAY_LEN(results), result));
	e = uicc_proactive(l->u, sw, &refreshed);
	if (refreshed || e == ERR_CANCELLED)
		l->open = false;
	/* the profile is changed over; closing the reader resets the card */
	return e == ERR_CANCELLED ? ERR_OK : e;
}

enum err lpa_profile_command(struct lpa *l, uint32_t tag, struct slice iccid)
{
	return profile_command(l, tag,
			       &(struct es10c_profile_command){
				       .iccid = iccid, .refresh = tag != SGP22_TAG_DELETE_PROFILE});
}

enum err lpa_profile_command_aid(struct lpa *l, uint32_t tag, struct slice isdp_aid)
{
	return profile_command(
		l, tag,
		&(struct es10c_profile_command){.isdp_aid = isdp_aid,
						.refresh = tag != SGP22_TAG_DELETE_PROFILE});
}

enum err lpa_set_nickname(struct lpa *l, struct slice iccid, const char *nickname)
{
	uint8_t sent[4 * ES10C_NICKNAME_MAX + 32];
	struct wbuf request = wbuf_init(sent, sizeof(sent));
	uint32_t result;
	size_t n;
	enum err e = utf8_count(slice_str(nickname), &n);

	if (e || n > ES10C_NICKNAME_MAX)
		return lpa_fail(l, e ? e : ERR_LENGTH,
				"a nickname has at most %d characters of UTF-8",
				ES10C_NICKNAME_MAX);
	es10c_put_set_nickname(&request, iccid, slice_str(nickname));
	e = lpa_command(l, wbuf_slice(&request), SGP22_TAG_SET_NICKNAME, &result);
	if (!e && result)
		e = lpa_fail(l, result == ES10C_NICKNAME_NOT_FOUND ? ERR_NOT_FOUND : ERR_REFUSED,
			     "%s", lpa_word(results, ARRAY_LEN(results), result));
	return e;
}

enum err lpa_eid(struct lpa *l, uint8_t eid[static 16])
{
	uint8_t sent[16], got[64];
	struct wbuf request = wbuf_init(sent, sizeof(sent)), answer = wbuf_init(got, sizeof(got));
	struct slice value;
	uint16_t sw;
	enum err e;

	es10c_put_get_eid(&request);
	e = lpa_es10(l, wbuf_slice(&request), &answer, &sw);
	if (!e)
		e = es10c_parse_eid(wbuf_slice(&answer), &value);
	return e ? e : slice_copy(value, eid, RSP_EID_LEN);
}

enum err lpa_addresses(struct lpa *l, struct wbuf *der, struct es10a_configured_addresses *out)
{
	uint8_t sent[8];
	struct wbuf request = wbuf_init(sent, sizeof(sent));
	enum err e;

	tlv_put(&request, SGP22_TAG_CONFIGURED_ADDRESSES, SLICE_EMPTY);
	e = lpa_ask(l, wbuf_slice(&request), der);
	return e ? e : es10a_parse_configured_addresses(wbuf_slice(der), out);
}

enum err lpa_set_default_dp(struct lpa *l, const char *address)
{
	uint8_t sent[RSP_ADDRESS_MAX + 16];
	struct wbuf request = wbuf_init(sent, sizeof(sent));
	uint32_t result;
	enum err e;

	if (strlen(address) > RSP_ADDRESS_MAX)
		return lpa_fail(l, ERR_LENGTH, "an address has at most %d characters",
				RSP_ADDRESS_MAX);
	if (*address && !activation_is_address(slice_str(address)))
		return lpa_fail(l, ERR_VALUE, "'%s' is no host name: give HOST or HOST:PORT",
				address);
	es10a_put_set_default_dp(&request, slice_str(address));
	e = lpa_command(l, wbuf_slice(&request), SGP22_TAG_SET_DEFAULT_DP_ADDRESS, &result);
	return e || !result ? e
			    : lpa_fail(l, ERR_REFUSED,
				       "the eUICC does not take the address: try another");
}

enum err lpa_info2(struct lpa *l, struct wbuf *der, struct es10b_euicc_info2 *out)
{
	uint8_t sent[8];
	struct wbuf request = wbuf_init(sent, sizeof(sent));
	enum err e;

	tlv_put(&request, SGP22_TAG_EUICC_INFO2, SLICE_EMPTY);
	e = lpa_ask(l, wbuf_slice(&request), der);
	return e ? e : es10b_parse_euicc_info2(wbuf_slice(der), out);
}

enum err lpa_rat(struct lpa *l, struct wbuf *der, struct slice *rules)
{
	uint8_t sent[8];
	struct wbuf request = wbuf_init(sent, sizeof(sent));
	enum err e;

	tlv_put(&request, SGP22_TAG_GET_RAT, SLICE_EMPTY);
	e = lpa_ask(l, wbuf_slice(&request), der);
	return e ? e : es10b_parse_rat(wbuf_slice(der), rules);
}

enum err lpa_memory_reset(struct lpa *l, uint32_t options)
{
	uint8_t sent[16], got[64];
	struct wbuf request = wbuf_init(sent, sizeof(sent)), answer = wbuf_init(got, sizeof(got));
	bool refreshed = false;
	uint32_t result = ES10C_RESET_UNDEFINED;
	uint16_t sw;
	enum err e;

	es10c_put_memory_reset(&request, options);
	e = lpa_es10(l, wbuf_slice(&request), &answer, &sw);
	if (!e)
		e = rsp_parse_result(wbuf_slice(&answer), SGP22_TAG_MEMORY_RESET, &result);
	if (!e && result == ES10C_RESET_NOTHING)
		e = lpa_fail(l, ERR_NOT_FOUND, "there was nothing to delete");
	else if (!e && result)
		e = lpa_fail(l, ERR_REFUSED, "the eUICC refused the reset: %s",
			     lpa_word(results, ARRAY_LEN(results), result));
	if (!e)
		e = uicc_proactive(l->u, sw, &refreshed);
	if (refreshed)
		l->open = false;
	return e;
}
