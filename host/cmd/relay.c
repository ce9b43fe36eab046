/* relay: a card in a reader, carried to a contactless reader. */
#include <inttypes.h>
#include <stdio.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/open.h"
#include "host/cmd/shared/say.h"
#include "host/relay/bridge.h"
#include "host/relay/timing.h"
#include "host/terminal/uicc.h"
#include "lib/base/secret.h"
#include "lib/uicc/command.h"
#include "tool/cli/program.h"
#include "tool/nfc/target.h"
#include "tool/sys/cancel.h"

#define FWI_DEFAULT 9  /* what a PN532 announces: 154.7 ms */
#define FWI_MOST    14 /* ISO 14443-4 5.2.5 */

static struct {
	const char *nfc;
	bool own_card, once;
	unsigned fwi;
} opt = {.fwi = FWI_DEFAULT};

struct relay {
	struct uicc *u;
	struct bridge *bridge;
	struct timing *timing;
	struct target *target;
	unsigned sessions;
	bool ready; /* the target works, or worked */
	bool done;  /* --once, and the reader has released the card */
};

static double ms(uint32_t us)
{
	return us / 1000.0;
}

/* A command by its name and header; its data may be a PIN. */
static void say_exchange(const struct relay *r, struct slice command, struct slice answer)
{
	uint8_t cla = slice_at(command, 0), ins = slice_at(command, 1);
	const struct command *known = command_find(cla, ins);
	const struct timing *t = r->timing;
	uint32_t total = timing_last(t, TIMING_TOTAL);
	char header[9], sw[5];

	hex_encode(slice_sub(command, 0, 4), header, sizeof(header));
	hex_encode(slice_sub(answer, answer.len - 2, 2), sw, sizeof(sw));
	if (tool_json()) {
		tool_print_json(json_pack(
			"{s:I, s:s*, s:s, s:i, s:i, s:s, s:I, s:I, s:I, s:I, s:b}", "apdu",
			(json_int_t)timing_count(t), "command", known ? known->name : NULL,
			"header", header, "commandOctets", (int)command.len, "answerOctets",
			(int)answer.len, "sw", sw, "cardUs",
			(json_int_t)timing_last(t, TIMING_CARD), "relayUs",
			(json_int_t)timing_last(t, TIMING_RELAY), "totalUs", (json_int_t)total,
			"readerUs", (json_int_t)timing_last(t, TIMING_READER), "late",
			total > timing_fwt_us(t)));
		return;
	}
	tool_say("%6" PRIu64 "  %s  %-20s %3zu > %3zu  %s  card %.1f ms, relay %.1f, reader %.1f%s",
		 timing_count(t), header, known ? known->name : "", command.len, answer.len, sw,
		 ms(timing_last(t, TIMING_CARD)), ms(timing_last(t, TIMING_RELAY)),
		 ms(timing_last(t, TIMING_READER)), total > timing_fwt_us(t) ? "  LATE" : "");
}

static void say_field(const struct relay *r, bool in_field)
{
	json_t *o;

	if (!tool_json()) {
		tool_say(in_field      ? "in the field: a reader has selected the card"
			 : r->sessions ? "out of the field: the card was reset"
				       : "a contactless card by %s; no field yet",
			 opt.nfc);
		return;
	}
	o = json_pack("{s:b, s:s}", "inField", in_field, "nfc", opt.nfc);
	if (!in_field)
		json_object_set_new(o, "waitsFor", json_string("field"));
	tool_print_json(o);
}

static json_t *figures_json(struct timing_figures f)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "min", (json_int_t)f.min, "median",
			 (json_int_t)f.median, "p90", (json_int_t)f.p90, "max", (json_int_t)f.max);
}

static void summarise(struct relay *r)
{
	struct timing *t = r->timing;
	uint32_t most = timing_figures(t, TIMING_TOTAL).max;
	int64_t margin = (int64_t)timing_fwt_us(t) - most;
	json_t *o = json_pack("{s:I, s:i, s:I, s:I, s:I}", "apdus", (json_int_t)timing_count(t),
			      "sessions", (int)r->sessions, "fwtUs", (json_int_t)timing_fwt_us(t),
			      "marginUs", (json_int_t)margin, "late", (json_int_t)timing_late(t));

	tool_say("%" PRIu64 " APDUs in %u sessions", timing_count(t), r->sessions);
	if (timing_count(t))
		tool_say("%-8s %10s %10s %10s %10s", "ms", "min", "median", "p90", "max");
	for (int i = 0; i < TIMING_PARTS; i++) {
		enum timing_part part = (enum timing_part)i;
		struct timing_figures f = timing_figures(t, part);

		json_object_set_new(o, timing_name(part), figures_json(f));
		if (timing_count(t))
			tool_say("%-8s %10.3f %10.3f %10.3f %10.3f", timing_name(part), ms(f.min),
				 ms(f.median), ms(f.p90), ms(f.max));
	}
	if (timing_count(t))
		tool_say("frame waiting time %.1f ms (FWI %u): %.1f ms to spare at worst, "
			 "%" PRIu64 " late",
			 ms(timing_fwt_us(t)), opt.fwi, (double)margin / 1000.0, timing_late(t));
	if (tool_json())
		tool_print_json(o);
	else
		json_decref(o);
}

static enum err carry(struct relay *r, struct slice command)
{
	uint8_t octets[APDU_RESPONSE_MAX];
	struct wbuf answer = wbuf_init(octets, sizeof(octets));
	enum err e;

	timing_sent(r->timing);
	e = bridge_carry(r->bridge, command, &answer);
	timing_heard(r->timing);
	if (e) {
		if (target_answer(r->target, SLICE_EMPTY)) {
			/* the reader sees a card that went; so it is */
		}
		return e;
	}
	e = target_answer(r->target, wbuf_slice(&answer));
	timing_answered(r->timing);
	if (!e)
		say_exchange(r, command, wbuf_slice(&answer));
	secret_wipe(octets, sizeof(octets));
	return e;
}

/* *of_card: what failed is the card's. */
static enum err take_one(struct relay *r, bool *of_card)
{
	uint8_t octets[TARGET_COMMAND_MAX + 1];
	struct wbuf command = wbuf_init(octets, sizeof(octets));
	enum target_event event = TARGET_READY;
	enum err e = target_next(r->target, &event, &command);

	*of_card = false;
	if (e)
		return e;
	switch (event) {
	case TARGET_READY:
		r->ready = true;
		say_field(r, false);
		break;
	case TARGET_SELECTED:
		r->sessions++;
		timing_paused(r->timing);
		say_field(r, true);
		break;
	case TARGET_COMMAND:
		timing_received(r->timing);
		*of_card = true;
		e = carry(r, wbuf_slice(&command));
		break;
	case TARGET_RELEASED:
		*of_card = true;
		e = bridge_reset(r->bridge);
		r->done = opt.once;
		say_field(r, false);
		break;
	}
	secret_wipe(octets, sizeof(octets)); /* a PIN passes here */
	return e;
}

static int relay_card(struct relay *r)
{
	bool of_card = false;
	enum err e = target_start(r->target, target_historical(uicc_atr(r->u)));
	int code = TOOL_OK;

	while (!e && !r->done)
		e = take_one(r, &of_card);
	if (r->ready)
		summarise(r);
	if (e == ERR_CANCELLED)
		cancel_take(tool_cancel()); /* this is how it ends */
	else if (e && of_card)
		code = cmd_fail(failure_of_card(r->u, e, "the card in %s", uicc_reader(r->u)));
	else if (e)
		code = tool_fail(e, "--nfc %s", opt.nfc);
	return code;
}

static int open_parts(struct relay *r)
{
	const struct target_options o = {.connstring = opt.nfc, .cancel = tool_cancel()};
	enum err e = target_open(&o, &r->target);
	int code;

	if (e)
		return tool_fail(e, "--nfc %s", opt.nfc);
	code = cmd_open(&r->u);
	if (code)
		return code;
	e = bridge_open(r->u, &r->bridge);
	if (!e)
		e = timing_open(opt.fwi, &r->timing);
	return e ? tool_fail(e, "relay") : TOOL_OK;
}

static int run_relay(int argc, char **argv)
{
	struct relay r = {0};
	int code;

	(void)argc, (void)argv;
	if (!opt.nfc)
		return tool_usage("--nfc is missing: the reader that is to be a card");
	if (opt.fwi > FWI_MOST)
		return tool_usage("--fwi must be from 0 to 14");
	if (!opt.own_card)
		return tool_fail_said(
			ERR_REFUSED,
			"a relay makes a card seem to be where it is not, which payment and access "
			"systems take for a theft. It is for tests of your own cards: say so by "
			"--own-card");
	code = open_parts(&r);
	if (!code)
		code = relay_card(&r);
	target_close(&r.target);
	bridge_close(&r.bridge);
	timing_close(&r.timing);
	return r.u ? cmd_close(&r.u, code) : code;
}

static const struct tool_option options[] = {
	{"nfc", 0, OPT_STRING, "CONNSTRING",
	 "The reader that is to be the card (libnfc's name for a PN532; needed)", &opt.nfc},
	{"own-card", 0, OPT_FLAG, NULL, "The card is mine: without this nothing is relayed",
	 &opt.own_card},
	{"once", 0, OPT_FLAG, NULL, "End when the other reader releases the card", &opt.once},
	{"fwi", 0, OPT_UINT, "N",
	 "Frame waiting time integer that the chip announces (default: 9, as a PN532 does)",
	 &opt.fwi},
	OPT_END,
};

const struct tool_command cmd_relay[] = {
	{"relay", "", 0, 0, "Carry your own card to a contactless reader, with timing",
	 "The card of --reader appears in the field of another reader, by a PN532 in target mode "
	 "that\n"
	 "libnfc calls CONNSTRING (pn532_uart:/dev/ttyUSB0, pn53x_usb ...). Each command is shown "
	 "by its\n"
	 "header and status word, never its data, and with the time that the card, the relay and "
	 "the other\n"
	 "reader took; at the end (Ctrl-C, or --once) there are minimum, median, 90th percentile "
	 "and\n"
	 "maximum, and how far the worst stays under the frame waiting time of ISO 14443-4. The "
	 "card is\n"
	 "reset when the other reader lets it go. For tests of one's own cards: off without "
	 "--own-card.",
	 options, run_relay},
};
const size_t cmd_relay_count = ARRAY_LEN(cmd_relay);
