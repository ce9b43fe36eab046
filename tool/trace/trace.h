/*
 * trace: records what passes between terminal and card, as pcapng with GSMTAP SIM packets.
 *
 * Every packet is IPv4/UDP to port 4729 with a GSMTAP header (version 2, type SIM): the ATR at each
 * reset, and each exchange as command and response in one. Secrets that cross the interface in
 * clear never reach the file (tool/trace/mask.h); a comment on the packet says what was
 * masked, that the card did not answer, and where the response begins if that does not follow from
 * the octets (lib/trace/remark.h). A file gets each block by one write(): it is valid whenever the
 * program is killed.
 *
 * With a key the trace is sealed (lib/trace/seal/seal.h): its blocks are records of a chain, signed
 * now and then and at the end. What cannot be sealed is not written, nor what would follow it.
 */
#ifndef TWINKEY_TOOL_TRACE_H
#define TWINKEY_TOOL_TRACE_H

#include "lib/base/bytes.h"

struct trace;
struct cancel;
struct ec_key;

struct trace_target {
	const char *path; /* as file_start() has it: a new file of mode 0600, a FIFO, "-" */
	bool anew;	  /* a file that is there gives its name to this one */
	struct ec_key
		*seal; /* NULL: not sealed. The trace's from the call on, also if that fails */
	struct cancel *cancel; /* ends the waits for who reads a FIFO; borrowed */
};

/*
 * ERR_EXISTS: a file is there, and not anew. reader: that of the interface; NULL: none yet, and
 * *out is for trace_join() and trace_close() alone.
 */
enum err trace_create(const struct trace_target *target, const char *reader,
		      struct trace **out) MUST_CHECK;
/*
 * A further reader in the file of first, with an interface of its own; it is used and closed by
 * itself, and the file is closed with the last. Each may have a thread of its own.
 */
enum err trace_join(struct trace *first, const char *reader, struct trace **out) MUST_CHECK;
void trace_reset(struct trace *t, struct slice atr);
/* The card has no power any more: an ATR without octets, and words beside it. */
void trace_power_off(struct trace *t);
/* ISO 7816-3 9 */
void trace_pps(struct trace *t, struct slice request, struct slice response);
/* What follows was at this time (nanoseconds since 1970), and is not now. */
void trace_at(struct trace *t, int64_t time_ns);
/* Words beside the next exchange (lib/trace/remark.h), which are the caller's until then. */
void trace_beside(struct trace *t, const char *words);
/* An empty response: the card gave none. */
void trace_exchange(struct trace *t, struct slice command, struct slice response);
/* The first failure of writing so far, for who would rather end than go on unrecorded. */
enum err trace_failure(struct trace *t) MUST_CHECK;
/* The first failure of writing, if there was one. ERR_OK for no trace at all. */
enum err trace_close(struct trace **t) MUST_CHECK;

#endif
