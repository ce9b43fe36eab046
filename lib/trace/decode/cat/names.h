/*
 * names: the numbers of TS 102 223 in words. For lib/trace/decode/cat alone.
 */
#ifndef TWINKEY_TRACE_DECODE_CAT_NAMES_H
#define TWINKEY_TRACE_DECODE_CAT_NAMES_H

#include "lib/trace/decode/field/field.h"

/* Types of commands (9.4), results (8.12), devices (8.7), events (8.25), the qualifiers of REFRESH
 * (8.6), envelopes and the like by their BER tags (9.2) */
extern const struct words cat_commands, cat_results, cat_devices, cat_events, cat_refreshes,
	cat_templates;

#endif
