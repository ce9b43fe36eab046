/* trace secrets */
#include <stdio.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "lib/trace/search/needles.h"
#include "lib/trace/search/search.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"
#include "tool/sys/secret_file.h"

#define HASHED_MODE 0600

static struct {
	const char *output;
} opt;

static int say_fault(enum err e, const char *path, const struct needles_fault *f)
{
	if (e == ERR_VALUE && f->why)
		return tool_fail_said(e, "%s: line %u: %s", path, f->line, f->why);
	return tool_fail(e, "%s", path);
}

static void say_kinds(const char *path, const struct needles *n)
{
	json_t *list = tool_json() ? json_array() : NULL;

	for (unsigned i = 0; i < needles_count(n); i++) {
		const struct needle *needle = needles_at(n, i);

		tool_say("%-4s %s%s", needle_kind_name(needle->kind), needle->name,
			 needle->hashed ? " (hashed)" : "");
		if (list)
			json_array_append_new(list,
					      json_pack("{s:s, s:s, s:b}", "kind",
							needle_kind_name(needle->kind), "name",
							needle->name, "hashed", needle->hashed));
	}
	if (list)
		tool_print_json(json_pack("{s:s, s:o}", "file", path, "secrets", list));
}

/* Nothing but kinds and names: that the file is good. */
static int check_secrets(const char *path, struct slice text)
{
	struct needles_fault fault = {0};
	struct needles *n = NULL;
	struct search *s = NULL;
	enum err e = search_open(&s);

	if (!e)
		e = needles_read(text, s, &n, &fault);
	search_close(&s);
	if (e)
		return say_fault(e, path, &fault);
	say_kinds(path, n);
	needles_close(&n);
	return TOOL_OK;
}

static int hash(const char *path, struct slice text)
{
	struct wbuf out = wbuf_grow(NEEDLES_FILE_MAX);
	struct needles_fault fault = {0};
	enum err e = needles_hash(text, &out, &fault);
	int code = e ? say_fault(e, path, &fault) : TOOL_OK;

	if (!e) {
		e = file_write(opt.output, wbuf_slice(&out), HASHED_MODE, tool_cancel());
		if (e)
			code = tool_fail(e, "--output %s", opt.output);
	}
	wbuf_free(&out);
	return code;
}

static int run_secrets(int argc, char **argv)
{
	struct wbuf text = wbuf_grow(NEEDLES_FILE_MAX);
	int code =
		opt.output ? tool_may_replace("--output", opt.output, cmd_globals.force) : TOOL_OK;
	enum err e = code == TOOL_OK ? secret_file_read(argv[0], tool_cancel(), &text) : ERR_OK;

	(void)argc;
	if (e)
		code = tool_fail(e, "%s", argv[0]);
	else if (code == TOOL_OK)
		code = check_secrets(argv[0], wbuf_slice(&text));
	if (code == TOOL_OK && opt.output)
		code = hash(argv[0], wbuf_slice(&text));
	wbuf_free(&text);
	return code;
}

static const struct tool_option secrets_options[] = {
	{"output", 'o', OPT_STRING, "FILE", "Write the file with hashes in the place of values",
	 &opt.output},
	OPT_END,
};

const struct tool_command cmd_trace_secrets[] = {
	{"trace secrets", "FILE", 1, 1,
	 "Check a file of secrets that no trace may have, or hash it",
	 "A line of FILE has a kind (K, OPc, S, PIN, PUK, ADM, SCP, OTA, any), a name and a value "
	 "in\n"
	 "hex or digits; '#' begins a comment. Only its owner may read it. Kinds and names are\n"
	 "printed, values never. With --output the same is written with a salted hash in the "
	 "place\n"
	 "of each value. docs/trace.md has the form in full.",
	 secrets_options, run_secrets},
};
const size_t cmd_trace_secrets_count = ARRAY_LEN(cmd_trace_secrets);
