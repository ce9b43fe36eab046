/*
 * Broken sessions and many profiles: whatever is missing, repeated or cut off, the next session
 * works and nothing is lost.
 */
#include "tests/unit/support/rsp_bench.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PROFILES 64
/* What interrupts the LPA. */
enum cut {
	CUT_POWER,	/* the card loses power, its process ends */
	CUT_RESET,	/* a reset, as the next program does first */
	CUT_NEW_SESSION /* the LPA begins anew without one */
};

static void recover(struct bench *b, enum cut cut)
{
	b->stop_after = 0;
	switch (cut) {
	case CUT_POWER: bench_restart(b); break;
	case CUT_RESET: bench_select(b); break;
	case CUT_NEW_SESSION: break;
	}
}

static bool seen_seq(struct bench *b, uint32_t seq)
{
	uint8_t mem[32];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct es10b_notifications list = {0};

	es10b_put_retrieve_notifications(
		&w, &(struct es10b_retrieve_notifications){.by_seq = true, .seq = seq});
	CU_ASSERT_EQUAL(bench_es10(b, wbuf_slice(&w)), SW_OK);
	ASSERT_ERR(es10b_parse_notifications(wbuf_slice(&b->answer),
					     SGP22_TAG_RETRIEVE_NOTIFICATIONS, &list),
		   ERR_OK);
	return list.ok;
}

static void remove_note(struct bench *b, uint32_t seq)
{
	uint8_t mem[16];
	struct wbuf w = wbuf_init(mem, sizeof(mem));

	es10b_put_notification_sent(&w, seq);
	CU_ASSERT_EQUAL(bench_es10(b, wbuf_slice(&w)), SW_OK);
}

/* The command after which the connection is lost is counted on from the first one. */
static void break_at_each(struct bench *b, enum cut cut)
{
	uint32_t seq = 1;
	unsigned at = 1;
	bool whole = false;

	for (; !whole; at++) {
		unsigned first;

		b->exchanges = 0;
		b->stop_after = at;
		first = bench_download(b);
		whole = b->exchanges < at;
		recover(b, cut);
		/* installed or not: then the retry says so, and the profile is there once */
		if (bench_profiles(b, NULL) == 0) {
			CU_ASSERT_NOT_EQUAL(first, 0);
			CU_ASSERT_EQUAL(bench_download(b), 0);
		}
		CU_ASSERT_EQUAL(bench_profiles(b, NULL), 1);
		/* its result waits for the SM-DP+, whoever saw the answer */
		CU_ASSERT(seen_seq(b, seq));
		CU_ASSERT_EQUAL(bench_command(b, SGP22_TAG_DELETE_PROFILE, BENCH_ICCID), ES10C_OK);
		CU_ASSERT(seen_seq(b, seq + 1));
		CU_ASSERT(!seen_seq(b, seq + 2));
		remove_note(b, seq);
		remove_note(b, seq + 1);
		seq += 2;
	}
	CU_ASSERT(at > 30);
}

static void test_breaks(void)
{
	for (enum cut cut = CUT_POWER; cut <= CUT_NEW_SESSION; cut++) {
		struct bench b;

		if (bench_open(&b, cut == CUT_RESET ? BENCH_FRESH_BRP : BENCH_FRESH_NIST))
			break_at_each(&b, cut);
		bench_close(&b);
	}
}

/* The n-th command lost on its way, or come twice, and the LPA goes on as if nothing was. */
static void test_commands(void)
{
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		for (unsigned twice = 0; twice < 2; twice++) {
			unsigned at = 1, good = 0;

			for (b.exchanges = 2; b.exchanges >= at; at++) {
				b.exchanges = 0;
				b.skip_at = twice ? 0 : at;
				b.repeat_at = twice ? at : 0;
				good += bench_download(&b) == 0;
				b.skip_at = b.repeat_at = 0;
				if (bench_profiles(&b, NULL) == 0)
					CU_ASSERT_EQUAL(bench_download(&b), 0);
				CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 1);
				CU_ASSERT_EQUAL(
					bench_command(&b, SGP22_TAG_DELETE_PROFILE, BENCH_ICCID),
					ES10C_OK);
			}
			CU_ASSERT(at > 30);
			CU_ASSERT(good >= 1);
		}
	}
	bench_close(&b);
}

/* Any piece left out, twice, or before its turn: an error, then a good download. */
static void test_disorder(void)
{
	static const enum bench_fault faults[] = {BENCH_DROP, BENCH_TWICE, BENCH_SWAP};
	size_t pieces = 2;
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
			for (b.at = 0; b.at < pieces; b.at++) {
				unsigned e;

				b.fault = faults[i];
				e = bench_download(&b);
				pieces = b.pieces;
				/* the last one twice, or out of place: it was installed before that
				 */
				if (e == 0)
					CU_ASSERT_EQUAL(b.at + 1, pieces);
				b.fault = BENCH_GOOD;
				if (bench_profiles(&b, NULL) == 0)
					CU_ASSERT_EQUAL(bench_download(&b), 0);
				CU_ASSERT_EQUAL(
					bench_command(&b, SGP22_TAG_DELETE_PROFILE, BENCH_ICCID),
					ES10C_OK);
			}
		}
	}
	bench_close(&b);
}

static void iccid_of(unsigned i, char digits[static 21], char hex[static 21])
{
	snprintf(digits, 21, "8900012345678901%04u", i);
	for (size_t k = 0; k < 20; k += 2) {
		hex[k] = digits[k + 1];
		hex[k + 1] = digits[k];
	}
	hex[20] = 0;
}

static void replace(struct wbuf *w, const char *from_hex, const char *to_hex)
{
	struct slice from = test_unhex(from_hex), to = test_unhex(to_hex);
	uint8_t *at = w->ptr;

	while ((at = memmem(at, w->len - (size_t)(at - w->ptr), from.ptr, from.len)) != NULL)
		memcpy(at, to.ptr, to.len);
}

/* A package as operators have them: TS.48's, with another ICCID. */
static void set_large_profile(struct bench *b, struct slice ts48, const char *digits,
			      const char *hex)
{
	wbuf_cut(&b->upp, 0);
	wbuf_put(&b->upp, ts48);
	replace(&b->upp, BENCH_ICCID_DIGITS, digits);
	replace(&b->upp, BENCH_ICCID, hex);
	b->metadata.iccid = test_unhex(hex);
}

static off_t journal_len(const struct bench *b)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/journal", b->options.dir);
	CU_ASSERT_EQUAL_FATAL(stat(path, &st), 0);
	return st.st_size;
}

/* What enabling and disabling a profile writes: it does not grow with the number of profiles. */
static off_t enable_cost(struct bench *b, const char *hex)
{
	off_t before = journal_len(b);

	CU_ASSERT_EQUAL(bench_command(b, SGP22_TAG_ENABLE_PROFILE, hex), ES10C_OK);
	CU_ASSERT_EQUAL(bench_command(b, SGP22_TAG_DISABLE_PROFILE, hex), ES10C_OK);
	return journal_len(b) - before;
}

static void test_many(void)
{
	struct slice ts48 = test_shared("rsp/upp/TS48v1_A.der");
	char digits[21], hex[21];
	off_t alone = 0;
	size_t enabled;
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		for (unsigned i = 0; i < PROFILES; i++) {
			iccid_of(i, digits, hex);
			set_large_profile(&b, ts48, digits, hex);
			CU_ASSERT_EQUAL(bench_download(&b), 0);
			if (i == 0)
				alone = enable_cost(&b, hex);
		}
		CU_ASSERT(alone > 0);
		CU_ASSERT_EQUAL(enable_cost(&b, hex), alone);
		bench_restart(&b);
		CU_ASSERT_EQUAL(bench_profiles(&b, &enabled), PROFILES);
		CU_ASSERT_EQUAL(enabled, 0);
		/* each can be enabled, and then is the only one */
		for (unsigned i = 0; i < PROFILES; i += 9) {
			iccid_of(i, digits, hex);
			CU_ASSERT_EQUAL(bench_command(&b, SGP22_TAG_ENABLE_PROFILE, hex), ES10C_OK);
			CU_ASSERT_EQUAL(bench_profiles(&b, &enabled), PROFILES);
			CU_ASSERT_EQUAL(enabled, 1);
		}
	}
	bench_close(&b);
}

TEST_SUITE(isdr_breaks, {"a download broken at every command, then retried", test_breaks},
	   {"a command lost or repeated", test_commands},
	   {"pieces left out, repeated, exchanged", test_disorder},
	   {"64 profiles in one card", test_many})
