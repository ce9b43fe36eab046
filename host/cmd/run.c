/* run: takes a card all the way to full access; an observer of host/terminal/journey. */
#include <stdio.h>
#include <string.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/lpa.h"
#include "host/cmd/shared/open.h"
#include "host/cmd/shared/operator.h"
#include "host/cmd/shared/pin.h"
#include "host/cmd/shared/say.h"
#include "host/net/client.h"
#include "host/terminal/journey.h"
#include "host/terminal/second.h"
#include "host/terminal/usim.h"
#include "lib/rsp/activation.h"
#include "tool/cli/program.h"

#define FACTOR_WAIT_S 600

static struct {
	const char *code, *sealed_code, *context;
	bool no_wait;
	unsigned factor_wait_s;
} opt = {.factor_wait_s = FACTOR_WAIT_S};

/* Said whether or not --json is given: on standard error, beside the result. */
static void warn(const struct journey_event *ev)
{
	switch (ev->kind) {
	case JOURNEY_WAITS:
		fprintf(stderr, "    waiting for the operator's approval (Ctrl-C leaves "
				"everything as it is)\n");
		break;
	case JOURNEY_REPORTS: cmd_tell_report(ev->report); break;
	case JOURNEY_RETRIES: cmd_lpa_retry(NULL, ev->number, ev->count, ev->text); break;
	default: break;
	}
}

static void tell_text(void *ctx, const struct journey_event *ev)
{
	(void)ctx;
	switch (ev->kind) {
	case JOURNEY_BEGINS: tool_progress(ev->number, ev->count, "%s", ev->text); break;
	case JOURNEY_LEARNS: tool_say("    %s", ev->text); break;
	case JOURNEY_GSM: tool_say("    GSM context: %s", ev->text); break;
	case JOURNEY_ARRIVES: tool_say("The card has %s access.", ev->access); break;
	default: warn(ev);
	}
}

static void record_json(void *ctx, const struct journey_event *ev)
{
	json_t *steps = ctx, *last = json_array_get(steps, json_array_size(steps) - 1);

	switch (ev->kind) {
	case JOURNEY_LEARNS:
		json_array_append_new(
			steps, json_pack("{s:s, s:s}", "step", ev->name, "result", ev->text));
		break;
	case JOURNEY_GSM: json_object_set_new(last, "gsm", json_string(ev->text)); break;
	case JOURNEY_ARRIVES:
		tool_print_json(json_pack("{s:O, s:s, s:s}", "steps", steps, "access", ev->access,
					  "state", ev->state));
		break;
	default: warn(ev);
	}
}

static struct failure unlock(void *ctx, struct uicc *u)
{
	(void)ctx;
	return cmd_verify_pin(u, USIM_PIN1);
}

static void forget_pin(void *ctx)
{
	(void)ctx;
	cmd_forget_pin();
}

/* --context; false: it is none. */
static bool take_contexts(enum journey_contexts *out)
{
	static const char *const names[] = {
		[JOURNEY_BOTH] = "both", [JOURNEY_ONLY_3G] = "3g", [JOURNEY_ONLY_GSM] = "gsm"};

	*out = JOURNEY_WHAT_CARD_HAS;
	if (!opt.context)
		return true;
	for (size_t i = JOURNEY_BOTH; i < ARRAY_LEN(names); i++) {
		if (strcmp(opt.context, names[i]) == 0)
			*out = (enum journey_contexts)i;
	}
	return *out != JOURNEY_WHAT_CARD_HAS;
}

static int travel(struct journey_plan *plan)
{
	int code = cmd_operator_open(&plan->op);

	if (!code)
		code = cmd_open(&plan->u);
	if (!code)
		code = cmd_fail(journey_run(plan));
	if (plan->u)
		code = cmd_close(&plan->u, code);
	http_client_close(&plan->op);
	return code;
}

static int run_run(int argc, char **argv)
{
	struct activation activation = {.address = ""};
	struct second second = {.der = wbuf_init(NULL, 0)};
	json_t *steps = json_array();
	struct journey_plan plan = {
		.network = &cmd_globals.network,
		.isdr = {.text = cmd_globals.isdr_aid},
		.no_wait = opt.no_wait,
		.factor_wait_s = opt.factor_wait_s,
		.user = {.unlock = unlock, .forget_pin = forget_pin},
		.observer = {.hear = tool_json() ? record_json : tell_text, .ctx = steps},
	};
	const char *why = "";
	enum err e = ERR_OK;
	int code = TOOL_OK;

	opt.code = argc ? argv[0] : NULL;
	if (!take_contexts(&plan.contexts))
		code = tool_usage("--context is 3g, gsm or both, not '%s'", opt.context);
	if (!code && opt.code && activation_parse(opt.code, &activation, &why))
		code = tool_usage("'%s' is no activation code: %s", opt.code, why);
	if (!code && opt.sealed_code)
		e = second_read(opt.sealed_code, tool_cancel(), &second);
	if (e)
		code = tool_fail(e, "'%s' holds no sealed code", opt.sealed_code);
	if (!code && !cmd_isdr_aid(&plan.isdr.aid))
		code = TOOL_USAGE; /* said before */
	plan.activation = opt.code ? &activation : NULL;
	plan.second = opt.sealed_code ? &second : NULL;
	if (!code)
		code = travel(&plan);
	wbuf_free(&second.der);
	json_decref(steps);
	return code;
}

static const struct tool_option options[] = {
	{"sealed-code", 0, OPT_STRING, "FILE",
	 "The sealed code of the second profile, for a card without key-release application",
	 &opt.sealed_code},
	{"context", 0, OPT_STRING, "3g|gsm|both",
	 "How the card is authenticated (default: 3g, and gsm as well where the card has it)",
	 &opt.context},
	{"no-wait", 0, OPT_FLAG, NULL, "Do not wait for the second factor", &opt.no_wait},
	{"factor-wait", 0, OPT_UINT, "SECONDS", "How long to wait for it (default: 600)",
	 &opt.factor_wait_s},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

const struct tool_command cmd_run[] = {
	{"run", "[ACTIVATION-CODE]", 0, 1, "Take a card all the way to full access",
	 "Loads the profile of the activation code, enables it, attaches with the first key\n"
	 "(limited access), waits for the second factor, carries the release of the second key,\n"
	 "and attaches with it (full access). Where the operator rotates the second key, the new\n"
	 "one is brought to the card in the same way. What is done already is not done again:\n"
	 "after an interruption, run it again.",
	 options, run_run},
};
const size_t cmd_run_count = ARRAY_LEN(cmd_run);
