/*
 * put: pieces of a line into a buffer. Traces are long: nothing here parses a format.
 */
#ifndef TWINKEY_HOST_TRACE_PUT_H
#define TWINKEY_HOST_TRACE_PUT_H

#include "lib/base/bytes.h"

#define PUT_NUMBER_MAX 24

/* Text of ours. */
void put_words(struct wbuf *w, const char *text);
/* Text that may come from outside, as text_line() of tool/cli/text.h has it. */
void put_foreign(struct wbuf *w, const char *text);
/* In at least width columns (of ASCII), at their left. */
void put_column(struct wbuf *w, const char *text, size_t width);
void put_number(struct wbuf *w, uint64_t number);
void put_octets_hex(struct wbuf *w, struct slice octets);
/* "12.345678901", with so many digits behind the point (up to 9) */
void put_seconds(struct wbuf *w, int64_t ns, unsigned digits);
/* The digits and a NUL; gives where they begin. */
const char *put_digits(uint64_t number, char mem[static PUT_NUMBER_MAX]);

#endif
