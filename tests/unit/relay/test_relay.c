/* relay: a T=0 card for a reader of whole APDUs, and its times */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <time.h>

#include "host/relay/bridge.h"
#include "host/relay/timing.h"
#include "host/terminal/uicc.h"

/* A card with 600 octets for each SELECT, by GET RESPONSE; the rest of what it hears is counted. */
static struct {
	size_t left;
	unsigned commands, resets;
	bool gone;
} has;
static struct transport fake;

static enum err fake_reset(struct transport *t, struct slice *atr)
{
	static const uint8_t octets[] = {0x3B, 0x00};

	(void)t;
	has.resets++;
	has.left = 0;
	*atr = SLICE_OF(octets);
	return has.gone ? ERR_DISCONNECTED : ERR_OK;
}

static enum err fake_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	size_t n = slice_at(command, 4) ? slice_at(command, 4) : 256;

	(void)t;
	has.commands++;
	if (has.gone)
		return ERR_DISCONNECTED;
	switch (slice_at(command, 1)) {
	case 0xA4: has.left = 600; break;
	case 0xC0:
		if (!has.left) {
			wbuf_u16(response, 0x6985);
			return ERR_OK;
		}
		for (; n && has.left; n--)
			wbuf_u8(response, (uint8_t)has.left--);
		break;
	default: wbuf_u16(response, 0x9000); return ERR_OK;
	}
	wbuf_u16(response,
		 has.left ? (uint16_t)(0x6100 | (has.left > 255 ? 0 : has.left)) : 0x9000);
	return ERR_OK;
}

static void fake_close(struct transport *t)
{
	(void)t;
}

static const struct transport_ops fake_ops = {
	.kind = "fake", .reset = fake_reset, .transmit = fake_transmit, .close = fake_close};

/* Octets of data that come, and the status word. */
static uint16_t carry(struct bridge *b, const char *hex, size_t *data)
{
	uint8_t octets[APDU_RESPONSE_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));

	ASSERT_ERR(bridge_carry(b, test_unhex(hex), &w), ERR_OK);
	*data = w.len - 2;
	return (uint16_t)slice_uint(slice_sub(wbuf_slice(&w), *data, 2), 2);
}

static struct uicc *open_fake(struct bridge **b)
{
	struct uicc *u = NULL;

	has.commands = has.resets = 0;
	has.gone = false;
	fake = (struct transport){.ops = &fake_ops};
	ASSERT_ERR(uicc_open(&fake, &u), ERR_OK);
	ASSERT_ERR(bridge_open(u, b), ERR_OK);
	return u;
}

static void test_pieces(void)
{
	struct bridge *b = NULL;
	struct uicc *u = open_fake(&b);
	unsigned before;
	size_t n;

	CU_ASSERT_EQUAL(carry(b, "00a40004023f0000", &n), 0x6100);
	CU_ASSERT_EQUAL(n, 256);
	before = has.commands;
	CU_ASSERT_EQUAL(carry(b, "00c0000000", &n), 0x6158);
	CU_ASSERT_EQUAL(n, 256);
	CU_ASSERT_EQUAL(carry(b, "00c0000050", &n), 0x6108);
	CU_ASSERT_EQUAL(n, 0x50);
	CU_ASSERT_EQUAL(carry(b, "00c0000000", &n), 0x9000);
	CU_ASSERT_EQUAL(n, 8);
	CU_ASSERT_EQUAL(has.commands, before); /* the card was not asked again */
	/* without Le nothing comes at once; another command forgets it */
	CU_ASSERT_EQUAL(carry(b, "00a40004023f00", &n), 0x6100);
	CU_ASSERT_EQUAL(n, 0);
	CU_ASSERT_EQUAL(carry(b, "0084000000", &n), 0x9000);
	before = has.commands;
	CU_ASSERT_EQUAL(carry(b, "00c0000008", &n), 0x6985);
	CU_ASSERT_EQUAL(has.commands, before + 1);
	bridge_close(&b);
	uicc_close(&u);
}

static void test_ends(void)
{
	uint8_t octets[APDU_RESPONSE_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	struct bridge *b = NULL;
	struct uicc *u = open_fake(&b);
	unsigned before = has.commands;
	size_t n;

	CU_ASSERT_EQUAL(carry(b, "00a4", &n), 0x6700);
	CU_ASSERT_EQUAL(carry(b, "00a40004000001ff", &n), 0x6700);
	CU_ASSERT_EQUAL(has.commands, before);
	CU_ASSERT_EQUAL(carry(b, "00a40004023f00", &n), 0x6100);
	before = has.resets;
	ASSERT_ERR(bridge_reset(b), ERR_OK);
	CU_ASSERT_EQUAL(has.resets, before + 1);
	has.gone = true;
	ASSERT_ERR(bridge_carry(b, test_unhex("00c0000008"), &w), ERR_DISCONNECTED);
	ASSERT_ERR(bridge_reset(b), ERR_DISCONNECTED);
	bridge_close(&b);
	CU_ASSERT_PTR_NULL(b);
	uicc_close(&u);
}

static void pause_ms(long ms)
{
	const struct timespec t = {.tv_nsec = ms * 1000000};

	nanosleep(&t, NULL);
}

static void test_times(void)
{
	struct timing *t = NULL;
	struct timing_figures f;

	ASSERT_ERR(timing_open(9, &t), ERR_OK);
	CU_ASSERT_EQUAL(timing_fwt_us(t), 154657); /* ISO 14443-4 7.2 */
	timing_close(&t);
	ASSERT_ERR(timing_open(4, &t), ERR_OK); /* 4.8 ms */
	CU_ASSERT_EQUAL(timing_figures(t, TIMING_CARD).max, 0);
	for (long i = 0; i < 3; i++) {
		timing_received(t);
		timing_sent(t);
		pause_ms(i == 2 ? 12 : 1);
		timing_heard(t);
		timing_answered(t);
		if (i == 1)
			timing_paused(t);
		pause_ms(2);
	}
	CU_ASSERT_EQUAL(timing_count(t), 3);
	CU_ASSERT_TRUE(timing_late(t) >= 1);
	CU_ASSERT_TRUE(timing_last(t, TIMING_CARD) >= 12000);
	CU_ASSERT_EQUAL(timing_last(t, TIMING_TOTAL),
			timing_last(t, TIMING_CARD) + timing_last(t, TIMING_RELAY));
	CU_ASSERT_EQUAL(timing_last(t, TIMING_READER), 0); /* there was a pause */
	f = timing_figures(t, TIMING_TOTAL);
	CU_ASSERT_TRUE(f.min >= 1000 && f.min <= f.median && f.median <= f.p90 && f.p90 <= f.max);
	CU_ASSERT_TRUE(f.max >= 12000);
	f = timing_figures(t, TIMING_READER); /* one sample: of the second command */
	CU_ASSERT_TRUE(f.min >= 2000 && f.min == f.max);
	for (int i = 0; i < TIMING_PARTS; i++)
		CU_ASSERT_TRUE(timing_name((enum timing_part)i)[0] != 0);
	timing_close(&t);
}

TEST_SUITE(relay, {"an answer of more than a reader takes", test_pieces},
	   {"no commands, a reset, a card that goes", test_ends}, {"times", test_times})
