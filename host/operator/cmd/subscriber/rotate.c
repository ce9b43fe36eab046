/* rotate: the second keys of one, of a list, or of all whose key is old */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/rotation/rotation.h"
#include "host/operator/store/store.h"
#include "lib/profile/digits.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"
#include "tool/sys/file.h"
#include "tool/sys/wait.h"

#define DAY_S	       86400
#define LIST_MAX       (4u << 20)
#define PER_MINUTE_MAX 60000
#define LOOK_MS	       1000

static struct {
	const char *imsi, *list, *older, *reason, *resume;
	unsigned per_minute, wait_s, attach_s;
} opt = {.per_minute = 60, .attach_s = 300};

/* What a run before with the same --resume file has begun. */
struct memory {
	struct wbuf text;
	FILE *file; /* to which lines are added; NULL: none */
};

static int check_options(void)
{
	int ways = (opt.imsi != NULL) + (opt.list != NULL) + (opt.older != NULL);

	if (ways != 1)
		return tool_usage("one of --imsi, --list and --older-than says whose key is "
				  "rotated");
	if (!opt.per_minute || opt.per_minute > PER_MINUTE_MAX)
		return tool_usage("--per-minute is from 1 to %u", PER_MINUTE_MAX);
	if (!opt.attach_s)
		return tool_usage("--attach-within wants a second at least");
	if (opt.older && !profile_digits(opt.older, 1, 5))
		return tool_usage("--older-than wants a number of days, not '%s'", opt.older);
	return TOOL_OK;
}

static struct slice next_line(struct slice *text)
{
	size_t end = 0;
	struct slice line;

	while (end < text->len && slice_at(*text, end) != '\n')
		end++;
	line = slice_sub(*text, 0, end);
	*text = slice_sub(*text, end + 1, text->len);
	while (line.len && slice_at(line, line.len - 1) <= ' ')
		line = slice_sub(line, 0, line.len - 1);
	return line;
}

static int choose_listed(struct operator_store *s, struct slice text, struct rotation_list *l)
{
	for (unsigned n = 1; text.len; n++) {
		struct slice line = next_line(&text);
		char imsi[IMSI_MAX + 1];
		struct subscriber sub;
		enum err e;

		if (!line.len || slice_at(line, 0) == '#')
			continue;
		if (slice_text(line, imsi, sizeof(imsi)) || !profile_digits(imsi, 6, IMSI_MAX))
			return tool_fail_said(ERR_VALUE, "%s, line %u: no IMSI", opt.list, n);
		e = subscriber_by_imsi(s, imsi, &sub, NULL);
		if (e == ERR_NOT_FOUND)
			return tool_fail_said(e, "%s, line %u: no subscriber has IMSI %s", opt.list,
					      n, imsi);
		if (!e)
			e = rotation_choose(l, &sub);
		if (e)
			return tool_fail(e, "%s, line %u", opt.list, n);
	}
	return TOOL_OK;
}

static int choose_whose(struct operator_store *s, struct rotation_list *l)
{
	struct wbuf text = wbuf_grow(LIST_MAX);
	struct subscriber sub;
	enum err e = ERR_OK;
	int code = opt.imsi ? cmd_subscriber(s, opt.imsi, &sub, NULL) : TOOL_OK;

	if (!code && opt.imsi)
		e = rotation_choose(l, &sub);
	if (opt.older)
		e = rotation_choose_older(l, s, cmd_now(),
					  strtoll(opt.older, NULL, 10) * (int64_t)DAY_S);
	if (opt.list) {
		e = file_read(opt.list, tool_cancel(), &text);
		code = e ? tool_fail(e, "cannot read '%s'", opt.list)
			 : choose_listed(s, wbuf_slice(&text), l);
	}
	wbuf_free(&text);
	return code || !e ? code : tool_fail(e, "whose key is rotated");
}

static int open_memory(struct memory *m)
{
	enum err e;

	if (!opt.resume)
		return TOOL_OK;
	e = file_read(opt.resume, tool_cancel(), &m->text);
	if (e && e != ERR_NOT_FOUND)
		return tool_fail(e, "cannot read '%s'", opt.resume);
	m->file = fopen(opt.resume, "ae");
	return m->file ? TOOL_OK : tool_fail(ERR_IO, "cannot write '%s'", opt.resume);
}

static void close_memory(struct memory *m)
{
	if (m->file)
		fclose(m->file);
	wbuf_free(&m->text);
}

/* Lines of IMSI and of the keyId that is to go: begun before, whatever became of it since. */
static bool was_begun(const struct memory *m, struct rotation_item *item)
{
	struct slice text = wbuf_slice(&m->text);
	size_t n = strlen(item->imsi);

	while (text.len) {
		struct slice line = next_line(&text);
		char from[16];

		if (line.len > n && slice_is(slice_sub(line, 0, n), item->imsi) &&
		    slice_at(line, n) == ' ' &&
		    !slice_text(slice_sub(line, n + 1, line.len), from, sizeof(from))) {
			item->from = (uint32_t)strtoul(from, NULL, 10);
			item->to = item->from + 1;
			return true;
		}
	}
	return false;
}

static enum err begin_one(struct operator_store *s, struct memory *m, struct rotation_item *item,
			  const struct rotation_rules *rules)
{
	enum err e;

	if (was_begun(m, item)) {
		item->result = ROTATION_WAITS;
		snprintf(item->why, sizeof(item->why), "it was begun before");
		return ERR_OK;
	}
	e = rotation_begin(item, s, rules);
	if (!e && m->file && item->result == ROTATION_WAITS &&
	    (fprintf(m->file, "%s %" PRIu32 "\n", item->imsi, item->from) < 0 || fflush(m->file)))
		e = ERR_IO;
	return e;
}

static struct rotation_rules rules_now(void)
{
	return (struct rotation_rules){
		.now = cmd_now(), .attach_s = opt.attach_s, .reason = opt.reason};
}

/* One after the other, no faster than is asked for. */
static enum err begin_all(struct operator_store *s, struct memory *m, struct rotation_list *l)
{
	struct wait w = wait_begin(tool_cancel(), "the next rotation");
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < l->count; i++) {
		struct rotation_rules rules = rules_now();

		e = begin_one(s, m, &l->items[i], &rules);
		tool_progress((unsigned)i + 1, (unsigned)l->count, "%s: %s", l->items[i].imsi,
			      rotation_result_name(l->items[i].result));
		if (!e && i + 1 < l->count)
			e = wait_pause(&w, 60000 / opt.per_minute);
	}
	return e;
}

static enum err look_at_all(struct operator_store *s, struct rotation_list *l, size_t *waiting)
{
	struct rotation_rules rules = rules_now();
	enum err e = ERR_OK;

	*waiting = 0;
	for (size_t i = 0; !e && i < l->count; i++) {
		struct rotation_item *item = &l->items[i];
		enum rotation_result before = item->result;

		e = rotation_look(item, s, &rules);
		*waiting += item->result == ROTATION_WAITS;
		if (item->result != before)
			tool_progress((unsigned)(l->count - *waiting), (unsigned)l->count, "%s: %s",
				      item->imsi, rotation_result_name(item->result));
	}
	return e;
}

/* Until all have come to an end, or the time is over. */
static enum err watch(struct operator_store *s, struct rotation_list *l)
{
	struct wait w = wait_begin(tool_cancel(), "the cards");
	int64_t end = wait_now_ms() + 1000 * (int64_t)opt.wait_s;
	size_t waiting = 0;
	enum err e = look_at_all(s, l, &waiting);

	while (!e && waiting && wait_now_ms() < end) {
		e = wait_pause(&w, LOOK_MS);
		if (!e)
			e = look_at_all(s, l, &waiting);
	}
	return e;
}

static json_t *item_json(const struct rotation_item *item)
{
	return json_pack("{s:s, s:I, s:I, s:s, s:s}", "imsi", item->imsi, "keyId",
			 (json_int_t)item->from, "nextKeyId", (json_int_t)item->to, "result",
			 rotation_result_name(item->result), "detail", item->why);
}

/* The exit code: that a key was rolled back is a failure. */
static int report_all(const struct rotation_list *l)
{
	size_t count[ROTATION_SKIPPED + 1] = {0};
	json_t *list = json_array();

	for (size_t i = 0; i < l->count; i++) {
		const struct rotation_item *item = &l->items[i];

		count[item->result]++;
		json_array_append_new(list, item_json(item));
		tool_say("%-15s  key %" PRIu32 " -> %" PRIu32 "  %s%s%s", item->imsi, item->from,
			 item->to, rotation_result_name(item->result), *item->why ? ": " : "",
			 item->why);
	}
	tool_say("%zu chosen: %zu done, %zu waiting, %zu rolled back, %zu skipped, %zu not begun",
		 l->count, count[ROTATION_DONE], count[ROTATION_WAITS], count[ROTATION_ROLLED_BACK],
		 count[ROTATION_SKIPPED], count[ROTATION_CHOSEN]);
	if (tool_json())
		tool_print_json(json_pack("{s:o, s:I, s:I, s:I, s:I, s:I}", "rotations",
					  json_incref(list), "done",
					  (json_int_t)count[ROTATION_DONE], "waiting",
					  (json_int_t)count[ROTATION_WAITS], "rolledBack",
					  (json_int_t)count[ROTATION_ROLLED_BACK], "skipped",
					  (json_int_t)count[ROTATION_SKIPPED], "notBegun",
					  (json_int_t)count[ROTATION_CHOSEN]));
	json_decref(list);
	return count[ROTATION_ROLLED_BACK] ? TOOL_FAILED : TOOL_OK;
}

static int rotate_all(struct operator_store *s, struct memory *m, struct rotation_list *l)
{
	enum err e = begin_all(s, m, l);
	int code;

	if (!e)
		e = watch(s, l);
	code = report_all(l);
	if (e == ERR_CANCELLED)
		tool_warn("stopped; the same command goes on where it was%s",
			  opt.resume || opt.older ? "" : ", with --resume FILE");
	else if (e)
		tool_warn("%s", err_text(e));
	return e ? TOOL_FAILED : code;
}

static int run_rotate(int argc, char **argv)
{
	struct memory m = {.text = wbuf_grow(LIST_MAX)};
	struct rotation_list l = {.items = NULL};
	struct operator_store *s = NULL;
	int code = check_options();

	(void)argc, (void)argv;
	if (!code)
		code = cmd_store_open(&s);
	if (!code)
		code = choose_whose(s, &l);
	if (!code)
		code = open_memory(&m);
	if (!code)
		code = rotate_all(s, &m, &l);
	close_memory(&m);
	rotation_list_free(&l);
	operator_store_close(&s);
	return code;
}

static const struct tool_option rotate_options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "Either IMSI of one subscriber", &opt.imsi},
	{"list", 0, OPT_STRING, "FILE", "IMSIs, a line each; # begins a comment", &opt.list},
	{"older-than", 0, OPT_STRING, "DAYS", "All whose second key was released so long ago",
	 &opt.older},
	{"per-minute", 0, OPT_UINT, "NUMBER", "So many begin in a minute (default: 60)",
	 &opt.per_minute},
	{"wait", 0, OPT_UINT, "SECONDS", "Stay until all have ended, so long at most (default: 0)",
	 &opt.wait_s},
	{"attach-within", 0, OPT_UINT, "SECONDS",
	 "Roll back a key that its card does not show so soon after the grant (default: 300)",
	 &opt.attach_s},
	{"resume", 0, OPT_STRING, "FILE",
	 "Keep here what was begun; given again, go on where that run stopped", &opt.resume},
	{"reason", 0, OPT_STRING, "TEXT", "Why, for the log", &opt.reason},
	OPT_END,
};

const struct tool_command cmd_rotation[] = {
	{"rotate", "", 0, 0, "Rotate the second keys of one, of a list, or of all that are old",
	 "Each rotation is begun at its time, and ends when the card has shown the new key: for\n"
	 "that it comes by itself (twinkey run), and its second factor is approved. A key that "
	 "was\n"
	 "granted and is not shown is rolled back: the former one is in force, for limited access.",
	 rotate_options, run_rotate},
};
const size_t cmd_rotation_count = ARRAY_LEN(cmd_rotation);
