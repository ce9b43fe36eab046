/* form: what browsers send, and what somebody sends who is none; cookies likewise. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/http/form.h"

static struct http_form form;

static enum err parse(const char *body)
{
	return http_form_parse(slice_str(body), &form);
}

static void test_fields(void)
{
	ASSERT_ERR(parse(""), ERR_OK);
	CU_ASSERT_EQUAL(form.count, 0);
	ASSERT_ERR(parse("code=123+456&token=%41b%2Bc&empty=&bare&&x=%C3%BC"), ERR_OK);
	CU_ASSERT_EQUAL(form.count, 5);
	CU_ASSERT_STRING_EQUAL(http_form_get(&form, "code"), "123 456");
	CU_ASSERT_STRING_EQUAL(http_form_get(&form, "token"), "Ab+c");
	CU_ASSERT_STRING_EQUAL(http_form_get(&form, "empty"), "");
	CU_ASSERT_STRING_EQUAL(http_form_get(&form, "bare"), "");
	CU_ASSERT_STRING_EQUAL(http_form_get(&form, "x"), "\xC3\xBC");
	CU_ASSERT_PTR_NULL(http_form_get(&form, "cod"));
}

static void test_bad(void)
{
	static const struct {
		const char *body;
		enum err e;
	} rows[] = {
		{"a=1&a=2", ERR_DUPLICATE},    {"a=1&%61=2", ERR_DUPLICATE},
		{"a=%", ERR_ENCODING},	       {"a=%4", ERR_ENCODING},
		{"a=%4g", ERR_ENCODING},       {"a=%00", ERR_VALUE},
		{"a=%0A", ERR_VALUE},	       {"a=x%0d%0aSet-Cookie:%20b=c", ERR_VALUE},
		{"a%09=1", ERR_VALUE},	       {"a=%7F", ERR_VALUE},
		{"a=%FF", ERR_ENCODING},       {"a=%C3", ERR_ENCODING},
		{"a=%E2%80%AE", ERR_ENCODING}, /* turns the text around it */
		{"a=\x01", ERR_VALUE},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ASSERT_ERR(parse(rows[i].body), rows[i].e);
		CU_ASSERT_EQUAL(form.count, 0);
		CU_ASSERT_PTR_NULL(http_form_get(&form, "a"));
	}
}

static void test_many(void)
{
	static char body[HTTP_FORM_MAX + 8];
	size_t n = 0;

	for (unsigned i = 0; i < HTTP_FORM_FIELDS; i++)
		n += (size_t)sprintf(body + n, "f%u=%u&", i, i);
	ASSERT_ERR(parse(body), ERR_OK);
	CU_ASSERT_EQUAL(form.count, HTTP_FORM_FIELDS);
	strcat(body, "one=more");
	ASSERT_ERR(parse(body), ERR_SPACE);
	memset(body, 'x', sizeof(body));
	for (size_t len = HTTP_FORM_MAX - 64; len < sizeof(body); len++) {
		enum err e = http_form_parse(slice_make(body, len), &form);

		CU_ASSERT(e == ERR_OK || e == ERR_SPACE);
	}
	memset(body, '&', sizeof(body));
	ASSERT_ERR(http_form_parse(slice_make(body, HTTP_FORM_MAX - 64), &form), ERR_OK);
	memset(body, '=', sizeof(body));
	ASSERT_ERR(http_form_parse(slice_make(body, HTTP_FORM_MAX - 64), &form), ERR_OK);
}

static void test_cookies(void)
{
	char v[16];

	ASSERT_ERR(http_cookie(NULL, "s", v, sizeof(v)), ERR_NOT_FOUND);
	ASSERT_ERR(http_cookie("", "s", v, sizeof(v)), ERR_NOT_FOUND);
	ASSERT_ERR(http_cookie("ss=1; xs=2;s", "s", v, sizeof(v)), ERR_NOT_FOUND);
	ASSERT_ERR(http_cookie("a=1; s=ab-c_9.; b=2", "s", v, sizeof(v)), ERR_OK);
	CU_ASSERT_STRING_EQUAL(v, "ab-c_9.");
	ASSERT_ERR(http_cookie("s=1;s=1", "s", v, sizeof(v)), ERR_DUPLICATE);
	ASSERT_ERR(http_cookie("s=a b", "s", v, sizeof(v)), ERR_VALUE);
	ASSERT_ERR(http_cookie("s=<b>", "s", v, sizeof(v)), ERR_VALUE);
	ASSERT_ERR(http_cookie("s=0123456789012345", "s", v, sizeof(v)), ERR_SPACE);
	ASSERT_ERR(http_cookie("s=012345678901234", "s", v, sizeof(v)), ERR_OK);
}

TEST_SUITE(form, {"fields, escapes, empty ones", test_fields},
	   {"what is no form is refused whole", test_bad},
	   {"many and long ones: each length near the limit", test_many},
	   {"cookies: one of the name, of harmless characters", test_cookies})
