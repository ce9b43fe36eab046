/* the ATR that stands for a card without contacts */
#include "host/transport/nfc/contactless.h"
#include "tests/unit/test.h"
#include "lib/uicc/atr.h"

static void test_type_a(void)
{
	static const struct {
		const char *ats, *atr;
		enum err e;
	} rows[] = {
		{"", "3b80800101", ERR_OK},
		{"00", "3b80800101", ERR_OK},
		{"75778102", "3b80800101", ERR_OK},
		{"7577810280", "3b8180018080", ERR_OK},
		/* an ATS of no interface octets */
		{"05aabb", "3b828001aabb12", ERR_OK},
		/* of sixteen historical octets the first fifteen */
		{"75778102000102030405060708090a0b0c0d0e0f",
		 "3b8f8001000102030405060708090a0b0c0d0e01", ERR_OK},
		{"75", NULL, ERR_ATR},
		{"7577", NULL, ERR_ATR},
		{"757781", NULL, ERR_ATR},
		{"85", NULL, ERR_ATR},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t octets[CONTACTLESS_ATR_MAX];
		struct wbuf w = wbuf_init(octets, sizeof(octets));
		struct atr a;

		ASSERT_ERR(contactless_atr_a(test_unhex(rows[i].ats), &w), rows[i].e);
		if (rows[i].e)
			continue;
		ASSERT_OCTETS(wbuf_slice(&w), test_unhex(rows[i].atr), rows[i].ats);
		ASSERT_ERR(atr_parse(wbuf_slice(&w), &a), ERR_OK);
		CU_ASSERT_EQUAL(a.protocols, 3);
	}
}

static void test_type_b(void)
{
	uint8_t octets[CONTACTLESS_ATR_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct atr a;

	ASSERT_ERR(contactless_atr_b(test_unhex("01020304"), test_unhex("0081c1"), &w), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&w), test_unhex("3b888001010203040081c1004d"), "type B");
	ASSERT_ERR(atr_parse(wbuf_slice(&w), &a), ERR_OK);
	wbuf_reset(&w);
	ASSERT_ERR(contactless_atr_b(test_unhex("010203"), test_unhex("0081c1"), &w), ERR_LENGTH);
}

TEST_SUITE(contactless, {"type A: what its ATS says", test_type_a},
	   {"type B: what its ATQB says", test_type_b})
