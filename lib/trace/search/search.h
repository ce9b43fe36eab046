/*
 * search: finds given values in octets, in any form, in one pass.
 *
 * A value is searched in all forms that lib/trace/search/forms.h gives for its kind. One that is
 * known by its salted hash alone is searched by trying: each window of its length, as it is, with
 * the halves swapped, and as hex text; digits as text, as BCD and as semi-octets, and fewer than 8
 * as a code with its padding alone.
 *
 * What is searched are streams: octets that belong together though they come in pieces, such as the
 * data of the commands to one channel, or the records of a file. A value may begin in one piece and
 * end in another.
 *
 * The values are secrets: they are copied, wiped by search_close(), and nothing gives them back.
 */
#ifndef TWINKEY_TRACE_SEARCH_H
#define TWINKEY_TRACE_SEARCH_H

#include "lib/trace/event.h"
#include "lib/trace/search/hashed.h"

struct search;
struct search_stream;

/* needle: of the caller's choice, for the match. */
struct search_value {
	unsigned needle;
	enum search_kind kind;
	struct slice value;
};

/* Where in a stream: the piece, and the octet in it, from 0. */
struct search_spot {
	struct trace_place place;
	size_t at;
};

struct search_match {
	unsigned needle;
	unsigned number; /* of the form (struct search_pattern) */
	struct search_form form;
	bool hashed;		 /* found by its hash; number is 0 */
	struct search_spot from; /* its first octet ... */
	struct search_spot to;	 /* ... and its last */
	/* the same in half octets since the beginning of the stream; end: of the first behind it */
	uint64_t begin, end;
};

struct search_sink {
	void (*take)(void *ctx, const struct search_match *m);
	void *ctx;
};

/* ERR_MEMORY. */
enum err search_open(struct search **out) MUST_CHECK;
/*
 * Before the first stream is opened. ERR_LENGTH, ERR_VALUE: as search_forms(); also ERR_VALUE when
 * all of its forms are weak. ERR_SPACE, ERR_MEMORY.
 */
enum err search_add(struct search *s, const struct search_value *v) MUST_CHECK;
enum err search_add_hash(struct search *s, const struct search_hash *h) MUST_CHECK;
/* False: so many hashes were tried that no more were; what is known by its hash may be left. */
bool search_is_complete(const struct search *s);
void search_close(struct search **s);

/* The sink is copied; s is used until the stream is closed, and gets no further values. ERR_MEMORY,
 * ERR_SPACE. */
enum err search_stream_open(struct search *s, const struct search_sink *sink,
			    struct search_stream **out) MUST_CHECK;
/* The next piece. One value may be found in several forms, and in pieces of itself again. */
void search_feed(struct search_stream *t, struct slice octets, const struct trace_place *place);
/* What comes next does not go on with what was there. */
void search_break(struct search_stream *t);
void search_stream_close(struct search_stream **t);

#endif
