/* Rotation as a service, with terminal, operator and card: begun, waited for, done; rolled back. */
#include "tests/unit/test.h"

#include <string.h>
#include <time.h>

#include "host/operator/auc/auc.h"
#include "host/operator/rotation/rotation.h"
#include "host/terminal/relay.h"
#include "lib/crypto/symmetric.h"
#include "tests/unit/support/flow.h"

#define ATTACH_S 300

static struct subscriber subscriber_now(struct flow *f)
{
	struct subscriber sub = {0};

	ASSERT_ERR(subscriber_by_id(f->store, f->sub.id, &sub), ERR_OK);
	return sub;
}

static struct rotation_rules rules_at(int64_t later)
{
	return (struct rotation_rules){
		.now = (int64_t)time(NULL) + later, .attach_s = ATTACH_S, .reason = "test"};
}

static void looks(struct flow *f, struct rotation_list *l, int64_t later, enum rotation_result want)
{
	struct rotation_rules rules = rules_at(later);

	ASSERT_ERR(rotation_look(l->items, f->store, &rules), ERR_OK);
	CU_ASSERT_EQUAL(l->items->result, want);
}

static void begin(struct flow *f, struct rotation_list *l, enum rotation_result want)
{
	struct rotation_rules rules = rules_at(0);

	ASSERT_ERR(rotation_begin(l->items, f->store, &rules), ERR_OK);
	CU_ASSERT_EQUAL(l->items->result, want);
}

/* Up to the release, which may go wrong. */
static enum err to_release(struct flow *f)
{
	struct relay r = {.result = 0};

	ASSERT_ERR(relay_reseal(f->u, f->op, &r), ERR_OK);
	ASSERT_ERR(flow_attach(f), ERR_OK);
	flow_approve(f);
	return flow_release(f);
}

static struct rotation_list to_active(struct flow *f)
{
	struct rotation_list l = {.items = NULL};

	flow_open(f);
	flow_install(f);
	CU_ASSERT_FATAL(rotation_choose(&l, &f->sub) == ERR_OK);
	ASSERT_ERR(rotation_choose(&l, &f->sub), ERR_OK);
	CU_ASSERT_EQUAL(l.count, 1);
	begin(f, &l, ROTATION_SKIPPED); /* there is no second key in force */
	CU_ASSERT_PTR_NOT_NULL(strstr(l.items->why, "PROVISIONED"));
	ASSERT_ERR(to_release(f), ERR_OK);
	begin(f, &l, ROTATION_SKIPPED);
	ASSERT_ERR(flow_attach(f), ERR_OK);
	return l;
}

static void test_done(void)
{
	struct flow f;
	struct rotation_list l = to_active(&f), older = {.items = NULL};

	begin(&f, &l, ROTATION_WAITS);
	CU_ASSERT(l.items->from == 1 && l.items->to == 2);
	begin(&f, &l, ROTATION_WAITS); /* once */
	CU_ASSERT_EQUAL(subscriber_now(&f).spare_key_id, 2);
	looks(&f, &l, 10 * ATTACH_S, ROTATION_WAITS); /* for the card there is time */
	ASSERT_ERR(to_release(&f), ERR_OK);
	looks(&f, &l, 0, ROTATION_DONE); /* by its signed result */
	ASSERT_ERR(flow_attach(&f), ERR_OK);
	CU_ASSERT_EQUAL(subscriber_now(&f).key_id, 2);
	ASSERT_ERR(rotation_choose_older(&older, f.store, (int64_t)time(NULL), 86400), ERR_OK);
	CU_ASSERT_EQUAL(older.count, 0);
	ASSERT_ERR(rotation_choose_older(&older, f.store, (int64_t)time(NULL) + 86400, 86400),
		   ERR_OK);
	CU_ASSERT_EQUAL(older.count, 1);
	rotation_list_free(&older);
	rotation_list_free(&l);
	flow_close(&f);
}

static enum err lose_grant(struct flow *f, const char *function, json_t **answer)
{
	(void)f, (void)answer;
	return strcmp(function, "grant") == 0 ? ERR_IO : ERR_OK;
}

/* The grant is lost: the card goes on with the former key, and is granted the same one anew. */
static void test_not_in_time(void)
{
	struct flow f;
	struct rotation_list l = to_active(&f);

	begin(&f, &l, ROTATION_WAITS);
	f.lie = lose_grant;
	CU_ASSERT_NOT_EQUAL(to_release(&f), ERR_OK);
	f.lie = NULL;
	CU_ASSERT_NOT_EQUAL(flow_attach(&f), ERR_OK); /* the AuC is on the new key */
	looks(&f, &l, ATTACH_S - 5, ROTATION_WAITS);
	looks(&f, &l, ATTACH_S + 5, ROTATION_ROLLED_BACK);
	CU_ASSERT_EQUAL(subscriber_now(&f).state, STATE_RECALLED);
	CU_ASSERT_EQUAL(subscriber_now(&f).key_id, 1);
	begin(&f, &l, ROTATION_WAITS); /* of a run after it */
	ASSERT_ERR(to_release(&f), ERR_OK);
	looks(&f, &l, 0, ROTATION_DONE);
	ASSERT_ERR(flow_attach(&f), ERR_OK);
	CU_ASSERT_EQUAL(subscriber_now(&f).key_id, 2);
	CU_ASSERT_EQUAL(subscriber_now(&f).state, STATE_ACTIVE);
	rotation_list_free(&l);
	flow_close(&f);
}

/* A wrong RES of the new key says at once that the second attach failed. */
static void test_wrong_answer(void)
{
	static const uint8_t wrong[8] = {1};
	struct flow f;
	struct rotation_list l = to_active(&f);
	struct auc_challenge c;
	struct auc_verdict v;
	int64_t now;

	begin(&f, &l, ROTATION_WAITS);
	f.lie = lose_grant;
	CU_ASSERT_NOT_EQUAL(to_release(&f), ERR_OK);
	f.lie = NULL;
	now = (int64_t)time(NULL); /* not before what the release has written */
	ASSERT_ERR(auc_challenge(f.store, f.sub.imsi[1], false, now, &c), ERR_OK);
	ASSERT_ERR(auc_verify(f.store, c.id, SLICE_OF(wrong), now, &v), ERR_REFUSED);
	looks(&f, &l, 0, ROTATION_ROLLED_BACK);
	ASSERT_ERR(flow_attach(&f), ERR_OK); /* limited access, by the key so far */
	rotation_list_free(&l);
	flow_close(&f);
}

TEST_SUITE(rotation_service, {"chosen, begun, done", test_done},
	   {"a key that is not shown in time", test_not_in_time},
	   {"a key that is shown wrongly", test_wrong_answer})
