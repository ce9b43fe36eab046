/* what two packages say differently */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/package/diff.h"
#include "lib/profile/pe.h"
#include "lib/base/tlv.h"
#include "tests/unit/support/sample_package.h"

struct seen {
	size_t count;
	char first[512]; /* where|before|after */
	bool secret;	 /* a key was shown */
};

static void on_difference(void *ctx, const struct package_difference *d)
{
	struct seen *s = ctx;
	const char *texts[] = {d->before ? d->before : "", d->after ? d->after : ""};

	CU_ASSERT(*d->where && (d->before || d->after));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		s->secret =
			s->secret || strstr(texts[i], "465b5ce8") || strstr(texts[i], "31323334");
	if (!s->count++)
		snprintf(s->first, sizeof(s->first), "%.200s|%.120s|%.120s", d->where,
			 d->before ? d->before : "-", d->after ? d->after : "-");
}

static struct seen diff(struct slice a, struct slice b, bool secrets)
{
	struct seen s = {0};

	ASSERT_ERR(package_diff(a, b, secrets, on_difference, &s), ERR_OK);
	return s;
}

static void test_one_change(void)
{
	static const struct {
		const char *change, *first;
	} rows[] = {
		{"[]", ""},
		/* what says the same */
		{"[{\"set\": \"/18/end/end-header/identification\", \"to\": 77}]", ""},
		{"[{\"set\": \"/3/pinCodes/pinCodes/pinconfig/0/maxNumOfAttemps-retryNumLeft\", "
		 "\"to\": 51}]",
		 ""},
		{"[{\"set\": \"/5/usim/ef-ecc/0/fileDescriptor/lcsi\", \"to\": \"05\"}]", ""},
		{"[{\"set\": \"/5/usim/ef-ecc/1/fillFileContent\", \"to\": \"11f2\"}, {\"add\": "
		 "\"/5/usim/ef-ecc/2\", \"value\": {\"fillFileContent\": \"ff0019f1ff00\"}}]",
		 ""},
		{"[{\"add\": \"/5/usim/ef-acc/0\", \"value\": {\"fileDescriptor\": "
		 "{\"fileDescriptor\": "
		 "\"4121\", \"fileID\": \"6f78\", \"efFileSize\": \"02\"}}}]",
		 ""},
		/* what does not */
		{"[{\"set\": \"/0/header/profileType\", \"to\": \"x\"}]",
		 "header/profileType|\"lint\"|\"x\""},
		{"[{\"drop\": \"/0/header/eUICC-Mandatory-services/usim\"}]",
		 "header/eUICC-Mandatory-services/usim|yes|-"},
		{"[{\"add\": \"/0/header/eUICC-Mandatory-GFSTEList/0\", \"value\": \"2.999\"}]",
		 "header/eUICC-Mandatory-GFSTEList/0|-|2.999"},
		{"[{\"set\": \"/3/pinCodes/pinCodes/pinconfig/0/pinValue\", \"to\": "
		 "\"35353535ffffffff\"}]",
		 "pinCodes/pinCodes/pinconfig/pinAppl1/pinValue|(8 octets, masked)|(8 octets, "
		 "masked)"},
		{"[{\"drop\": \"/2/pukCodes/pukCodes/1\"}]",
		 "pukCodes/pukCodes/secondPUKAppl1|there|-"},
		{"[{\"drop\": \"/9\"}]", "gsm-access|there|-"},
		{"[{\"drop\": \"/12\"}]", "akaParameter#2|there|-"},
		{"[{\"set\": \"/5/usim/ef-imsi/0/fillFileContent\", \"to\": "
		 "\"080910100000000040\"}]",
		 "7FF06F07 ef-imsi: contents from octet 8|30|40"},
		{"[{\"set\": \"/9/gsm-access/ef-kc/1/fillFileContent\", \"to\": "
		 "\"ffffffffffffffff06\"}]",
		 "7FF05F3B4F20 ef-kc: contents from octet 8|masked|masked, other"},
		{"[{\"set\": \"/13/genericFileManagement/fileManagementCMD/0/6/createFCP/"
		 "proprietaryEFInfo/repeatPattern\", \"to\": \"0103\"}]",
		 "7FF06FFE: contents from octet 1|020102|030103"},
		{"[{\"set\": \"/13/genericFileManagement/fileManagementCMD/0/6/createFCP/"
		 "securityAttributesReferenced\", \"to\": \"6f0603\"}]",
		 "7FF06FFE: EF.ARR and record|6F06 2|6F06 3"},
		{"[{\"drop\": \"/13/genericFileManagement/fileManagementCMD/0/6\"}]",
		 "7FF06FFE|there|-"},
		{"[{\"set\": \"/5/usim/ef-ecc/0/fileDescriptor/efFileSize\", \"to\": \"0c\"}]",
		 "7FF06FB7 ef-ecc: size|8|12"},
		{"[{\"drop\": \"/5/usim/usim-header/mandated\"}]", "usim/mandated|yes|-"},
		{"[{\"add\": \"/18\", \"value\": {\"_tlv\": \"bf7f0101\"}}]", "unknown|-|there"},
		{"[{\"set\": \"/18/end/_extensions\", \"to\": [\"8100\"]}]",
		 "end/_extensions|-|(0 octets, masked)"},
		{"[{\"drop\": \"/12\"}, {\"add\": \"/9\", \"value\": {\"akaParameter\": "
		 "{\"aka-header\": {\"mandated\": null, \"identification\": 12}, "
		 "\"algoConfiguration\": {\"mappingParameter\": {\"mappingOptions\": \"06\", "
		 "\"mappingSource\": \"a0000000871002ff49ff0589\"}}}}}]",
		 "order of the elements|isim, akaParameter|akaParameter, isim"},
	};
	json_t *vectors = test_vectors("lint"), *base = json_object_get(vectors, "elements");
	struct wbuf a, b;

	sample_encode(base, &a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		json_t *elements = json_deep_copy(base), *ops = json_loads(rows[i].change, 0, NULL);
		struct seen s, back;

		CU_ASSERT_PTR_NOT_NULL_FATAL(ops);
		sample_change(elements, ops);
		sample_encode(elements, &b);
		s = diff(wbuf_slice(&a), wbuf_slice(&b), false);
		back = diff(wbuf_slice(&b), wbuf_slice(&a), false);
		if (strcmp(s.first, rows[i].first) != 0)
			printf("row %zu: %s\n", i, s.first);
		CU_ASSERT_STRING_EQUAL(s.first, rows[i].first);
		CU_ASSERT_EQUAL(s.count, back.count);
		json_decref(elements);
		json_decref(ops);
		wbuf_free(&b);
	}
	json_decref(vectors);
	wbuf_free(&a);
}

/* A link has no contents: that its Fcp says no SFI in two ways is no difference. */
static void test_link(void)
{
	static const char *const links[] = {
		"[{\"set\": \"/7/opt-usim/ef-msisdn\", \"to\": [{\"fileDescriptor\": {\"fileID\": "
		"\"6f40\", \"shortEFID\": \"\", \"linkPath\": \"7f106f40\"}}]}]",
		"[{\"set\": \"/7/opt-usim/ef-msisdn\", \"to\": [{\"fileDescriptor\": {\"fileID\": "
		"\"6f40\", \"linkPath\": \"7f106f40\"}}]}]",
		"[{\"set\": \"/7/opt-usim/ef-msisdn\", \"to\": [{\"fileDescriptor\": {\"fileID\": "
		"\"6f40\", \"linkPath\": \"7f106f3a\"}}]}]"};
	json_t *vectors = test_vectors("lint"), *base = json_object_get(vectors, "elements");
	struct wbuf made[ARRAY_LEN(links)];
	struct seen s;

	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		json_t *elements = json_deep_copy(base), *ops = json_loads(links[i], 0, NULL);

		CU_ASSERT_PTR_NOT_NULL_FATAL(ops);
		sample_change(elements, ops);
		sample_encode(elements, &made[i]);
		json_decref(elements);
		json_decref(ops);
	}
	CU_ASSERT_EQUAL(diff(wbuf_slice(&made[0]), wbuf_slice(&made[1]), true).count, 0);
	s = diff(wbuf_slice(&made[1]), wbuf_slice(&made[2]), true);
	CU_ASSERT_EQUAL(s.count, 1);
	CU_ASSERT_STRING_EQUAL(s.first, "7FF06F40 ef-msisdn: linkPath|7f106f40|7f106f3a");
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		wbuf_free(&made[i]);
	json_decref(vectors);
}

/* All changes of the lint's cases: no secret without asking, and as many differences either way. */
static void test_many_changes(void)
{
	json_t *vectors = test_vectors("lint"), *base = json_object_get(vectors, "elements");
	json_t *cases = json_object_get(vectors, "cases");
	struct wbuf a, b;
	size_t different = 0;

	sample_encode(base, &a);
	for (size_t i = 0; i < json_array_size(cases); i++) {
		json_t *elements = json_deep_copy(base);
		struct seen s, back;

		sample_change(elements, json_object_get(json_array_get(cases, i), "change"));
		sample_encode(elements, &b);
		s = diff(wbuf_slice(&a), wbuf_slice(&b), false);
		back = diff(wbuf_slice(&b), wbuf_slice(&a), false);
		CU_ASSERT_FALSE(s.secret || back.secret);
		CU_ASSERT_EQUAL(s.count == 0, back.count == 0);
		different += s.count != 0;
		json_decref(elements);
		wbuf_free(&b);
	}
	CU_ASSERT(different > json_array_size(cases) * 9 / 10);
	json_decref(vectors);
	wbuf_free(&a);
}

static void test_secrets(void)
{
	struct wbuf a, b;
	struct slice key = test_unhex("465B5CE8B199B49FAA5F0A2EE238A6BC");
	uint8_t *at;

	sample_package(&a, false);
	sample_package(&b, false);
	CU_ASSERT_EQUAL(diff(wbuf_slice(&a), wbuf_slice(&b), true).count, 0);
	at = memmem(b.ptr, b.len, key.ptr, key.len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	at[15] ^= 1;
	CU_ASSERT_EQUAL(diff(wbuf_slice(&a), wbuf_slice(&b), false).count, 1);
	CU_ASSERT_FALSE(diff(wbuf_slice(&a), wbuf_slice(&b), false).secret);
	CU_ASSERT_TRUE(diff(wbuf_slice(&a), wbuf_slice(&b), true).secret);
	wbuf_free(&a);
	wbuf_free(&b);
}

static void test_bad_packages(void)
{
	struct wbuf a;
	struct seen s = {0};

	sample_package(&a, false);
	for (size_t n = 0; n < a.len; n += 7) {
		struct slice cut = slice_sub(wbuf_slice(&a), 0, n);
		enum err forth = package_diff(wbuf_slice(&a), cut, false, on_difference, &s);
		enum err back = package_diff(cut, wbuf_slice(&a), false, on_difference, &s);

		CU_ASSERT_EQUAL((int)forth, (int)back);
	}
	wbuf_free(&a);
}

/* Long lists are compared item by item. */
static void test_long_list(void)
{
	struct wbuf a = wbuf_grow(1 << 20), b = wbuf_grow(1 << 20);
	struct wbuf *both[] = {&a, &b};

	for (size_t n = 0; n < ARRAY_LEN(both); n++) {
		size_t element = tlv_open(both[n], PE_PUK_CODES), list;

		wbuf_put(both[n], test_unhex("A003810101"));
		list = tlv_open(both[n], 0xA1);
		for (size_t i = 0; i < 20000 + n; i++) {
			size_t one = tlv_open(both[n], ASN1_SEQUENCE);

			tlv_put_uint(both[n], 0x80, 1);
			tlv_put_uint(both[n], 0x82, i == 7 ? n : 5);
			tlv_close(both[n], one);
		}
		tlv_close(both[n], list);
		tlv_close(both[n], element);
	}
	CU_ASSERT_EQUAL(diff(wbuf_slice(&a), wbuf_slice(&b), false).count, 2);
	wbuf_free(&a);
	wbuf_free(&b);
}

TEST_SUITE(package_diff, {"long lists", test_long_list}, {"one change", test_one_change},
	   {"links", test_link}, {"many changes", test_many_changes}, {"secrets", test_secrets},
	   {"bad packages", test_bad_packages})
