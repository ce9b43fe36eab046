/*
 * gather: BER-TLV objects that come in pieces, cut anywhere, put together.
 */
#ifndef TWINKEY_TRACE_OPEN_GATHER_H
#define TWINKEY_TRACE_OPEN_GATHER_H

#include "lib/base/bytes.h"

#define GATHER_MAX (1u << 20) /* octets of one object */

struct gather {
	struct wbuf mem;
	size_t from; /* where the object begins that is not whole yet */
	bool told;   /* that it begins */
	bool broken; /* what came is no object, or is too long: none is told any more */
};

struct gathered {
	uint32_t tag;
	size_t len;	    /* of the value */
	struct slice whole; /* tag and length in front; empty: it only begins */
};

struct gather gather_new(void);
void gather_free(struct gather *g);
/* What has come so far is forgotten. */
void gather_restart(struct gather *g);
/* Room for n octets more: until the next call slices of objects stay valid. */
void gather_room(struct gather *g, size_t n);
void gather_put(struct gather *g, struct slice piece);
/* The next object that is whole. */
bool gather_next(struct gather *g, struct gathered *out);
/* One that has begun and is not whole; each is told once. */
bool gather_begins(struct gather *g, struct gathered *out);

#endif
