/*
 * open: what of an exchange may be shown: PINs and session keys are replaced by FF.
 */
#ifndef TWINKEY_TRACE_DECODE_OPEN_H
#define TWINKEY_TRACE_DECODE_OPEN_H

#include "lib/trace/decode/exchange.h"

struct ef_kind;

/* Sets *out to what may be shown, which borrows from x or from mem. */
void open_data(const struct exchange *x, struct wbuf *mem, struct slice *out);
void open_answer(const struct exchange *x, struct wbuf *mem, struct slice *out);
/* The same where a file of keys is read or written: all octets of it, which *shown has. */
void open_file(const struct exchange *x, const struct ef_kind *ef, struct wbuf *mem,
	       struct slice *shown);
/* The octets of a key or code: all FF, as a masked trace has them. */
bool open_is_masked(struct slice secret);

#endif
