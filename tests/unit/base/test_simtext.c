/* Texts in files: TS 23.038 6.2.1, TS 102 221 annex A */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/profile/build.h"
#include "lib/base/simtext.h"

static const struct {
	const char *utf8;
	const char *octets; /* hex of what is in 16 octets before the filler; NULL: refused */
	enum err e;
} rows[] = {
	{"", "", ERR_OK},
	{"@$_{x}", "0002111B28781B29", ERR_OK},
	{"Bäcker", "427B636B6572", ERR_OK},
	{"[]~\\|^€", "1B3C1B3E1B3D1B2F1B401B141B65", ERR_OK},
	{"ΔΦΓΛΩΠΨΣΘΞ", "1012131415161718191A", ERR_OK},
	{"£¥èéùìòÇØøÅåÆæßÉ", "01030405060708090B0C0E0F1C1D1E1F", ERR_OK},
	{"¤¡ÄÖÑÜ§¿äöñüà", "24405B5C5D5E5F607B7C7D7E7F", ERR_OK},
	/* the field full, and one more */
	{"0123456789abcdef", "30313233343536373839616263646566", ERR_OK},
	{"0123456789abcdefg", NULL, ERR_LENGTH},
	{"{{{{{{{{", "1B281B281B281B281B281B281B281B28", ERR_OK},
	{"{{{{{{{{{", "810900FBFBFBFBFBFBFBFBFB", ERR_OK}, /* longer than the GSM alphabet's */
	{"{{{{{{{{{{{{{", "810D00FBFBFBFBFBFBFBFBFBFBFBFBFB", ERR_OK},
	{"{{{{{{{{{{{{{{", NULL, ERR_LENGTH},
	{"{[~|€€€€€", NULL, ERR_LENGTH},
	/* one alphabet beside it: 81 */
	{"Ж1", "8102089631", ERR_OK},
	{"Привет, мир", "810B089FC0B8B2B5C22C20BCB8C0", ERR_OK},
	{"Приветмир1234", "810D089FC0B8B2B5C2BCB8C031323334", ERR_OK},
	{"Приветмир12345", NULL, ERR_LENGTH},
	/* two half pages that 128 characters span: 82 */
	{"\u04FF\u0500\u0501", "820304FF808182", ERR_OK},
	{"\u04FF\u0500345678901\u0501", "820C04FF808133343536373839303182", ERR_OK},
	/* anything: 80 */
	{"Жネ", "80041630CD", ERR_OK},
	{"日本語", "8065E5672C8A9E", ERR_OK},
	{"日本語日本語日", "8065E5672C8A9E65E5672C8A9E65E5", ERR_OK},
	{"日本語日本語日本", NULL, ERR_LENGTH},
	{"\uFFFD", "80FFFD", ERR_OK},
	/* what no alphabet has */
	{"\U0001F600", NULL, ERR_VALUE},
	{"\uFFFE", NULL, ERR_VALUE},
	{"a\tb", NULL, ERR_VALUE},
	{"\x7F", NULL, ERR_VALUE},
	{"\xED\xA0\x80", NULL, ERR_ENCODING}, /* a surrogate is no UTF-8 */
	{"\xC3", NULL, ERR_ENCODING},
	{"\xFF", NULL, ERR_ENCODING},
};

static void same_text(struct slice field, const char *utf8)
{
	uint8_t mem[1024];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	simtext_decode(field, &w);
	ASSERT_ERR(wbuf_done(&w), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&w), slice_str(utf8), utf8);
}

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t mem[16];
		struct wbuf w = wbuf_init(mem, sizeof(mem));
		enum err e;

		e = simtext_fill(slice_str(rows[i].utf8), sizeof(mem), &w);
		if (e != rows[i].e)
			printf("%s: %s\n", rows[i].utf8, err_name(e));
		ASSERT_ERR(e, rows[i].e);
		if (e)
			continue;
		CU_ASSERT_EQUAL(w.len, sizeof(mem));
		ASSERT_OCTETS(slice_make(mem, strlen(rows[i].octets) / 2),
			      test_unhex(rows[i].octets), rows[i].utf8);
		for (size_t n = strlen(rows[i].octets) / 2; n < sizeof(mem); n++)
			CU_ASSERT_EQUAL(mem[n], 0xFF);
		same_text(SLICE_OF(mem), rows[i].utf8);
	}
}

/* Each character of UCS2 comes back, in whatever coding it goes. */
static void test_every_character(void)
{
	for (uint32_t v = ' '; v <= 0xFFFD; v++) {
		char utf8[8] = "";
		uint8_t mem[16];
		struct wbuf w = wbuf_init(mem, sizeof(mem));

		if (v == 0x7F || (v >= 0xD800 && v <= 0xDFFF))
			continue;
		if (v < 0x80)
			snprintf(utf8, sizeof(utf8), "%c", (int)v);
		else if (v < 0x800)
			snprintf(utf8, sizeof(utf8), "%c%c", (int)(0xC0 | v >> 6),
				 (int)(0x80 | (v & 63)));
		else
			snprintf(utf8, sizeof(utf8), "%c%c%c", (int)(0xE0 | v >> 12),
				 (int)(0x80 | (v >> 6 & 63)), (int)(0x80 | (v & 63)));
		ASSERT_ERR(simtext_fill(slice_str(utf8), sizeof(mem), &w), ERR_OK);
		same_text(SLICE_OF(mem), utf8);
	}
}

/* What others write */
static void test_read(void)
{
	static const struct {
		const char *field, *utf8;
	} read[] = {
		{"", ""},
		{"FFFF", ""},
		{"54657374", "Test"},  /* the field full */
		{"1B1B1B001B", " @ "}, /* not in the table yet; cut behind the escape */
		{"5480FF", "T\uFFFD"}, /* no octet of the alphabet */
		{"80", ""},
		{"800416FFFFFFFF", "Ж"},
		{"80D83DDE00FFFF", "\U0001F600"}, /* UTF-16 */
		{"80D83D0041", "\uFFFDA"},
		{"80DE000041", "\uFFFDA"},
		{"800041FF", "A"},
		{"81", ""},
		{"8103", ""},
		{"810308963132", "Ж12"}, /* counted, without filler */
		{"81FF0896", "Ж"},	 /* counts more than there is */
		{"8102089631FF41", "Ж1"},
		{"8103081B2841", "{A"},
		{"8203041680411B", "ЖA "},
		{"8201FFFF80", "\uFFFD"},
		{"8201D80080", "\uFFFD"},
	};

	for (size_t i = 0; i < ARRAY_LEN(read); i++)
		same_text(test_unhex(read[i].field), read[i].utf8);
}

static void test_spec(void)
{
	static const uint8_t key[16] = {0x46, 0x5B};
	struct profile_spec spec = {.iccid = "8988211000000000017",
				    .imsi = "001010000000001",
				    .mnc_length = 2,
				    .algorithm = AKA_MILENAGE,
				    .k = {key, 16},
				    .opc = {key, 16}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(spec.name, sizeof(spec.name), "%s", rows[i].utf8);
		ASSERT_ERR(profile_spec_check(&spec), rows[i].e);
	}
}

TEST_SUITE(simtext, {"texts of each alphabet", test_rows},
	   {"every character of UCS2", test_every_character}, {"what others write", test_read},
	   {"the name of a profile", test_spec})
