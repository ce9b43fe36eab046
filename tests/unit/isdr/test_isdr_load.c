/* a bound package in the card: segments, order, errors (SGP.22 5.5) */
#include "card-emu/apps/isdr/info.h"
#include "card-emu/store/store.h"
#include "lib/base/tlv.h"
#include "lib/uicc/command.h"
#include "lib/base/bytes.h"
#include "lib/base/tlv.h"
#include "tests/unit/support/rsp_bench.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/apps/isdr/isdr.h"
#include "tests/unit/support/card_fixture.h"

#define ISDR   "10a0000005591010ffffffff8900000100"
#define DELETE "bf330c5a0a" BENCH_ICCID

static void remove_profile(struct bench *b)
{
	CU_ASSERT_EQUAL(bench_es10_hex(b, DELETE), SW_OK);
	ASSERT_OCTETS(wbuf_slice(&b->answer), test_unhex("bf3303800100"), "deleted");
}

/* Notifications are many here, and the list of them must stay short. */
static void remove_notifications(struct bench *b)
{
	for (unsigned seq = 1; bench_notifications(b); seq++) {
		uint8_t mem[16];
		struct wbuf w = wbuf_init(mem, sizeof(mem));

		es10b_put_notification_sent(&w, seq);
		CU_ASSERT_EQUAL(bench_es10(b, wbuf_slice(&w)), SW_OK);
	}
}

/* SGP.22 5.7.2: every size of block, in chains of more than 256 blocks as well */
static void test_blocks(void)
{
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		for (size_t n = 1; n <= 255; n += n < 20 || n > 250 ? 1 : 7) {
			b.block_len = n;
			CU_ASSERT_EQUAL(bench_download(&b), 0);
			remove_profile(&b);
		}
		b.block_len = 200;
		remove_notifications(&b);
	}
	bench_close(&b);
}

/* A chain of exactly 256 blocks left open does not swallow the next command. */
static void test_wrap(void)
{
	struct bench b;
	uint8_t head[] = {0x80, INS_STORE_DATA, 0x11, 0, 5, 0xBF, 0x38, 0x82, 0x40, 0x00};
	uint8_t more[] = {0x80, INS_STORE_DATA, 0x11, 0, 1, 0x00};
	uint8_t out[300];

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		struct wbuf w = wbuf_init(out, sizeof(out));

		ASSERT_ERR(card_transmit(b.card, SLICE_OF(head), &w), ERR_OK);
		for (unsigned i = 1; i <= 255; i++) {
			more[3] = (uint8_t)i;
			wbuf_cut(&w, 0);
			ASSERT_ERR(card_transmit(b.card, SLICE_OF(more), &w), ERR_OK);
			ASSERT_OCTETS(wbuf_slice(&w), test_unhex("9000"), "block");
		}
		CU_ASSERT_EQUAL(bench_es10_hex(&b, "bf2e00"), SW_OK);
		CU_ASSERT_EQUAL(b.answer.len, 21);
	}
	bench_close(&b);
}

/* A block that does not follow ends the chain: what follows then follows nothing. */
static void test_chains(void)
{
	static const struct {
		const char *command, *response;
	} rows[] = {
		{"80e2910103bf2e00", "6a86"},				  /* nothing was begun */
		{"80e2110001bf", "9000"},     {"80e29102022e00", "6a86"}, /* a number is left out */
		{"80e29101022e00", "6a86"},   {"80e2110001bf", "9000"},
		{"80e29001022e00", "6a86"}, /* another P1 */
		{"80e29101022e00", "6a86"},   {"80e2110001bf", "9000"},
		{"80e2910003bf2e00", "6115"}, /* begun anew */
		{"80e29101022e00", "6a86"},   {"80e2110001bf", "9000"},
		{"80e29101022e00", "6115"},   {"80e2910203bf2e00", "6a86"}, /* it was the last */
		{"80e2110001bf", "9000"},     {"81e29101022e00", "6a86"},   /* another channel */
		{"80e29101022e00", "6a86"},   {"80e2110001bf", "9000"},
		{"81e2910003bf2e00", "6115"}, /* begun anew on another channel */
		{"80e29101022e00", "6a86"},   {"81e2110001bf", "9000"},
		{"00708001", "9000"}, /* its channel is closed, and opened again */
		{"0070000001", "019000"},     {"01a4040c" ISDR, "9000"},
		{"81e29101022e00", "6a86"},   {"81e2110001bf", "9000"},
		{"01a4040c" ISDR, "9000"}, /* selected again */
		{"81e29101022e00", "6a86"},   {"80e2110001bf", "9000"},
		{"0070800100", "9000"}, /* another channel's end ends nothing */
		{"80e29101022e00", "6115"},
	};
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		ASSERT_APDU(b.card, "0070000001", "019000");
		ASSERT_APDU(b.card, "01a4040c" ISDR, "9000");
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			ASSERT_APDU(b.card, rows[i].command, rows[i].response);
	}
	bench_close(&b);
}

/* Where a package may be parted: after each header and each whole data object. */
static size_t find_cuts(struct slice package, size_t *cuts, size_t max)
{
	struct cursor c = cursor_of(package);
	size_t n = 0, len;
	uint32_t tag;
	struct tlv t;

	while (cursor_left(&c) && n < max) {
		bool good;

		tag = tlv_peek(&c);
		if (tag == SGP22_TAG_BOUND_PROFILE_PACKAGE || (tag >= 0xA0 && tag <= 0xA3))
			good = tlv_header(&c, &tag, &len);
		else
			good = tlv_next(&c, &t);
		CU_ASSERT(good);
		cuts[n++] = package.len - cursor_left(&c);
	}
	CU_ASSERT_EQUAL(cursor_left(&c), 0);
	return n;
}

/* Downloads with the package parted where keep(i) says so. */
static unsigned load_parted(struct bench *b, bool (*keep)(unsigned i, void *ctx), void *ctx)
{
	size_t cuts[BENCH_PIECES_MAX], n, from = 0;
	struct slice package;

	CU_ASSERT_EQUAL(bench_authenticate(b), 0);
	CU_ASSERT_EQUAL(bench_prepare(b), 0);
	bench_bind(b);
	package = wbuf_slice(&b->bpp);
	n = find_cuts(package, cuts, ARRAY_LEN(cuts));
	for (unsigned i = 0; i < n; i++) {
		struct es10b_installation_result r;

		if (i + 1 < n && !keep(i, ctx))
			continue;
		if (bench_es10(b, slice_sub(package, from, cuts[i] - from)) != SW_OK)
			return BENCH_AT_LOAD;
		from = cuts[i];
		if (!b->answer.len)
			continue;
		ASSERT_ERR(es10b_parse_installation_result(wbuf_slice(&b->answer), &r), ERR_OK);
		return r.success ? 0 : r.reason;
	}
	return BENCH_AT_END;
}

static bool keep_all(unsigned i, void *ctx)
{
	(void)i, (void)ctx;
	return true;
}

static bool keep_none(unsigned i, void *ctx)
{
	(void)i, (void)ctx;
	return false;
}

static bool keep_some(unsigned i, void *ctx)
{
	unsigned *seed = ctx;

	(void)i;
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16 & 1u;
}

/* SGP.22 5.7.6: however the LPA parts the package */
static void test_splits(void)
{
	struct bench b;
	unsigned seed = 1;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		CU_ASSERT_EQUAL(load_parted(&b, keep_all, NULL), 0);
		remove_profile(&b);
		CU_ASSERT_EQUAL(load_parted(&b, keep_none, NULL), 0);
		remove_profile(&b);
		for (unsigned i = 0; i < 40; i++) {
			CU_ASSERT_EQUAL(load_parted(&b, keep_some, &seed), 0);
			remove_profile(&b);
		}
		b.no_replace = true;
		CU_ASSERT_EQUAL(load_parted(&b, keep_all, NULL), 0);
		remove_profile(&b);
		/* something after the end */
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_prepare(&b), 0);
		bench_bind(&b);
		wbuf_u8(&b.bpp, 0);
		CU_ASSERT_EQUAL(bench_es10(&b, wbuf_slice(&b.bpp)), SW_OK);
		ASSERT_ERR(es10b_parse_installation_result(wbuf_slice(&b.answer), &b.result),
			   ERR_OK);
		CU_ASSERT_EQUAL(b.result.reason, ES10B_BPP_SCP03T_STRUCTURE);
	}
	bench_close(&b);
}

/* 1020 octets are the standard's limit, 1036 what osmo-smdpp sends. */
static void test_segments(void)
{
	static const size_t good[] = {64, 255, 256, 1019, 1020, 1035, 1036};
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		for (size_t i = 0; i < ARRAY_LEN(good); i++) {
			b.segment_max = good[i];
			CU_ASSERT_EQUAL(bench_download(&b), 0);
			remove_profile(&b);
		}
		b.segment_max = 1100;
		CU_ASSERT_EQUAL(bench_download(&b), ES10B_BPP_SCP03T_STRUCTURE);
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 0);
	}
	bench_close(&b);
}

/* The package of the last bench_bind() again in a new session, asking for its one-time key. */
static bool prepare_again(struct bench *b)
{
	uint8_t asked[EC_POINT_LEN];

	memcpy(asked, b->otpk, sizeof(asked));
	b->reuse_otpk = SLICE_OF(asked);
	CU_ASSERT_EQUAL(bench_authenticate(b), 0);
	CU_ASSERT_EQUAL(bench_prepare(b), 0);
	b->reuse_otpk = SLICE_EMPTY;
	return memcmp(asked, b->otpk, sizeof(asked)) == 0;
}

/* SGP.22 5.7.5, bppEuiccOtpk: a package that was bound once is loaded in a later session. */
static void test_reuse(void)
{
	struct slice piece[BENCH_PIECES_MAX];
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
		CU_ASSERT_EQUAL(bench_prepare(&b), 0);
		bench_bind(&b);
		bench_pieces(&b, piece);
		for (size_t i = 0; i < 5; i++)
			CU_ASSERT_EQUAL(bench_es10(&b, piece[i]), SW_OK);
		bench_restart(&b); /* the power fails in the middle */
		CU_ASSERT(prepare_again(&b));
		CU_ASSERT_EQUAL(bench_load(&b), 0);
		remove_profile(&b);
		/* installed: the key is gone, another one is made */
		CU_ASSERT(!prepare_again(&b));
		/* refused for good: gone as well */
		bench_bind(&b);
		b.fault = BENCH_BIT;
		b.at = 4;
		CU_ASSERT_EQUAL(bench_load(&b), ES10B_BPP_SCP03T_SECURITY);
		b.fault = BENCH_GOOD;
		CU_ASSERT(!prepare_again(&b));
		/* begun anew: kept */
		bench_bind(&b);
		bench_pieces(&b, piece);
		for (size_t i = 0; i < 5; i++)
			CU_ASSERT_EQUAL(bench_es10(&b, piece[i]), SW_OK);
		CU_ASSERT_EQUAL(bench_es10(&b, piece[0]), SW_OK);
		ASSERT_ERR(es10b_parse_installation_result(wbuf_slice(&b.answer), &b.result),
			   ERR_OK);
		CU_ASSERT_EQUAL(b.result.reason, ES10B_BPP_INTERRUPTION);
		CU_ASSERT(prepare_again(&b));
		CU_ASSERT_EQUAL(bench_load(&b), 0);
	}
	bench_close(&b);
}

/* The card keeps four keys: the one of the fifth session before is gone. */
static void test_kept_keys(void)
{
	uint8_t point[5][EC_POINT_LEN];
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		for (size_t i = 0; i < ARRAY_LEN(point); i++) {
			CU_ASSERT_EQUAL(bench_authenticate(&b), 0);
			CU_ASSERT_EQUAL(bench_prepare(&b), 0);
			memcpy(point[i], b.otpk, sizeof(point[i]));
		}
		for (size_t i = ARRAY_LEN(point); i-- > 0;) {
			memcpy(b.otpk, point[i], sizeof(point[i]));
			CU_ASSERT_EQUAL(prepare_again(&b), i > 0);
		}
	}
	bench_close(&b);
}

/* Memory that BF22 says is not there is not used; what was there before stays as it was. */
static void test_full(void)
{
	static const uint8_t k[16] = {1};
	struct wbuf junk = wbuf_grow(STORE_VALUE_MAX);
	struct store_txn *t;
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		bench_set_profile(&b, "89000123456789012351", SLICE_OF(k));
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		bench_set_profile(&b, BENCH_ICCID_DIGITS, SLICE_OF(k));
		CU_ASSERT_EQUAL(bench_download(&b), 0);
		remove_profile(&b);
		wbuf_fill(&junk, 1, STORE_VALUE_MAX);
		t = store_begin(card_store(b.card));
		for (unsigned i = 0; i < 64; i++) {
			char key[16];

			snprintf(key, sizeof(key), "junk/%02u", i);
			store_put(t, key, wbuf_slice(&junk));
		}
		ASSERT_ERR(store_commit(t), ERR_OK);
		CU_ASSERT_EQUAL(bench_download(&b), ES10B_BPP_INSUFFICIENT_MEMORY);
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 1);
		/* what is there can be managed, though nobody is told of it */
		CU_ASSERT_EQUAL(bench_command(&b, SGP22_TAG_ENABLE_PROFILE, BENCH_OTHER_ICCID),
				ES10C_OK);
		CU_ASSERT_EQUAL(bench_notifications(&b), 3);
		t = store_begin(card_store(b.card));
		store_delete_prefix(t, "junk/");
		ASSERT_ERR(store_commit(t), ERR_OK);
		CU_ASSERT(prepare_again(&b)); /* a cause that passes: the package may come again */
		CU_ASSERT_EQUAL(bench_load(&b), 0);
	}
	bench_close(&b);
	wbuf_free(&junk);
}

/* Room for the package, but not for the files that it makes. */
static void test_grows(void)
{
	struct wbuf junk = wbuf_grow(STORE_VALUE_MAX);
	struct bench b;

	if (bench_open(&b, BENCH_FRESH_NIST)) {
		struct store *s = card_store(b.card);
		size_t before = store_used(s), left;

		CU_ASSERT_EQUAL(bench_download(&b), 0);
		CU_ASSERT(store_used(s) - before > 2 * b.upp.len);
		remove_profile(&b);
		remove_notifications(&b);
		wbuf_fill(&junk, 1, STORE_VALUE_MAX);
		left = ISDR_NVM_OCTETS - store_used(s) - 2 * b.upp.len;
		for (unsigned i = 0; left > 64; i++) {
			size_t n = left - 16 < STORE_VALUE_MAX ? left - 16 : STORE_VALUE_MAX;
			struct store_txn *t = store_begin(s);
			char key[16];

			snprintf(key, sizeof(key), "junk/%02u", i);
			store_put(t, key, slice_sub(wbuf_slice(&junk), 0, n));
			ASSERT_ERR(store_commit(t), ERR_OK);
			left = left > n + strlen(key) ? left - n - strlen(key) : 0;
		}
		CU_ASSERT_EQUAL(bench_download(&b), ES10B_BPP_INSUFFICIENT_MEMORY);
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 0);
	}
	bench_close(&b);
	wbuf_free(&junk);
}

TEST_SUITE(isdr_load, {"every size of block", test_blocks}, {"256 blocks left open", test_wrap},
	   {"blocks that do not follow", test_chains},
	   {"however the package is parted", test_splits}, {"sizes of segments", test_segments},
	   {"a bound package comes again", test_reuse}, {"how many keys are kept", test_kept_keys},
	   {"no memory left", test_full}, {"no memory for the files", test_grows})
