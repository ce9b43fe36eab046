/* the terminal's T=0: 61xx, 6Cxx, channels, proactive commands */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/uicc/command.h"
#include "lib/uicc/atr.h"
#include "lib/uicc/fid.h"
#include "host/terminal/kra.h"
#include "host/terminal/usim.h"
#include "lib/uicc/command.h"
#include "tests/unit/support/script.h"
#include "tool/sys/cancel.h"

static const uint8_t aid[] = {0xF0, 0x01};

/* Sends one command to a card that plays text; response and status word to the outputs. */
static enum err send_to(const char *text, const char *head, const char *data, unsigned le,
			struct slice *response, uint16_t *sw)
{
	static uint8_t octets[1024];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct script s = {.text = text};
	struct uicc *u = script_uicc(&s);
	struct slice h = test_unhex(head);
	struct apdu a = {.cla = slice_at(h, 0),
			 .ins = slice_at(h, 1),
			 .p1 = slice_at(h, 2),
			 .p2 = slice_at(h, 3),
			 .data = test_unhex(data),
			 .le = (uint16_t)le};
	enum err e = uicc_send(u, &a, &w, sw);

	CU_ASSERT_TRUE(script_done(&s));
	uicc_close(&u);
	*response = wbuf_slice(&w);
	return e;
}

static void test_t0(void)
{
	static const struct {
		const char *text, *head, *data;
		unsigned le;
		const char *response;
		uint16_t sw;
	} rows[] = {
		{"> 00a4000402 3f00\n< 6102\n> 00c0000002\n< 62009000", "00a40004", "3f00", 256,
		 "6200", 0x9000},
		{"> 00b0000000\n< 6c02\n> 00b0000002\n< abcd9000", "00b00000", "", 256, "abcd",
		 0x9000},
		{"> 0070800100\n< 9000", "00708001", "", 0, "", 0x9000},
		/* the pieces of a long answer; 6100 is 256 octets */
		{"> 81e2910001 00\n< 6102\n> 01c0000002\n< aabb6101\n> 01c0000001\n< cc9108",
		 "81e29100", "00", 256, "aabbcc", 0x9108},
		/* a warning comes before the answer, which is fetched; a search has none then */
		{"> 00a4000402 6f07\n< 6283\n> 00c0000000\n< 6c02\n> 00c0000002\n< 62009000",
		 "00a40004", "6f07", 256, "6200", 0x6283},
		{"> 01a4000402 6f07\n< 6283\n> 01c0000000\n< 6f00", "01a40004", "6f07", 256, "",
		 0x6283},
		{"> 00a4000c02 6f07\n< 6283", "00a4000c", "6f07", 0, "", 0x6283},
		{"> 00a2010401 aa\n< 6282", "00a20104", "aa", 256, "", 0x6282},
		{"> 00a4000402 7fff\n< 6a82", "00a40004", "7fff", 256, "", 0x6A82},
		/* 9Fxx means data in class A0 only */
		{"> a0a4000002 3f00\n< 9f02\n> a0c0000002\n< 01029000", "a0a40000", "3f00", 0,
		 "0102", 0x9000},
		{"> 00a4000402 3f00\n< 9f02", "00a40004", "3f00", 256, "", 0x9F02},
		{"> 00a4000402 3f00\n< 6104\n> 00c0000004\n< 6c02\n> 00c0000002\n< 62009000",
		 "00a40004", "3f00", 256, "6200", 0x9000},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice response;
		uint16_t sw;

		ASSERT_ERR(send_to(rows[i].text, rows[i].head, rows[i].data, rows[i].le, &response,
				   &sw),
			   ERR_OK);
		CU_ASSERT_EQUAL(sw, rows[i].sw);
		ASSERT_OCTETS(response, test_unhex(rows[i].response), rows[i].text);
	}
}

#define SHORT_T1    false, true
#define EXTENDED_T1 true, true
#define SHORT_T0    false, false

/* ISO 7816-3 12.1: whole APDUs, and the long form where it is needed or wished. */
static void test_t1(void)
{
	static const struct {
		const char *what;
		bool extended, apdu_level, wished;
		const char *text;
		size_t data;
		unsigned le;
		enum err e;
	} rows[] = {
		{"case 1", SHORT_T1, false, "> 00a40004\n< 9000", 0, 0, ERR_OK},
		{"case 2", SHORT_T1, false, "> 00a4000400\n< 62009000", 0, 256, ERR_OK},
		{"case 3", SHORT_T1, false, "> 00a40004020000\n< 9000", 2, 0, ERR_OK},
		{"case 4", SHORT_T1, false, "> 00a4000402000000\n< 62009000", 2, 256, ERR_OK},
		{"announced all the same", SHORT_T1, false,
		 "> 00a4000402000000\n< 6102\n> 00c0000002\n< 62009000", 2, 256, ERR_OK},
		{"an Le of 6Cxx", SHORT_T1, false,
		 "> 00a4000402000005\n< 6c02\n> 00a4000402000002\n< 62009000", 2, 5, ERR_OK},
		{"a wish without the means", SHORT_T1, true, "> 00a4000402000000\n< 62009000", 2,
		 256, ERR_OK},
		{"Le 257 without the means", SHORT_T1, false, "", 2, 257, ERR_LENGTH},
		{"256 octets without the means", SHORT_T1, false, "", 256, 0, ERR_LENGTH},
		{"under T=0", SHORT_T0, true, "> 00a40004020000\n< 9000", 2, 0, ERR_OK},
		{"under T=0, Le 257", SHORT_T0, false, "", 0, 257, ERR_LENGTH},
		{"short as long as that does", EXTENDED_T1, false, "> 00a4000402000000\n< 62009000",
		 2, 256, ERR_OK},
		{"extended by wish", EXTENDED_T1, true, "> 00a400040000020000 0100\n< 62009000", 2,
		 256, ERR_OK},
		{"Le 257", EXTENDED_T1, false, "> 00a40004 000101\n< 62009000", 0, 257, ERR_OK},
		{"Le 65536", EXTENDED_T1, false, "> 00a40004 000000\n< 62009000", 0, 65536, ERR_OK},
		{"data and Le 65536", EXTENDED_T1, false, "> 00a40004 000002 0000 0000\n< 62009000",
		 2, 65536, ERR_OK},
		{"more than 65536", EXTENDED_T1, false, "", 0, 65537, ERR_LENGTH},
	};
	static const uint8_t zeros[300];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct script s = {.text = rows[i].text,
				   .apdu_level = rows[i].apdu_level,
				   .extended = rows[i].extended};
		struct uicc *u = script_uicc(&s);
		struct apdu a = command_apdu(COMMAND_SELECT, 0);
		uint16_t sw;

		a.p2 = SELECT_RETURN_FCP;
		a.data = slice_make(zeros, rows[i].data);
		a.le = rows[i].le;
		a.extended = rows[i].wished;
		ASSERT_ERR(uicc_send(u, &a, NULL, &sw), rows[i].e);
		CU_ASSERT_EQUAL(sw, rows[i].e ? 0 : SW_OK);
		CU_ASSERT_TRUE(script_done(&s));
		uicc_close(&u);
	}
}

#define FCP_OF_300 "620f 8202 4121 8302 6f07 8002 012c 8a01 05"
#define OCTETS_10  "00010203040506070809"
#define OCTETS_100                                                                                 \
	OCTETS_10 OCTETS_10 OCTETS_10 OCTETS_10 OCTETS_10 OCTETS_10 OCTETS_10 OCTETS_10 OCTETS_10  \
		OCTETS_10

/* A file of 300 octets: at once where that can be had, and in pieces where it is refused. */
static void test_long_file(void)
{
	static const char *const texts[] = {
		"> 00a4000402 6f07 00\n< " FCP_OF_300
		" 9000\n> 00b00000 00 012c\n< " OCTETS_100 OCTETS_100 OCTETS_100 " 9000",
		"> 00a4000402 6f07 00\n< " FCP_OF_300 " 9000\n> 00b00000 00 012c\n< 6700\n"
		"> 00b00000 ff\n< " OCTETS_100 OCTETS_100 OCTETS_10 OCTETS_10 OCTETS_10 OCTETS_10
			OCTETS_10 "0001020304 9000\n"
		"> 00b000ff 2d\n< 0506070809" OCTETS_10 OCTETS_10 OCTETS_10 OCTETS_10 " 9000",
	};
	struct slice hundred = test_unhex(OCTETS_100);

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct script s = {.text = texts[i], .apdu_level = true, .extended = true};
		struct uicc *u = script_uicc(&s);
		struct wbuf out = wbuf_grow(1024);

		ASSERT_ERR(usim_read_binary(u, FID_IMSI, &out), ERR_OK);
		CU_ASSERT_EQUAL(out.len, 300);
		for (size_t n = 0; n < 3; n++)
			ASSERT_OCTETS(slice_sub(wbuf_slice(&out), 100 * n, 100), hundred, "piece");
		CU_ASSERT_TRUE(script_done(&s));
		wbuf_free(&out);
		uicc_close(&u);
	}
}

/* Cards that answer nonsense: an error, and never for ever. */
static void test_garbage(void)
{
	static const struct {
		const char *text;
		enum err e;
	} rows[] = {
		{"> 00b0000000\n<", ERR_DISCONNECTED},
		{"> 00b0000000\n< 90", ERR_PROTOCOL},
		{"> 00b0000000\n< 6c01\n> 00b0000001\n< 6c02\n> 00b0000002\n< 6c03", ERR_PROTOCOL},
		{"> 00b0000000\n< aa6c01", ERR_PROTOCOL},
		{"> 00b0000000\n< 6102\n> 00c0000002\n< 6102", ERR_PROTOCOL},
		{"> 00b0000000\n< 6102\n> 00c0000002\n<", ERR_DISCONNECTED},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice response;
		uint16_t sw;

		ASSERT_ERR(send_to(rows[i].text, "00b00000", "", 256, &response, &sw), rows[i].e);
	}
}

static enum err endless_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	static const uint8_t more[] = {0xAA, 0x61, 0x01};

	(void)t, (void)command;
	wbuf_put(response, SLICE_OF(more));
	return ERR_OK;
}

static enum err plain_reset(struct transport *t, struct slice *atr)
{
	static const uint8_t octets[] = {0x3B, 0x00};

	(void)t;
	*atr = SLICE_OF(octets);
	return ERR_OK;
}

static void nothing(struct transport *t)
{
	(void)t;
}

/* A card is asked nothing more when its own token has a wish. */
static void test_wish(void)
{
	static const struct transport_ops ops = {.kind = "endless",
						 .reset = plain_reset,
						 .transmit = endless_transmit,
						 .close = nothing};
	struct cancel wished = {0}, other = {0};
	struct transport t[2] = {{.ops = &ops, .cancel = &wished}, {.ops = &ops, .cancel = &other}};
	const uint8_t command[] = {0x00, 0xB0, 0x00, 0x00, 0x01};
	uint8_t mem[16];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct uicc *u[2];

	for (size_t i = 0; i < ARRAY_LEN(u); i++)
		CU_ASSERT_FATAL(uicc_open(&t[i], &u[i]) == ERR_OK);
	cancel_wish(&wished);
	ASSERT_ERR(uicc_raw(u[0], SLICE_OF(command), &w), ERR_CANCELLED);
	ASSERT_ERR(uicc_reset(u[0]), ERR_CANCELLED);
	CU_ASSERT_EQUAL(w.len, 0);
	ASSERT_ERR(uicc_raw(u[1], SLICE_OF(command), &w), ERR_OK);
	ASSERT_ERR(uicc_reset(u[1]), ERR_OK);
	CU_ASSERT_PTR_EQUAL(uicc_cancel(u[1]), &other);
	for (size_t i = 0; i < ARRAY_LEN(u); i++)
		uicc_close(&u[i]);
}

static void test_endless_data(void)
{
	static const struct transport_ops ops = {.kind = "endless",
						 .reset = plain_reset,
						 .transmit = endless_transmit,
						 .close = nothing};
	struct transport t = {.ops = &ops};
	struct apdu a = command_apdu(COMMAND_READ_BINARY, 0);
	struct uicc *u;
	uint16_t sw;

	a.le = 1;
	ASSERT_ERR(uicc_open(&t, &u), ERR_OK);
	ASSERT_ERR(uicc_send(u, &a, NULL, &sw), ERR_PROTOCOL);
	uicc_close(&u);
}

static void test_channels(void)
{
	struct script s = {.text = "> 0070000001\n< 019000\n> 01a4040002 f001\n< 9000\n"
				   "> 0070800100\n< 9000\n"
				   "> 0070000001\n< 6881\n> 00a4040002 f001\n< 6a82\n"
				   "> 0070000001\n< 029000\n> 02a4040002 f001\n< 6a82\n"
				   "> 0070800200\n< 9000\n"
				   "> 0070000001\n< 009000\n"
				   "> 0070000001\n< 049000\n> 40a4040002 f001\n< 9000\n"};
	struct uicc *u = script_uicc(&s);
	unsigned channel;
	uint16_t sw;

	ASSERT_ERR(uicc_channel_open(u, SLICE_OF(aid), &channel, NULL, &sw), ERR_OK);
	CU_ASSERT_EQUAL(channel, 1);
	ASSERT_ERR(uicc_channel_close(u, channel), ERR_OK);
	ASSERT_ERR(uicc_channel_open(u, SLICE_OF(aid), &channel, NULL, &sw), ERR_CARD);
	CU_ASSERT_EQUAL(uicc_last_sw(u), SW_FILE_NOT_FOUND);
	CU_ASSERT_STRING_EQUAL(uicc_last_step(u), "SELECT on the basic channel");
	ASSERT_ERR(uicc_channel_open(u, SLICE_OF(aid), &channel, NULL, &sw), ERR_CARD);
	CU_ASSERT_EQUAL(uicc_last_sw(u), SW_FILE_NOT_FOUND);
	ASSERT_ERR(uicc_channel_open(u, SLICE_OF(aid), &channel, NULL, &sw), ERR_PROTOCOL);
	ASSERT_ERR(uicc_channel_open(u, SLICE_OF(aid), &channel, NULL, &sw), ERR_OK);
	CU_ASSERT_EQUAL(channel, 4);
	CU_ASSERT_TRUE(script_done(&s));
	uicc_close(&u);
}

/* TS 102 221 8.7: a card need not have channels, nor serve one that it gave; then the basic one is.
 */
static void test_basic_channel(void)
{
	static const char *const texts[] = {
		"> 0070000001\n< 6a81\n", /* none free, or none at all */
		"> 0070000001\n< 6d00\n",
		"> 0070000001\n< 6e00\n",
		"> 0070000001\n< 019000\n> 01a4040002 f001\n< 6881\n> 0070800100\n< 9000\n",
		"> 0070000001\n< 019000\n> 01a4040002 f001\n< 6e00\n> 0070800100\n< 6881\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char text[256];
		struct script s = {.text = text};
		unsigned channel = 7;
		struct uicc *u;
		uint16_t sw;

		snprintf(text, sizeof(text), "%s> 00a4040002 f001\n< 9000\n", texts[i]);
		u = script_uicc(&s);
		ASSERT_ERR(uicc_channel_open(u, SLICE_OF(aid), &channel, NULL, &sw), ERR_OK);
		CU_ASSERT_EQUAL(channel, 0);
		ASSERT_ERR(uicc_channel_close(u, channel), ERR_OK); /* nothing is sent */
		CU_ASSERT_TRUE(script_done(&s));
		uicc_close(&u);
	}
}

struct counter {
	struct transport base;
	unsigned blocks;
	size_t octets;
	uint8_t last_p1, last_p2;
};

static enum err count_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	struct counter *c = (struct counter *)t;
	struct apdu a;

	ASSERT_ERR(apdu_parse(command, &a), ERR_OK);
	CU_ASSERT_EQUAL(a.p2, (uint8_t)c->blocks);
	CU_ASSERT_EQUAL(a.cla, 0x82);
	c->blocks++;
	c->octets += a.data.len;
	c->last_p1 = a.p1;
	wbuf_u16(response, SW_OK);
	return ERR_OK;
}

static void test_store_data(void)
{
	static const struct transport_ops ops = {.kind = "count",
						 .reset = plain_reset,
						 .transmit = count_transmit,
						 .close = nothing};
	static const struct {
		size_t len;
		unsigned blocks;
	} rows[] = {{0, 1}, {1, 1}, {254, 1}, {255, 1}, {256, 2}, {510, 2}, {511, 3}, {65280, 256}};
	static uint8_t octets[65281];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct counter c = {.base = {.ops = &ops}};
		struct uicc *u;
		uint16_t sw;

		ASSERT_ERR(uicc_open(&c.base, &u), ERR_OK);
		ASSERT_ERR(uicc_store_data(u, 2, slice_make(octets, rows[i].len), NULL, &sw),
			   ERR_OK);
		CU_ASSERT_EQUAL(c.blocks, rows[i].blocks);
		CU_ASSERT_EQUAL(c.octets, rows[i].len);
		CU_ASSERT_EQUAL(c.last_p1, 0x91);
		ASSERT_ERR(uicc_store_data(u, 2, SLICE_OF(octets), NULL, &sw), ERR_LENGTH);
		uicc_close(&u);
	}
}

static void test_proactive(void)
{
	static const struct {
		const char *text;
		enum err e;
		bool refreshed;
	} rows[] = {
		/* REFRESH: UICC reset has no TERMINAL RESPONSE, file change has no reset */
		{"> 801200000b\n< d009 8103010104 82028182 9000\n! reset", ERR_OK, true},
		{"> 801200000b\n< d009 8103010101 82028182 9000\n"
		 "> 801400000c 8103010101 82028281 830100\n< 9000",
		 ERR_OK, false},
		/* PROVIDE LOCAL INFORMATION: beyond this terminal; then a REFRESH */
		{"> 801200000b\n< d009 8103012600 82028182 9000\n"
		 "> 801400000c 8103012600 82028281 830130\n< 910b\n"
		 "> 801200000b\n< d009 8103010104 82028182 9000\n! reset",
		 ERR_OK, true},
		{"> 801200000b\n< 9000", ERR_PROTOCOL, false},
		{"> 801200000b\n< d0058103010104 9000\n! reset", ERR_OK, true},
		{"> 801200000b\n< 6f00", ERR_CARD, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct script s = {.text = rows[i].text};
		struct uicc *u = script_uicc(&s);
		bool refreshed;

		ASSERT_ERR(uicc_proactive(u, 0x910B, &refreshed), rows[i].e);
		CU_ASSERT_EQUAL(refreshed, rows[i].refreshed);
		CU_ASSERT_TRUE(script_done(&s));
		uicc_close(&u);
	}
}

/* A channel from before still answers: the card has seen no reset. */
static void test_reset_missed(void)
{
	static const struct {
		const char *status;
		enum uicc_refresh refresh;
	} rows[] = {
		{"9000", UICC_RESET_MISSED}, {"6881", UICC_RESET}, {"6882", UICC_RESET},
		{"6e00", UICC_RESET},	     {"6f00", UICC_RESET},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[256];
		struct script s = {.text = text};
		struct uicc *u;
		unsigned channel;
		bool refreshed;

		snprintf(text, sizeof(text),
			 "> 0070000001\n< 019000\n> 801200000b\n< d009 8103010104 82028182 9000\n"
			 "! reset\n> 81f2000c00\n< %s\n",
			 rows[i].status);
		u = script_uicc(&s);
		CU_ASSERT_EQUAL(uicc_refresh(u), UICC_NOT_RESET);
		ASSERT_ERR(uicc_channel_take(u, &channel), ERR_OK);
		ASSERT_ERR(uicc_proactive(u, 0x910B, &refreshed), ERR_OK);
		CU_ASSERT_EQUAL(uicc_refresh(u), rows[i].refresh);
		CU_ASSERT_EQUAL(refreshed, rows[i].refresh == UICC_RESET);
		CU_ASSERT_TRUE(script_done(&s));
		ASSERT_ERR(uicc_proactive(u, SW_OK, &refreshed), ERR_OK);
		CU_ASSERT_EQUAL(uicc_refresh(u), UICC_NOT_RESET);
		uicc_close(&u);
	}
}

static void test_authenticate(void)
{
	static const char ask[] = "> 0088008122 10 00000000000000000000000000000000 10 "
				  "00000000000000000000000000000000\n";
	static const struct {
		const char *answer;
		enum err e;
		enum usim_outcome outcome;
		size_t res_len;
		bool kc;
	} rows[] = {
		{"db 08 0102030405060708 10 11111111111111111111111111111111 10 "
		 "22222222222222222222222222222222 08 3333333333333333 9000",
		 ERR_OK, USIM_SUCCESS, 8, true},
		{"db 04 01020304 10 11111111111111111111111111111111 10 "
		 "22222222222222222222222222222222 9000",
		 ERR_OK, USIM_SUCCESS, 4, false},
		{"dc 0e 0102030405060708090a0b0c0d0e 9000", ERR_OK, USIM_SYNC_FAILURE, 0, false},
		{"9862", ERR_OK, USIM_MAC_FAILURE, 0, false},
		{"6982", ERR_CARD, USIM_SUCCESS, 0, false},
		{"9000", ERR_PROTOCOL, USIM_SUCCESS, 0, false},
		{"dc 0d 0102030405060708090a0b0c0d 9000", ERR_PROTOCOL, USIM_SUCCESS, 0, false},
		{"dc 0e 0102030405060708090a0b0c0d0e 00 9000", ERR_PROTOCOL, USIM_SUCCESS, 0,
		 false},
		{"db 11 0102030405060708090a0b0c0d0e0f1011 9000", ERR_PROTOCOL, USIM_SUCCESS, 0,
		 false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[512];
		struct script s = {.text = text};
		struct uicc *u = script_uicc(&s);
		struct usim_answer a;
		uint8_t zero[16] = {0};

		snprintf(text, sizeof(text), "%s< %s", ask, rows[i].answer);
		ASSERT_ERR(usim_authenticate(u, zero, zero, &a), rows[i].e);
		if (!rows[i].e) {
			CU_ASSERT_EQUAL(a.outcome, rows[i].outcome);
			CU_ASSERT_EQUAL(a.res_len, rows[i].res_len);
			CU_ASSERT_EQUAL(a.has_kc, rows[i].kc);
		}
		CU_ASSERT_TRUE(script_done(&s));
		uicc_close(&u);
	}
}

static void test_files(void)
{
	struct script s = {.text = "> 00a4000402 3f00\n< 9000\n"
				   "> 00a4000402 2fe2\n< 6209 8202 4121 8002 000a 8801109000\n"};
	struct script good = {.text = "> 00a4000402 3f00\n< 9000\n> 00a4000402 2fe2\n"
				      "< 6208 8202 4121 8002 000a 9000\n"
				      "> 00b000000a\n< 98001032547698103214 9000\n"
				      "> 00a4000402 6f07\n< 6208 8202 4121 8002 0009 9000\n"
				      "> 00b0000009\n< 080910101032547698 9000\n"
				      "> 00a4000402 6f07\n< 6208 8202 4121 8002 0009 9000\n"
				      "> 00b0000009\n< 090910101032547698 9000\n"};
	struct script no_size = {.text = "> 00a4000402 3f00\n< 9000\n> 00a4000402 2fe2\n"
					 "< 6204 8202 4121 9000\n"};
	struct uicc *u = script_uicc(&s);
	char iccid[USIM_ICCID_MAX + 1], imsi[USIM_IMSI_MAX + 1];

	ASSERT_ERR(usim_read_iccid(u, iccid), ERR_PROTOCOL);
	uicc_close(&u);
	u = script_uicc(&no_size);
	ASSERT_ERR(usim_read_iccid(u, iccid), ERR_PROTOCOL);
	uicc_close(&u);
	u = script_uicc(&good);
	ASSERT_ERR(usim_read_iccid(u, iccid), ERR_OK);
	CU_ASSERT_STRING_EQUAL(iccid, "89000123456789012341");
	ASSERT_ERR(usim_read_imsi(u, imsi), ERR_OK);
	CU_ASSERT_STRING_EQUAL(imsi, "001010123456789");
	ASSERT_ERR(usim_read_imsi(u, imsi), ERR_PROTOCOL);
	CU_ASSERT_TRUE(script_done(&good));
	uicc_close(&u);
}

#define EID_HEX	  "89049032123451234512345678901235"
#define ICCID_HEX "98001032547698103214"

static void test_kra_status(void)
{
	static const struct {
		const char *answer;
		enum err e;
	} rows[] = {
		{"bf7027 8010" EID_HEX "810a" ICCID_HEX "820101 830102 840101", ERR_OK},
		{"bf701b 8010" EID_HEX "820100 830100 840100", ERR_OK},
		{"bf701b 8010" EID_HEX "820100 830104 840100", ERR_PROTOCOL}, /* no such state */
		{"bf701b 8010" EID_HEX "820100 830100 840103", ERR_PROTOCOL},
		{"bf7018 8010" EID_HEX "820100 830100", ERR_PROTOCOL},
		{"bf701a 800f"
		 "890490321234512345123456789012"
		 "820100 830100 840100",
		 ERR_PROTOCOL},
		{"bf701b 8010" EID_HEX "820100 830100 840100 00", ERR_PROTOCOL},
		{"bf7100", ERR_PROTOCOL},
		{"", ERR_PROTOCOL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[256];
		struct script s = {.text = text};
		struct uicc *u = script_uicc(&s);
		struct kra k = {.u = u, .channel = 1};
		struct kra_status status;

		snprintf(text, sizeof(text), "> 81e2910003bf7000\n< %s 9000\n", rows[i].answer);
		ASSERT_ERR(kra_ask_status(&k, &status), rows[i].e);
		if (i == 0) {
			CU_ASSERT_EQUAL(status.state, KRA_STATE_SEALED);
			CU_ASSERT_EQUAL(status.key_id, 1);
			CU_ASSERT_TRUE(status.has_iccid);
		}
		CU_ASSERT_TRUE(script_done(&s));
		uicc_close(&u);
	}
}

static void test_kra_relay(void)
{
	struct script s = {
		.text = "> 0070000001\n< 019000\n> 01a4040009 f05457494e4b455901\n< 6a82\n"
			"> 0070800100\n< 9000\n"
			"> 81e291000f bf710c 800a" ICCID_HEX "\n< 6106\n"
			"> 01c0000006\n< bf7103 800103 9000\n"
			"> 81e2910003 bf7200\n< bf7200 910b\n"
			"> 81e2910003 bf7200\n< 6985\n"};
	struct uicc *u = script_uicc(&s);
	uint8_t octets[64];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct kra k = {.u = u, .channel = 1}, none;

	ASSERT_ERR(kra_open(u, &none), ERR_NOT_FOUND);
	ASSERT_ERR(kra_ask_challenge(&k, test_unhex(ICCID_HEX).ptr, &w), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&w), test_unhex("bf7103800103"), "challenge");
	wbuf_reset(&w);
	ASSERT_ERR(kra_hand_grant(&k, test_unhex("bf7200"), &w), ERR_OK);
	CU_ASSERT_EQUAL(k.sw, 0x910B);
	ASSERT_ERR(kra_hand_grant(&k, test_unhex("bf7200"), &w), ERR_CARD);
	CU_ASSERT_EQUAL(uicc_last_sw(u), SW_CONDITIONS);
	CU_ASSERT_TRUE(script_done(&s));
	uicc_close(&u);
}

static void test_atr(void)
{
	struct slice raw = test_unhex("3b9f96801fc78031a073be21136743200718000001a5");
	struct atr a;

	ASSERT_ERR(atr_parse(raw, &a), ERR_OK);
	CU_ASSERT_EQUAL(a.protocols, 1u << 0 | 1u << 15);
	CU_ASSERT_EQUAL(a.ta1, 0x96);
	CU_ASSERT_EQUAL(a.historical.len, 15);
	for (size_t n = 0; n < raw.len; n++)
		CU_ASSERT_NOT_EQUAL(atr_parse(slice_sub(raw, 0, n), &a), ERR_OK);
	ASSERT_ERR(atr_parse(test_unhex("3b00"), &a), ERR_OK);
	CU_ASSERT_EQUAL(a.protocols, 1);
	ASSERT_ERR(atr_parse(test_unhex("3b0000"), &a), ERR_TRAILING);
	ASSERT_ERR(atr_parse(test_unhex("4b00"), &a), ERR_ENCODING);
	ASSERT_ERR(atr_parse(test_unhex("3b9f96801fc78031a073be21136743200718000001a4"), &a),
		   ERR_MAC);
	ASSERT_ERR(atr_parse(test_unhex("3b808080808080808080808080"), &a), ERR_ENCODING);
}

TEST_SUITE(uicc, {"the basic channel", test_basic_channel}, {"T=0: 61xx, 6Cxx, 9Fxx", test_t0},
	   {"T=1: case 4 has Le", test_t1}, {"a file of 300 octets", test_long_file},
	   {"nonsense from cards", test_garbage}, {"a wish to stop", test_wish},
	   {"endless data", test_endless_data}, {"logical channels", test_channels},
	   {"STORE DATA chains", test_store_data}, {"proactive commands", test_proactive},
	   {"a reset that the card has not seen", test_reset_missed},
	   {"AUTHENTICATE answers", test_authenticate}, {"ICCID and IMSI", test_files},
	   {"ATR", test_atr}, {"the key-release application's status", test_kra_status},
	   {"challenge and grant pass through", test_kra_relay})
