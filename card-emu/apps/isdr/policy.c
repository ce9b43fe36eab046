#include "card-emu/apps/isdr/policy.h"

#include "card-emu/apps/isdr/state.h"
#include "card-emu/apps/isdr/stored.h"
#include "card-emu/profile/record.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/base/tlv.h"
#include "lib/profile/pe.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"
#include "lib/rsp/rat.h"

/* TS 34.108 8.1.2: K of the test USIM, published; TS.48's profiles have it too */
static const uint8_t test_key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static bool read_metadata(struct card *card, unsigned n, struct es8p_metadata *m)
{
	struct slice stored = isdr_stored_for(card, STORE_KEY_META, n);

	return stored.len && es8p_parse_metadata(stored, m) == ERR_OK;
}

uint32_t isdr_policy_rules(struct card *card, unsigned n)
{
	struct es8p_metadata m;

	return read_metadata(card, n, &m) && m.has_ppr ? m.ppr & RAT_PPRS : 0;
}

/* A profile that was not downloaded is an operational one. */
enum es10c_profile_class isdr_policy_class(struct card *card, unsigned n)
{
	struct es8p_metadata m;

	return read_metadata(card, n, &m) ? (enum es10c_profile_class)m.profile_class
					  : ES10C_OPERATIONAL;
}

struct search {
	struct card *card;
	bool found;
};

static bool find_operational(void *ctx, unsigned n, const struct profile_record *r)
{
	struct search *s = ctx;

	(void)r;
	s->found = isdr_policy_class(s->card, n) == ES10C_OPERATIONAL;
	return !s->found;
}

bool isdr_policy_allows(struct card *card, const struct es8p_metadata *m)
{
	uint32_t ppr = m->has_ppr ? m->ppr & RAT_PPRS : 0;
	struct search operational = {card, false};

	if (!rat_allows(isdr_stored(card, STORE_KEY_RAT), ppr, m->owner, NULL))
		return false;
	if (!(ppr & RSP_PPR1))
		return true;
	/* SGP.22 2.9.2.1: what can't be disabled comes first, or not at all */
	profile_each(card_store(card), find_operational, &operational);
	return !operational.found;
}

bool isdr_policy_test_keys(struct slice package)
{
	struct cursor c = cursor_of(package);
	struct slice configuration, algorithm, key;
	struct tlv element;

	while (tlv_next(&c, &element)) {
		if (element.tag != PE_AKA_PARAMETER ||
		    !tlv_find(element.value, AKA_TAG_CONFIGURATION, &configuration) ||
		    !tlv_find(configuration, AKA_TAG_ALGORITHM, &algorithm))
			continue; /* keys mapped from another application are checked there */
		if (!tlv_find(algorithm, AKA_TAG_KEY, &key) ||
		    !slice_equal(key, SLICE_OF(test_key)))
			return false;
	}
	return true;
}

/* SGP.22 5.7.22: GetRAT */
uint16_t isdr_get_rat(struct app_call *call, struct isdr *s, struct slice request)
{
	(void)s;
	if (rsp_parse_empty(request, &rsp_type_GetRatRequest))
		return SW_WRONG_DATA;
	es10b_put_rat(call->out, isdr_stored(call->card, STORE_KEY_RAT));
	return isdr_sw_of_out(call->out);
}
