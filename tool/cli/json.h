/*
 * json: octets in JSON, as base64 strings (SGP.22 6.5.2, docs/protocol.md 3), and others' texts.
 */
#ifndef TWINKEY_TOOL_JSON_H
#define TWINKEY_TOOL_JSON_H

#include <jansson.h>

#include "lib/base/bytes.h"

/* A new string with the base64 of s; NULL when memory is out. */
json_t *json_base64(struct slice s);
/* The octets of the member name, appended to out. ERR_TAG: no such string; ERR_ENCODING. */
enum err json_base64_field(const json_t *object, const char *name, struct wbuf *out) MUST_CHECK;

/* A new string of a text that comes from outside; one that is no UTF-8 as text_clean() has it. NULL
 * for an absent one (s.ptr NULL). */
json_t *json_text(struct slice s);

/* A file of JSON, in lines; the value is freed. Failure is sticky in out; value NULL is one. */
void json_put(struct wbuf *out, json_t *value);

#endif
