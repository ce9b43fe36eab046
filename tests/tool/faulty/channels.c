/* Faults of logical channels. */
#include "tests/tool/faulty/fault.h"

static bool manages(struct slice command, uint8_t p1)
{
	return slice_at(command, 1) == INS_MANAGE_CHANNEL && slice_at(command, 2) == p1;
}

static void close_twice(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (manages(command, CHANNEL_CLOSE) && slice_at(command, 3) &&
	    fault_sw(out) == SW_WRONG_P1P2)
		fault_set_sw(out, SW_OK);
}

static void close_basic(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (manages(command, CHANNEL_CLOSE) && !slice_at(command, 3))
		fault_set_sw(out, SW_OK);
}

/* Channels above 0 are all the basic one. */
static void share_selection(struct faulty *f, struct slice command, struct wbuf *out)
{
	struct wbuf basic = wbuf_grow(APDU_COMMAND_MAX);

	wbuf_put(&basic, command);
	if (apdu_channel(slice_at(command, 0)) > 0 && slice_at(command, 1) != INS_MANAGE_CHANNEL)
		basic.ptr[0] &= (uint8_t)~CLA_CHANNEL_MASK;
	faulty_pass(f, wbuf_slice(&basic), out);
	wbuf_free(&basic);
}

/* The third one is refused. count: how many are open beside the basic one */
static void one_fewer(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (manages(command, CHANNEL_OPEN) && out->len == 3 && out->ptr[0] == 3) {
		static const uint8_t undo[] = {0x00, INS_MANAGE_CHANNEL, CHANNEL_CLOSE, 3, 0};

		wbuf_cut(out, 0);
		faulty_pass(f, SLICE_OF(undo), out);
		fault_set_sw(out, SW_FUNCTION_NOT_SUPPORTED);
	}
}

/* A channel that was never opened answers. */
static void closed_answers(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (fault_sw(out) == SW_CHANNEL_NOT_SUPPORTED)
		fault_set_sw(out, SW_OK);
}

static const struct fault rows[] = {
	{.name = "channel-close-twice",
	 .what = "a channel that is closed can be closed again: 9000",
	 .clause = "TS 102 221 11.1.17",
	 .finds = "channel.close",
	 .card = "sim",
	 .tpdu = close_twice},
	{.name = "channel-basic-closes",
	 .what = "the basic channel can be closed: 9000",
	 .clause = "TS 102 221 11.1.17",
	 .finds = "channel.basic",
	 .card = "sim",
	 .tpdu = close_basic},
	{.name = "channel-shared",
	 .what = "the channels have one selection: SELECT on one moves the other",
	 .clause = "TS 102 221 8.7",
	 .finds = "channel.independent",
	 .card = "sim",
	 .tpdu = share_selection},
	{.name = "channel-fewer",
	 .what = "one channel fewer than the ATR promises",
	 .clause = "ISO 7816-4 12.1.1.9",
	 .finds = "channel.all",
	 .card = "sim",
	 .tpdu = one_fewer},
	{.name = "channel-closed-answers",
	 .what = "commands on a channel that is not open are answered 9000",
	 .clause = "TS 102 221 10.2.1.5",
	 .finds = "channel.not-open",
	 .card = "sim",
	 .tpdu = closed_answers},
};

FAULT_TABLE(faults_of_channels, rows);
