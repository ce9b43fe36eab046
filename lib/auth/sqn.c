#include "lib/auth/sqn.h"

#include <string.h>

#include "lib/base/bytes.h"

#define SQN_OCTETS	6u
#define STORED_FORMAT	2u
#define STORED_FORMAT_1 ((SQN_SLOTS + 3) * SQN_OCTETS) /* octets: it has no number of its own */

enum stored_limit { STORED_DELTA = 1, STORED_AGE = 2 };

uint64_t sqn_seq(uint64_t sqn, unsigned ind_bits)
{
	return sqn >> ind_bits;
}

unsigned sqn_ind(uint64_t sqn, unsigned ind_bits)
{
	return (unsigned)(sqn & ((UINT64_C(1) << ind_bits) - 1));
}

uint64_t sqn_highest(const struct sqn_array *a)
{
	return a->highest;
}

bool sqn_fresh(const struct sqn_array *a, uint64_t sqn)
{
	uint64_t seq = sqn_seq(sqn, a->ind_bits), seq_ms = sqn_seq(a->highest, a->ind_bits);

	if (sqn > SQN_MAX)
		return false;
	if (a->has_delta && seq > seq_ms && seq - seq_ms > a->delta) /* C.2.1: too large a jump */
		return false;
	if (a->has_age && seq <= seq_ms && seq_ms - seq >= a->age) /* C.2.2: too old */
		return false;
	return seq > a->seq[sqn_ind(sqn, a->ind_bits)];
}

void sqn_accept(struct sqn_array *a, uint64_t sqn)
{
	uint64_t seq = sqn_seq(sqn, a->ind_bits);

	a->seq[sqn_ind(sqn, a->ind_bits)] = seq;
	if (seq >= sqn_seq(a->highest, a->ind_bits))
		a->highest = sqn;
}

void sqn_accept_all(struct sqn_array *a, uint64_t last)
{
	for (unsigned ind = 0; ind < 1u << a->ind_bits; ind++)
		a->seq[ind] = sqn_seq(last, a->ind_bits);
	a->highest = last;
}

void sqn_save(const struct sqn_array *a, struct wbuf *out)
{
	wbuf_u8(out, STORED_FORMAT);
	wbuf_u8(out, (uint8_t)a->ind_bits);
	wbuf_u8(out, (uint8_t)((a->has_delta ? STORED_DELTA : 0) | (a->has_age ? STORED_AGE : 0)));
	for (unsigned i = 0; i < 1u << a->ind_bits; i++)
		wbuf_uint(out, a->seq[i], SQN_OCTETS);
	wbuf_uint(out, a->highest, SQN_OCTETS);
	wbuf_uint(out, a->delta, SQN_OCTETS);
	wbuf_uint(out, a->age, SQN_OCTETS);
}

static void load_numbers(struct cursor *c, struct sqn_array *got)
{
	for (unsigned i = 0; i < 1u << got->ind_bits; i++)
		got->seq[i] = cursor_uint(c, SQN_OCTETS);
	got->highest = cursor_uint(c, SQN_OCTETS);
	got->delta = cursor_uint(c, SQN_OCTETS);
	got->age = cursor_uint(c, SQN_OCTETS);
}

enum err sqn_load(struct slice stored, struct sqn_array *a)
{
	struct cursor c = cursor_of(stored);
	struct sqn_array got = SQN_ARRAY_NEW;
	uint8_t limits;
	enum err e;

	if (stored.len == STORED_FORMAT_1) {
		load_numbers(&c, &got);
		got.delta = got.delta ? got.delta : SQN_DELTA;
		got.has_age = got.age != 0;
	} else {
		if (cursor_u8(&c) != STORED_FORMAT)
			cursor_fail(&c, ERR_CORRUPT);
		got.ind_bits = cursor_u8(&c);
		limits = cursor_u8(&c);
		got.has_delta = limits & STORED_DELTA;
		got.has_age = limits & STORED_AGE;
		if (got.ind_bits > SQN_IND_BITS_MAX)
			return ERR_CORRUPT;
		load_numbers(&c, &got);
	}
	e = cursor_done(&c);
	if (!e)
		*a = got;
	return e;
}

enum err sqn_next(uint64_t last, unsigned ind_bits, uint64_t *next)
{
	uint64_t seq = sqn_seq(last, ind_bits) + 1;

	if (ind_bits > SQN_IND_BITS_MAX || seq > sqn_seq(SQN_MAX, ind_bits))
		return ERR_VALUE;
	*next = seq << ind_bits | sqn_ind(last + 1, ind_bits);
	return ERR_OK;
}

enum err sqn_take(uint64_t last, unsigned ind_bits, uint64_t *next)
{
	if (last > SQN_MAX || ind_bits > SQN_IND_BITS_MAX)
		return ERR_VALUE;
	if (sqn_next(last, ind_bits, next))
		*next = last;
	return ERR_OK;
}

/* C.3.1: SEQ2 has 24 bits of a clock of seconds; D = 2^16 */
#define CLOCK_BITS   24u
#define CLOCK_PERIOD (UINT64_C(1) << CLOCK_BITS)
#define CLOCK_D	     (UINT64_C(1) << 16)

#define NODE_PARTS   8u
#define PART_NOBODY  7u /* see enum sqn_node */
_Static_assert(SQN_NODE_COUNT <= PART_NOBODY, "the last part is nobody's");

static const char *const node_names[SQN_NODE_COUNT] = {
	[SQN_NODE_TERMINAL] = "terminal", [SQN_NODE_CS] = "cs", [SQN_NODE_PS] = "ps",
	[SQN_NODE_EPS] = "eps",		  [SQN_NODE_5G] = "5g", [SQN_NODE_IMS] = "ims",
	[SQN_NODE_WLAN] = "wlan",
};

const char *sqn_node_name(enum sqn_node node)
{
	return (unsigned)node < SQN_NODE_COUNT ? node_names[node] : "?";
}

enum err sqn_node_of(const char *name, enum sqn_node *node)
{
	for (unsigned i = 0; i < SQN_NODE_COUNT; i++) {
		if (strcmp(name, node_names[i]) == 0) {
			*node = (enum sqn_node)i;
			return ERR_OK;
		}
	}
	return ERR_VALUE;
}

static struct sqn_range part(unsigned n, unsigned ind_bits)
{
	unsigned slots = 1u << ind_bits;

	return (struct sqn_range){.first = n * slots / NODE_PARTS,
				  .count = slots < NODE_PARTS ? 1 : slots / NODE_PARTS};
}

struct sqn_range sqn_node_range(enum sqn_node node, unsigned ind_bits)
{
	return part((unsigned)node, ind_bits);
}

/* A part of its own, which with few indices there is not. */
static bool is_nobodys(uint64_t sqn, unsigned ind_bits)
{
	return 1u << ind_bits >= NODE_PARTS &&
	       sqn_ind(sqn, ind_bits) >= part(PART_NOBODY, ind_bits).first;
}

/* C.1.1.1 (5): SEQ after SEQ_HE at this time, GLC. */
static uint64_t seq_by_clock(uint64_t seq, int64_t now)
{
	uint64_t glc = (uint64_t)now % CLOCK_PERIOD;
	uint64_t seq1 = seq >> CLOCK_BITS, seq2 = seq % CLOCK_PERIOD;

	if (seq2 < glc && glc < seq2 + CLOCK_PERIOD - CLOCK_D + 1)
		return seq1 << CLOCK_BITS | glc;
	if ((glc <= seq2 && seq2 < glc + CLOCK_D) || seq2 + CLOCK_PERIOD - CLOCK_D < glc)
		return seq + 1;
	return (seq1 + 1) << CLOCK_BITS | glc;
}

/* C.3.4: the next index of the node. When another one's was the last, it depends on SEQ. */
static unsigned ind_for(uint64_t last, uint64_t seq, const struct sqn_wish *w)
{
	struct sqn_range r = sqn_node_range(w->node, w->ind_bits);
	unsigned at = sqn_ind(last, w->ind_bits) - r.first;

	if (at >= r.count)
		return r.first + (unsigned)(seq % r.count);
	return r.first + (w->more ? at : (at + 1) % r.count);
}

enum err sqn_take_for(uint64_t last, const struct sqn_wish *w, uint64_t *next)
{
	uint64_t seq, end;

	if (last > SQN_MAX || w->ind_bits > SQN_IND_BITS_MAX || w->node >= SQN_NODE_COUNT)
		return ERR_VALUE;
	seq = sqn_seq(last, w->ind_bits);
	end = sqn_seq(SQN_MAX, w->ind_bits);
	if (seq == end) {
		*next = last;
		return ERR_OK;
	}
	/* a card whose delta is less than that of C.3 would refuse every step of the clock's */
	if (w->by_clock && !is_nobodys(last, w->ind_bits))
		seq = seq_by_clock(seq, w->now);
	else
		seq++;
	if (seq > end)
		seq = sqn_seq(last, w->ind_bits) + 1;
	*next = seq << w->ind_bits | ind_for(last, seq, w);
	return ERR_OK;
}

/* TS 33.102 6.3.5 step 2: by SQN_MS alone, the card would accept the next number. */
static bool in_range(const struct sqn_refusal *r, uint64_t seq_ms)
{
	uint64_t next, seq;

	if (sqn_next(r->last, r->ind_bits, &next))
		return false;
	seq = sqn_seq(next, r->ind_bits);
	return seq > seq_ms && seq - seq_ms <= SQN_DELTA;
}

enum err sqn_resync(const struct sqn_refusal *r, uint64_t *last)
{
	uint64_t seq_ms = sqn_seq(r->sqn_ms, r->ind_bits), next;

	if (r->sqn_ms > SQN_MAX || sqn_next(r->sqn_ms, r->ind_bits, &next))
		return ERR_SYNC;
	/* refused though above all that the card has: too large a jump, as the next would be */
	if (sqn_seq(r->refused, r->ind_bits) > seq_ms || !in_range(r, seq_ms))
		*last = r->by_clock && 1u << r->ind_bits >= NODE_PARTS
				? seq_ms << r->ind_bits | part(PART_NOBODY, r->ind_bits).first
				: r->sqn_ms;
	else
		*last = r->last;
	return ERR_OK;
}
