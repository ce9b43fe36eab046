/*
 * head: what the head of a request says, by RFC 9110 and 9112: what is wrong with it whatever
 * path it asks for, and how its fields are read.
 */
#ifndef TWINKEY_OPERATOR_HTTP_HEAD_H
#define TWINKEY_OPERATOR_HTTP_HEAD_H

#include <microhttpd.h>
#include <stdbool.h>

#include "host/operator/http/fault.h"

/* The first field of this name, NULL when there is none. */
const char *http_head_field(struct MHD_Connection *c, const char *name);
/*
 * Who is asked, and where the body ends, is told once and in one way (RFC 9112 3.2, 6.1, 6.3): 400,
 * or 501 for a transfer coding that is not known here.
 */
struct http_refusal http_head_framing(struct MHD_Connection *c, const char *version);
/* What is expected (417) and how the body is coded and typed (415). */
struct http_head_type {
	bool form;  /* application/x-www-form-urlencoded, else JSON */
	bool typed; /* it must have a type */
};
struct http_refusal http_head_body(struct MHD_Connection *c, const struct http_head_type *want);
/* The path of a target in origin-form or absolute-form; of the latter *host is what follows "//",
 * else NULL (RFC 9112 3.2.2). */
const char *http_head_path(const char *target, const char **host);
/* The credentials behind the scheme Bearer (RFC 9110 11.4), or NULL; *len without blanks. */
const char *http_head_bearer(const char *value, size_t *len);
/* Whether the X-Admin-Protocol of SGP.22 6.5.1.1 is that of version 2 or a later one. */
bool http_head_protocol(const char *value);
/* A Content-Length that is no number: nothing is known of where the next request begins. */
bool http_head_bad_length(struct MHD_Connection *c);
/* One that fits no 64 bits. */
bool http_head_long_length(struct MHD_Connection *c);

#endif
