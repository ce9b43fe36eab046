/*
 * text: the logs of programs of a computer that print what they send to a card; a format or two
 * that are alike a file, which says what the lines look like.
 */
#ifndef TWINKEY_TRACE_READ_TEXT_H
#define TWINKEY_TRACE_READ_TEXT_H

#include "lib/trace/read/format.h"

extern const struct trace_format trace_format_apdu4j, trace_format_at, trace_format_hex,
	trace_format_lpac, trace_format_lpac_json, trace_format_opensc, trace_format_opensc_tool,
	trace_format_pairs, trace_format_pcsc_spy, trace_format_pcscd, trace_format_pysim,
	trace_format_script, trace_format_scriptor, trace_format_tcaloader, trace_format_wpa;

#endif
