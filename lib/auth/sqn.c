#include "lib/auth/sqn.h"

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
		*last = r->sqn_ms;
	else
		*last = r->last;
	return ERR_OK;
}
