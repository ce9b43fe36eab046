/* subscriber export: subscribers in a file of another program's, or as CSV */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/cmd/subscriber/exchange.h"
#include "host/operator/exchange/convert.h"
#include "host/operator/exchange/formats.h"
#include "host/operator/exchange/record.h"
#include "host/operator/policy/decide.h"
#include "host/operator/store/store.h"
#include "lib/base/secret.h"
#include "lib/base/utf8.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"
#include "tool/sys/cancel.h"
#include "tool/sys/file.h"

#define FILE_MODE 0600

static struct {
	const char *to, *out;
	struct tool_list imsis;
	unsigned subscription;
	bool with_keys;
} opt;

int exchange_usage(const char *option, const char *value, bool writes)
{
	char names[128] = "";

	for (size_t i = 0; i < exchange_format_count(); i++) {
		const struct exchange_format *f = exchange_format_at(i);
		size_t n = strlen(names);

		if (f->write || !writes)
			snprintf(names + n, sizeof(names) - n, "%s%s", n ? ", " : "", f->name);
	}
	return tool_usage("%s is one of %s, not '%s'", option, names, value);
}

/* Keys leave in the clear: into a new file of the user's alone, or to a program. */
static int check_wish(const struct exchange_format **format)
{
	bool standard = !opt.out || strcmp(opt.out, "-") == 0;

	if (!opt.to)
		return tool_usage("--to is missing");
	*format = exchange_format_named(opt.to);
	if (!*format || !(*format)->write)
		return exchange_usage("--to", opt.to, true);
	if (opt.subscription > 2)
		return tool_usage("--subscription is 1 or 2, not %u", opt.subscription);
	if (opt.subscription && !(*format)->has_one_key)
		return tool_usage("--subscription is for formats of one key: CSV has both");
	if (!opt.with_keys && (*format)->needs_keys)
		return tool_usage("a file of %s has the keys in the clear: --with-keys says that "
				  "they may leave the store",
				  (*format)->title);
	if (standard && tool_json())
		return tool_usage("--json wants --out: standard output is the file else");
	if (standard && opt.with_keys && isatty(STDOUT_FILENO))
		return tool_usage(
			"keys are not written to a terminal: --out FILE makes a file that "
			"is yours alone");
	return standard ? TOOL_OK : tool_may_write(opt.out, false);
}

struct chosen {
	int64_t *ids;
	size_t count, cap;
	bool broken;
};

static enum err pick_id(struct chosen *c, int64_t id)
{
	if (c->count == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 64;
		int64_t *moved = realloc(c->ids, cap * sizeof(*c->ids));

		if (!moved)
			return ERR_MEMORY;
		c->ids = moved;
		c->cap = cap;
	}
	c->ids[c->count++] = id;
	return ERR_OK;
}

static bool choose_row(void *ctx, const struct subscriber *sub)
{
	struct chosen *c = ctx;

	c->broken |= sub->broken || pick_id(c, sub->id);
	return !c->broken;
}

static int choose_all(struct operator_store *s, struct chosen *c)
{
	struct subscriber sub;
	int code = TOOL_OK;
	enum err e = ERR_OK;

	for (size_t i = 0; !code && !e && i < opt.imsis.count; i++) {
		code = cmd_subscriber(s, opt.imsis.items[i], &sub, NULL);
		if (!code)
			e = pick_id(c, sub.id);
	}
	if (!opt.imsis.count)
		e = subscriber_each(s, choose_row, c);
	if (!code && !e && c->broken)
		return tool_fail(ERR_CORRUPT,
				 "a subscriber's row is not what was written: see 'log "
				 "--verify'");
	return e && !code ? tool_fail(e, "cannot read the subscribers") : code;
}

/* The one that his card has: the second once it has opened it. */
static int which_of(const struct subscriber *sub)
{
	if (opt.subscription)
		return (int)opt.subscription;
	return sub->second == SECOND_SEALED ? 1 : 2;
}

static enum err gather_one(struct operator_store *s, int64_t id,
			   const struct exchange_format *format, struct exchange_list *l)
{
	struct subscriber sub;
	struct subscriber_keys keys = {0};
	struct exchange_source from = {.subscriber = &sub, .keys = &keys};
	enum err e = cancel_check(tool_cancel());

	if (!e)
		e = subscriber_by_id(s, id, &sub);
	if (!e)
		e = subscriber_keys_load(s, id, &keys);
	from.which = e ? 1 : which_of(&sub);
	if (!e)
		e = exchange_from_store(l, format, &from);
	subscriber_keys_free(&keys);
	return e;
}

static int make_file(struct operator_store *s, const struct exchange_format *format,
		     struct exchange_list *l, struct wbuf *file)
{
	const struct exchange_wish wish = {.with_keys = opt.with_keys};
	struct chosen c = {.ids = NULL};
	char text[EXCHANGE_NOTE_CAP];
	int code = choose_all(s, &c);
	enum err e = ERR_OK;

	l->place = "subscriber";
	for (size_t i = 0; !code && !e && i < c.count; i++)
		e = gather_one(s, c.ids[i], format, l);
	free(c.ids);
	if (!code && !e && !l->faults)
		e = format->write(l, &wish, file);
	if (code)
		return code;
	for (size_t i = 0; i < l->note_count; i++) {
		exchange_note_text(l, &l->notes[i], text);
		tool_warn("%s", text);
	}
	if (l->faults)
		return tool_fail_said(
			ERR_UNSUPPORTED,
			"%zu of the subscribers cannot go to %s, and no file was made: "
			"name the others by --imsi, or choose another format",
			l->faults, format->title);
	return e ? tool_fail(e, "cannot make the file") : TOOL_OK;
}

/* Who takes keys out is in the log before he has them. */
static int hand_out(struct operator_store *s, const struct exchange_format *format, size_t count,
		    struct slice file)
{
	bool standard = !opt.out || strcmp(opt.out, "-") == 0;
	char evidence[160], path[TEXT_LINE_MAX];
	enum err e;

	text_line(slice_str(standard ? "standard output" : opt.out), path);
	snprintf(evidence, sizeof(evidence), "%zu subscribers %s keys as %s to %.*s", count,
		 opt.with_keys ? "with" : "without", format->title, utf8_fit(path, PATH_SAID_MAX),
		 path);
	e = subscriber_note_export(s, evidence, cmd_now());
	if (e)
		return tool_fail(e, "cannot write to the log, and nothing was exported");
	e = standard ? file_write_all(STDOUT_FILENO, file, tool_cancel())
		     : file_create(opt.out, file, FILE_MODE, tool_cancel());
	if (e)
		return tool_fail(e, "cannot write %s", standard ? "standard output" : opt.out);
	if (tool_json())
		tool_print_json(json_pack("{s:s, s:I, s:b, s:s}", "format", format->name,
					  "exported", (json_int_t)count, "withKeys", opt.with_keys,
					  "file", opt.out));
	else if (!standard)
		tool_say("%zu subscribers are in %s%s%s.", count, opt.out, tool_mode_of(opt.out),
			 opt.with_keys ? ", with their keys in the clear: remove it when it is no "
					 "more needed"
				       : ", without their keys");
	return TOOL_OK;
}

static int run_move_out(int argc, char **argv)
{
	const struct exchange_format *format = NULL;
	struct exchange_list l = {.place = NULL};
	struct wbuf file = wbuf_grow(2 * (size_t)EXCHANGE_FILE_MAX);
	struct operator_store *s = NULL;
	int code = check_wish(&format);

	(void)argc, (void)argv;
	json_set_alloc_funcs(malloc, secret_block_free);
	if (!code)
		code = cmd_store_open(&s);
	if (!code)
		code = make_file(s, format, &l, &file);
	if (!code)
		code = hand_out(s, format, l.count, wbuf_slice(&file));
	operator_store_close(&s);
	wbuf_free(&file);
	exchange_list_free(&l);
	return code;
}

static const struct tool_option export_options[] = {
	{"to", 0, OPT_STRING, "FORMAT", "osmo-hlr, open5gs, free5gc, pyhss or csv", &opt.to},
	{"out", 0, OPT_STRING, "FILE", "Make this file, mode 0600 (default: standard output)",
	 &opt.out},
	{"imsi", 0, OPT_LIST, "DIGITS", "This subscriber alone, by either IMSI; may be repeated",
	 &opt.imsis},
	{"subscription", 0, OPT_UINT, "1|2",
	 "Which of the two goes to a program that has one (default: the one that the card is on)",
	 &opt.subscription},
	{"with-keys", 0, OPT_FLAG, NULL, "Keys may leave the store, in the clear", &opt.with_keys},
	OPT_END,
};

const struct tool_command cmd_move_out[] = {
	{"subscriber export", "", 0, 0, "Write subscribers for another program, or as CSV",
	 "Without --with-keys CSV comes without keys, and no other format comes. The log tells "
	 "how\n"
	 "many went where, and whether with keys. CSV of an export is taken by import as it is.",
	 export_options, run_move_out},
};
const size_t cmd_move_out_count = ARRAY_LEN(cmd_move_out);
