/*
 * package: bound profile packages, followed on a card from InitialiseSecureChannel on (SGP.22
 * 2.5.3, 2.5.6).
 */
#ifndef TWINKEY_TRACE_OPEN_PACKAGE_H
#define TWINKEY_TRACE_OPEN_PACKAGE_H

#include "lib/trace/keys/keys.h"
#include "lib/trace/open/opened.h"

struct package;

/* NULL: out of memory. */
struct package *package_open(const struct trace_keys *keys);
/* Takes a message to the card: out is set where it is of a package. */
void package_take(struct package *p, struct slice message, struct opened *out);
void package_close(struct package **p);

#endif
