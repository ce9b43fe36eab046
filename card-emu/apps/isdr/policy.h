/*
 * policy: profile policy rules, SGP.22 2.9 and 5.7.22.
 */
#ifndef TWINKEY_CARD_ISDR_POLICY_H
#define TWINKEY_CARD_ISDR_POLICY_H

#include "card-emu/apps/isdr/handler.h"
#include "lib/rsp/es10c.h"

struct es8p_metadata;

isdr_handler isdr_get_rat;

/* Whether a profile with this metadata may be installed. */
bool isdr_policy_allows(struct card *card, const struct es8p_metadata *m);
/* Whether the NAA keys of a test profile's package are the published test key. */
bool isdr_policy_test_keys(struct slice package);
/* Profile n's rules (RSP_PPR*) and class. */
uint32_t isdr_policy_rules(struct card *card, unsigned n);
enum es10c_profile_class isdr_policy_class(struct card *card, unsigned n);

#endif
