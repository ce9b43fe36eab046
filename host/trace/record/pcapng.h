/*
 * pcapng: the blocks of a capture file (draft-ietf-opsawg-pcapng), written into a buffer.
 * All numbers big endian; one interface of raw IPv4 packets; timestamps in nanoseconds.
 */
#ifndef TWINKEY_HOST_TRACE_PCAPNG_H
#define TWINKEY_HOST_TRACE_PCAPNG_H

#include "lib/base/bytes.h"

/* Section header and interface description, once at the beginning. */
void pcapng_put_start(struct wbuf *w, const char *application, const char *interface);
/* An enhanced packet block; comment may be NULL. */
void pcapng_put_packet(struct wbuf *w, uint64_t time_ns, struct slice packet, const char *comment);

#endif
