#include "card-emu/cmd/beside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card-emu/cmd/cards.h"
#include "card-emu/pcscd/pcscd.h"
#include "card-emu/pcscd/running.h"
#include "tool/cli/say.h"
#include "tool/sys/cancel.h"
#include "tool/sys/command.h"
#include "tool/sys/trouble.h"

#define TAKEN_MS     5000
#define VARIABLE_CAP 48

struct scene {
	const struct beside *b;
	struct cards *cards;
	struct pcscd *own;	 /* NULL: the service that runs */
	struct running *running; /* NULL: one of our own */
};

/* Says it, whole where there are words for it. */
static int fail_with(enum err e, const char *what)
{
	return *trouble_of(e) ? tool_fail_said(e, "%s", trouble_of(e)) : tool_fail(e, "%s", what);
}

static int begin_own(struct scene *s)
{
	for (size_t i = 0; i < s->b->count; i++) {
		const struct link l = {.reader_connects = true,
				       .listener = pcscd_listener(s->own, i)};
		enum err e = cards_begin(s->cards, i, &l);

		if (e)
			return tool_fail(e, "card %zu", i + 1);
	}
	return TOOL_OK;
}

static int fail_reader(const struct scene *s, size_t card, enum cards_state state)
{
	const unsigned port = s->b->port + (unsigned)card;

	if (state == CARDS_BUSY)
		return tool_fail_said(
			ERR_READER_BUSY,
			"the reader at %s:%u has another card, or its service hangs: end that, or "
			"leave --port out for a service of your own",
			s->b->host, port);
	if (state == CARDS_ODD)
		return tool_fail_said(ERR_PROTOCOL, "what answers at %s:%u is no vpcd", s->b->host,
				      port);
	return tool_fail_said(ERR_NO_SERVICE,
			      "nobody listens at %s:%u: start pcscd with vsmartcard's vpcd, or "
			      "leave --port out for a service of your own",
			      s->b->host, port);
}

/* One card after the other: which reader has changed then is the one that has it. */
static int put_in(struct scene *s, size_t card)
{
	const struct link l = {.host = s->b->host, .port = s->b->port + (unsigned)card};
	enum cards_state state = CARDS_COMING;
	enum err e = running_look(s->running);

	if (e == ERR_NO_SERVICE || e == ERR_SERVICE_DEAD)
		return tool_fail_said(e, "%s: start it, or leave --port out for one of your own",
				      err_text(e));
	if (!e)
		e = cards_begin(s->cards, card, &l);
	if (!e)
		e = cards_wait(s->cards, card, TAKEN_MS, tool_cancel(), &state);
	if (!e && state != CARDS_TAKEN)
		return fail_reader(s, card, state);
	if (!e)
		e = running_find(s->running, card, cards_atr(s->cards, card));
	return e ? fail_with(e, "the PC/SC service") : TOOL_OK;
}

static int begin_running(struct scene *s)
{
	int code = TOOL_OK;

	for (size_t i = 0; i < s->b->count && code == TOOL_OK; i++)
		code = put_in(s, i);
	if (code == TOOL_OK && running_is_open(s->b->port))
		tool_warn("the readers of the service that runs listen on all addresses of this "
			  "machine (port %u): others can put a card in when yours is not; without "
			  "--port nothing listens",
			  s->b->port);
	return code;
}

static int export_name(const char *variable, const char *value)
{
	return setenv(variable, value, 1) ? tool_fail(ERR_MEMORY, "%s", variable) : TOOL_OK;
}

static void name_variable(size_t card, char out[static VARIABLE_CAP])
{
	snprintf(out, VARIABLE_CAP, "TWINKEY_READER_%zu", card + 1);
}

/* Those of another run, inside of which this one is. */
static void unset_further(size_t count)
{
	char variable[VARIABLE_CAP];

	for (name_variable(count, variable); getenv(variable); name_variable(++count, variable))
		unsetenv(variable);
}

/* TWINKEY_READER_1 and on; the first is also the one that twinkey takes by itself. */
static int export_readers(const struct scene *s)
{
	int code = TOOL_OK;

	for (size_t i = 0; i < s->b->count && code == TOOL_OK; i++) {
		const char *name = s->own ? pcscd_reader(s->own, i) : running_reader(s->running, i);
		char variable[VARIABLE_CAP];

		name_variable(i, variable);
		code = export_name(variable, name);
		if (!i && code == TOOL_OK)
			code = export_name("TWINKEY_READER", name);
	}
	unset_further(s->b->count);
	return code;
}

static int run_command(const struct scene *s)
{
	enum err why;
	int code = command_run(s->b->command, tool_cancel(), &why);

	if (why && why != ERR_CANCELLED)
		(void)tool_fail(why, "%s", *s->b->command);
	return code;
}

/* What has to be there before COMMAND can run; sets *ran when it did. */
static int play(struct scene *s, bool *ran)
{
	const struct beside *b = s->b;
	int code = cards_open(b->options, b->dirs, b->count, &s->cards);
	enum err e;

	if (code == TOOL_OK && b->trace.path)
		code = cards_trace(s->cards, &b->trace);
	if (code == TOOL_OK)
		code = s->own ? begin_own(s) : begin_running(s);
	if (code == TOOL_OK && s->own) {
		e = pcscd_wait(s->own);
		code = e ? fail_with(e, "pcscd") : TOOL_OK;
	}
	if (code == TOOL_OK)
		code = export_readers(s);
	if (code != TOOL_OK)
		return code;
	*ran = true;
	return run_command(s);
}

static enum err open_service(struct scene *s)
{
	const struct pcscd_options o = {
		.cards = s->b->count, .log = s->b->log, .cancel = tool_cancel()};

	if (s->b->host)
		return running_open(s->b->count, tool_cancel(), &s->running);
	return pcscd_start(&o, &s->own);
}

int cmd_beside_run(const struct beside *b)
{
	struct scene s = {.b = b};
	bool ran = false;
	int code = tool_may_replace("--trace", b->trace.path, b->trace.force);
	enum err e;

	if (code == TOOL_OK)
		code = tool_may_write(b->log, false);
	if (code == TOOL_OK) {
		e = open_service(&s);
		code = e ? fail_with(e, "pcscd") : play(&s, &ran);
	}
	e = cards_end(&s.cards);
	if (e) {
		(void)tool_fail(e, "--trace %s", b->trace.path);
		code = code ? code : COMMAND_NOT_RUN;
	}
	e = pcscd_end(&s.own);
	if (e && ran)
		tool_warn("%s", trouble_of(e));
	running_close(&s.running);
	if (ran || code == TOOL_OK)
		return code;
	if (cancel_has_timed_out(tool_cancel()))
		return COMMAND_TIMED_OUT;
	return cancel_is_wished(tool_cancel()) ? TOOL_CANCELLED : COMMAND_NOT_RUN;
}
