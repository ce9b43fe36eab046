/* trace audit */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/form.h"
#include "host/cmd/trace/rules.h"
#include "host/trace/inspect.h"
#include "host/trace/report/baseline.h"
#include "host/trace/report/text.h"
#include "host/trace/report/words.h"
#include "host/trace/report/write.h"
#include "host/trace/secrets.h"
#include "lib/trace/audit/secrets.h"
#include "lib/trace/audit/told.h"
#include "lib/trace/keys/keys.h"
#include "lib/trace/read/formats.h"
#include "lib/trace/search/search.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"

#define MODE 0644 /* of a report: it has no secret, but what the trace has (names, numbers) */

static struct {
	bool list, production;
	const char *from, *explain, *fail_on, *baseline, *write_baseline, *keys, *secrets;
	struct tool_list formats, outputs;
} opt;

/* Where a report goes. */
struct outlet {
	enum report_format format;
	const char *path; /* NULL: printed */
};

struct audit_job {
	const char *path;
	const struct trace_format *format;
	enum finding_severity fail_on;
	bool fails_never;
	struct outlet outlets[ARRAY_LEN(((struct tool_list *)NULL)->items)];
	size_t outlet_count;
	struct baseline *baseline;
};

static bool may_read_on(void *ctx)
{
	(void)ctx;
	return !tool_output_lost();
}

static bool is_printed(const struct outlet *o)
{
	return !o->path || strcmp(o->path, "-") == 0;
}

static bool prints(const struct audit_job *j)
{
	for (size_t i = 0; i < j->outlet_count; i++) {
		if (is_printed(&j->outlets[i]))
			return true;
	}
	return false;
}

/* The first --output is of the first --format, and so on; one format may be printed. */
static int take_outlets(struct audit_job *j)
{
	size_t formats = opt.formats.count ? opt.formats.count : 1;

	if (opt.outputs.count > formats)
		return tool_usage("--output is given more often than --format");
	if (formats > opt.outputs.count + 1)
		return tool_usage("each --format wants an --output of its own");
	for (size_t i = 0; i < formats; i++) {
		struct outlet o = {.format = tool_json() ? REPORT_JSON : REPORT_TEXT,
				   .path = i < opt.outputs.count ? opt.outputs.items[i] : NULL};

		if (opt.formats.count && !report_format_named(opt.formats.items[i], &o.format))
			return tool_usage("--format is text, json, sarif, junit or html, not '%s'",
					  opt.formats.items[i]);
		if (is_printed(&o) && prints(j))
			return tool_usage("only one report can be printed");
		j->outlets[j->outlet_count++] = o;
	}
	return TOOL_OK;
}

static int take_options(struct audit_job *j)
{
	j->format = opt.from ? trace_format_named(opt.from) : NULL;
	j->fail_on = FINDING_ERROR;
	j->fails_never = opt.fail_on && strcmp(opt.fail_on, "none") == 0;
	if (opt.from && !j->format)
		return tool_usage("--from %s: there is no such form of trace", opt.from);
	if (opt.fail_on && !j->fails_never && !finding_severity_named(opt.fail_on, &j->fail_on))
		return tool_usage("--fail-on is error, warning, info or none, not '%s'",
				  opt.fail_on);
	return take_outlets(j);
}

/* Asked before the trace is read, which may take long. */
static int may_write_all(const struct audit_job *j)
{
	int code = tool_may_replace("--write-baseline", opt.write_baseline, cmd_globals.force);

	for (size_t i = 0; !code && i < j->outlet_count; i++)
		code = tool_may_replace("--output", j->outlets[i].path, cmd_globals.force);
	return code;
}

static int read_baseline(struct audit_job *j)
{
	struct wbuf text = wbuf_grow(BASELINE_MAX);
	const char *why = NULL;
	enum err e;

	if (!opt.baseline)
		return TOOL_OK;
	e = file_read(opt.baseline, tool_cancel(), &text);
	if (!e)
		e = baseline_parse(wbuf_slice(&text), &j->baseline, &why);
	wbuf_free(&text);
	if (why)
		return tool_fail_said(e, "--baseline %s: %s", opt.baseline, why);
	return e ? tool_fail(e, "--baseline %s", opt.baseline) : TOOL_OK;
}

static bool has_colours(void)
{
	const char *term = getenv("TERM"), *none = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0 && !(none && *none);
}

static enum err put_out(const char *path, const struct wbuf *w)
{
	struct slice s = wbuf_slice(w);
	enum err e = wbuf_done(w);

	if (!e && path)
		return file_write(path, s, MODE, tool_cancel());
	if (!e && (fwrite(s.ptr, 1, s.len, stdout) != s.len || fflush(stdout) != 0))
		e = ERR_IO;
	return e;
}

static int put_report(const struct report *r, const struct outlet *o)
{
	struct wbuf w = wbuf_grow(REPORT_FILE_MAX);
	enum err e = ERR_OK;

	if (o->format == REPORT_TEXT && !o->path)
		report_text(r, has_colours(), &w);
	else
		e = report_put(r, o->format, &w);
	if (!e)
		e = put_out(o->path, &w);
	wbuf_free(&w);
	if (e && tool_output_lost()) /* said at the end */
		return TOOL_FAILED;
	return e ? tool_fail(e, "%s", o->path ? o->path : "the report") : TOOL_OK;
}

static int put_baseline(const struct report *r)
{
	struct wbuf w = wbuf_grow(BASELINE_MAX);
	enum err e;

	if (!opt.write_baseline)
		return TOOL_OK;
	if (!r->kinds_are_all)
		return tool_fail_said(ERR_SPACE,
				      "--write-baseline: there are more kinds of findings than a "
				      "baseline has room for");
	baseline_put(r, &w);
	e = put_out(opt.write_baseline, &w);
	wbuf_free(&w);
	if (e)
		return tool_fail(e, "--write-baseline %s", opt.write_baseline);
	tool_warn("%s: %zu kinds of findings are accepted from now on", opt.write_baseline,
		  r->kind_count);
	return TOOL_OK;
}

/* The verdict, where no report is printed that says it. */
static void say_verdict(const struct report *r)
{
	char words[WORDS_MAX], counts[WORDS_MAX];

	tool_say("%s: %s", r->trace.path, words_verdict(r, words));
	tool_say("%s", words_counts(&r->counts, counts));
}

static int put_all(const struct audit_job *j, struct report *r)
{
	int code = put_baseline(r);

	for (size_t i = 0; !code && i < j->outlet_count; i++)
		code = put_report(r, &j->outlets[i]);
	if (code)
		return code == TOOL_CANCELLED ? code : TOOL_USAGE;
	if (!prints(j))
		say_verdict(r);
	if (!r->complete) {
		tool_warn("%s: not all of it could be judged: %s", r->trace.path, r->why);
		return TOOL_USAGE;
	}
	return report_fails(r) ? TOOL_FAILED : TOOL_OK;
}

static bool wants(const struct audit_job *j, bool (*what)(enum report_format format))
{
	for (size_t i = 0; i < j->outlet_count; i++) {
		if (what(j->outlets[i].format))
			return true;
	}
	return false;
}

static bool has_lines(enum report_format f)
{
	return f == REPORT_HTML;
}

static bool has_marks(enum report_format f)
{
	return f == REPORT_HTML || f == REPORT_JSON;
}

static bool has_digest(enum report_format f)
{
	return f == REPORT_HTML || f == REPORT_JSON || f == REPORT_SARIF;
}

static int audit_trace(const struct audit_job *j, const struct audit_options *options)
{
	const struct inspect_plan plan = {.path = j->path,
					  .format = j->format,
					  .audit = options,
					  .lines = wants(j, has_lines),
					  .marks = wants(j, has_marks),
					  .baseline = j->baseline,
					  .digest = wants(j, has_digest),
					  .cancel = tool_cancel(),
					  .read_part = may_read_on};
	struct inspection *i = NULL;
	struct report *r;
	char made[32];
	time_t now = time(NULL);
	struct tm tm;
	enum err e = inspect_trace(&plan, &i);
	int code;

	if (e) {
		(void)cmd_trace_end(j->path, e != ERR_TRUNCATED, e == ERR_TRUNCATED ? ERR_OK : e);
		return TOOL_USAGE;
	}
	strftime(made, sizeof(made), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	r = inspection_report(i);
	r->made = made;
	r->fail_on = j->fail_on;
	r->fails_never = j->fails_never;
	code = put_all(j, r);
	inspect_close(&i);
	if (!search_is_complete(options->secrets->search))
		tool_warn("%s: it is so long that not all of it was compared with what is known by "
			  "its hash alone: give values in --secrets",
			  j->path);
	return code;
}

/* With what is judged by: keys and secrets. */
static int audit_by_files(const struct audit_job *j)
{
	struct audit_secrets secrets = {0};
	struct trace_keys *keys;
	struct audit_options options = {.production = opt.production, .secrets = &secrets};
	int code = cmd_trace_keys(opt.keys, &keys);
	enum err e = code ? ERR_OK : secrets_read(opt.secrets, &secrets);

	if (e)
		code = tool_fail(e, "--secrets %s", opt.secrets ? opt.secrets : "");
	options.keys = keys;
	code = code ? TOOL_USAGE : audit_trace(j, &options);
	keys_free(&keys);
	audit_secrets_close(&secrets);
	return code;
}

static int run_audit(int argc, char **argv)
{
	struct audit_job job = {0};
	int code;

	if (opt.list || opt.explain)
		return argc	  ? tool_usage("--list and --explain take no file")
		       : opt.list ? trace_rules_list()
				  : trace_rules_explain(opt.explain);
	if (!argc)
		return tool_usage("an argument is missing: FILE");
	job.path = argv[0];
	code = take_options(&job);
	if (!code && (may_write_all(&job) || read_baseline(&job)))
		code = TOOL_USAGE;
	if (!code)
		code = audit_by_files(&job);
	baseline_close(&job.baseline);
	return code;
}

static const struct tool_option audit_options[] = {
	{"production", 0, OPT_FLAG, NULL, "It claims to be no test: nothing for tests may be in it",
	 &opt.production},
	{"fail-on", 0, OPT_STRING, "error|warning|info|none",
	 "The exit code is 1 from this severity on (default: error)", &opt.fail_on},
	{"keys", 0, OPT_STRING, "FILE",
	 "Keys of the cards, to judge challenges and answers by value", &opt.keys},
	{"secrets", 0, OPT_STRING, "FILE", "What must not be in the trace, in any form",
	 &opt.secrets},
	{"baseline", 0, OPT_STRING, "FILE", "Accept the findings that this file has",
	 &opt.baseline},
	{"write-baseline", 0, OPT_STRING, "FILE",
	 "Write what was found to this file, to be accepted from now on", &opt.write_baseline},
	{"format", 0, OPT_LIST, "text|json|sarif|junit|html",
	 "The form of the report (default: text); may be repeated, with an --output each",
	 &opt.formats},
	{"output", 0, OPT_LIST, "FILE", "Write the report to this file; may be repeated",
	 &opt.outputs},
	{"list", 0, OPT_FLAG, NULL, "List the rules, their severity and clause", &opt.list},
	{"explain", 0, OPT_STRING, "RULE", "Say what a rule means and what to do", &opt.explain},
	{"from", 0, OPT_STRING, "FORMAT", "The form of the trace, which else is found", &opt.from},
	OPT_END,
};

const struct tool_command cmd_trace_audit[] = {
	{"trace audit", "[FILE]", 0, 1, "Judge what a trace of a card's interface tells",
	 "Each finding has a rule, a severity, the exchange, and the clause that says so. FILE is\n"
	 "'-' for standard input. The first --output takes the first --format, and so on; what\n"
	 "has no --output is printed. Files that are there are replaced with --force alone.\n"
	 "A baseline knows findings by rule, command and words, not by their place.\n"
	 "\n"
	 "Exit code: 0 nothing at or above the severity, 1 findings, 2 trouble: the trace could\n"
	 "not be read to its end, or a report could not be written.",
	 audit_options, run_audit},
};
const size_t cmd_trace_audit_count = ARRAY_LEN(cmd_trace_audit);
