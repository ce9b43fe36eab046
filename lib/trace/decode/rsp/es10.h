/*
 * es10: the messages of SGP.22 ES10 and ES8+, and of our key-release application, by the names of
 * their modules (lib/rsp/definitions.def, docs/protocol.md 2).
 */
#ifndef TWINKEY_TRACE_DECODE_ES10_H
#define TWINKEY_TRACE_DECODE_ES10_H

#include "lib/trace/decode/tree.h"

/* The function that a message is of, by the tag that it begins with: "ES10c.GetProfilesInfo"; NULL:
 * none that is known. */
const char *es10_function(uint32_t tag);
/* The tag that octets begin with; 0: they do not begin like a data object. */
uint32_t es10_tag(struct slice message);
/* The word for a value of a member that has words, by the module's names:
 * es10_word("errorReason", 8) is "scp03tSecurityError"; "unknown" where it has none. */
const char *es10_word(const char *member, uint32_t value);
/* Tells a message, which may be cut or a piece of one; is_request: it goes to the card. */
void es10_tell(struct slice message, bool is_request, const struct tree *t);

#endif
