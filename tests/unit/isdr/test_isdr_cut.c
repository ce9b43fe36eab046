/*
 * Power fails, or the disk is full, at any call that writes, in a download and in the commands of
 * ES10: the profiles and the notifications are wholly as before or wholly as after.
 */
#include "tests/unit/support/rsp_bench.h"

#include <string.h>

#include "card-emu/store/keys.h"
#include "card-emu/core/app.h"
#include "tests/support/snapshot.h"
#include "tests/unit/support/fault.h"
#include "tests/unit/support/release_fixture.h"

#define JOURNAL_CAP (1u << 20)
#define EVERY_CALL  16u /* up to so many calls, each is struck; of more, some in the middle */

static const enum fault_kind kinds[] = {FAULT_DEATH, FAULT_FULL, FAULT_NO_ROOM};
static const size_t octets[] = {0, 16, 40, 300, 1500, 3000, 1000000};

/* What the card holds: the profiles, the default SM-DP+ address, how many notifications. */
struct state {
	struct snapshot *profiles, *address;
	unsigned notes;
};

static struct state take(struct bench *b)
{
	struct store *s = card_store(b->card);

	return (struct state){snapshot_take(s, "p/"), snapshot_take(s, STORE_KEY_DEFAULT_DP),
			      fixture_notifications(b->card)};
}

static void drop(struct state *s)
{
	snapshot_free(&s->profiles);
	snapshot_free(&s->address);
}

static bool is_state(struct bench *b, const struct state *s)
{
	const struct store *store = card_store(b->card);

	return !snapshot_difference(s->profiles, store) &&
	       !snapshot_difference(s->address, store) &&
	       fixture_notifications(b->card) == s->notes;
}

static void put_back(struct bench *b, const struct wbuf *journal)
{
	card_close(&b->card);
	fixture_save_journal(b->options.dir, wbuf_slice(journal));
	ASSERT_ERR(card_open(&b->options, &b->card), ERR_OK);
	bench_select(b);
}

static void bind(struct bench *b)
{
	CU_ASSERT_EQUAL(bench_authenticate(b), 0);
	CU_ASSERT_EQUAL(bench_prepare(b), 0);
	bench_bind(b);
}

/* The folder, in variants: as it is, written through, about to be rewritten. The calls of a load.
 */
static unsigned set_up(struct bench *b, unsigned variant, struct wbuf *journal)
{
	unsigned calls;

	b->options.sync = variant == 1;
	bench_restart(b);
	if (variant == 2) /* room for the one-time key of bind(), not for a profile */
		fixture_fill_journal(b->card, b->options.dir, 1500);
	fixture_load_journal(b->options.dir, journal);
	bind(b);
	fault_arm(FAULT_DEATH, UINT32_MAX, 0);
	CU_ASSERT_EQUAL(bench_load(b), 0);
	calls = fault_calls();
	fault_disarm();
	CU_ASSERT(variant == 2 ? calls > EVERY_CALL : calls > 0);
	return calls;
}

static void one_load(struct bench *b, const struct state *before, const struct state *after,
		     enum fault_kind kind, unsigned nth, size_t part)
{
	unsigned r;

	fault_arm(kind, nth, part);
	r = bench_load(b);
	CU_ASSERT(fault_disarm());
	bench_restart(b);
	if (is_state(b, after)) {
		CU_ASSERT(r == 0 || kind == FAULT_DEATH); /* what was done is told */
		return;
	}
	/* not installed: told so, perhaps with a notification, and it can be had again */
	CU_ASSERT_NOT_EQUAL(r, 0);
	CU_ASSERT_PTR_NULL(snapshot_difference(before->profiles, card_store(b->card)));
	CU_ASSERT(fixture_notifications(b->card) <= before->notes + 1);
	CU_ASSERT_EQUAL(bench_download(b), 0);
	CU_ASSERT_PTR_NULL(snapshot_difference(after->profiles, card_store(b->card)));
}

/* The session is in volatile memory: after put_back() the package is bound anew for it. */
static void test_load(void)
{
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		for (unsigned variant = 0; variant < 3; variant++) {
			struct wbuf journal = wbuf_grow(JOURNAL_CAP);
			unsigned calls = set_up(&b, variant, &journal);
			struct state before, after = take(&b);

			put_back(&b, &journal);
			before = take(&b);
			for (unsigned nth = 1; nth <= calls; nth += nth > EVERY_CALL ? 9 : 1) {
				for (size_t i = 0; i < ARRAY_LEN(kinds) * ARRAY_LEN(octets); i++) {
					enum fault_kind kind = kinds[i % ARRAY_LEN(kinds)];

					if (kind != FAULT_DEATH && i >= ARRAY_LEN(kinds))
						continue;
					put_back(&b, &journal);
					bind(&b);
					one_load(&b, &before, &after, kind, nth,
						 octets[i / ARRAY_LEN(kinds)]);
				}
			}
			put_back(&b, &journal);
			drop(&before);
			drop(&after);
			wbuf_free(&journal);
		}
	}
	bench_close(&b);
}

/* No room for the profile, nor for the notification that it failed: a status word says so. */
static void test_no_room(void)
{
	struct slice piece[BENCH_PIECES_MAX];
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		struct state before;
		uint16_t sw = SW_OK;
		size_t n, i;

		bind(&b);
		before = take(&b);
		n = bench_pieces(&b, piece);
		fault_arm(FAULT_NO_ROOM, 1, 0);
		for (i = 0; i < n && sw == SW_OK; i++)
			sw = bench_es10(&b, piece[i]);
		CU_ASSERT(fault_disarm());
		CU_ASSERT_EQUAL(sw, SW_MEMORY_PROBLEM);
		CU_ASSERT_EQUAL(i, n);
		CU_ASSERT_EQUAL(b.answer.len, 0);
		CU_ASSERT(is_state(&b, &before));
		CU_ASSERT_EQUAL(bench_download(&b), 0); /* on the same card, room again */
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 1);
		drop(&before);
	}
	bench_close(&b);
}

/* A command of ES10 that changes something, on a card with one profile. */
static void one_command(struct bench *b, const struct state *before, const struct state *after,
			struct slice request, struct slice answer)
{
	uint16_t sw = bench_es10(b, request);
	bool good = sw == SW_OK;

	if (good)
		ASSERT_OCTETS(wbuf_slice(&b->answer), answer, "answer");
	else
		CU_ASSERT_EQUAL(sw, SW_MEMORY_PROBLEM);
	fault_disarm();
	for (unsigned i = 0; i < 2; i++) { /* as the card has it, and as the disk has it */
		bool is_before = is_state(b, before), is_after = is_state(b, after);

		CU_ASSERT(good ? is_after : is_before || (is_after && i == 1));
		bench_restart(b);
	}
}

static void cut_command(struct bench *b, struct slice request, struct slice answer)
{
	struct wbuf journal = wbuf_grow(JOURNAL_CAP);
	struct state before = take(b), after;
	unsigned calls;

	fixture_load_journal(b->options.dir, &journal);
	fault_arm(FAULT_DEATH, UINT32_MAX, 0);
	CU_ASSERT_EQUAL(bench_es10(b, request), SW_OK);
	calls = fault_calls();
	fault_disarm();
	ASSERT_OCTETS(wbuf_slice(&b->answer), answer, "answer");
	after = take(b);
	CU_ASSERT_FALSE(is_state(b, &before));
	CU_ASSERT(calls >= 1);
	for (unsigned nth = 1; nth <= calls; nth += nth > EVERY_CALL ? 9 : 1) {
		for (size_t i = 0; i < ARRAY_LEN(kinds) * ARRAY_LEN(octets); i++) {
			put_back(b, &journal);
			fault_arm(kinds[i % ARRAY_LEN(kinds)], nth, octets[i / ARRAY_LEN(kinds)]);
			one_command(b, &before, &after, request, answer);
		}
	}
	put_back(b, &journal);
	drop(&before);
	drop(&after);
	wbuf_free(&journal);
}

static void test_commands(void)
{
	static const struct {
		const char *request, *answer;
	} rows[] = {
		{"bf29115a0a" BENCH_ICCID "90036c6162", "bf2903800100"}, /* SetNickname */
		{"bf3111a00c5a0a" BENCH_ICCID "810100", "bf3103800100"}, /* EnableProfile */
		{"bf330c5a0a" BENCH_ICCID, "bf3303800100"},		 /* DeleteProfile */
		{"bf3003800101", "bf3003800100"},	    /* RemoveNotificationFromList */
		{"bf3f08800661622e636f6d", "bf3f03800100"}, /* SetDefaultDpAddress */
		{"bf340482020780", "bf3403800100"},	    /* eUICCMemoryReset */
	};
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		for (unsigned variant = 0; variant < 3; variant++) {
			b.options.sync = variant == 1;
			bench_restart(&b);
			if (variant == 2)
				fixture_fill_journal(b.card, b.options.dir, 0);
			for (size_t i = 0; i < ARRAY_LEN(rows); i++)
				cut_command(&b, test_unhex(rows[i].request),
					    test_unhex(rows[i].answer));
		}
	}
	bench_close(&b);
}

TEST_SUITE(isdr_cut, {"a download", test_load}, {"no room", test_no_room},
	   {"commands that change something", test_commands})
