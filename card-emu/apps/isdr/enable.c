#include "card-emu/apps/isdr/enable.h"

#include "card-emu/apps/isdr/notify.h"
#include "card-emu/apps/isdr/policy.h"
#include "card-emu/apps/isdr/state.h"
#include "card-emu/apps/isdr/stored.h"
#include "card-emu/profile/record.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/rsp/es10c.h"

/* A change of states that is committed as a whole, with its notifications. */
struct change {
	struct card *card;
	struct store_txn *t;
	uint32_t seq;
	enum err e;
};

static struct change begin_change(struct card *card)
{
	return (struct change){
		.card = card, .t = store_begin(card_store(card)), .seq = isdr_first_seq(card)};
}

/* Tells those whom the profile's metadata names. */
static void notify(struct change *c, unsigned n, struct slice iccid, uint32_t event)
{
	struct isdr_event m = {isdr_stored_for(c->card, STORE_KEY_META, n), iccid, event,
			       slice_at(isdr_stored_for(c->card, STORE_KEY_SIGNER, n), 0), NULL};

	if (!c->e)
		c->e = isdr_notify(c->card, c->t, &m, &c->seq);
}

static void set_state(struct change *c, unsigned n, enum profile_state state)
{
	struct profile_record r;

	if (!c->e)
		c->e = profile_load(card_store(c->card), n, &r);
	if (c->e)
		return;
	r.state = state;
	profile_put(c->t, n, &r);
	if (state == PROFILE_DISABLED)
		profile_put_none_enabled(c->t);
	notify(c, n, SLICE_OF(r.iccid),
	       state == PROFILE_ENABLED ? RSP_EVENT_ENABLE : RSP_EVENT_DISABLE);
}

/* Answers with result after the commit, with undefinedError when nothing was changed. */
static uint16_t finish(struct app_call *call, struct change *c, uint32_t tag, uint32_t result)
{
	if (c->e) {
		store_rollback(c->t);
		result = ES10C_UNDEFINED;
	} else {
		isdr_put_next_seq(c->t, c->seq);
		if (store_commit(c->t))
			return SW_MEMORY_PROBLEM;
	}
	rsp_put_result(call->out, tag, result);
	return isdr_sw_of_out(call->out);
}

static uint16_t answer(struct app_call *call, uint32_t tag, uint32_t result)
{
	rsp_put_result(call->out, tag, result);
	return isdr_sw_of_out(call->out);
}

/* An identifier of a later version is no error of form. */
static uint16_t refuse_request(struct app_call *call, uint32_t tag, enum err e)
{
	return e == ERR_UNSUPPORTED ? answer(call, tag, ES10C_UNDEFINED) : SW_WRONG_DATA;
}

static unsigned enabled_before(struct card *card)
{
	return slice_at(isdr_stored(card, STORE_KEY_BEFORE), 0);
}

/* SGP.22 5.7.16: the conditions in their order */
static enum es10c_result may_enable(struct card *card, unsigned n, unsigned old)
{
	bool test = n && isdr_policy_class(card, n) == ES10C_TEST;

	if (!n)
		return ES10C_NOT_FOUND;
	if (n == old)
		return ES10C_WRONG_STATE;
	if (!old || test)
		return ES10C_OK;
	if (isdr_policy_rules(card, old) & RSP_PPR1)
		return ES10C_DISALLOWED_BY_POLICY;
	/* from a test profile only back to the one that was enabled before it */
	if (isdr_policy_class(card, old) == ES10C_TEST && n != enabled_before(card))
		return ES10C_WRONG_REENABLING;
	return ES10C_OK;
}

/* A test profile takes the place of an operational one for a time: that one is kept in mind. */
static void remember(struct change *c, unsigned n, unsigned old)
{
	uint8_t before = (uint8_t)old;

	if (!old || isdr_policy_class(c->card, n) != ES10C_TEST)
		store_delete(c->t, STORE_KEY_BEFORE);
	else if (isdr_policy_class(c->card, old) != ES10C_TEST)
		store_put(c->t, STORE_KEY_BEFORE, slice_make(&before, 1));
}

/* SGP.22 5.7.16: the profile that is enabled is disabled by the same stroke. */
uint16_t isdr_enable(struct app_call *call, struct isdr *s, struct slice request)
{
	struct store *store = card_store(call->card);
	struct es10c_profile_command m;
	enum es10c_result result;
	struct change c;
	unsigned n, old;
	enum err e;
	uint16_t sw;

	(void)s;
	e = es10c_parse_profile_command(request, SGP22_TAG_ENABLE_PROFILE, &m);
	if (e)
		return refuse_request(call, SGP22_TAG_ENABLE_PROFILE, e);
	n = profile_find(store, m.iccid, m.isdp_aid);
	old = profile_enabled(store);
	result = may_enable(call->card, n, old);
	if (result != ES10C_OK)
		return answer(call, SGP22_TAG_ENABLE_PROFILE, result);
	c = begin_change(call->card);
	if (old)
		set_state(&c, old, PROFILE_DISABLED);
	set_state(&c, n, PROFILE_ENABLED);
	remember(&c, n, old);
	sw = finish(call, &c, SGP22_TAG_ENABLE_PROFILE, ES10C_OK);
	if (sw == SW_OK && !c.e)
		card_profile_changed(call->card, m.refresh);
	return sw;
}

/* SGP.22 5.7.17; after a test profile the one that was enabled before comes back. */
uint16_t isdr_disable(struct app_call *call, struct isdr *s, struct slice request)
{
	struct store *store = card_store(call->card);
	struct es10c_profile_command m;
	struct change c;
	unsigned n, before;
	enum err e;
	uint16_t sw;

	(void)s;
	e = es10c_parse_profile_command(request, SGP22_TAG_DISABLE_PROFILE, &m);
	if (e)
		return refuse_request(call, SGP22_TAG_DISABLE_PROFILE, e);
	n = profile_find(store, m.iccid, m.isdp_aid);
	if (!n)
		return answer(call, SGP22_TAG_DISABLE_PROFILE, ES10C_NOT_FOUND);
	if (n != profile_enabled(store))
		return answer(call, SGP22_TAG_DISABLE_PROFILE, ES10C_WRONG_STATE);
	if (isdr_policy_rules(call->card, n) & RSP_PPR1)
		return answer(call, SGP22_TAG_DISABLE_PROFILE, ES10C_DISALLOWED_BY_POLICY);
	before = enabled_before(call->card);
	c = begin_change(call->card);
	set_state(&c, n, PROFILE_DISABLED);
	if (before)
		set_state(&c, before, PROFILE_ENABLED);
	store_delete(c.t, STORE_KEY_BEFORE);
	sw = finish(call, &c, SGP22_TAG_DISABLE_PROFILE, ES10C_OK);
	if (sw == SW_OK && !c.e)
		card_profile_changed(call->card, m.refresh);
	return sw;
}

static void delete_profile(struct change *c, unsigned n)
{
	struct profile_record r;

	if (!c->e)
		c->e = profile_load(card_store(c->card), n, &r);
	if (c->e)
		return;
	profile_delete(c->t, n, &r);
	if (n == enabled_before(c->card))
		store_delete(c->t, STORE_KEY_BEFORE);
	notify(c, n, SLICE_OF(r.iccid), RSP_EVENT_DELETE);
}

/* SGP.22 5.7.18 */
uint16_t isdr_delete(struct app_call *call, struct isdr *s, struct slice request)
{
	struct store *store = card_store(call->card);
	struct es10c_profile_command m;
	struct change c;
	unsigned n;
	enum err e;
	uint16_t sw;

	(void)s;
	e = es10c_parse_profile_command(request, SGP22_TAG_DELETE_PROFILE, &m);
	if (e)
		return refuse_request(call, SGP22_TAG_DELETE_PROFILE, e);
	n = profile_find(store, m.iccid, m.isdp_aid);
	if (!n)
		return answer(call, SGP22_TAG_DELETE_PROFILE, ES10C_NOT_FOUND);
	if (n == profile_enabled(store))
		return answer(call, SGP22_TAG_DELETE_PROFILE, ES10C_WRONG_STATE);
	if (isdr_policy_rules(call->card, n) & RSP_PPR2)
		return answer(call, SGP22_TAG_DELETE_PROFILE, ES10C_DISALLOWED_BY_POLICY);
	c = begin_change(call->card);
	delete_profile(&c, n);
	sw = finish(call, &c, SGP22_TAG_DELETE_PROFILE, ES10C_OK);
	card_profiles_deleted(call->card);
	return sw;
}

struct memory_reset {
	struct change change;
	uint32_t options;
	bool any, enabled;
};

static bool reset_profile(void *ctx, unsigned n, const struct profile_record *r)
{
	static const uint32_t options[] = {[ES10C_TEST] = ES10C_RESET_TEST,
					   [ES10C_PROVISIONING] = 0,
					   [ES10C_OPERATIONAL] = ES10C_RESET_OPERATIONAL};
	struct memory_reset *m = ctx;

	if (!(m->options & options[isdr_policy_class(m->change.card, n)]))
		return true;
	m->any = true;
	m->enabled = m->enabled || r->state == PROFILE_ENABLED;
	delete_profile(&m->change, n);
	return !m->change.e;
}

/* SGP.22 5.7.19: whatever the state of the profiles, and their rules */
uint16_t isdr_memory_reset(struct app_call *call, struct isdr *s, struct slice request)
{
	struct memory_reset m = {0};
	uint16_t sw;

	(void)s;
	if (es10c_parse_memory_reset(request, &m.options))
		return SW_WRONG_DATA;
	m.change = begin_change(call->card);
	profile_each(card_store(call->card), reset_profile, &m);
	if (m.options & ES10C_RESET_DP_ADDRESS &&
	    store_has(card_store(call->card), STORE_KEY_DEFAULT_DP)) {
		store_delete(m.change.t, STORE_KEY_DEFAULT_DP);
		m.any = true;
	}
	sw = finish(call, &m.change, SGP22_TAG_MEMORY_RESET,
		    m.any ? ES10C_RESET_OK : ES10C_RESET_NOTHING);
	card_profiles_deleted(call->card);
	if (sw == SW_OK && !m.change.e && m.enabled)
		card_profile_changed(call->card, true);
	return sw;
}
