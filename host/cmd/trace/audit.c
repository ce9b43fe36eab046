/* trace audit */
#include <stdio.h>
#include <string.h>

#include "host/cmd/commands.h"
#include "host/trace/keys.h"
#include "host/trace/show/source.h"
#include "lib/trace/audit/audit.h"
#include "lib/trace/keys/keys.h"
#include "lib/trace/read/formats.h"
#include "lib/trace/read/reader.h"
#include "tool/cli/program.h"
#include "tool/sys/spill.h"

static struct {
	bool list, production;
	const char *from, *explain, *fail_on, *keys;
} opt;

/* A trace that is audit_traced. */
struct audit_job {
	const char *path;
	struct audit *audit;
	struct finding_counts counts;
};

static void audit_one_event(void *ctx, const struct trace_event *e)
{
	struct audit_job *j = ctx;

	audit_event(j->audit, e);
}

static void take_finding(void *ctx, const struct audit_finding *f)
{
	struct audit_job *j = ctx;
	const struct finding_rule *rule = f->finding.rule;

	finding_count(&j->counts, &f->finding);
	tool_say("%-7s  %s  %s: %s: %s  [%s]", finding_severity_name(rule->severity), rule->id,
		 f->finding.where, rule->says, f->finding.detail, rule->clause);
}

static bool may_read_on(void *ctx)
{
	(void)ctx;
	return !tool_output_lost();
}

static enum err audit_trace(struct audit_job *j, const struct trace_format *format)
{
	struct spill spill = {0};
	struct audit_options options = {.production = opt.production,
					.spill = {spill_write, spill_read, &spill}};
	const struct audit_sink sink = {.finding = take_finding, .ctx = j};
	const struct trace_sink events = {audit_one_event, j};
	struct source s = {
		.path = j->path, .cancel = tool_cancel(), .read_part = may_read_on, .ctx = j};
	struct trace_reader *reader = NULL;
	struct trace_keys *keys = NULL;
	enum err e = keys_read(opt.keys, &keys);

	options.keys = keys;
	if (!e)
		e = trace_reader_open(format, &events, &reader);
	if (!e)
		e = audit_open(&options, &sink, &j->audit);
	if (!e)
		e = source_read(&s, reader);
	if (!e)
		e = audit_end(j->audit);
	audit_close(&j->audit);
	trace_reader_close(&reader);
	trace_keys_free(&keys);
	spill_close(&spill);
	return e;
}

static json_t *rule_json(const struct finding_rule *r)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "rule", r->id, "severity",
			 finding_severity_name(r->severity), "clause", r->clause, "says", r->says,
			 "means", r->means, "remedy", r->remedy, "family", audit_family_of(r));
}

static int list_rules(void)
{
	const struct finding_rule *rules[AUDIT_RULES_MAX];
	size_t count = audit_rules(rules);
	json_t *list = json_array();
	const char *family = "";

	for (size_t i = 0; i < count; i++) {
		if (strcmp(family, audit_family_of(rules[i])) != 0) {
			family = audit_family_of(rules[i]);
			tool_say("%s%s", i ? "\n" : "", family);
		}
		tool_say("%s  %-7s  %s  [%s]", rules[i]->id,
			 finding_severity_name(rules[i]->severity), rules[i]->says,
			 rules[i]->clause);
		json_array_append_new(list, rule_json(rules[i]));
	}
	if (tool_json())
		tool_print_json(json_pack("{s:O}", "rules", list));
	json_decref(list);
	return TOOL_OK;
}

static int explain_rule(const char *id)
{
	const struct finding_rule *r = audit_rule(id);

	if (!r)
		return tool_usage("--explain %s: there is no such rule (see --list)", id);
	tool_say("%s  %s  %s\n", r->id, finding_severity_name(r->severity), audit_family_of(r));
	tool_say("Holds      %s", r->says);
	tool_say("Otherwise  %s", r->means);
	tool_say("What to do %s", r->remedy);
	tool_say("Source     %s", r->clause);
	if (tool_json())
		tool_print_json(rule_json(r));
	return TOOL_OK;
}

static int run_audit(int argc, char **argv)
{
	const struct trace_format *format = opt.from ? trace_format_named(opt.from) : NULL;
	enum finding_severity threshold = FINDING_ERROR;
	struct audit_job job = {0};
	enum err e;

	if (opt.from && !format)
		return tool_usage("--from %s: there is no such form of trace", opt.from);
	if (opt.fail_on && !finding_severity_named(opt.fail_on, &threshold))
		return tool_usage("--fail-on is error, warning or info, not '%s'", opt.fail_on);
	if (opt.list || opt.explain)
		return argc	  ? tool_usage("--list and --explain take no file")
		       : opt.list ? list_rules()
				  : explain_rule(opt.explain);
	if (!argc)
		return tool_usage("an argument is missing: FILE");
	job.path = argv[0];
	e = audit_trace(&job, format);
	if (e) {
		(void)tool_fail(e, "%s", job.path);
		return TOOL_USAGE;
	}
	tool_say("%s: %zu errors, %zu warnings, %zu remarks", job.path,
		 job.counts.of[FINDING_ERROR], job.counts.of[FINDING_WARNING],
		 job.counts.of[FINDING_INFO]);
	return finding_counts_reach(&job.counts, threshold) ? TOOL_FAILED : TOOL_OK;
}

static const struct tool_option audit_options[] = {
	{"production", 0, OPT_FLAG, NULL, "It claims to be no test: nothing for tests may be in it",
	 &opt.production},
	{"fail-on", 0, OPT_STRING, "error|warning|info",
	 "The exit code is 1 from this severity on (default: error)", &opt.fail_on},
	{"keys", 0, OPT_STRING, "FILE",
	 "Keys of the cards, to judge challenges and answers by value", &opt.keys},
	{"list", 0, OPT_FLAG, NULL, "List the rules, their severity and clause", &opt.list},
	{"explain", 0, OPT_STRING, "RULE", "Say what a rule means and what to do", &opt.explain},
	{"from", 0, OPT_STRING, "FORMAT", "The form of the trace, which else is found", &opt.from},
	OPT_END,
};

const struct tool_command cmd_trace_audit[] = {
	{"trace audit", "[FILE]", 0, 1, "Judge what a trace of a card's interface tells",
	 "Each finding has a rule, a severity, the exchange, and the clause that says so. FILE is\n"
	 "'-' for standard input. Exit code: 0 nothing at or above the severity, 1 findings,\n"
	 "2 trouble: the trace could not be read to its end.",
	 audit_options, run_audit},
};
const size_t cmd_trace_audit_count = ARRAY_LEN(cmd_trace_audit);
