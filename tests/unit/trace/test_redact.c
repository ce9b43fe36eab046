/* stand-ins with their check digits, and originals replaced wherever they stand */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/crypto/ec.h"
#include "lib/trace/redact/certificate.h"
#include "lib/trace/redact/originals.h"
#include "lib/trace/redact/replace.h"

static const uint8_t key[STANDIN_KEY_LEN] = {1}, other_key[STANDIN_KEY_LEN] = {2};
static const struct standin_maker maker = {{key, sizeof(key)}, false};
static uint8_t made[STANDIN_VALUE_MAX];

static struct slice standin(const struct standin_maker *m, enum standin_as as, struct slice value)
{
	ASSERT_ERR(standin_make(m, as, value, 0, made), ERR_OK);
	return slice_make(made, value.len);
}

static unsigned luhn(struct slice digits)
{
	unsigned sum = 0;

	for (size_t i = 0; i < digits.len; i++) {
		unsigned d = slice_at(digits, digits.len - 1 - i) - '0';

		d = i % 2 ? 2 * d : d;
		sum += d / 10 + d % 10;
	}
	return sum % 10;
}

static unsigned mod_97(struct slice digits)
{
	unsigned rest = 0;

	for (size_t i = 0; i < digits.len; i++)
		rest = (10 * rest + slice_at(digits, i) - '0') % 97;
	return rest;
}

/* The EID of SGP.26's examples; numbers of nobody */
static void test_check_digits(void)
{
	static const char *const eids[] = {"89049032123451234512345678901235",
					   "89049032123451234512345678901234"};
	static const char *const iccids[] = {"8900012345678901234", "89000123456789012341"};
	struct slice s;

	s = standin(&maker, STANDIN_EID, slice_str(eids[0]));
	CU_ASSERT_EQUAL(mod_97(s), 1);
	CU_ASSERT_FALSE(slice_is(s, eids[0]));
	CU_ASSERT_NOT_EQUAL(mod_97(standin(&maker, STANDIN_EID, slice_str(eids[1]))), 1);
	for (size_t i = 0; i < ARRAY_LEN(iccids); i++) {
		bool good = luhn(slice_str(iccids[i])) == 0;

		s = standin(&maker, STANDIN_ICCID, slice_str(iccids[i]));
		CU_ASSERT_TRUE(slice_starts(s, slice_str("89")));
		if (good)
			CU_ASSERT_EQUAL(luhn(s), 0);
	}
	s = standin(&maker, STANDIN_IMEI, slice_str("490154203237518")); /* TS 23.003's */
	CU_ASSERT_EQUAL(luhn(s), 0);
	s = standin(&maker, STANDIN_IMSI, slice_str("001010123456789"));
	CU_ASSERT_TRUE(slice_starts(s, slice_str("999")));
}

/* What an IMSI and a PLMN have of one network becomes one network. */
static void test_networks(void)
{
	struct standin_maker keeps = maker;
	struct slice plmn = test_unhex("62F210"), three = test_unhex("130014");
	uint8_t imsi[15];
	struct slice s = standin(&maker, STANDIN_IMSI, slice_str("262010000000001"));

	ASSERT_ERR(slice_copy(s, imsi, sizeof(imsi)), ERR_OK);
	s = standin(&maker, STANDIN_PLMN, plmn);
	CU_ASSERT_EQUAL(slice_at(s, 0), 0x99);
	CU_ASSERT_EQUAL(slice_at(s, 1), 0xF9);
	CU_ASSERT_EQUAL(slice_at(s, 2) & 0xF, imsi[3] - '0');
	CU_ASSERT_EQUAL(slice_at(s, 2) >> 4, imsi[4] - '0');
	s = standin(&maker, STANDIN_PLMN, three);
	CU_ASSERT_TRUE(slice_at(s, 1) >> 4 <= 9);
	ASSERT_OCTETS(standin(&maker, STANDIN_PLMN, test_unhex("FFFFFF")), test_unhex("FFFFFF"),
		      "no network");
	keeps.keeps_network = true;
	ASSERT_OCTETS(standin(&keeps, STANDIN_PLMN, plmn), plmn, "a network that is kept");
	s = standin(&keeps, STANDIN_IMSI, slice_str("262010000000001"));
	CU_ASSERT_TRUE(slice_starts(s, slice_str("26201")));
	CU_ASSERT_FALSE(slice_is(s, "262010000000001"));
}

static void test_keys(void)
{
	const struct standin_maker other = {{other_key, sizeof(other_key)}, false};
	struct slice value = test_unhex("00112233445566778899AABBCCDDEEFF"), s;
	uint8_t first[16];

	s = standin(&maker, STANDIN_OCTETS, value);
	ASSERT_ERR(slice_copy(s, first, sizeof(first)), ERR_OK);
	ASSERT_OCTETS(standin(&maker, STANDIN_OCTETS, value), SLICE_OF(first), "the same key");
	CU_ASSERT_FALSE(slice_equal(standin(&other, STANDIN_OCTETS, value), SLICE_OF(first)));
	s = standin(&maker, STANDIN_TEXT, slice_str("smdp-1.Example.COM"));
	CU_ASSERT_EQUAL(slice_at(s, 4), '-');
	CU_ASSERT_EQUAL(slice_at(s, 6), '.');
	CU_ASSERT_TRUE(slice_at(s, 7) >= 'A' && slice_at(s, 7) <= 'Z');
	s = standin(&maker, STANDIN_BCD, test_unhex("F912"));
	CU_ASSERT_EQUAL(slice_at(s, 0) >> 4, 0xF);
	CU_ASSERT_TRUE((slice_at(s, 0) & 0xF) <= 9 && slice_at(s, 1) >> 4 <= 9);
}

static void test_points(void)
{
	enum ec_curve curves[] = {EC_P256, EC_BP256R1};

	for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
		struct ec_key *k = NULL;
		struct slice s;

		ASSERT_ERR(ec_key_generate(curves[i], &k), ERR_OK);
		s = standin(&maker, STANDIN_POINT, ec_key_point(k));
		ASSERT_ERR(ec_point_check(curves[i], s), ERR_OK);
		CU_ASSERT_FALSE(slice_equal(s, ec_key_point(k)));
		ec_key_free(&k);
	}
}

static void find_all(void *ctx, uint64_t first, uint64_t end, struct replace_bounds *out)
{
	(void)ctx, (void)first, (void)end;
	*out = (struct replace_bounds){0, SIZE_MAX};
}

static struct originals *one_original(enum search_kind how, enum standin_as as, struct slice value)
{
	struct originals *o = originals_open(&maker);
	const struct original_found f = {
		.kind = REDACT_ICCID, .how = how, .as = as, .value = value};

	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	originals_take(o, &f);
	originals_take(o, &f);
	ASSERT_ERR(originals_done(o), ERR_OK);
	return o;
}

/* What is searched as a text: no word. */
static void test_words(void)
{
	static const struct {
		const char *text;
		unsigned count;
	} texts[] = {{"smdp.example.com", 1},
		     {"4F7Q-Z9K2-ABCD-77XY", 1},
		     {"anna@home", 1},
		     {"internet", 0},
		     {"web2", 0},
		     {"11111111", 0}};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct originals *o =
			one_original(SEARCH_TEXT, STANDIN_TEXT, slice_str(texts[i].text));

		CU_ASSERT_EQUAL(originals_count(o), texts[i].count);
		originals_close(&o);
	}
}

/* A key of 300 octets leaves none of them. */
static void test_long_values(void)
{
	uint8_t octets[320], was[300];
	struct view view = view_whole(octets, sizeof(octets));
	const struct replace_views views = {&view, 1, find_all, NULL};
	struct replaced replaced = {0};
	struct replacer *r = NULL;
	struct originals *o;
	size_t same = 0;

	for (size_t i = 0; i < sizeof(was); i++)
		was[i] = (uint8_t)(i * 7 + i / 256);
	memset(octets, 0x11, sizeof(octets));
	memcpy(octets + 10, was, sizeof(was));
	o = one_original(SEARCH_OCTETS, STANDIN_OCTETS, SLICE_OF(was));
	CU_ASSERT_EQUAL(originals_count(o), 2);
	ASSERT_ERR(replacer_open(o, &r), ERR_OK);
	ASSERT_ERR(replace_all(r, &views, &replaced), ERR_OK);
	for (size_t i = 0; i < sizeof(was); i++)
		same += octets[10 + i] == was[i];
	CU_ASSERT_TRUE(same < 20);
	CU_ASSERT_EQUAL(octets[9], 0x11);
	CU_ASSERT_EQUAL(octets[310], 0x11);
	replacer_close(&r);
	originals_close(&o);
}

/* A text with an ICCID in six forms: none is left, all say the same, and nothing else changes. */
static void test_forms(void)
{
	char text[] = "98001032547698103214 89000123456789012341 "
		      "\"mAAQMlR2mBAyFA==\" 98 00 10 32 54 76 98 10 32 14 "
		      "3938303031303332353437363938313033323134 end";
	const char before[] = "98001032547698103214 ";
	struct originals *o =
		one_original(SEARCH_DIGITS, STANDIN_ICCID, slice_str("89000123456789012341"));
	struct view view = view_whole((uint8_t *)text, strlen(text));
	const struct replace_views views = {&view, 1, find_all, NULL};
	struct replaced out = {{0}, 0};
	struct replace_left left;
	struct replacer *r = NULL;
	char swapped[21];
	bool found = false;

	CU_ASSERT_EQUAL(originals_count(o), 1);
	ASSERT_ERR(replacer_open(o, &r), ERR_OK);
	ASSERT_ERR(replace_find(r, &view, true, &left, &found), ERR_OK);
	CU_ASSERT_TRUE(found && left.kind == REDACT_ICCID && left.at == 0);
	ASSERT_ERR(replace_all(r, &views, &out), ERR_OK);
	CU_ASSERT_EQUAL(out.kinds[REDACT_ICCID], 4);
	ASSERT_ERR(replace_find(r, &view, false, &left, &found), ERR_OK);
	CU_ASSERT_FALSE(found);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, " end"));
	snprintf(swapped, sizeof(swapped), "%.20s", text);
	CU_ASSERT_NOT_EQUAL(strncmp(text, before, sizeof(before) - 1), 0);
	for (size_t i = 0; i < 20; i++)
		CU_ASSERT_EQUAL(text[21 + i], swapped[i ^ 1]);
	replacer_close(&r);
	originals_close(&o);
}

/* Octets that lie apart, and as hex; a short value by its place alone. */
static void test_places(void)
{
	char text[] = "00 b0 01 62 f2\n10 aa 62 f2 10";
	static const size_t at[] = {0, 3, 6, 9, 12, 15, 18, 21, 24, 27};
	struct slice data = test_unhex("00B00162F210AA62F210");
	const struct original_found f = {.kind = REDACT_NETWORK,
					 .as = STANDIN_PLMN,
					 .value = slice_sub(data, 3, 3),
					 .raw = slice_sub(data, 3, 3),
					 .data = data};
	struct originals *o = originals_open(&maker);
	struct view view = view_parts((uint8_t *)text, true);
	const struct replace_views views = {&view, 1, find_all, NULL};
	struct replaced out = {{0}, 0};
	struct replacer *r = NULL;

	for (size_t i = 0; i < ARRAY_LEN(at); i++)
		view_add(&view, at[i]);
	ASSERT_ERR(view_done(&view), ERR_OK);
	originals_take(o, &f);
	CU_ASSERT_EQUAL(originals_count(o), 0);
	CU_ASSERT_EQUAL(originals_places(o), 1);
	ASSERT_ERR(replacer_open(o, &r), ERR_OK);
	ASSERT_ERR(replace_all(r, &views, &out), ERR_OK);
	CU_ASSERT_EQUAL(out.missed, 0);
	CU_ASSERT_EQUAL(strncmp(text, "00 b0 01 99 f9\n", 15), 0);
	CU_ASSERT_STRING_EQUAL(text + 18, "aa 62 f2 10");
	view_free(&view);
	replacer_close(&r);
	originals_close(&o);
}

/* Blank and plain octets are nobody's. */
static void test_blanks(void)
{
	struct originals *o = originals_open(&maker);
	static const char *const plain[] = {"FFFFFFFFFFFFFFFF", "0000000000000000", "",
					    "0000000000000007"};

	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		originals_take(o, &(struct original_found){.kind = REDACT_KEY,
							   .as = STANDIN_SECRET,
							   .value = test_unhex(plain[i])});
	CU_ASSERT_EQUAL(originals_count(o) + originals_places(o), 0);
	ASSERT_ERR(originals_done(o), ERR_OK);
	originals_close(&o);
}

TEST_SUITE(redact, {"check digits that were right are right", test_check_digits},
	   {"networks in IMSIs and in lists", test_networks}, {"one key, one stand-in", test_keys},
	   {"points stay on their curve", test_points}, {"one value in many forms", test_forms},
	   {"short values by their places", test_places},
	   {"what is no word is searched in words", test_words},
	   {"long values in pieces", test_long_values}, {"what is blank stays", test_blanks})
