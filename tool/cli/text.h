/*
 * text: words of cards, servers and packages, made harmless for who reads them on a terminal.
 */
#ifndef TWINKEY_TOOL_TEXT_H
#define TWINKEY_TOOL_TEXT_H

#include "lib/base/bytes.h"

#define TEXT_LINE_MAX 512 /* octets of what text_line() gives, with the NUL */

/*
 * Puts "?" in the place of each control character but line ends and tabs, of each that changes the
 * direction of the text around it or ends its line, and of each octet that is no UTF-8.
 */
void text_clean(char *s);
/* The same for a text that must stay in its line: line ends and tabs are replaced as well. */
void text_clean_line(char *s);
/* The octets as text_clean_line() has them, inner NULs replaced; cut where TEXT_LINE_MAX is over.
 */
const char *text_line(struct slice s, char out[static TEXT_LINE_MAX]);

#endif
