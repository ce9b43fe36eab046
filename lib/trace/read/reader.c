#include "lib/trace/read/reader.h"

#include <stdlib.h>
#include <string.h>

#include "lib/trace/read/formats.h"
#include "lib/trace/read/text/line.h"
#include "lib/trace/read/unicode.h"

#define SURE	  90   /* no more of the trace is waited for */
#define ASK_AGAIN 8    /* when there is this part more of it */
#define STEP	  4096 /* octets, at least, that are put behind what was left */
#define WIDE_STEP 2048 /* octets of UTF-16 that are decoded at once */

struct trace_reader {
	const struct trace_format *format;
	void *state; /* NULL: the format is not known yet */
	struct trace_out out;
	struct unicode unicode;
	struct wbuf there; /* what no event was made of yet */
	uint64_t offset;   /* in the trace, of its first octet */
	bool skips;	   /* the rest of a line that is too long */
	size_t asked;	   /* how much was there when no format was found last */
};

enum err trace_reader_open(const struct trace_format *format, const struct trace_sink *sink,
			   struct trace_reader **out)
{
	struct trace_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return ERR_MEMORY;
	r->out.sink = *sink;
	r->there = wbuf_grow(2 * TRACE_FRAME_MAX);
	r->format = format;
	if (format && !format->line)
		r->unicode.form = UNICODE_OCTETS;
	*out = r;
	return ERR_OK;
}

const struct trace_format *trace_reader_format(const struct trace_reader *r)
{
	return r->state ? r->format : NULL;
}

unsigned trace_reader_cards(const struct trace_reader *r)
{
	return r->out.card_count;
}

const char *trace_reader_card(const struct trace_reader *r, unsigned card)
{
	return r->out.cards[card];
}

uint64_t trace_reader_skipped(const struct trace_reader *r)
{
	return r->out.skipped;
}

/* The format that is surest, of several the first; least: what is asked of it. */
static const struct trace_format *find_format(struct slice head, unsigned least)
{
	const struct trace_format *found = NULL;

	for (size_t i = 0; trace_formats[i]; i++) {
		unsigned sure = trace_formats[i]->recognise(head);

		if (sure >= least) {
			found = trace_formats[i];
			least = sure + 1;
		}
	}
	return found;
}

static enum err begin(struct trace_reader *r, bool all_there)
{
	struct slice there = wbuf_slice(&r->there);

	if (r->state)
		return ERR_OK;
	/* not at each octet: that would cost their square */
	if (!r->format && !all_there && there.len <= r->asked + r->asked / ASK_AGAIN)
		return ERR_OK;
	r->asked = there.len;
	if (!r->format)
		r->format = find_format(slice_sub(there, 0, TRACE_HEAD),
					all_there || there.len >= TRACE_HEAD ? 1 : SURE);
	if (!r->format)
		return all_there || there.len >= TRACE_HEAD ? ERR_UNSUPPORTED : ERR_OK;
	r->state = calloc(1, r->format->state_size ? r->format->state_size : 1);
	return r->state ? ERR_OK : ERR_MEMORY;
}

static void take_line(struct trace_reader *r, struct slice line)
{
	static const char too_long[] = "the line is too long to be one of a trace";
	uint8_t *room = malloc(line.len ? line.len : 1);

	if (room && !r->skips) {
		r->out.line = line_clean(line, room);
		r->format->line(r->state, &r->out, r->out.line);
		r->out.line = SLICE_EMPTY;
	} else {
		trace_out_fault(&r->out, room ? too_long : "out of memory", SLICE_EMPTY);
	}
	free(room);
	r->skips = false;
}

/* Whole lines off the front; how many octets. */
static size_t take_lines(struct trace_reader *r, struct slice there, bool all_there)
{
	size_t taken = 0;

	while (taken < there.len) {
		struct slice rest = slice_sub(there, taken, there.len);
		const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
		size_t n = end ? (size_t)(end - rest.ptr) : rest.len;

		r->out.place.offset = r->offset + taken;
		if (!end && !all_there) {
			if (rest.len < TRACE_FRAME_MAX)
				break;
			r->skips = true; /* up to its end, which is still to come */
			return there.len;
		}
		r->out.place.number++;
		take_line(r, slice_sub(rest, 0, n));
		taken += n + (end ? 1 : 0);
	}
	return taken;
}

static size_t take_frames(struct trace_reader *r, struct slice there, bool all_there)
{
	size_t taken = 0, n;

	do {
		struct slice rest = slice_sub(there, taken, there.len);

		r->out.place.offset = r->offset + taken;
		n = rest.len ? r->format->octets(r->state, &r->out, rest) : 0;
		if (!n && rest.len && (all_there || rest.len > TRACE_FRAME_MAX))
			n = r->format->lost(r->state, &r->out, rest);
		taken += n;
	} while (n);
	return taken;
}

/* Takes from the front what is whole; what is left of it. */
static struct slice take_whole(struct trace_reader *r, struct slice there, bool all_there)
{
	size_t n = r->format->line ? take_lines(r, there, all_there)
				   : take_frames(r, there, all_there);

	r->offset += n;
	return slice_sub(there, n, there.len);
}

static void take_what_is_there(struct trace_reader *r, bool all_there)
{
	struct slice there = wbuf_slice(&r->there), rest = take_whole(r, there, all_there);

	if (rest.len && rest.len < there.len)
		memmove(r->there.ptr, rest.ptr, rest.len);
	wbuf_cut(&r->there, rest.len);
}

/* How much is put behind what is there: all until the format is known, then as much again, so that
 * what was cut is soon whole, and what is long is not looked at too often. */
static size_t step_of(const struct trace_reader *r)
{
	if (!r->state || r->there.len > TRACE_HEAD)
		return TRACE_HEAD;
	return r->there.len > STEP ? r->there.len : STEP;
}

static enum err feed_octets(struct trace_reader *r, struct slice octets)
{
	enum err e = ERR_OK;

	while (!e && octets.len && !(r->state && !r->there.len)) {
		size_t n = step_of(r);

		wbuf_put(&r->there, slice_sub(octets, 0, n));
		n = octets.len < n ? octets.len : n;
		e = wbuf_done(&r->there);
		if (!e)
			e = begin(r, false);
		if (!e && r->state)
			take_what_is_there(r, false);
		if (r->state && r->there.len <= n) { /* what is left is where it stands, too */
			n -= r->there.len;
			wbuf_cut(&r->there, 0);
		}
		octets = slice_sub(octets, n, octets.len);
	}
	if (e || !octets.len)
		return e;
	wbuf_put(&r->there, take_whole(r, octets, false)); /* by far the most, where it stands */
	return wbuf_done(&r->there);
}

static enum err feed_text(struct trace_reader *r, struct slice octets)
{
	enum err e = ERR_OK;

	if (r->unicode.form == UNICODE_OCTETS)
		return feed_octets(r, octets);
	while (!e && octets.len) {
		uint8_t room[UNICODE_ROOM(WIDE_STEP)];
		struct wbuf w = wbuf_init(room, sizeof(room));

		unicode_decode(&r->unicode, slice_sub(octets, 0, WIDE_STEP), &w);
		e = wbuf_done(&w);
		if (!e)
			e = feed_octets(r, wbuf_slice(&w));
		octets = slice_sub(octets, WIDE_STEP, octets.len);
	}
	return e;
}

enum err trace_reader_feed(struct trace_reader *r, struct slice octets)
{
	enum err e = ERR_OK;

	if (r->unicode.form == UNICODE_OPEN) {
		struct slice text;

		unicode_begin(&r->unicode, &octets, &text);
		if (r->unicode.form == UNICODE_OPEN)
			return ERR_OK;
		if (r->unicode.form == UNICODE_OCTETS)
			r->offset = UNICODE_MARK_MAX - text.len; /* the mark is of the trace */
		e = feed_text(r, text);
	}
	return e ? e : feed_text(r, octets);
}

enum err trace_reader_settle(struct trace_reader *r)
{
	enum err e = begin(r, true);

	if (!e)
		take_what_is_there(r, false);
	return e;
}

enum err trace_reader_end(struct trace_reader *r)
{
	enum err e = feed_octets(r, unicode_end(&r->unicode));

	if (!e)
		e = begin(r, true);
	if (e)
		return e;
	take_what_is_there(r, true);
	if (r->format->end)
		r->format->end(r->state, &r->out);
	return ERR_OK;
}

void trace_reader_close(struct trace_reader **r)
{
	struct trace_reader *mine = *r;

	*r = NULL;
	if (!mine)
		return;
	wbuf_free(&mine->there);
	free(mine->state);
	free(mine);
}
