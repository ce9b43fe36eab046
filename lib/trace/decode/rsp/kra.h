/*
 * kra: the messages of our key-release application, docs/protocol.md 2.
 */
#ifndef TWINKEY_TRACE_DECODE_KRA_H
#define TWINKEY_TRACE_DECODE_KRA_H

#include "lib/trace/decode/tree.h"

bool kra_knows(uint32_t tag);
void kra_tell(struct slice message, bool is_request, const struct tree *t);

#endif
