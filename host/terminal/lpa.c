#include "host/terminal/lpa_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_MAX 4096

static const uint8_t isdr_aid[] = {0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
				   0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00};

enum err lpa_fail(struct lpa *l, enum err e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->message, sizeof(l->message), fmt, ap);
	va_end(ap);
	return e;
}

const char *lpa_message(const struct lpa *l)
{
	return l->message;
}

const char *lpa_word(const struct lpa_words *table, size_t n, uint32_t code)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].code == code)
			return table[i].text;
	return "undefined error";
}

static enum err open_channel(struct lpa *l)
{
	uint16_t sw;
	enum err e = uicc_channel_open(l->u, SLICE_OF(isdr_aid), &l->channel, NULL, &sw);

	l->open = !e;
	return e;
}

enum err lpa_open(struct uicc *u, struct lpa **out)
{
	struct lpa *l = calloc(1, sizeof(*l));
	enum err e;

	if (!l)
		return ERR_MEMORY;
	l->u = u;
	e = open_channel(l);
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

enum err lpa_es10(struct lpa *l, struct slice request, struct wbuf *response, uint16_t *sw)
{
	enum err e;

	l->message[0] = 0;
	if (!l->open) {
		e = open_channel(l);
		if (e)
			return e;
	}
	e = uicc_store_data(l->u, l->channel, request, response, sw);
	if (!e && *sw >> 8 != 0x90 && *sw >> 8 != 0x91)
		e = uicc_check(l->u, ERR_OK, *sw);
	return e;
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
		return lpa_fail(l, ERR_REFUSED, "the eUICC does not list its profiles (%u)",
				(unsigned)list.error);
	*items = list.items;
	return ERR_OK;
}

static const struct lpa_words results[] = {
	{ES10C_NOT_FOUND, "there is no profile with this ICCID"},
	{ES10C_DISALLOWED_BY_POLICY, "a policy rule of the profile forbids it"},
	{ES10C_WRONG_REENABLING, "this profile cannot be enabled again now"},
};

static const char *wrong_state(uint32_t tag)
{
	switch (tag) {
	case SGP22_TAG_ENABLE_PROFILE: return "the profile is enabled already";
	case SGP22_TAG_DISABLE_PROFILE: return "the profile is disabled already";
	default: return "the profile is enabled: disable it first";
	}
}

enum err lpa_profile_command(struct lpa *l, uint32_t tag, struct slice iccid)
{
	struct es10c_profile_command m = {.iccid = iccid,
					  .refresh = tag != SGP22_TAG_DELETE_PROFILE};
	uint8_t sent[64], got[64];
	struct wbuf request = wbuf_init(sent, sizeof(sent)), answer = wbuf_init(got, sizeof(got));
	bool refreshed = false;
	uint32_t result;
	uint16_t sw;
	enum err e;

	es10c_put_profile_command(&request, tag, &m);
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
	if (refreshed)
		l->open = false;
	return e;
}

enum err lpa_set_nickname(struct lpa *l, struct slice iccid, const char *nickname)
{
	uint8_t sent[128], got[64];
	struct wbuf request = wbuf_init(sent, sizeof(sent)), answer = wbuf_init(got, sizeof(got));
	uint32_t result;
	uint16_t sw;
	enum err e;

	if (strlen(nickname) > ES10C_NICKNAME_MAX)
		return lpa_fail(l, ERR_LENGTH, "a nickname has at most %d octets",
				ES10C_NICKNAME_MAX);
	es10c_put_set_nickname(&request, iccid, slice_str(nickname));
	e = lpa_es10(l, wbuf_slice(&request), &answer, &sw);
	if (!e)
		e = rsp_parse_result(wbuf_slice(&answer), SGP22_TAG_SET_NICKNAME, &result);
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

enum err lpa_parse_activation(const char *code, struct lpa_activation *out)
{
	const char *address, *id, *end;

	memset(out, 0, sizeof(*out));
	if (strncmp(code, "LPA:", 4) == 0)
		code += 4;
	if (strncmp(code, "1$", 2) != 0)
		return ERR_ENCODING;
	address = code + 2;
	id = strchr(address, '$');
	if (!id || id == address)
		return ERR_ENCODING;
	id++;
	end = id + strcspn(id, "$");
	if (*end && (end[1] != '\0' && strstr(end, "$1")))
		return ERR_UNSUPPORTED;
	if (slice_text(slice_make(address, (size_t)(id - 1 - address)), out->address,
		       sizeof(out->address)))
		return ERR_ENCODING;
	return slice_text(slice_make(id, (size_t)(end - id)), out->matching_id,
			  sizeof(out->matching_id))
		       ? ERR_ENCODING
		       : ERR_OK;
}
