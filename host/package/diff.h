/*
 * diff: what two profile packages say differently.
 *
 * Elements are matched by their kind and order of that kind; files by their place, whichever
 * element makes them. Files are compared by what they are (structure, size, records, identifiers,
 * access rule, link) and by their contents, put together; codes by key reference; all else field by
 * field. A default is the same whether it is encoded or not, and the identification numbers of
 * elements and the way contents are cut into pieces say nothing.
 */
#ifndef TWINKEY_HOST_PROFILE_PACKAGE_DIFF_H
#define TWINKEY_HOST_PROFILE_PACKAGE_DIFF_H

#include "lib/base/bytes.h"

struct package_difference { /* borrows for the call */
	const char *where;  /* "akaParameter/algoConfiguration/...", "7FF06F07 ef-imsi: size" */
	const char *before; /* NULL: not in the first */
	const char *after;  /* NULL: not in the second */
};

typedef void package_diff_report(void *ctx, const struct package_difference *d);

/* Secrets are "(N octets, masked)" unless asked for; that they differ is reported all the same.
 * Errors: those of outline_make(). */
enum err package_diff(struct slice a, struct slice b, bool secrets, package_diff_report *report,
		      void *ctx) MUST_CHECK;

#endif
