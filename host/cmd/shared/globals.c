#include "host/cmd/shared/globals.h"

#include <stdlib.h>

#include "tool/cli/program.h"
#include "tool/sys/secret_file.h"

#define AID_MAX	   16
#define WAIT_MAX_S 86400

struct cmd_globals cmd_globals = {.wait_s = 5};
static uint8_t isdr_aid[AID_MAX];

const struct tool_option cmd_global_options[] = {
	{"reader", 'r', OPT_STRING, "SPEC",
	 "Reader: pcsc[:CHOICE], card:DIR, vpcd[:[HOST:]PORT], nfc[:CONNSTRING] (default: the "
	 "first "
	 "with a card)",
	 &cmd_globals.reader},
	{"shared", 0, OPT_FLAG, NULL, "Let other programs have the card too", &cmd_globals.shared},
	{"operator", 0, OPT_STRING, "SPEC", "The network's side: unix:PATH, http[s]://HOST:PORT",
	 &cmd_globals.network.link},
	{"ca", 0, OPT_STRING, "FILE",
	 "Trust these certificates for https, instead of the system's (PEM or DER)",
	 &cmd_globals.network.ca_file},
	{"connect", 0, OPT_STRING, "HOST:PORT",
	 "Connect there, whatever address manager or operator has", &cmd_globals.network.connect},
	{"isdr-aid", 0, OPT_STRING, "HEX", "The AID of the ISD-R, where it is another",
	 &cmd_globals.isdr_aid},
	{"trace", 0, OPT_STRING, "FILE", "Record every exchange with the card (pcapng, GSMTAP)",
	 &cmd_globals.trace},
	{"seal", 0, OPT_STRING, "KEYFILE",
	 "Seal the trace: sign it by this key, which is made if it is not there",
	 &cmd_globals.seal},
	{"force", 0, OPT_FLAG, NULL, "Let --trace replace a file that is there",
	 &cmd_globals.force},
	{"pin-file", 0, OPT_STRING, "FILE",
	 "Read the PIN from this file (or give TWINKEY_PIN in the environment)",
	 &cmd_globals.pin_file},
	{"wait", 0, OPT_UINT, "SECONDS", "Wait so long for a reader and a card (default: 5)",
	 &cmd_globals.wait_s},
	OPT_END,
};

bool cmd_isdr_aid(struct slice *aid)
{
	struct wbuf w = wbuf_init(isdr_aid, sizeof(isdr_aid));

	*aid = SLICE_EMPTY;
	if (!cmd_globals.isdr_aid)
		return true;
	if (hex_decode(cmd_globals.isdr_aid, &w) || w.len < 5) /* ISO 7816-4 8.2.1.2: the RID */
		return false;
	*aid = wbuf_slice(&w);
	return true;
}

/* The PIN itself is read when a card wants it: it may come through a pipe. */
static int check_pin_file(void)
{
	const char *path = cmd_globals.pin_file;
	enum err e = path ? secret_file_check(path) : ERR_OK;

	return e ? tool_fail(e, "--pin-file %s", path) : TOOL_OK;
}

/* The option wins. */
static void take_environment(void)
{
	const char *reader = getenv("TWINKEY_READER");

	if (!cmd_globals.reader && reader && *reader)
		cmd_globals.reader = reader;
}

int cmd_globals_check(void)
{
	struct http_client *o = NULL;
	char message[ES9P_MESSAGE];
	struct slice aid;
	enum err e;
	int code;

	take_environment();
	if (!cmd_isdr_aid(&aid))
		return tool_usage("--isdr-aid takes an AID of 5 to 16 octets in hex, not '%s'",
				  cmd_globals.isdr_aid);
	if (cmd_globals.wait_s > WAIT_MAX_S)
		return tool_usage("--wait takes at most %d seconds", WAIT_MAX_S);
	if (cmd_globals.seal && !cmd_globals.trace)
		return tool_usage("--seal is for a trace: say --trace FILE, too");
	code = check_pin_file();
	if (code || (!cmd_globals.network.link && !cmd_globals.network.ca_file &&
		     !cmd_globals.network.connect))
		return code;
	e = es9p_reach(&cmd_globals.network, "https://localhost", &o, message);
	http_client_close(&o);
	if (e == ERR_USAGE)
		return tool_usage("%s", message);
	return e ? tool_fail_said(e, "%s", *message ? message : err_text(e)) : TOOL_OK;
}
