/*
 * A trace of any commands and answers: nothing but the secrets' octets is changed by the mask, and
 * no PIN leaves it; the trace takes all of it.
 *
 * Input: pairs of a command and an answer, each a length of one octet (FF: 258 octets) and octets.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/uicc/command.h"
#include "tool/trace/mask.h"
#include "tool/trace/trace.h"
#include "lib/uicc/apdu.h"
#include "tests/support/must.h"

#define LONG	 0xFF
#define PAIR_MAX (APDU_COMMAND_MAX + APDU_RESPONSE_MAX)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice take(struct cursor *c, size_t longest)
{
	size_t n = cursor_u8(c);

	return cursor_take(c, n == LONG ? longest : n);
}

static bool carries_pin(const struct apdu *a)
{
	bool class_of_uicc = (a->cla & 0xF0) == 0 || a->cla == 0xA0 || (a->cla & 0xF0) == 0x40;

	switch (a->ins) {
	case INS_VERIFY_PIN:
	case INS_CHANGE_PIN:
	case INS_DISABLE_PIN:
	case INS_ENABLE_PIN:
	case INS_UNBLOCK_PIN: return class_of_uicc;
	default: return false;
	}
}

static void check(struct slice command, struct slice response, struct slice shown,
		  enum mask_kind kind, size_t masked)
{
	struct cursor out = cursor_of(shown), in;
	struct apdu a = {0};
	bool well_formed = apdu_parse(command, &a) == ERR_OK;
	size_t changed = 0;

	/* T=0 form: no Le behind data */
	if (shown.len < command.len + response.len && a.data.len && a.has_le)
		command.len--;
	MUST(shown.len == command.len + response.len);
	in = cursor_of(command);
	MUST((kind == MASK_NOTHING) == (masked == 0));
	for (int part = 0; part < 2; part++) {
		while (cursor_left(&in)) {
			uint8_t was = cursor_u8(&in), is = cursor_u8(&out);

			MUST(was == is || is == MASK_OCTET);
			changed += was != is;
		}
		in = cursor_of(response);
	}
	MUST(changed <= masked);
	if (well_formed && carries_pin(&a)) {
		out = cursor_of(slice_sub(shown, 5, a.data.len));
		while (cursor_left(&out))
			MUST(cursor_u8(&out) == MASK_OCTET);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(slice_make(data, size));
	struct mask *m = calloc(1, sizeof(*m));
	const struct trace_target nowhere = {.path = "/dev/null"};
	struct trace *t = NULL;

	MUST(m != NULL && trace_create(&nowhere, "fuzz", &t) == ERR_OK);
	trace_reset(t, cursor_take(&c, cursor_left(&c) < 33 ? 0 : cursor_u8(&c) % 33));
	while (!c.err && cursor_left(&c)) {
		struct slice command = take(&c, APDU_COMMAND_MAX);
		struct slice response = take(&c, APDU_RESPONSE_MAX);
		uint8_t mem[PAIR_MAX];
		struct wbuf w = wbuf_init(mem, sizeof(mem));
		size_t masked = 0;
		enum mask_kind kind = mask_exchange(m, command, response, &w, &masked);

		MUST(wbuf_done(&w) == ERR_OK);
		check(command, response, wbuf_slice(&w), kind, masked);
		trace_exchange(t, command, response);
	}
	MUST(trace_close(&t) == ERR_OK);
	free(m);
	return 0;
}
