/*
 * replace: puts stand-ins in the places of originals, and tells whether one is left.
 */
#ifndef TWINKEY_TRACE_REDACT_REPLACE_H
#define TWINKEY_TRACE_REDACT_REPLACE_H

#include "lib/trace/redact/originals.h"
#include "lib/trace/redact/view.h"
#include "lib/trace/search/forms.h"

#define REPLACE_ROUNDS_MAX 8 /* a stand-in may by chance complete what is an original */
#define REPLACE_LONG	   8 /* octets; shorter ones are in any file by chance */

struct replacer;

/* o is borrowed; all originals have been taken. ERR_MEMORY, ERR_SPACE. */
enum err replacer_open(const struct originals *o, struct replacer **out) MUST_CHECK;
void replacer_close(struct replacer **r);

/* Asked again and again while it searches; an error of it ends that. */
void replacer_ask(struct replacer *r, enum err (*ask)(void *ctx), void *ctx);

struct replaced {
	uint64_t kinds[REDACT_KIND_COUNT]; /* how often one was replaced */
	uint64_t missed;		   /* places where an original is no more as it was read */
};

/*
 * In all views of one memory. bounds(): between which octets of it the events stand from number
 * first to that in front of end, for original_place.
 */
struct replace_bounds {
	size_t from, to;
};
struct replace_views {
	struct view *list;
	size_t count;
	void (*bounds)(void *ctx, uint64_t first, uint64_t end, struct replace_bounds *out);
	void *ctx;
};
enum err replace_all(struct replacer *r, const struct replace_views *views,
		     struct replaced *out) MUST_CHECK;

/* An original that is left. */
struct replace_left {
	enum redact_kind kind;
	struct search_form form;
	size_t at; /* in the memory */
};

/*
 * False: none is in the view. only_long: none of REPLACE_LONG octets or digits; of a file as such,
 * which has numbers of its own.
 */
enum err replace_find(struct replacer *r, const struct view *v, bool only_long,
		      struct replace_left *left, bool *found) MUST_CHECK;

#endif
