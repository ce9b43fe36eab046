/*
 * pcapng: the blocks of a capture file (draft-ietf-opsawg-pcapng), written into a buffer.
 * All numbers big endian; interfaces of raw IPv4 packets; timestamps in nanoseconds. The options of
 * each block end with opt_endofopt.
 */
#ifndef TWINKEY_TOOL_TRACE_PCAPNG_H
#define TWINKEY_TOOL_TRACE_PCAPNG_H

#include "lib/base/bytes.h"

/* Section header, once at the beginning. */
void pcapng_put_section(struct wbuf *w, const char *application);
/* Interface description; the first one's number is 0. */
void pcapng_put_interface(struct wbuf *w, const char *name);
/* An enhanced packet block; comment may be NULL. */
void pcapng_put_packet(struct wbuf *w, uint32_t interface, uint64_t time_ns, struct slice packet,
		       const char *comment);

#endif
