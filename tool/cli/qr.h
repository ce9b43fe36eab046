/*
 * qr: a text as a QR code (ISO/IEC 18004) in UTF-8 half blocks, for a terminal.
 */
#ifndef TWINKEY_OPERATOR_QR_H
#define TWINKEY_OPERATOR_QR_H

#include "lib/base/bytes.h"

#define QR_QUIET 4	    /* modules of quiet zone on each side, as the standard demands */
#define QR_MAX	 (1u << 16) /* octets of the picture */

/*
 * Appends lines that end in a newline; a character holds two modules, one over the other. Light
 * modules are drawn, dark ones are the background's, as on a dark terminal. ERR_LENGTH: the text is
 * empty or too long.
 */
enum err qr_put(const char *text, struct wbuf *out) MUST_CHECK;

#endif
