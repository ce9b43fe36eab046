/*
 * utf8: the characters of UTF-8 (RFC 3629).
 */
#ifndef TWINKEY_UTF8_H
#define TWINKEY_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct cursor;
struct slice;

/* The next character; where the rest begins with none, 0, and ERR_VALUE in the cursor. */
uint32_t utf8_next(struct cursor *c);
/* How many characters s has; ERR_VALUE when it is no UTF-8. */
enum err utf8_count(struct slice s, size_t *count) MUST_CHECK;
/* How many octets of the text there are, max at most, without a part of a character at their end.
 */
int utf8_fit(const char *text, int max);

#endif
