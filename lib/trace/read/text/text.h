/*
 * text: the logs of programs that print what they send to a card: a format a file.
 */
#ifndef TWINKEY_TRACE_READ_TEXT_H
#define TWINKEY_TRACE_READ_TEXT_H

#include "lib/trace/read/format.h"

/* "> 00A4..." and "< 9000", '#' before a remark */
extern const struct trace_format trace_format_pairs;

#endif
