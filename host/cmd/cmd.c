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

#include "host/trace/trace.h"
#include "lib/secret.h"
#include "tool/file.h"
#include "tool/harden.h"

#define PIN_MIN	     4
#define PIN_LINE_MAX 64 /* of a PIN file or a line typed */
#define WAIT_MAX_S   86400
#define PIN_PAD	     0xFF

static struct trace *recording;

static int say_why_not(enum err e)
{
	const char *spec = cmd_globals.reader ? cmd_globals.reader : "";

	if (e == ERR_LOCKED)
		return tool_fail(e, "the reader%s%s is in use", *spec ? " " : "", spec);
	if (e == ERR_NO_CARD && strncmp(spec, "vpcd", 4) == 0)
		return tool_fail(e, "no card program connected to %s within %u s", spec,
				 cmd_globals.wait_s);
	if (e == ERR_USAGE)
		return tool_usage("'%s' names no reader (pcsc[:NAME], card:DIR or "
				  "vpcd[:[HOST:]PORT])",
				  spec);
	if (e == ERR_NOT_FOUND)
		return tool_fail(e, "%s holds no virtual card", spec);
	return tool_fail(e, "%s", *spec ? spec : "PC/SC");
}

static enum err start_trace(struct transport **t)
{
	struct transport_observer o;
	enum err e = trace_create(cmd_globals.trace, (*t)->name, &recording);

	if (e)
		return e;
	o = trace_observer(recording);
	return transport_observe(*t, &o, t);
}

int cmd_open(struct uicc **out)
{
	struct transport *t = NULL;
	enum err e;
	int code;

	if (cmd_globals.wait_s > WAIT_MAX_S)
		return tool_usage("--wait takes at most %d seconds", WAIT_MAX_S);
	e = transport_open(cmd_globals.reader, cmd_globals.wait_s * 1000, &t);
	if (e)
		return say_why_not(e);
	if (cmd_globals.trace) {
		e = start_trace(&t);
		if (e) {
			code = tool_fail(e, "%s", cmd_globals.trace);
			goto out;
		}
	}
	e = uicc_open(t, out);
	if (!e)
		return TOOL_OK;
	code = tool_fail(e, "%s: the card does not start", t->name);
out:
	transport_close(&t);
	if (trace_close(&recording))
		code = TOOL_FAILED;
	return code;
}

int cmd_close(struct uicc **u, int code)
{
	enum err e;

	uicc_close(u);
	e = trace_close(&recording);
	return e ? tool_fail(e, "%s", cmd_globals.trace) : code;
}

int cmd_fail(const struct uicc *u, enum err e, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (e == ERR_CARD && u && uicc_last_sw(u))
		return tool_fail(e, "%s: %04X, %s", what, uicc_last_sw(u),
				 sw_text(uicc_last_sw(u)));
	return tool_fail(e, "%s", what);
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

/* The PIN block of a VERIFY PIN: digits, padded (TS 102 221 9.5.1). */
static enum err pin_block(struct slice line, struct wbuf *block)
{
	struct cursor c = cursor_of(line);

	while (cursor_left(&c)) {
		uint8_t digit = cursor_u8(&c);

		if (digit == '\n' || digit == '\r')
			break;
		if (digit < '0' || digit > '9')
			return ERR_VALUE;
		wbuf_u8(block, digit);
	}
	if (block->err || block->len < PIN_MIN)
		return ERR_LENGTH;
	wbuf_fill(block, PIN_PAD, CMD_PIN_MAX - block->len);
	return wbuf_done(block);
}

enum err cmd_prompt(const char *prompt, bool secret, int timeout_ms, struct wbuf *line)
{
	struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
			      {.fd = interrupt_fd(), .events = POLLIN}};
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
		else if (n < 0 || interrupted() || read(STDIN_FILENO, &octet, 1) != 1)
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

static enum err pin_read(unsigned attempts, struct wbuf *line)
{
	const char *env = getenv("TWINKEY_PIN");
	char prompt[64];

	if (cmd_globals.pin_file)
		return file_read(cmd_globals.pin_file, line);
	if (env) {
		wbuf_put(line, slice_str(env));
		return wbuf_done(line);
	}
	snprintf(prompt, sizeof(prompt), "PIN of the card (attempts left: %u): ", attempts);
	return cmd_prompt(prompt, true, -1, line);
}

static int pin_refused(struct uicc *u, uint16_t sw)
{
	if ((sw & 0xFFF0) == SW_VERIFY_FAILED)
		return tool_fail(ERR_REFUSED, "the PIN is wrong, attempts left: %u", sw & 0x0F);
	if (sw == SW_PIN_BLOCKED)
		return tool_fail(ERR_REFUSED, "the PIN is blocked, the card wants its PUK");
	return cmd_fail(u, uicc_check(u, ERR_OK, sw), "VERIFY PIN");
}

/* Whether the card wants the PIN: an empty VERIFY tells the attempts left (TS 102 221 11.1.9). */
static enum err pin_state(struct uicc *u, uint8_t key_reference, bool *wanted, uint16_t *sw)
{
	enum err e = uicc_send(u, 0x00, INS_VERIFY_PIN, 0, key_reference, SLICE_EMPTY, 0, NULL, sw);

	*wanted = (*sw & 0xFFF0) == SW_VERIFY_FAILED && *sw != SW_VERIFY_FAILED;
	return e;
}

int cmd_verify_pin(struct uicc *u, uint8_t key_reference)
{
	uint8_t text[PIN_LINE_MAX], octets[CMD_PIN_MAX];
	struct wbuf line = wbuf_init(text, sizeof(text)), block = wbuf_init(octets, sizeof(octets));
	bool wanted;
	uint16_t sw;
	int code;
	enum err e = pin_state(u, key_reference, &wanted, &sw);

	if (e)
		return cmd_fail(u, e, "VERIFY PIN");
	if (sw == SW_PIN_BLOCKED || sw == SW_VERIFY_FAILED)
		return pin_refused(u, SW_PIN_BLOCKED);
	if (!wanted) /* 9000: verified already; 6984 and the like: disabled, or no such PIN */
		return TOOL_OK;
	if ((sw & 0x0F) == 1 && (cmd_globals.pin_file || getenv("TWINKEY_PIN")))
		return tool_fail(ERR_REFUSED,
				 "only one attempt is left for the PIN: enter it at the prompt");
	e = pin_read(sw & 0x0F, &line);
	if (!e)
		e = pin_block(wbuf_slice(&line), &block);
	if (e == ERR_NOT_FOUND && !cmd_globals.pin_file)
		code = tool_fail(ERR_REFUSED, "the card wants its PIN: give --pin-file FILE or "
					      "TWINKEY_PIN");
	else if (e == ERR_VALUE || e == ERR_LENGTH || e == ERR_SPACE)
		code = tool_fail(ERR_VALUE, "a PIN has 4 to 8 digits");
	else if (e)
		code = tool_fail(e, "PIN");
	else {
		e = uicc_send(u, 0x00, INS_VERIFY_PIN, 0, key_reference, wbuf_slice(&block), 0,
			      NULL, &sw);
		code = e ? cmd_fail(u, e, "VERIFY PIN") : TOOL_OK;
		/* 6984: the PIN is disabled, which the empty VERIFY did not tell */
		if (!e && sw != SW_OK && sw != SW_REFERENCED_DATA)
			code = pin_refused(u, sw);
	}
	secret_wipe(text, sizeof(text));
	secret_wipe(octets, sizeof(octets));
	return code;
}
