#include "host/cmd/cmd.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "host/terminal/atr.h"
#include "host/terminal/chip.h"
#include "host/trace/record/trace.h"
#include "host/transport/open.h"
#include "host/transport/observe.h"
#include "lib/base/secret.h"
#include "tool/sys/cancel.h"
#include "tool/sys/file.h"
#include "tool/sys/folder.h"
#include "tool/sys/wait.h"

#define RETRY_MS 100

static struct trace *recording;

static int say_why_not(enum err e)
{
	const char *spec = cmd_globals.reader ? cmd_globals.reader : "";

	if (e == ERR_NO_CARD && strncmp(spec, "vpcd", 4) == 0)
		return tool_fail_said(
			e,
			"no card program connected to %s within %u s: start one, or --wait longer",
			spec, cmd_globals.wait_s);
	if (e == ERR_USAGE)
		return tool_usage("'%s' names no reader (pcsc[:NAME], card:DIR or "
				  "vpcd[:[HOST:]PORT])",
				  spec);
	if (e == ERR_NOT_FOUND)
		return tool_fail_said(ERR_NO_CARD,
				      "%s holds no virtual card: make one by twinkey-card create",
				      spec);
	return tool_fail(e, "%s", *spec ? spec : "PC/SC");
}

static enum err start_trace(struct transport **t)
{
	struct transport_observer o;
	enum err e = ERR_OK;

	if (!recording) /* not of an attempt before */
		e = trace_create(cmd_globals.trace, cmd_globals.force, (*t)->name, tool_cancel(),
				 &recording);
	if (e)
		return e;
	o = trace_observer(recording);
	return transport_observe(*t, &o, t);
}

/* There are cards with such an ATR that work, and things that are no cards. */
static void check_atr(const struct uicc *u)
{
	const char *trouble = atr_trouble(uicc_atr(u));
	char *hex = trouble ? cmd_hex(uicc_atr(u)) : NULL;

	if (trouble)
		tool_warn("the card's ATR %s is none that ISO 7816-3 knows: %s. Is it a smart "
			  "card, and "
			  "are its contacts clean? Going on",
			  hex ? hex : "", trouble);
	free(hex);
}

/* ERR_NO_CARD: the service still shows a card that has just gone, or one that starts just now. */
static enum err open_once(struct uicc **out, unsigned wait_ms, int *code)
{
	struct transport *t = NULL;
	enum err e = transport_open(cmd_globals.reader, wait_ms, tool_cancel(), &t);

	if (e) {
		*code = say_why_not(e);
		return ERR_IO;
	}
	if (*folder_warning()) /* of a card in a folder */
		tool_warn("%s", folder_warning());
	e = cmd_globals.trace ? start_trace(&t) : ERR_OK;
	if (e) {
		*code = tool_fail(e, "--trace %s", cmd_globals.trace);
		transport_close(&t);
		return ERR_IO;
	}
	e = uicc_open(t, out);
	if (!e) {
		check_atr(*out);
		return ERR_OK;
	}
	if (e != ERR_NO_CARD || !wait_ms)
		*code = tool_fail(e, "%s: the card does not start", t->name);
	transport_close(&t);
	return e;
}

/* Asked before the card is touched. */
static int check_trace(void)
{
	enum err e =
		cmd_globals.trace ? file_may_write(cmd_globals.trace, cmd_globals.force) : ERR_OK;

	if (e == ERR_EXISTS)
		return tool_fail_said(e,
				      "--trace %s: a file is there already: choose another name, "
				      "or replace it with --force",
				      cmd_globals.trace);
	return e ? tool_fail(e, "--trace %s", cmd_globals.trace) : TOOL_OK;
}

static int open_card(struct uicc **out)
{
	struct wait w = wait_begin(tool_cancel(), "the card to start");
	unsigned left = cmd_globals.wait_s * 1000;

	for (;;) {
		int code = TOOL_OK;
		enum err e = open_once(out, left, &code);

		if (!e || code)
			return code;
		e = wait_pause(&w, RETRY_MS);
		if (e)
			return tool_fail(e, "%s",
					 cmd_globals.reader ? cmd_globals.reader : "PC/SC");
		left -= left < RETRY_MS ? left : RETRY_MS;
	}
}

int cmd_open(struct uicc **out)
{
	int code = check_trace();

	if (!code)
		code = open_card(out);
	if (code && trace_close(&recording))
		code = TOOL_FAILED;
	return code;
}

int cmd_close(struct uicc **u, int code)
{
	enum err e;

	cmd_forget_pin();
	uicc_close(u);
	e = trace_close(&recording);
	return e ? tool_fail(e, "--trace %s", cmd_globals.trace) : code;
}

bool cmd_is_bad_answer(enum err e)
{
	return (e >= ERR_TRUNCATED && e <= ERR_PROTOCOL) || e == ERR_SPACE;
}

const char *cmd_card_trouble(const struct uicc *u, enum err e)
{
	static char text[128];

	if (e == ERR_CARD && uicc_has_sw(u)) {
		snprintf(text, sizeof(text), "%04X, %s", uicc_last_sw(u), sw_text(uicc_last_sw(u)));
		return text;
	}
	return cmd_is_bad_answer(e)
		       ? "the card answers what no standard has: --trace FILE records it"
		       : err_text(e);
}

int cmd_fail(const struct uicc *u, enum err e, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (e == ERR_CARD && u && uicc_has_sw(u))
		return tool_fail_said(e, "%s: %04X, %s", what, uicc_last_sw(u),
				      sw_text(uicc_last_sw(u)));
	if (u && cmd_is_bad_answer(e))
		return tool_fail_said(e, "%s: %s", what, cmd_card_trouble(u, e));
	if (u && (e == ERR_DISCONNECTED || e == ERR_NO_CARD))
		return tool_fail_said(
			e, "%s: the card or its reader was lost: put it back and start again",
			what);
	return tool_fail(e, "%s", what);
}

int cmd_no_usim(struct uicc *u, enum err e)
{
	uint16_t sw = uicc_has_sw(u) ? uicc_last_sw(u) : 0;
	struct chip chip;

	if (e == ERR_NOT_FOUND)
		return tool_fail_said(e, "the card has no USIM (is a profile enabled?)");
	if (e != ERR_CARD || !sw || chip_detect(u, SLICE_EMPTY, &chip))
		return cmd_fail(u, e, "SELECT of the USIM");
	if (chip.kind == CHIP_SIM)
		return tool_fail_said(e,
				      "the card is a SIM of 2G, without a USIM (SELECT: %04X, %s): "
				      "authenticate it with --context gsm",
				      sw, sw_text(sw));
	if (chip.kind == CHIP_OTHER)
		return tool_fail_said(
			e, "the card is a %s; SELECT of the USIM: %04X, %s: put a SIM in",
			chip_text(chip.kind), sw, sw_text(sw));
	return tool_fail_said(e,
			      "SELECT of the USIM: %04X, %s: start again, which resets the card; "
			      "--trace FILE records what it says",
			      sw, sw_text(sw));
}

char *cmd_hex(struct slice s)
{
	char *text = malloc(2 * s.len + 1);

	if (text && hex_encode(s, text, 2 * s.len + 1)) {
		free(text);
		text = NULL;
	}
	return text;
}

void cmd_tell(json_t *o, const char *label, const char *key, const char *text)
{
	if (!text)
		return;
	tool_say(CMD_LABEL " %s", label, text);
	json_object_set_new(o, key, json_string(text));
}

void cmd_tell_hex(json_t *o, const char *label, const char *key, struct slice s)
{
	char *hex = s.ptr ? cmd_hex(s) : NULL;

	cmd_tell(o, label, key, hex);
	free(hex);
}

enum err cmd_prompt(const char *prompt, bool secret, int timeout_ms, struct wbuf *line)
{
	struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
			      {.fd = cancel_fd(tool_cancel()), .events = POLLIN}};
	struct termios old, silent;
	enum err e = ERR_OK;
	uint8_t octet = 0;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &old))
		return ERR_NOT_FOUND;
	silent = old;
	if (secret)
		silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	fputs(prompt, stderr);
	while (!e) {
		int n = poll(p, 2, timeout_ms);

		if (n == 0)
			e = ERR_TIMEOUT;
		else if (n < 0 || cancel_is_wished(tool_cancel()) ||
			 read(STDIN_FILENO, &octet, 1) != 1)
			e = ERR_CANCELLED;
		else if (octet == '\n')
			break;
		else
			wbuf_u8(line, octet);
	}
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
	if (secret || e)
		fputc('\n', stderr);
	secret_wipe(&octet, sizeof(octet));
	return e ? e : wbuf_done(line);
}
