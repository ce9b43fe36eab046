#include "card-emu/apps/isdr.h"

#include <string.h>

#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"

static struct slice stored_for(struct card *card, const char *format, unsigned n)
{
	char key[STORE_KEY_MAX + 1];

	isdr_key(key, format, n);
	return isdr_stored(card, key);
}

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
		.dp_proprietary =
			pick(q, SGP22_TAG_DP_PROPRIETARY, stored_for(l->card, STORE_KEY_DP, n)),
		.has_ppr = meta->has_ppr && wanted(q, SGP22_TAG_PPR),
		.ppr = meta->ppr,
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
	struct slice stored = stored_for(l->card, STORE_KEY_META, n);

	if (stored.len && es8p_parse_metadata(stored, &meta))
		wbuf_fail(l->out, ERR_CORRUPT);
	if ((q->iccid.ptr && !slice_equal(q->iccid, SLICE_OF(r->iccid))) ||
	    (q->isdp_aid.ptr && !slice_equal(q->isdp_aid, SLICE_OF(r->isdp_aid))) ||
	    (q->by_class && q->profile_class != meta.profile_class))
		return true;
	put_profile_info(l, n, r, &meta);
	return true;
}

/* SGP.22 5.7.15 */
uint16_t isdr_profiles_info(struct app_call *call, struct isdr *s, struct slice request)
{
	struct wbuf items = wbuf_grow(CARD_RESPONSE_MAX);
	struct es10c_profiles_request m;
	struct profile_listing l = {call->card, &m, &items};
	struct es10c_profiles answer = {.ok = true};

	(void)s;
	if (es10c_parse_profiles_request(request, &m))
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

static bool has_policy(struct card *card, unsigned n, uint32_t rule)
{
	struct es8p_metadata meta;
	struct slice stored = stored_for(card, STORE_KEY_META, n);

	return stored.len && !es8p_parse_metadata(stored, &meta) && meta.ppr & rule;
}

/* Tells those whom the profile's metadata names. */
static enum err notify(struct card *card, struct store_txn *t, unsigned n, struct slice iccid,
		       uint32_t event, uint32_t *seq)
{
	struct isdr_event m = {stored_for(card, STORE_KEY_META, n), iccid, event,
			       slice_at(stored_for(card, STORE_KEY_SIGNER, n), 0), NULL};

	return isdr_notify(card, t, &m, seq);
}

/* Puts profile n into a state and tells those whom its metadata names. */
static enum err change_state(struct card *card, struct store_txn *t, unsigned n,
			     enum profile_state state, uint32_t *seq)
{
	struct profile_record r;
	enum err e = profile_load(card_store(card), n, &r);

	if (e)
		return e;
	r.state = state;
	profile_put(t, n, &r);
	return notify(card, t, n, SLICE_OF(r.iccid),
		      state == PROFILE_ENABLED ? RSP_EVENT_ENABLE : RSP_EVENT_DISABLE, seq);
}

/* Commits, or undoes all. */
static uint16_t finish(struct store_txn *t, enum err e, uint32_t seq)
{
	if (e) {
		store_rollback(t);
		return SW_TECHNICAL;
	}
	isdr_put_next_seq(t, seq);
	return store_commit(t) ? SW_MEMORY_PROBLEM : SW_OK;
}

static uint16_t answer(struct app_call *call, uint32_t tag, enum es10c_result result)
{
	rsp_put_result(call->out, tag, result);
	return SW_OK;
}

/* SGP.22 5.7.16: the profile that is enabled is disabled by the same stroke. */
uint16_t isdr_enable(struct app_call *call, struct isdr *s, struct slice request)
{
	struct store *store = card_store(call->card);
	struct es10c_profile_command m;
	unsigned n, old;
	uint32_t seq = isdr_first_seq(call->card);
	struct store_txn *t;
	enum err e = ERR_OK;
	uint16_t sw;

	(void)s;
	if (es10c_parse_profile_command(request, SGP22_TAG_ENABLE_PROFILE, &m))
		return SW_WRONG_DATA;
	n = profile_find(store, m.iccid, m.isdp_aid);
	old = profile_enabled(store);
	if (!n)
		return answer(call, SGP22_TAG_ENABLE_PROFILE, ES10C_NOT_FOUND);
	if (n == old)
		return answer(call, SGP22_TAG_ENABLE_PROFILE, ES10C_WRONG_STATE);
	if (old && has_policy(call->card, old, RSP_PPR1))
		return answer(call, SGP22_TAG_ENABLE_PROFILE, ES10C_DISALLOWED_BY_POLICY);
	t = store_begin(store);
	if (old)
		e = change_state(call->card, t, old, PROFILE_DISABLED, &seq);
	if (!e)
		e = change_state(call->card, t, n, PROFILE_ENABLED, &seq);
	sw = finish(t, e, seq);
	if (sw != SW_OK)
		return sw;
	card_profile_changed(call->card, m.refresh);
	return answer(call, SGP22_TAG_ENABLE_PROFILE, ES10C_OK);
}

/* SGP.22 5.7.17 */
uint16_t isdr_disable(struct app_call *call, struct isdr *s, struct slice request)
{
	struct store *store = card_store(call->card);
	struct es10c_profile_command m;
	uint32_t seq = isdr_first_seq(call->card);
	struct store_txn *t;
	unsigned n;
	enum err e;
	uint16_t sw;

	(void)s;
	if (es10c_parse_profile_command(request, SGP22_TAG_DISABLE_PROFILE, &m))
		return SW_WRONG_DATA;
	n = profile_find(store, m.iccid, m.isdp_aid);
	if (!n)
		return answer(call, SGP22_TAG_DISABLE_PROFILE, ES10C_NOT_FOUND);
	if (n != profile_enabled(store))
		return answer(call, SGP22_TAG_DISABLE_PROFILE, ES10C_WRONG_STATE);
	if (has_policy(call->card, n, RSP_PPR1))
		return answer(call, SGP22_TAG_DISABLE_PROFILE, ES10C_DISALLOWED_BY_POLICY);
	t = store_begin(store);
	e = change_state(call->card, t, n, PROFILE_DISABLED, &seq);
	sw = finish(t, e, seq);
	if (sw != SW_OK)
		return sw;
	card_profile_changed(call->card, m.refresh);
	return answer(call, SGP22_TAG_DISABLE_PROFILE, ES10C_OK);
}

static enum err delete_profile(struct card *card, struct store_txn *t, unsigned n, uint32_t *seq)
{
	char prefix[STORE_KEY_MAX + 1];
	struct profile_record r;
	enum err e = profile_load(card_store(card), n, &r);

	if (e)
		return e;
	isdr_key(prefix, STORE_PREFIX_N, n);
	store_delete_prefix(t, prefix);
	return notify(card, t, n, SLICE_OF(r.iccid), RSP_EVENT_DELETE, seq);
}

/* SGP.22 5.7.18 */
uint16_t isdr_delete(struct app_call *call, struct isdr *s, struct slice request)
{
	struct store *store = card_store(call->card);
	struct es10c_profile_command m;
	uint32_t seq = isdr_first_seq(call->card);
	struct store_txn *t;
	unsigned n;
	enum err e;
	uint16_t sw;

	(void)s;
	if (es10c_parse_profile_command(request, SGP22_TAG_DELETE_PROFILE, &m))
		return SW_WRONG_DATA;
	n = profile_find(store, m.iccid, m.isdp_aid);
	if (!n)
		return answer(call, SGP22_TAG_DELETE_PROFILE, ES10C_NOT_FOUND);
	if (n == profile_enabled(store))
		return answer(call, SGP22_TAG_DELETE_PROFILE, ES10C_WRONG_STATE);
	if (has_policy(call->card, n, RSP_PPR2))
		return answer(call, SGP22_TAG_DELETE_PROFILE, ES10C_DISALLOWED_BY_POLICY);
	t = store_begin(store);
	e = delete_profile(call->card, t, n, &seq);
	sw = finish(t, e, seq);
	return sw == SW_OK ? answer(call, SGP22_TAG_DELETE_PROFILE, ES10C_OK) : sw;
}

/* SGP.22 5.7.21 */
uint16_t isdr_set_nickname(struct app_call *call, struct isdr *s, struct slice request)
{
	struct store *store = card_store(call->card);
	struct slice iccid, nickname;
	struct profile_record r;
	struct store_txn *t;
	unsigned n;

	(void)s;
	if (es10c_parse_set_nickname(request, &iccid, &nickname))
		return SW_WRONG_DATA;
	n = profile_find(store, iccid, SLICE_EMPTY);
	if (!n || profile_load(store, n, &r)) {
		rsp_put_result(call->out, SGP22_TAG_SET_NICKNAME, ES10C_NICKNAME_NOT_FOUND);
		return SW_OK;
	}
	if (slice_text(nickname, r.nickname, sizeof(r.nickname)))
		return SW_WRONG_DATA;
	t = store_begin(store);
	profile_put(t, n, &r);
	if (store_commit(t))
		return SW_MEMORY_PROBLEM;
	rsp_put_result(call->out, SGP22_TAG_SET_NICKNAME, ES10C_NICKNAME_OK);
	return SW_OK;
}

struct memory_reset {
	struct card *card;
	struct store_txn *t;
	uint32_t options, seq;
	bool any, enabled;
	enum err e;
};

static bool reset_profile(void *ctx, unsigned n, const struct profile_record *r)
{
	struct memory_reset *m = ctx;
	struct es8p_metadata meta = {.profile_class = ES10C_OPERATIONAL};
	struct slice stored = stored_for(m->card, STORE_KEY_META, n);
	uint32_t option;

	if (stored.len && es8p_parse_metadata(stored, &meta))
		return true;
	option = meta.profile_class == ES10C_OPERATIONAL ? ES10C_RESET_OPERATIONAL
		 : meta.profile_class == ES10C_TEST	 ? ES10C_RESET_TEST
							 : 0;
	if (!(m->options & option))
		return true;
	m->any = true;
	m->enabled = m->enabled || r->state == PROFILE_ENABLED;
	m->e = delete_profile(m->card, m->t, n, &m->seq);
	return !m->e;
}

/* SGP.22 5.7.19: whatever the state of the profiles */
uint16_t isdr_memory_reset(struct app_call *call, struct isdr *s, struct slice request)
{
	struct memory_reset m = {.card = call->card, .seq = isdr_first_seq(call->card)};
	uint16_t sw;

	(void)s;
	if (es10c_parse_memory_reset(request, &m.options))
		return SW_WRONG_DATA;
	m.t = store_begin(card_store(call->card));
	profile_each(card_store(call->card), reset_profile, &m);
	if (m.options & ES10C_RESET_DP_ADDRESS &&
	    store_has(card_store(call->card), STORE_KEY_DEFAULT_DP)) {
		store_delete(m.t, STORE_KEY_DEFAULT_DP);
		m.any = true;
	}
	sw = finish(m.t, m.e, m.seq);
	if (sw != SW_OK)
		return sw;
	if (m.enabled)
		card_profile_changed(call->card, true);
	rsp_put_result(call->out, SGP22_TAG_MEMORY_RESET,
		       m.any ? ES10C_RESET_OK : ES10C_RESET_NOTHING);
	return SW_OK;
}
