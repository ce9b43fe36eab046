/* Sequence numbers of the AuC: indices by node, the clock, and cards that take them (TS 33.102 C)
 */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/auth/sqn.h"

enum { B = SQN_IND_BITS };
#define PERIOD (UINT64_C(1) << 24)
#define D      (UINT64_C(1) << 16)

static uint64_t take(uint64_t last, const struct sqn_wish *w)
{
	uint64_t next = 0;

	ASSERT_ERR(sqn_take_for(last, w, &next), ERR_OK);
	return next;
}

/* No two kinds of node share an index, and none has one of the last eighth. */
static void test_ranges(void)
{
	for (unsigned bits = 0; bits <= SQN_IND_BITS_MAX; bits++) {
		unsigned owners[SQN_SLOTS_MAX] = {0}, slots = 1u << bits;

		for (unsigned n = 0; n < SQN_NODE_COUNT; n++) {
			struct sqn_range r = sqn_node_range((enum sqn_node)n, bits);

			CU_ASSERT(r.count > 0 && r.first + r.count <= slots);
			CU_ASSERT_EQUAL(r.count, slots < 8 ? 1 : slots / 8);
			for (unsigned i = 0; i < r.count; i++)
				owners[r.first + i]++;
		}
		for (unsigned i = 0; i < slots && bits >= 3; i++)
			CU_ASSERT_EQUAL(owners[i], i < slots / 8 * SQN_NODE_COUNT ? 1 : 0);
	}
}

static void test_names(void)
{
	enum sqn_node node = SQN_NODE_COUNT;

	for (unsigned n = 0; n < SQN_NODE_COUNT; n++) {
		ASSERT_ERR(sqn_node_of(sqn_node_name((enum sqn_node)n), &node), ERR_OK);
		CU_ASSERT_EQUAL((unsigned)node, n);
	}
	ASSERT_ERR(sqn_node_of("CS", &node), ERR_VALUE);
	ASSERT_ERR(sqn_node_of("", &node), ERR_VALUE);
	CU_ASSERT_STRING_EQUAL(sqn_node_name(SQN_NODE_COUNT), "?");
}

/* C.3.4: the next index of the range by each batch, one index for a whole batch. */
static void test_indices(void)
{
	struct sqn_wish w = {.ind_bits = B, .node = SQN_NODE_PS};
	struct sqn_range r = sqn_node_range(SQN_NODE_PS, B);
	uint64_t sqn = take(0, &w);
	unsigned at = sqn_ind(sqn, B);

	for (unsigned i = 0; i < 20; i++) {
		CU_ASSERT_EQUAL(sqn_seq(sqn, B), i + 1);
		CU_ASSERT(at >= r.first && at < r.first + r.count);
		w.more = i % 5 != 4;
		sqn = take(sqn, &w);
		CU_ASSERT_EQUAL(sqn_ind(sqn, B),
				w.more ? at : r.first + (at - r.first + 1) % r.count);
		at = sqn_ind(sqn, B);
	}
	w.node = SQN_NODE_WLAN; /* a batch goes on after another node came in between */
	w.more = true;
	r = sqn_node_range(SQN_NODE_WLAN, B);
	at = sqn_ind(take(sqn, &w), B);
	CU_ASSERT(at >= r.first && at < r.first + r.count);
}

/* C.1.1.1 (5), case by case, at the edges */
static void test_clock(void)
{
	const struct {
		uint64_t seq;
		uint64_t now;
		uint64_t next;
	} rows[] = {
		{0, 1000, 1000},		 /* (i) */
		{999, 1000, 1000},		 /* (i) */
		{1000, 1000, 1001},		 /* (ii): in the same second */
		{1000 + D - 1, 1000, 1000 + D},	 /* (ii): far ahead of the clock */
		{1000 + D, 1000, PERIOD + 1000}, /* (iii) */
		{5 * PERIOD + 7, 1000, 5 * PERIOD + 1000},
		{5 * PERIOD + 7, PERIOD * 9 + 1000, 5 * PERIOD + 1000}, /* modulo p */
		{PERIOD - 1, PERIOD - 1, PERIOD}, /* (ii): it runs over into SEQ1 ... */
		{PERIOD, PERIOD - 1, PERIOD + 1}, /* (ii): ... and the clock does not yet */
		{PERIOD + 9, PERIOD - D + 10,
		 PERIOD + 10}, /* (ii): the last one for which it ... */
		{PERIOD + 9, PERIOD - D + 9, PERIOD + PERIOD - D + 9}, /* (i): ... the first ... */
		{3 * PERIOD - 1, 5, 3 * PERIOD + 5},  /* (iii): the clock ran over */
		{PERIOD + 100000, 1, 2 * PERIOD + 1}, /* (iii): it was set back by a day */
		{100, 50, 101},			      /* (ii): by less than D */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sqn_wish w = {.ind_bits = B, .by_clock = true, .now = (int64_t)rows[i].now};

		CU_ASSERT_EQUAL(sqn_seq(take(rows[i].seq << B, &w), B), rows[i].next);
	}
}

/* It counts where the clock would lead beyond the end, and stays at the end. */
static void test_end(void)
{
	struct sqn_wish w = {.ind_bits = B, .by_clock = true, .now = 5, .node = SQN_NODE_EPS};
	const uint64_t end = sqn_seq(SQN_MAX, B);
	uint64_t sqn = (end - 2) << B;

	sqn = take(sqn, &w);
	CU_ASSERT_EQUAL(sqn_seq(sqn, B), end - 1);
	sqn = take(sqn, &w);
	CU_ASSERT_EQUAL(sqn_seq(sqn, B), end);
	CU_ASSERT_EQUAL(take(sqn, &w), sqn);
	w.by_clock = false;
	CU_ASSERT_EQUAL(take(sqn, &w), sqn);
	ASSERT_ERR(sqn_take_for(SQN_MAX + 1, &w, &sqn), ERR_VALUE);
	w.ind_bits = SQN_IND_BITS_MAX + 1;
	ASSERT_ERR(sqn_take_for(0, &w, &sqn), ERR_VALUE);
	w = (struct sqn_wish){.ind_bits = B, .node = SQN_NODE_COUNT};
	ASSERT_ERR(sqn_take_for(0, &w, &sqn), ERR_VALUE);
}

/* What the card says, and what the AuC makes of it. True: the card took the number. */
static bool present(struct sqn_array *card, uint64_t *last, uint64_t sqn, bool by_clock)
{
	struct sqn_refusal r = {.last = *last,
				.refused = sqn,
				.sqn_ms = sqn_highest(card),
				.ind_bits = card->ind_bits,
				.by_clock = by_clock};

	if (sqn_fresh(card, sqn)) {
		sqn_accept(card, sqn);
		return true;
	}
	ASSERT_ERR(sqn_resync(&r, last), ERR_OK);
	return false;
}

/* From counting to the clock and back, and an AuC that is behind the card: AUTS at most once. */
static void test_changes(void)
{
	struct sqn_array card = SQN_ARRAY_NEW;
	struct sqn_wish w = {.ind_bits = B, .now = 1796000000, .node = SQN_NODE_EPS};
	uint64_t last = 0;

	for (unsigned i = 0; i < 60; i++) {
		w.by_clock = i / 10 % 2;
		w.now += i * 1000000;
		last = take(last, &w);
		CU_ASSERT_TRUE(present(&card, &last, last, w.by_clock));
	}
	for (unsigned by = 0; by < 2; by++) { /* a copy of long ago */
		w.by_clock = by;
		last = take(33, &w);
		CU_ASSERT_FALSE(present(&card, &last, last, by));
		last = take(last, &w);
		CU_ASSERT_TRUE(present(&card, &last, last, by));
		CU_ASSERT(sqn_seq(last, B) > PERIOD);
	}
}

/* A card whose delta is less than a step of the clock's: refused once, then taken, each time. */
static void test_narrow_card(void)
{
	struct sqn_array card = SQN_ARRAY_NEW;
	struct sqn_wish w = {
		.ind_bits = B, .by_clock = true, .now = 1796000000, .node = SQN_NODE_CS};
	uint64_t last = 0;

	card.delta = 10;
	for (unsigned i = 0; i < 20; i++) {
		w.now += 1000;
		last = take(last, &w);
		CU_ASSERT_FALSE(present(&card, &last, last, true));
		last = take(last, &w);
		CU_ASSERT_TRUE(present(&card, &last, last, true));
	}
	CU_ASSERT_EQUAL(sqn_seq(sqn_highest(&card), B), 20);
}

/* --- nodes that fetch in any order, crashes, a clock that goes where it likes */
enum { ROUNDS = 60000, WAITING = 32, GIVEN = 1 << 18 };
struct queue {
	uint64_t sqn[WAITING];
	unsigned first, n;
};
static struct {
	struct queue nodes[SQN_NODE_COUNT];
	struct sqn_array card;
	uint64_t last; /* on the disk */
	int64_t now;
	bool by_clock;
	uint64_t given[GIVEN]; /* open hashing: each number that left, 0 for none */
	unsigned taken, refused, left;
} w;

/* False: it is there. */
static bool remember(uint64_t sqn)
{
	size_t at = (sqn * UINT64_C(0x9E3779B97F4A7C15)) >> 46;

	while (w.given[at] && w.given[at] != sqn)
		at = (at + 1) % GIVEN;
	if (w.given[at] == sqn)
		return false;
	w.given[at] = sqn;
	return true;
}

static void move_clock(void)
{
	switch (rand() % 50) {
	case 0: w.now -= rand() % 200000; break;
	case 1: w.now += rand() % 20000000; break;
	case 2: w.now = 1796000000; break;
	default: w.now += rand() % 3; break;
	}
}

static void fetch(unsigned node, unsigned n)
{
	struct queue *q = &w.nodes[node];
	struct sqn_wish wish = {.ind_bits = w.card.ind_bits,
				.node = (enum sqn_node)node,
				.by_clock = w.by_clock,
				.now = w.now};

	for (unsigned i = 0; i < n && q->n < WAITING; i++) {
		uint64_t next = take(w.last, &wish);

		if (rand() % 40 == 0)
			return; /* ended before it was on the disk: it never left */
		w.last = next;
		if (rand() % 40 == 0)
			return; /* ended behind that */
		CU_ASSERT_TRUE(remember(next));
		w.left++;
		q->sqn[(q->first + q->n++) % WAITING] = next;
		wish.more = true;
	}
}

/* In their order. Refused: only since the card's highest is more than delta away. */
static void use(unsigned node)
{
	struct queue *q = &w.nodes[node];
	uint64_t sqn, seq_ms = sqn_seq(sqn_highest(&w.card), w.card.ind_bits);

	if (!q->n)
		return;
	sqn = q->sqn[q->first];
	q->first = (q->first + 1) % WAITING;
	q->n--;
	if (present(&w.card, &w.last, sqn, w.by_clock)) {
		w.taken++;
		return;
	}
	w.refused++;
	CU_ASSERT(sqn_seq(sqn, w.card.ind_bits) > seq_ms + SQN_DELTA);
	/* docs/adr/0014: the count went down to the card's; what it gives is new to the card */
	memset(w.given, 0, sizeof(w.given));
	memset(w.nodes, 0, sizeof(w.nodes));
}

static void run_any_order(unsigned bits)
{
	memset(&w, 0, sizeof(w));
	w.card = SQN_ARRAY_NEW;
	w.card.ind_bits = bits;
	w.now = 1796000000;
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned node = (unsigned)rand() % SQN_NODE_COUNT;

		move_clock();
		if (rand() % 200 == 0)
			w.by_clock = !w.by_clock;
		if (rand() % 4 == 0)
			fetch(node, (unsigned)rand() % 5 + 1);
		else
			use(node);
	}
	CU_ASSERT(w.taken > ROUNDS / 4);
	CU_ASSERT(w.left >= w.taken);
}

static void test_any_order(void)
{
	srand(3);
	for (unsigned bits = 3; bits <= SQN_IND_BITS_MAX; bits++)
		run_any_order(bits);
}

TEST_SUITE(sqn, {"indices of each node", test_ranges}, {"names of nodes", test_names},
	   {"indices of batches", test_indices}, {"the clock", test_clock},
	   {"the end of the numbers", test_end},
	   {"from counting to the clock and back", test_changes},
	   {"a card with a narrow limit", test_narrow_card},
	   {"any order of nodes, crashes and clocks", test_any_order})
