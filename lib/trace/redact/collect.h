/*
 * collect: finds the originals of a trace, by what its exchanges mean.
 *
 * What the decoder names (lib/trace/decode) is taken by the keys of its nodes; what it hides (PINs,
 * keys) by comparing what it shows with what is there; certificates by their DER; ICCIDs and EIDs
 * also by their tags (SGP.22: 5A) where nothing names them, as in a bound profile package.
 */
#ifndef TWINKEY_TRACE_REDACT_COLLECT_H
#define TWINKEY_TRACE_REDACT_COLLECT_H

#include "lib/trace/decode/item.h"
#include "lib/trace/redact/originals.h"

/* from, to: the number of its first event, and of the one behind its last. */
void collect_item(struct originals *o, const struct decode_item *item, uint64_t from, uint64_t to,
		  bool keeps_network);

#endif
