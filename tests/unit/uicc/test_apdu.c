/* APDUs: cases, channels, status words */
#include "tests/unit/test.h"

#include <string.h>

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
		{"00a4000400023f00", ERR_TRUNCATED, 0, 0}, /* extended length */
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

static enum err error_named(const char *name)
{
	return strcmp(name, "truncated") == 0  ? ERR_TRUNCATED
	       : strcmp(name, "trailing") == 0 ? ERR_TRAILING
					       : ERR_LENGTH;
}

static unsigned case_of(const struct apdu *a)
{
	return a->data.len ? (a->has_le ? 4 : 3) : a->has_le ? 2 : 1;
}

static void check_good(const json_t *v, struct slice raw)
{
	uint8_t octets[1024];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	const char *what = json_string_value(json_object_get(v, "what"));
	struct apdu a = {0};

	ASSERT_ERR(apdu_parse(raw, &a), ERR_OK);
	CU_ASSERT_EQUAL((json_int_t)a.data.len, json_integer_value(json_object_get(v, "data")));
	CU_ASSERT_EQUAL(a.le, json_integer_value(json_object_get(v, "le")));
	CU_ASSERT_EQUAL(a.extended, json_is_true(json_object_get(v, "extended")));
	CU_ASSERT_EQUAL(case_of(&a), json_integer_value(json_object_get(v, "case")));
	apdu_put_whole(&w, &a);
	ASSERT_OCTETS(wbuf_slice(&w), raw, what);
}

/* tests/vectors/apdu.json: each good one is written as it was read, and none is good that is cut.
 */
static void test_encodings(void)
{
	json_t *file = test_vectors("apdu"), *v;
	size_t i;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		const char *error = json_string_value(json_object_get(v, "error"));
		struct slice raw = test_hex(v, "command");
		struct apdu a = {.cla = 0x77};

		if (error) {
			ASSERT_ERR(apdu_parse(raw, &a), error_named(error));
			CU_ASSERT_EQUAL(a.cla, 0x77); /* untouched */
		} else {
			check_good(v, raw);
		}
	}
	CU_ASSERT_EQUAL(i, (size_t)json_integer_value(json_object_get(file, "count")));
	json_decref(file);
}

/* Every length at the limits of the forms, whole and cut at each octet. */
static void test_lengths(void)
{
	static const size_t lens[] = {0, 1, 126, 127, 128, 129, 255, 256, 257, 65534, 65535};
	static const uint32_t les[] = {0, 1, 127, 128, 255, 256, 257, 65535, 65536};
	static uint8_t data[APDU_EXTENDED_DATA_MAX];
	struct wbuf w = wbuf_grow(APDU_EXTENDED_COMMAND_MAX);

	for (size_t i = 0; i < ARRAY_LEN(lens) * ARRAY_LEN(les); i++) {
		struct apdu a = {.data = {data, lens[i / ARRAY_LEN(les)]},
				 .le = les[i % ARRAY_LEN(les)]},
			    b = {0};

		wbuf_cut(&w, 0);
		apdu_put_whole(&w, &a);
		ASSERT_ERR(apdu_parse(wbuf_slice(&w), &b), ERR_OK);
		CU_ASSERT_EQUAL(b.data.len, a.data.len);
		CU_ASSERT_EQUAL(b.le, a.le);
		CU_ASSERT_EQUAL(b.has_le, a.le != 0);
		CU_ASSERT_EQUAL(b.extended, a.data.len > 255 || a.le > 256);
		CU_ASSERT_EQUAL(apdu_asks_all(&b), a.le == (b.extended ? 65536u : 256u));
		if (a.data.len > 1 && a.data.len < 300) { /* half an Le, or the data cut */
			struct slice cut = slice_sub(wbuf_slice(&w), 0, w.len - 1);

			if (b.extended || !b.has_le)
				CU_ASSERT_EQUAL(apdu_parse(cut, &b), ERR_TRUNCATED);
		}
	}
	wbuf_reset(&w);
	apdu_put_whole(&w, &(struct apdu){.data = {data, APDU_EXTENDED_DATA_MAX + 1u}});
	ASSERT_ERR(wbuf_done(&w), ERR_LENGTH);
	wbuf_reset(&w);
	apdu_put_whole(&w, &(struct apdu){.le = APDU_EXTENDED_LE_MAX + 1u});
	ASSERT_ERR(wbuf_done(&w), ERR_LENGTH);
	wbuf_free(&w);
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

TEST_SUITE(apdu, {"cases", test_apdu_cases}, {"encodings", test_encodings},
	   {"lengths", test_lengths}, {"status words", test_words}, {"which are good", test_good},
	   {"application identifiers", test_aids})
