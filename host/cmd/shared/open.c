#include "host/cmd/shared/open.h"

#include <stdlib.h>
#include <string.h>

#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/pin.h"
#include "host/cmd/shared/say.h"
#include "host/terminal/identity.h"
#include "host/terminal/uicc.h"
#include "host/trace/record.h"
#include "host/transport/observe.h"
#include "host/transport/open.h"
#include "lib/uicc/atr.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"
#include "tool/sys/folder.h"
#include "tool/sys/wait.h"
#include "tool/trace/seal_key.h"

#define RETRY_MS 100

static struct trace *recording;

/* What there is instead, where the way could say it. */
static int say_with(enum err e, const char *spec, const char *said)
{
	if (!*said)
		return tool_fail(e, "%s", *spec ? spec : "PC/SC");
	return tool_fail_said(e, "%s: %s: %s%s%s%s", *spec ? spec : "PC/SC", err_text(e), said,
			      *err_hint(e) ? " (" : "", err_hint(e), *err_hint(e) ? ")" : "");
}

static int say_why_not(enum err e, const char *said)
{
	const char *spec = cmd_globals.reader ? cmd_globals.reader : "";

	if (e == ERR_NO_CARD && strncmp(spec, "vpcd", 4) == 0)
		return tool_fail_said(
			e,
			"no card program connected to %s within %u s: start one, or --wait longer",
			spec, cmd_globals.wait_s);
	if (e == ERR_USAGE)
		return tool_usage("'%s' names no reader (pcsc, pcsc:INDEX, pcsc:NAME, "
				  "pcsc:atr=HEX, pcsc:iccid=DIGITS, pcsc:eid=DIGITS, card:DIR or "
				  "vpcd[:[HOST:]PORT])",
				  spec);
	if (e == ERR_NOT_FOUND)
		return tool_fail_said(ERR_NO_CARD,
				      "%s holds no virtual card: make one by twinkey-card create",
				      spec);
	return say_with(e, spec, said);
}

static enum err open_way(unsigned wait_ms, struct transport **t, int *code)
{
	struct transport_wish wish = {.spec = cmd_globals.reader,
				      .timeout_ms = wait_ms,
				      .shared = cmd_globals.shared,
				      .cancel = tool_cancel(),
				      .identify = identity_read};
	enum err e = cmd_isdr_aid(&wish.isdr) ? transport_open_wish(&wish, t) : ERR_USAGE;

	if (e)
		*code = say_why_not(e, wish.said);
	else if (*wish.said)
		tool_warn("%s", wish.said);
	return e;
}

static enum err record(struct transport **t, struct trace_target *target)
{
	struct transport_observer o;
	enum err e = ERR_OK;

	if (!recording)
		e = trace_create(target, (*t)->name, &recording);
	if (e)
		return e;
	o = trace_observer(recording);
	return transport_observe(*t, &o, t);
}

static int start_trace(struct transport **t)
{
	struct trace_target target = {
		.path = cmd_globals.trace, .anew = cmd_globals.force, .cancel = tool_cancel()};
	/* once: there may have been an attempt before */
	int code = recording ? TOOL_OK : seal_key_of_option(cmd_globals.seal, &target.seal);
	enum err e;

	if (code != TOOL_OK)
		return code;
	e = record(t, &target);
	return e ? tool_fail(e, "--trace %s", cmd_globals.trace) : TOOL_OK;
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
	enum err e = open_way(wait_ms, &t, code);

	if (e)
		return ERR_IO;
	if (*folder_warning()) /* of a card in a folder */
		tool_warn("%s", folder_warning());
	*code = cmd_globals.trace ? start_trace(&t) : TOOL_OK;
	if (*code != TOOL_OK) {
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
	int code = tool_may_replace("--trace", cmd_globals.trace, cmd_globals.force);
	enum err e;

	if (!code)
		code = open_card(out);
	if (!code) {
		e = uicc_begin(*out); /* what a command does belongs together */
		if (e) {
			code = tool_fail(e, "%s", uicc_reader(*out));
			uicc_close(out);
		}
	}
	if (code && trace_close(&recording))
		code = TOOL_FAILED;
	return code;
}

int cmd_close(struct uicc **u, int code)
{
	enum err e;

	cmd_forget_pin();
	uicc_end(*u);
	uicc_close(u);
	e = trace_close(&recording);
	return e ? tool_fail(e, "--trace %s", cmd_globals.trace) : code;
}
