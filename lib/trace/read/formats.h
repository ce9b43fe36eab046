/*
 * formats: the forms of trace that are known.
 */
#ifndef TWINKEY_TRACE_READ_FORMATS_H
#define TWINKEY_TRACE_READ_FORMATS_H

#include "lib/trace/read/format.h"

/* By preference where two are equally sure; ends with NULL. */
extern const struct trace_format *const trace_formats[];
/* NULL: there is none of this name. */
const struct trace_format *trace_format_named(const char *name);

#endif
