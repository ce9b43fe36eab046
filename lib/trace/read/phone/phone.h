/*
 * phone: the logs of phones and modems, and of what stands between them and a card; a format a
 * file, which says what the lines look like.
 */
#ifndef TWINKEY_TRACE_READ_PHONE_H
#define TWINKEY_TRACE_READ_PHONE_H

#include "lib/trace/read/format.h"

extern const struct trace_format trace_format_mtk, trace_format_omapi, trace_format_onomondo,
	trace_format_qcat, trace_format_qxdm, trace_format_remsim, trace_format_shannon,
	trace_format_simtrace, trace_format_srsue;

#endif
