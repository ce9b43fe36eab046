/*
 * base64: RFC 4648. Written as section 4 has it, with padding, without line breaks, and as PEM has
 * it; read also as strangers write it: with line breaks, without padding, in the alphabet of
 * section 5.
 */
#ifndef TWINKEY_BASE64_H
#define TWINKEY_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct slice;
struct wbuf;

/* RFC 7468: the text between lines that name it ("CERTIFICATE"), 64 characters in a line. */
void base64_put_pem(struct wbuf *w, const char *label, struct slice der);
/* Appends the text (no NUL) to w; failure is sticky in w. */
void base64_put(struct wbuf *w, struct slice s);
/*
 * Appends the octets of text to out. ERR_ENCODING: a character outside the alphabet, a length that
 * no octets have, or bits set behind the last octet (RFC 4648 3.5: the text was cut off).
 */
enum err base64_decode(struct slice text, struct wbuf *out) MUST_CHECK;

#endif
