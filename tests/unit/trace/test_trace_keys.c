/* an auditor's keys, as a text of lines */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/trace/keys/keys.h"

#define K   "465b5ce8b199b49faa5f0a2ee238a6bc" /* TS 35.208 4.3.1, as OPc */
#define OPC "cd63cb71954a9f4e48a5994e37a02baf"

static void test_lines(void)
{
	static const char text[] = "# a remark\n\n"
				   "milenage first " K " " OPC "\n"
				   "\ttuak second " K K "  " OPC OPC "\r\n"
				   "xor third " K;
	struct card_keys *keys = NULL;
	struct card_keys_error why;

	ASSERT_ERR(card_keys_parse(slice_str(text), &keys, &why), ERR_OK);
	CU_ASSERT_EQUAL_FATAL(card_keys_count(keys), 3);
	CU_ASSERT_EQUAL(card_keys_at(keys, 0)->kind, CARD_KEY_MILENAGE);
	CU_ASSERT_STRING_EQUAL(card_keys_at(keys, 0)->name, "first");
	ASSERT_OCTETS(secret_slice(card_keys_at(keys, 0)->values[0]), test_unhex(K), "K");
	ASSERT_OCTETS(secret_slice(card_keys_at(keys, 0)->values[1]), test_unhex(OPC), "OPc");
	CU_ASSERT_EQUAL(card_keys_at(keys, 1)->kind, CARD_KEY_TUAK);
	ASSERT_OCTETS(secret_slice(card_keys_at(keys, 1)->values[0]), test_unhex(K K), "K");
	CU_ASSERT_EQUAL(card_keys_at(keys, 2)->kind, CARD_KEY_XOR);
	CU_ASSERT_PTR_NULL(card_keys_at(keys, 2)->values[1]);
	card_keys_free(&keys);
	CU_ASSERT_PTR_NULL(keys);
	CU_ASSERT_EQUAL(card_keys_count(NULL), 0);
}

static void test_faults(void)
{
	static const char *const wrong[] = {
		"ki name " K " " OPC,		    /* no such kind */
		"milenage name " K,		    /* a value is missing */
		"milenage name " K " " OPC " " OPC, /* one too many */
		"milenage name " K " " OPC "00",    /* too long */
		"milenage name " K " " OPC OPC,	    /* a length of another kind's */
		"milenage name " K " 0" OPC,	    /* half an octet */
		"tuak name " K " " OPC,		    /* TOPc has 32 octets */
		"xor name " K "xx",		    /* no hex */
		"xor a-name-of-more-than-31-characters " K,
		"xor",
	};
	struct card_keys *keys = NULL;
	struct card_keys_error why;
	char text[256];

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		snprintf(text, sizeof(text), "# first\n%s\n", wrong[i]);
		ASSERT_ERR(card_keys_parse(slice_str(text), &keys, &why), ERR_VALUE);
		CU_ASSERT_EQUAL(why.line, 2);
		CU_ASSERT(why.why && strlen(why.why) > 10 && !strstr(why.why, "465b"));
		CU_ASSERT_PTR_NULL(keys);
	}
	ASSERT_ERR(card_keys_parse(SLICE_EMPTY, &keys, &why), ERR_OK);
	CU_ASSERT_EQUAL(card_keys_count(keys), 0);
	card_keys_free(&keys);
}

static void test_many(void)
{
	struct wbuf w = wbuf_grow(CARD_KEYS_TEXT_MAX);
	struct card_keys *keys = NULL;
	struct card_keys_error why;

	for (unsigned i = 0; i < CARD_KEYS_MAX; i++)
		wbuf_put(&w, slice_str("xor name " K "\n"));
	ASSERT_ERR(card_keys_parse(wbuf_slice(&w), &keys, &why), ERR_OK);
	CU_ASSERT_EQUAL(card_keys_count(keys), CARD_KEYS_MAX);
	card_keys_free(&keys);
	wbuf_put(&w, slice_str("xor name " K "\n"));
	ASSERT_ERR(card_keys_parse(wbuf_slice(&w), &keys, &why), ERR_VALUE);
	CU_ASSERT_EQUAL(why.line, CARD_KEYS_MAX + 1);
	wbuf_free(&w);
}

TEST_SUITE(trace_keys, {"lines", test_lines}, {"faults", test_faults},
	   {"as many as fit", test_many})
