#include "card-emu/apps/isdr/profiles.h"

#include "card-emu/apps/isdr/info.h"
#include "card-emu/apps/isdr/state.h"
#include "card-emu/apps/isdr/stored.h"
#include "card-emu/profile/record.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"

/* Whether the tag list asks for tag; no list asks for what SGP.22 5.7.15 gives by default. */
static bool wanted(const struct es10c_profiles_request *m, uint32_t tag)
{
	static const uint8_t by_default[] = {0x5A, 0x4F, 0x9F, 0x70, 0x90,
					     0x91, 0x92, 0x93, 0x94, 0x95};
	struct cursor c = cursor_of(m->tag_list.ptr ? m->tag_list : SLICE_OF(by_default));

	while (cursor_left(&c)) {
		uint32_t t = cursor_u8(&c);

		if ((t & 0x1F) == 0x1F)
			t = t << 8 | cursor_u8(&c);
		if (t == tag)
			return true;
	}
	return false;
}

static struct slice pick(const struct es10c_profiles_request *m, uint32_t tag, struct slice value)
{
	return wanted(m, tag) ? value : SLICE_EMPTY;
}

struct profile_listing {
	struct card *card;
	const struct es10c_profiles_request *request;
	struct wbuf *out;
};

static void put_profile_info(const struct profile_listing *l, unsigned n,
			     const struct profile_record *r, const struct es8p_metadata *meta)
{
	const struct es10c_profiles_request *q = l->request;
	struct es10c_profile_info m = {
		.iccid = pick(q, SGP22_TAG_ICCID, SLICE_OF(r->iccid)),
		.isdp_aid = pick(q, SGP22_TAG_AID, SLICE_OF(r->isdp_aid)),
		.has_state = wanted(q, SGP22_TAG_PROFILE_STATE),
		.state = r->state == PROFILE_ENABLED ? ES10C_ENABLED : ES10C_DISABLED,
		.service_provider = pick(q, SGP22_TAG_SERVICE_PROVIDER, meta->service_provider),
		.profile_name = pick(q, SGP22_TAG_PROFILE_NAME, meta->profile_name),
		.has_icon_type = meta->has_icon_type && wanted(q, SGP22_TAG_ICON_TYPE),
		.icon_type = meta->icon_type,
		.icon = pick(q, SGP22_TAG_ICON, meta->icon),
		.has_class = wanted(q, SGP22_TAG_PROFILE_CLASS),
		.profile_class = (enum es10c_profile_class)meta->profile_class,
		.notification_config =
			pick(q, SGP22_TAG_NOTIFICATION_CONFIG, meta->notification_config),
		.owner = pick(q, SGP22_TAG_PROFILE_OWNER, meta->owner),
		.dp_proprietary = pick(q, SGP22_TAG_DP_PROPRIETARY,
				       isdr_stored_for(l->card, STORE_KEY_DP, n)),
		.has_ppr = meta->has_ppr && wanted(q, SGP22_TAG_PPR),
		.ppr = meta->ppr,
		.service_data = pick(q, SGP22_TAG_SERVICE_DATA, meta->service_data),
	};

	if (r->nickname[0])
		m.nickname = pick(q, SGP22_TAG_NICKNAME, slice_str(r->nickname));
	es10c_put_profile_info(l->out, &m);
}

static bool list_profile(void *ctx, unsigned n, const struct profile_record *r)
{
	const struct profile_listing *l = ctx;
	const struct es10c_profiles_request *q = l->request;
	struct es8p_metadata meta = {.profile_class = ES10C_OPERATIONAL};
	struct slice stored = isdr_stored_for(l->card, STORE_KEY_META, n);

	if (stored.len && es8p_parse_metadata(stored, &meta))
		wbuf_fail(l->out, ERR_CORRUPT);
	if ((q->iccid.ptr && !slice_equal(q->iccid, SLICE_OF(r->iccid))) ||
	    (q->isdp_aid.ptr && !slice_equal(q->isdp_aid, SLICE_OF(r->isdp_aid))) ||
	    (q->by_class && q->profile_class != meta.profile_class))
		return true;
	put_profile_info(l, n, r, &meta);
	return true;
}

/* Whole tags only. */
static bool tag_list_fits(struct slice list)
{
	struct cursor c = cursor_of(list);

	while (cursor_left(&c)) {
		if ((cursor_u8(&c) & 0x1F) == 0x1F)
			cursor_u8(&c);
	}
	return !c.err;
}

/* SGP.22 5.7.15 */
uint16_t isdr_profiles_info(struct app_call *call, struct isdr *s, struct slice request)
{
	struct wbuf items = wbuf_grow(ISDR_LIST_MAX);
	struct es10c_profiles_request m;
	struct profile_listing l = {call->card, &m, &items};
	struct es10c_profiles answer = {.ok = true};
	enum err e = es10c_parse_profiles_request(request, &m);

	(void)s;
	if (e == ERR_VALUE || e == ERR_LENGTH || e == ERR_UNSUPPORTED ||
	    (!e && !tag_list_fits(m.tag_list))) {
		answer = (struct es10c_profiles){.error = ES10C_PROFILES_INCORRECT_INPUT};
		es10c_put_profiles(call->out, &answer);
		return isdr_sw_of_out(call->out);
	}
	if (e)
		return SW_WRONG_DATA;
	profile_each(card_store(call->card), list_profile, &l);
	answer.items = wbuf_slice(&items);
	if (wbuf_done(&items)) {
		answer.ok = false;
		answer.error = ES10C_PROFILES_UNDEFINED;
	}
	es10c_put_profiles(call->out, &answer);
	wbuf_free(&items);
	return wbuf_done(call->out) ? SW_TECHNICAL : SW_OK;
}

/* SGP.22 5.7.21 */
uint16_t isdr_set_nickname(struct app_call *call, struct isdr *s, struct slice request)
{
	struct store *store = card_store(call->card);
	uint32_t result = ES10C_NICKNAME_OK;
	struct slice iccid, nickname;
	struct profile_record r;
	struct store_txn *t;
	unsigned n;
	enum err e = es10c_parse_set_nickname(request, &iccid, &nickname);

	(void)s;
	if (e && e != ERR_LENGTH && e != ERR_VALUE)
		return SW_WRONG_DATA;
	n = e ? 0 : profile_find(store, iccid, SLICE_EMPTY);
	if (e)
		result = ES10C_NICKNAME_UNDEFINED;
	else if (!n || profile_load(store, n, &r))
		result = ES10C_NICKNAME_NOT_FOUND;
	else if (slice_text(nickname, r.nickname, sizeof(r.nickname)))
		result = ES10C_NICKNAME_UNDEFINED;
	if (result == ES10C_NICKNAME_OK) {
		t = store_begin(store);
		profile_put(t, n, &r);
		if (store_commit(t))
			return SW_MEMORY_PROBLEM;
	}
	rsp_put_result(call->out, SGP22_TAG_SET_NICKNAME, result);
	return SW_OK;
}
