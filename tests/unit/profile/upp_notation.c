#include "tests/unit/profile/upp_notation.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "tests/unit/test.h"

#define HEX_MAX 8192

static const char *put_objects(struct wbuf *w, const char *p);

static const char *put_value(struct wbuf *w, const char *p)
{
	char hex[HEX_MAX + 1];
	size_t n = strspn(p, "0123456789abcdefABCDEF");

	CU_ASSERT_FATAL(n <= HEX_MAX);
	snprintf(hex, sizeof(hex), "%.*s", (int)n, p);
	CU_ASSERT_FATAL(hex_decode(hex, w) == ERR_OK);
	return p + n;
}

static const char *put_object(struct wbuf *w, const char *p)
{
	char *end;
	size_t mark = tlv_open(w, (uint32_t)strtoul(p, &end, 16));

	CU_ASSERT_FATAL(end != p && (*end == ':' || *end == '('));
	p = *end == ':' ? put_value(w, end + 1) : put_objects(w, end + 1);
	tlv_close(w, mark);
	return p;
}

/* Up to the closing parenthesis, or the end of the text. */
static const char *put_objects(struct wbuf *w, const char *p)
{
	for (;;) {
		while (isspace((unsigned char)*p))
			p++;
		if (*p == ')')
			return p + 1;
		if (!*p)
			return p;
		p = put_object(w, p);
	}
}

void notation_put(struct wbuf *w, const char *text)
{
	CU_ASSERT_FATAL(*put_objects(w, text) == 0);
}
