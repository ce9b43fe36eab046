/* run: puts the card into a virtual reader. */
#include <stdio.h>

#include "card-emu/card.h"
#include "card-emu/cmd/clock.h"
#include "card-emu/cmd/cmd.h"
#include "card-emu/cmd/without.h"
#include "card-emu/link/vpcd.h"
#include "card-emu/store/store.h"
#include "tool/sys/cancel.h"

static struct {
	const char *dir, *host, *svn, *clock, *without, *anchor;
	unsigned port;
	bool sync, no_kra, recover;
} given = {.host = "127.0.0.1", .port = VPCD_PORT};

static const struct tool_option options[] = {
	{"dir", 'd', OPT_STRING, "DIR", "The card's folder (needed)", &given.dir},
	{"host", 0, OPT_STRING, "HOST", "Where vpcd listens (default: 127.0.0.1)", &given.host},
	{"port", 'p', OPT_UINT, "PORT", "Its port (default: 35963)", &given.port},
	{"sync", 0, OPT_FLAG, NULL, "Write through to the disk: survives a crash of the machine",
	 &given.sync},
	ANCHOR_OPTION(&given.anchor),
	{"recover", 0, OPT_FLAG, NULL,
	 "Of a damaged folder, take what is in front of the damage (not with --sync)",
	 &given.recover},
	{"no-kra", 0, OPT_FLAG, NULL, "Leave the key-release application out", &given.no_kra},
	{"sgp22", 0, OPT_STRING, "VERSION",
	 "SGP.22 version to announce, 2.2.2 to 2.5 (default: as created)", &given.svn},
	WITHOUT_OPTION(&given.without),
	CLOCK_OPTION(&given.clock),
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

static void say(enum vpcd_event event)
{
	switch (event) {
	case VPCD_TAKEN: tool_say("in the reader at %s:%u", given.host, given.port); break;
	case VPCD_LOST: tool_say("the reader is gone; waiting for it"); break;
	case VPCD_ABSENT:
		tool_warn("waiting for a reader at %s:%u: nobody listens there (start pcscd with "
			  "vsmartcard's vpcd)",
			  given.host, given.port);
		break;
	case VPCD_BUSY:
		tool_warn("waiting in the queue at %s:%u: the reader takes no card now; another "
			  "card is in it, "
			  "or its PC/SC service hangs",
			  given.host, given.port);
		break;
	}
}

static void report_event(void *ctx, enum vpcd_event event)
{
	static const char *const waits[] = {
		[VPCD_LOST] = "reader", [VPCD_ABSENT] = "reader", [VPCD_BUSY] = "turn"};
	json_t *o;

	(void)ctx;
	if (tool_json()) {
		o = json_pack("{s:b, s:s, s:i}", "inReader", event == VPCD_TAKEN, "host",
			      given.host, "port", (int)given.port);
		if (waits[event])
			json_object_set_new(o, "waitsFor", json_string(waits[event]));
		tool_print_json(o);
	} else {
		say(event);
	}
	fflush(stdout); /* somebody waits for this line */
}

static int run_card(int argc, char **argv)
{
	struct vpcd_options link = {.host = given.host,
				    .port = given.port,
				    .cancel = tool_cancel(),
				    .event = report_event};
	struct card_options o = {.dir = given.dir,
				 .sync = given.sync,
				 .no_kra = given.no_kra,
				 .recover = given.recover,
				 .anchor = given.anchor};
	struct cmd_clock clock = {0};
	struct card *card = NULL;
	enum err e;

	(void)argc, (void)argv;
	if (!given.dir)
		return tool_usage("--dir is missing");
	if (given.port == 0 || given.port > 65535)
		return tool_usage("--port must be from 1 to 65535");
	if (given.svn && card_svn_parse(given.svn, o.svn))
		return tool_usage("--sgp22 must be from 2.2.2 to 2.5");
	if (cmd_clock_set(given.clock, &clock, &o))
		return tool_usage("--clock must be a date, or a date and time in UTC");
	if (cmd_without_set(given.without, &o.without))
		return TOOL_USAGE;
	if (given.recover && given.sync)
		return tool_usage("--recover gives up what --sync has promised to keep: recover "
				  "first, then run with --sync");
	e = card_open(&o, &card);
	if (e)
		return cmd_fail_open(e, given.dir);
	cmd_warn_open(given.dir);
	e = vpcd_serve(card, &link);
	card_close(&card);
	if (e == ERR_CANCELLED)
		cancel_take(tool_cancel()); /* this is how it ends */
	return e == ERR_CANCELLED ? TOOL_OK : tool_fail(e, "the host '%s'", given.host);
}

const struct tool_command cmd_run = {
	.name = "run",
	.args = "",
	.summary = "Put the card into a virtual reader (vsmartcard's vpcd)",
	.details = "Connects to vpcd, again and again until it is there, and answers as the card "
		   "does.\nSays \"in the reader\" when the PC/SC service has told its clients of "
		   "the card, and\n"
		   "what it waits for when that lasts.\nEnds on Ctrl-C or SIGTERM; the state is "
		   "safe at any instant. With --json\n"
		   "one object a line, whenever the card comes into the reader, "
		   "goes or waits.\n" WITHOUT_DETAILS
		   "A card goes on without those that it was created without.",
	.options = options,
	.run = run_card,
};
