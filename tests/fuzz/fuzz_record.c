/*
 * What the recorder takes from sockets: frames of vpcd, and requests and answers of the PC/SC
 * service. Whatever is said by whom, in whatever pieces: no crash, and what is told is a command.
 *
 * Input: 0 or 1: which of the two; then pieces: the side (0, 1), the length (one octet), octets.
 */
#include "host/record/frames.h"
#include "host/record/wire.h"
#include "tests/support/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_reset(void *ctx, struct slice atr)
{
	(void)ctx, (void)atr;
}

static void on_power_off(void *ctx)
{
	(void)ctx;
}

static void on_exchange(void *ctx, struct slice command, struct slice response)
{
	(void)ctx;
	MUST(command.len > 1 && command.len <= 65535 && response.len <= 65535);
}

static void take(void *ctx, const struct wire_event *e)
{
	(void)ctx;
	MUST(e->kind <= WIRE_TRANSMITTED && e->reader);
	MUST(e->kind == WIRE_TRANSMITTED || (!e->command.len && !e->response.len));
}

static enum err feed(struct frames *f, struct wire *w, uint8_t side, struct slice octets)
{
	if (f)
		return side ? frames_from_card(f, octets) : frames_from_reader(f, octets);
	return side ? wire_from_service(w, octets) : wire_from_program(w, octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct frames_sink frames = {on_reset, on_power_off, on_exchange, NULL};
	const struct wire_sink wires = {take, NULL};
	struct cursor c = cursor_of(slice_make(data, size));
	struct frames *f = NULL;
	struct wire *w = NULL;
	enum err e = ERR_OK;

	if (cursor_u8(&c) & 1)
		MUST(frames_open(&frames, &f) == ERR_OK);
	else
		MUST(wire_open(&wires, &w) == ERR_OK);
	while (!e && cursor_left(&c)) {
		uint8_t side = cursor_u8(&c) & 1;
		size_t n = cursor_u8(&c), left = cursor_left(&c);

		e = feed(f, w, side, cursor_take(&c, n < left ? n : left));
	}
	frames_close(&f);
	wire_close(&w);
	return 0;
}
