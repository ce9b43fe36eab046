/*
 * say: words of what an exchange is about, into a buffer: what does not fit is left out.
 */
#ifndef TWINKEY_TRACE_DECODE_SHOW_SAY_H
#define TWINKEY_TRACE_DECODE_SHOW_SAY_H

#include "lib/base/bytes.h"

/* Appends. */
void show_say(struct wbuf *words, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same of octets in hex. */
void show_say_hex(struct wbuf *words, struct slice octets);

#endif
