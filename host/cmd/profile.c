/* profile list|enable|disable|delete|nickname */
#include "host/cmd/cmd.h"
#include "lib/profile/build.h"
#include "lib/utf8.h"
#include "tool/json.h"
#include "tool/text.h"

static const char *const classes[] = {[ES10C_TEST] = "test",
				      [ES10C_PROVISIONING] = "provisioning",
				      [ES10C_OPERATIONAL] = "operational"};

static void show(const struct es10c_profile_info *p, json_t *list)
{
	char iccid[CMD_ICCID_TEXT], provider[TEXT_LINE_MAX], name[TEXT_LINE_MAX],
		nickname[TEXT_LINE_MAX];
	const char *state = p->has_state && p->state == ES10C_ENABLED ? "enabled" : "disabled";
	const char *class = p->has_class && p->profile_class < ARRAY_LEN(classes)
				    ? classes[p->profile_class]
				    : NULL;

	cmd_iccid_text(p->iccid, iccid);
	tool_say("%-20s  %-8s  %s  %s  %s", iccid, state, text_line(p->service_provider, provider),
		 text_line(p->profile_name, name), text_line(p->nickname, nickname));
	json_array_append_new(list, json_pack("{s:s, s:s, s:s*, s:o*, s:o*, s:o*}", "iccid", iccid,
					      "state", state, "class", class, "provider",
					      json_text(p->service_provider), "name",
					      json_text(p->profile_name), "nickname",
					      json_text(p->nickname)));
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
	int code = cmd_lpa_open(&u, &l);

	(void)argc, (void)argv;
	if (code)
		goto out;
	e = lpa_profiles(l, &der, &items);
	c = cursor_of(items);
	while (!e && es10c_next_profile(&c, &info))
		show(&info, list);
	if (!e)
		e = c.err;
	code = e ? cmd_lpa_fail(u, l, e, "profile list") : TOOL_OK;
	if (!e && json_array_size(list) == 0)
		tool_say("The eUICC has no profile.");
	if (!e && tool_json())
		tool_print_json(json_pack("{s:O}", "profiles", list));
	code = cmd_lpa_close(&u, &l, code);
out:
	json_decref(list);
	wbuf_free(&der);
	return code;
}

static int change(const char *text, uint32_t tag, const char *nickname, const char *done)
{
	uint8_t iccid[RSP_ICCID_LEN];
	struct uicc *u;
	struct lpa *l = NULL;
	enum err e;
	int code;

	if (profile_iccid(text, iccid))
		return tool_usage("'%s' is no ICCID of 18 to 20 digits", text);
	code = cmd_lpa_open(&u, &l);
	if (code)
		return code;
	e = nickname ? lpa_set_nickname(l, SLICE_OF(iccid), nickname)
		     : lpa_profile_command(l, tag, SLICE_OF(iccid));
	if (e) {
		code = cmd_lpa_fail(u, l, e, text);
	} else {
		tool_say("%s %s.", text, done);
		if (!nickname)
			cmd_lpa_report(l);
		if (tool_json())
			tool_print_json(json_pack("{s:s, s:s}", "iccid", text, "result", done));
	}
	return cmd_lpa_close(&u, &l, code);
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
	size_t n;

	(void)argc;
	if (utf8_count(slice_str(argv[1]), &n) || n > ES10C_NICKNAME_MAX)
		return tool_usage("a nickname has at most %d characters of UTF-8",
				  ES10C_NICKNAME_MAX);
	return change(argv[0], 0, argv[1], "named");
}

const struct tool_command cmd_profile[] = {
	{"profile list", "", 0, 0, "List the profiles of the eUICC", NULL, NULL, run_list},
	{"profile enable", "ICCID", 1, 1, "Enable a profile", NULL, NULL, run_enable},
	{"profile disable", "ICCID", 1, 1, "Disable a profile", NULL, NULL, run_disable},
	{"profile delete", "ICCID", 1, 1, "Delete a disabled profile", NULL, NULL, run_delete},
	{"profile nickname", "ICCID NAME", 2, 2, "Name a profile", NULL, NULL, run_nickname},
};
const size_t cmd_profile_count = ARRAY_LEN(cmd_profile);
