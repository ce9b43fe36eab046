/*
 * originals: what a trace has and a redacted one must not have, each with what stands in its place.
 *
 * One that is long enough not to be met by chance is found wherever it stands, in whatever form
 * (lib/trace/search). Of all others each place is kept: a window of octets around it, and which
 * events have them.
 *
 * They are secrets: wiped by originals_close().
 */
#ifndef TWINKEY_TRACE_REDACT_ORIGINALS_H
#define TWINKEY_TRACE_REDACT_ORIGINALS_H

#include "lib/trace/redact/kinds.h"
#include "lib/trace/redact/standin.h"
#include "lib/trace/search/forms.h"

#define ORIGINALS_MAX	(1u << 20)
#define ORIGINAL_AROUND 6 /* octets on either side of a window */
#define ORIGINAL_WINDOW (STANDIN_VALUE_MAX + 2 * ORIGINAL_AROUND)

struct original {
	enum redact_kind kind;
	enum search_kind how;
	enum standin_as as;
	size_t len;
	uint8_t value[STANDIN_VALUE_MAX], standin[STANDIN_VALUE_MAX];
};

/* An original by its place. */
struct original_place {
	enum redact_kind kind;
	uint64_t from, to; /* the first event that may have it, and the one behind the last */
	uint8_t window[ORIGINAL_WINDOW];
	size_t window_len, at, len; /* the original in it */
	uint8_t standin[STANDIN_VALUE_MAX];
};

struct originals;

/* The maker's key is used until it is closed. NULL: out of memory. */
struct originals *originals_open(const struct standin_maker *maker);
void originals_close(struct originals **o);

/* What is found, and where: data is all that its exchange has on that way, in which value lies. */
struct original_found {
	enum redact_kind kind;
	enum search_kind how;
	enum standin_as as;
	struct slice value; /* as SEARCH_DIGITS its digits in ASCII, else octets */
	struct slice raw;   /* the same as it stands in data; empty: it does not */
	struct slice data;
	uint64_t from, to;
	bool only_there; /* its value stands elsewhere by chance */
};

/*
 * Takes it, once for each value, or for each place; a long one in pieces. Blank ones (all FF, all
 * 0, empty) are none. Failure is sticky: originals_done().
 */
void originals_take(struct originals *o, const struct original_found *f);
enum err originals_done(const struct originals *o) MUST_CHECK;

unsigned originals_count(const struct originals *o);
const struct original *originals_at(const struct originals *o, unsigned i);
unsigned originals_places(const struct originals *o);
const struct original_place *originals_place(const struct originals *o, unsigned i);

#endif
