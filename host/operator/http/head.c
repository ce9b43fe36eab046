#include "host/operator/http/head.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define JSON_TYPE    "application/json"
#define FORM_TYPE    "application/x-www-form-urlencoded"
#define BEARER	     "Bearer"
#define RSP_PROTOCOL "gsma/rsp/v"
#define RSP_MAJOR    2
#define BLANKS	     " \t"
#define DIGITS	     "0123456789"

const char *http_head_field(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

struct count {
	const char *name;
	unsigned n;
};

static enum MHD_Result count_field(void *cls, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	struct count *count = cls;

	(void)kind, (void)value;
	count->n += strcasecmp(name, count->name) == 0;
	return MHD_YES;
}

static unsigned fields(struct MHD_Connection *c, const char *name)
{
	struct count count = {.name = name};

	MHD_get_connection_values(c, MHD_HEADER_KIND, count_field, &count);
	return count.n;
}

/* Whether the value, without blanks around it, is this word in any case. */
static bool is_word(const char *value, const char *word)
{
	size_t n = strlen(word);

	value += strspn(value, BLANKS);
	return strncasecmp(value, word, n) == 0 && !value[n + strspn(value + n, BLANKS)];
}

/* RFC 9112 5.1: nothing stands between a name and its colon; another server may read it so. */
static enum MHD_Result find_blank(void *cls, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	bool *found = cls;

	(void)kind, (void)value;
	*found = *found || name[strcspn(name, BLANKS)];
	return MHD_YES;
}

static bool has_blank_name(struct MHD_Connection *c)
{
	bool found = false;

	MHD_get_connection_values(c, MHD_HEADER_KIND, find_blank, &found);
	return found;
}

struct http_refusal http_head_framing(struct MHD_Connection *c, const char *version)
{
	const char *coding = http_head_field(c, MHD_HTTP_HEADER_TRANSFER_ENCODING);
	bool old = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
	unsigned hosts = fields(c, MHD_HTTP_HEADER_HOST);
	const char *host = http_head_field(c, MHD_HTTP_HEADER_HOST);
	unsigned lengths = fields(c, MHD_HTTP_HEADER_CONTENT_LENGTH);

	if (has_blank_name(c))
		return http_refuse(MHD_HTTP_BAD_REQUEST, "a field's name must not have blanks");
	if (hosts > 1 || (!hosts && !old))
		return http_refuse(MHD_HTTP_BAD_REQUEST, "one Host must be named");
	if (host && host[strcspn(host, " \t/?#@\\,")])
		return http_refuse(MHD_HTTP_BAD_REQUEST, "Host is no name of a host");
	if (coding && (old || lengths))
		return http_refuse(MHD_HTTP_BAD_REQUEST,
				   "neither HTTP/1.0 nor Content-Length goes with "
				   "Transfer-Encoding");
	if (lengths > 1)
		return http_refuse(MHD_HTTP_BAD_REQUEST, "Content-Length is said more than once");
	if (coding &&
	    (!is_word(coding, "chunked") || fields(c, MHD_HTTP_HEADER_TRANSFER_ENCODING) > 1))
		return http_refuse(MHD_HTTP_NOT_IMPLEMENTED, "Transfer-Encoding must be chunked");
	return HTTP_NO_REFUSAL;
}

/* SGP.22 6.5.1.2; parameters are nothing to JSON (RFC 8259 11). */
static bool is_type(const char *type, const char *wanted)
{
	size_t n = strlen(wanted);

	type += strspn(type, BLANKS);
	return strncasecmp(type, wanted, n) == 0 && (!type[n] || strchr(";" BLANKS, type[n]));
}

struct http_refusal http_head_body(struct MHD_Connection *c, const struct http_head_type *want)
{
	const char *expect = http_head_field(c, MHD_HTTP_HEADER_EXPECT);
	const char *coding = http_head_field(c, MHD_HTTP_HEADER_CONTENT_ENCODING);
	const char *type = http_head_field(c, MHD_HTTP_HEADER_CONTENT_TYPE);

	if (expect && !is_word(expect, "100-continue"))
		return http_refuse(MHD_HTTP_EXPECTATION_FAILED,
				   "only 100-continue can be expected");
	if (type ? !is_type(type, want->form ? FORM_TYPE : JSON_TYPE) : want->typed)
		return http_refuse(MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
				   want->form ? "the body must be " FORM_TYPE
					      : "the body must be " JSON_TYPE);
	if (coding &&
	    (!is_word(coding, "identity") || fields(c, MHD_HTTP_HEADER_CONTENT_ENCODING) > 1))
		return http_refuse(MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
				   "the body must not be compressed");
	return HTTP_NO_REFUSAL;
}

const char *http_head_path(const char *target, const char **host)
{
	static const char *const schemes[] = {"http://", "https://"};

	*host = NULL;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]);

		if (strncasecmp(target, schemes[i], n) != 0)
			continue;
		*host = target + n;
		target += n + strcspn(target + n, "/");
		return *target ? target : "/";
	}
	return target;
}

const char *http_head_bearer(const char *value, size_t *len)
{
	size_t n = strlen(BEARER), blanks;

	if (!value || strncasecmp(value, BEARER, n) != 0)
		return NULL;
	value += n;
	blanks = strspn(value, " ");
	if (!blanks)
		return NULL;
	value += blanks;
	n = strlen(value);
	while (n && strchr(BLANKS, value[n - 1]))
		n--;
	*len = n;
	return value;
}

bool http_head_protocol(const char *value)
{
	size_t n = strlen(RSP_PROTOCOL), digits;

	value += strspn(value, BLANKS);
	if (strncasecmp(value, RSP_PROTOCOL, n) != 0)
		return false;
	value += n;
	digits = strspn(value, DIGITS);
	if (!digits || strtoul(value, NULL, 10) < RSP_MAJOR)
		return false;
	/* v3.0.0, v2.5 and v2 alike */
	for (value += digits; *value == '.'; value += digits) {
		value++;
		digits = strspn(value, DIGITS);
		if (!digits)
			return false;
	}
	return !value[strspn(value, BLANKS)];
}

bool http_head_bad_length(struct MHD_Connection *c)
{
	const char *length = http_head_field(c, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return length && (!*length || length[strspn(length, DIGITS)]);
}

bool http_head_long_length(struct MHD_Connection *c)
{
	const char *length = http_head_field(c, MHD_HTTP_HEADER_CONTENT_LENGTH);

	errno = 0;
	return length && !http_head_bad_length(c) && strtoull(length, NULL, 10) == ULLONG_MAX &&
	       errno == ERANGE;
}
