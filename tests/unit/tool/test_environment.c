/* environment: variables as lines for a shell, as JSON, and in this process */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"
#include "tool/cli/environment.h"

static void test_lines(void)
{
	static const struct {
		const char *value, *line;
	} cases[] = {
		{"", "A=\n"},
		{"localhost:8443", "A=localhost:8443\n"},
		{"/a-b_c/%+,.:=@9", "A=/a-b_c/%+,.:=@9\n"},
		{"a b", "A='a b'\n"},
		{"~", "A='~'\n"},
		{"it's", "A='it'\\''s'\n"},
		{"''", "A=''\\'''\\'''\n"},
		{"$(x) `y` \"z\" \\", "A='$(x) `y` \"z\" \\'\n"},
		{"a\nb\t", "A='a\nb\t'\n"},
		{"\xc3\xbc\xff", "A='\xc3\xbc\xff'\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct environment e = {.count = 0};
		struct wbuf out = wbuf_grow(64);

		environment_add(&e, "A", "%s", cases[i].value);
		ASSERT_ERR(environment_lines(&e, &out), ERR_OK);
		ASSERT_OCTETS(wbuf_slice(&out), slice_str(cases[i].line), cases[i].value);
		environment_free(&e);
		wbuf_free(&out);
	}
}

static void test_several(void)
{
	struct environment e = {.count = 0};
	struct wbuf out = wbuf_grow(64), small = wbuf_grow(8);
	json_t *o, *want = json_pack("{s:s, s:s}", "TWINKEY_TEST_A", "1 2", "TWINKEY_TEST_B", "");

	environment_add(&e, "TWINKEY_TEST_A", "%d %d", 1, 2);
	environment_add(&e, "TWINKEY_TEST_B", "%s", "");
	ASSERT_ERR(environment_lines(&e, &out), ERR_OK);
	ASSERT_OCTETS(wbuf_slice(&out), slice_str("TWINKEY_TEST_A='1 2'\nTWINKEY_TEST_B=\n"),
		      "both");
	ASSERT_ERR(environment_lines(&e, &small), ERR_SPACE);
	o = environment_json(&e);
	CU_ASSERT_TRUE(json_equal(o, want));
	ASSERT_ERR(environment_export(&e), ERR_OK);
	CU_ASSERT_STRING_EQUAL(getenv("TWINKEY_TEST_A"), "1 2");
	CU_ASSERT_STRING_EQUAL(getenv("TWINKEY_TEST_B"), "");
	unsetenv("TWINKEY_TEST_A");
	unsetenv("TWINKEY_TEST_B");
	json_decref(o);
	json_decref(want);
	environment_free(&e);
	CU_ASSERT_EQUAL(e.count, 0);
	wbuf_free(&out);
	wbuf_free(&small);
}

static void test_failed(void)
{
	struct environment e = {.err = ERR_MEMORY};
	struct wbuf out = wbuf_grow(64);

	ASSERT_ERR(environment_lines(&e, &out), ERR_MEMORY);
	CU_ASSERT_PTR_NULL(environment_json(&e));
	ASSERT_ERR(environment_export(&e), ERR_MEMORY);
	wbuf_free(&out);
}

TEST_SUITE(environment, {"quoted where a shell would make more of it", test_lines},
	   {"lines, JSON, exported", test_several}, {"what failed stays so", test_failed})
