/* the two-profile mode at the operator */
#include "tests/unit/test.h"

#include <string.h>
#include <time.h>

#include "host/operator/policy/decide.h"
#include "host/operator/release/second_profile.h"
#include "host/operator/smdp/store/profile.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/second.h"
#include "tests/unit/support/flow.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"

static struct wbuf seal(struct flow *f)
{
	struct wbuf der = wbuf_grow(SECOND_CODE_LEN_MAX);

	ASSERT_ERR(second_profile_seal(f->store, &f->sub, FLOW_ADDRESS, &der), ERR_OK);
	return der;
}

static enum err ask(struct flow *f, struct slice sealed, int64_t later, struct second_profile *out)
{
	return second_profile_release(&(struct second_profile_desk){f->authority, f->store,
								    f->manager,
								    (int64_t)time(NULL) + later},
				      f->sub.imsi[0], sealed, out);
}

static enum subscriber_state state_of(struct flow *f)
{
	struct subscriber now;

	ASSERT_ERR(subscriber_by_id(f->store, f->sub.id, &now), ERR_OK);
	return now.state;
}

/* What the manager knows of the second profile: nothing (ERR_NOT_FOUND), or its order. */
static enum err ordered(struct flow *f, struct slice sealed, struct smdp_profile *p)
{
	struct second_code c;

	ASSERT_ERR(second_code_parse(sealed, &c), ERR_OK);
	return smdp_profile_by_iccid(f->manager, c.second_iccid, p);
}

/* I3: each factor, and the first profile's eUICC, must be known; nothing changes before. */
static void test_conditions(void)
{
	struct second_profile p;
	struct smdp_profile order;
	struct wbuf sealed;
	struct flow f;

	flow_open(&f);
	sealed = seal(&f);
	ASSERT_ERR(ask(&f, wbuf_slice(&sealed), 0, &p), ERR_UNBOUND); /* not installed yet */
	flow_install(&f);
	ASSERT_ERR(ask(&f, wbuf_slice(&sealed), 0, &p), ERR_WRONG_STATE);
	ASSERT_ERR(flow_attach(&f), ERR_OK);
	ASSERT_ERR(ask(&f, wbuf_slice(&sealed), 0, &p), ERR_WRONG_STATE);
	flow_approve(&f);
	ASSERT_ERR(ask(&f, wbuf_slice(&sealed), FIRST_FACTOR_S + 1, &p), ERR_FACTOR);
	ASSERT_ERR(ask(&f, wbuf_slice(&sealed), -3600, &p), ERR_FACTOR);
	ASSERT_ERR(second_profile_release(&(struct second_profile_desk){f.authority, f.store,
									f.manager,
									(int64_t)time(NULL)},
					  "001019999999999", wbuf_slice(&sealed), &p),
		   ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(state_of(&f), STATE_VERIFIED);
	ASSERT_ERR(ordered(&f, wbuf_slice(&sealed), &order), ERR_NOT_FOUND);
	ASSERT_ERR(ask(&f, wbuf_slice(&sealed), 0, &p), ERR_OK);
	CU_ASSERT_EQUAL(p.after.state, STATE_RELEASED);
	ASSERT_ERR(ordered(&f, wbuf_slice(&sealed), &order), ERR_OK);
	CU_ASSERT_EQUAL(order.state, SMDP_RELEASED);
	CU_ASSERT_TRUE(order.linked);
	ASSERT_OCTETS(SLICE_OF(order.eid), test_unhex(FLOW_EID), "the order's EID");
	wbuf_free(&sealed);
	flow_close(&f);
}

/* A sealed code that was changed, or is of another key: refused, and the state is what it was. */
static void test_changed(void)
{
	struct second_profile p;
	struct wbuf sealed;
	struct flow f;

	flow_open(&f);
	flow_install(&f);
	ASSERT_ERR(flow_attach(&f), ERR_OK);
	flow_approve(&f);
	sealed = seal(&f);
	for (size_t bit = 0; bit < sealed.len * 8; bit++) {
		sealed.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CU_ASSERT_NOT_EQUAL(ask(&f, wbuf_slice(&sealed), 0, &p), ERR_OK);
		sealed.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	CU_ASSERT_EQUAL(state_of(&f), STATE_VERIFIED);
	wbuf_free(&sealed);
	f.sub.key_id = 2; /* a key that is not in force */
	sealed = seal(&f);
	ASSERT_ERR(ask(&f, wbuf_slice(&sealed), 0, &p), ERR_REFUSED);
	CU_ASSERT_EQUAL(state_of(&f), STATE_VERIFIED);
	wbuf_free(&sealed);
	flow_close(&f);
}

static bool count_reissues(void *ctx, const struct log_entry *e)
{
	unsigned *n = ctx;

	*n += strcmp(e->event, "reissue") == 0;
	return true;
}

/* The whole way at the terminal; a lost answer is asked for again; afterwards nothing is given. */
static void test_take(void)
{
	struct lpa_download d = {.retries = 0};
	struct second second = {.der = {0}};
	struct second_profile p;
	enum second_state is;
	unsigned reissues = 0;
	struct flow f;

	flow_open(&f);
	flow_install(&f);
	ASSERT_ERR(flow_attach(&f), ERR_OK);
	flow_approve(&f);
	second.der = seal(&f);
	ASSERT_ERR(ask(&f, wbuf_slice(&second.der), 0, &p), ERR_OK); /* nobody hears it */
	memcpy(second.iccid, p.iccid, sizeof(p.iccid));
	CU_ASSERT_FATAL(lpa_open(f.u, SLICE_EMPTY, &f.lpa) == ERR_OK);
	d.network = &f.network;
	ASSERT_ERR(second_take(f.lpa, f.op, f.sub.imsi[0], &d, &second), ERR_OK);
	CU_ASSERT_STRING_EQUAL(second.state, "RELEASED");
	ASSERT_ERR(second_find(f.lpa, second.iccid, &is), ERR_OK);
	CU_ASSERT_EQUAL(is, SECOND_ENABLED);
	CU_ASSERT_EQUAL(flow_card_profiles(&f), 2);
	/* again: all is done */
	ASSERT_ERR(second_take(f.lpa, f.op, f.sub.imsi[0], &d, &second), ERR_OK);
	lpa_close(&f.lpa);
	ASSERT_ERR(log_each(f.store, f.sub.id, count_reissues, &reissues), ERR_OK);
	CU_ASSERT_EQUAL(reissues, 1);
	ASSERT_ERR(flow_attach(&f), ERR_OK); /* its PIN is disabled */
	CU_ASSERT_EQUAL(state_of(&f), STATE_ACTIVE);
	ASSERT_ERR(ask(&f, wbuf_slice(&second.der), 0, &p), ERR_WRONG_STATE);
	wbuf_free(&second.der);
	flow_close(&f);
}

/* The file that travels with the activation code. */
static void test_file(void)
{
	static const char *const bad[] = {"", "x", "AAAA", "MAA=", "not base64 at all!"};
	struct second s;
	char path[160];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		ASSERT_ERR(path_join(test_dir(), "sealed", path, sizeof(path)), ERR_OK);
		ASSERT_ERR(file_write(path, slice_str(bad[i]), 0600, NULL), ERR_OK);
		CU_ASSERT_NOT_EQUAL(second_read(path, NULL, &s), ERR_OK);
		wbuf_free(&s.der);
	}
	ASSERT_ERR(second_read("/no/such/file", NULL, &s), ERR_NOT_FOUND);
	wbuf_free(&s.der);
}

TEST_SUITE(second_profile, {"both factors, and a known eUICC", test_conditions},
	   {"a changed sealed code", test_changed}, {"taken at the terminal", test_take},
	   {"files that hold none", test_file})
