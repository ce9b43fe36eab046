/* the simulated PN532: frames in, frames out */
#include <string.h>

#include "tests/pn532/chip.h"
#include "tests/unit/test.h"

#define FRAMES_MAX 16

struct bench {
	struct chip chip;
	uint8_t octets[FRAMES_MAX][1200];
	size_t len[FRAMES_MAX], frames, resets, commands, answer_len;
};

static void take_frame_out(void *ctx, const uint8_t *octets, size_t len)
{
	struct bench *b = ctx;

	memcpy(b->octets[b->frames % FRAMES_MAX], octets, len);
	b->len[b->frames++ % FRAMES_MAX] = len;
}

static size_t echo_command(void *ctx, const uint8_t *command, size_t len, uint8_t *out)
{
	struct bench *b = ctx;

	b->commands++;
	memcpy(out, command, len);
	memset(out + len, 0x5A, b->answer_len > len ? b->answer_len - len : 0);
	return b->answer_len > len ? b->answer_len : len;
}

static void count_reset(void *ctx)
{
	((struct bench *)ctx)->resets++;
}

static void no_pause(void *ctx, unsigned ms)
{
	(void)ctx, (void)ms;
}

static void set_up(struct bench *b)
{
	const struct chip_ops ops = {take_frame_out, echo_command, count_reset, no_pause, b};

	memset(b, 0, sizeof(*b));
	chip_init(&b->chip, CHIP_PN532, &ops);
}

static void give(struct bench *b, const char *hex)
{
	struct slice s = test_unhex(hex);

	b->frames = 0;
	chip_take(&b->chip, s.ptr, s.len);
}

/* The ACK, and this reply. */
static void expect_reply(struct bench *b, const char *hex)
{
	CU_ASSERT_EQUAL(b->frames, 2);
	ASSERT_OCTETS(slice_make(b->octets[0], b->len[0]), test_unhex("0000ff00ff00"), "ACK");
	ASSERT_OCTETS(slice_make(b->octets[1], b->len[1]), test_unhex(hex), "reply");
}

#define LIST_A	  "0000ff04fcd44a0100e100"
#define NO_CARD	  "0000ff03fdd54b00e000"
#define FIELD_OFF "0000ff04fcd4320100f900"

static void test_opening(void)
{
	struct bench b;

	set_up(&b);
	give(&b, "555500000000000000000000000000000000ff03fdd414011700");
	expect_reply(&b, "0000ff02fed5151600");
	give(&b, "0000ff09f7d400006c69626e6663be00");
	expect_reply(&b, "0000ff09f7d501006c69626e6663bc00");
	give(&b, "0000ff02fed4022a00");
	expect_reply(&b, "0000ff06fad50332010607e800");
	b.chip.kind = CHIP_PN533;
	give(&b, "0000ff02fed4022a00");
	expect_reply(&b, "0000ff06fad50333020707e500");
}

/* In pieces of each size, and with noise before it. */
static void test_pieces(void)
{
	struct slice frame;
	struct bench b;

	set_up(&b);
	frame = test_unhex("12ff0000ff02fed4022a00");
	for (size_t cut = 1; cut < frame.len; cut++) {
		b.frames = 0;
		chip_take(&b.chip, frame.ptr, cut);
		chip_take(&b.chip, frame.ptr + cut, frame.len - cut);
		expect_reply(&b, "0000ff06fad50332010607e800");
	}
	b.frames = 0;
	for (size_t i = 0; i < frame.len; i++)
		chip_take(&b.chip, frame.ptr + i, 1);
	expect_reply(&b, "0000ff06fad50332010607e800");
}

static void test_wrong_frames(void)
{
	static const char *const none[] = {
		"0000ff02ffd4022a00",	   /* LCS */
		"0000ff02fed4022b00",	   /* DCS */
		"0000ffffff00020dd4022a00" /* LCS of a long frame */
	};
	struct bench b;

	set_up(&b);
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		give(&b, none[i]);
		CU_ASSERT_EQUAL(b.frames, 0);
		give(&b, "0000ff02fed4022a00");
		expect_reply(&b, "0000ff06fad50332010607e800");
	}
	give(&b, "0000ff00ff00"); /* an ACK of the host has no answer */
	CU_ASSERT_EQUAL(b.frames, 0);
	give(&b, "0000ff02fed4ff2d00"); /* no command */
	expect_reply(&b, "0000ff01ff7f8100");
}

static void test_cards(void)
{
	struct bench b;

	set_up(&b);
	give(&b, LIST_A);
	CU_ASSERT_EQUAL(b.frames, 2);
	CU_ASSERT_EQUAL(b.octets[1][7], 1);
	give(&b, "0000ff03fdd44400e800");
	expect_reply(&b, "0000ff03fdd54500e600");
	give(&b, LIST_A); /* it sleeps, until the field was off */
	expect_reply(&b, NO_CARD);
	give(&b, FIELD_OFF);
	CU_ASSERT_EQUAL(b.resets, 1);
	give(&b, LIST_A);
	CU_ASSERT_EQUAL(b.octets[1][7], 1);
	give(&b, FIELD_OFF);
	b.chip.card.count = 0;
	give(&b, LIST_A);
	expect_reply(&b, NO_CARD);
}

/* InDataExchange of a command of len octets 00; the reply's length octets and data in rest. */
static void exchange_octets(struct bench *b, size_t len)
{
	uint8_t f[600] = {0x00, 0x00, 0xFF};
	size_t n = 3, body = len + 3;

	if (body > 255) {
		f[n++] = 0xFF;
		f[n++] = 0xFF;
		f[n++] = (uint8_t)(body >> 8);
		f[n++] = (uint8_t)body;
		f[n] = (uint8_t)(0x100 - ((f[5] + f[6]) & 0xFF));
		n++;
	} else {
		f[n++] = (uint8_t)body;
		f[n++] = (uint8_t)(0x100 - body);
	}
	f[n++] = 0xD4;
	f[n++] = 0x40;
	f[n++] = 0x01;
	n += len;
	f[n++] = (uint8_t)(0x100 - 0xD4 - 0x40 + 0x100 - 0x01);
	n++;
	b->frames = 0;
	chip_take(&b->chip, f, n);
}

static void test_lengths(void)
{
	static const size_t lengths[] = {1, 2, 126, 252, 253, 254, 255, 256, 261, 262};
	struct bench b;

	set_up(&b);
	give(&b, LIST_A);
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		size_t n = lengths[i], head = n + 3 > 255 ? 8 : 5;

		exchange_octets(&b, n);
		CU_ASSERT_EQUAL(b.commands, i + 1);
		CU_ASSERT_EQUAL(b.frames, 2);
		CU_ASSERT_EQUAL(b.len[1], head + n + 3 + 2);
		CU_ASSERT_EQUAL(b.octets[1][head + 2], 0x00);
	}
}

/* More than one frame holds: MI is set, and an empty command has the rest. */
static void test_more(void)
{
	struct bench b;

	set_up(&b);
	give(&b, LIST_A);
	b.answer_len = 300;
	exchange_octets(&b, 2);
	CU_ASSERT_EQUAL(b.octets[1][10], 0x40);
	exchange_octets(&b, 0);
	CU_ASSERT_EQUAL(b.octets[1][7], 0x00);
	CU_ASSERT_EQUAL(b.len[1], 5 + 3 + 38 + 2);
	CU_ASSERT_EQUAL(b.commands, 1);
}

static void test_chip_faults(void)
{
	static const struct {
		const char *name;
		size_t frames, len; /* of the last */
	} faults[] = {{"no-ack", 0, 0},	    {"nack", 1, 6},	   {"mute", 1, 6},
		      {"error", 2, 8},	    {"empty", 2, 10},	   {"status", 2, 10},
		      {"overlong", 2, 312}, {"265", 2, 278},	   {"truncated", 2, 6},
		      {"garbage", 2, 17},   {"checksum", 2, 12},   {"length", 2, 12},
		      {"slow", 2, 12},	    {"field-lost", 2, 10}, {"removed", 2, 10}};
	enum chip_fault fault;
	struct bench b;

	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		set_up(&b);
		give(&b, LIST_A);
		CU_ASSERT_TRUE_FATAL(chip_fault_named(faults[i].name, &fault));
		b.chip.fault = fault;
		exchange_octets(&b, 2);
		CU_ASSERT_EQUAL(b.frames, faults[i].frames);
		if (b.frames)
			CU_ASSERT_EQUAL(b.len[b.frames - 1], faults[i].len);
		CU_ASSERT_EQUAL(b.chip.fault, CHIP_GOOD);
	}
	CU_ASSERT_FALSE(chip_fault_named("nothing", &fault));
}

TEST_SUITE(pn532_chip, {"libnfc's opening, octet by octet", test_opening},
	   {"a frame in pieces, and noise before it", test_pieces},
	   {"frames that are none are passed over", test_wrong_frames},
	   {"a card is found once until the field was off", test_cards},
	   {"each length at which a frame changes its form", test_lengths},
	   {"an answer of more than one frame", test_more},
	   {"each misbehaviour, once", test_chip_faults})
