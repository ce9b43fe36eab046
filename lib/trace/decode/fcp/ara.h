/*
 * ara: which device applications may talk to which applets: the rules of an ARA-M, GlobalPlatform
 * Secure Element Access Control 1.1, 4.1 and 6.
 */
#ifndef TWINKEY_TRACE_DECODE_ARA_H
#define TWINKEY_TRACE_DECODE_ARA_H

#include "lib/trace/decode/field/field.h"

/* What GET DATA (FF40, FF50, DF20) answers, and what STORE DATA (F0 to F4) brings: a node for each
 * object. */
void ara_show(struct slice objects, const struct tree *t);

#endif
