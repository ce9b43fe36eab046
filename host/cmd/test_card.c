/* test-card: examines the card in the reader; what is done is in host/exam. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/challenge.h"
#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/open.h"
#include "host/cmd/shared/operator.h"
#include "host/cmd/shared/pin.h"
#include "host/cmd/shared/say.h"
#include "host/exam/report/report.h"
#include "host/exam/suite.h"
#include "host/exam/text.h"
#include "host/net/client.h"
#include "host/terminal/journey.h"
#include "host/terminal/uicc.h"
#include "host/terminal/usim.h"
#include "lib/base/bytes.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"
#include "tool/sys/file.h"

#define FACTOR_WAIT_S 600

static struct {
	const char *key_file, *format, *output;
	bool allow_changes, list;
	struct tool_list only, skip;
} opt;

/* The words of another program's card and reader stay in their line. */
static void print_text(struct slice text)
{
	struct cursor c = cursor_of(text);

	while (cursor_left(&c)) {
		size_t n = 0;
		char line[TEXT_LINE_MAX];

		while (n < cursor_left(&c) && slice_at(c.rest, n) != '\n')
			n++;
		tool_say("%s", text_line(cursor_take(&c, n), line));
		cursor_u8(&c);
	}
}

static bool agree(void *ctx, const struct exam_subject *card, const struct exam_budget *planned)
{
	char budget[EXAM_BUDGET_TEXT];

	(void)ctx;
	exam_budget_text(planned, budget);
	fprintf(stderr, "twinkey: %s: %s%s\n", card->kind, budget,
		opt.allow_changes ? "; it may change the card" : "; nothing is changed");
	return true;
}

static struct failure give_pin(void *ctx, struct uicc *u)
{
	(void)ctx;
	return cmd_verify_pin(u, USIM_PIN1);
}

/* One line that is written over, on a terminal. */
static void begins(void *ctx, const struct exam_case *c, size_t number, size_t of)
{
	(void)ctx;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r[%zu/%zu] %-40s\033[K", number, of, c->rule.id);
}

static void ends(void *ctx, const struct exam_result *r)
{
	(void)ctx;
	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K");
	if (r->outcome == EXAM_FAILED)
		fprintf(stderr, "FAILED  %s (%s)\n", r->rule_case->rule.id,
			r->rule_case->rule.clause);
}

static int list_cases(const struct exam_plan *plan)
{
	json_t *cases = json_array();

	tool_say_heads("CASE: RULE (CLAUSE)");
	for (size_t g = 0; g < exam_group_count; g++) {
		for (size_t i = 0; i < exam_groups[g]->count; i++) {
			const struct exam_case *c = &exam_groups[g]->cases[i];

			if (!exam_is_wanted(plan, exam_groups[g], c))
				continue;
			tool_say("%s: %s (%s)%s", c->rule.id, c->rule.says, c->rule.clause,
				 c->needs & EXAM_CHANGES ? " [--allow-changes]" : "");
			json_array_append_new(
				cases,
				json_pack("{s:s, s:s, s:s, s:s, s:b, s:i, s:i}", "id", c->rule.id,
					  "group", exam_groups[g]->title, "rule", c->rule.says,
					  "clause", c->rule.clause, "changes",
					  (c->needs & EXAM_CHANGES) != 0, "authentications",
					  (int)c->authentications, "pin_tries", (int)c->pin_tries));
		}
	}
	if (tool_json())
		tool_print_json(json_pack("{s:o}", "cases", cases));
	else
		json_decref(cases);
	return TOOL_OK;
}

static int exit_code(const struct exam_report *r)
{
	if (r->end == EXAM_CANCELLED)
		return TOOL_CANCELLED;
	if (r->end == EXAM_CARD_LOST)
		return TOOL_NO_CARD;
	return r->counts[EXAM_FAILED] ? TOOL_FAILED : TOOL_OK;
}

/* --format, or --json; -1: it is none of them, -2: text. */
enum form { FORM_TEXT = -2, FORM_NONE = -1 };

static int take_form(void)
{
	static const char *const names[] = {
		[EXAM_JSON] = "json", [EXAM_JUNIT] = "junit", [EXAM_HTML] = "html"};

	if (!opt.format)
		return tool_json() ? EXAM_JSON : FORM_TEXT;
	if (strcmp(opt.format, "text") == 0)
		return FORM_TEXT;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(opt.format, names[i]) == 0)
			return (int)i;
	}
	return FORM_NONE;
}

static enum err print_file(struct slice text)
{
	return fwrite(text.ptr, 1, text.len, stdout) == text.len && !fflush(stdout) ? ERR_OK
										    : ERR_IO;
}

static int print_report(const struct exam_report *r)
{
	struct wbuf out = wbuf_grow(EXAM_REPORT_MAX);
	int form = take_form();
	enum err e = ERR_OK;

	if (form == FORM_TEXT)
		exam_text_put(r, &out);
	else
		e = exam_report_put(r, (enum exam_format)form, &out);
	if (!e)
		e = wbuf_done(&out);
	if (!e && opt.output)
		e = file_write(opt.output, wbuf_slice(&out), 0644, NULL);
	else if (!e && form == FORM_TEXT)
		print_text(wbuf_slice(&out));
	else if (!e)
		e = print_file(wbuf_slice(&out));
	wbuf_free(&out);
	return e ? tool_fail(e, "%s", opt.output ? opt.output : "the report") : exit_code(r);
}

/* "pcsc" unless the reader's name says another. */
static void name_way(char out[static 16])
{
	const char *spec = cmd_globals.reader ? cmd_globals.reader : "";
	static const char *const kinds[] = {"card", "vpcd", "nfc"};

	snprintf(out, 16, "pcsc");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strncmp(spec, kinds[i], strlen(kinds[i])) == 0)
			snprintf(out, 16, "%s", kinds[i]);
	}
}

static void hear(void *ctx, const struct journey_event *ev)
{
	(void)ctx;
	if (ev->kind == JOURNEY_WAITS)
		fprintf(stderr, "\ntwinkey: waiting for the operator's approval (Ctrl-C stops)\n");
}

static void forget_pin(void *ctx)
{
	(void)ctx;
	cmd_forget_pin();
}

static int examine(struct exam_plan *plan)
{
	struct journey_plan journey = {
		.network = &cmd_globals.network,
		.isdr = {.aid = plan->isdr_aid, .text = cmd_globals.isdr_aid},
		.factor_wait_s = FACTOR_WAIT_S,
		.user = {.unlock = give_pin, .forget_pin = forget_pin},
		.observer = {.hear = hear},
	};
	struct exam_session *s = NULL;
	struct uicc *u = NULL;
	char started[32], way[16];
	time_t now = time(NULL);
	struct tm tm;
	enum err e;
	int code = TOOL_OK;

	if (opt.allow_changes && cmd_globals.network.link)
		code = cmd_operator_open(&journey.op);
	if (!code)
		code = cmd_open(&u);
	if (code) {
		http_client_close(&journey.op);
		return code;
	}
	strftime(started, sizeof(started), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	name_way(way);
	plan->u = u;
	plan->started = started;
	plan->way = way;
	plan->now = now;
	plan->journey = journey.op ? &journey : NULL;
	e = exam_run(plan, &s);
	code = e ? cmd_fail(failure_of_card(u, e, "the card"))
		 : print_report(exam_session_report(s));
	code = cmd_close(&u, code);
	exam_session_free(&s);
	http_client_close(&journey.op);
	return code;
}

static int run_test_card(int argc, char **argv)
{
	struct cmd_challenger *challenger = NULL;
	struct exam_keys keys;
	struct exam_plan plan = {
		.only = {opt.only.items, opt.only.count},
		.skip = {opt.skip.items, opt.skip.count},
		.allow_changes = opt.allow_changes,
		.user = {.agree = agree, .unlock = give_pin, .begins = begins, .ends = ends},
	};
	int code = TOOL_OK;

	(void)argc, (void)argv;
	if (!cmd_isdr_aid(&plan.isdr_aid))
		return TOOL_USAGE; /* said before */
	if (opt.list)
		return list_cases(&plan);
	if (take_form() == FORM_NONE)
		return tool_usage("--format is text, json, junit or html, not '%s'", opt.format);
	code = tool_may_replace("--output", opt.output, cmd_globals.force);
	if (code)
		return code;
	if (opt.key_file)
		code = cmd_challenger_open(opt.key_file, &challenger);
	if (!code && challenger) {
		keys = cmd_challenger_keys(challenger);
		plan.keys = &keys;
	}
	if (!code)
		code = examine(&plan);
	cmd_challenger_close(&challenger);
	return code;
}

static const struct tool_option options[] = {
	{"key-file", 0, OPT_STRING, "FILE",
	 "The key of a card of your own, as of auth: RES, CK, IK and SQN are tried as well",
	 &opt.key_file},
	{"allow-changes", 0, OPT_FLAG, NULL,
	 "Also what changes the card: each change is taken back", &opt.allow_changes},
	{"list", 0, OPT_FLAG, NULL, "List the cases, and touch no card", &opt.list},
	{"only", 0, OPT_LIST, "PATTERN",
	 "These cases alone: an id (* for any part of it) or a group; may be repeated", &opt.only},
	{"skip", 0, OPT_LIST, "PATTERN", "Not these cases; may be repeated", &opt.skip},
	{"format", 0, OPT_STRING, "text|json|junit|html", "The form of the report (default: text)",
	 &opt.format},
	{"output", 0, OPT_STRING, "FILE", "Write the report to this file", &opt.output},
	OPT_END,
};

const struct tool_command cmd_test_card[] = {
	{"test-card", "", 0, 0, "Examine the card in the reader",
	 "Tries the card against the standards (ISO 7816, ETSI TS 102 221, 3GPP TS 31.102, "
	 "SGP.22)\n"
	 "case by case, and says where it departs from which clause, what it has, and how long\n"
	 "each command takes. It changes nothing without --allow-changes. Before it starts it "
	 "says\n"
	 "how many authentications and wrong PIN tries it may spend; the last PIN try is never\n"
	 "spent. PIN1 comes from --pin-file, TWINKEY_PIN or a prompt; without it the cases that\n"
	 "need it are skipped. Exit code 0: no departure; 1: departures; 3: reader or card failed.",
	 options, run_test_card},
};
const size_t cmd_test_card_count = ARRAY_LEN(cmd_test_card);
