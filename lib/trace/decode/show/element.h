/*
 * element: an element of a profile package (TCA eUICC Profile Package, PEDefinitions), by the names
 * of its ASN.1 down to the leaves, and what its files hold where a standard has the file.
 *
 * Of keys, codes, files that hold keys, files that no standard has, and what the ASN.1 does not
 * know, no octet is told: only how many there are.
 */
#ifndef TWINKEY_TRACE_DECODE_SHOW_ELEMENT_H
#define TWINKEY_TRACE_DECODE_SHOW_ELEMENT_H

#include "lib/trace/decode/tree.h"
#include "lib/trace/open/opened.h"

/* One node */
void element_tell(const struct opened_element *e, const struct tree *t);

#endif
