/* run: puts the card into a virtual reader. */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "card-emu/card.h"
#include "card-emu/cmd/beside.h"
#include "card-emu/cmd/clock.h"
#include "card-emu/cmd/cmd.h"
#include "card-emu/cmd/nfc.h"
#include "card-emu/cmd/record.h"
#include "card-emu/cmd/without.h"
#include "card-emu/link/vpcd.h"
#include "card-emu/link/vscard.h"
#include "card-emu/store/store.h"
#include "tool/sys/cancel.h"

#define NOT_GIVEN UINT32_MAX

static struct {
	const char *dir, *host, *vscard, *nfc, *protocol, *svn, *clock, *without, *anchor;
	unsigned port;
	struct record_wish trace;
	const char *log;
	struct tool_list cards;
	bool sync, no_kra, recover;
} given = {.port = NOT_GIVEN};

static const struct tool_option options[] = {
	{"dir", 'd', OPT_STRING, "DIR", "The card's folder (needed)", &given.dir},
	{"card", 0, OPT_LIST, "DIR",
	 "A further card beside COMMAND; may be repeated, or stand for --dir", &given.cards},
	{"trace", 0, OPT_STRING, "FILE",
	 "Record what the card is asked and answers (pcapng; PINs and keys masked)",
	 &given.trace.path},
	{"seal", 0, OPT_STRING, "KEYFILE",
	 "Seal the trace: sign it by this key, which is made if it is not there",
	 &given.trace.seal},
	{"force", 0, OPT_FLAG, NULL, "Replace the trace that is there", &given.trace.force},
	{"log", 0, OPT_STRING, "FILE", "What the PC/SC service beside COMMAND says goes there",
	 &given.log},
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
	case LINK_IGNORED:
		tool_warn("the reader at %s has not seen that the card before this one went: going "
			  "out and in again",
			  place);
		break;
	case LINK_ODD:
		tool_warn("what answers at %s does not speak the protocol of %s; trying again",
			  place, reader.way->odd);
		break;
	}
}

static void report_event(void *ctx, enum link_event event)
{
	static const char *const waits[] = {
		[LINK_LOST] = "reader",	    [LINK_ABSENT] = "reader", [LINK_BUSY] = "turn",
		[LINK_REFUSED] = "consent", [LINK_IGNORED] = "power", [LINK_ODD] = "reader"};
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

/* It says which service's reader: not one of our own, beside a COMMAND. */
static bool names_vpcd(void)
{
	return given.host || given.port != NOT_GIVEN;
}

/* Where the reader is, from the options; else the usage error's text. */
static const char *find_reader(void)
{
	struct link *l = &reader.link;

	*l = (struct link){.host = given.host ? given.host : "127.0.0.1",
			   .port = given.port == NOT_GIVEN ? VPCD_PORT : given.port,
			   .cancel = tool_cancel(),
			   .event = report_event};
	reader.way = given.vscard ? &by_vscard : &by_vpcd;
	if (given.nfc && (given.vscard || names_vpcd()))
		return "--nfc is a reader of its own: leave --vscard, --host and --port out";
	if (given.vscard && names_vpcd())
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

/* Those of all cards, from the options; TOOL_OK, or it has said what is wrong. */
static int find_options(struct cmd_clock *clock, struct card_options *o)
{
	*o = (struct card_options){.dir = given.dir,
				   .sync = given.sync,
				   .no_kra = given.no_kra,
				   .recover = given.recover,
				   .anchor = given.anchor};
	const char *problem = find_reader();

	if (!problem)
		problem = find_protocol(&o->protocol);
	if (problem)
		return tool_usage("%s", problem);
	if (given.svn && card_svn_parse(given.svn, o->svn))
		return tool_usage("--sgp22 must be from 2.2.2 to 2.5");
	if (cmd_clock_set(given.clock, clock, o))
		return tool_usage("--clock must be a date, or a date and time in UTC");
	if (cmd_without_set(given.without, &o->without))
		return TOOL_USAGE;
	if (given.recover && given.sync)
		return tool_usage("--recover gives up what --sync has promised to keep: recover "
				  "first, then run with --sync");
	return TOOL_OK;
}

/* The card alone, in a reader of the service that runs, until there is a wish to stop. */
static int run_alone(const struct card_options *o)
{
	struct link_observer observer;
	struct trace *trace = NULL;
	struct card *card = NULL;
	int code = tool_may_replace("--trace", given.trace.path, given.trace.force);
	enum err e;

	if (code != TOOL_OK)
		return code;
	e = card_open(o, &card);
	if (e)
		return cmd_fail_open(e, given.dir);
	cmd_warn_open(given.dir);
	code = record_begin(&given.trace, reader.place, &trace);
	observer = record_observer(trace);
	reader.link.observer = trace ? &observer : NULL;
	if (code == TOOL_OK) {
		e = reader.way->serve(card, &reader.link);
		if (e == ERR_CANCELLED)
			cancel_take(tool_cancel()); /* this is how it ends */
		else
			code = tool_fail(e, "the reader at %s", reader.place);
	}
	card_close(&card);
	return record_end(given.trace.path, &trace, code);
}

/* Whether the options go together with a COMMAND, or with none. */
static const char *check_beside(bool command)
{
	if (!command && given.cards.count)
		return "--card is for cards beside a COMMAND: say it after --";
	if (!command && given.log)
		return "--log is for the PC/SC service beside a COMMAND: say it after --";
	if (command && (given.vscard || given.nfc))
		return "a COMMAND needs a PC/SC reader: leave --vscard and --nfc out";
	if (given.trace.seal && !given.trace.path)
		return "--seal is for a trace: say --trace FILE, too";
	if (given.nfc && given.trace.path)
		return "--trace records what passes a PC/SC or QEMU's reader: leave --nfc out";
	if (given.cards.count + (given.dir ? 1 : 0) > 1 && given.anchor)
		return "--anchor belongs to one card: run the others by themselves";
	return NULL;
}

static int run_beside(const struct card_options *o, char **command)
{
	const char *dirs[ARRAY_LEN(given.cards.items) + 1];
	struct beside b = {.options = o,
			   .dirs = dirs,
			   .trace = given.trace,
			   .log = given.log,
			   .host = names_vpcd() ? reader.link.host : NULL,
			   .port = reader.link.port,
			   .command = command};

	if (given.dir)
		dirs[b.count++] = given.dir;
	for (size_t i = 0; i < given.cards.count; i++)
		dirs[b.count++] = given.cards.items[i];
	return cmd_beside_run(&b);
}

static int run_card(int argc, char **argv)
{
	struct card_options o;
	struct cmd_clock clock = {0};
	const char *problem = check_beside(argc > 0);
	int code;

	if (problem)
		return tool_usage("%s", problem);
	if (!given.dir && !given.cards.count)
		return tool_usage("--dir is missing");
	code = find_options(&clock, &o);
	if (code != TOOL_OK)
		return code;
	if (argc)
		return run_beside(&o, argv);
	return given.nfc ? cmd_nfc_run(given.nfc, &o) : run_alone(&o);
}

const struct tool_command cmd_run = {
	.name = "run",
	.args = "[-- COMMAND [ARGUMENT...]]",
	.args_max = UINT_MAX,
	.summary = "Put the card into a virtual reader, alone or while a command runs",
	.details =
		"With a COMMAND it starts a PC/SC service of its own (pcscd, as any user, beside "
		"the one\nthat may run) with a reader for each card, waits until the service shows "
		"them, runs\nCOMMAND, ends all of it, and gives COMMAND's exit code. COMMAND's "
		"PC/SC "
		"clients find that\nservice (PCSCLITE_CSOCK_NAME), TWINKEY_READER_1 and on name "
		"the "
		"readers of --dir and of\neach --card, TWINKEY_READER the first. With --port or "
		"--host the cards go into the\nservice that runs instead: into vpcd at that port "
		"and "
		"those after it. Exit codes beside\nCOMMAND's: 127 it is not there, 126 it cannot "
		"be "
		"run, 128 + N signal N ended it, 125\nthe cards or the service could not be had, "
		"124 "
		"--timeout ended it.\n\n"
		"Without one it connects to vpcd, again and again until it is there, and answers "
		"as "
		"the card\ndoes. "
		"With --vscard it does so with the USB reader of a virtual machine "
		"(QEMU).\n"
		"With --nfc it is a contactless card (ISO 14443-4 type A), by a PN532 in target "
		"mode:\n"
		"CONNSTRING is pn532_uart:/dev/ttyUSB0, pn53x_usb ... Each time that a reader "
		"selects\nit, the card is as after power on.\n"
		"Says \"in the reader\" when the PC/SC service has told its clients of the card, "
		"and\nwhat it waits for when that lasts. Ends on Ctrl-C or SIGTERM. With --json "
		"one "
		"object a\nline, whenever the card comes into the reader, goes or waits.\n\n"
		"The state is safe at any instant. "
		"With --protocol t1 its ATR offers T=1, a command with "
		"data\nand Le is answered at once, and Lc and Le may be extended.\n" WITHOUT_DETAILS
		"A card goes on without those that it was created without.",
	.options = options,
	.run = run_card,
};
