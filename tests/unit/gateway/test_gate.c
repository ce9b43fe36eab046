/* gate and leases: the rules as text, what they are made of, and addresses that DHCP gave */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/gateway/gate.h"
#include "host/operator/gateway/leases.h"
#include "host/operator/gateway/station.h"
#include "tool/sys/file.h"

static void test_rules(void)
{
	static const char *const bad[] = {"",
					  "tcp:",
					  "10.45.0.1:80",
					  "tcp:10.45.0.1",
					  "tcp:10.45.0.1:",
					  "tcp:10.45.0.1:0",
					  "tcp:10.45.0.1:65536",
					  "tcp:10.45.0.1:80 drop",
					  "tcp:portal.lab:80",
					  "tcp:10.45.0:80",
					  "sctp:10.45.0.1:80",
					  "tcp:10.45.0.1:80:80"};
	struct gate_rules r = {.count = 0};

	ASSERT_ERR(gate_interface("mod0", &r), ERR_OK);
	ASSERT_ERR(gate_interface("", &r), ERR_VALUE);
	ASSERT_ERR(gate_interface("a\"; drop", &r), ERR_VALUE);
	ASSERT_ERR(gate_interface("sixteen-letters-", &r), ERR_VALUE);
	CU_ASSERT_STRING_EQUAL(r.interface, "mod0");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ASSERT_ERR(gate_add_reach(bad[i], &r), ERR_VALUE);
	CU_ASSERT_EQUAL(r.count, 0);
	ASSERT_ERR(gate_add_reach("tcp:10.45.0.1:8443", &r), ERR_OK);
	ASSERT_ERR(gate_add_reach("udp:10.45.0.1:53", &r), ERR_OK);
	CU_ASSERT(!r.reach[0].udp && r.reach[0].port == 8443 && r.reach[0].address == 0x0A2D0001);
	CU_ASSERT(r.reach[1].udp && r.reach[1].port == 53);
	while (r.count < GATE_REACH_MAX)
		ASSERT_ERR(gate_add_reach("tcp:192.0.2.1:443", &r), ERR_OK);
	ASSERT_ERR(gate_add_reach("tcp:192.0.2.1:443", &r), ERR_FULL);
}

static bool holds(struct slice text, const char *word)
{
	return memmem(text.ptr, text.len, word, strlen(word)) != NULL;
}

static void test_text(void)
{
	const struct gate_member members[] = {
		{{2, 0, 0, 0, 0, 1}, 0x0A2D0002, ACCESS_LIMITED},
		{{2, 0, 0, 0, 0, 2}, 0x0A2D0003, ACCESS_FULL},
		{{2, 0, 0, 0, 0, 3}, 0, ACCESS_LIMITED},
		{{2, 0, 0, 0, 0, 4}, 0x0A2D0005, ACCESS_NONE},
	};
	struct wbuf out = wbuf_grow(1u << 20);
	struct gate_rules r = {.count = 0};

	ASSERT_ERR(gate_interface("mod0", &r), ERR_OK);
	gate_table_text(&r, &out);
	ASSERT_ERR(wbuf_done(&out), ERR_OK);
	CU_ASSERT_FALSE(holds(wbuf_slice(&out), "elements")); /* nobody is let through */
	CU_ASSERT(holds(wbuf_slice(&out), "hook input priority filter; policy drop;"));
	CU_ASSERT(holds(wbuf_slice(&out), "hook forward priority filter; policy drop;"));
	ASSERT_ERR(gate_add_reach("tcp:10.45.0.1:8443", &r), ERR_OK);
	wbuf_reset(&out);
	gate_table_text(&r, &out);
	CU_ASSERT(holds(wbuf_slice(&out), "elements = { tcp . 10.45.0.1 . 8443 }"));
	wbuf_reset(&out);
	gate_sets_text(members, ARRAY_LEN(members), &out);
	ASSERT_ERR(wbuf_done(&out), ERR_OK);
	CU_ASSERT(holds(wbuf_slice(&out), "flush set inet twinkey full\n"));
	CU_ASSERT(holds(wbuf_slice(&out), "twinkey limited { 02:00:00:00:00:01 timeout 3s }"));
	CU_ASSERT(holds(wbuf_slice(&out), "place { 02:00:00:00:00:01 . 10.45.0.2 timeout 3s }"));
	CU_ASSERT(holds(wbuf_slice(&out), "twinkey limited_at { 10.45.0.2 timeout 3s }"));
	CU_ASSERT(holds(wbuf_slice(&out), "twinkey full { 02:00:00:00:00:02 timeout 3s }"));
	CU_ASSERT(holds(wbuf_slice(&out), "twinkey full_at { 10.45.0.3 timeout 3s }"));
	CU_ASSERT(holds(wbuf_slice(&out), "twinkey limited { 02:00:00:00:00:03 timeout 3s }"));
	CU_ASSERT_FALSE(holds(wbuf_slice(&out), "place { 02:00:00:00:00:03"));
	CU_ASSERT_FALSE(holds(wbuf_slice(&out), "02:00:00:00:00:04"));
	wbuf_free(&out);
}

static void test_leases(void)
{
	static const uint8_t one[] = {2, 0, 0, 0, 0, 1}, two[] = {2, 0, 0, 0, 0, 2},
			     three[] = {2, 0, 0, 0, 0, 3}, four[] = {2, 0, 0, 0, 0, 4};
	static const char text[] = "duid 00:01\n"
				   "2000 02:00:00:00:00:01 10.45.0.2 * *\n"
				   "0 02:00:00:00:00:02 10.45.0.3 name 01:02\n"
				   "x 02:00:00:00:00:09 10.45.0.4 * *\n"
				   "2000 02:00:00:00:00:03 10.45.0.5 * *\n"
				   "2000 02:00:00:00:00:03:04 10.45.0.6 * *\n"
				   "2000 02:00:00:00:00:04 10.45.0.7";
	struct leases l = {0};
	bool news = false;
	char path[200];

	ASSERT_ERR(leases_parse(slice_str(text), &l), ERR_OK);
	CU_ASSERT_EQUAL(l.count, 3);
	CU_ASSERT_EQUAL(leases_address(&l, one, 1999), 0x0A2D0002);
	CU_ASSERT_EQUAL(leases_address(&l, one, 2000), 0); /* it has run out */
	CU_ASSERT_EQUAL(leases_address(&l, two, 1 << 30), 0x0A2D0003);
	CU_ASSERT_EQUAL(leases_address(&l, three, 0), 0x0A2D0005);
	CU_ASSERT_EQUAL(leases_address(&l, four, 0), 0); /* a line that is still being written */
	/* an address that two have, or three, is nobody's */
	ASSERT_ERR(leases_parse(slice_str("0 02:00:00:00:00:01 10.45.0.2 * *\n"
					  "0 02:00:00:00:00:02 10.45.0.2 * *\n"
					  "0 02:00:00:00:00:03 10.45.0.2 * *\n"),
				&l),
		   ERR_OK);
	CU_ASSERT_EQUAL(leases_address(&l, three, 0), 0);
	CU_ASSERT_EQUAL(leases_address(&l, one, 0), 0);
	CU_ASSERT_EQUAL(leases_address(&l, two, 0), 0);
	snprintf(path, sizeof(path), "%s/leases", test_dir());
	ASSERT_ERR(leases_read(path, &l, &news), ERR_OK);
	ASSERT_ERR(file_replace(path, slice_str("0 02:00:00:00:00:01 10.45.0.9 * *\n"), 0600, NULL),
		   ERR_OK);
	ASSERT_ERR(leases_read(path, &l, &news), ERR_OK);
	CU_ASSERT(news && leases_address(&l, one, 0) == 0x0A2D0009);
	ASSERT_ERR(leases_read(path, &l, &news), ERR_OK);
	CU_ASSERT_FALSE(news);
	leases_free(&l);
}

static void test_stations(void)
{
	static const uint8_t one[] = {2, 0, 0, 0, 0, 1};
	struct stations s = {0};
	struct station *st = NULL, *again = NULL;

	CU_ASSERT_PTR_NULL(station_find(&s, one));
	ASSERT_ERR(station_take(&s, one, &st), ERR_OK);
	ASSERT_ERR(station_take(&s, one, &again), ERR_OK);
	CU_ASSERT_PTR_EQUAL(st, again);
	st->address = 7;
	CU_ASSERT_PTR_NULL(station_at(&s, 7)); /* it may reach nothing */
	st->access = ACCESS_LIMITED;
	CU_ASSERT_PTR_EQUAL(station_at(&s, 7), st);
	CU_ASSERT_PTR_NULL(station_at(&s, 0));
	for (unsigned i = 2; s.count < STATIONS_MAX; i++) {
		const uint8_t mac[] = {2, 0, 0, 1, (uint8_t)(i >> 8), (uint8_t)i};

		ASSERT_ERR(station_take(&s, mac, &st), ERR_OK);
	}
	ASSERT_ERR(station_take(&s, (const uint8_t[]){2, 9, 9, 9, 9, 9}, &st), ERR_FULL);
	station_find(&s, one)->left = true;
	stations_sweep(&s);
	CU_ASSERT(s.count == STATIONS_MAX - 1 && !station_find(&s, one));
	stations_free(&s);
}

TEST_SUITE(gate, {"what is reached", test_rules}, {"rules and sets as text", test_text},
	   {"leases", test_leases}, {"stations", test_stations})
