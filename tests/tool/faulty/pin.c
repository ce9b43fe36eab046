/* Faults of PINs. */
#include <string.h>

#include "tests/tool/faulty/fault.h"

#define PIN1	0x01
#define PIN_LEN 8

static bool verifies(struct slice command)
{
	return slice_at(command, 1) == INS_VERIFY_PIN && slice_at(command, 3) == PIN1;
}

static bool asks_tries(struct slice command)
{
	return verifies(command) && slice_at(command, 4) == 0;
}

/* The tries that are left never become fewer. */
static void stuck_counter(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (verifies(command) && sw_is(fault_sw(out), SW_VERIFY_FAILED))
		fault_set_sw(out, SW_VERIFY_FAILED | 3);
}

/* The tries that are left are told as a 2G card tells a wrong CHV. */
static void gsm_coding(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (verifies(command) && command.len > 5 && sw_is(fault_sw(out), SW_VERIFY_FAILED))
		fault_set_sw(out, SW_GSM_ACCESS);
}

/* To ask how many tries are left is to try. */
static void empty_spends(struct faulty *f, struct slice command, struct wbuf *out)
{
	uint8_t wrong[5 + PIN_LEN];

	faulty_pass(f, command, out);
	if (!asks_tries(command) ||
	    sw_number(fault_sw(out)) < 2) /* it is kind: the last one stays */
		return;
	memset(wrong, 0xFF, sizeof(wrong));
	memcpy(wrong, (const uint8_t[]){slice_at(command, 0), INS_VERIFY_PIN, 0, PIN1, PIN_LEN}, 5);
	wbuf_cut(out, 0);
	faulty_pass(f, SLICE_OF(wrong), out);
}

/* What was verified stays so over resets: the card verifies by itself. */
static void over_reset(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (verifies(command) && command.len == 5 + PIN_LEN && fault_sw(out) == SW_OK) {
		wbuf_cut(&f->memory, 0);
		wbuf_put(&f->memory, command);
	}
	if (slice_at(command, 1) == INS_SELECT && slice_at(command, 2) == SELECT_AID &&
	    f->memory.len) {
		const uint8_t fetch[] = {slice_at(command, 0), INS_GET_RESPONSE, 0, 0,
					 (uint8_t)(fault_sw(out) & 0xFF)};
		struct wbuf again = wbuf_grow(APDU_RESPONSE_MAX);

		/* its answer has to be kept aside: a command drops what waits */
		faulty_pass(f, SLICE_OF(fetch), &again);
		if (fault_sw(&again) == SW_OK) {
			wbuf_cut(&f->waiting, 0);
			wbuf_put(&f->waiting, slice_sub(wbuf_slice(&again), 0, again.len - 2));
			f->waiting_sw = SW_OK;
			f->waiting_channel = (unsigned)apdu_channel(slice_at(command, 0));
			wbuf_cut(&again, 0);
			faulty_pass(f, wbuf_slice(&f->memory), &again);
		}
		wbuf_free(&again);
	}
}

/* A wrong PIN is as good as the right one. */
static void any_pin(struct faulty *f, struct slice command, struct wbuf *out)
{
	faulty_pass(f, command, out);
	if (verifies(command) && command.len > 5 && sw_is(fault_sw(out), SW_VERIFY_FAILED))
		fault_set_sw(out, SW_OK);
}

static const struct fault rows[] = {
	{.name = "pin-stuck",
	 .what = "the counter of tries does not go down",
	 .clause = "TS 102 221 11.1.9",
	 .finds = "pin.wrong",
	 .card = "sim",
	 .tpdu = stuck_counter},
	{.name = "pin-coding",
	 .what = "a wrong PIN is answered 9804, as a 2G card does",
	 .clause = "TS 102 221 11.1.9",
	 .finds = "pin.wrong",
	 .card = "sim",
	 .tpdu = gsm_coding},
	{.name = "pin-empty-spends",
	 .what = "VERIFY without data spends a try",
	 .clause = "TS 102 221 11.1.9",
	 .finds = "pin.counter-free",
	 .card = "sim",
	 .tpdu = empty_spends},
	{.name = "pin-over-reset",
	 .what = "a PIN that was verified is so after a reset too",
	 .clause = "TS 102 221 9.5.1",
	 .finds = "pin.reset",
	 .card = "sim",
	 .tpdu = over_reset},
	{.name = "pin-any",
	 .what = "a wrong PIN is accepted",
	 .clause = "TS 102 221 11.1.9",
	 .finds = "pin.wrong",
	 .card = "sim",
	 .tpdu = any_pin},
};

FAULT_TABLE(faults_of_pin, rows);
