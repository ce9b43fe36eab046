/* profile show|export|build|lint|diff: a package file, without any card */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cmd/commands.h"
#include "host/package/diff.h"
#include "host/package/json.h"
#include "host/package/text.h"
#include "lib/base/secret.h"
#include "lib/profile/lint/lint.h"
#include "lib/profile/outline/outline.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"

static struct {
	bool secrets, rules;
	const char *output, *severity;
} opt;

/* TOOL_OK, or it has said why not. */
static int read_package(const char *path, struct wbuf *out)
{
	struct package_error error;
	enum err e = file_read(path, tool_cancel(), out);

	if (e == ERR_SPACE)
		return tool_fail_said(ERR_LENGTH, "%s: more than %u octets are not read", path,
				      PACKAGE_MAX);
	if (e)
		return tool_fail(e, "%s", path);
	e = package_check(wbuf_slice(out), &error);
	return e ? tool_fail_said(e, "%s: %s", path, error.why) : TOOL_OK;
}

static int run_show(int argc, char **argv)
{
	struct wbuf package = wbuf_grow(PACKAGE_MAX);
	struct package_error error;
	json_t *json = NULL;
	int code = read_package(argv[0], &package);
	enum err e;

	(void)argc;
	if (code)
		goto out;
	if (!tool_json()) {
		package_print(wbuf_slice(&package), opt.secrets, stdout);
		goto out;
	}
	package_json_wipe();
	e = package_to_json(wbuf_slice(&package), opt.secrets, &json, &error);
	if (e)
		code = tool_fail_said(e, "%s: %s", argv[0], error.why);
	else
		tool_print_json(json);
out:
	wbuf_free(&package);
	return code;
}

/* Text with secrets goes to files of mode 0600 only. */
static int write_json(const json_t *json, const char *path)
{
	char *text = json_dumps(json, JSON_INDENT(2));
	struct wbuf w = wbuf_grow(PACKAGE_JSON_MAX);
	enum err e = ERR_MEMORY;

	if (text) {
		wbuf_put(&w, slice_str(text));
		wbuf_u8(&w, '\n');
		secret_wipe(text, strlen(text));
		e = wbuf_done(&w);
	}
	if (!e)
		e = file_write(path, wbuf_slice(&w), 0600, tool_cancel());
	free(text);
	wbuf_free(&w);
	return e ? tool_fail(e, "%s", path) : TOOL_OK;
}

static int run_export(int argc, char **argv)
{
	struct wbuf package = wbuf_grow(PACKAGE_MAX);
	struct package_error error;
	json_t *json = NULL;
	enum err e;
	int code;

	(void)argc;
	if (!opt.output)
		return tool_usage("--output is missing: the file for the JSON");
	code = tool_may_write(opt.output, true);
	if (!code)
		code = read_package(argv[0], &package);
	if (code)
		goto out;
	package_json_wipe();
	e = package_to_json(wbuf_slice(&package), true, &json, &error);
	if (e)
		code = tool_fail_said(e, "%s: %s", argv[0], error.why);
	else
		code = write_json(json, opt.output);
	json_decref(json);
	if (code)
		goto out;
	tool_say("'%s' written%s, with all secrets in it", opt.output, tool_mode_of(opt.output));
	if (tool_json())
		tool_print_json(json_pack("{s:o}", "output", json_text(slice_str(opt.output))));
out:
	wbuf_free(&package);
	return code;
}

static json_t *read_json(const char *path, int *code)
{
	struct wbuf text = wbuf_grow(PACKAGE_JSON_MAX);
	enum err e = file_read(path, tool_cancel(), &text);
	json_error_t why;
	json_t *json = NULL;

	*code = TOOL_OK;
	if (e == ERR_SPACE) {
		*code = tool_fail_said(ERR_LENGTH, "%s: more than %u octets are not read", path,
				       PACKAGE_JSON_MAX);
	} else if (e) {
		*code = tool_fail(e, "%s", path);
	} else {
		json = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, &why);
		if (!json && !text.len)
			*code = tool_fail_said(ERR_ENCODING, "%s: it is empty, no JSON", path);
		else if (!json) /* jansson's text may quote the file */
			*code = tool_fail_said(ERR_ENCODING, "%s: no JSON at line %d, column %d",
					       path, why.line, why.column);
	}
	wbuf_free(&text);
	return json;
}

static int run_build(int argc, char **argv)
{
	struct wbuf package = wbuf_grow(PACKAGE_MAX);
	struct package_error error;
	json_t *json;
	enum err e;
	int code;

	(void)argc;
	if (!opt.output)
		return tool_usage("--output is missing: the file for the package");
	code = tool_may_write(opt.output, true);
	if (code)
		return code;
	package_json_wipe();
	json = read_json(argv[0], &code);
	if (code)
		goto out;
	e = package_from_json(json, &package, &error);
	if (e) {
		code = tool_fail_said(e, "%s: %s: %s", argv[0], *error.path ? error.path : "/",
				      error.why);
		goto out;
	}
	e = package_check(wbuf_slice(&package), &error);
	if (e) {
		code = tool_fail_said(e, "%s: %s: %s", argv[0], error.path, error.why);
		goto out;
	}
	e = file_write(opt.output, wbuf_slice(&package), 0600, tool_cancel());
	if (e) {
		code = tool_fail(e, "%s", opt.output);
		goto out;
	}
	tool_say("%s written: %zu octets (check it: twinkey profile lint %s)", opt.output,
		 package.len, opt.output);
	if (tool_json())
		tool_print_json(json_pack("{s:o, s:I}", "output", json_text(slice_str(opt.output)),
					  "octets", (json_int_t)package.len));
out:
	json_decref(json);
	wbuf_free(&package);
	return code;
}

static void on_difference(void *ctx, const struct package_difference *d)
{
	json_t *list = ctx, *one = json_pack("{s:s}", "where", d->where);

	json_object_set_new(one, "before", d->before ? json_string(d->before) : json_null());
	json_object_set_new(one, "after", d->after ? json_string(d->after) : json_null());
	json_array_append_new(list, one);
	if (!d->before)
		tool_say("+ %s: %s", d->where, d->after);
	else if (!d->after)
		tool_say("- %s: %s", d->where, d->before);
	else
		tool_say("! %s: %s -> %s", d->where, d->before, d->after);
}

/* Says why lint and diff cannot see the package as a whole. */
static int fail_outline(enum err e, const char *path)
{
	if (e == ERR_LENGTH)
		return tool_fail_said(e, "%s: more than %u elements or %u files are not judged",
				      path, OUTLINE_ELEMENTS_MAX, OUTLINE_FILES_MAX);
	return tool_fail(e, "%s", path);
}

/* As diff(1): 1 says that they differ, so that trouble has to be another code. */
static int trouble(int code)
{
	return code == TOOL_FAILED ? TOOL_USAGE : code;
}

static int run_diff(int argc, char **argv)
{
	struct wbuf a = wbuf_grow(PACKAGE_MAX), b = wbuf_grow(PACKAGE_MAX);
	json_t *list = json_array();
	bool twice = strcmp(argv[0], "-") == 0 && strcmp(argv[1], "-") == 0, identical;
	enum err e;
	int code = twice ? tool_usage("standard input is one package, not two")
			 : trouble(read_package(argv[0], &a));

	(void)argc;
	if (!code)
		code = trouble(read_package(argv[1], &b));
	if (code)
		goto out;
	package_json_wipe();
	e = package_diff(wbuf_slice(&a), wbuf_slice(&b), opt.secrets, on_difference, list);
	if (e) {
		code = trouble(fail_outline(e, argv[0]));
		goto out;
	}
	identical = slice_equal(wbuf_slice(&a), wbuf_slice(&b));
	code = json_array_size(list) ? TOOL_FAILED : TOOL_OK;
	if (!code)
		tool_say(identical ? "They are identical." : "They say the same in other octets.");
	if (tool_json())
		tool_print_json(json_pack("{s:b, s:b, s:O}", "same", !code, "identical", identical,
					  "differences", list));
	if (tool_output_lost())
		code = TOOL_USAGE;
out:
	json_decref(list);
	wbuf_free(&a);
	wbuf_free(&b);
	return code;
}

static json_t *rule_json(const struct finding_rule *rule)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "rule", rule->id, "severity",
			 finding_severity_name(rule->severity), "clause", rule->clause, "says",
			 rule->says);
}

static int list_rules(void)
{
	json_t *rules = json_array();
	const struct finding_rule *list[LINT_RULES_MAX];
	size_t count = lint_rules(list);

	for (size_t i = 0; i < count; i++) {
		tool_say("%-6s  %-7s  %s  [%s]", list[i]->id,
			 finding_severity_name(list[i]->severity), list[i]->says, list[i]->clause);
		json_array_append_new(rules, rule_json(list[i]));
	}
	if (tool_json())
		tool_print_json(json_pack("{s:O}", "rules", rules));
	json_decref(rules);
	return TOOL_OK;
}

struct judgement {
	struct finding_counts counts;
	json_t *findings;
};

static void on_finding(void *ctx, const struct finding *f)
{
	struct judgement *j = ctx;
	json_t *json;

	finding_count(&j->counts, f);
	tool_say("%-7s  %s  %s: %s: %s  [%s]", finding_severity_name(f->rule->severity),
		 f->rule->id, f->where, f->rule->says, f->detail, f->rule->clause);
	if (!tool_json())
		return;
	json = rule_json(f->rule);
	json_object_set_new(json, "where", json_string(f->where));
	json_object_set_new(json, "detail", json_string(f->detail));
	json_array_append_new(j->findings, json);
}

static int judge_package(const char *path, struct slice package, enum finding_severity threshold)
{
	struct judgement j = {.findings = json_array()};
	const struct finding_sink sink = {on_finding, &j};
	enum err e = lint_package(package, &sink);

	if (e) {
		json_decref(j.findings);
		return fail_outline(e, path);
	}
	tool_say("%s: %zu errors, %zu warnings, %zu remarks", path, j.counts.of[FINDING_ERROR],
		 j.counts.of[FINDING_WARNING], j.counts.of[FINDING_INFO]);
	if (tool_json())
		tool_print_json(json_pack("{s:O, s:I, s:I, s:I}", "findings", j.findings, "errors",
					  (json_int_t)j.counts.of[FINDING_ERROR], "warnings",
					  (json_int_t)j.counts.of[FINDING_WARNING], "infos",
					  (json_int_t)j.counts.of[FINDING_INFO]));
	json_decref(j.findings);
	return finding_counts_reach(&j.counts, threshold) ? TOOL_FAILED : TOOL_OK;
}

static int run_lint(int argc, char **argv)
{
	struct wbuf package = wbuf_grow(PACKAGE_MAX);
	enum finding_severity threshold = FINDING_ERROR;
	int code;

	if (opt.severity && !finding_severity_named(opt.severity, &threshold))
		return tool_usage("--severity is error, warning or info, not '%s'", opt.severity);
	if (opt.rules)
		return argc ? tool_usage("--rules takes no file") : list_rules();
	if (!argc)
		return tool_usage("an argument is missing: FILE");
	code = read_package(argv[0], &package);
	if (!code)
		code = judge_package(argv[0], wbuf_slice(&package), threshold);
	wbuf_free(&package);
	return code;
}

static const struct tool_option lint_options[] = {
	{"severity", 0, OPT_STRING, "error|warning|info",
	 "The exit code is 1 from this severity on (default: error)", &opt.severity},
	{"rules", 0, OPT_FLAG, NULL, "List the rules, their severity and clause", &opt.rules},
	OPT_END,
};
static const struct tool_option show_options[] = {
	{"secrets", 0, OPT_FLAG, NULL, "Show keys, codes and the contents of key files too",
	 &opt.secrets},
	OPT_END,
};
static const struct tool_option output_options[] = {
	{"output", 'o', OPT_STRING, "FILE", "The file to write, replaced as a whole, mode 0600",
	 &opt.output},
	OPT_END,
};

const struct tool_command cmd_package[] = {
	{"profile show", "FILE", 1, 1, "Show an unprotected profile package",
	 "FILE is a package as the TCA specification lays it out, DER; '-' reads standard input.\n"
	 "Keys, codes and the contents of key files are masked unless --secrets is given, with\n"
	 "--json as well: what is masked cannot be built again. 'profile export' keeps all.",
	 show_options, run_show},
	{"profile export", "FILE", 1, 1, "Write a package as JSON, for 'profile build'",
	 "Every octet of the package is kept, its secrets too: the JSON goes to a file of mode\n"
	 "0600, or where --output says otherwise.",
	 output_options, run_export},
	{"profile build", "FILE.json", 1, 1, "Make a package of JSON",
	 "The JSON of 'profile export', as it is or edited: names are those of the ASN.1\n"
	 "(PEDefinitions 3.3.1), octets are hex. A field that is not there is not encoded.",
	 output_options, run_build},
	{"profile lint", "[FILE]", 0, 1, "Check a package against the specifications",
	 "Each finding has a rule, a severity, a place (JSON pointer into 'profile show --json')\n"
	 "and the clause that says so. Exit code: 0 nothing at or above the severity, 1 findings,\n"
	 "2 wrong usage.",
	 lint_options, run_lint},
	{"profile diff", "FILE FILE", 2, 2, "Tell what two packages say differently",
	 "Files are compared by their place and contents, codes by their reference, all else "
	 "field\n"
	 "by field; how a package is encoded makes no difference. Exit code: 0 they say the same,\n"
	 "1 they differ, 2 trouble.",
	 show_options, run_diff},
};
const size_t cmd_package_count = ARRAY_LEN(cmd_package);
