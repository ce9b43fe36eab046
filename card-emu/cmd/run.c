/* run: puts the card into a virtual reader. */
#include <stdio.h>
#include <string.h>

#include "card-emu/card.h"
#include "card-emu/cmd/clock.h"
#include "card-emu/cmd/cmd.h"
#include "card-emu/cmd/nfc.h"
#include "card-emu/cmd/without.h"
#include "card-emu/link/vpcd.h"
#include "card-emu/link/vscard.h"
#include "card-emu/store/store.h"
#include "tool/sys/cancel.h"

static const char here[] = "127.0.0.1";

static struct {
	const char *dir, *host, *vscard, *nfc, *protocol, *svn, *clock, *without, *anchor;
	unsigned port;
	bool sync, no_kra, recover;
} given = {.host = here, .port = VPCD_PORT};

static const struct tool_option options[] = {
	{"dir", 'd', OPT_STRING, "DIR", "The card's folder (needed)", &given.dir},
	{"host", 0, OPT_STRING, "HOST", "Where vpcd listens (default: 127.0.0.1)", &given.host},
	{"port", 'p', OPT_UINT, "PORT", "Its port (default: 35963)", &given.port},
	{"vscard", 0, OPT_STRING, "SOCKET",
	 "The reader is QEMU's (ccid-card-passthru): a unix socket, or HOST:PORT", &given.vscard},
	{"nfc", 0, OPT_STRING, "CONNSTRING",
	 "Be a contactless card by this reader (libnfc's name for a PN532)", &given.nfc},
	{"protocol", 0, OPT_STRING, "t0|t1",
	 "What the card speaks (default: t0). t1: T=1 and extended lengths, by vpcd alone",
	 &given.protocol},
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

/* The ways into a reader. place: what the messages call it. */
static const struct way {
	const char *nobody, *odd;
	enum err (*serve)(struct card *card, const struct link *l);
} by_vpcd = {"start pcscd with vsmartcard's vpcd", "vsmartcard's vpcd", vpcd_serve},
  by_vscard = {"start QEMU with a ccid-card-passthru device", "QEMU's vscard", vscard_serve};

static struct {
	const struct way *way;
	struct link link;
	char name[256], place[300];
} reader;

static void say(enum link_event event)
{
	const char *place = reader.place;

	switch (event) {
	case LINK_TAKEN: tool_say("in the reader at %s", place); break;
	case LINK_LOST: tool_say("the reader is gone; waiting for it"); break;
	case LINK_ABSENT:
		tool_warn("waiting for a reader at %s: nobody listens there (%s)", place,
			  reader.way->nobody);
		break;
	case LINK_BUSY:
		tool_warn("waiting in the queue at %s: the reader takes no card now; another "
			  "card is in it, "
			  "or its service hangs",
			  place);
		break;
	case LINK_REFUSED:
		tool_warn("the reader at %s refuses the card; trying again", place);
		break;
	case LINK_ODD:
		tool_warn("what answers at %s does not speak the protocol of %s; trying again",
			  place, reader.way->odd);
		break;
	}
}

static void report_event(void *ctx, enum link_event event)
{
	static const char *const waits[] = {[LINK_LOST] = "reader",
					    [LINK_ABSENT] = "reader",
					    [LINK_BUSY] = "turn",
					    [LINK_REFUSED] = "consent",
					    [LINK_ODD] = "reader"};
	const struct link *l = &reader.link;
	json_t *o;

	(void)ctx;
	if (tool_json()) {
		o = json_pack("{s:b}", "inReader", event == LINK_TAKEN);
		if (l->path)
			json_object_set_new(o, "socket", json_string(l->path));
		else
			json_object_update_new(
				o, json_pack("{s:s, s:i}", "host", l->host, "port", (int)l->port));
		if (waits[event])
			json_object_set_new(o, "waitsFor", json_string(waits[event]));
		tool_print_json(o);
	} else {
		say(event);
	}
	fflush(stdout); /* somebody waits for this line */
}

/* Where the reader is, from the options; else the usage error's text. */
static const char *find_reader(void)
{
	struct link *l = &reader.link;

	*l = (struct link){.host = given.host,
			   .port = given.port,
			   .cancel = tool_cancel(),
			   .event = report_event};
	reader.way = given.vscard ? &by_vscard : &by_vpcd;
	if (given.nfc && (given.vscard || given.host != here || given.port != VPCD_PORT))
		return "--nfc is a reader of its own: leave --vscard, --host and --port out";
	if (given.vscard && (given.host != here || given.port != VPCD_PORT))
		return "--vscard names the whole place: leave --host and --port out";
	if (l->port == 0 || l->port > 65535)
		return "--port must be from 1 to 65535";
	if (given.vscard && link_place(given.vscard, l, reader.name, sizeof(reader.name)))
		return "--vscard must be the path of a socket (at most 107 octets) or HOST:PORT";
	if (l->path)
		snprintf(reader.place, sizeof(reader.place), "%s", l->path);
	else
		snprintf(reader.place, sizeof(reader.place), "%s:%u", l->host, l->port);
	return NULL;
}

/* What the card speaks, from the options; else the usage error's text. */
static const char *find_protocol(enum card_protocol *out)
{
	const char *name = given.protocol;

	if (given.nfc && name)
		return "--nfc makes a contactless card, which speaks T=CL: leave --protocol out";
	if (name && strcmp(name, "t0") != 0 && strcmp(name, "t1") != 0)
		return "--protocol must be t0 or t1";
	*out = given.nfc ? CARD_TCL : name && strcmp(name, "t1") == 0 ? CARD_T1 : CARD_T0;
	if (given.vscard && *out == CARD_T1)
		return "QEMU's reader speaks T=0 alone: leave --protocol t1 or --vscard out";
	return NULL;
}

static int run_card(int argc, char **argv)
{
	struct card_options o = {.dir = given.dir,
				 .sync = given.sync,
				 .no_kra = given.no_kra,
				 .recover = given.recover,
				 .anchor = given.anchor};
	struct cmd_clock clock = {0};
	struct card *card = NULL;
	const char *problem;
	enum err e;

	(void)argc, (void)argv;
	if (!given.dir)
		return tool_usage("--dir is missing");
	problem = find_reader();
	if (!problem)
		problem = find_protocol(&o.protocol);
	if (problem)
		return tool_usage("%s", problem);
	if (given.svn && card_svn_parse(given.svn, o.svn))
		return tool_usage("--sgp22 must be from 2.2.2 to 2.5");
	if (cmd_clock_set(given.clock, &clock, &o))
		return tool_usage("--clock must be a date, or a date and time in UTC");
	if (cmd_without_set(given.without, &o.without))
		return TOOL_USAGE;
	if (given.recover && given.sync)
		return tool_usage("--recover gives up what --sync has promised to keep: recover "
				  "first, then run with --sync");
	if (given.nfc)
		return cmd_nfc_run(given.nfc, &o);
	e = card_open(&o, &card);
	if (e)
		return cmd_fail_open(e, given.dir);
	cmd_warn_open(given.dir);
	e = reader.way->serve(card, &reader.link);
	card_close(&card);
	if (e == ERR_CANCELLED)
		cancel_take(tool_cancel()); /* this is how it ends */
	return e == ERR_CANCELLED ? TOOL_OK : tool_fail(e, "the reader at %s", reader.place);
}

const struct tool_command cmd_run = {
	.name = "run",
	.args = "",
	.summary = "Put the card into a virtual reader",
	.details = "Connects to vpcd, again and again until it is there, and answers as the card "
		   "does.\nWith --vscard it does so with the USB reader of a virtual machine "
		   "(QEMU).\n"
		   "With --nfc it is a contactless card (ISO 14443-4 type A), by a PN532 in target "
		   "mode:\n"
		   "CONNSTRING is pn532_uart:/dev/ttyUSB0, pn53x_usb ... Each time that a reader "
		   "selects\n"
		   "it, the card is as after power on.\nWith --protocol t1 its ATR offers T=1, a "
		   "command with "
		   "data and Le is answered\nat once, and Lc and Le may be extended.\nSays \"in "
		   "the reader\" when the PC/SC "
		   "service has told its clients of "
		   "the card, and\n"
		   "what it waits for when that lasts.\nEnds on Ctrl-C or SIGTERM; the state is "
		   "safe at any instant. With --json\n"
		   "one object a line, whenever the card comes into the reader, "
		   "goes or waits.\n" WITHOUT_DETAILS
		   "A card goes on without those that it was created without.",
	.options = options,
	.run = run_card,
};
