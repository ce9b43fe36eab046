/* captures are read: links, orders, sub-types, several cards, what is cut or changed */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/trace/gsmtap.h"
#include "lib/trace/pcapng.h"
#include "tests/unit/trace/capture.h"
#include "tests/unit/trace/told.h"

#define SELECT_MF "00a40004023f00"
/* what add_changed() begins with: all of IP but its first octet, and the ports; the datagram */
#define IP_REST	   "00003500004000401100007f0000017f00000212791279"
#define SIM_SELECT "02040400000000000000000000000000" SELECT_MF "612f"

/* As it comes in pieces of any size. */
static void is_told(struct capture *c, const char *wanted)
{
	struct slice all = wbuf_slice(&c->w);

	for (size_t piece = 1; piece < all.len + 37; piece += piece < 20 ? 1 : 37) {
		const char *got = told_events(all, piece, NULL);

		CU_ASSERT_STRING_EQUAL(got, wanted);
		if (strcmp(got, wanted) != 0) {
			fprintf(stderr, "got:\n%swanted:\n%s", got, wanted);
			break;
		}
	}
	wbuf_free(&c->w);
}

static struct capture fresh(bool little)
{
	return (struct capture){.little = little, .w = wbuf_grow(1 << 20)};
}

static struct slice select_mf(const struct capture_frame *f)
{
	return capture_sim(f, test_unhex(SELECT_MF "612f"));
}

static void test_links(void)
{
	static const struct capture_frame frames[] = {
		{.link = LINK_ETHERNET},
		{.link = LINK_ETHERNET, .has_vlan = true, .has_options = true},
		{.link = LINK_ETHERNET, .is_v6 = true, .is_answer = true},
		{.link = LINK_RAW},
		{.link = LINK_RAW, .is_v6 = true, .has_options = true},
		{.link = LINK_IPV4, .has_options = true},
		{.link = LINK_IPV6, .is_v6 = true},
		{.link = LINK_SLL, .is_v6 = true},
		{.link = LINK_SLL2},
		{.link = LINK_NULL, .little_family = true},
		{.link = LINK_NULL, .is_v6 = true},
		{.link = LINK_LOOP},
	};

	for (size_t i = 0; i < 4 * ARRAY_LEN(frames); i++) {
		const struct capture_frame *f = &frames[i / 4];
		struct capture c = fresh(i % 2);
		char wanted[200];
		bool nano = i & 2;

		capture_header(&c, nano, f->link);
		capture_record(&c, 7, 8000, select_mf(f));
		snprintf(wanted, sizeof(wanted), "exchange 0 1@24 %s " SELECT_MF "/612f\n",
			 nano ? "7000008000" : "7008000000");
		is_told(&c, wanted);
		CU_ASSERT_STRING_EQUAL(told_card(0), f->is_v6 ? "[::1]:4729" : "127.0.0.1:4729");
		c = fresh(i % 2);
		capture_section(&c);
		capture_interface(&c, f->link, "eth0", nano ? 9 : 0, 0);
		capture_packet(&c, 0, 8000, select_mf(f), NULL);
		snprintf(wanted, sizeof(wanted), "exchange 0 1@%u %s " SELECT_MF "/612f\n",
			 nano ? 28 + 20 + 20 : 28 + 20 + 12, nano ? "8000" : "8000000");
		is_told(&c, wanted);
		CU_ASSERT_STRING_EQUAL(told_card(0), "eth0");
	}
}

/* Three kinds of packets, sections of both orders, times, comments, and what is skipped. */
static void test_blocks(void)
{
	static const struct capture_frame raw = {.link = LINK_IPV4},
					  other = {.link = LINK_IPV4, .sub_type = 1};
	struct capture c = fresh(true);

	capture_section(&c);
	capture_interface(&c, LINK_IPV4, "one", 0x80 | 10, -1);
	capture_interface(&c, LINK_IPV4, "two", 12, 0);
	capture_interface(&c, LINK_OTHERS, "usb", 0, 0);
	capture_block(&c, BLOCK_STATISTICS, test_unhex("000000000000000000000000"));
	capture_block(&c, 0x1234, SLICE_EMPTY);
	capture_block(&c, BLOCK_CUSTOM, test_unhex("00007ed9"));
	capture_packet(&c, 0, 2048 + 512, select_mf(&raw), "a remark");
	capture_packet(&c, 1, 5000000, capture_sim(&other, test_unhex("3b00")), NULL);
	capture_packet(&c, 2, 0, test_unhex("c0ffee"), NULL);
	capture_packet(&c, 2, 0, test_unhex("c0ffee"), NULL);
	capture_packet(&c, 3, 0, test_unhex("c0ffee"), NULL);
	capture_old_packet(&c, 1, 1000, select_mf(&raw));
	capture_simple_packet(&c, select_mf(&raw));
	c.little = false;
	capture_section(&c);
	capture_interface(&c, LINK_IPV4, "two", 6, 0);
	capture_packet(&c, 0, UINT64_MAX, select_mf(&raw), NULL);
	is_told(&c, "exchange 0 2@204 1500000000 " SELECT_MF "/612f a remark;  [31mred\n"
		    "reset 1 3@328 5000 /3b00\n"
		    "fault 0 4@408 - / link type 189 is not known: its packets are skipped\n"
		    "fault 0 6@480 - c0ffee/ a packet of an interface that no block describes\n"
		    "exchange 1 7@516 1 " SELECT_MF "/612f\n"
		    "exchange 0 8@604 - " SELECT_MF "/612f\n"
		    "exchange 1 9@744 - " SELECT_MF "/612f\n");
	CU_ASSERT_EQUAL(told_counts().cards, 2);
	CU_ASSERT_EQUAL(told_counts().skipped, 3); /* the custom block, and two of USB */
	CU_ASSERT_STRING_EQUAL(told_card(1), "two");
}

static void add_sim(struct capture *c, uint8_t sub_type, const char *body)
{
	const struct capture_frame f = {.link = LINK_IPV4, .sub_type = sub_type};

	capture_record(c, 1, 0, capture_sim(&f, test_unhex(body)));
}

static void test_sub_types(void)
{
	struct capture c = fresh(true);

	capture_header(&c, false, LINK_IPV4);
	add_sim(&c, GSMTAP_SIM_ATR, "3b9f");
	add_sim(&c, GSMTAP_SIM_PPS_REQUEST, "ff10947b");
	add_sim(&c, GSMTAP_SIM_PPS_RESPONSE, "ff10947a");
	add_sim(&c, GSMTAP_SIM_HEADER, "00a4000402"); /* 4 */
	add_sim(&c, GSMTAP_SIM_COMMAND, "3f");
	add_sim(&c, GSMTAP_SIM_COMMAND, "00");
	add_sim(&c, GSMTAP_SIM_SW, "612f");
	add_sim(&c, GSMTAP_SIM_HEADER, "00c0000003"); /* 8 */
	add_sim(&c, GSMTAP_SIM_RESPONSE, "6201");
	add_sim(&c, GSMTAP_SIM_RESPONSE, "00");
	add_sim(&c, GSMTAP_SIM_SW, "9000");
	add_sim(&c, GSMTAP_SIM_SW, "9000"); /* 12 */
	add_sim(&c, GSMTAP_SIM_HEADER, "00b00000");
	add_sim(&c, GSMTAP_SIM_HEADER, "00b0000001"); /* 14 */
	add_sim(&c, GSMTAP_SIM_RESPONSE, "aa");
	add_sim(&c, GSMTAP_SIM_APDU, SELECT_MF "9000");
	add_sim(&c, GSMTAP_SIM_PPS_REQUEST, "ff00ff"); /* 17 */
	add_sim(&c, 8, "00");
	add_sim(&c, GSMTAP_SIM_APDU, "80f2fe");
	add_sim(&c, GSMTAP_SIM_HEADER, "00d6000001"); /* 20 */
	add_sim(&c, GSMTAP_SIM_COMMAND, "bb");
	is_told(&c, "reset 0 1@24 1000000000 /3b9f\n"
		    "pps 0 2@86 1000000000 ff10947b/ff10947a\n"
		    "exchange 0 4@214 1000000000 " SELECT_MF "/612f\n"
		    "exchange 0 8@463 1000000000 00c0000003/6201009000\n"
		    "fault 0 12@713 1000000000 9000/ a part of a TPDU whose header is not there\n"
		    "fault 0 13@775 1000000000 00b00000/ a TPDU's header has five octets\n"
		    "exchange 0 14@839 1000000000 00b0000001/\n"
		    "fault 0 14@839 1000000000 aa/ data of a response without a status word\n"
		    "exchange 0 16@965 1000000000 " SELECT_MF "/9000\n"
		    "pps 0 17@1034 1000000000 ff00ff/\n"
		    "fault 0 18@1097 1000000000 00/ sub-type 8 of GSMTAP SIM is not known\n"
		    "fault 0 19@1158 1000000000 80f2fe/ there is no whole command in it\n"
		    "exchange 0 20@1221 1000000000 00d6000001bb/\n");
}

/* Each sender is a card; TPDUs of two are put together apart. */
static void test_senders(void)
{
	static const struct capture_frame a = {.link = LINK_IPV4, .sub_type = GSMTAP_SIM_HEADER},
					  b = {.link = LINK_IPV4,
					       .from_port = 50000,
					       .sub_type = GSMTAP_SIM_HEADER},
					  a_sw = {.link = LINK_IPV4, .sub_type = GSMTAP_SIM_SW},
					  b_sw = {.link = LINK_IPV4,
						  .from_port = 50000,
						  .sub_type = GSMTAP_SIM_SW};
	struct capture c = fresh(false);

	capture_section(&c);
	capture_interface(&c, LINK_IPV4, "lo", 0, 0);
	capture_interface(&c, LINK_IPV4, "-", 0, 0);
	capture_packet(&c, 0, 1, capture_sim(&a, test_unhex("00b0000001")), NULL);
	capture_packet(&c, 0, 2, capture_sim(&b, test_unhex("00c0000001")), NULL);
	capture_packet(&c, 0, 3, capture_sim(&a_sw, test_unhex("6c02")), NULL);
	capture_packet(&c, 0, 4, capture_sim(&b_sw, test_unhex("6c03")), NULL);
	capture_packet(&c, 1, 5, capture_sim(&a_sw, test_unhex("9000")), NULL);
	is_told(&c, "exchange 0 1@92 1000 00b0000001/6c02\n"
		    "exchange 1 2@176 2000 00c0000001/6c03\n"
		    "fault 2 5@420 5000 9000/ a part of a TPDU whose header is not there\n");
	CU_ASSERT_STRING_EQUAL(told_card(0), "lo");
	CU_ASSERT_STRING_EQUAL(told_card(1), "127.0.0.1:50000 lo");
	CU_ASSERT_STRING_EQUAL(told_card(2), "interface 1");
}

/* The same datagram on two interfaces is given once; the same command sent again is another. */
static void test_twice(void)
{
	struct capture_frame f = {.link = LINK_IPV4, .id = 77, .from_port = 50000};
	struct capture c = fresh(true);

	capture_section(&c);
	capture_interface(&c, LINK_IPV4, "any", 0, 0);
	capture_interface(&c, LINK_IPV4, "lo", 0, 0);
	capture_packet(&c, 0, 10, select_mf(&f), NULL);
	capture_packet(&c, 1, 12, select_mf(&f), NULL);
	f.id++;
	capture_packet(&c, 0, 14, select_mf(&f), NULL);
	capture_packet(&c, 0, 1000015, select_mf(&f), NULL); /* more than a second later */
	f.id = 0;
	capture_packet(&c, 0, 1000016, select_mf(&f), NULL);
	capture_packet(&c, 0, 1000017, select_mf(&f), NULL);
	is_told(&c, "exchange 0 1@92 10000 " SELECT_MF "/612f\n"
		    "fault 0 2@180 12000 " SELECT_MF "612f/ the datagram of frame 1 once more\n"
		    "exchange 0 3@268 14000 " SELECT_MF "/612f\n"
		    "exchange 0 4@356 1000015000 " SELECT_MF "/612f\n"
		    "exchange 0 5@444 1000016000 " SELECT_MF "/612f\n"
		    "exchange 0 6@532 1000017000 " SELECT_MF "/612f\n");
	CU_ASSERT_EQUAL(told_counts().cards, 1);
}

static void add_changed(struct capture *c, size_t at, uint8_t value, const char *payload)
{
	static const struct capture_frame f = {.link = LINK_IPV4};
	uint8_t octets[200];
	struct slice s = payload ? capture_udp(&f, test_unhex(payload)) : select_mf(&f);

	memcpy(octets, s.ptr, s.len);
	octets[at] = value;
	capture_record(c, 0, 0, slice_make(octets, s.len));
}

/* Others' packets are skipped, what is ours and broken is told. */
static void test_others(void)
{
	static const struct capture_frame f = {.link = LINK_IPV4};
	struct capture c = fresh(true);

	capture_header(&c, true, LINK_IPV4);
	add_changed(&c, 9, 6, NULL);					/* TCP */
	add_changed(&c, 22, 0, NULL);					/* an answer of our port */
	add_changed(&c, 0, 0x45, "0204010000000000000000000000000000"); /* Um */
	add_changed(&c, 0, 0x45, "03000004000400000000000000000000");	/* version 3 */
	add_changed(&c, 0, 0x45, "0204");
	add_changed(&c, 0, 0x43, NULL); /* a header of three words */
	add_changed(&c, 6, 0x20, NULL); /* more fragments */
	add_changed(&c, 7, 0x05, NULL); /* a further one */
	add_changed(&c, 4, 0x01, NULL);
	add_changed(&c, 24, 0x7F, NULL); /* longer than IP says */
	capture_record(&c, 0, 0, slice_sub(select_mf(&f), 0, 50));
	is_told(&c,
		"exchange 0 2@93 0 " SELECT_MF "/612f\n"
		"fault 0 4@223 0 03000004000400000000000000000000/ GSMTAP of version 3 is not "
		"known\n"
		"fault 0 5@283 0 0204/ there is no GSMTAP header of version 2\n"
		"fault 0 6@329 0 43" IP_REST "00210000" SIM_SELECT "/ there is no whole IP "
		"packet in it\n"
		"fault 0 7@398 0 " SIM_SELECT "/ a fragment of a datagram: it is not put "
		"together\n"
		"fault 0 8@467 0 / a further fragment of that datagram\n"
		"exchange 1 9@536 0 " SELECT_MF "/612f\n"
		"fault 0 10@605 0 45" IP_REST "7f210000" SIM_SELECT
		"/ there is no whole IP packet in it\n"
		"fault 1 11@674 0 00a40004023f/ cut when it was captured: 3 octets are missing\n");
	CU_ASSERT_EQUAL(told_counts().skipped, 2);
	CU_ASSERT_STRING_EQUAL(told_card(0), "127.0.0.2:121");
}

/* A trace of all that there is, small. */
static struct capture small(bool is_pcap, bool little)
{
	struct capture_frame f = {.link = LINK_ETHERNET, .id = 1};
	struct capture c = fresh(little);

	if (is_pcap) {
		capture_header(&c, false, LINK_ETHERNET);
	} else {
		capture_section(&c);
		capture_interface(&c, LINK_ETHERNET, "lo", 6, 0);
	}
	for (unsigned i = 0; i < 6; i++) {
		struct slice packet;

		f.id++;
		f.sub_type = i ? GSMTAP_SIM_APDU : GSMTAP_SIM_ATR;
		packet = i ? select_mf(&f) : capture_sim(&f, test_unhex("3b9f"));
		if (is_pcap)
			capture_record(&c, 1700000000, i, packet);
		else
			capture_packet(&c, 0, i, packet, i % 2 ? "a remark" : NULL);
	}
	return c;
}

/* How many octets of the two texts are the same lines. */
static size_t same_lines(const char *a, const char *b)
{
	size_t n = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++) {
		if (a[i] == '\n')
			n = i + 1;
	}
	return n;
}

/* The lines of the events whose frames end before this octet of the trace. */
static size_t lines_before(const char *events, size_t at)
{
	size_t n = 0;

	for (const char *line = events; *line; line = strchr(line, '\n') + 1) {
		const char *next = strchr(line, '\n') + 1, *offset = strchr(next, '@');

		if ((offset ? strtoul(offset + 1, NULL, 10) : SIZE_MAX) > at)
			break;
		n = (size_t)(next - events);
	}
	return n;
}

static void test_cut(void)
{
	for (unsigned i = 0; i < 4; i++) {
		struct capture c = small(i & 1, i & 2);
		struct slice all = wbuf_slice(&c.w);
		char whole[8192];

		snprintf(whole, sizeof(whole), "%s", told_events(all, all.len, NULL));
		CU_ASSERT_EQUAL(told_counts().exchanges, 5);
		for (size_t n = 0; n < all.len; n++) {
			const char *got = told_events(slice_sub(all, 0, n), 61, NULL);
			size_t before = lines_before(whole, n);

			CU_ASSERT(same_lines(got, whole) >= before);
			CU_ASSERT(told_counts().faults <= 1);
			CU_ASSERT(!n || told_counts().faults || n <= 28 || got[before] == 0);
		}
		wbuf_free(&c.w);
	}
}

/* The octet is of the type of a block: one that nobody knows is passed over. */
static bool is_of_type(const char *whole, size_t at)
{
	for (const char *c = strchr(whole, '@'); c; c = strchr(c + 1, '@')) {
		size_t begin = strtoul(c + 1, NULL, 10);

		if (at >= begin && at < begin + 4)
			return true;
	}
	return false;
}

/* Each of the six frames is an event, or of no card. */
static bool is_accounted(void)
{
	struct told_counts n = told_counts();

	return n.exchanges + n.resets + n.pps + n.faults + n.skipped >= 6;
}

/* One octet is any other: what is before it is given, and most of what is behind it. */
static void test_changed(void)
{
	size_t lost = 0, tried = 0;

	for (unsigned i = 0; i < 4; i++) {
		struct capture c = small(i & 1, i & 2);
		struct slice all = wbuf_slice(&c.w);
		char whole[8192];

		snprintf(whole, sizeof(whole), "%s", told_events(all, all.len, NULL));
		for (size_t n = 0; n < 255 * all.len; n++) {
			size_t at = n / 255;
			uint8_t change = (uint8_t)(1 + n % 255);
			const char *got;

			/* in the last frames as in the first, a few bits are enough */
			if (at > 260 && change & (change - 1))
				continue;
			c.w.ptr[at] ^= change;
			got = told_events(all, 997, NULL);
			CU_ASSERT(same_lines(got, whole) >= lines_before(whole, at));
			/* one frame, and not in silence */
			CU_ASSERT(at < 60 || told_counts().exchanges >= 4);
			CU_ASSERT(at < 60 || is_accounted() || is_of_type(whole, at));
			lost += 5 - told_counts().exchanges;
			tried++;
			c.w.ptr[at] ^= change;
		}
		wbuf_free(&c.w);
	}
	printf("(%zu changes, %zu of %zu exchanges lost) ", tried, lost, 5 * tried);
	CU_ASSERT(lost < tried);
}

/* Octets are gone, or others stand between. */
static void test_shifted(void)
{
	static const uint8_t garbage[] = "\0\0\0\6\0\0\0\x60 and more";
	size_t lost = 0, tried = 0;

	for (unsigned i = 0; i < 8; i++) {
		struct capture c = small(i & 1, i & 2);
		struct slice all = wbuf_slice(&c.w);
		char whole[8192];

		snprintf(whole, sizeof(whole), "%s", told_events(all, all.len, NULL));
		for (size_t at = 0; at < all.len; at++) {
			struct wbuf w = wbuf_grow(1 << 16);
			size_t n = 1 + at % (sizeof(garbage) - 1);
			const char *got;

			wbuf_put(&w, slice_sub(all, 0, at));
			if (i & 4)
				wbuf_put(&w, slice_make(garbage, n));
			wbuf_put(&w, slice_sub(all, i & 4 ? at : at + n, all.len));
			got = told_events(wbuf_slice(&w), 61, NULL);
			CU_ASSERT(same_lines(got, whole) >= lines_before(whole, at));
			/* two frames at most are touched */
			CU_ASSERT(at < 60 || told_counts().exchanges >= 3);
			lost += 5 - told_counts().exchanges;
			tried++;
			wbuf_free(&w);
		}
		wbuf_free(&c.w);
	}
	printf("(%zu, %zu of %zu exchanges lost) ", tried, lost, 5 * tried);
	CU_ASSERT(lost < 2 * tried);
}

/* A block of two mebioctets is passed over, and what is behind it is read. */
static void test_long_block(void)
{
	static const struct capture_frame f = {.link = LINK_IPV4};
	struct capture c = {.little = true, .w = wbuf_grow(4 << 20)};
	size_t len = 2 << 20, n = 0;
	const char *events;

	capture_section(&c);
	capture_interface(&c, LINK_IPV4, "lo", 0, 0);
	capture_u32(&c, BLOCK_NAMES);
	capture_u32(&c, (uint32_t)len);
	wbuf_fill(&c.w, 0x11, len - 12);
	capture_u32(&c, (uint32_t)len);
	n = c.w.len;
	capture_packet(&c, 0, 0, select_mf(&f), NULL);
	events = told_events(wbuf_slice(&c.w), 4096, NULL);
	CU_ASSERT_EQUAL(told_counts().faults, 1);
	CU_ASSERT_EQUAL(told_counts().exchanges, 1);
	CU_ASSERT_EQUAL(
		n, strtoul(strstr(events, "exchange 0 1@") + strlen("exchange 0 1@"), NULL, 10));
	wbuf_free(&c.w);
}

TEST_SUITE(capture, {"links", test_links}, {"blocks", test_blocks}, {"sub-types", test_sub_types},
	   {"senders are cards", test_senders}, {"one datagram twice", test_twice},
	   {"others' packets", test_others}, {"cut anywhere", test_cut},
	   {"any octet changed", test_changed}, {"octets gone or between", test_shifted},
	   {"a long block", test_long_block})
