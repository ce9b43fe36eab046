/* packages to JSON and back, octet for octet */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/package/json.h"
#include "host/package/text.h"
#include "lib/base/tlv.h"
#include "tests/unit/support/sample_package.h"

static const char *const packages[] = {
	"TS48V1-A-UNIQUE.der",
	"TS48V2-SAIP2-3-NOBERTLV-UNIQUE.der",
	"TS48v1_A.der",
	"TS48v1_B.der",
	"TS48v2_SAIP2.1_BERTLV.der",
	"TS48v3_SAIP2.3_BERTLV.der",
	"TS48v4_SAIP2.1B_NoBERTLV.der",
	"TS48v5_SAIP2.1A_NoBERTLV.der",
	"TS48v5_SAIP2.3_BERTLV_SUCI.der",
	"TS48v7_SAIP2.3_BERTLV_SUCI.der",
};

/* To JSON, to text, and back. */
static void round_trip(struct slice package, const char *what)
{
	struct wbuf der = wbuf_grow(PACKAGE_MAX);
	struct package_error error;
	json_t *json = NULL, *again;
	char *text;

	ASSERT_ERR(package_to_json(package, true, &json, &error), ERR_OK);
	text = json_dumps(json, JSON_INDENT(2));
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	again = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	ASSERT_ERR(package_from_json(again, &der, &error), ERR_OK);
	if (*error.why)
		printf("%s: %s: %s\n", what, error.path, error.why);
	ASSERT_OCTETS(wbuf_slice(&der), package, what);
	free(text);
	json_decref(json);
	json_decref(again);
	wbuf_free(&der);
}

static void test_whole_packages(void)
{
	struct wbuf own;

	for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
		char path[128];
		struct slice package;

		snprintf(path, sizeof(path), "rsp/upp/%s", packages[i]);
		package = test_shared(path);
		if (package.len)
			round_trip(package, packages[i]);
	}
	sample_package(&own, false);
	round_trip(wbuf_slice(&own), "our own");
	wbuf_free(&own);
}

/* What PEDefinitions does not know, or what has another shape, comes back as it was. */
static void test_odd_packages(void)
{
	static const char *const rows[] = {
		"AA05A003810101",			    /* as it should be */
		"AA07A0038101018100",			    /* an extension */
		"AA00",					    /* a field is missing */
		"AA078100A003810101",			    /* unknown in front */
		"BF7F03010203 8100",			    /* unknown elements */
		"AA06A00481020001",			    /* an INTEGER that is not minimal */
		"AA05A003810180",			    /* a negative one */
		"AA08A0068001008101 01",		    /* NULL with contents */
		"A90DA003810101 8101FF 82030102 03",	    /* no OBJECT IDENTIFIER */
		"A10EA003810101 A1073005 8000 810100",	    /* FileManagement */
		"A110A003810101 A1093007 8000 840100 0500", /* ... with steps that are not known */
		"A10CA003810101 A1053103 020101",	    /* ... a SET among the SEQUENCEs */
		"A01C800102810103 8202C328 830A98001032547698103214 A5028100 A600", /* no UTF-8 */
		"A023800102810103 820141 830A98001032547698103214 A5028100 A608060667810F010201",
		"A4 1E A003810101 A117 A115 800104 810101 8204 00112233 8304 44556677 860100",
		"A4 1B A003810101 A114 A112 800104 810101 8204 00112233 8304 44556677",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice s = test_unhex(rows[i]);
		struct package_error error;

		if (package_check(s, &error)) {
			printf("row %zu: %s\n", i, error.why);
			CU_FAIL("no DER");
		} else {
			round_trip(s, rows[i]);
		}
	}
}

static void test_cut(void)
{
	struct wbuf own;
	struct package_error error;

	sample_package(&own, false);
	for (size_t n = 0; n < own.len; n++) {
		struct slice part = slice_sub(wbuf_slice(&own), 0, n);

		if (package_check(part, &error)) {
			CU_ASSERT(*error.why && *error.path);
			continue;
		}
		/* cut between two elements */
		round_trip(part, "cut");
	}
	wbuf_free(&own);
}

static void test_limits(void)
{
	struct wbuf many = wbuf_grow(4 * PACKAGE_MAX), deep = wbuf_grow(PACKAGE_MAX);
	struct package_error error;
	size_t marks[4000];
	json_t *json = NULL;

	for (size_t i = 0; i < 1000000; i++)
		wbuf_u16(&many, 0xAA00);
	ASSERT_ERR(package_to_json(wbuf_slice(&many), true, &json, &error), ERR_LENGTH);
	CU_ASSERT(strstr(error.why, "elements") != NULL);
	wbuf_reset(&many);
	marks[0] = tlv_open(&many, 0xB0); /* a File of many steps */
	marks[1] = tlv_open(&many, 0xA2);
	for (size_t i = 0; i < 300000; i++)
		wbuf_u16(&many, 0x8300);
	tlv_close(&many, marks[1]);
	tlv_close(&many, marks[0]);
	ASSERT_ERR(package_to_json(wbuf_slice(&many), true, &json, &error), ERR_LENGTH);
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		marks[i] = tlv_open(&deep, 0xA1);
	for (size_t i = ARRAY_LEN(marks); i-- > 0;)
		tlv_close(&deep, marks[i]);
	round_trip(wbuf_slice(&deep), "deep");
	ASSERT_ERR(package_to_json(test_unhex("A084FFFFFFFF"), true, &json, &error), ERR_TRUNCATED);
	ASSERT_ERR(package_to_json(test_unhex("A080 0000"), true, &json, &error), ERR_ENCODING);
	ASSERT_ERR(package_to_json(SLICE_EMPTY, true, &json, &error), ERR_TRUNCATED);
	wbuf_free(&many);
	wbuf_free(&deep);
}

/* The whole text that show prints, with and without secrets. */
static char *text_of(struct slice package, bool secrets)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	package_print(package, secrets, f);
	fclose(f);
	return text;
}

/* A profile type that would steer a terminal: CSI in one octet, and in the two of UTF-8. */
static void test_printable(void)
{
	static const char *const steering[] = {"A01C 800102 810103 8204611B5B4A"
					       "830A98001032547698103214 A500 A600",
					       "A01C 800102 810103 820461C29B4A"
					       "830A98001032547698103214 A500 A600"};

	for (size_t i = 0; i < ARRAY_LEN(steering); i++) {
		char *text = text_of(test_unhex(steering[i]), true);

		CU_ASSERT_PTR_NOT_NULL(strstr(text, "profileType"));
		CU_ASSERT_PTR_NULL(strstr(text, "\x1B"));
		CU_ASSERT_PTR_NULL(strstr(text, "\xC2\x9B"));
		free(text);
	}
}

static void test_masks(void)
{
	static const char *const secrets[] = {
		"465b5ce8b199b49faa5f0a2ee238a6bc", "cd63cb71954a9f4e48a5994e37a02baf",
		"31323334ffffffff", "3132333435363738", "34333231ffffffff"};
	struct wbuf own, der = wbuf_grow(PACKAGE_MAX);
	struct package_error error;
	json_t *json = NULL;

	sample_package(&own, false);
	for (int shown = 0; shown < 2; shown++) {
		char *text = text_of(wbuf_slice(&own), shown), *dump;

		ASSERT_ERR(package_to_json(wbuf_slice(&own), shown, &json, &error), ERR_OK);
		dump = json_dumps(json, 0);
		for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
			CU_ASSERT_EQUAL(strstr(text, secrets[i]) != NULL, shown);
			CU_ASSERT_EQUAL(strstr(dump, secrets[i]) != NULL, shown);
		}
		CU_ASSERT_PTR_NOT_NULL(strstr(text, "8988211000000000017"));
		if (!shown) {
			ASSERT_ERR(package_from_json(json, &der, &error), ERR_VALUE);
			CU_ASSERT_PTR_NOT_NULL(strstr(error.why, "masked"));
			CU_ASSERT_STRING_EQUAL(error.path,
					       "/elements/2/pukCodes/pukCodes/0/pukValue");
		}
		free(text);
		free(dump);
		json_decref(json);
	}
	wbuf_free(&own);
	wbuf_free(&der);
}

/* The elements of the lint vectors as they are shown */
static char *text_of_elements(void)
{
	json_t *vectors = test_vectors("lint");
	struct wbuf der;
	char *text;

	sample_encode(json_object_get(vectors, "elements"), &der);
	text = text_of(wbuf_slice(&der), false);
	wbuf_free(&der);
	json_decref(vectors);
	return text;
}

static void test_meanings(void)
{
	static const char *const lines[] = {"IMSI 001010000000001",
					    "\"Lab\"",
					    "access classes 1\n",
					    "MNC of 2 digits",
					    "services 2 10 12 19 21 27 33-34 38 71 85\n",
					    "linear fixed, records of 46",
					    "template of MF, version 1",
					    "10 of 10 tries left",
					    "1 (milenage)",
					    "USIM",
					    "EF.ARR 6F06, record",
					    "no short identifier",
					    "sealed second subscription, key 1"};
	struct wbuf own;
	char *text;

	sample_package(&own, true);
	text = text_of(wbuf_slice(&own), false);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		if (!strstr(text, lines[i]))
			printf("not said: %s\n", lines[i]);
		CU_ASSERT_PTR_NOT_NULL(strstr(text, lines[i]));
	}
	free(text);
	wbuf_free(&own);
	text = text_of_elements();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "disabled, changeable, can be disabled\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "enabled, changeable, cannot be disabled\n"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(text, "2.23.143.1.2.4.2   template of ADF.USIM, version 2\n"));
	free(text);
}

/* All that is kept raw is masked too: a key may stand in it. */
static void test_raw_masks(void)
{
	struct slice s = test_unhex("A21BA003810101 A114 A012 3010 8101018108 3132333435363738 "
				    "8501FF AA07A0038101018100 BF7F03313233");
	char *text = text_of(s, false);

	CU_ASSERT_PTR_NULL(strstr(text, "3132"));
	free(text);
	text = text_of(s, true);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "3132"));
	free(text);
}

static void test_bad_json(void)
{
	static const struct {
		const char *json, *path, *why;
	} rows[] = {
		{"[]", "", "elements"},
		{"{\"format\": \"x\", \"elements\": []}", "", "format"},
		{"{\"elements\": {}}", "/elements", "array"},
		{"{\"elements\": [1]}", "/elements/0", "one key"},
		{"{\"elements\": [{\"nothing\": 1}]}", "/elements/0", "nothing"},
		{"{\"elements\": [{\"end\": 1}]}", "/elements/0/end", "object"},
		{"{\"elements\": [{\"end\": {}}]}", "/elements/0/end", "end-header"},
		{"{\"elements\": [{\"end\": {\"end-header\": {}}}]}", "/elements/0/end/end-header",
		 "identification"},
		{"{\"elements\": [{\"end\": {\"end-header\": {\"identification\": -1}}}]}",
		 "/elements/0/end/end-header/identification", "number"},
		{"{\"elements\": [{\"end\": {\"end-header\": {\"identification\": 1.5}}}]}",
		 "/elements/0/end/end-header/identification", "number"},
		{"{\"elements\": [{\"end\": {\"end-header\": {\"identification\": \"x\"}}}]}",
		 "/elements/0/end/end-header/identification", "names no value"},
		{"{\"elements\": [{\"end\": {\"end-header\": {\"mandated\": 1, \"identification\": "
		 "1}}}]}",
		 "/elements/0/end/end-header/mandated", "null"},
		{"{\"elements\": [{\"end\": {\"end-header\": {\"identification\": 1}, \"x\": 1}}]}",
		 "/elements/0/end", "'x'"},
		{"{\"elements\": [{\"end\": {\"_raw\": 5}}]}", "/elements/0/end", "hex"},
		{"{\"elements\": [{\"end\": {\"_raw\": \"5\"}}]}", "/elements/0/end", "hex"},
		{"{\"elements\": [{\"_tlv\": \"zz\"}]}", "/elements/0", "hex"},
		{"{\"elements\": [{\"_masked\": 5}]}", "/elements/0", "masked"},
		{"{\"elements\": [{\"end\": {\"_masked\": 5}}]}", "/elements/0/end", "masked"},
		{"{\"elements\": [{\"end\": {\"end-header\": {\"identification\": 1}, "
		 "\"_extensions\": [{\"_masked\": 2}]}}]}",
		 "/elements/0/end/_extensions/0", "masked"},
		{"{\"elements\": [{\"nonStandard\": {\"nonStandard-header\": {\"identification\": "
		 "1}, \"issuerID\": \"2.\", \"content\": \"\"}}]}",
		 "/elements/0/nonStandard/issuerID", "OBJECT IDENTIFIER"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wbuf der = wbuf_grow(4096);
		struct package_error error;
		json_t *json = json_loads(rows[i].json, 0, NULL);

		CU_ASSERT_PTR_NOT_NULL_FATAL(json);
		CU_ASSERT_NOT_EQUAL(package_from_json(json, &der, &error), ERR_OK);
		CU_ASSERT_STRING_EQUAL(error.path, rows[i].path);
		if (!strstr(error.why, rows[i].why))
			printf("row %zu: %s\n", i, error.why);
		CU_ASSERT_PTR_NOT_NULL(strstr(error.why, rows[i].why));
		json_decref(json);
		wbuf_free(&der);
	}
}

TEST_SUITE(package_json, {"whole packages to JSON and back", test_whole_packages},
	   {"odd packages to JSON and back", test_odd_packages}, {"cut at every octet", test_cut},
	   {"limits", test_limits}, {"what would steer a terminal", test_printable},
	   {"secrets are masked", test_masks}, {"what values mean", test_meanings},
	   {"raw data are masked", test_raw_masks}, {"what build refuses", test_bad_json})
