/* Which eUICC a grant is for (I2): the one that the profile is installed on, and no other. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/release/binding.h"
#include "host/operator/release/second_profile.h"
#include "host/operator/smdp/store/change.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/store.h"
#include "lib/crypto/symmetric.h"
#include "tests/unit/support/authority.h"
#include "tool/sys/path.h"
#include "tests/support/stock.h"

static const uint8_t other[16] = {0x89, 0x04, 0x90, 0x32, 0x12, 0x34, 0x51, 0x23,
				  0x45, 0x12, 0x34, 0x56, 0x78, 0x90, 0x13, 0x32};

struct scene {
	struct authority l;
	struct smdp_store *manager;
	struct operator_store *store;
};

/* A subscriber whom nobody has named an eUICC for. */
static void scene_open(struct scene *c)
{
	char path[160];

	*c = (struct scene){.manager = NULL};
	authority_open_unbound(&c->l);
	ASSERT_ERR(path_join(c->l.dir, "manager", path, sizeof(path)), ERR_OK);
	CU_ASSERT_FATAL(smdp_store_open(path, NULL, &c->manager) == ERR_OK);
	release_authority_manager(c->l.authority, c->manager);
	c->store = c->l.store;
}

static void scene_close(struct scene *c)
{
	smdp_store_close(&c->manager);
	authority_close(&c->l);
}

/* The manager has the signed result of this eUICC. */
static void install(struct scene *c, const uint8_t eid[static 16])
{
	struct smdp_profile p;
	struct smdp_change change = {.now = c->l.now, .actor = "test", .evidence = ""};

	ASSERT_ERR(stock_profile(c->manager, c->l.sub.iccid, "ID", slice_str("metadata"),
				 slice_str("elements")),
		   ERR_OK);
	ASSERT_ERR(smdp_profile_by_iccid(c->manager, c->l.sub.iccid, &p), ERR_OK);
	change.event = SMDP_BIND;
	memcpy(p.eid, eid, sizeof(p.eid));
	ASSERT_ERR(smdp_profile_change(c->manager, &p, &change), ERR_OK);
	change.event = SMDP_INSTALL;
	ASSERT_ERR(smdp_profile_change(c->manager, &p, &change), ERR_OK);
}

static void both_factors(struct scene *c)
{
	authority_take(&c->l, EVENT_RES1, c->l.now);
	authority_take(&c->l, EVENT_FACTOR, c->l.now);
}

static enum err name(struct scene *c, const uint8_t *eid)
{
	const struct subscriber_event ev = {
		.kind = EVENT_BIND, .actor = "operator", .now = c->l.now, .eid = eid};

	return subscriber_event(c->store, c->l.sub.id, &ev, &c->l.sub);
}

struct last {
	unsigned count;
	struct log_entry entry;
	const char *event;
};

static bool keep(void *ctx, const struct log_entry *e)
{
	struct last *l = ctx;

	if (strcmp(e->event, l->event) == 0) {
		l->entry = *e;
		l->count++;
	}
	return true;
}

static struct last find(struct scene *c, const char *event)
{
	struct last l = {.event = event};

	ASSERT_ERR(log_each(c->store, c->l.sub.id, keep, &l), ERR_OK);
	return l;
}

/* Refused with this error, told in the log, nothing bound, and the state is what it was. */
static void refused(struct scene *c, enum err e, const char *evidence)
{
	struct subscriber before, after;
	struct last told;

	ASSERT_ERR(subscriber_by_id(c->store, c->l.sub.id, &before), ERR_OK);
	ASSERT_ERR(authority_issue(&c->l, c->l.now), e);
	CU_ASSERT_EQUAL(c->l.grant.len, 0);
	ASSERT_ERR(subscriber_by_id(c->store, c->l.sub.id, &after), ERR_OK);
	CU_ASSERT_EQUAL(after.has_eid, before.has_eid);
	CU_ASSERT_EQUAL(after.state, before.state);
	CU_ASSERT_EQUAL(after.first_factor_at, before.first_factor_at);
	CU_ASSERT_EQUAL(after.second_factor_until, before.second_factor_until);
	told = find(c, "foreign");
	CU_ASSERT(told.count > 0);
	CU_ASSERT_STRING_EQUAL(told.entry.from, state_name(before.state));
	CU_ASSERT_STRING_EQUAL(told.entry.to, state_name(before.state));
	if (!strstr(told.entry.evidence, evidence))
		fprintf(stderr, "\n'%s', not '%s'\n", told.entry.evidence, evidence);
	CU_ASSERT_PTR_NOT_NULL(strstr(told.entry.evidence, evidence));
}

/* The manager knows where it is: another eUICC of the same EUM gets nothing, the true one does. */
static void test_installed(void)
{
	struct scene c;

	scene_open(&c);
	install(&c, other);
	both_factors(&c);
	(void)authority_challenge(&c.l, AUTHORITY_KEY_ID);
	refused(&c, ERR_REFUSED, "the profile is on EID 89049032123451234512345678901332");
	refused(&c, ERR_REFUSED, "the manager has its signed result");
	CU_ASSERT_EQUAL(find(&c, "foreign").count, 1); /* who asks again fills no log */
	scene_close(&c);
	scene_open(&c);
	install(&c, authority_eid);
	both_factors(&c);
	(void)authority_challenge(&c.l, AUTHORITY_KEY_ID);
	ASSERT_ERR(authority_issue(&c.l, c.l.now), ERR_OK);
	ASSERT_ERR(subscriber_by_id(c.store, c.l.sub.id, &c.l.sub), ERR_OK);
	CU_ASSERT_TRUE(c.l.sub.has_eid);
	CU_ASSERT_EQUAL(c.l.sub.bound_by, BOUND_BY_GRANT);
	scene_close(&c);
}

/* Somebody else's manager: the operator names the eUICC, or allows the first that asks. */
static void test_nobody_knows(void)
{
	const struct operator_policy first = {.first_asks = true};
	struct scene c;

	scene_open(&c);
	both_factors(&c);
	(void)authority_challenge(&c.l, AUTHORITY_KEY_ID);
	refused(&c, ERR_UNBOUND, "EID 89049032123451234512345678901235 asked: nobody");
	ASSERT_ERR(name(&c, other), ERR_OK);
	refused(&c, ERR_REFUSED, "the operator named it");
	ASSERT_ERR(operator_policy_set(c.store, &first, "operator", c.l.now), ERR_OK);
	refused(&c, ERR_REFUSED, "the operator named it");
	/* named anew it begins anew: both factors are asked again */
	ASSERT_ERR(name(&c, authority_eid), ERR_OK);
	CU_ASSERT_EQUAL(c.l.sub.state, STATE_PROVISIONED);
	ASSERT_ERR(authority_issue(&c.l, c.l.now), ERR_WRONG_STATE);
	both_factors(&c);
	ASSERT_ERR(authority_issue(&c.l, c.l.now), ERR_OK);
	CU_ASSERT_EQUAL(find(&c, "bind").count, 1);
	CU_ASSERT_EQUAL(find(&c, "move").count, 1);
	CU_ASSERT_STRING_EQUAL(find(&c, "move").entry.evidence,
			       "EID 89049032123451234512345678901235");
	scene_close(&c);
	scene_open(&c); /* the policy alone */
	both_factors(&c);
	(void)authority_challenge(&c.l, AUTHORITY_KEY_ID);
	ASSERT_ERR(operator_policy_set(c.store, &first, "operator", c.l.now), ERR_OK);
	ASSERT_ERR(authority_issue(&c.l, c.l.now), ERR_OK);
	scene_close(&c);
}

/* Naming it while both factors are there costs neither. */
static void test_named_late(void)
{
	struct scene c;

	scene_open(&c);
	both_factors(&c);
	(void)authority_challenge(&c.l, AUTHORITY_KEY_ID);
	ASSERT_ERR(name(&c, authority_eid), ERR_OK);
	ASSERT_ERR(name(&c, authority_eid), ERR_OK);
	CU_ASSERT_EQUAL(c.l.sub.state, STATE_VERIFIED);
	CU_ASSERT_EQUAL(c.l.sub.bound_by, BOUND_BY_OPERATOR);
	ASSERT_ERR(authority_issue(&c.l, c.l.now), ERR_OK);
	scene_close(&c);
}

/*
 * The profile was granted here, and is installed elsewhere now: neither gets anything until the
 * operator says which. What the former one says of its grant counts no more then.
 */
static void test_installed_elsewhere(void)
{
	struct wbuf w = wbuf_grow(KRA_MESSAGE_MAX);
	struct kra_binding b;
	struct binding is;
	struct scene c;
	unsigned result;

	scene_open(&c);
	ASSERT_ERR(operator_policy_set(c.store, &(struct operator_policy){.first_asks = true},
				       "operator", c.l.now),
		   ERR_OK);
	both_factors(&c);
	b = authority_challenge(&c.l, AUTHORITY_KEY_ID);
	ASSERT_ERR(authority_issue(&c.l, c.l.now), ERR_OK);
	install(&c, other);
	authority_take(&c.l, EVENT_SUSPEND, c.l.now);
	authority_take(&c.l, EVENT_RESUME, c.l.now);
	both_factors(&c);
	(void)authority_challenge(&c.l, AUTHORITY_KEY_ID);
	refused(&c, ERR_REFUSED, "the key was granted to another");
	ASSERT_ERR(name(&c, other), ERR_OK);
	CU_ASSERT_EQUAL(c.l.sub.state, STATE_PROVISIONED);
	ASSERT_ERR(kra_put_outcome(&w, &b, KRA_RESULT_OK, c.l.sk), ERR_OK);
	ASSERT_ERR(authority_result(&c.l, wbuf_slice(&w), c.l.now, &result), ERR_REFUSED);
	ASSERT_ERR(subscriber_by_id(c.store, c.l.sub.id, &c.l.sub), ERR_OK);
	CU_ASSERT_EQUAL(c.l.sub.second, SECOND_SEALED);
	ASSERT_ERR(binding_find(&c.l.sub, c.manager, &is), ERR_OK);
	CU_ASSERT(is.known && memcmp(is.eid, other, sizeof(other)) == 0);
	wbuf_free(&w);
	scene_close(&c);
}

/* In every state: another eUICC begins anew, and one that is out of service stays so. */
static void test_every_state(void)
{
	static const struct {
		enum subscriber_event_kind way[8];
		enum subscriber_state before, after;
	} rows[] = {
		{{0}, STATE_PROVISIONED, STATE_PROVISIONED},
		{{EVENT_RES1}, STATE_LIMITED, STATE_PROVISIONED},
		{{EVENT_RES1, EVENT_FACTOR}, STATE_VERIFIED, STATE_PROVISIONED},
		{{EVENT_RES1, EVENT_FACTOR, EVENT_GRANT}, STATE_RELEASED, STATE_PROVISIONED},
		{{EVENT_RES1, EVENT_FACTOR, EVENT_GRANT, EVENT_RES2},
		 STATE_ACTIVE,
		 STATE_PROVISIONED},
		{{EVENT_RES1, EVENT_FACTOR, EVENT_GRANT, EVENT_RES2, EVENT_ROTATE},
		 STATE_ROTATING,
		 STATE_PROVISIONED},
		{{EVENT_RES1, EVENT_FACTOR, EVENT_GRANT, EVENT_RES2, EVENT_SUSPEND, EVENT_RESUME},
		 STATE_RECALLED,
		 STATE_PROVISIONED},
		{{EVENT_RES1, EVENT_FACTOR, EVENT_GRANT, EVENT_RES2, EVENT_SUSPEND},
		 STATE_SUSPENDED,
		 STATE_SUSPENDED},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct log_check check;
		struct scene c;

		scene_open(&c);
		ASSERT_ERR(name(&c, authority_eid), ERR_OK);
		for (size_t k = 0; rows[i].way[k]; k++)
			authority_take(&c.l, rows[i].way[k], c.l.now);
		CU_ASSERT_EQUAL(c.l.sub.state, rows[i].before);
		ASSERT_ERR(name(&c, other), ERR_OK);
		CU_ASSERT_EQUAL(c.l.sub.state, rows[i].after);
		CU_ASSERT_EQUAL(c.l.sub.second, SECOND_SEALED);
		CU_ASSERT_EQUAL(c.l.sub.granted_key_id, 0);
		if (rows[i].after == STATE_SUSPENDED)
			authority_take(&c.l, EVENT_RESUME, c.l.now);
		CU_ASSERT_EQUAL(c.l.sub.state, STATE_PROVISIONED);
		ASSERT_ERR(name(&c, authority_eid), ERR_OK); /* back again: it gets its key */
		both_factors(&c);
		(void)authority_challenge(&c.l, c.l.sub.key_id);
		ASSERT_ERR(authority_issue(&c.l, c.l.now), ERR_OK);
		ASSERT_ERR(log_verify(c.store, &check), ERR_OK);
		scene_close(&c);
	}
}

/* A setting is off in a new store; each change is in the log, and no change is not. */
static void test_policy(void)
{
	struct operator_policy p = {.first_asks = true, .gsm_factor = true};
	struct last none = {.event = "policy"};
	struct scene c;

	scene_open(&c);
	ASSERT_ERR(operator_policy_get(c.store, &p), ERR_OK);
	CU_ASSERT(!p.first_asks && !p.gsm_factor);
	p.gsm_factor = true;
	for (int i = 0; i < 2; i++)
		ASSERT_ERR(operator_policy_set(c.store, &p, "operator", c.l.now), ERR_OK);
	ASSERT_ERR(operator_policy_get(c.store, &p), ERR_OK);
	CU_ASSERT(!p.first_asks && p.gsm_factor);
	ASSERT_ERR(log_each(c.store, 0, keep, &none), ERR_OK);
	CU_ASSERT_EQUAL(none.count, 1);
	CU_ASSERT_STRING_EQUAL(none.entry.from, "off");
	CU_ASSERT_STRING_EQUAL(none.entry.to, "on");
	CU_ASSERT_STRING_EQUAL(none.entry.evidence, "gsm-factor");
	scene_close(&c);
}

TEST_SUITE(binding, {"the manager knows where the profile is", test_installed},
	   {"somebody else's manager", test_nobody_knows},
	   {"named while both factors are there", test_named_late},
	   {"installed on another eUICC since", test_installed_elsewhere},
	   {"another eUICC, in every state", test_every_state},
	   {"settings, and the log of them", test_policy})
