/* whole APDUs, as T=1 and T=CL carry them, and what a card says of itself then */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/uicc/apdu.h"
#include "lib/uicc/atr.h"
#include "tests/unit/support/card_fixture.h"

#define FCP "621d8202782183023f00a5038001718a01058b032f060ec60690018083010190"
#define T1  (1u << CARD_T1)
#define TCL (1u << CARD_TCL)

static const struct {
	unsigned of; /* cards of these protocols */
	const char *what, *command, *answer;
} exchanges[] = {
	/* TS 102 221 7.3.2.1, ISO 7816-3 12.1 */
	{T1 | TCL, "case 4: the answer at once", "00a40004023f0000", FCP "00"},
	{T1 | TCL, "case 4, more than there is", "00a40004023f00ff", FCP "00"},
	{T1 | TCL, "case 4, fewer octets than there are", "00a40004023f0005", "621d820278611a"},
	{T1 | TCL, "and the rest of them", "00c000001a",
	 "2183023f00a5038001718a01058b032f060ec6069001808301019000"},
	{T1 | TCL, "no Le: it says that there are some", "00a40004023f00", "611f"},
	{T1 | TCL, "and GET RESPONSE without a number takes them", "00c0000000", FCP "00"},
	{T1 | TCL, "then nothing waits", "00c0000000", "6f00"},
	{T1 | TCL, "no Le, no answer", "00a4000c022fe2", "9000"},
	{T1 | TCL, "case 2, all that there is", "00b0000000", "980010325476981032149000"},
	{T1 | TCL, "case 2, three of them", "00b0000003", "9800109000"},
	{T1 | TCL, "case 2, one too many", "00b000000b", "6c0a"},
	{T1 | TCL, "case 2 without Le", "00b00000", "610a"},
	{T1 | TCL, "more than waits", "00c000000b", "6c0a"},
	{T1 | TCL, "as much as waits", "00c000000a", "980010325476981032149000"},
	{T1 | TCL, "case 1 asks for nothing", "80f2000c", "9000"},
	{T1 | TCL, "a channel without Le", "00700000", "6700"},
	{T1 | TCL, "a channel", "0070000000", "019000"},
	{T1 | TCL, "SELECT of a DF", "00a4000c027f10", "9000"},
	{T1 | TCL, "its parent: case 2 of SELECT", "00a4030400", FCP "00"},
	{T1 | TCL, "and without an answer: case 1", "00a4000c", "9000"},
	{T1 | TCL, "case 4 that is refused", "00a40004026f9900", "6a82"},
	{T1 | TCL, "of the 2G class it is as under T=0", "a0a40000023f00", "9f16"},
	{T1 | TCL, "no command", "00a4", "6700"},
	{T1 | TCL, "more than it says", "00a40004023f000000", "6700"},
	/* ISO 7816-3 12.1.3 */
	{T1 | TCL, "EF.ICCID", "00a4000c022fe2", "9000"},
	{T1, "an extended Le", "00b0000000000a", "980010325476981032149000"},
	{T1, "an extended Le of zeros", "00b00000000000", "980010325476981032149000"},
	{T1, "one that is too long", "00b0000000000b", "6c0a"},
	{T1, "one that is short", "00b00000000003", "9800109000"},
	{T1, "an extended Lc", "00a4000c0000023f00", "9000"},
	{T1, "both", "00a400040000023f000000", FCP "00"},
	{T1, "both, fewer octets than there are", "00a400040000023f000005", "621d820278611a"},
	{T1, "the rest, by an extended Le", "00c00000000000",
	 "2183023f00a5038001718a01058b032f060ec6069001808301019000"},
	{T1, "an extended Lc without Le", "00a400040000023f00", "611f"},
	{T1, "an extended Lc of zeros", "00a4000c0000003f00", "6700"},
	{T1, "more data than Lc says", "00a4000c0000023f000000ff", "6700"},
	{T1, "half an Le", "00a400040000023f0000", "6700"},
	{T1, "half an Le alone", "00b000000000", "6700"},
	{T1, "2G knows none", "a0a400000000023f00", "6700"},
	{TCL, "an extended Le is refused", "00b0000000000a", "6700"},
	{TCL, "an extended Lc is refused", "00a4000c0000023f00", "6700"},
};

static struct slice transmit(struct card *card, const char *hex, struct wbuf *out)
{
	uint8_t octets[32];
	struct wbuf command = wbuf_init(octets, sizeof(octets));

	wbuf_cut(out, 0);
	ASSERT_ERR(hex_decode(hex, &command), ERR_OK);
	ASSERT_ERR(card_transmit(card, wbuf_slice(&command), out), ERR_OK);
	return wbuf_slice(out);
}

static void test_exchanges(void)
{
	static const enum card_protocol kinds[] = {CARD_T1, CARD_TCL};
	const char *dir;
	struct card *card = fixture_card(FIXTURE_SIM, &dir);

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		card_close(&card);
		card = fixture_reopen_as(dir, kinds[k]);
		for (size_t i = 0; i < ARRAY_LEN(exchanges); i++) {
			struct wbuf out = wbuf_grow(CARD_ANSWER_MAX);

			if (exchanges[i].of >> kinds[k] & 1)
				ASSERT_OCTETS(transmit(card, exchanges[i].command, &out),
					      test_unhex(exchanges[i].answer), exchanges[i].what);
			wbuf_free(&out);
		}
	}
	card_close(&card);
}

/* All that an extended Le can ask for, by a link whose frames have one octet less. */
static void test_longest(void)
{
	const char *dir;
	struct card *card = fixture_card(NULL, &dir);
	struct wbuf out = wbuf_grow(CARD_ANSWER_MAX);
	struct slice got;

	card_close(&card);
	card = fixture_reopen_as(dir, CARD_T1);
	got = transmit(card, "00840000000000", &out);
	CU_ASSERT_EQUAL(got.len, CARD_ANSWER_MAX);
	ASSERT_OCTETS(slice_sub(got, got.len - 2, 2), test_unhex("6103"), "three are left");
	got = transmit(card, "00c0000003", &out);
	CU_ASSERT_EQUAL(got.len, 5);
	ASSERT_OCTETS(slice_sub(got, 3, 2), test_unhex("9000"), "and come");
	got = transmit(card, "00840000000200", &out);
	CU_ASSERT_EQUAL(got.len, 0x202);
	got = transmit(card, "0084000000", &out);
	CU_ASSERT_EQUAL(got.len, 0x102);
	wbuf_free(&out);
	card_close(&card);
}

#define HISTORICAL(third) "8031e073fe21" third "575457494e4b4559"

/* ISO 7816-3 8.2, 11.4; TS 102 221 6.3; PC/SC part 3 3.1.3.2.3.1 */
static void test_atr(void)
{
	static const struct {
		enum card_protocol protocol;
		const char *atr;
		uint32_t protocols;
		bool extended, contactless;
	} rows[] = {
		{CARD_T0, "3b9f96801fc7" HISTORICAL("13") "bb", 1u | 1u << 15, false, false},
		{CARD_T1, "3b9f9681b1fe451fc7" HISTORICAL("53") "f0", 1u << 1 | 1u << 15, true,
		 false},
		{CARD_TCL, "3b8f8001" HISTORICAL("13") "e4", 1u | 1u << 1, false, true},
	};
	const char *dir;
	struct card *card = fixture_card(NULL, &dir);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice raw;
		struct atr a;

		card_close(&card);
		card = fixture_reopen_as(dir, rows[i].protocol);
		raw = card_atr(card);
		ASSERT_OCTETS(raw, test_unhex(rows[i].atr), "ATR");
		ASSERT_ERR(atr_parse(raw, &a), ERR_OK);
		CU_ASSERT_EQUAL(a.protocols, rows[i].protocols);
		CU_ASSERT_EQUAL(atr_takes_extended(raw), rows[i].extended);
		CU_ASSERT_EQUAL(atr_is_contactless(raw), rows[i].contactless);
		CU_ASSERT_EQUAL(raw.len <= CARD_ATR_MAX, true);
	}
	card_close(&card);
}

TEST_SUITE(carriage, {"each case", test_exchanges}, {"the longest answer", test_longest},
	   {"the ATR", test_atr})
