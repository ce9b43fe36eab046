/* trace show */
#include <stdio.h>
#include <string.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/form.h"
#include "host/trace/show/filter.h"
#include "host/trace/show/print.h"
#include "host/trace/show/source.h"
#include "lib/trace/decode/decode.h"
#include "lib/trace/keys/keys.h"
#include "lib/trace/read/formats.h"
#include "lib/trace/read/reader.h"
#include "lib/trace/open/opener.h"
#include "tool/cli/program.h"

#define LINE_MAX_OCTETS (64u << 20) /* of one item with all that is in it */

static struct {
	bool verbose, follow;
	const char *from, *keys;
	struct tool_list filters;
} opt;

/* A trace that is shown. */
struct show_run {
	const char *path;
	struct trace_reader *reader;
	struct decode *decode;
	struct trace_keys *keys; /* or NULL */
	struct opener *opener;
	struct filter filter;
	struct wbuf line;
	bool told_format, has_first;
	int64_t first_ns;
};

static void feed_event(void *ctx, const struct trace_event *e)
{
	struct show_run *r = ctx;

	decode_event(r->decode, e);
}

/* Since the first time of the trace. */
static int64_t since(struct show_run *r, bool has_time, int64_t time_ns)
{
	if (!has_time)
		return 0;
	if (!r->has_first)
		r->first_ns = time_ns;
	r->has_first = true;
	return time_ns < r->first_ns ? 0 : time_ns - r->first_ns;
}

static void take_item(void *ctx, const struct decode_item *item)
{
	struct show_run *r = ctx;
	const struct exchange *x = item->exchange;
	struct print p = {.to = &r->line,
			  .tree = opt.verbose,
			  .many_cards = trace_reader_cards(r->reader) > 1,
			  .has_time = x ? x->has_time : item->event->has_time,
			  .reader = trace_reader_card(r->reader, x ? x->card : item->event->card)};

	p.since_ns = since(r, p.has_time, x ? x->time_ns : item->event->time_ns);
	if (!filter_wants(&r->filter, item, p.has_time ? (double)p.since_ns / 1e9 : -1))
		return;
	wbuf_reset(&r->line);
	if (tool_json())
		print_json(&p, item);
	else
		print_text(&p, item);
	fwrite(r->line.ptr, 1, wbuf_slice(&r->line).len, stdout);
}

static void tell_format(struct show_run *r)
{
	const struct trace_format *f = trace_reader_format(r->reader);

	if (f && !r->told_format)
		tool_warn("%s: %s%s", r->path, f->title, opt.from ? "" : " (see --from)");
	r->told_format = r->told_format || f;
}

/* What has been read so far is out, for who watches; nobody does: it ends. */
static bool read_part(void *ctx)
{
	tell_format(ctx);
	return !tool_output_lost();
}

static int show(struct show_run *r, const struct trace_format *format)
{
	const struct decode_sink items = {.take = take_item, .ctx = r};
	const struct trace_sink events = {.take = feed_event, .ctx = r};
	struct source s = {.path = r->path,
			   .follow = opt.follow,
			   .cancel = tool_cancel(),
			   .read_part = read_part,
			   .ctx = r};
	enum err e = trace_reader_open(format, &events, &r->reader);

	r->decode = e ? NULL : decode_open(&items);
	r->opener = r->keys ? opener_open(r->keys) : NULL;
	if (!e && (!r->decode || (r->keys && !r->opener)))
		e = ERR_MEMORY;
	if (!e) {
		decode_use_keys(r->decode, r->opener);
		e = source_read(&s, r->reader);
		tell_format(r);
		decode_end(r->decode);
	}
	decode_close(&r->decode);
	trace_reader_close(&r->reader);
	return cmd_trace_end(r->path, s.octets, e);
}

static int run_show(int argc, char **argv)
{
	static struct show_run run;
	const struct trace_format *format = opt.from ? trace_format_named(opt.from) : NULL;
	int code;

	(void)argc;
	run = (struct show_run){.path = argv[0], .line = wbuf_grow(LINE_MAX_OCTETS)};
	if (opt.from && !format)
		return tool_usage("--from %s: there is no such form of trace", opt.from);
	for (size_t i = 0; i < opt.filters.count; i++) {
		const char *why = filter_add(&run.filter, opt.filters.items[i]);

		if (why)
			return tool_usage("--filter %s: %s", opt.filters.items[i], why);
	}
	code = cmd_trace_keys(opt.keys, &run.keys);
	if (!code)
		code = show(&run, format);
	opener_close(&run.opener);
	keys_free(&run.keys);
	wbuf_free(&run.line);
	return code;
}

static const struct tool_option show_options[] = {
	{"verbose", 'v', OPT_FLAG, NULL, "All that is in each exchange, by names", &opt.verbose},
	{"filter", 0, OPT_LIST, "KEY=VALUE,...",
	 "Only these: channel, card, file, command, status, time", &opt.filters},
	{"follow", 0, OPT_FLAG, NULL, "Go on at the end, as the file grows", &opt.follow},
	{"keys", 0, OPT_STRING, "FILE", "Open what these keys fit: SCP02, SCP03, SCP80, BPP",
	 &opt.keys},
	{"from", 0, OPT_STRING, "FORMAT", "The form of the trace, which else is found", &opt.from},
	OPT_END,
};

const struct tool_command cmd_trace_show[] = {
	{"trace show", "FILE", 1, 1, "Say what a trace of a card's interface holds",
	 "Each exchange is a line: its number, its time, the channel's lane, the command, the "
	 "file\n"
	 "and the parameters, the status word and what it means for this command. What is broken\n"
	 "is a line of its own, with its place. FILE is '-' for standard input.\n"
	 "\n"
	 "Filters are combined: --filter 'channel=1,status=error' --filter 'file=EF.IMSI|EF.AD'.\n"
	 "The manual page has all of them.",
	 show_options, run_show},
};
const size_t cmd_trace_show_count = ARRAY_LEN(cmd_trace_show);
