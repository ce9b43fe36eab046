/*
 * capture: the files that sniffers write: pcap, pcapng.
 */
#ifndef TWINKEY_TRACE_READ_CAPTURE_H
#define TWINKEY_TRACE_READ_CAPTURE_H

#include "lib/trace/read/format.h"

/* draft-ietf-opsawg-pcapng */
extern const struct trace_format trace_format_pcapng;
/* draft-ietf-opsawg-pcap, times in microseconds or nanoseconds */
extern const struct trace_format trace_format_pcap;

#endif
