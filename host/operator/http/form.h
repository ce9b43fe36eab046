/*
 * form: what a browser sends of a form (application/x-www-form-urlencoded), and the cookies that
 * it shows. Everything here is a stranger's text.
 *
 * A value is UTF-8 without control characters (tabs and line ends are some), and a name stands
 * once: what is not so is refused as a whole.
 */
#ifndef TWINKEY_OPERATOR_HTTP_FORM_H
#define TWINKEY_OPERATOR_HTTP_FORM_H

#include "lib/base/bytes.h"

#define HTTP_FORM_MAX	 16384 /* octets of a form */
#define HTTP_FORM_FIELDS 24

struct http_form {
	char text[HTTP_FORM_MAX + 1]; /* names and values, each with its NUL; may hold secrets */
	struct http_form_field {
		const char *name, *value;
	} field[HTTP_FORM_FIELDS];
	size_t count;
};

/*
 * An empty body is an empty form. ERR_SPACE: too long, or too many fields; ERR_DUPLICATE;
 * ERR_ENCODING: a bad escape, or no UTF-8; ERR_VALUE: a control character. out is empty then.
 */
enum err http_form_parse(struct slice body, struct http_form *out) MUST_CHECK;
/* NULL: there is no such field. */
const char *http_form_get(const struct http_form *f, const char *name);

/*
 * The value of the cookie of this name in a Cookie header (RFC 6265 4.2; NULL is allowed), copied.
 * ERR_NOT_FOUND; ERR_DUPLICATE: it is shown twice; ERR_SPACE; ERR_VALUE: it has other characters
 * than letters, digits, "-", "_" and ".".
 */
enum err http_cookie(const char *header, const char *name, char *value, size_t cap) MUST_CHECK;

#endif
