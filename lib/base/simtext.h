/*
 * simtext: texts in the files of a card, from UTF-8 and back.
 *
 * Alphabets: the GSM default alphabet of TS 23.038 6.2.1 with its extension table, one octet a
 * character with bit 8 zero (two for the extension, the first 1B), and UCS2 in the three codings of
 * TS 102 221 annex A (80, 81, 82). The rest of a field is filled with FF.
 */
#ifndef TWINKEY_SIMTEXT_H
#define TWINKEY_SIMTEXT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct slice;
struct wbuf;

/*
 * Appends the text in at most max octets: the GSM alphabet where it has all characters and they
 * fit, else the shortest coding of UCS2. ERR_ENCODING: it is no UTF-8; ERR_VALUE: a character that
 * UCS2 can't hold (beyond FFFD, a surrogate) or that is none to show; ERR_LENGTH: it is too long.
 */
enum err simtext_encode(struct slice utf8, size_t max, struct wbuf *out) MUST_CHECK;
/* The same, filled up to exactly max octets. */
enum err simtext_fill(struct slice utf8, size_t max, struct wbuf *out) MUST_CHECK;
/* Appends a field's text as UTF-8; U+FFFD for what no alphabet has. */
void simtext_decode(struct slice field, struct wbuf *utf8);

#endif
