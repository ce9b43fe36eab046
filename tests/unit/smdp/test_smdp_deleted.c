/* smdp: what eUICCs report after the installation, in and out of order (SGP.22 3.5, 5.6.4). */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/smdp/es2p.h"
#include "host/operator/smdp/store/change.h"
#include "host/operator/smdp/store/profile.h"
#include "host/operator/smdp/store/verify.h"
#include "lib/rsp/rsp.h"
#include "tests/unit/support/desk.h"
#include "tests/support/stock.h"

#define INSTALL RSP_EVENT_INSTALL
#define ENABLE	RSP_EVENT_ENABLE
#define DISABLE RSP_EVENT_DISABLE
#define DELETE	RSP_EVENT_DELETE

static void send(struct desk *d)
{
	json_t *answer = NULL;

	ASSERT_ERR(desk_send(d, ES9P_HANDLE_NOTIFICATION, &answer), ERR_OK);
	CU_ASSERT_PTR_NULL(answer); /* 204, whatever it is */
}

static void tell(struct desk *d, uint32_t event, uint32_t seq)
{
	peer_event(&d->p, event, seq, &d->message);
	send(d);
}

/* The result of the download that runs, with this number. */
static void install(struct desk *d, uint32_t seq)
{
	d->p.seq = seq;
	peer_result(&d->p, true, &d->message);
	send(d);
}

static void expect(struct desk *d, enum smdp_profile_state state, const char *what)
{
	struct smdp_profile p = {.state = 0};

	ASSERT_ERR(smdp_profile_by_iccid(d->store, desk_iccids[0], &p), ERR_OK);
	if (p.state != state)
		fprintf(stderr, "\n%s: %s, want %s\n", what, smdp_state_name(p.state),
			smdp_state_name(state));
	CU_ASSERT_EQUAL(p.state, state);
}

/* What the eUICC tells of a profile that was downloaded, step by step, and what the profile is. */
static void test_order_of_reports(void)
{
	static const struct {
		const char *what;
		struct {
			uint32_t event, seq;
			enum smdp_profile_state state;
		} steps[5];
	} rows[] = {
		{"one after the other",
		 {{INSTALL, 1, SMDP_INSTALLED},
		  {ENABLE, 2, SMDP_INSTALLED},
		  {DISABLE, 3, SMDP_INSTALLED},
		  {DELETE, 4, SMDP_DELETED}}},
		{"a profile that was never enabled",
		 {{INSTALL, 0, SMDP_INSTALLED}, {DELETE, 1, SMDP_DELETED}}},
		{"late news of a profile that is gone",
		 {{INSTALL, 1, SMDP_INSTALLED},
		  {DELETE, 4, SMDP_DELETED},
		  {ENABLE, 2, SMDP_DELETED},
		  {DISABLE, 3, SMDP_DELETED}}},
		{"deleted before the result came",
		 {{DELETE, 4, SMDP_DELETED}, {INSTALL, 1, SMDP_DELETED}}},
		{"deleted twice",
		 {{INSTALL, 1, SMDP_INSTALLED},
		  {DELETE, 4, SMDP_DELETED},
		  {DELETE, 4, SMDP_DELETED},
		  {DELETE, 9, SMDP_DELETED}}},
		{"a deletion from before the installation",
		 {{INSTALL, 7, SMDP_INSTALLED},
		  {DELETE, 4, SMDP_INSTALLED},
		  {DELETE, 9, SMDP_DELETED}}},
		{"enabled, disabled alone",
		 {{INSTALL, 1, SMDP_INSTALLED},
		  {DISABLE, 3, SMDP_INSTALLED},
		  {ENABLE, 2, SMDP_INSTALLED}}},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct desk d;
		int64_t good;

		desk_open(&d);
		desk_bind(&d);
		for (size_t n = 0; n < ARRAY_LEN(rows[i].steps) && rows[i].steps[n].event; n++) {
			if (rows[i].steps[n].event == INSTALL)
				install(&d, rows[i].steps[n].seq);
			else
				tell(&d, rows[i].steps[n].event, rows[i].steps[n].seq);
			expect(&d, rows[i].steps[n].state, rows[i].what);
		}
		ASSERT_ERR(stock_verify(d.store, &good), ERR_OK);
		CU_ASSERT(good > 0);
		desk_close(&d);
	}
}

/* The same octets again change nothing, in whatever state. */
static void test_replayed(void)
{
	struct wbuf gone = wbuf_grow(65536);
	const struct es2p_cancellation back = {.iccid = desk_iccids[0]};
	const struct es2p_order o = {.iccid = desk_iccids[0]};
	const struct es2p_confirmation c = {
		.iccid = desk_iccids[0], .matching_id = DESK_MATCHING_ID, .release = true};
	struct smdp_profile p;
	struct desk d;

	desk_open(&d);
	desk_bind(&d);
	install(&d, 1);
	peer_event(&d.p, DELETE, 2, &gone);
	tell(&d, DELETE, 2);
	expect(&d, SMDP_DELETED, "deleted");
	desk_remember(&d);
	send(&d);
	desk_unchanged(&d, "a deletion that was told before");
	/* ordered and installed again: what was true before is not any more */
	ASSERT_ERR(es2p_cancel_order(DESK_CALL(d), &back, &p), ERR_OK);
	ASSERT_ERR(es2p_download_order(DESK_CALL(d), &o, &p), ERR_OK);
	ASSERT_ERR(es2p_confirm_order(DESK_CALL(d), &c, &p), ERR_OK);
	desk_bind(&d);
	wbuf_reset(&d.message);
	wbuf_put(&d.message, wbuf_slice(&gone)); /* signed anew: other octets */
	send(&d);
	expect(&d, SMDP_DOWNLOADED, "the old deletion while it is downloaded again");
	install(&d, 3);
	expect(&d, SMDP_INSTALLED, "installed again");
	tell(&d, DELETE, 2);
	expect(&d, SMDP_INSTALLED, "the old deletion after it was installed again");
	tell(&d, DELETE, 4);
	expect(&d, SMDP_DELETED, "deleted again");
	/* a new card with the old EID begins to count anew */
	ASSERT_ERR(es2p_cancel_order(DESK_CALL(d), &back, &p), ERR_OK);
	ASSERT_ERR(es2p_download_order(DESK_CALL(d), &o, &p), ERR_OK);
	ASSERT_ERR(es2p_confirm_order(DESK_CALL(d), &c, &p), ERR_OK);
	desk_bind(&d);
	install(&d, 0);
	expect(&d, SMDP_INSTALLED, "installed on a new card");
	tell(&d, DELETE, 1);
	expect(&d, SMDP_DELETED, "deleted from the new card");
	wbuf_free(&gone);
	desk_close(&d);
}

/* Another eUICC's word is none about this profile. */
static void test_another(void)
{
	static const struct smdp_change installed = {.event = SMDP_INSTALL};
	struct smdp_profile p;
	struct desk d;

	desk_open(&d);
	desk_bind_elsewhere(&d, &p);
	ASSERT_ERR(smdp_profile_change(d.store, &p, &installed), ERR_OK);
	desk_remember(&d);
	tell(&d, DELETE, 9);
	desk_unchanged(&d, "a deletion by another eUICC");
	expect(&d, SMDP_INSTALLED, "deleted by another");
	desk_close(&d);
}

/* serve --deleted available: back in the inventory, whoever it was ordered for. */
static void test_reuse(void)
{
	static const uint8_t nobody[16];

	for (int linked = 0; linked < 2; linked++) {
		const struct es2p_cancellation back = {.iccid = desk_iccids[0]};
		struct smdp_profile p;
		struct desk d;

		desk_open(&d);
		smdp_reuse_deleted(d.smdp);
		if (linked) {
			const struct es2p_order o = {.eid = d.p.eid, .iccid = desk_iccids[0]};
			const struct es2p_confirmation c = {.iccid = desk_iccids[0],
							    .matching_id = DESK_MATCHING_ID,
							    .release = true};

			ASSERT_ERR(es2p_cancel_order(DESK_CALL(d), &back, &p), ERR_OK);
			ASSERT_ERR(es2p_download_order(DESK_CALL(d), &o, &p), ERR_OK);
			ASSERT_ERR(es2p_confirm_order(DESK_CALL(d), &c, &p), ERR_OK);
		}
		desk_bind(&d);
		tell(&d, DELETE, 4); /* before the result, which changes nothing any more */
		expect(&d, SMDP_AVAILABLE, "available again");
		install(&d, 1);
		expect(&d, SMDP_AVAILABLE, "the result of what was deleted");
		ASSERT_ERR(smdp_profile_by_iccid(d.store, desk_iccids[0], &p), ERR_OK);
		CU_ASSERT(memcmp(p.eid, nobody, sizeof(nobody)) == 0);
		CU_ASSERT_STRING_EQUAL(p.matching_id, "");
		desk_initiate(&d);
		desk_expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, "8.2.6", "3.8",
				  "the matching id of before");
		desk_close(&d);
	}
}

/* A profile that is Deleted is given to nobody; the operator decides what becomes of it. */
static void test_deleted_is_kept(void)
{
	const struct es2p_order o = {.iccid = desk_iccids[0]};
	struct es2p_cancellation back = {.iccid = desk_iccids[0], .final = true};
	struct smdp_profile p;
	struct es2p_call call;
	struct desk d;

	desk_open(&d);
	desk_bind(&d);
	install(&d, 1);
	tell(&d, DELETE, 2);
	ASSERT_ERR(smdp_profile_by_iccid(d.store, desk_iccids[0], &p), ERR_OK);
	CU_ASSERT(memcmp(p.eid, d.p.eid, sizeof(p.eid)) == 0); /* where it was stays known */
	call = *DESK_CALL(d);
	desk_initiate(&d);
	desk_expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, "8.2.6", "3.8", "a deleted profile");
	ASSERT_ERR(es2p_download_order(&call, &o, &p), ERR_REFUSED);
	CU_ASSERT_PTR_EQUAL(call.fault, smdp_fault(SMDP_FAULT_ICCID_USED));
	ASSERT_ERR(es2p_cancel_order(&call, &back, &p), ERR_OK);
	expect(&d, SMDP_UNAVAILABLE, "taken out of service");
	desk_close(&d);
}

TEST_SUITE(smdp_deleted, {"reports in and out of order", test_order_of_reports},
	   {"reports that were here before", test_replayed},
	   {"reports of another eUICC", test_another}, {"available again", test_reuse},
	   {"Deleted until the operator says so", test_deleted_is_kept})
