/* apdu: raw commands to the card. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/open.h"
#include "host/cmd/shared/say.h"
#include "host/terminal/uicc.h"
#include "lib/base/secret.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"
#include "tool/sys/wait.h"

#define LINE_LEN (4 * APDU_EXTENDED_COMMAND_MAX) /* hex of the longest command, with blanks */

static struct {
	bool raw;
} opt;
static unsigned line_number; /* in standard input; 0: an argument is at work */

/* " (line 3 of standard input)", or nothing */
static const char *where(void)
{
	static char text[48];

	text[0] = 0;
	if (line_number)
		snprintf(text, sizeof(text), " (line %u of standard input)", line_number);
	return text;
}

static void show_exchange(struct slice command, struct slice data, uint16_t sw)
{
	char *sent = cmd_hex(command), *got = cmd_hex(data);

	if (tool_json()) {
		char word[5];

		snprintf(word, sizeof(word), "%04x", sw);
		tool_print_json(json_pack("{s:s*, s:s*, s:s, s:s}", "command", sent, "data", got,
					  "sw", word, "text", sw_text(sw)));
	} else {
		tool_say("> %s", sent ? sent : "");
		tool_say("< %s%s%04x  %s", got ? got : "", data.len ? " " : "", sw, sw_text(sw));
	}
	free(sent);
	free(got);
}

/* GET RESPONSE and a corrected Le as uicc_send() does; --raw leaves all that to the caller. */
static enum err send_line(struct uicc *u, struct slice command, struct wbuf *data, uint16_t *sw)
{
	struct apdu a;
	struct slice all;
	enum err e;

	if (!opt.raw && !apdu_parse(command, &a) && apdu_channel(a.cla) >= 0 &&
	    (!a.extended || uicc_transport(u)->extended))
		return uicc_send(u, &a, data, sw);
	e = uicc_raw(u, command, data);
	if (e)
		return e;
	all = slice_sub(wbuf_slice(data), data->len - 2, 2);
	*sw = (uint16_t)(slice_at(all, 0) << 8 | slice_at(all, 1));
	wbuf_cut(data, data->len - 2);
	return ERR_OK;
}

static int decode_hex(const char *hex, struct wbuf *command)
{
	return hex_decode(hex, command) || command->len < 4
		       ? tool_usage("'%s' is not a command of 4 to %d octets in hex%s", hex,
				    APDU_EXTENDED_COMMAND_MAX, where())
		       : TOOL_OK;
}

/* Each is looked at before the card hears of any. */
static int check_all(int argc, char **argv)
{
	int code = TOOL_OK;

	for (int i = 0; i < argc && !code && strcmp(argv[i], "-") != 0; i++) {
		struct wbuf command = wbuf_grow(APDU_EXTENDED_COMMAND_MAX);

		code = decode_hex(argv[i], &command);
		wbuf_free(&command); /* wipes: it may be a PIN */
	}
	return code;
}

static int send_one(struct uicc *u, const char *hex)
{
	struct wbuf command = wbuf_grow(APDU_EXTENDED_COMMAND_MAX);
	struct wbuf data = wbuf_grow(UICC_RESPONSE_MAX);
	uint16_t sw;
	enum err e;
	int code;

	code = decode_hex(hex, &command);
	if (!code && command.len > APDU_COMMAND_MAX && !uicc_transport(u)->extended)
		code = tool_usage("a command of %zu octets is an extended APDU, which reader or "
				  "card do not take%s",
				  command.len, where());
	if (code)
		goto out;
	e = send_line(u, wbuf_slice(&command), &data, &sw);
	if (e)
		code = cmd_fail(failure_of_card(u, e, "%s%s", hex, where()));
	else
		show_exchange(wbuf_slice(&command), wbuf_slice(&data), sw);
out:
	wbuf_free(&data);
	wbuf_free(&command);
	return code;
}

#define RESET	   "reset"
#define RESET_COLD "reset cold"

static bool is_reset(const char *line)
{
	return strcmp(line, RESET) == 0 || strcmp(line, RESET_COLD) == 0;
}

static int reset_card(struct uicc *u, const char *line)
{
	enum err e = strcmp(line, RESET) == 0 ? uicc_reset(u) : uicc_power_cycle(u);

	return e ? cmd_fail(failure_of_card(u, e, "reset%s", where())) : TOOL_OK;
}

/* The next line; ERR_NOT_FOUND: there is none. */
static enum err next_line(char line[static LINE_LEN])
{
	struct wait w = wait_begin(tool_cancel(), "commands on standard input");
	enum err e;

	w.told = isatty(STDIN_FILENO);
	e = wait_fd(&w, STDIN_FILENO, POLLIN, -1, 0);
	if (!e && !fgets(line, LINE_LEN, stdin))
		e = ERR_NOT_FOUND;
	line_number += !e;
	return cancel_check(tool_cancel()) ? ERR_CANCELLED : e;
}

/* Line by line; empty lines and lines that begin with # are skipped. */
static int from_stdin(struct uicc *u)
{
	char *line = calloc(1, LINE_LEN);
	int code = line ? TOOL_OK : tool_fail(ERR_MEMORY, "standard input");

	setvbuf(stdin, NULL, _IONBF, 0); /* what poll() does not see is not there */
	while (!code) {
		enum err e, resumed;

		uicc_rest(u); /* nobody knows how long */
		e = next_line(line);
		resumed = uicc_resume(u);
		e = e ? e : resumed;
		if (e) {
			code = e == ERR_NOT_FOUND ? TOOL_OK : tool_fail(e, "standard input");
			break;
		}
		if (!strchr(line, '\n') && strlen(line) == LINE_LEN - 1) {
			code = tool_usage("a line is longer than any command%s", where());
			break;
		}
		line[strcspn(line, "\r\n")] = 0;
		if (!line[strspn(line, " \t")] || line[0] == '#')
			continue;
		code = is_reset(line) ? reset_card(u, line) : send_one(u, line);
	}
	if (line)
		secret_wipe(line, LINE_LEN);
	free(line);
	return code;
}

static int run_apdu(int argc, char **argv)
{
	struct uicc *u;
	int code = check_all(argc, argv);

	if (!code)
		code = cmd_open(&u);
	if (code)
		return code;
	if (argc == 0 || (argc == 1 && strcmp(argv[0], "-") == 0))
		code = from_stdin(u);
	for (int i = 0; i < argc && !code && strcmp(argv[i], "-") != 0; i++)
		code = send_one(u, argv[i]);
	return cmd_close(&u, code);
}

static const struct tool_option options[] = {
	{"raw", 0, OPT_FLAG, NULL, "No GET RESPONSE and no second try with the right Le", &opt.raw},
	OPT_END,
};

const struct tool_command cmd_apdu[] = {
	{"apdu", "[HEX...]", 0, 255, "Send commands to the card",
	 "Each argument is one command in hex; blanks and colons may stand between octets. "
	 "Without\n"
	 "arguments (or with '-') commands are read line by line from standard input, where the\n"
	 "line 'reset' resets the card ('reset cold': by way of its power) and lines that begin\n"
	 "with # are skipped. The exit code does\n"
	 "not depend on the status words. With --json there is one object a line for each.",
	 options, run_apdu},
};
const size_t cmd_apdu_count = ARRAY_LEN(cmd_apdu);
