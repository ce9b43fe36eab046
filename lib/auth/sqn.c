#include "lib/auth/sqn.h"

#define SQN_OCTETS 6u
#define SEQ_MAX	   (SQN_MAX >> SQN_IND_BITS)

static uint64_t seq_of(uint64_t sqn)
{
	return sqn >> SQN_IND_BITS;
}

static unsigned ind_of(uint64_t sqn)
{
	return (unsigned)(sqn & (SQN_SLOTS - 1));
}

uint64_t sqn_highest(const struct sqn_array *a)
{
	return a->highest;
}

bool sqn_fresh(const struct sqn_array *a, uint64_t sqn)
{
	uint64_t seq = seq_of(sqn), seq_ms = seq_of(sqn_highest(a));
	uint64_t delta = a->delta ? a->delta : SQN_DELTA;

	if (sqn > SQN_MAX)
		return false;
	if (seq > seq_ms && seq - seq_ms > delta) /* C.2.1: too large a jump */
		return false;
	if (a->age && seq_ms > a->age && seq < seq_ms - a->age) /* C.2.2: too old */
		return false;
	return seq > a->seq[ind_of(sqn)];
}

void sqn_accept(struct sqn_array *a, uint64_t sqn)
{
	a->seq[ind_of(sqn)] = seq_of(sqn);
	if (seq_of(sqn) >= seq_of(a->highest))
		a->highest = sqn;
}

void sqn_save(const struct sqn_array *a, uint8_t out[static SQN_STORED_LEN])
{
	struct wbuf w = wbuf_init(out, SQN_STORED_LEN);

	for (unsigned i = 0; i < SQN_SLOTS; i++)
		wbuf_uint(&w, a->seq[i], SQN_OCTETS);
	wbuf_uint(&w, a->highest, SQN_OCTETS);
	wbuf_uint(&w, a->delta, SQN_OCTETS);
	wbuf_uint(&w, a->age, SQN_OCTETS);
}

enum err sqn_load(struct slice stored, struct sqn_array *a)
{
	struct cursor c = cursor_of(stored);
	struct sqn_array got;
	enum err e;

	for (unsigned i = 0; i < SQN_SLOTS; i++)
		got.seq[i] = cursor_uint(&c, SQN_OCTETS);
	got.highest = cursor_uint(&c, SQN_OCTETS);
	got.delta = cursor_uint(&c, SQN_OCTETS);
	got.age = cursor_uint(&c, SQN_OCTETS);
	e = cursor_done(&c);
	if (!e)
		*a = got;
	return e;
}

enum err sqn_next(uint64_t last, uint64_t *next)
{
	uint64_t seq = seq_of(last) + 1;

	if (seq > SEQ_MAX)
		return ERR_VALUE;
	*next = seq << SQN_IND_BITS | ((ind_of(last) + 1) & (SQN_SLOTS - 1));
	return ERR_OK;
}
