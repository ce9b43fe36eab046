/* the sealed form of a key file: whole, damaged, of another key, made by somebody else */
#include "tests/unit/test.h"

#include <string.h>

#include "host/operator/keysource/wrapped.h"
#include "lib/crypto/symmetric.h"

#define SUM 32

static const uint8_t outer[32] = {1, 2, 3}, other[32] = {1, 2, 4};
static uint8_t content[WRAPPED_CONTENT];

static void make(struct wbuf *out, const char *source, size_t ticket_len)
{
	struct wrapped w = {.ticket = {.len = ticket_len}};

	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)(0x80 + i);
	memset(w.ticket.octets, 0x77, sizeof(w.ticket.octets));
	CU_ASSERT_FATAL(key_source_parse(slice_str(source), &w.source) == ERR_OK);
	ASSERT_ERR(wrapped_put(&w, SLICE_OF(outer), SLICE_OF(content), out), ERR_OK);
}

static enum err open_with(struct slice file, struct slice key)
{
	struct wbuf plain = wbuf_grow(WRAPPED_CONTENT);
	enum err e = wrapped_open(file, key, &plain);

	if (!e)
		ASSERT_OCTETS(wbuf_slice(&plain), SLICE_OF(content), "content");
	else
		CU_ASSERT_EQUAL(plain.len, 0);
	wbuf_free(&plain);
	return e;
}

/* What somebody makes who can write the file, and has no key. */
static void sum_anew(struct wbuf *file)
{
	struct slice all = slice_make(file->ptr, file->len - SUM);

	ASSERT_ERR(sha256(&all, 1, file->ptr + file->len - SUM), ERR_OK);
}

static void test_both_ways(void)
{
	struct wbuf file = wbuf_grow(WRAPPED_MAX), again = wbuf_grow(WRAPPED_MAX);
	struct wrapped w;

	make(&file, "pkcs11:token=a;object=b", 61);
	CU_ASSERT(wrapped_is(wbuf_slice(&file)));
	ASSERT_ERR(wrapped_parse(wbuf_slice(&file), &w), ERR_OK);
	CU_ASSERT_STRING_EQUAL(w.source.text, "pkcs11:token=a;object=b");
	CU_ASSERT_EQUAL(w.ticket.len, 61);
	CU_ASSERT_EQUAL(w.ticket.octets[60], 0x77);
	ASSERT_ERR(open_with(wbuf_slice(&file), SLICE_OF(outer)), ERR_OK);
	ASSERT_ERR(open_with(wbuf_slice(&file), SLICE_OF(other)), ERR_KEY);
	make(&again, "pkcs11:token=a;object=b", 61); /* another nonce */
	CU_ASSERT_FALSE(slice_equal(wbuf_slice(&file), wbuf_slice(&again)));
	CU_ASSERT_PTR_NULL(memmem(file.ptr, file.len, content, 8));
	wbuf_free(&file);
	wbuf_free(&again);
}

static void test_damaged(void)
{
	struct wbuf file = wbuf_grow(WRAPPED_MAX);
	struct wrapped w;

	make(&file, "env:A", 0);
	for (size_t n = 0; n < file.len; n++) {
		ASSERT_ERR(wrapped_parse(slice_make(file.ptr, n), &w), ERR_CORRUPT);
		ASSERT_ERR(open_with(slice_make(file.ptr, n), SLICE_OF(outer)), ERR_CORRUPT);
	}
	for (size_t bit = 0; bit < 8 * file.len; bit++) {
		enum err want = bit / 8 == 7 ? ERR_VERSION : ERR_CORRUPT;

		file.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ASSERT_ERR(wrapped_parse(wbuf_slice(&file), &w), want);
		ASSERT_ERR(open_with(wbuf_slice(&file), SLICE_OF(outer)), want);
		file.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	wbuf_u8(&file, 0);
	ASSERT_ERR(open_with(wbuf_slice(&file), SLICE_OF(outer)), ERR_CORRUPT);
	wbuf_free(&file);
}

/* The source is authenticated, as all else: a sum that is right makes no file that opens. */
static void test_forged(void)
{
	struct wbuf file = wbuf_grow(WRAPPED_MAX);

	make(&file, "env:AAAA", 3);
	for (size_t bit = 0; bit < 8 * (file.len - SUM); bit++) {
		enum err e;

		file.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
		sum_anew(&file);
		e = open_with(wbuf_slice(&file), SLICE_OF(outer));
		CU_ASSERT(e == ERR_CORRUPT || e == ERR_KEY || e == ERR_VERSION);
		file.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	sum_anew(&file);
	ASSERT_ERR(open_with(wbuf_slice(&file), SLICE_OF(outer)), ERR_OK);
	wbuf_free(&file);
}

static void test_limits(void)
{
	struct wrapped w = {.ticket = {.len = KEY_TICKET_MAX}};
	struct wbuf file = wbuf_grow(WRAPPED_MAX);
	char longest[KEY_SOURCE_CAP];

	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "file:/", 6);
	longest[sizeof(longest) - 1] = 0;
	CU_ASSERT_FATAL(key_source_parse(slice_str(longest), &w.source) == ERR_OK);
	ASSERT_ERR(wrapped_put(&w, SLICE_OF(outer), SLICE_OF(content), &file), ERR_OK);
	ASSERT_ERR(open_with(wbuf_slice(&file), SLICE_OF(outer)), ERR_OK);
	wbuf_reset(&file);
	ASSERT_ERR(wrapped_put(&w, SLICE_OF(outer), slice_make(content, 32), &file), ERR_LENGTH);
	wbuf_free(&file);
}

TEST_SUITE(wrapped, {"sealed and opened", test_both_ways},
	   {"cut at each octet, each bit changed", test_damaged},
	   {"each bit changed, with a sum that is right", test_forged},
	   {"the longest source and ticket", test_limits})
