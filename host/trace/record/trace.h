/*
 * trace: records what passes between terminal and card, as pcapng with GSMTAP SIM packets.
 *
 * Every packet is IPv4/UDP to port 4729 with a GSMTAP header (version 2, type SIM): the ATR at each
 * reset, and each exchange as command and response in one. Secrets that cross the interface in
 * clear never reach the file (host/trace/record/mask.h); a comment on the packet says what was
 * masked. A file gets each block by one write(): it is valid whenever the program is killed.
 */
#ifndef TWINKEY_HOST_TRACE_H
#define TWINKEY_HOST_TRACE_H

#include "host/transport/observe.h"

struct trace;

/*
 * Begins the trace at path (file_start() of tool/sys/file.h: a new file of mode 0600, a FIFO, "-").
 * ERR_EXISTS: a file is there; with anew, this one takes its name. reader: that of the interface.
 * cancel: ends the waits for who reads a FIFO; borrowed.
 */
enum err trace_create(const char *path, bool anew, const char *reader, struct cancel *cancel,
		      struct trace **out) MUST_CHECK;
void trace_reset(struct trace *t, struct slice atr);
/* An empty response: the card gave none. */
void trace_exchange(struct trace *t, struct slice command, struct slice response);
/* Gives resets and exchanges to t, for transport_observe(). */
struct transport_observer trace_observer(struct trace *t);
/* The first failure of writing, if there was one. ERR_OK for no trace at all. */
enum err trace_close(struct trace **t) MUST_CHECK;

#endif
