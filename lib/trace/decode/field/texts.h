/*
 * texts: fields that are texts, told as UTF-8. What would move a terminal's cursor, and what is no
 * character, becomes U+FFFD.
 */
#ifndef TWINKEY_TRACE_DECODE_TEXTS_H
#define TWINKEY_TRACE_DECODE_TEXTS_H

#include "lib/trace/decode/field/field.h"

#define TEXT_CAP 512

/* TS 102 221 annex A and TS 23.038: an alpha identifier, a name; FF fills up. */
field_show field_alpha;
/* UTF-8; FF or 00 fills up. */
field_show field_utf8;
/* TS 23.003 9.1: labels with their lengths in front, as an APN or DNN has them */
field_show field_labels;
/* UCS2 as it is */
field_show field_ucs2;
/* The type (0: FQDN, 1: IPv4, 2: IPv6), then the address: TS 31.102 4.2.102, TS 31.103 4.2.8 */
field_show field_host;
/* ISO 639: pairs of letters, FFFF: none */
field_show field_languages;

/* Text out of octets of UTF-8: false when some were none. */
bool texts_clean(struct slice utf8, char out[static TEXT_CAP]);
/* The same, of an alpha identifier. */
void texts_alpha(struct slice field, char out[static TEXT_CAP]);
/* The same, of UCS2. */
void texts_ucs2(struct slice field, char out[static TEXT_CAP]);
/* TS 23.038 6.1.2.1: count characters of seven bits, packed, the first at a bit (0 to 6) of the
 * first octet */
void texts_packed(struct slice octets, unsigned bit, size_t count, char out[static TEXT_CAP]);

#endif
