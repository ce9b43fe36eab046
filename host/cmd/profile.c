/* profile list|load|enable|disable|delete|nickname */
#include <stdio.h>
#include <string.h>

#include "host/cmd/cmd.h"
#include "host/terminal/lpa.h"

#define ICCID_TEXT   21
#define SMDP_ADDRESS "testsmdpplus1.example.com"

static struct {
	const char *matching_id, *address;
} opt;

static void iccid_text(struct slice iccid, char text[static ICCID_TEXT])
{
	size_t n = 0;

	for (size_t i = 0; i < iccid.len && i < RSP_ICCID_LEN; i++) {
		unsigned low = slice_at(iccid, i) & 15, high = slice_at(iccid, i) >> 4;

		if (low < 10)
			text[n++] = (char)('0' + low);
		if (high < 10)
			text[n++] = (char)('0' + high);
	}
	text[n] = 0;
}

/* 18 to 20 digits to swapped nibbles, filled with F (ITU-T E.118, TS 102 221 13.2). */
static bool iccid_parse(const char *text, uint8_t iccid[static RSP_ICCID_LEN])
{
	struct wbuf w = wbuf_init(iccid, RSP_ICCID_LEN);
	size_t n = strlen(text);

	if (n < 18 || n > 20 || strspn(text, "0123456789") != n)
		return false;
	for (size_t i = 0; i < 20; i += 2) {
		unsigned low = i < n ? (unsigned)(text[i] - '0') : 15;
		unsigned high = i + 1 < n ? (unsigned)(text[i + 1] - '0') : 15;

		wbuf_u8(&w, (uint8_t)(high << 4 | low));
	}
	return !wbuf_done(&w);
}

static int fail(const struct uicc *u, const struct lpa *l, enum err e, const char *what)
{
	return l && *lpa_message(l) ? tool_fail(e, "%s: %s", what, lpa_message(l))
				    : cmd_fail(u, e, "%s", what);
}

static int open_lpa(struct uicc **u, struct lpa **l)
{
	int code = cmd_open(u);
	enum err e;

	if (code)
		return code;
	e = lpa_open(*u, l);
	return e ? cmd_close(u, cmd_fail(*u, e, "the card is no eUICC")) : TOOL_OK;
}

static void show(const struct es10c_profile_info *p, json_t *list)
{
	char iccid[ICCID_TEXT];
	const char *state = p->has_state && p->state == ES10C_ENABLED ? "enabled" : "disabled";

	iccid_text(p->iccid, iccid);
	tool_say("%-20s  %-8s  %.*s  %.*s  %.*s", iccid, state, (int)p->service_provider.len,
		 (const char *)p->service_provider.ptr, (int)p->profile_name.len,
		 (const char *)p->profile_name.ptr, (int)p->nickname.len,
		 (const char *)p->nickname.ptr);
	json_array_append_new(
		list,
		json_pack(
			"{s:s, s:s, s:o*, s:o*, s:o*}", "iccid", iccid, "state", state, "provider",
			json_stringn((const char *)p->service_provider.ptr,
				     p->service_provider.len),
			"name",
			json_stringn((const char *)p->profile_name.ptr, p->profile_name.len),
			"nickname", json_stringn((const char *)p->nickname.ptr, p->nickname.len)));
}

static int run_list(int argc, char **argv)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10c_profile_info info;
	struct slice items = SLICE_EMPTY;
	json_t *list = json_array();
	struct uicc *u;
	struct lpa *l = NULL;
	struct cursor c;
	enum err e;
	int code = open_lpa(&u, &l);

	(void)argc, (void)argv;
	if (code)
		goto out;
	e = lpa_profiles(l, &der, &items);
	c = cursor_of(items);
	while (!e && es10c_next_profile(&c, &info))
		show(&info, list);
	if (!e)
		e = c.err;
	code = e ? fail(u, l, e, "profile list") : TOOL_OK;
	if (!e && json_array_size(list) == 0)
		tool_say("The eUICC has no profile.");
	if (!e && tool_json())
		tool_print_json(json_pack("{s:O}", "profiles", list));
	lpa_close(&l);
	code = cmd_close(&u, code);
out:
	json_decref(list);
	wbuf_free(&der);
	return code;
}

/* What the eUICC has to report goes out when there is somebody to tell. */
static void report(struct lpa *l)
{
	struct operator_link *op;

	if (!cmd_globals.operator|| operator_open(cmd_globals.operator, & op))
		return;
	if (lpa_send_notifications(l, op, NULL))
		fprintf(stderr,
			"twinkey: a notification could not be sent; it stays on the card\n");
	operator_close(&op);
}

static int change(const char *text, uint32_t tag, const char *nickname, const char *done)
{
	uint8_t iccid[RSP_ICCID_LEN];
	struct uicc *u;
	struct lpa *l = NULL;
	enum err e;
	int code;

	if (!iccid_parse(text, iccid))
		return tool_usage("'%s' is no ICCID of 18 to 20 digits", text);
	code = open_lpa(&u, &l);
	if (code)
		return code;
	e = nickname ? lpa_set_nickname(l, SLICE_OF(iccid), nickname)
		     : lpa_profile_command(l, tag, SLICE_OF(iccid));
	if (e)
		code = fail(u, l, e, text);
	else {
		if (!nickname)
			report(l);
		tool_say("%s %s.", text, done);
		if (tool_json())
			tool_print_json(json_pack("{s:s, s:s}", "iccid", text, "result", done));
	}
	lpa_close(&l);
	return cmd_close(&u, code);
}

static int run_enable(int argc, char **argv)
{
	(void)argc;
	return change(argv[0], SGP22_TAG_ENABLE_PROFILE, NULL, "enabled");
}

static int run_disable(int argc, char **argv)
{
	(void)argc;
	return change(argv[0], SGP22_TAG_DISABLE_PROFILE, NULL, "disabled");
}

static int run_delete(int argc, char **argv)
{
	(void)argc;
	return change(argv[0], SGP22_TAG_DELETE_PROFILE, NULL, "deleted");
}

static int run_nickname(int argc, char **argv)
{
	(void)argc;
	return change(argv[0], 0, argv[1], "named");
}

static void on_step(void *ctx, unsigned step, unsigned steps, const char *what)
{
	(void)ctx;
	tool_progress(step, steps, "%s", what);
}

static int download(struct uicc *u, struct lpa *l, struct operator_link *op,
		    const struct lpa_activation *a)
{
	const struct lpa_progress progress = {.step = on_step};
	struct lpa_loaded loaded;
	char iccid[ICCID_TEXT];
	enum err e = lpa_download(l, op, a, &progress, &loaded);

	if (e)
		return fail(u, l, e, "profile load");
	report(l);
	iccid_text(SLICE_OF(loaded.iccid), iccid);
	tool_say("%s loaded: %zu octets in %u pieces (enable it: twinkey profile enable %s)", iccid,
		 loaded.bytes, loaded.segments, iccid);
	if (tool_json())
		tool_print_json(json_pack("{s:s, s:i, s:I}", "iccid", iccid, "segments",
					  (int)loaded.segments, "bytes", (json_int_t)loaded.bytes));
	return TOOL_OK;
}

static int run_load(int argc, char **argv)
{
	struct lpa_activation a = {0};
	struct operator_link *op;
	struct uicc *u;
	struct lpa *l = NULL;
	enum err e;
	int code;

	if ((argc == 1) == (opt.matching_id != NULL))
		return tool_usage("give an activation code (LPA:1$ADDRESS$ID) or --matching-id");
	if (argc == 1 && lpa_parse_activation(argv[0], &a))
		return tool_usage("'%s' is no activation code LPA:1$ADDRESS$ID", argv[0]);
	if (!argc) {
		snprintf(a.address, sizeof(a.address), "%s",
			 opt.address ? opt.address : SMDP_ADDRESS);
		snprintf(a.matching_id, sizeof(a.matching_id), "%s", opt.matching_id);
	}
	if (!cmd_globals.operator)
		return tool_usage("--operator is missing: unix:PATH or a URL");
	e = operator_open(cmd_globals.operator, & op);
	if (e)
		return tool_fail(e, "%s", cmd_globals.operator);
	code = open_lpa(&u, &l);
	if (!code) {
		code = download(u, l, op, &a);
		lpa_close(&l);
		code = cmd_close(&u, code);
	}
	operator_close(&op);
	return code;
}

static const struct tool_option load_options[] = {
	{"matching-id", 0, OPT_STRING, "ID", "The profile's matching id", &opt.matching_id},
	{"smdp-address", 0, OPT_STRING, "NAME", "The manager's name (default: " SMDP_ADDRESS ")",
	 &opt.address},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

const struct tool_command cmd_profile[] = {
	{"profile list", "", 0, 0, "List the profiles of the eUICC", NULL, NULL, run_list},
	{"profile load", "[CODE]", 0, 1, "Download a profile and install it", NULL, load_options,
	 run_load},
	{"profile enable", "ICCID", 1, 1, "Enable a profile", NULL, NULL, run_enable},
	{"profile disable", "ICCID", 1, 1, "Disable a profile", NULL, NULL, run_disable},
	{"profile delete", "ICCID", 1, 1, "Delete a disabled profile", NULL, NULL, run_delete},
	{"profile nickname", "ICCID NAME", 2, 2, "Name a profile", NULL, NULL, run_nickname},
};
const size_t cmd_profile_count = ARRAY_LEN(cmd_profile);
