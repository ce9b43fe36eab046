/*
 * record: a trace (tool/trace/trace.h) of what a transport carries.
 */
#ifndef TWINKEY_HOST_TRACE_RECORD_H
#define TWINKEY_HOST_TRACE_RECORD_H

#include "host/transport/observe.h"
#include "tool/trace/trace.h"

/* Gives resets and exchanges to t, for transport_observe(). */
struct transport_observer trace_observer(struct trace *t);

#endif
