/* APDUs: cases, channels, status words */
#include "tests/unit/test.h"

#include "lib/uicc/aid.h"
#include "lib/uicc/apdu.h"

static void test_apdu_cases(void)
{
	static const struct {
		const char *hex;
		enum err want;
		size_t data;
		unsigned le;
	} rows[] = {
		{"00a40004", ERR_OK, 0, 0},
		{"00b0000000", ERR_OK, 0, 256},
		{"00b0000005", ERR_OK, 0, 5},
		{"00a40004023f00", ERR_OK, 2, 0},
		{"00a40004023f0000", ERR_OK, 2, 256},
		{"00a40004023f0010", ERR_OK, 2, 16},
		{"", ERR_TRUNCATED, 0, 0},
		{"00a400", ERR_TRUNCATED, 0, 0},
		{"00a40004033f00", ERR_TRUNCATED, 0, 0},
		{"00a40004023f001000", ERR_TRAILING, 0, 0},
		{"00a4000400023f00", ERR_LENGTH, 0, 0}, /* extended length */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct apdu a = {0};

		ASSERT_ERR(apdu_parse(test_unhex(rows[i].hex), &a), rows[i].want);
		CU_ASSERT_EQUAL(a.data.len, rows[i].data);
		CU_ASSERT_EQUAL(a.has_le ? a.le : 0, rows[i].le);
	}
	CU_ASSERT_EQUAL(apdu_channel(0x01), 1);
	CU_ASSERT_EQUAL(apdu_channel(0xC3), 7);
	CU_ASSERT_EQUAL(apdu_channel(0xFF), -1);
	for (unsigned ch = 0; ch < 20; ch++) {
		CU_ASSERT_EQUAL(apdu_channel(apdu_cla(0x00, ch)), (int)ch);
		CU_ASSERT_EQUAL(apdu_channel(apdu_cla(0x80, ch)), (int)ch);
	}
}

static void test_words(void)
{
	static const struct {
		uint16_t sw;
		enum sw family;
		bool is;
		unsigned number;
	} rows[] = {
		{0x612C, SW_RESPONSE, true, 0x2C},	 {0x6100, SW_RESPONSE, true, 256},
		{0x6C01, SW_CORRECT_LE, true, 1},	 {0x6D01, SW_CORRECT_LE, false, 1},
		{0x63C0, SW_VERIFY_FAILED, true, 0},	 {0x63C9, SW_VERIFY_FAILED, true, 9},
		{0x63F1, SW_VERIFY_FAILED, false, 0xF1}, {0x910B, SW_PROACTIVE, true, 11},
		{0x9F16, SW_GSM_RESPONSE, true, 0x16},	 {0x6283, SW_WARNING, true, 0x83},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CU_ASSERT_EQUAL(sw_is(rows[i].sw, rows[i].family), rows[i].is);
		CU_ASSERT_EQUAL(sw_number(rows[i].sw), rows[i].number);
	}
	CU_ASSERT_STRING_EQUAL(sw_text(0x612C), "response data waits");
	CU_ASSERT_STRING_EQUAL(sw_text(0x63C2), sw_text(SW_VERIFY_FAILED));
	CU_ASSERT_STRING_EQUAL(sw_text(0x63F1), "more data is expected");
	CU_ASSERT_STRING_EQUAL(sw_text(0x9862), "authentication error, incorrect MAC");
	CU_ASSERT_STRING_EQUAL(sw_text(0x1234), "unknown status word");
}

/* Every word is good or bad by its family (TS 102 221 10.2.1, TS 51.011 9.4). */
static void test_good(void)
{
	for (unsigned sw = 0; sw <= 0xFFFF; sw++) {
		unsigned first = sw >> 8;
		bool good = sw == 0x9000 || first == 0x61 || first == 0x91 || first == 0x9F ||
			    (first == 0x92 && sw != 0x9240);

		if (sw_is_good((uint16_t)sw) != good)
			CU_FAIL("a status word is judged wrongly");
	}
}

/* No two are alike; those of one giver begin with it. */
static void test_aids(void)
{
	static const enum aid of_euicc[] = {AID_ISDR, AID_ECASD, AID_ISDP};

	for (enum aid a = AID_3GPP; a < AID_COUNT; a++) {
		CU_ASSERT(aid_of(a).len >= 5 && aid_of(a).len <= AID_LEN);
		for (enum aid b = AID_3GPP; b < a; b++)
			CU_ASSERT_FALSE(slice_equal(aid_of(a), aid_of(b)));
	}
	CU_ASSERT_TRUE(slice_starts(aid_of(AID_USIM), aid_of(AID_3GPP)));
	CU_ASSERT_TRUE(slice_starts(aid_of(AID_ISIM), aid_of(AID_3GPP)));
	for (size_t i = 0; i < ARRAY_LEN(of_euicc); i++) {
		CU_ASSERT_EQUAL(aid_of(of_euicc[i]).len, AID_LEN);
		CU_ASSERT_TRUE(slice_starts(aid_of(of_euicc[i]), aid_of(AID_EUICC)));
	}
	/* as SGP.22 annex H and TS 31.102 print them */
	ASSERT_OCTETS(aid_of(AID_ISDR), test_unhex("A0000005591010FFFFFFFF8900000100"), "ISD-R");
	ASSERT_OCTETS(aid_of(AID_USIM), test_unhex("A0000000871002"), "USIM");
}

TEST_SUITE(apdu, {"cases", test_apdu_cases}, {"status words", test_words},
	   {"which are good", test_good}, {"application identifiers", test_aids})
