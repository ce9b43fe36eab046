/* trace diff */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/form.h"
#include "host/trace/diff/gather.h"
#include "host/trace/diff/print.h"
#include "host/trace/show/filter.h"
#include "lib/trace/diff/pool.h"
#include "lib/trace/event.h"
#include "lib/trace/keys/keys.h"
#include "lib/trace/read/formats.h"
#include "tool/cli/program.h"

#define SIDES	    2
#define LINE_OCTETS (1u << 20) /* of a difference, as text */
#define FAULTS_TOLD 20	       /* of a trace; more are counted */
#define FORM_MAX    32	       /* a form's name */

static struct {
	bool verbose, all;
	const char *from, *card, *keys;
	struct tool_list filters;
} opt;

/* Two traces that are compared. */
struct diff_run {
	struct pool *pool;
	struct trace_keys *keys; /* or NULL */
	struct wbuf line;
	struct filter filter;
	struct gather sides[SIDES];
	size_t counts[DIFF_MASKED + 1];
};

/* The part of "A,B" that is this side's: one without a comma is both sides'. */
static void part_of(const char *text, size_t side, char out[static FORM_MAX])
{
	const char *comma = strchr(text, ',');

	if (comma && side)
		snprintf(out, FORM_MAX, "%s", comma + 1);
	else
		snprintf(out, FORM_MAX, "%.*s", (int)strcspn(text, ","), text);
}

static int read_form(struct gather *g, size_t side)
{
	char name[FORM_MAX];

	if (!opt.from)
		return TOOL_OK;
	part_of(opt.from, side, name);
	g->format = trace_format_named(name);
	return g->format ? TOOL_OK
			 : tool_usage("--from %s: there is no such form of trace", opt.from);
}

static int read_card(struct gather *g, size_t side)
{
	char number[FORM_MAX], *end;

	g->card = -1;
	if (!opt.card)
		return TOOL_OK;
	part_of(opt.card, side, number);
	g->card = strtol(number, &end, 10);
	if (*end || end == number || strspn(number, "0123456789") != strlen(number))
		return tool_usage("--card %s: give a number from 0, or two: 0,1", opt.card);
	return TOOL_OK;
}

static int read_filters(struct filter *f)
{
	for (size_t i = 0; i < opt.filters.count; i++) {
		const char *why = filter_add(f, opt.filters.items[i]);

		if (why)
			return tool_usage("--filter %s: %s", opt.filters.items[i], why);
	}
	return TOOL_OK;
}

static void tell_fault(void *ctx, const struct trace_event *e)
{
	const struct gather *g = ctx;

	if (g->faults <= FAULTS_TOLD)
		tool_warn("%s: FAULT in frame or line %" PRIu64 " at octet %" PRIu64 ": %s",
			  g->path, e->place.number, e->place.offset, e->text);
}

static int read_side(struct diff_run *r, size_t side)
{
	struct gather *g = &r->sides[side];
	enum err e = gather_read(g, r->pool);

	if (g->faults > FAULTS_TOLD)
		tool_warn("%s: %zu more FAULTs", g->path, g->faults - FAULTS_TOLD);
	if (e == ERR_SPACE)
		return tool_fail_said(
			e, "%s: it is longer than can be compared: --filter part of it", g->path);
	return cmd_trace_end(g->path, g->octets, e);
}

/* As diff(1): 1 says that they differ, so that trouble has to be another code. */
static int trouble(int code)
{
	return code == TOOL_FAILED ? TOOL_USAGE : code;
}

static bool is_told(enum diff_kind kind)
{
	if (kind == DIFF_SESSION)
		return opt.all;
	return diff_is_real(kind) || opt.verbose;
}

static void take_difference(void *ctx, const struct difference *d)
{
	struct diff_run *r = ctx;

	r->counts[d->kind]++;
	if (!is_told(d->kind))
		return;
	if (tool_json()) {
		tool_print_json(difference_json(r->pool, d));
		return;
	}
	wbuf_reset(&r->line);
	difference_text(r->pool, d, &r->line);
	wbuf_u8(&r->line, '\n');
	fwrite(r->line.ptr, 1, wbuf_slice(&r->line).len, stdout);
}

static json_t *side_json(const struct gather *g)
{
	return json_pack("{s:s, s:s, s:I, s:I}", "file", g->path, "form",
			 g->format ? g->format->name : "", "events",
			 (json_int_t)side_count(g->side), "faults", (json_int_t)g->faults);
}

static size_t say_summary(const struct diff_run *r)
{
	const struct gather *a = &r->sides[0], *b = &r->sides[1];
	size_t real = 0;
	json_t *o;

	for (enum diff_kind k = 0; k <= DIFF_MASKED; k++)
		real += diff_is_real(k) ? r->counts[k] : 0;
	tool_say("%zu differences: %zu changed, %zu only in the first, %zu only in the second, %zu "
		 "moved; besides %zu session values, %zu other forms, %zu masked; %zu and %zu "
		 "exchanges and resets",
		 real, r->counts[DIFF_CHANGED], r->counts[DIFF_REMOVED], r->counts[DIFF_ADDED],
		 r->counts[DIFF_MOVED], r->counts[DIFF_SESSION], r->counts[DIFF_FORM],
		 r->counts[DIFF_MASKED], side_count(a->side), side_count(b->side));
	if (!tool_json())
		return real;
	o = json_pack("{s:s, s:b, s:o, s:o}", "kind", "summary", "same", !real, "a", side_json(a),
		      "b", side_json(b));
	for (enum diff_kind k = 0; k <= DIFF_MASKED; k++)
		json_object_set_new(o, difference_name(k), json_integer((json_int_t)r->counts[k]));
	tool_print_json(o);
	return real;
}

static int compare_sides(struct diff_run *r)
{
	const struct diff_sink sink = {take_difference, r};
	const char *a = r->sides[0].path, *b = r->sides[1].path;
	enum err e;

	tool_say("--- %s\n+++ %s", a, b);
	e = diff_sides(r->pool, r->sides[0].side, r->sides[1].side, &sink);
	if (e == ERR_SPACE)
		return trouble(tool_fail_said(
			e, "%s, %s: they are longer than can be compared: --filter part of them", a,
			b));
	if (e)
		return trouble(tool_fail(e, "%s, %s", a, b));
	e = say_summary(r) ? ERR_VALUE : ERR_OK;
	if (tool_output_lost())
		return TOOL_USAGE;
	return e ? TOOL_FAILED : TOOL_OK;
}

static int run_sides(struct diff_run *r)
{
	int code = read_filters(&r->filter);

	if (!code)
		code = trouble(cmd_trace_keys(opt.keys, &r->keys));

	for (size_t i = 0; i < SIDES && !code; i++) {
		r->sides[i].keys = r->keys;
		code = read_form(&r->sides[i], i);
		if (!code)
			code = read_card(&r->sides[i], i);
	}
	if (!code && strcmp(r->sides[0].path, "-") == 0 && strcmp(r->sides[1].path, "-") == 0)
		code = tool_usage("standard input is one trace, not two");
	for (size_t i = 0; i < SIDES && !code; i++)
		code = trouble(read_side(r, i));
	return code ? code : compare_sides(r);
}

static int run_diff(int argc, char **argv)
{
	static struct diff_run run;
	int code;

	(void)argc;
	run = (struct diff_run){.pool = pool_open(DIFF_HELD_MAX), .line = wbuf_grow(LINE_OCTETS)};
	for (size_t i = 0; i < SIDES; i++)
		run.sides[i] = (struct gather){.path = argv[i],
					       .filter = &run.filter,
					       .cancel = tool_cancel(),
					       .fault = tell_fault,
					       .ctx = &run.sides[i]};
	code = run.pool ? run_sides(&run) : trouble(tool_fail(ERR_MEMORY, "trace diff"));
	for (size_t i = 0; i < SIDES; i++)
		side_close(&run.sides[i].side);
	pool_close(&run.pool);
	keys_free(&run.keys);
	wbuf_free(&run.line);
	return code;
}

static const struct tool_option diff_options[] = {
	{"all", 0, OPT_FLAG, NULL, "Session values too: challenges, one-time keys, times ...",
	 &opt.all},
	{"verbose", 'v', OPT_FLAG, NULL, "Also what is sent or written in another way, or masked",
	 &opt.verbose},
	{"card", 0, OPT_STRING, "N[,M]", "This card alone; of the second trace: M", &opt.card},
	{"filter", 0, OPT_LIST, "KEY=VALUE,...",
	 "Only these: channel, card, file, command, status, time", &opt.filters},
	{"keys", 0, OPT_STRING, "FILE", "Compare what these keys open: see trace show", &opt.keys},
	{"from", 0, OPT_STRING, "FORMAT[,FORMAT]", "The forms of the traces, which else are found",
	 &opt.from},
	OPT_END,
};

const struct tool_command cmd_trace_diff[] = {
	{"trace diff", "FILE FILE", 2, 2, "Tell what a card or terminal did differently",
	 "Exchanges are aligned by what they are about, whatever channel, numbers and pieces they\n"
	 "were sent with, and compared value by value. Challenges, one-time keys, signatures,\n"
	 "times and their like, which are new in each session, are no differences. A line each:\n"
	 "- only in the first, + only in the second, > elsewhere in the second, ! another value.\n"
	 "Either FILE may be '-'. Exit code: 0 no differences, 1 differences, 2 trouble.",
	 diff_options, run_diff},
};
const size_t cmd_trace_diff_count = ARRAY_LEN(cmd_trace_diff);
