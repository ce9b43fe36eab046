/*
 * ara: which device applications may talk to which applets: the rules of an ARA-M, GlobalPlatform
 * Secure Element Access Control 1.1, 4.1 and 6.
 */
#ifndef TWINKEY_TRACE_DECODE_ARA_H
#define TWINKEY_TRACE_DECODE_ARA_H

#include "lib/trace/decode/field/field.h"

/* What STORE DATA (F0 to F2) brings: a node for each object. */
void ara_show(struct slice objects, const struct tree *t);
/* What GET DATA with this tag answers, likewise; rules that are longer than an answer come in
 * parts, of which each is a node. False: it is no tag of an ARA-M, and nothing was told. */
bool ara_show_answer(uint32_t tag, struct slice answer, const struct tree *t);

#endif
