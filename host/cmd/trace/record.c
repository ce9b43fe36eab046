/* trace record: programs of others, between them and the reader or the card */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "host/record/proxy.h"
#include "host/record/spy.h"
#include "lib/uicc/vpcd.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"
#include "tool/sys/command.h"
#include "tool/sys/trouble.h"
#include "tool/trace/seal_key.h"
#include "tool/trace/trace.h"

#define LOCALHOST "127.0.0.1"
#define PLACE_MAX (TCP_HOST_MAX + TCP_PORT_MAX + 3)

static struct {
	const char *listen, *vpcd;
} opt;

/* The proxy's two places, as a person writes them. */
struct places {
	struct tcp_place here;
	char listen[PLACE_MAX], reader[PLACE_MAX];
};

static void place_text(const struct tcp_place *p, char out[static PLACE_MAX])
{
	bool v6 = strchr(p->host, ':') != NULL;

	snprintf(out, PLACE_MAX, v6 ? "[%s]:%s" : "%s:%s", p->host, p->port);
}

static int open_trace(const char *reader, struct trace **out)
{
	struct trace_target target = {
		.path = cmd_globals.trace, .anew = cmd_globals.force, .cancel = tool_cancel()};
	int code = seal_key_of_option(cmd_globals.seal, &target.seal);
	enum err e;

	if (code != TOOL_OK)
		return code;
	e = trace_create(&target, reader, out);
	return e ? tool_fail(e, "--trace %s", cmd_globals.trace) : TOOL_OK;
}

static int close_trace(struct trace **t, int code)
{
	enum err e = trace_close(t);
	int failed = e ? tool_fail(e, "--trace %s", cmd_globals.trace) : TOOL_OK;

	return code ? code : failed;
}

static void say_event(const struct places *at, enum proxy_event event)
{
	switch (event) {
	case PROXY_WAITS: tool_say("waiting for a card program at %s", at->listen); break;
	case PROXY_CARRIES: tool_say("in the reader at %s", at->reader); break;
	case PROXY_CARD_LOST: tool_say("the card program is gone"); break;
	case PROXY_READER_LOST: tool_say("the reader is gone"); break;
	case PROXY_ABSENT:
		tool_warn("waiting for a reader at %s: nobody listens there (start pcscd with "
			  "vsmartcard's vpcd)",
			  at->reader);
		break;
	case PROXY_BUSY:
		tool_warn("waiting in the queue at %s: the reader takes no card now; another card "
			  "is in it, or its service hangs",
			  at->reader);
		break;
	case PROXY_CARD_ODD:
		tool_warn("what has connected to %s does not speak as a card program of vpcd does; "
			  "it was cut off",
			  at->listen);
		break;
	case PROXY_READER_ODD:
		tool_warn("what answers at %s does not speak the protocol of vsmartcard's vpcd",
			  at->reader);
		break;
	}
}

static void report_event(void *ctx, enum proxy_event event)
{
	static const char *const waits[] = {
		[PROXY_WAITS] = "card",	    [PROXY_ABSENT] = "reader", [PROXY_BUSY] = "turn",
		[PROXY_READER_LOST] = NULL, [PROXY_CARD_LOST] = NULL,  [PROXY_CARD_ODD] = NULL,
		[PROXY_READER_ODD] = NULL};
	static const char *const names[] = {
		[PROXY_WAITS] = "waiting",	 [PROXY_ABSENT] = "reader-absent",
		[PROXY_BUSY] = "reader-busy",	 [PROXY_CARRIES] = "in-reader",
		[PROXY_CARD_LOST] = "card-lost", [PROXY_READER_LOST] = "reader-lost",
		[PROXY_CARD_ODD] = "card-odd",	 [PROXY_READER_ODD] = "reader-odd"};
	const struct places *at = ctx;

	if (!tool_json()) {
		say_event(at, event);
		return;
	}
	tool_print_json(json_pack("{s:s, s:b, s:s, s:s, s:s*}", "event", names[event], "inReader",
				  event == PROXY_CARRIES, "listen", at->listen, "vpcd", at->reader,
				  "waitsFor", event == PROXY_CARRIES ? NULL : waits[event]));
}

/* Takes --listen and --vpcd apart. */
static int find_places(struct places *at, struct proxy *p)
{
	at->here = (struct tcp_place){.host = LOCALHOST};
	p->reader = (struct tcp_place){.host = LOCALHOST};
	snprintf(p->reader.port, sizeof(p->reader.port), "%d", VPCD_PORT);
	if (tcp_place_parse(opt.listen, &at->here) || !*at->here.port)
		return tool_usage("--listen takes [ADDRESS:]PORT, not '%s'", opt.listen);
	if (opt.vpcd && tcp_place_parse(opt.vpcd, &p->reader))
		return tool_usage("--vpcd takes [HOST:]PORT, not '%s'", opt.vpcd);
	place_text(&at->here, at->listen);
	place_text(&p->reader, at->reader);
	return TOOL_OK;
}

static int listen_here(const struct places *at, int *fd)
{
	enum err e = tcp_listen(&at->here, fd);

	if (e == ERR_LOCKED)
		return tool_fail_said(e,
				      "--listen %s: somebody listens there already: choose another "
				      "port, or end the other program",
				      at->listen);
	if (e == ERR_USAGE || e == ERR_IO)
		return tool_fail_said(ERR_NOT_FOUND,
				      "--listen %s: this machine has no such address", at->listen);
	return e ? tool_fail(e, "--listen %s", at->listen) : TOOL_OK;
}

static int run_proxy(void)
{
	struct places at;
	struct proxy p = {.cancel = tool_cancel(), .event = report_event, .ctx = &at};
	int code = find_places(&at, &p);
	enum err e;

	if (!code)
		code = tool_may_replace("--trace", cmd_globals.trace, cmd_globals.force);
	if (!code)
		code = listen_here(&at, &p.listener);
	if (code)
		return code;
	code = open_trace(at.reader, &p.trace);
	if (!code) {
		e = proxy_serve(&p);
		if (e == ERR_CANCELLED)
			cancel_take(tool_cancel()); /* this is how it ends */
		else if (!trace_failure(p.trace))   /* else closing says it */
			code = tool_fail(e, "the reader at %s", at.reader);
		code = close_trace(&p.trace, code);
	}
	close(p.listener);
	return code;
}

static int fail_spy(enum err e)
{
	return *trouble_of(e) ? tool_fail_said(e, "%s", trouble_of(e)) : tool_fail(e, "PC/SC");
}

static void say_report(const struct spy_report *r, const char *command)
{
	if (!r->connections)
		tool_warn("nothing was recorded: %s has not spoken to the PC/SC service. A setuid "
			  "program does not look where " SPY_VARIABLE " says, and what drives its "
			  "reader itself needs no service",
			  command);
	else if (r->odd)
		tool_warn("not all was recorded: %u of %u connections spoke another version of the "
			  "PC/SC service's protocol",
			  r->odd, r->connections);
	else if (!r->exchanges)
		tool_warn("%s has sent no command to a card", command);
}

/* The command beside the spy; sets *ran when there was one. */
static int run_watched(struct spy *s, char **command, bool *ran)
{
	enum err why;
	int code;

	if (setenv(SPY_VARIABLE, spy_socket(s), 1))
		return tool_fail(ERR_MEMORY, SPY_VARIABLE);
	code = command_run(command, tool_cancel(), &why);
	*ran = !why;
	if (why && why != ERR_CANCELLED)
		(void)tool_fail(why, "%s", *command);
	return code;
}

static int run_spy(char **command)
{
	struct trace *trace = NULL;
	struct spy *s = NULL;
	struct spy_report r;
	bool ran = false;
	int code = tool_may_replace("--trace", cmd_globals.trace, cmd_globals.force), closed;
	enum err e;

	if (!code)
		code = open_trace(NULL, &trace);
	if (code)
		return cancel_is_wished(tool_cancel()) ? code : COMMAND_NOT_RUN;
	e = spy_open(trace, &s);
	if (e) {
		(void)fail_spy(e);
		(void)close_trace(&trace, TOOL_FAILED);
		return COMMAND_NOT_RUN;
	}
	code = run_watched(s, command, &ran);
	r = spy_close(&s);
	closed = close_trace(&trace, TOOL_OK);
	if (!closed && r.err)
		closed = tool_fail(r.err, "--trace %s", cmd_globals.trace);
	if (ran && !closed)
		say_report(&r, *command);
	return closed && !code ? COMMAND_NOT_RUN : code;
}

static int run_record(int argc, char **argv)
{
	if (!cmd_globals.trace)
		return tool_usage("--trace FILE is missing: where it is recorded");
	if (argc && (opt.listen || opt.vpcd))
		return tool_usage(
			"--listen and --vpcd are for a card program: leave them or COMMAND out");
	if (argc)
		return run_spy(argv);
	if (opt.listen)
		return run_proxy();
	return tool_usage("say --listen PORT for a card program, or -- COMMAND");
}

static const struct tool_option record_options[] = {
	{"listen", 0, OPT_STRING, "[ADDRESS:]PORT",
	 "Where a card program connects to, as to vpcd (address: 127.0.0.1)", &opt.listen},
	{"vpcd", 0, OPT_STRING, "[HOST:]PORT",
	 "Where vpcd listens for it (default: 127.0.0.1:35963)", &opt.vpcd},
	OPT_END,
};

const struct tool_command cmd_trace_record[] = {
	{"trace record", "[-- COMMAND [ARGUMENT...]]", 0, UINT_MAX,
	 "Record a program that cannot do it itself",
	 "--listen stands in for vpcd: a card program (twinkey-card run --port, vicc) connects "
	 "there,\n"
	 "and what passes between it and the reader at --vpcd is recorded, until Ctrl-C. When "
	 "either\n"
	 "goes, the next card program is waited for. With --json one object a line says what "
	 "happens.\n"
	 "\n"
	 "With a COMMAND, what it and its children say to cards in the PC/SC service's readers is\n"
	 "recorded, virtual or not: they find the recorder's socket in PCSCLITE_CSOCK_NAME. Its "
	 "exit\n"
	 "code is COMMAND's; 127 it is not there, 126 it cannot be run, 128 + N signal N ended it, "
	 "125\n"
	 "there is no service, or the trace cannot be written, 124 --timeout ended it.\n"
	 "\n"
	 "The trace goes to --trace, which is needed, masked and sealed as there.",
	 record_options, run_record},
};
const size_t cmd_trace_record_count = ARRAY_LEN(cmd_trace_record);
