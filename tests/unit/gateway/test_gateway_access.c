/* access: what every state opens, and what of the log ends an attach; an attach and the store */
#include "tests/unit/test.h"

#include <string.h>

#include "host/operator/gateway/access.h"
#include "host/operator/gateway/attach.h"
#include "host/operator/store/store.h"
#include "lib/crypto/symmetric.h"

#define NOW 1790000000

static void test_table(void)
{
	for (int s = 0; s <= STATE_RECALLED + 1; s++) {
		for (int sub = -1; sub <= 3; sub++) {
			enum access a = access_of((enum subscriber_state)s, sub);

			CU_ASSERT_STRING_EQUAL(access_name(a),
					       state_access((enum subscriber_state)s, sub));
			/* the first key never opens all, and nothing is opened by no state */
			CU_ASSERT_FALSE(a == ACCESS_FULL && sub != 2);
			CU_ASSERT_FALSE(a != ACCESS_NONE &&
					(s < STATE_PROVISIONED || s > STATE_RECALLED ||
					 s == STATE_SUSPENDED || sub < 1 || sub > 2));
			/* the AuC lets nobody in who would reach nothing */
			CU_ASSERT_FALSE(state_allows_sub((enum subscriber_state)s, sub) &&
					a == ACCESS_NONE);
		}
	}
	CU_ASSERT_STRING_EQUAL(access_name((enum access)9), "none");
}

static void test_words(void)
{
	for (int k = EVENT_RES1; k < EVENT_END; k++) {
		const char *name = event_name((enum subscriber_event_kind)k);
		bool ends = k == EVENT_SUSPEND || k == EVENT_RESUME || k == EVENT_RECALL ||
			    k == EVENT_ROLL_BACK || k == EVENT_MOVE;
		bool res = k == EVENT_RES1 || k == EVENT_RES2 || k == EVENT_RETURN ||
			   k == EVENT_FALLBACK;

		CU_ASSERT_EQUAL(access_word_of(name, ACCESS_ACTOR), ends  ? ACCESS_ENDED
								    : res ? ACCESS_ATTACHED
									  : ACCESS_SAYS_NOTHING);
		CU_ASSERT_EQUAL(access_word_of(name, "auc"),
				ends ? ACCESS_ENDED : ACCESS_SAYS_NOTHING);
	}
	CU_ASSERT_EQUAL(access_word_of("", ""), ACCESS_SAYS_NOTHING);
}

static const char *dir;

static struct operator_store *open_store_of(const char *imsi2)
{
	struct subscriber sub = {.imsi = {"001010000000001"},
				 .key_id = 1,
				 .algorithm = {AKA_MILENAGE, AKA_MILENAGE}};
	struct subscriber_keys keys = {.s = random_secret(32)};
	struct operator_store *s = NULL;

	memcpy(sub.imsi[1], imsi2, strlen(imsi2));
	for (int i = 0; i < 2; i++) {
		keys.k[i] = random_secret(16);
		keys.opc[i] = random_secret(16);
	}
	dir = test_dir();
	ASSERT_ERR(operator_store_create(dir, NULL, &s), ERR_OK);
	ASSERT_ERR(subscriber_add(s, &sub, &keys), ERR_OK);
	subscriber_keys_free(&keys);
	return s;
}

static struct operator_store *open_store(void)
{
	return open_store_of("001010000000002");
}

static void happen(struct operator_store *s, enum subscriber_event_kind kind)
{
	const struct subscriber_event ev = {
		.kind = kind, .actor = "test", .now = NOW, .valid_s = 600};

	ASSERT_ERR(subscriber_event(s, 1, &ev, NULL), ERR_OK);
}

static struct hostapd_station station(uint8_t last, const char *imsi)
{
	struct hostapd_station st = {.mac = {2, 0, 0, 0, 0, last},
				     .authorized = true,
				     .settled = true,
				     .method = HOSTAPD_AKA};

	st.name[0] = '0';
	memcpy(st.name + 1, imsi, strlen(imsi));
	memcpy(st.imsi, imsi, strlen(imsi));
	return st;
}

/* From the first attach to the end, at one place and at another. */
static void test_attach(void)
{
	struct operator_store *s = open_store();
	struct hostapd_station one = station(1, "001010000000001"),
			       two = station(1, "001010000000002"),
			       elsewhere = station(2, "001010000000001"),
			       nobody = station(3, "999999");
	struct attach_success a = {.station = &one, .now = NOW};
	struct station st = {.mac = {2, 0, 0, 0, 0, 1}}, other = {.mac = {2, 0, 0, 0, 0, 2}}, found;
	struct subscriber row;
	struct operator_store *another = NULL;
	int64_t before = 0, after = 0;

	ASSERT_ERR(attach_find(s, &one, &st),
		   ERR_NOT_FOUND); /* hostapd's word alone opens nothing */
	CU_ASSERT_EQUAL(st.access, ACCESS_NONE);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_OK);
	CU_ASSERT_EQUAL(st.access, ACCESS_LIMITED);
	CU_ASSERT_EQUAL(st.since, NOW);
	ASSERT_ERR(subscriber_by_id(s, 1, &row), ERR_OK);
	CU_ASSERT_EQUAL(row.state, STATE_LIMITED);
	CU_ASSERT_EQUAL(row.first_factor_at, NOW);
	/* a gateway that was started again finds it, and nobody else's */
	found = (struct station){.mac = {2, 0, 0, 0, 0, 1}};
	ASSERT_ERR(attach_find(s, &one, &found), ERR_OK);
	CU_ASSERT(found.access == ACCESS_LIMITED && found.since == NOW);
	ASSERT_ERR(attach_find(s, &elsewhere, &other), ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(other.access, ACCESS_NONE);
	/* by EAP-SIM it is no first factor of a release */
	one.method = HOSTAPD_SIM;
	a.now = NOW + 100;
	ASSERT_ERR(attach_take(s, &a, &st), ERR_OK);
	ASSERT_ERR(subscriber_by_id(s, 1, &row), ERR_OK);
	CU_ASSERT(st.access == ACCESS_LIMITED && row.first_factor_at == NOW);
	one.method = HOSTAPD_AKA;
	/* at another place: the one before is left */
	a.station = &elsewhere;
	ASSERT_ERR(attach_take(s, &a, &other), ERR_OK);
	CU_ASSERT_EQUAL(other.access, ACCESS_LIMITED);
	ASSERT_ERR(attach_look(s, &st), ERR_OK);
	CU_ASSERT_EQUAL(st.access, ACCESS_NONE);
	/* suspended and resumed between two looks: everybody proves himself anew */
	happen(s, EVENT_SUSPEND);
	happen(s, EVENT_RESUME);
	ASSERT_ERR(attach_look(s, &other), ERR_OK);
	CU_ASSERT_EQUAL(other.access, ACCESS_NONE);
	ASSERT_ERR(attach_find(s, &elsewhere, &other), ERR_NOT_FOUND);
	/* a run that may have begun before it proves nothing anew; the next one does */
	ASSERT_ERR(attach_take(s, &a, &other), ERR_SYNC);
	CU_ASSERT_EQUAL(other.access, ACCESS_NONE);
	ASSERT_ERR(attach_take(s, &a, &other), ERR_OK);
	CU_ASSERT_EQUAL(other.access, ACCESS_LIMITED);
	happen(s, EVENT_SUSPEND);
	happen(s, EVENT_RESUME);
	/* the second subscription, before its key was released */
	a.station = &two;
	ASSERT_ERR(attach_take(s, &a, &st), ERR_SYNC);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_WRONG_STATE);
	CU_ASSERT_EQUAL(st.access, ACCESS_NONE);
	a.station = &nobody;
	ASSERT_ERR(attach_take(s, &a, &st), ERR_NOT_FOUND);
	/* another process' writing is seen, ours is known */
	ASSERT_ERR(operator_store_revision(s, &before), ERR_OK);
	ASSERT_ERR(operator_store_revision(s, &after), ERR_OK);
	CU_ASSERT_EQUAL(before, after);
	ASSERT_ERR(operator_store_open(dir, NULL, &another), ERR_OK);
	happen(another, EVENT_SUSPEND);
	ASSERT_ERR(operator_store_revision(s, &after), ERR_OK);
	CU_ASSERT_NOT_EQUAL(before, after);
	operator_store_close(&another);
	operator_store_close(&s);
}

/* In a rotation the first run may be of the key before: it is not taken for a proof of the new one.
 */
static void test_rotation(void)
{
	struct operator_store *s = open_store();
	struct hostapd_station two = station(1, "001010000000002");
	const struct attach_success a = {.station = &two, .now = NOW};
	struct station st = {.mac = {2, 0, 0, 0, 0, 1}};
	struct subscriber row;

	happen(s, EVENT_RES1);
	happen(s, EVENT_FACTOR);
	happen(s, EVENT_GRANT);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_OK);
	CU_ASSERT_EQUAL(st.access, ACCESS_FULL);
	happen(s, EVENT_ROTATE);
	ASSERT_ERR(attach_look(s, &st), ERR_OK);
	CU_ASSERT_EQUAL(st.access, ACCESS_FULL);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_OK);
	happen(s, EVENT_FACTOR);
	happen(s, EVENT_GRANT);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_SYNC);
	CU_ASSERT_EQUAL(st.access, ACCESS_NONE);
	ASSERT_ERR(subscriber_by_id(s, 1, &row), ERR_OK);
	CU_ASSERT(row.state == STATE_RELEASED && row.spare_key_id);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_OK);
	CU_ASSERT_EQUAL(st.access, ACCESS_FULL);
	ASSERT_ERR(subscriber_by_id(s, 1, &row), ERR_OK);
	CU_ASSERT(row.state == STATE_ACTIVE && !row.spare_key_id);
	operator_store_close(&s);
}

/*
 * Two cards' runs, one of which waits: it began with the key before, and ends when the other one
 * has shown the new key already. And a key that was rolled back: its grant has the same keyId
 * again.
 */
static void test_slow_run(void)
{
	struct operator_store *s = open_store();
	struct hostapd_station two = station(1, "001010000000002"),
			       slow = station(2, "001010000000002");
	struct attach_success a = {.station = &two, .now = NOW};
	struct station st = {.mac = {2, 0, 0, 0, 0, 1}}, other = {.mac = {2, 0, 0, 0, 0, 2}};

	happen(s, EVENT_RES1);
	happen(s, EVENT_FACTOR);
	happen(s, EVENT_GRANT);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_OK);
	happen(s, EVENT_ROTATE);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_OK);
	happen(s, EVENT_FACTOR);
	happen(s, EVENT_GRANT);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_SYNC);
	happen(s, EVENT_ROLL_BACK);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_SYNC);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_OK);
	CU_ASSERT_EQUAL(st.access, ACCESS_LIMITED);
	happen(s, EVENT_FACTOR);
	happen(s, EVENT_GRANT); /* the key that was recalled opens no more than it did */
	ASSERT_ERR(attach_look(s, &st), ERR_OK);
	CU_ASSERT_EQUAL(st.access, ACCESS_LIMITED);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_SYNC);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_OK);
	CU_ASSERT_EQUAL(st.access, ACCESS_FULL);
	a.station = &slow;
	ASSERT_ERR(attach_take(s, &a, &other), ERR_SYNC);
	CU_ASSERT_EQUAL(other.access, ACCESS_NONE);
	ASSERT_ERR(attach_look(s, &st), ERR_OK);
	CU_ASSERT_EQUAL(st.access, ACCESS_FULL);
	operator_store_close(&s);
}

/* With one identity the state says which key is asked for; the log, which one was shown. */
static void test_one_identity(void)
{
	struct operator_store *s = open_store_of("001010000000001");
	struct hostapd_station one = station(1, "001010000000001");
	const struct attach_success a = {.station = &one, .now = NOW};
	struct station st = {.mac = {2, 0, 0, 0, 0, 1}}, found = {.mac = {2, 0, 0, 0, 0, 1}};

	ASSERT_ERR(attach_take(s, &a, &st), ERR_OK);
	CU_ASSERT(st.access == ACCESS_LIMITED && st.subscription == 1);
	happen(s, EVENT_FACTOR);
	happen(s, EVENT_GRANT);
	ASSERT_ERR(attach_look(s, &st), ERR_OK); /* the card's answer goes that way */
	CU_ASSERT_EQUAL(st.access, ACCESS_LIMITED);
	ASSERT_ERR(attach_find(s, &one, &found), ERR_OK); /* a gateway that was started again */
	CU_ASSERT(found.access == ACCESS_LIMITED && found.subscription == 1);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_SYNC);
	ASSERT_ERR(attach_look(s, &st), ERR_OK);
	CU_ASSERT_EQUAL(st.access, ACCESS_LIMITED);
	ASSERT_ERR(attach_take(s, &a, &st), ERR_OK);
	CU_ASSERT(st.access == ACCESS_FULL && st.subscription == 2);
	operator_store_close(&s);
}

TEST_SUITE(gateway_access, {"each state with each subscription", test_table},
	   {"what the log says of an attach", test_words},
	   {"an attach from its begin to its end", test_attach},
	   {"an attach in a rotation", test_rotation},
	   {"a run that began before a grant", test_slow_run},
	   {"an attach where both keys have one identity", test_one_identity})
