/*
 * oid: OBJECT IDENTIFIERs in dotted form, arcs of any size (those under 2.25 have 128 bits).
 */
#ifndef TWINKEY_OID_H
#define TWINKEY_OID_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct slice;
struct wbuf;

#define OID_TEXT_MAX 512
/* An OBJECT IDENTIFIER's value with dots. ERR_ENCODING, ERR_SPACE. */
enum err oid_text(struct slice value, char *dst, size_t cap) MUST_CHECK;
/* The reverse. ERR_ENCODING, ERR_VALUE. */
enum err oid_value(const char *text, struct wbuf *out) MUST_CHECK;

#endif
