/*
 * view: octets of a trace that belong together, though in memory they lie apart, or are hex there.
 * What is written to a view is written to that memory.
 */
#ifndef TWINKEY_TRACE_REDACT_VIEW_H
#define TWINKEY_TRACE_REDACT_VIEW_H

#include "lib/base/bytes.h"

#define VIEW_OCTETS_MAX (1u << 29)

struct view {
	uint8_t *memory; /* the caller's */
	bool hex;	 /* an octet is two digits there, one behind the other */
	bool upper;	 /* which are written as capitals */
	bool whole;	 /* each octet is where its number says */
	size_t len;	 /* in octets */
	struct wbuf at;	 /* where each begins, ascending; unless whole */
};

/* Of all octets of some memory. */
struct view view_whole(uint8_t *memory, size_t len);
/* An empty one, to which octets are added: where they are in the memory. */
struct view view_parts(uint8_t *memory, bool hex);
void view_add(struct view *v, size_t at);
enum err view_done(const struct view *v) MUST_CHECK;
void view_free(struct view *v);

/* Where octet i is in the memory; i < len. */
size_t view_at(const struct view *v, size_t i);
uint8_t view_octet(const struct view *v, size_t i);
void view_put(struct view *v, size_t half, uint8_t value);
/* The first octet that does not lie in front of this place. */
size_t view_from(const struct view *v, size_t at);

#endif
