/* profiles: PRF, profiles on the eUICC and what is done to them (SGP.22 v2.5 3.2, 5.7) */
#include <string.h>

#include "lib/rsp/es10a.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"
#include "lib/trace/audit/card.h"
#include "lib/trace/audit/rsp/state.h"
#include "lib/trace/decode/cat/cat.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/place.h"
#include "lib/trace/decode/rsp/es10.h"
#include "lib/uicc/fid.h"

#define PROFILES 16 /* of a card, that are remembered */

enum {
	PRF_NO_REFRESH,
	PRF_NO_REFRESH_YET,
	PRF_DELETES_ENABLED,
	PRF_REFUSED,
	PRF_POLICY,
	PRF_DEFAULT_ADDRESS,
	PRF_MEMORY_RESET,
	PRF_OTHER_EID,
	PRF_TEST_PROFILE
};

static const struct finding_rule rules[] = {
	[PRF_NO_REFRESH] = RULE(
		"PRF-01", WARNING, "SGP.22 v2.5 3.2.1, 5.7.16",
		"a profile that was enabled or disabled is used after a REFRESH or reset",
		"The terminal went on with the card although another profile was enabled: what it "
		"knows of the subscriber is not true any more.",
		"Set refreshFlag and perform the REFRESH, or reset the card."),
	[PRF_NO_REFRESH_YET] = RULE(
		"PRF-02", WARNING, "SGP.22 v2.5 3.2.1, 5.7.16",
		"a change of profiles asks for a REFRESH, or a reset follows",
		"A profile was enabled or disabled without refreshFlag, and no reset came after "
		"it: the terminal goes on with the former profile.",
		"Set refreshFlag, or reset the card."),
	[PRF_DELETES_ENABLED] = RULE(
		"PRF-03", WARNING, "SGP.22 v2.5 5.7.18",
		"a profile is disabled before it is deleted",
		"Somebody tried to delete the profile that is enabled. The eUICC refuses that: it "
		"would leave the device without a network.",
		"Disable it first, if it is meant."),
	[PRF_REFUSED] =
		RULE("PRF-04", INFO, "SGP.22 v2.5 5.7.16 to 5.7.18",
		     "the eUICC does what it is asked to do with a profile",
		     "The eUICC refused to enable, disable or delete a profile, and says why.",
		     "The result tells; ask for the profiles and their states first."),
	[PRF_POLICY] = RULE(
		"PRF-05", ERROR, "SGP.22 v2.5 2.9", "an eUICC keeps the policy rules of a profile",
		"A profile that may not be disabled (PPR1) or deleted (PPR2) was: the eUICC does "
		"not keep what the operator relies on.",
		"Report the eUICC to its maker; tell the profile's owner."),
	[PRF_DEFAULT_ADDRESS] = RULE(
		"PRF-06", WARNING, "SGP.22 v2.5 5.7.3, 5.7.4",
		"the default SM-DP+ address stays what it is",
		"From now on the device asks another server for profiles that nobody typed a code "
		"for: whoever set it decides what is offered.",
		"See who changed it, and whether the new server is the one that was meant."),
	[PRF_MEMORY_RESET] = RULE(
		"PRF-07", WARNING, "SGP.22 v2.5 5.7.19", "the memory of the eUICC is not reset",
		"All profiles were to be deleted at once (eUICCMemoryReset): they cannot be had "
		"back without new orders.",
		"See who asked for it; the servers learn it by notifications."),
	[PRF_OTHER_EID] = RULE(
		"PRF-08", ERROR, "SGP.22 v2.5 5.7.20, SGP.29", "an eUICC keeps its EID",
		"The EID changed, and there was no reset in between: somebody changes answers, or "
		"two cards answer.",
		"Find out what stands between card and reader."),
	[PRF_TEST_PROFILE] = RULE(
		"PRF-09", WARNING, "SGP.22 v2.5 2.4.5.3, TS.48",
		"no test profile is loaded or enabled on a card in use",
		"A profile of class test was loaded or enabled in what claims to be production: "
		"its keys may be public.",
		"Delete it, or disable it outside of tests."),
};

struct prf_profile {
	uint8_t iccid[RSP_ICCID_LEN];
	uint8_t aid[AID_LEN];
	size_t aid_len;
	bool has_state, enabled, is_test;
	uint32_t ppr;
};

struct prf {
	struct prf_profile profiles[PROFILES];
	unsigned profile_count;
	bool must_refresh, asked_refresh;
	struct audit_spot refresh_at;
	bool has_default;
	struct rsp_text default_address;
	uint64_t eid_resets; /* how many there had been when the EID was told last */
};

static struct prf_profile *prf_find(struct prf *st, struct slice iccid, struct slice aid)
{
	for (unsigned i = 0; i < st->profile_count; i++) {
		struct prf_profile *p = &st->profiles[i];

		if (iccid.len ? slice_equal(SLICE_OF(p->iccid), iccid)
			      : aid.len && slice_equal(slice_make(p->aid, p->aid_len), aid))
			return p;
	}
	return NULL;
}

/* NULL: there are too many. */
static struct prf_profile *prf_add(struct prf *st, struct slice iccid)
{
	struct prf_profile *p = prf_find(st, iccid, SLICE_EMPTY);

	if (p || iccid.len != RSP_ICCID_LEN || st->profile_count == PROFILES)
		return p;
	p = &st->profiles[st->profile_count++];
	*p = (struct prf_profile){0};
	memcpy(p->iccid, iccid.ptr, RSP_ICCID_LEN);
	return p;
}

static void prf_judge_class(struct audit_run *r, const struct audit_step *s, const char *what)
{
	if (audit_claims_production(r, s->card))
		audit_find(r, &rules[PRF_TEST_PROFILE], &s->spot, "%s", what);
}

static void prf_take_info(struct audit_run *r, struct prf *st, const struct audit_step *s,
			  const struct es10c_profile_info *info)
{
	struct prf_profile *p = prf_add(st, info->iccid);

	if (!p)
		return;
	if (info->has_state) {
		p->has_state = true;
		p->enabled = info->state == ES10C_ENABLED;
	}
	if (info->has_class && info->profile_class == ES10C_TEST && !p->is_test) {
		p->is_test = true;
		if (p->enabled)
			prf_judge_class(r, s, "it is enabled");
	}
	if (info->has_ppr)
		p->ppr = info->ppr;
	if (info->isdp_aid.len && info->isdp_aid.len <= sizeof(p->aid)) {
		p->aid_len = info->isdp_aid.len;
		memcpy(p->aid, info->isdp_aid.ptr, p->aid_len);
	}
}

static void prf_take_profiles(struct audit_run *r, struct prf *st, const struct audit_step *s)
{
	struct es10c_profile_info info;
	struct es10c_profiles m;
	struct cursor c;

	if (!s->good || es10c_parse_profiles(s->x->answer, &m) || !m.ok)
		return;
	c = cursor_of(m.items);
	while (es10c_next_profile(&c, &info))
		prf_take_info(r, st, s, &info);
}

static void prf_take_metadata(struct audit_run *r, struct prf *st, const struct audit_step *s)
{
	struct prf_profile *p;
	struct es8p_metadata m;

	if (!rsp_read_metadata(s, &m))
		return;
	if (m.has_class && m.profile_class == ES10C_TEST)
		prf_judge_class(r, s, "it is loaded");
	p = prf_add(st, m.iccid);
	if (p)
		p->ppr = m.has_ppr ? m.ppr : 0;
}

static const char *prf_verb(uint32_t tag)
{
	return tag == SGP22_TAG_ENABLE_PROFILE	  ? "enable"
	       : tag == SGP22_TAG_DISABLE_PROFILE ? "disable"
						  : "delete";
}

/* PPR1: enabling another one disables it too. */
static void prf_judge_policy(struct audit_run *r, const struct prf *st, const struct audit_step *s,
			     const struct prf_profile *p)
{
	if (s->tag == SGP22_TAG_DISABLE_PROFILE && p && p->ppr & RSP_PPR1)
		audit_find(r, &rules[PRF_POLICY], &s->spot, "PPR1: it was disabled");
	if (s->tag == SGP22_TAG_DELETE_PROFILE && p && p->ppr & RSP_PPR2)
		audit_find(r, &rules[PRF_POLICY], &s->spot, "PPR2: it was deleted");
	if (s->tag != SGP22_TAG_ENABLE_PROFILE)
		return;
	for (unsigned i = 0; i < st->profile_count; i++) {
		const struct prf_profile *other = &st->profiles[i];

		if (other != p && other->enabled && other->ppr & RSP_PPR1)
			audit_find(r, &rules[PRF_POLICY], &s->spot,
				   "PPR1: it was disabled, for another was enabled");
	}
}

static void prf_change(struct audit_run *r, struct prf *st, const struct audit_step *s,
		       const struct es10c_profile_command *m)
{
	struct prf_profile *p = prf_find(st, m->iccid, m->isdp_aid);

	prf_judge_policy(r, st, s, p);
	if (s->tag == SGP22_TAG_DELETE_PROFILE) {
		if (p)
			*p = st->profiles[--st->profile_count];
		return;
	}
	for (unsigned i = 0; s->tag == SGP22_TAG_ENABLE_PROFILE && i < st->profile_count; i++)
		st->profiles[i].enabled = false;
	if (p) {
		p->has_state = true;
		p->enabled = s->tag == SGP22_TAG_ENABLE_PROFILE;
		if (p->enabled && p->is_test)
			prf_judge_class(r, s, "it was enabled");
	}
	st->must_refresh = true;
	st->asked_refresh = m->refresh;
	st->refresh_at = s->spot;
}

static void prf_take_command(struct audit_run *r, struct prf *st, const struct audit_step *s)
{
	struct es10c_profile_command m;
	uint32_t result;
	bool deletes = s->tag == SGP22_TAG_DELETE_PROFILE;

	if (!s->good || es10c_parse_profile_command(s->x->apdu.data, s->tag, &m) ||
	    rsp_parse_result(s->x->answer, s->tag, &result))
		return;
	if (result == ES10C_OK)
		prf_change(r, st, s, &m);
	else if (deletes && result == ES10C_WRONG_STATE)
		audit_find(r, &rules[PRF_DELETES_ENABLED], &s->spot, "it was refused");
	else
		audit_find(r, &rules[PRF_REFUSED], &s->spot, "%s: %s", prf_verb(s->tag),
			   es10_word("enableResult", result));
}

static void prf_take_reset(struct audit_run *r, struct prf *st, const struct audit_step *s)
{
	uint32_t result;
	bool done = s->good && !rsp_parse_result(s->x->answer, s->tag, &result) &&
		    result == ES10C_RESET_OK;

	audit_find(r, &rules[PRF_MEMORY_RESET], &s->spot, "%s",
		   done ? "it was done" : "it was not done");
	if (!done)
		return;
	st->profile_count = 0;
	st->must_refresh = true;
	st->asked_refresh = true;
	st->refresh_at = s->spot;
}

/* Addresses and identity */

static void prf_take_default(struct audit_run *r, struct prf *st, const struct audit_step *s)
{
	struct es10a_configured_addresses m;
	struct slice address;
	uint32_t result;

	if (!s->good)
		return;
	if (s->tag == SGP22_TAG_CONFIGURED_ADDRESSES) {
		if (es10a_parse_configured_addresses(s->x->answer, &m))
			return;
		address = m.default_dp;
	} else if (es10a_parse_set_default_dp(s->x->apdu.data, &address) ||
		   rsp_parse_result(s->x->answer, s->tag, &result) || result != ES10A_OK) {
		return;
	}
	if (s->tag == SGP22_TAG_SET_DEFAULT_DP_ADDRESS &&
	    !(st->has_default && rsp_kept(&st->default_address, address)))
		audit_find(r, &rules[PRF_DEFAULT_ADDRESS], &s->spot,
			   address.len ? "it was set" : "it was removed");
	else if (st->has_default && !rsp_kept(&st->default_address, address))
		audit_find(r, &rules[PRF_DEFAULT_ADDRESS], &s->spot,
			   "it is another one, and nobody set it in this trace");
	st->has_default = true;
	rsp_keep(&st->default_address, address);
}

static void prf_take_eid(struct audit_run *r, struct prf *st, const struct audit_step *s)
{
	struct slice eid;

	if (!s->good || es10c_parse_eid(s->x->answer, &eid))
		return;
	if (s->card->has_eid && st->eid_resets == s->card->resets &&
	    !slice_equal(eid, SLICE_OF(s->card->eid)))
		audit_find(r, &rules[PRF_OTHER_EID], &s->spot, "it is another one than before");
	st->eid_resets = s->card->resets;
}

/* The card is used */

/* The terminal performs a REFRESH, or fetches it. */
static bool prf_is_refresh(const struct audit_step *s)
{
	char title[CAT_TITLE_MAX] = "";

	if (s->id == COMMAND_FETCH || s->id == COMMAND_GSM_FETCH)
		cat_proactive_title(s->x->answer, title);
	else if (s->id == COMMAND_TERMINAL_RESPONSE || s->id == COMMAND_GSM_TERMINAL_RESPONSE)
		cat_response_title(s->x->apdu.data, title);
	return strstr(title, "REFRESH") != NULL;
}

static bool prf_is_use(const struct audit_step *s)
{
	const struct place *p = s->item->view.place;

	switch (s->id) {
	case COMMAND_AUTHENTICATE:
	case COMMAND_GSM_RUN_ALGORITHM: return s->good;
	case COMMAND_READ_BINARY:
	case COMMAND_GSM_READ_BINARY:
		return s->good && p->has_ef && (p->ef == FID_IMSI || p->ef == FID_ICCID);
	default: return false;
	}
}

static void prf_judge_use(struct audit_run *r, struct prf *st, const struct audit_step *s)
{
	const struct audit_spot pair[2] = {st->refresh_at, s->spot};

	if (prf_is_use(s))
		audit_find_pair(r, &rules[PRF_NO_REFRESH], pair, "%s", s->item->name);
	else if (!prf_is_refresh(s))
		return;
	st->must_refresh = false;
}

static void prf_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct prf *st = state;

	if (st->must_refresh && !s->tag)
		prf_judge_use(r, st, s);
	switch (s->tag) {
	case 0: break;
	case SGP22_TAG_PROFILES_INFO: prf_take_profiles(r, st, s); break;
	case SGP22_TAG_ENABLE_PROFILE:
	case SGP22_TAG_DISABLE_PROFILE:
	case SGP22_TAG_DELETE_PROFILE: prf_take_command(r, st, s); break;
	case SGP22_TAG_MEMORY_RESET: prf_take_reset(r, st, s); break;
	case SGP22_TAG_CONFIGURED_ADDRESSES:
	case SGP22_TAG_SET_DEFAULT_DP_ADDRESS: prf_take_default(r, st, s); break;
	case SGP22_TAG_EUICC_DATA: prf_take_eid(r, st, s); break;
	case ES8P_TAG_METADATA: prf_take_metadata(r, st, s); break;
	default: break;
	}
}

static void prf_end(struct audit_run *r, void *state)
{
	struct prf *st = state;

	if (st->must_refresh && !st->asked_refresh)
		audit_find(r, &rules[PRF_NO_REFRESH_YET], &st->refresh_at,
			   "refreshFlag is not set, and no reset came");
}

static void prf_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct prf *st = state;

	if (e->kind != TRACE_RESET && e->kind != TRACE_REMOVED)
		return;
	st->must_refresh = false;
	if (e->kind == TRACE_RESET)
		return;
	/* what is done to it in another reader is not in this trace */
	prf_end(r, st);
	*st = (struct prf){.eid_resets = UINT64_MAX};
}

const struct audit_family audit_profiles = {
	.about = "Profiles on an eUICC",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct prf),
	.step = prf_step,
	.event = prf_event,
	.end = prf_end,
};
