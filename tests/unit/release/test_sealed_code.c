/* sealed codes: made, opened, changed at each octet */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/base/secret.h"
#include "lib/release/sealed_code.h"

#define CODE "LPA:1$smdp.example.com$0123456789ABCDEF0123"

static const uint8_t key[32] = {1, 2, 3};

static struct wbuf seal(void)
{
	struct second_code c = {.key_id = 3, .iccid = {0x98}, .second_iccid = {0x89, 1}};
	struct wbuf der = wbuf_grow(SECOND_CODE_LEN_MAX);

	ASSERT_ERR(sealed_code_seal(&c, SLICE_OF(key), slice_str(CODE), &der), ERR_OK);
	return der;
}

static void test_round_trip(void)
{
	struct wbuf der = seal(), again = seal();
	struct second_code c;
	struct secret *code = NULL;

	CU_ASSERT_FALSE(slice_equal(wbuf_slice(&der), wbuf_slice(&again))); /* a fresh nonce */
	ASSERT_ERR(second_code_parse(wbuf_slice(&der), &c), ERR_OK);
	CU_ASSERT_EQUAL(c.key_id, 3);
	CU_ASSERT_EQUAL(c.iccid[0], 0x98);
	CU_ASSERT_EQUAL(c.second_iccid[1], 1);
	ASSERT_ERR(sealed_code_open(&c, SLICE_OF(key), &code), ERR_OK);
	ASSERT_OCTETS(secret_slice(code), slice_str(CODE), "the code");
	CU_ASSERT_PTR_NULL(memmem(der.ptr, der.len, "smdp", 4));
	secret_free(&code);
	wbuf_free(&der);
	wbuf_free(&again);
}

/* Each bit changed, each octet cut: refused, by the form or by the tag. */
static void test_changed(void)
{
	struct wbuf der = seal();
	struct secret *code = NULL;
	struct second_code c;

	for (size_t bit = 0; bit < der.len * 8; bit++) {
		enum err e;

		der.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
		e = second_code_parse(wbuf_slice(&der), &c);
		if (!e)
			e = sealed_code_open(&c, SLICE_OF(key), &code);
		CU_ASSERT_NOT_EQUAL(e, ERR_OK);
		CU_ASSERT_PTR_NULL(code);
		der.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t n = 0; n < der.len; n++)
		CU_ASSERT_NOT_EQUAL(second_code_parse(slice_sub(wbuf_slice(&der), 0, n), &c),
				    ERR_OK);
	wbuf_u8(&der, 0);
	ASSERT_ERR(second_code_parse(wbuf_slice(&der), &c), ERR_TRAILING);
	wbuf_free(&der);
}

static void test_refused(void)
{
	static char long_code[SECOND_CODE_TEXT_MAX + 2];
	uint8_t other[32] = {0};
	struct second_code c = {.key_id = 1};
	struct wbuf der = wbuf_grow(SECOND_CODE_LEN_MAX);
	struct secret *code = NULL;

	memset(long_code, 'x', sizeof(long_code) - 1);
	ASSERT_ERR(sealed_code_seal(&c, SLICE_OF(key), slice_str(long_code), &der), ERR_LENGTH);
	ASSERT_ERR(sealed_code_seal(&c, SLICE_OF(key), SLICE_EMPTY, &der), ERR_LENGTH);
	ASSERT_ERR(sealed_code_seal(&c, slice_make(key, 16), slice_str(CODE), &der), ERR_KEY);
	c.key_id = 0;
	ASSERT_ERR(sealed_code_seal(&c, SLICE_OF(key), slice_str(CODE), &der), ERR_VALUE);
	c.key_id = 1;
	long_code[SECOND_CODE_TEXT_MAX] = 0;
	ASSERT_ERR(sealed_code_seal(&c, SLICE_OF(key), slice_str(long_code), &der), ERR_OK);
	ASSERT_ERR(second_code_parse(wbuf_slice(&der), &c), ERR_OK);
	ASSERT_ERR(sealed_code_open(&c, SLICE_OF(other), &code), ERR_MAC);
	ASSERT_ERR(sealed_code_open(&c, slice_make(key, 31), &code), ERR_KEY);
	der.ptr[6] = 2; /* the version: 30 82 LL LL 02 01 VV */
	ASSERT_ERR(second_code_parse(wbuf_slice(&der), &c), ERR_VERSION);
	wbuf_free(&der);
}

TEST_SUITE(sealed_code, {"seal and open", test_round_trip}, {"every bit, every cut", test_changed},
	   {"wrong keys, lengths and versions", test_refused})
