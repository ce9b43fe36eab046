/*
 * unicode: a text may begin with a byte order mark, and be UTF-16 then (what PowerShell's ">" and
 * editors of Windows write); its lines are read as UTF-8 without it.
 */
#ifndef TWINKEY_TRACE_READ_UNICODE_H
#define TWINKEY_TRACE_READ_UNICODE_H

#include "lib/base/bytes.h"

#define UNICODE_MARK_MAX 3
/* How many octets the UTF-8 of so many of UTF-16 has at most, with what was left of those before */
#define UNICODE_ROOM(octets) ((octets) / 2 * 3 + 8)

enum unicode_form { UNICODE_OPEN, UNICODE_OCTETS, UNICODE_16_LE, UNICODE_16_BE };

/* Zeros at the beginning. */
struct unicode {
	enum unicode_form form;		 /* OPEN: too little is there to tell */
	uint8_t front[UNICODE_MARK_MAX]; /* what is there */
	size_t front_len;
	bool has_half; /* of two octets the first */
	uint8_t half;
	uint16_t high; /* of a pair of surrogates the first; 0: none */
};

/* Takes the front off *octets until the form is known; *text: what of it is no mark. */
void unicode_begin(struct unicode *u, struct slice *octets, struct slice *text);
/* There is no more: what is there is all of it. */
struct slice unicode_end(struct unicode *u);
/* UTF-16 as UTF-8. */
void unicode_decode(struct unicode *u, struct slice octets, struct wbuf *out);

#endif
