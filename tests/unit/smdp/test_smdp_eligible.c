/* smdp_eligible: what the manager offers to whom, by what the eUICC says of itself. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/smdp/eligible.h"
#include "lib/rsp/es8p.h"
#include "lib/rsp/rsp.h"
#include "lib/base/tlv.h"
#include "tests/unit/support/desk.h"
#include "tests/support/stock.h"

#define ID	    "ELIGIBLE"
#define PACKAGE_MAX 65536

static const uint8_t iccid[10] = {0x98, 0x88, 0x12, 0x01, 0, 0, 0, 0, 0x30, 0xF7};

/* A ProfileHeader that demands these services, and what makes octets of it. */
static void put_package(struct wbuf *w, const char *services, size_t octets)
{
	size_t mark = tlv_open(w, 0xA0), rest;

	tlv_put_uint(w, 0x80, 3);
	tlv_put_uint(w, 0x81, 1);
	tlv_put(w, 0x83, SLICE_OF(iccid));
	tlv_put(w, 0xA5, test_unhex(services));
	tlv_put(w, 0xA6, SLICE_EMPTY);
	tlv_close(w, mark);
	rest = octets - w->len - 4; /* a length of two octets, and one for how many */
	tlv_put_header(w, 0xAA, rest);
	wbuf_fill(w, 0, rest);
	ASSERT_ERR(wbuf_done(w), ERR_OK);
	CU_ASSERT(w->len == octets);
}

struct row {
	const char *what, *services;
	size_t octets;
	uint32_t capability;
	const char *resources; /* hex */
	const char *subject, *reason;
	uint32_t ppr;
};

static void try(const struct row *row)
{
	struct es8p_metadata meta = {.iccid = SLICE_OF(iccid),
				     .service_provider = slice_str("provider"),
				     .profile_name = slice_str("name"),
				     .has_ppr = row->ppr != 0,
				     .ppr = row->ppr};
	struct wbuf upp = wbuf_grow(PACKAGE_MAX), metadata = wbuf_grow(1024);
	struct desk d;

	desk_open(&d);
	put_package(&upp, row->services, row->octets);
	es8p_put_metadata(&metadata, &meta);
	ASSERT_ERR(stock_profile(d.store, iccid, ID, wbuf_slice(&metadata), wbuf_slice(&upp)),
		   ERR_OK);
	d.p.matching_id = ID;
	d.p.capability = row->capability;
	d.p.resources = test_unhex(row->resources);
	d.p.forbidden = RSP_PPR2;
	desk_initiate(&d);
	if (row->subject)
		desk_expect_fault(&d, ES9P_AUTHENTICATE_CLIENT, row->subject, row->reason,
				  row->what);
	else
		json_decref(desk_good(&d, ES9P_AUTHENTICATE_CLIENT));
	desk_close(&d);
	wbuf_free(&upp);
	wbuf_free(&metadata);
}

static void test_rows(void)
{
	enum { USIM = 1, MILENAGE = 4, CAVE = 5, TUAK128 = 6, TUAK256 = 7, MULTI_USIM = 16 };
	static const struct row rows[] = {
		{"all there", "81008400", 500, RSP_BIT(USIM) | RSP_BIT(MILENAGE), "8202ffff", NULL,
		 NULL, 0},
		{"no MILENAGE", "81008400", 500, RSP_BIT(USIM), "8202ffff", "8.2.5", "4.3", 0},
		{"no USIM", "81008400", 500, RSP_BIT(MILENAGE), "8202ffff", "8.2.5", "4.3", 0},
		{"TUAK-128, which CAVE is not", "8500", 500, RSP_BIT(CAVE), "8202ffff", "8.2.5",
		 "4.3", 0},
		{"TUAK-128", "8500", 500, RSP_BIT(TUAK128), "8202ffff", NULL, NULL, 0},
		{"TUAK-256", "9000", 500, RSP_BIT(TUAK128), "8202ffff", "8.2.5", "4.3", 0},
		{"TUAK-256, there", "9000", 500, RSP_BIT(TUAK256), "8202ffff", NULL, NULL, 0},
		{"several USIMs", "8d00", 500, RSP_BIT(USIM), "8202ffff", "8.2.5", "4.3", 0},
		{"several USIMs, there", "8d00", 500, RSP_BIT(MULTI_USIM), "8202ffff", NULL, NULL,
		 0},
		{"an eUICC that tells nothing", "81008400", 500, 0, "8202ffff", NULL, NULL, 0},
		{"Java and CSIM, left to the eUICC", "83008b008c008f00", 500, RSP_BIT(USIM),
		 "8202ffff", NULL, NULL, 0},
		{"services of later versions", "920096009d00", 500, RSP_BIT(USIM), "8202ffff", NULL,
		 NULL, 0},
		{"a service of no version", "9f5500", 500, RSP_BIT(USIM), "8202ffff", NULL, NULL,
		 0},
		{"services that are no list", "8100ff", 500, RSP_BIT(MILENAGE), "8202ffff", NULL,
		 NULL, 0},
		{"just half of the package", "8100", 0x2000, RSP_BIT(USIM), "82021000", NULL, NULL,
		 0},
		{"less than half of it", "8100", 0x2000, RSP_BIT(USIM), "82020fff", "8.1", "4.8",
		 0},
		{"in many octets", "8100", 0x2000, RSP_BIT(USIM), "82080000000000000fff", "8.1",
		 "4.8", 0},
		{"much room", "8100", 0x2000, RSP_BIT(USIM), "8208ffffffffffffffff", NULL, NULL, 0},
		{"none at all", "8100", 0x2000, RSP_BIT(USIM), "82020000", "8.1", "4.8", 0},
		{"no number", "8100", 0x2000, RSP_BIT(USIM), "8200", NULL, NULL, 0},
		{"too long a number", "8100", 0x2000, RSP_BIT(USIM), "8209000000000000000001", NULL,
		 NULL, 0},
		{"nothing of room", "8100", 0x2000, RSP_BIT(USIM), "", NULL, NULL, 0},
		{"resources that are no DER", "8100", 0x2000, RSP_BIT(USIM), "82ff01", NULL, NULL,
		 0},
		{"a rule that it forbids", "8100", 500, RSP_BIT(USIM), "8202ffff", "8.2.5", "4.3",
		 RSP_PPR1 | RSP_PPR2},
		{"a rule that it does not forbid", "8100", 500, RSP_BIT(USIM), "8202ffff", NULL,
		 NULL, RSP_PPR1},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		try(&rows[i]);
}

TEST_SUITE(smdp_eligible, {"services and memory", test_rows})
