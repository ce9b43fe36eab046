/* slices, cursors, growing buffers, TLV and text encodings, at each limit */
#include "tests/unit/test.h"

#include "lib/base/base64.h"
#include "lib/base/tlv.h"
#include "lib/base/utf8.h"

#include <string.h>

static void test_cursor_sticky(void)
{
	struct slice s = test_unhex("0102030405");
	struct cursor c = cursor_of(s);

	CU_ASSERT_EQUAL(cursor_u16(&c), 0x0102);
	CU_ASSERT_EQUAL(cursor_u32(&c), 0); /* only three are left */
	CU_ASSERT_EQUAL(cursor_u8(&c), 0);  /* and from then on nothing is read */
	ASSERT_ERR(cursor_done(&c), ERR_TRUNCATED);
	c = cursor_of(s);
	CU_ASSERT_EQUAL(cursor_uint(&c, 4), 0x01020304);
	ASSERT_ERR(cursor_done(&c), ERR_TRAILING);
}

static void test_zero(void)
{
	CU_ASSERT(slice_is_zero(SLICE_EMPTY));
	CU_ASSERT(slice_is_zero(test_unhex("000000")));
	CU_ASSERT_FALSE(slice_is_zero(test_unhex("000001")));
	CU_ASSERT_FALSE(slice_is_zero(test_unhex("800000")));
}

/* RFC 3629: the ends of each length, and what is none */
static void test_utf8(void)
{
	static const struct {
		const char *text;
		uint32_t first; /* of good ones */
		size_t count;	/* 0: it is no UTF-8 */
	} rows[] = {
		{"\x7f", 0x7F, 1},
		{"\xc2\x80", 0x80, 1},
		{"\xdf\xbf", 0x7FF, 1},
		{"\xe0\xa0\x80", 0x800, 1},
		{"\xed\x9f\xbf", 0xD7FF, 1},
		{"\xee\x80\x80", 0xE000, 1},
		{"\xef\xbf\xbf", 0xFFFF, 1},
		{"\xf0\x90\x80\x80", 0x10000, 1},
		{"\xf4\x8f\xbf\xbf"
		 "a\xc3\xa9",
		 0x10FFFF, 3},
		{"\x80", 0, 0},
		{"\xc1\xbf", 0, 0},
		{"\xc3", 0, 0},
		{"\xc3"
		 "a",
		 0, 0},
		{"\xe0\x9f\xbf", 0, 0},
		{"\xe2\x80", 0, 0},
		{"\xed\xa0\x80", 0, 0},
		{"\xf0\x8f\xbf\xbf", 0, 0},
		{"\xf4\x90\x80\x80", 0, 0},
		{"\xf5\x80\x80\x80", 0, 0},
		{"a\xff", 0, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cursor c = cursor_of(slice_str(rows[i].text));
		size_t n = 0;

		ASSERT_ERR(utf8_count(c.rest, &n), rows[i].count ? ERR_OK : ERR_VALUE);
		CU_ASSERT_EQUAL(n, rows[i].count);
		if (rows[i].count)
			CU_ASSERT_EQUAL(utf8_next(&c), rows[i].first);
	}
}

static void test_wbuf_bounds(void)
{
	static const size_t limits[] = {0, 1, 16, 255, 256, 257, 1000};
	uint8_t mem[3];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	wbuf_u16(&w, 0xABCD);
	wbuf_u16(&w, 0x1234);
	ASSERT_ERR(wbuf_done(&w), ERR_SPACE);
	CU_ASSERT_EQUAL(wbuf_slice(&w).len, 0);
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) { /* in one step, and octet by octet */
		w = wbuf_grow(limits[i]);
		wbuf_fill(&w, 7, limits[i]);
		ASSERT_ERR(wbuf_done(&w), ERR_OK);
		wbuf_u8(&w, 7);
		ASSERT_ERR(wbuf_done(&w), ERR_SPACE);
		wbuf_free(&w);
		w = wbuf_grow(limits[i]);
		for (size_t n = 0; n < limits[i]; n++)
			wbuf_u8(&w, 7);
		ASSERT_ERR(wbuf_done(&w), ERR_OK);
		wbuf_u8(&w, 7);
		ASSERT_ERR(wbuf_done(&w), ERR_SPACE);
		wbuf_free(&w);
	}
}

static void test_hex_forms(void)
{
	uint8_t out[3];

	ASSERT_ERR(hex_decode_exact("aA:0b 1C", out, 3), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(out), test_unhex("aa0b1c"), "separators and cases");
	ASSERT_ERR(hex_decode_exact("aa0b1", out, 3), ERR_ENCODING);
	ASSERT_ERR(hex_decode_exact("aa0b", out, 3), ERR_LENGTH);
	ASSERT_ERR(hex_decode_exact("aa0b1c1d", out, 3), ERR_LENGTH);
	ASSERT_ERR(hex_decode_exact("gg", out, 1), ERR_ENCODING);
}

/* Every length where the form of the length changes, written, read back, and cut at every octet. */
static void test_tlv_lengths(void)
{
	static const size_t lengths[] = {0, 1, 126, 127, 128, 129, 255, 256, 257, 65535, 65536};
	static const uint32_t tags[] = {0x5A, 0x9F70, 0xBF2D, 0x30};

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct wbuf w = wbuf_grow(1 << 20);
		uint32_t tag = tags[i % ARRAY_LEN(tags)];
		size_t mark = tlv_open(&w, tag);
		struct slice all, v;
		size_t cuts;

		wbuf_fill(&w, 0x42, lengths[i]);
		tlv_close(&w, mark);
		ASSERT_ERR(wbuf_done(&w), ERR_OK);
		all = wbuf_slice(&w);
		CU_ASSERT_EQUAL(all.len, tlv_header_len(tag, lengths[i]) + lengths[i]);
		ASSERT_ERR(tlv_only(all, tag, &v), ERR_OK);
		CU_ASSERT_EQUAL(v.len, lengths[i]);
		cuts = all.len < 300 ? all.len : 300;
		for (size_t cut = 0; cut < cuts; cut++)
			CU_ASSERT_NOT_EQUAL(tlv_only(slice_sub(all, 0, cut), tag, &v), ERR_OK);
		wbuf_free(&w);
	}
}

static void test_tlv_refuses(void)
{
	static const struct {
		const char *hex;
		enum err want;
	} bad[] = {
		{"5a8100", ERR_ENCODING},	  /* not minimal */
		{"5a817f", ERR_ENCODING},	  /* not minimal */
		{"5a82007f", ERR_ENCODING},	  /* not minimal */
		{"5a80", ERR_ENCODING},		  /* indefinite */
		{"5a850000000001", ERR_ENCODING}, /* five octets of length */
		{"5a84ffffffff", ERR_TRUNCATED},  /* far more than there is */
		{"5a8400000001aa", ERR_ENCODING}, /* not minimal */
		{"1f8001", ERR_ENCODING},	  /* leading zero septet of the tag */
		{"1fffffff01", ERR_ENCODING},	  /* tag of four octets */
		{"bf", ERR_TRUNCATED},
		{"5a01aa00", ERR_TRAILING},
		{"4f01aa", ERR_TAG},
		{"", ERR_TAG},
	};
	struct slice v;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ASSERT_ERR(tlv_only(test_unhex(bad[i].hex), 0x5A, &v), bad[i].want);
}

static void test_tlv_depth(void)
{
	uint8_t mem[128];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	size_t marks[TLV_DEPTH_MAX + 1];
	struct cursor c[TLV_DEPTH_MAX + 2];

	for (size_t i = 0; i <= TLV_DEPTH_MAX; i++)
		marks[i] = tlv_open(&w, ASN1_SEQUENCE);
	for (size_t i = TLV_DEPTH_MAX + 1; i-- > 0;)
		tlv_close(&w, marks[i]);
	c[0] = cursor_of(wbuf_slice(&w));
	for (size_t i = 0; i <= TLV_DEPTH_MAX; i++)
		c[i + 1] = tlv_enter(&c[i], ASN1_SEQUENCE);
	ASSERT_ERR(c[TLV_DEPTH_MAX].err, ERR_OK);
	ASSERT_ERR(c[TLV_DEPTH_MAX + 1].err, ERR_DEPTH);
}

static void test_tlv_integers(void)
{
	static const uint64_t values[] = {0,   1,     127,   128,	 255,
					  256, 32767, 32768, UINT32_MAX, INT64_MAX};
	static const struct {
		const char *hex;
		enum err want;
	} bad[] = {{"", ERR_ENCODING},
		   {"0001", ERR_ENCODING},
		   {"ff80", ERR_ENCODING},
		   {"ff", ERR_VALUE},
		   {"010000000000000000", ERR_VALUE}};
	uint64_t got;

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		uint8_t mem[16];
		struct wbuf w = wbuf_init(mem, sizeof(mem));
		struct cursor c;

		tlv_put_uint(&w, ASN1_INTEGER, values[i]);
		c = cursor_of(wbuf_slice(&w));
		CU_ASSERT_EQUAL(tlv_expect_uint(&c, ASN1_INTEGER), values[i]);
		ASSERT_ERR(cursor_done(&c), ERR_OK);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ASSERT_ERR(tlv_uint(test_unhex(bad[i].hex), &got), bad[i].want);
}

static void test_tlv_bits(void)
{
	static const struct {
		uint32_t bits;
		const char *hex;
	} good[] = {{0, "030100"},
		    {0x80000000, "03020780"},
		    {0x40000000, "03020640"},
		    {0xF0000000, "030204f0"},
		    {0x01000000, "03020001"},
		    {0x00800000, "0303070080"},
		    {0x00000001, "03050000000001"}};
	uint32_t got;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		uint8_t mem[16];
		struct wbuf w = wbuf_init(mem, sizeof(mem));
		struct slice v;

		tlv_put_bits(&w, ASN1_BIT_STRING, good[i].bits);
		ASSERT_OCTETS(wbuf_slice(&w), test_unhex(good[i].hex), "BIT STRING");
		ASSERT_ERR(tlv_only(wbuf_slice(&w), ASN1_BIT_STRING, &v), ERR_OK);
		ASSERT_ERR(tlv_bits(v, &got), ERR_OK);
		CU_ASSERT_EQUAL(got, good[i].bits);
	}
	ASSERT_ERR(tlv_bits(test_unhex("0781"), &got), ERR_ENCODING); /* unused bits are not zero */
	ASSERT_ERR(tlv_bits(test_unhex("0880"), &got), ERR_ENCODING);
	ASSERT_ERR(tlv_bits(test_unhex("01"), &got), ERR_ENCODING);
}

static void test_texts(void)
{
	for (int e = 0; e < ERR_COUNT; e++)
		CU_ASSERT(strlen(err_text((enum err)e)) > 0);
}

/* RFC 4648 section 10, and what its section 3.5 lets a decoder refuse */
static void test_base64(void)
{
	static const char *const good[][2] = {{"", ""},
					      {"f", "Zg=="},
					      {"fo", "Zm8="},
					      {"foo", "Zm9v"},
					      {"foob", "Zm9vYg=="},
					      {"fooba", "Zm9vYmE="},
					      {"foobar", "Zm9vYmFy"}};
	/* line breaks (RFC 2045 6.8), no padding (RFC 4648 3.2), the alphabet of its section 5 */
	static const char *const read[][2] = {{"f", "Zg"},
					      {"fo", "Zm8"},
					      {"f", "Zg="},
					      {"foobar", "Zm9v\r\nYmFy\r\n"},
					      {"fooba", " Zm 9v\tYmE\n"},
					      {"\x9b\xff\xbe", "m_--"},
					      {"\x9b\xff\xbe", "m/++"},
					      {"", "\n"}};
	static const char *const bad[] = {"Z",	    "Zg===", "=",	 "====",     "Zh==",
					  "Zm9=",   "Zh",    "Zm9v====", "Zg==Zg==", "Zg=Z",
					  "Zm9vZ",  "Zm9v=", "Z=g=",	 "Zm9\x80",  "Zm9v*A",
					  "Zg==Zg", "=Zg="};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		uint8_t mem[16];
		struct wbuf w = wbuf_init(mem, sizeof(mem));

		base64_put(&w, slice_str(good[i][0]));
		ASSERT_OCTETS(wbuf_slice(&w), slice_str(good[i][1]), good[i][0]);
		wbuf_reset(&w);
		ASSERT_ERR(base64_decode(slice_str(good[i][1]), &w), ERR_OK);
		ASSERT_OCTETS(wbuf_slice(&w), slice_str(good[i][0]), good[i][1]);
	}
	for (size_t i = 0; i < ARRAY_LEN(read); i++) {
		uint8_t mem[16];
		struct wbuf w = wbuf_init(mem, sizeof(mem));

		ASSERT_ERR(base64_decode(slice_str(read[i][1]), &w), ERR_OK);
		ASSERT_OCTETS(wbuf_slice(&w), slice_str(read[i][0]), read[i][1]);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		uint8_t mem[16];
		struct wbuf w = wbuf_init(mem, sizeof(mem));

		ASSERT_ERR(base64_decode(slice_str(bad[i]), &w), ERR_ENCODING);
	}
}

TEST_SUITE(bytes, {"zeros", test_zero}, {"UTF-8", test_utf8},
	   {"a cursor's failure is sticky", test_cursor_sticky}, {"base64", test_base64},
	   {"write buffers keep their bounds", test_wbuf_bounds},
	   {"hex in every accepted form", test_hex_forms},
	   {"TLV at every length boundary", test_tlv_lengths},
	   {"TLV refuses what is not DER", test_tlv_refuses},
	   {"TLV nesting is capped", test_tlv_depth}, {"INTEGER", test_tlv_integers},
	   {"BIT STRING", test_tlv_bits}, {"texts of errors", test_texts})
