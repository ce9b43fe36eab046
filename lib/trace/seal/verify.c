#include "lib/trace/seal/verify.h"

#include <stdlib.h>
#include <string.h>

#include "lib/trace/pcapng.h"
#include "lib/trace/seal/judge.h"

#define BLOCK_MIN  12
#define BLOCK_MAX  (1 << 17) /* a recorder's: a packet has 64 KiB at most */
#define HEAD_LEN   8
#define LENGTH_LEN 4
#define STEP	   4096 /* octets that are put behind what was left */

struct seal_verifier {
	struct runs runs;
	struct wbuf there; /* what was not taken yet */
	uint64_t offset;   /* of its first octet */
	bool lost;	   /* the octets before it were no block */
	size_t cut;
};

enum err seal_verifier_open(struct seal_verifier **out)
{
	struct seal_verifier *v = calloc(1, sizeof(*v));

	if (!v)
		return ERR_MEMORY;
	v->there = wbuf_grow(2 * BLOCK_MAX);
	*out = v;
	return ERR_OK;
}

static uint32_t number_at(struct slice s, size_t at)
{
	const uint8_t *p = s.ptr + at;

	if (at > s.len || s.len - at < sizeof(uint32_t))
		return 0;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_ours(uint32_t type)
{
	return type == BLOCK_SECTION || type == BLOCK_INTERFACE || type == BLOCK_PACKET ||
	       type == SEAL_BLOCK;
}

enum frame { FRAME_NONE, FRAME_SHORT, FRAME_WHOLE };

/*
 * What stands at the front: a block, one that is not there as a whole, or none. Octets that were
 * put in make others look like lengths: what is of no type of ours must at least have a seal.
 */
static enum frame look_at_front(struct slice there, size_t *len)
{
	*len = number_at(there, sizeof(uint32_t));
	if (there.len < HEAD_LEN)
		return FRAME_SHORT;
	if (*len < BLOCK_MIN || *len > BLOCK_MAX || *len % PCAPNG_ALIGNMENT)
		return FRAME_NONE;
	if (*len > there.len)
		return FRAME_SHORT;
	there = slice_sub(there, 0, *len);
	if (number_at(there, *len - LENGTH_LEN) != *len)
		return FRAME_NONE;
	return is_ours(number_at(there, 0)) || seal_is_in(there) ? FRAME_WHOLE : FRAME_NONE;
}

/* At the end of the trace: the beginning of a block, whose rest was never written, or is gone. */
static bool is_cut(struct slice there)
{
	const bool is_all = there.len >= BLOCK_MIN && seal_is_in(there) &&
			    number_at(there, there.len - LENGTH_LEN) == there.len;
	size_t len;

	if (is_all || (there.len >= HEAD_LEN && !is_ours(number_at(there, 0))))
		return false; /* its head was changed */
	for (size_t at = 1; at < there.len; at++) {
		struct slice rest = slice_sub(there, at, there.len);

		if (is_ours(number_at(rest, 0)) && look_at_front(rest, &len) == FRAME_WHOLE)
			return false;
	}
	return true;
}

/* Takes from the front what is whole, or an octet that is no block's. *n: how much. */
static enum err take_one(struct seal_verifier *v, struct slice there, bool all_there, size_t *n)
{
	const bool again = v->lost;
	enum frame f;
	enum err e;

	f = there.len ? look_at_front(there, n) : FRAME_SHORT;
	/* who looks for the next block looks for a type, whether all of it is there or not */
	if (again && there.len >= HEAD_LEN && !is_ours(number_at(there, 0)))
		f = FRAME_NONE;
	v->lost = false;
	if (f == FRAME_WHOLE)
		return runs_take_block(&v->runs, v->offset, slice_sub(there, 0, *n));
	*n = 0;
	if (!there.len || (f == FRAME_SHORT && !all_there)) {
		v->lost = again;
		return ERR_OK;
	}
	if (f == FRAME_SHORT && !again && is_cut(there)) {
		v->cut = *n = there.len;
		return ERR_OK;
	}
	*n = 1;
	e = runs_take_octets(&v->runs, v->offset, 1, again);
	v->lost = true;
	return e;
}

/* *rest: what is left, which may be a part of something. */
static enum err take_what_is_there(struct seal_verifier *v, bool all_there, struct slice *rest)
{
	enum err e = ERR_OK;
	size_t n = 1;

	while (!e && n) {
		e = take_one(v, *rest, all_there, &n);
		if (e)
			break;
		*rest = slice_sub(*rest, n, rest->len);
		v->offset += n;
	}
	return e;
}

/* What was left before, and what has come. */
static enum err take_both(struct seal_verifier *v, struct slice part)
{
	struct slice there, rest;
	enum err e;

	wbuf_put(&v->there, part);
	e = wbuf_done(&v->there);
	if (e)
		return e;
	there = rest = wbuf_slice(&v->there);
	e = take_what_is_there(v, false, &rest);
	if (rest.len && rest.len < there.len)
		memmove(v->there.ptr, rest.ptr, rest.len);
	wbuf_cut(&v->there, rest.len);
	return e;
}

enum err seal_verifier_feed(struct seal_verifier *v, struct slice octets)
{
	enum err e = ERR_OK;

	while (!e && octets.len && v->there.len) {
		size_t n = octets.len < STEP ? octets.len : STEP;

		e = take_both(v, slice_sub(octets, 0, n));
		if (v->there.len <= n) { /* what is left is where it stands, too */
			n -= v->there.len;
			wbuf_cut(&v->there, 0);
		}
		octets = slice_sub(octets, n, octets.len);
	}
	if (e || !octets.len)
		return e;
	e = take_what_is_there(v, false, &octets); /* by far the most, and where it stands */
	if (!e)
		wbuf_put(&v->there, octets);
	return e ? e : wbuf_done(&v->there);
}

enum err seal_verifier_end(struct seal_verifier *v, const struct seal_sink *sink,
			   struct seal_verdict *out)
{
	struct seal_verdict verdict = {0};
	struct slice rest = wbuf_slice(&v->there);
	enum err e = take_what_is_there(v, true, &rest);

	verdict.cut = v->cut;
	if (!e)
		e = judge_runs(&v->runs, sink, &verdict);
	if (!e)
		*out = verdict;
	return e;
}

void seal_verifier_close(struct seal_verifier **v)
{
	struct seal_verifier *mine = *v;

	*v = NULL;
	if (!mine)
		return;
	runs_free(&mine->runs);
	wbuf_free(&mine->there);
	free(mine);
}
